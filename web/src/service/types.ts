/** What the API answers with: the types of `schemas/openapi.json`, under the names that the page uses. */
import type { CheckReport, Pillar, Severity, Verdict } from "../report";
import type { Finding as ReportFinding } from "../report.gen";
import type * as api from "./api.gen";

export type {
  Attestation,
  Audit,
  AuditResult,
  Change,
  Exemption,
  Fails,
  FieldProblem,
  Finding,
  FindingValues,
  FindingWithHistory,
  LogEntry,
  Milestone,
  PillarPoint,
  Problem,
  RunState,
  Schedule,
  ScheduleFile,
  Scope,
  Session,
  Target,
  Token,
} from "./api.gen";

/** Who is here; what changes something carries `csrf` where they are known by a session. */
export type Me = api.Me & { csrf?: string | null };

/** A list that is told whole. */
export interface List<T> {
  items: T[];
}

/** A page of a list. */
export interface Page<T> extends List<T> {
  /** Where the next page begins; null where this is the last. */
  next?: string | null;
  /** How many there are on all pages, on the first page of what is counted. */
  total?: number | null;
}

export interface Trend {
  points: api.PillarPoint[];
}

export interface Times {
  next: string[];
}

/** What the report of an audit says of a finding. */
export interface FindingDetails {
  audit: string;
  finding: ReportFinding;
  check?: CheckReport | null;
}

export const PILLAR_IDS = [
  "operational-excellence",
  "security",
  "reliability",
  "performance-efficiency",
  "cost-optimization",
  "sustainability",
] as const satisfies Pillar[];

/** What the service stores of a finding: the verdicts of a report, or that its resource is gone. */
export type Stored = Verdict | "gone";
export const STORED = [
  "fail",
  "unknown",
  "exempt",
  "pass",
  "not_applicable",
  "gone",
] as const satisfies Stored[];

export function isPillar(text: string): text is Pillar {
  return PILLAR_IDS.some((pillar) => pillar === text);
}

export function isSeverity(text: string): text is Severity {
  return ["info", "low", "medium", "high", "critical"].includes(text);
}

export type Role = api.Me["role"];
const ROLES: readonly Role[] = ["viewer", "operator", "approver", "admin"];

/** Whether somebody may do what takes a role: each may do what those before it may. */
export function may(me: Pick<api.Me, "role">, role: Role): boolean {
  return ROLES.indexOf(me.role) >= ROLES.indexOf(role);
}

/** An audit in one of these states does not change any more. */
export function isOver(state: api.RunState): boolean {
  return state === "finished" || state === "failed" || state === "cancelled";
}
