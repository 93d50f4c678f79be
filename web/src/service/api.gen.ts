// Generated from schemas/openapi.json by `npm run types`.

/**
 * What is decided.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Decision".
 */
export type Decision = "approve" | "refuse" | "revoke";
/**
 * One finding, and what became of it.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "FindingWithHistory".
 */
export type FindingWithHistory = Finding1 & {
  /**
   * Its changes of verdict or severity, oldest first.
   */
  history: Change[];
};
/**
 * How somebody is identified.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "How".
 */
export type How = "token" | "session" | "loopback";
/**
 * What becomes of times at which no service ran.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Missed".
 */
export type Missed = "skip" | "once" | "all";
/**
 * What somebody may do; each may do what those before it may.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Role".
 */
export type Role = "viewer" | "operator" | "approver" | "admin";
/**
 * The state of a run.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "RunState".
 */
export type RunState = "queued" | "running" | "finished" | "failed" | "cancelled";
/**
 * Whether a best practice is followed.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Status".
 */
export type Status = "met" | "not_met" | "not_applicable";

export interface Api {}
/**
 * What people say of a best practice.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Attestation".
 */
export interface Attestation {
  /**
   * The last day it counts.
   */
  expires: string;
  id: string;
  /**
   * Where the proof is.
   */
  link?: string | null;
  made: string;
  made_by: string;
  note?: string | null;
  /**
   * Who is responsible for it.
   */
  owner: string;
  /**
   * The best practice, `OPS01-BP01`.
   */
  practice: string;
  /**
   * The day on which it was said.
   */
  said: string;
  /**
   * `met`, `not_met` or `not_applicable`.
   */
  status: string;
  target: string;
  withdrawn?: string | null;
}
/**
 * Attestations.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Attestations".
 */
export interface Attestations {
  items: Attestation[];
}
/**
 * One audit.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Audit".
 */
export interface Audit {
  /**
   * US dollars that billed reads may cost.
   */
  allow_paid_usd: number;
  /**
   * How often it began or was taken over.
   */
  attempts: number;
  /**
   * Who cancelled it.
   */
  cancelled_by?: string | null;
  /**
   * The time of the schedule, without jitter.
   */
  due?: string | null;
  /**
   * When it was over.
   */
  ended?: string | null;
  /**
   * Why it failed.
   */
  error?: string | null;
  /**
   * Its id. Ids sort by the time at which audits were queued.
   */
  id: string;
  /**
   * All lists; 0 until they are known.
   */
  lists_all: number;
  /**
   * Lists that are read.
   */
  lists_read: number;
  /**
   * What a reader should know.
   */
  notes: string[];
  /**
   * When it was queued.
   */
  queued: string;
  /**
   * Who requested it.
   */
  requested_by: string;
  result?: AuditResult | null;
  /**
   * The schedule that started it; null where somebody did.
   */
  schedule?: string | null;
  scope: Scope;
  /**
   * When it began.
   */
  started?: string | null;
  /**
   * Its state.
   */
  state: "queued" | "running" | "finished" | "failed" | "cancelled";
  /**
   * The target.
   */
  target: string;
}
/**
 * What it found; null until it is finished.
 */
export interface AuditResult {
  /**
   * Whether every account, region and list was read.
   */
  complete: boolean;
  /**
   * The share of evaluations that had an answer, from 0 to 1.
   */
  coverage?: number | null;
  /**
   * The exit code that `sixpillars scan` would have ended with: 0 done, 1 a gate is broken, 3
   * incomplete.
   */
  exit_code: number;
  /**
   * Failed evaluations.
   */
  fails: number;
  /**
   * Those that failed before and do not any more.
   */
  fixed: number;
  /**
   * Whether the report can still be read.
   */
  has_report: boolean;
  /**
   * Those that failed and did not before.
   */
  new_fails: number;
  /**
   * What billed reads cost, in US dollars.
   */
  spent_usd: number;
  /**
   * Evaluations that could not be decided.
   */
  unknown: number;
}
/**
 * What it is narrowed to.
 */
