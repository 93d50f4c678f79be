// Written by hand until schemas/openapi.json is there.
import type { Pillar, Severity } from "../report";
export type RunState = "queued" | "running" | "finished" | "failed" | "cancelled";
export interface Scope {
  services?: string[];
  checks?: string[];
  pillars?: string[];
  severity?: string | null;
}
export interface AuditResult {
  exit_code: number;
  complete: boolean;
  coverage?: number | null;
  fails: number;
  unknown: number;
  new_fails: number;
  fixed: number;
  spent_usd: number;
  has_report: boolean;
}
export interface Audit {
  id: string;
  target: string;
  state: RunState;
  schedule?: string | null;
  due?: string | null;
  requested_by: string;
  scope: Scope;
  allow_paid_usd: number;
  queued: string;
  started?: string | null;
  ended?: string | null;
  cancelled_by?: string | null;
  attempts: number;
  lists_read: number;
  lists_all: number;
  notes: string[];
  error?: string | null;
  result?: AuditResult | null;
}
export interface Fails {
  critical: number;
  high: number;
  medium: number;
  low: number;
  info: number;
}
export interface PillarPoint {
  audit: string;
  at: string;
  pillar: string;
  score?: number | null;
  coverage?: number | null;
  fails: Fails;
  unknown: number;
  high_risk_issues: number;
  medium_risk_issues: number;
}
export interface Target {
  name: string;
  owners: string[];
  regions: string[];
  removed?: string | null;
  pillars: PillarPoint[];
}
export interface Finding {
  target: string;
  id: string;
  check: string;
  title: string;
  pillar: string;
  severity: string;
  verdict: string;
  account: string;
  region: string;
  kind: string;
  resource: string;
  name: string;
  say: string;
  first_seen: string;
  first_audit: string;
  since: string;
  since_audit: string;
  last_seen: string;
  last_audit: string;
  failing_since?: string | null;
}
export interface Change {
  at: string;
  audit: string;
  verdict: string;
  severity: string;
}
export type FindingWithHistory = Finding & { history: Change[] };
export interface FindingDetails {
  audit: string;
  finding: object;
  check?: object | null;
}
export interface FindingValues {
  accounts: string[];
  regions: string[];
  services: string[];
  kinds: string[];
  checks: string[];
}
export interface Milestone {
  name: string;
  target: string;
  audit: string;
  note: string;
  made_by: string;
  made: string;
}
export type Missed = "skip" | "once" | "all";
export interface ScheduleFile {
  cron: string;
  time_zone?: string | null;
  targets?: string[];
  jitter?: string | null;
  missed?: Missed;
  scope?: Scope;
  allow_paid_usd?: number;
  deadline?: string | null;
}
export interface Schedule {
  name: string;
  origin: string;
  enabled: boolean;
  spec: ScheduleFile;
  next: string[];
}
export interface Exemption {
  id: string;
  target: string;
  finding: string;
  check: string;
  reason: string;
  owner: string;
  expires: string;
  state: string;
  requested_by: string;
  requested: string;
  decided_by?: string | null;
  decided?: string | null;
  comment?: string | null;
}
export interface Attestation {
  id: string;
  target: string;
  practice: string;
  status: string;
  owner: string;
  said: string;
  expires: string;
  link?: string | null;
  note?: string | null;
  made_by: string;
  made: string;
  withdrawn?: string | null;
}
export interface LogEntry {
  id: string;
  at: string;
  actor: string;
  action: string;
  object: string;
  detail: object;
}
export interface Token {
  id: string;
  name: string;
  role: string;
  targets: string[];
  made_by: string;
  made: string;
  expires: string;
  revoked?: string | null;
}
export interface Me {
  name: string;
  role: "viewer" | "operator" | "approver" | "admin";
  targets: string[];
  how?: string;
  csrf?: string | null;
}
export interface FieldProblem {
  pointer: string;
  detail: string;
}
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: FieldProblem[];
}
export type _Unused = Pillar | Severity;
