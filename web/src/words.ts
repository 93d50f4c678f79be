/** Words, numbers and dates as the page shows them. */
import type {
  Attestation,
  Cause,
  Change,
  Effort,
  Pillar,
  PracticeStatus,
  Risk,
  Severity,
  Verdict,
  Why,
} from "./report";

export const PILLARS: Record<Pillar, string> = {
  "operational-excellence": "Operational Excellence",
  security: "Security",
  reliability: "Reliability",
  "performance-efficiency": "Performance Efficiency",
  "cost-optimization": "Cost Optimization",
  sustainability: "Sustainability",
};

export const SEVERITY: Record<Severity, string> = {
  critical: "Critical",
  high: "High",
  medium: "Medium",
  low: "Low",
  info: "Info",
};

export const VERDICT: Record<Verdict, string> = {
  fail: "Fail",
  unknown: "Unknown",
  exempt: "Exempt",
  pass: "Pass",
  not_applicable: "Not applicable",
};

export const STATUS: Record<PracticeStatus, string> = {
  at_risk: "At risk",
  unknown: "Unknown",
  exempt: "Exempt",
  met: "Met",
  no_evidence: "No evidence from APIs",
};

export const ATTESTED: Record<Attestation["status"], string> = {
  met: "Attested: met",
  not_met: "Attested: not met",
  not_applicable: "Attested: not applicable",
};

export const RISK: Record<Risk, string> = { high: "High risk", medium: "Medium risk", low: "Low risk" };

export const EFFORT: Record<Effort, string> = { minutes: "Minutes", hours: "Hours", days: "Days" };

export const CAUSE: Record<Cause, string> = {
  denied: "Denied",
  throttled: "Throttled",
  unreachable: "Unreachable",
  unsupported: "Not offered",
  failed: "Failed",
  unpaid: "Not paid for",
  expired: "Credentials expired",
  uncollected: "Not collected",
  undecided: "Not decidable",
  off: "Not enabled",
};

export const CHANGE: Record<Change, string> = {
  new: "New",
  fixed: "Fixed",
  still_failing: "Still failing",
  became_unknown: "Became unknown",
  gone: "Resource gone",
  changed: "Policy or check changed",
};

/** As `src/report/compare` has them in words. */
export const WHY: Record<Why, string> = {
  check_added: "the check was not run before",
  rule_changed: "the check or its parameters changed",
  exempted: "the policy exempts it",
  check_not_run: "the check was not run",
  account_not_scanned: "the account was not scanned",
  region_not_scanned: "the region was not scanned",
  tags_not_selected: "only resources with certain tags were judged",
  account_not_read: "an account could not be accessed",
  list_not_read: "its list could not be read completely",
};

const integer = new Intl.NumberFormat("en");
const dollars = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const dollarsFine = new Intl.NumberFormat("en", {
  style: "currency",
  currency: "USD",
  maximumFractionDigits: 4,
});
const dateTime = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "short",
  timeZone: "UTC",
});

export function count(n: number): string {
  return integer.format(n);
}

/** `1 finding`, `2 findings`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

export function usd(amount: number): string {
  return amount !== 0 && Math.abs(amount) < 0.01 ? dollarsFine.format(amount) : dollars.format(amount);
}

/** A share from 0 to 1 in whole percent, rounded down: 100 % means all. */
export function percent(share: number | null | undefined): string {
  return share == null ? "–" : `${Math.floor(share * 100 + 1e-9)} %`;
}

/** A point in time, in UTC. */
export function when(timestamp: string): string {
  return `${dateTime.format(new Date(timestamp))} UTC`;
}

/** How long something took. */
export function duration(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** A difference with its sign; `±0` where there is none. */
export function signed(n: number): string {
  return n > 0 ? `+${integer.format(n)}` : n < 0 ? `−${integer.format(-n)}` : "±0";
}
