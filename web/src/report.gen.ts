// Generated from schemas/report.schema.json by `npm run types`.

/**
 * What became of a finding since an earlier report.
 */
export type Change = "new" | "fixed" | "still_failing" | "became_unknown" | "gone" | "changed";
/**
 * One of the six pillars of the AWS Well-Architected Framework.
 *
 * Source: <https://docs.aws.amazon.com/wellarchitected/latest/framework/the-pillars-of-the-framework.html>
 */
export type Pillar =
  | "operational-excellence"
  | "security"
  | "reliability"
  | "performance-efficiency"
  | "cost-optimization"
  | "sustainability";
/**
 * AWS's level of risk of not following a best practice, ascending.
 */
export type Risk = "low" | "medium" | "high";
/**
 * How much a failed check matters, ascending.
 */
export type Severity = "info" | "low" | "medium" | "high" | "critical";

/**
 * Everything that a scan found, complete: `report.json`.
 */
export interface SixPillarsReport {
  /**
   * The calls that were made.
   */
  calls: CallRow[];
  /**
   * The checks that were run, by id.
   */
  checks: CheckReport[];
  /**
   * How it differs from an earlier report, where it was compared with one.
   */
  comparison?: Comparison | null;
  cost: Cost;
  /**
   * Every evaluation, by check, account, region, kind and resource id.
   */
  findings: Finding[];
  /**
   * What could not be read, and what would change that.
   */
  gaps: GapReport[];
  /**
   * The policy's gates and what they counted.
   */
  gates: GateResult[];
  /**
   * The six pillars, in the framework's order.
   */
  pillars: PillarReport[];
  /**
   * All best practices of the framework, in its order.
   */
  practices: PracticeReport[];
  /**
   * What the reader should know in addition to the findings.
   */
  problems: Notice[];
  /**
   * All questions of the framework, in its order.
   */
  questions: QuestionReport[];
  /**
   * What was listed in each account and region.
   */
  reads: ReadRow[];
  savings: Savings;
  scan: Scan;
  /**
   * The version of this form, `sixpillars/report/1`.
   */
  schema: string;
}
/**
 * Calls of one operation in one account and region.
 */
export interface CallRow {
  /**
   * The account whose quota was used.
   */
  account: string;
  /**
   * Requests sent, retries included.
   */
  attempts: number;
  /**
   * Calls, retries not counted; every page is a call.
   */
  calls: number;
  /**
   * Attempts refused.
   */
  denied: number;
  /**
   * Attempts without a usable answer.
   */
  failed: number;
  /**
   * Milliseconds spent waiting for answers, all attempts together.
   */
  ms: number;
  /**
   * The operation, `DescribeVolumes`.
   */
  operation: string;
  /**
   * The region.
   */
  region: string;
  /**
   * The service, `ec2`.
   */
  service: string;
  /**
   * Attempts answered with a request to slow down.
   */
  throttled: number;
}
/**
 * One check that was run.
 */
export interface CheckReport {
  /**
   * The best practices it gives evidence for.
   */
  best_practices: string[];
  counts?: Counts;
  /**
   * How long the remedy takes someone who knows the account.
   */
  effort: "minutes" | "hours" | "days";
  /**
   * The remedy in words.
   */
  fix: string;
  /**
   * Its id, `s3/bucket-public`.
   */
  id: string;
  /**
   * The same check elsewhere: tool or standard to ids.
   */
  maps: {
    [k: string]: string[];
  };
  /**
   * Its parameters, where the policy changes nothing for an account or tag.
   */
  parameters: {
    [k: string]: unknown;
  };
  /**
   * The pillar it counts under.
   */
  pillar:
    | "operational-excellence"
    | "security"
    | "reliability"
    | "performance-efficiency"
    | "cost-optimization"
    | "sustainability";
  /**
   * The kind of resource it judges.
   */
  resource: string;
  /**
   * Stands for what decides its verdicts: expressions, parameters, and what the policy makes of
   * them. Where it is the same in two reports, the check judged alike.
   */
  rule?: string | null;
  /**
   * Where to read on.
   */
  see: string[];
  /**
   * Where the policy changes nothing for an account or tag.
   */
  severity: "info" | "low" | "medium" | "high" | "critical";
  /**
   * The flaw in a few words.
   */
  title: string;
  /**
   * Why it matters.
   */
  why: string;
}
/**
 * Its evaluations by verdict; `build` counts them.
 */