export interface Scope {
  /**
   * Patterns of check ids, such as `s3/*`.
   */
  checks?: string[];
  /**
   * Pillars.
   */
  pillars?: string[];
  /**
   * Services, such as `s3`.
   */
  services?: string[];
  /**
   * The least severity.
   */
  severity?: string | null;
}
/**
 * What a finished audit found.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "AuditResult".
 */
export interface AuditResult1 {
  /**
   * Whether every account, region and list was read.
   */
  complete: boolean;
  /**
   * The share of evaluations that had an answer, from 0 to 1.
   */
  coverage?: number | null;
  /**
   * The exit code that `sixpillars scan` would have ended with: 0 done, 1 a gate is broken, 3
   * incomplete.
   */
  exit_code: number;
  /**
   * Failed evaluations.
   */
  fails: number;
  /**
   * Those that failed before and do not any more.
   */
  fixed: number;
  /**
   * Whether the report can still be read.
   */
  has_report: boolean;
  /**
   * Those that failed and did not before.
   */
  new_fails: number;
  /**
   * What billed reads cost, in US dollars.
   */
  spent_usd: number;
  /**
   * Evaluations that could not be decided.
   */
  unknown: number;
}
/**
 * One change.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Change".
 */
export interface Change {
  /**
   * When the audit began that saw it.
   */
  at: string;
  /**
   * That audit.
   */
  audit: string;
  /**
   * The severity from then on.
   */
  severity: string;
  /**
   * The verdict from then on.
   */
  verdict: string;
}
/**
 * A decision.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Decide".
 */
export interface Decide {
  /**
   * Why.
   */
  comment?: string | null;
  decision: Decision;
}
/**
 * How an audit differs from an earlier one, one page of it.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "DifferencesPage".
 */
export interface DifferencesPage {
  /**
   * How many findings changed in each way, on all pages and whatever is looked for.
   */
  counts: {};
  /**
   * Findings that changed or still fail, the most severe first, as in `diff.json`.
   */
  items: {}[];
  /**
   * The later audit.
   */
  new: {};
  /**
   * Give this as `cursor` to get the next page; null where this is the last.
   */
  next?: string | null;
  /**
   * The earlier audit.
   */
  old: {};
  /**
   * How each pillar differs.
   */
  pillars: {}[];
}
/**
 * How many sessions were ended.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Ended".
 */
export interface Ended {
  sessions: number;
}
/**
 * A failed finding that is accepted for a while, or that somebody wants accepted.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Exemption".
 */
export interface Exemption {
  /**
   * The check's id.
   */
  check: string;
  /**
   * What they said.
   */
  comment?: string | null;
  decided?: string | null;
  /**
   * Who approved, refused or revoked it.
   */
  decided_by?: string | null;
  /**
   * The last day it holds.
   */
  expires: string;
  /**
   * The finding's id.
   */
  finding: string;
  id: string;
  /**
   * Who is responsible for it.
   */
  owner: string;
  /**
   * Why it is accepted.
   */
  reason: string;
  requested: string;
  requested_by: string;
  /**
   * `requested`, `approved`, `refused`, `revoked`, or `expired` once its last day is over.
   */
  state: string;
  target: string;
}
/**
 * Exemptions.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Exemptions".
 */
export interface Exemptions {
  items: Exemption[];
}
/**
 * Failed evaluations by severity.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Fails".
 */
export interface Fails {
  critical: number;
  high: number;
  info: number;
  low: number;
  medium: number;
}
/**
 * What is wrong with one field.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "FieldProblem".
 */
export interface FieldProblem {
  /**
   * What is wrong.
   */
  detail: string;
  /**
   * A JSON pointer to it.
   */
  pointer: string;
}
/**
 * One check's verdict on one resource, as it is now.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Finding".
 */
