/** A schedule and an audit as the forms have them, and as the API takes them. */
import { hidden } from "../visible";
import type { ScheduleFile, Scope } from "./types";

/** What an audit is narrowed to, in fields of a form. */
export interface ScopeForm {
  /** Words separated by commas or spaces. */
  services: string;
  checks: string;
  pillars: readonly string[];
  /** Nothing for any. */
  severity: string;
}

export interface AuditForm extends ScopeForm {
  target: string;
  allowPaid: string;
  deadline: string;
}

export interface ScheduleForm extends ScopeForm {
  name: string;
  enabled: boolean;
  cron: string;
  timeZone: string;
  targets: readonly string[];
  jitter: string;
  missed: "skip" | "once" | "all";
  allowPaid: string;
  deadline: string;
}

const NO_SCOPE: ScopeForm = { services: "", checks: "", pillars: [], severity: "" };

export function newAudit(target: string): AuditForm {
  return { ...NO_SCOPE, target, allowPaid: "0", deadline: "" };
}

export function newSchedule(timeZone: string): ScheduleForm {
  return {
    ...NO_SCOPE,
    name: "",
    enabled: true,
    cron: "0 3 * * *",
    timeZone,
    targets: [],
    jitter: "",
    missed: "once",
    allowPaid: "0",
    deadline: "",
  };
}

export function scheduleForm(name: string, enabled: boolean, spec: ScheduleFile): ScheduleForm {
  return {
    name,
    enabled,
    cron: spec.cron,
    timeZone: spec.time_zone ?? "UTC",
    targets: spec.targets ?? [],
    jitter: spec.jitter ?? "",
    missed: spec.missed ?? "once",
    services: (spec.scope?.services ?? []).join(", "),
    checks: (spec.scope?.checks ?? []).join(", "),
    pillars: spec.scope?.pillars ?? [],
    severity: spec.scope?.severity ?? "",
    allowPaid: String(spec.allow_paid_usd ?? 0),
    deadline: spec.deadline ?? "",
  };
}

/** Words of a field. */
export function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

/** An amount of a field; not a number where it is none, which JSON has as null and the API refuses. */
function amount(text: string): number {
  return text.trim() === "" ? 0 : Number(text);
}

function maybe(text: string): string | null {
  const trimmed = hidden(text.trim());
  return trimmed === "" ? null : trimmed;
}

function scope({ services, checks, pillars, severity }: ScopeForm): Scope {
  return {
    services: words(hidden(services)),
    checks: words(hidden(checks)),
    pillars: [...pillars],
    severity: severity === "" ? null : severity,
  };
}

/** What the API starts an audit by. */
export function auditBody(form: AuditForm) {
  return {
    target: form.target,
    scope: scope(form),
    allow_paid_usd: amount(form.allowPaid),
    deadline: maybe(form.deadline),
  };
}

/** What the API keeps of a schedule. */
export function spec(form: ScheduleForm): ScheduleFile {
  return {
    cron: hidden(form.cron.trim()),
    time_zone: maybe(form.timeZone),
    targets: [...form.targets],
    jitter: maybe(form.jitter),
    missed: form.missed,
    scope: scope(form),
    allow_paid_usd: amount(form.allowPaid),
    deadline: maybe(form.deadline),
  };
}

/** What is wrong with a field before the API is asked; nothing where it may be right. */
export function amountError(text: string): string {
  const value = amount(text);
  return Number.isFinite(value) && value >= 0 ? "" : "Takes an amount in US dollars, such as 0.50.";
}

/** What an audit is narrowed to, in words. */
export function scopeWords(narrowed: Scope, title: (pillar: string) => string): string {
  const parts = [
    ...(narrowed.services ?? []),
    ...(narrowed.checks ?? []),
    ...(narrowed.pillars ?? []).map(title),
    ...(narrowed.severity == null ? [] : [`${narrowed.severity} or worse`]),
  ];
  return parts.length === 0 ? "Everything that the policy asks for" : parts.join(", ");
}