export interface Counts {
  /**
   * The flaw is there and the policy exempts it.
   */
  exempt: number;
  /**
   * The resource has the flaw.
   */
  fail: number;
  /**
   * The check does not concern the resource.
   */
  not_applicable: number;
  /**
   * The resource does not have the flaw.
   */
  pass: number;
  /**
   * Could not be decided.
   */
  unknown: number;
}
/**
 * How a report differs from an earlier one, its baseline.
 */
export interface Comparison {
  baseline: Baseline;
  counts: ChangeCounts;
  /**
   * What became of a finding, by its id; none where nothing did. Some are in the baseline only.
   */
  findings: {
    [k: string]: Change;
  };
  /**
   * The day on which a finding was first seen to fail, by its id, as far as baselines tell.
   */
  first_failed?: {
    [k: string]: string;
  };
  /**
   * The six pillars, in the framework's order.
   */
  pillars: PillarDelta[];
}
/**
 * The earlier report.
 */
export interface Baseline {
  /**
   * Its scan's id.
   */
  id: string;
  /**
   * When that scan began.
   */
  started: string;
}
/**
 * How many findings changed in each way.
 */
export interface ChangeCounts {
  /**
   * Could not be decided this time.
   */
  became_unknown: number;
  /**
   * Failed, and the policy, the check or what was scanned is another.
   */
  changed: number;
  /**
   * Failed, and do not by the same rule.
   */
  fixed: number;
  /**
   * Failed, and their resources are there no more.
   */
  gone: number;
  /**
   * Fail, and did not fail before.
   */
  new: number;
  /**
   * Failed and fail.
   */
  still_failing: number;
}
/**
 * How a pillar differs from the baseline: this report's number less the baseline's.
 */
export interface PillarDelta {
  /**
   * Of the coverage, a share; null where one of them has none.
   */
  coverage?: number | null;
  /**
   * Of the high-risk issues.
   */
  high_risk_issues: number;
  /**
   * Of the medium-risk issues.
   */
  medium_risk_issues: number;
  /**
   * Which.
   */
  pillar:
    | "operational-excellence"
    | "security"
    | "reliability"
    | "performance-efficiency"
    | "cost-optimization"
    | "sustainability";
  /**
   * Of the score; null where one of them has none.
   */
  score?: number | null;
}
/**
 * What the calls cost.
 */
export interface Cost {
  /**
   * What all billed reads that the checks ask for would have cost, paid or not.
   */
  estimated_usd: number;
  /**
   * What was allowed.
   */
  limit_usd: number;
  /**
   * What was spent.
   */
  spent_usd: number;
}
/**
 * One check's verdict on one resource, with everything needed to understand it on its own.
 */
export interface Finding {
  /**
   * The best practices it gives evidence for.
   */
  best_practices: string[];
  /**
   * The check's id, such as `s3/bucket-public`.
   */
  check: string;
  /**
   * The fields that the expression read, as they were.
   */
  evidence: {
    [k: string]: unknown;
  };
  /**
   * Why the policy exempts it.
   */
  exemption?: Exemption | null;
  /**
   * The remedy, on a failed check.
   */
  fix?: Fix | null;
  /**
   * What could not be read, where the verdict is unknown.
   */
  gaps: Gap[];
  /**
   * Stable over time: check and resource, no time in it.
   */
  id: string;
  /**
   * The pillar it counts under.
   */
  pillar:
    | "operational-excellence"
    | "security"
    | "reliability"
    | "performance-efficiency"
    | "cost-optimization"
    | "sustainability";
  resource: Resource;
  /**
   * What the remedy would save in US dollars a month, where it is known.
   */
  saves_usd_month?: number | null;
  /**
   * One line about this resource, from the check's `say`.
   */
  say: string;
  /**
   * After the policy's overrides.
   */
  severity: "info" | "low" | "medium" | "high" | "critical";
  /**
   * The check's title.
   */
  title: string;
  /**
   * The verdict.
   */
  verdict: "fail" | "unknown" | "exempt" | "pass" | "not_applicable";
}
/**
 * Why the policy exempts a finding.
 */