export interface Finding {
  /**
   * The account.
   */
  account: string;
  /**
   * The check.
   */
  check: string;
  /**
   * When it began to fail, where it does; what is unknown or exempt meanwhile is not fixed.
   */
  failing_since?: string | null;
  /**
   * The audit that saw it first.
   */
  first_audit: string;
  /**
   * When it was first seen, with any verdict.
   */
  first_seen: string;
  /**
   * The same for the same check and resource in every audit.
   */
  id: string;
  /**
   * The kind of resource.
   */
  kind: string;
  /**
   * The audit that saw it last.
   */
  last_audit: string;
  /**
   * When it was last seen.
   */
  last_seen: string;
  /**
   * What people call it.
   */
  name: string;
  /**
   * The pillar.
   */
  pillar: string;
  /**
   * The region.
   */
  region: string;
  /**
   * The resource's id.
   */
  resource: string;
  /**
   * What the check says of it.
   */
  say: string;
  /**
   * The severity.
   */
  severity: string;
  /**
   * Since when verdict and severity are what they are.
   */
  since: string;
  /**
   * The audit that first saw them so.
   */
  since_audit: string;
  /**
   * The target.
   */
  target: string;
  /**
   * The check's title.
   */
  title: string;
  /**
   * `fail`, `unknown`, `exempt`, `pass`, `not_applicable`, or `gone` where the resource is not
   * there any more.
   */
  verdict: string;
}
/**
 * What the report of an audit says of one finding.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "FindingDetails".
 */
export interface FindingDetails {
  /**
   * The audit.
   */
  audit: string;
  /**
   * The check, as the report has it; null where the report does not list it.
   */
  check?: {} | null;
  /**
   * The finding, as the report has it: evidence, gaps, remedy.
   */
  finding: {};
}
/**
 * The values of the findings that the caller may see; each list is sorted, and cut after a thousand.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "FindingValues".
 */
export interface FindingValues {
  accounts: string[];
  /**
   * Ids of checks.
   */
  checks: string[];
  /**
   * Tools and standards that the checks are in.
   */
  frameworks: string[];
  /**
   * Kinds of resources.
   */
  kinds: string[];
  /**
   * Best practices that the checks give evidence for.
   */
  practices: string[];
  regions: string[];
  services: string[];
  /**
   * Tags of resources, `key=value`.
   */
  tags: string[];
}
/**
 * Its current state.
 */
export interface Finding1 {
  /**
   * The account.
   */
  account: string;
  /**
   * The check.
   */
  check: string;
  /**
   * When it began to fail, where it does; what is unknown or exempt meanwhile is not fixed.
   */
  failing_since?: string | null;
  /**
   * The audit that saw it first.
   */
  first_audit: string;
  /**
   * When it was first seen, with any verdict.
   */
  first_seen: string;
  /**
   * The same for the same check and resource in every audit.
   */
  id: string;
  /**
   * The kind of resource.
   */
  kind: string;
  /**
   * The audit that saw it last.
   */
  last_audit: string;
  /**
   * When it was last seen.
   */
  last_seen: string;
  /**
   * What people call it.
   */
  name: string;
  /**
   * The pillar.
   */
  pillar: string;
  /**
   * The region.
   */
  region: string;
  /**
   * The resource's id.
   */
  resource: string;
  /**
   * What the check says of it.
   */
  say: string;
  /**
   * The severity.
   */
  severity: string;
  /**
   * Since when verdict and severity are what they are.
   */
  since: string;
  /**
   * The audit that first saw them so.
   */
  since_audit: string;
  /**
   * The target.
   */
  target: string;
  /**
   * The check's title.
   */
  title: string;
  /**
   * `fail`, `unknown`, `exempt`, `pass`, `not_applicable`, or `gone` where the resource is not
   * there any more.
   */
  verdict: string;
}
/**
 * One line of the audit log.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "LogEntry".
 */
export interface LogEntry {
  /**
   * What, such as `audit.start`.
   */
  action: string;
  /**
   * Who.
   */
  actor: string;
  at: string;
  /**
   * What else a reader should know.
   */
  detail: {};
  id: string;
  /**
   * To what.
   */
  object: string;
}
/**
 * Where to go next.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "LogoutTarget".
 */
export interface LogoutTarget {
  /**
   * The provider's page that logs out there too, or a path of this service.
   */
  to: string;
}
/**
 * Who asks.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Me".
 */
export interface Me {
  /**
   * What a page sends along with every change, in the header `x-csrf-token`; null without a
   * session.
   */
  csrf?: string | null;
  /**
   * How they are identified.
   */
  how: "token" | "session" | "loopback";
  /**
   * Their name in the audit log.
   */
  name: string;
  /**
   * What they may do.
   */
  role: "viewer" | "operator" | "approver" | "admin";
  /**
   * The targets that they may see; all where the list is empty.
   */
  targets: string[];
}
/**
 * An audit that is kept for ever, under a name.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Milestone".
 */
export interface Milestone {
  /**
   * The audit.
   */
  audit: string;
  made: string;
  made_by: string;
  name: string;
  note: string;
  target: string;
}
/**
 * All milestones.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Milestones".
 */
export interface Milestones {
  items: Milestone[];
}
/**
 * A new attestation.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "NewAttestation".
 */
export interface NewAttestation {
  /**
   * The last day it counts, `2027-10-01`.
   */
  expires: string;
  /**
   * Where the proof is, `https://…`.
   */
  link?: string | null;
  note?: string | null;
  /**
   * Who is responsible for it.
   */
  owner: string;
  /**
   * The best practice, `OPS01-BP01`.
   */
  practice: string;
  /**
   * Whether it is followed.
   */
  status: "met" | "not_met" | "not_applicable";
  target: string;
}
/**
 * What is to be audited.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "NewAudit".
 */
export interface NewAudit {
  /**
   * US dollars that billed reads may cost; 0 by default.
   */
  allow_paid_usd?: number;
  /**
   * Ends the reading after this time, such as `30m`.
   */
  deadline?: string | null;
  scope?: Scope1;
  /**
   * A target of the configuration.
   */
  target: string;
}
/**
 * What it is narrowed to.
 */
export interface Scope1 {
  /**
   * Patterns of check ids, such as `s3/*`.
   */
  checks?: string[];
  /**
   * Pillars.
   */
  pillars?: string[];
  /**
   * Services, such as `s3`.
   */
  services?: string[];
  /**
   * The least severity.
   */
  severity?: string | null;
}
/**
 * A request for an exemption.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "NewExemption".
 */
export interface NewExemption {
  /**
   * The last day it is to hold, `2027-03-31`.
   */
  expires: string;
  /**
   * The finding's id.
   */
  finding: string;
  /**
   * Who is responsible for it.
   */
  owner: string;
  /**
   * Why it is to be accepted.
   */
  reason: string;
  target: string;
}
/**
 * A new milestone.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "NewMilestone".
 */
export interface NewMilestone {
  /**
   * A finished audit.
   */
  audit: string;
  /**
   * Its name, which no other has.
   */
  name: string;
  /**
   * What to know of it.
   */
  note?: string;
}
/**
 * A new schedule.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "NewSchedule".
 */
export interface NewSchedule {
  /**
   * Whether it starts audits; true by default.
   */
  enabled?: boolean;
  /**
   * Its name: letters, digits, `-`, `_` and `.`.
   */
  name: string;
  spec: ScheduleFile;
}
/**
 * What it says.
 */