export interface Exemption {
  /**
   * The last day it holds, `2027-03-31`.
   */
  expires: string;
  /**
   * Who answers for it.
   */
  owner: string;
  /**
   * The reason, as the policy gives it.
   */
  reason: string;
}
/**
 * What the user has to do about a failed check.
 */
export interface Fix {
  /**
   * An AWS CLI command with the resource's own values filled in.
   */
  cli?: string | null;
  /**
   * How long the change takes someone who knows the account.
   */
  effort: "minutes" | "hours" | "days";
  /**
   * A Terraform snippet.
   */
  terraform?: string | null;
  /**
   * What to do, in a sentence or two.
   */
  text: string;
}
/**
 * Something that could not be read. A gap is a value of its own: it is never an empty list, a
 * `null` or a default, and a verdict that depends on it is *unknown*.
 */
export interface Gap {
  /**
   * The IAM action that would have read it, such as `s3:GetBucketPolicy`.
   */
  action: string;
  /**
   * Why it could not be read.
   */
  cause:
    | "denied"
    | "throttled"
    | "unreachable"
    | "unsupported"
    | "failed"
    | "unpaid"
    | "expired"
    | "uncollected"
    | "undecided"
    | "off";
  /**
   * The error code as AWS gave it (`AccessDenied`), or a few words of ours where there is none.
   * Never the message: messages carry names and, at worst, secrets.
   */
  detail: string;
}
/**
 * What it is about. For a list that could not be read: the kind in its account and region.
 */
export interface Resource {
  /**
   * The twelve-digit id of the account that owns it.
   */
  account: string;
  /**
   * The Amazon Resource Name, where AWS defines one.
   */
  arn?: string | null;
  /**
   * The identifier AWS uses in its APIs: an instance id, a bucket name.
   */
  id: string;
  /**
   * The kind, such as `s3.bucket`.
   */
  kind: string;
  /**
   * What people call it: the `Name` tag or the name property; else the id.
   */
  name: string;
  /**
   * The region it lives in; `global` where it lives in none.
   */
  region: string;
  /**
   * Its tags. A part of its own where tags take an extra call.
   */
  tags?:
    | {
        [k: string]: string;
      }
    | {
        $gap: Gap;
      };
}
/**
 * Something that could not be read, in one account and region.
 */
export interface GapReport {
  /**
   * The account.
   */
  account: string;
  /**
   * The IAM action that would have read it.
   */
  action: string;
  /**
   * What to do about it.
   */
  advice: string;
  /**
   * Why it could not be read.
   */
  cause:
    | "denied"
    | "throttled"
    | "unreachable"
    | "unsupported"
    | "failed"
    | "unpaid"
    | "expired"
    | "uncollected"
    | "undecided"
    | "off";
  /**
   * The checks those belong to, by id.
   */
  checks: string[];
  /**
   * The error code as AWS gave it, or a few words.
   */
  detail: string;
  /**
   * How many evaluations are unknown because of it.
   */
  evaluations: number;
  /**
   * The region.
   */
  region: string;
  /**
   * How many resources those are about.
   */
  resources: number;
  /**
   * The IAM statement that would close it, where the caller was denied.
   */
  statement?: {
    [k: string]: unknown;
  };
}
/**
 * A gate and what it counted.
 */
export interface GateResult {
  /**
   * Whether that is too many.
   */
  broken: boolean;
  /**
   * How many there are.
   */
  count: number;
  /**
   * How many failed findings it allows.
   */
  max: number;
  /**
   * Whether it counts only findings that did not fail in the baseline.
   */
  new_only: boolean;
  /**
   * The pillar it looks at; all where there is none.
   */
  pillar?: Pillar | null;
  /**
   * The least severity it counts.
   */
  severity: "info" | "low" | "medium" | "high" | "critical";
}
/**
 * One pillar.
 */