export interface ScheduleFile {
  /**
   * US dollars that billed reads may cost each time; 0 by default.
   */
  allow_paid_usd?: number;
  /**
   * Five fields as cron has them, `0 3 * * *`, or `@daily`.
   */
  cron: string;
  /**
   * Ends the reading after this time; what was not read by then is unknown.
   */
  deadline?: string | null;
  /**
   * Spreads the starts over this much time: each target starts at a moment of its own in it.
   */
  jitter?: string | null;
  /**
   * What becomes of times at which no service ran.
   */
  missed?: "skip" | "once" | "all";
  scope?: Scope2;
  /**
   * Targets by name; all by default.
   */
  targets?: string[];
  /**
   * The time zone of `cron`, `Europe/Berlin`; UTC by default. A time that daylight
   * saving leaves out comes at the end of the gap, and one that it repeats comes once.
   */
  time_zone?: string | null;
}
/**
 * What the audit is narrowed to.
 */
export interface Scope2 {
  /**
   * Patterns of check ids, such as `s3/*`.
   */
  checks?: string[];
  /**
   * Pillars.
   */
  pillars?: string[];
  /**
   * Services, such as `s3`.
   */
  services?: string[];
  /**
   * The least severity.
   */
  severity?: string | null;
}
/**
 * One page of a list.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Page_Audit".
 */
export interface Page_Audit {
  /**
   * What is on it.
   *
   * Items: One audit.
   */
  items: {
    /**
     * US dollars that billed reads may cost.
     */
    allow_paid_usd: number;
    /**
     * How often it began or was taken over.
     */
    attempts: number;
    /**
     * Who cancelled it.
     */
    cancelled_by?: string | null;
    /**
     * The time of the schedule, without jitter.
     */
    due?: string | null;
    /**
     * When it was over.
     */
    ended?: string | null;
    /**
     * Why it failed.
     */
    error?: string | null;
    /**
     * Its id. Ids sort by the time at which audits were queued.
     */
    id: string;
    /**
     * All lists; 0 until they are known.
     */
    lists_all: number;
    /**
     * Lists that are read.
     */
    lists_read: number;
    /**
     * What a reader should know.
     */
    notes: string[];
    /**
     * When it was queued.
     */
    queued: string;
    /**
     * Who requested it.
     */
    requested_by: string;
    result?: AuditResult2 | null;
    /**
     * The schedule that started it; null where somebody did.
     */
    schedule?: string | null;
    scope: Scope3;
    /**
     * When it began.
     */
    started?: string | null;
    /**
     * Its state.
     */
    state: "queued" | "running" | "finished" | "failed" | "cancelled";
    /**
     * The target.
     */
    target: string;
  }[];
  /**
   * Give this as `cursor` to get the next page; null where this is the last.
   */
  next?: string | null;
  /**
   * How many there are on all pages, where that is counted.
   */
  total?: number | null;
}
/**
 * What it found; null until it is finished.
 */
export interface AuditResult2 {
  /**
   * Whether every account, region and list was read.
   */
  complete: boolean;
  /**
   * The share of evaluations that had an answer, from 0 to 1.
   */
  coverage?: number | null;
  /**
   * The exit code that `sixpillars scan` would have ended with: 0 done, 1 a gate is broken, 3
   * incomplete.
   */
  exit_code: number;
  /**
   * Failed evaluations.
   */
  fails: number;
  /**
   * Those that failed before and do not any more.
   */
  fixed: number;
  /**
   * Whether the report can still be read.
   */
  has_report: boolean;
  /**
   * Those that failed and did not before.
   */
  new_fails: number;
  /**
   * What billed reads cost, in US dollars.
   */
  spent_usd: number;
  /**
   * Evaluations that could not be decided.
   */
  unknown: number;
}
/**
 * What it is narrowed to.
 */
export interface Scope3 {
  /**
   * Patterns of check ids, such as `s3/*`.
   */
  checks?: string[];
  /**
   * Pillars.
   */
  pillars?: string[];
  /**
   * Services, such as `s3`.
   */
  services?: string[];
  /**
   * The least severity.
   */
  severity?: string | null;
}
/**
 * One page of a list.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Page_Finding".
 */
export interface Page_Finding {
  /**
   * What is on it.
   *
   * Items: One check's verdict on one resource, as it is now.
   */
  items: {
    /**
     * The account.
     */
    account: string;
    /**
     * The check.
     */
    check: string;
    /**
     * When it began to fail, where it does; what is unknown or exempt meanwhile is not fixed.
     */
    failing_since?: string | null;
    /**
     * The audit that saw it first.
     */
    first_audit: string;
    /**
     * When it was first seen, with any verdict.
     */
    first_seen: string;
    /**
     * The same for the same check and resource in every audit.
     */
    id: string;
    /**
     * The kind of resource.
     */
    kind: string;
    /**
     * The audit that saw it last.
     */
    last_audit: string;
    /**
     * When it was last seen.
     */
    last_seen: string;
    /**
     * What people call it.
     */
    name: string;
    /**
     * The pillar.
     */
    pillar: string;
    /**
     * The region.
     */
    region: string;
    /**
     * The resource's id.
     */
    resource: string;
    /**
     * What the check says of it.
     */
    say: string;
    /**
     * The severity.
     */
    severity: string;
    /**
     * Since when verdict and severity are what they are.
     */
    since: string;
    /**
     * The audit that first saw them so.
     */
    since_audit: string;
    /**
     * The target.
     */
    target: string;
    /**
     * The check's title.
     */
    title: string;
    /**
     * `fail`, `unknown`, `exempt`, `pass`, `not_applicable`, or `gone` where the resource is not
     * there any more.
     */
    verdict: string;
  }[];
  /**
   * Give this as `cursor` to get the next page; null where this is the last.
   */
  next?: string | null;
  /**
   * How many there are on all pages, where that is counted.
   */
  total?: number | null;
}
/**
 * One page of a list.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Page_LogEntry".
 */
export interface Page_LogEntry {
  /**
   * What is on it.
   *
   * Items: One line of the audit log.
   */
  items: {
    /**
     * What, such as `audit.start`.
     */
    action: string;
    /**
     * Who.
     */
    actor: string;
    at: string;
    /**
     * What else a reader should know.
     */
    detail: {};
    id: string;
    /**
     * To what.
     */
    object: string;
  }[];
  /**
   * Give this as `cursor` to get the next page; null where this is the last.
   */
  next?: string | null;
  /**
   * How many there are on all pages, where that is counted.
   */
  total?: number | null;
}
/**
 * One page of a list.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Page_SentMessage".
 */
export interface Page_SentMessage {
  /**
   * What is on it.
   *
   * Items: One message, without what it tells.
   */
  items: {
    /**
     * How often it was tried.
     */
    attempts: number;
    /**
     * The last audit that it tells of.
     */
    audit?: string | null;
    /**
     * The channel's name in the configuration.
     */
    channel: string;
    /**
     * Why it did not arrive.
     */
    error?: string | null;
    /**
     * Its id, which its recipient sees too; the same for every attempt.
     */
    id: string;
    made: string;
    /**
     * When it is tried next, while it waits.
     */
    next_attempt?: string | null;
    /**
     * When it arrived.
     */
    sent?: string | null;
    /**
     * `waiting`, `sent` or `given-up`.
     */
    state: string;
  }[];
  /**
   * Give this as `cursor` to get the next page; null where this is the last.
   */
  next?: string | null;
  /**
   * How many there are on all pages, where that is counted.
   */
  total?: number | null;
}
/**
 * One pillar at one moment.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "PillarPoint".
 */
export interface PillarPoint {
  /**
   * When it began.
   */
  at: string;
  /**
   * The audit.
   */
  audit: string;
  /**
   * The share of evaluations that had an answer, from 0 to 1; null where there were none.
   */
  coverage?: number | null;
  fails: Fails1;
  /**
   * Questions of high risk.
   */
  high_risk_issues: number;
  /**
   * Questions of medium risk.
   */
  medium_risk_issues: number;
  /**
   * The pillar.
   */
  pillar: string;
  /**
   * From 0 to 100; null where nothing passed or failed.
   */
  score?: number | null;
  /**
   * Evaluations that could not be decided.
   */
  unknown: number;
}
/**
 * Failed evaluations by severity.
 */