export interface PillarReport {
  counts: Counts1;
  /**
   * The share of evaluations that had an answer, from 0 to 1; null where there were none.
   */
  coverage?: number | null;
  fails: BySeverity;
  /**
   * Questions of high risk: high-risk issues, counted by question as the AWS Well-Architected Tool
   * does.
   */
  high_risk_issues: number;
  /**
   * The same of medium risk.
   */
  medium_risk_issues: number;
  /**
   * One of the six pillars of the AWS Well-Architected Framework.
   *
   * Source: <https://docs.aws.amazon.com/wellarchitected/latest/framework/the-pillars-of-the-framework.html>
   */
  pillar:
    | "operational-excellence"
    | "security"
    | "reliability"
    | "performance-efficiency"
    | "cost-optimization"
    | "sustainability";
  practices: PracticeCounts;
  practices_at_risk: ByRisk;
  /**
   * What the remedies of its failed evaluations would save, in US dollars a month, where known.
   */
  saves_usd_month: number;
  /**
   * From 0 to 100, rounded down: the share of evaluations that pass among those that pass or
   * fail, weighted by severity (critical 16, high 8, medium 4, low 2, info 1). Unknown, exempt
   * and not applicable ones do not count. Null where nothing passed or failed.
   */
  score?: number | null;
  /**
   * Its name as AWS writes it.
   */
  title: string;
}
/**
 * Evaluations by verdict.
 */
export interface Counts1 {
  /**
   * The flaw is there and the policy exempts it.
   */
  exempt: number;
  /**
   * The resource has the flaw.
   */
  fail: number;
  /**
   * The check does not concern the resource.
   */
  not_applicable: number;
  /**
   * The resource does not have the flaw.
   */
  pass: number;
  /**
   * Could not be decided.
   */
  unknown: number;
}
/**
 * Failed evaluations by severity.
 */
export interface BySeverity {
  /**
   * Exposed, lost or burning now.
   */
  critical: number;
  /**
   * Likely to hurt.
   */
  high: number;
  /**
   * Worth knowing.
   */
  info: number;
  /**
   * Little risk.
   */
  low: number;
  /**
   * Will hurt under bad luck.
   */
  medium: number;
}
/**
 * Best practices by status.
 */
export interface PracticeCounts {
  /**
   * A check that gives evidence for it failed.
   */
  at_risk: number;
  /**
   * Every failure is exempt.
   */
  exempt: number;
  /**
   * No check that gives evidence for it failed or was unknown.
   */
  met: number;
  /**
   * No evaluation says anything about it.
   */
  no_evidence: number;
  /**
   * Could not be decided.
   */
  unknown: number;
}
/**
 * Best practices at risk by AWS's level of risk.
 */
export interface ByRisk {
  /**
   * High risk.
   */
  high: number;
  /**
   * Low risk.
   */
  low: number;
  /**
   * Medium risk.
   */
  medium: number;
}
/**
 * One best practice of the framework.
 */
export interface PracticeReport {
  /**
   * What people say of it, from the policy. It is shown in addition to the evidence: `status` stays what
   * that says.
   */
  attestation?: Attestation | null;
  /**
   * The checks that were run for it, by id.
   */
  checks: string[];
  counts: Counts2;
  /**
   * What AWS APIs can show of it.
   */
  evidence: "api" | "partial" | "human";
  /**
   * Its id, `SEC08-BP04`.
   */
  id: string;
  /**
   * One of the six pillars of the AWS Well-Architected Framework.
   *
   * Source: <https://docs.aws.amazon.com/wellarchitected/latest/framework/the-pillars-of-the-framework.html>
   */
  pillar:
    | "operational-excellence"
    | "security"
    | "reliability"
    | "performance-efficiency"
    | "cost-optimization"
    | "sustainability";
  /**
   * The id of its question.
   */
  question: string;
  /**
   * AWS's level of risk.
   */
  risk: "low" | "medium" | "high";
  /**
   * What the evidence says.
   */
  status: "met" | "at_risk" | "unknown" | "exempt" | "no_evidence";
  /**
   * Its requirement.
   */
  title: string;
}
/**
 * What people say of a best practice.
 */
export interface Attestation {
  /**
   * The day on which it was said.
   */
  date: string;
  /**
   * The last day it counts.
   */
  expires: string;
  /**
   * Where the proof is; begins with `https://`.
   */
  link?: string | null;
  /**
   * What else a reader should know.
   */
  note?: string | null;
  /**
   * Who answers for it.
   */
  owner: string;
  /**
   * Whether it counts.
   */
  state: "valid" | "expired" | "contradicted";
  /**
   * Whether it is followed.
   */
  status: "not_met" | "met" | "not_applicable";
}
/**
 * Their evaluations by verdict.
 */