export interface Fails1 {
  critical: number;
  high: number;
  info: number;
  low: number;
  medium: number;
}
/**
 * A cadence to try.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Preview".
 */
export interface Preview {
  /**
   * Five fields as cron has them.
   */
  cron: string;
  /**
   * The time zone; UTC by default.
   */
  time_zone?: string | null;
}
/**
 * What went wrong: <https://www.rfc-editor.org/rfc/rfc9457>.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Problem".
 */
export interface Problem {
  /**
   * What is wrong with this request, and what would be right.
   */
  detail: string;
  /**
   * The fields of the body that are wrong, where several are.
   */
  errors?: FieldProblem[];
  /**
   * The status.
   */
  status: number;
  /**
   * The status in words.
   */
  title: string;
  /**
   * The kind of problem; `about:blank` where the status says it all.
   */
  type: string;
}
/**
 * When something is audited.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Schedule".
 */
export interface Schedule {
  /**
   * Whether it starts audits.
   */
  enabled: boolean;
  /**
   * Its name.
   */
  name: string;
  /**
   * The next five times; empty while it is not enabled.
   */
  next: string[];
  /**
   * `file` for one of the configuration, which is changed there, or `api`.
   */
  origin: string;
  spec: ScheduleFile1;
}
/**
 * What it says.
 */
export interface ScheduleFile1 {
  /**
   * US dollars that billed reads may cost each time; 0 by default.
   */
  allow_paid_usd?: number;
  /**
   * Five fields as cron has them, `0 3 * * *`, or `@daily`.
   */
  cron: string;
  /**
   * Ends the reading after this time; what was not read by then is unknown.
   */
  deadline?: string | null;
  /**
   * Spreads the starts over this much time: each target starts at a moment of its own in it.
   */
  jitter?: string | null;
  /**
   * What becomes of times at which no service ran.
   */
  missed?: "skip" | "once" | "all";
  scope?: Scope2;
  /**
   * Targets by name; all by default.
   */
  targets?: string[];
  /**
   * The time zone of `cron`, `Europe/Berlin`; UTC by default. A time that daylight
   * saving leaves out comes at the end of the gap, and one that it repeats comes once.
   */
  time_zone?: string | null;
}
/**
 * A changed schedule.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "ScheduleBody".
 */
export interface ScheduleBody {
  /**
   * Whether it starts audits; true by default.
   */
  enabled?: boolean;
  spec: ScheduleFile2;
}
/**
 * What it says.
 */
export interface ScheduleFile2 {
  /**
   * US dollars that billed reads may cost each time; 0 by default.
   */
  allow_paid_usd?: number;
  /**
   * Five fields as cron has them, `0 3 * * *`, or `@daily`.
   */
  cron: string;
  /**
   * Ends the reading after this time; what was not read by then is unknown.
   */
  deadline?: string | null;
  /**
   * Spreads the starts over this much time: each target starts at a moment of its own in it.
   */
  jitter?: string | null;
  /**
   * What becomes of times at which no service ran.
   */
  missed?: "skip" | "once" | "all";
  scope?: Scope2;
  /**
   * Targets by name; all by default.
   */
  targets?: string[];
  /**
   * The time zone of `cron`, `Europe/Berlin`; UTC by default. A time that daylight
   * saving leaves out comes at the end of the gap, and one that it repeats comes once.
   */
  time_zone?: string | null;
}
/**
 * When something is audited.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "ScheduleFile".
 */
export interface ScheduleFile3 {
  /**
   * US dollars that billed reads may cost each time; 0 by default.
   */
  allow_paid_usd?: number;
  /**
   * Five fields as cron has them, `0 3 * * *`, or `@daily`.
   */
  cron: string;
  /**
   * Ends the reading after this time; what was not read by then is unknown.
   */
  deadline?: string | null;
  /**
   * Spreads the starts over this much time: each target starts at a moment of its own in it.
   */
  jitter?: string | null;
  /**
   * What becomes of times at which no service ran.
   */
  missed?: "skip" | "once" | "all";
  scope?: Scope2;
  /**
   * Targets by name; all by default.
   */
  targets?: string[];
  /**
   * The time zone of `cron`, `Europe/Berlin`; UTC by default. A time that daylight
   * saving leaves out comes at the end of the gap, and one that it repeats comes once.
   */
  time_zone?: string | null;
}
/**
 * All schedules.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Schedules".
 */
export interface Schedules {
  items: Schedule[];
}
/**
 * What an audit is narrowed to; an empty list narrows nothing.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Scope".
 */
export interface Scope4 {
  /**
   * Patterns of check ids, such as `s3/*`.
   */
  checks?: string[];
  /**
   * Pillars.
   */
  pillars?: string[];
  /**
   * Services, such as `s3`.
   */
  services?: string[];
  /**
   * The least severity.
   */
  severity?: string | null;
}
/**
 * One message, without what it tells.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "SentMessage".
 */
export interface SentMessage {
  /**
   * How often it was tried.
   */
  attempts: number;
  /**
   * The last audit that it tells of.
   */
  audit?: string | null;
  /**
   * The channel's name in the configuration.
   */
  channel: string;
  /**
   * Why it did not arrive.
   */
  error?: string | null;
  /**
   * Its id, which its recipient sees too; the same for every attempt.
   */
  id: string;
  made: string;
  /**
   * When it is tried next, while it waits.
   */
  next_attempt?: string | null;
  /**
   * When it arrived.
   */
  sent?: string | null;
  /**
   * `waiting`, `sent` or `given-up`.
   */
  state: string;
}
/**
 * A browser in which somebody is logged in.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Session".
 */
export interface Session {
  /**
   * When they have to log in again.
   */
  expires: string;
  /**
   * When they logged in.
   */
  made: string;
  /**
   * The display name.
   */
  name: string;
  /**
   * What they may do.
   */
  role: string;
  /**
   * The last request, to the minute.
   */
  seen: string;
  /**
   * The provider's name for the person, which stays the same; spaces, brackets, `%` and what is not
   * printable ASCII are percent-encoded.
   */
  subject: string;
}
/**
 * All sessions.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Sessions".
 */
export interface Sessions {
  items: Session[];
}
/**
 * What is audited.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Target".
 */
export interface Target {
  /**
   * Its name.
   */
  name: string;
  /**
   * Who is responsible for it.
   */
  owners: string[];
  /**
   * The six pillars as its last finished audit saw them; empty before the first.
   */
  pillars: PillarPoint[];
  /**
   * Its regions; `enabled` stands for all that the account has enabled.
   */
  regions: string[];
  /**
   * When it left the configuration; null while it is in it.
   */
  removed?: string | null;
}
/**
 * All targets.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Targets".
 */
export interface Targets {
  items: Target[];
}
/**
 * The next times.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Times".
 */
export interface Times {
  next: string[];
}
/**
 * One token, without its secret.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Token".
 */
export interface Token {
  expires: string;
  id: string;
  made: string;
  made_by: string;
  /**
   * What it is for.
   */
  name: string;
  revoked?: string | null;
  /**
   * What it may do.
   */
  role: string;
  /**
   * The targets it is for; all where the list is empty.
   */
  targets: string[];
}
/**
 * All tokens.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Tokens".
 */
export interface Tokens {
  items: Token[];
}
/**
 * A target's pillars over time.
 *
 * This interface was referenced by `Api`'s JSON-Schema
 * via the `definition` "Trend".
 */
export interface Trend {
  /**
   * A point for each audit and pillar, oldest first.
   */
  points: PillarPoint[];
}