export interface Counts2 {
  /**
   * The flaw is there and the policy exempts it.
   */
  exempt: number;
  /**
   * The resource has the flaw.
   */
  fail: number;
  /**
   * The check does not concern the resource.
   */
  not_applicable: number;
  /**
   * The resource does not have the flaw.
   */
  pass: number;
  /**
   * Could not be decided.
   */
  unknown: number;
}
/**
 * Something about a scan that its reader should know: an expired exemption, a broken check, an
 * account that could not be entered.
 */
export interface Notice {
  /**
   * What sort it is, in `snake_case`: `exemption_expired`, `exemption_unused`, `check_broken`,
   * `account_unreadable` …
   */
  kind: string;
  /**
   * One or two sentences.
   */
  message: string;
  /**
   * The file and line, account, region or check it is about.
   */
  where?: string | null;
}
/**
 * One question of the framework.
 */
export interface QuestionReport {
  /**
   * Its id, `SEC08`.
   */
  id: string;
  /**
   * One of the six pillars of the AWS Well-Architected Framework.
   *
   * Source: <https://docs.aws.amazon.com/wellarchitected/latest/framework/the-pillars-of-the-framework.html>
   */
  pillar:
    | "operational-excellence"
    | "security"
    | "reliability"
    | "performance-efficiency"
    | "cost-optimization"
    | "sustainability";
  practices: PracticeCounts1;
  /**
   * The highest of AWS's levels of risk among its best practices that are at risk or that a valid
   * attestation calls not met; null where there is none.
   */
  risk?: Risk | null;
  /**
   * What it is about.
   */
  title: string;
}
/**
 * Its best practices by status.
 */
export interface PracticeCounts1 {
  /**
   * A check that gives evidence for it failed.
   */
  at_risk: number;
  /**
   * Every failure is exempt.
   */
  exempt: number;
  /**
   * No check that gives evidence for it failed or was unknown.
   */
  met: number;
  /**
   * No evaluation says anything about it.
   */
  no_evidence: number;
  /**
   * Could not be decided.
   */
  unknown: number;
}
/**
 * What was listed of one kind in one account and region.
 */
export interface ReadRow {
  /**
   * The account.
   */
  account: string;
  /**
   * Why the list is not complete, where it is not.
   */
  gap?: Gap | null;
  /**
   * The kind of resource.
   */
  kind: string;
  /**
   * The region.
   */
  region: string;
  /**
   * How many were found.
   */
  resources: number;
}
/**
 * What the remedies would save.
 */
export interface Savings {
  /**
   * In how many failed findings.
   */
  findings: number;
  /**
   * US dollars a month.
   */
  usd_month: number;
}
/**
 * What was scanned, when and how.
 */
export interface Scan {
  /**
   * The accounts, by id.
   */
  accounts: ScannedAccount[];
  /**
   * Whether every requested account, region and list was read. Single parts that could
   * not be read do not make a scan incomplete: they are in `gaps` and lower the coverage.
   */
  complete: boolean;
  /**
   * When the last answer had arrived.
   */
  finished: string;
  /**
   * Different for every scan.
   */
  id: string;
  /**
   * The names of the policies that the accounts were held to, in order.
   */
  policies: string[];
  selection: Selection;
  /**
   * When the scan began.
   */
  started: string;
  tool: Tool;
}
/**
 * One account of a scan.
 */
export interface ScannedAccount {
  /**
   * Its alias or name, where known.
   */
  alias?: string | null;
  /**
   * The ARN that the scan called AWS as.
   */
  caller?: string | null;
  /**
   * Its twelve-digit id.
   */
  id: string;
  /**
   * The id of its partition, such as `aws`.
   */
  partition: string;
  /**
   * The regions that were scanned, sorted.
   */
  regions: string[];
}
/**
 * What the user narrowed the scan to.
 */
export interface Selection {
  /**
   * Patterns of check ids.
   */
  checks: string[];
  /**
   * Pillars.
   */
  pillars: Pillar[];
  /**
   * Services, `s3`.
   */
  services: string[];
  /**
   * The least severity.
   */
  severity?: Severity | null;
  /**
   * Tags that a resource must have.
   */
  tags: {
    [k: string]: string;
  };
}
/**
 * The program that scanned.
 */
export interface Tool {
  /**
   * `sixpillars`.
   */
  name: string;
  /**
   * Its version.
   */
  version: string;
}
