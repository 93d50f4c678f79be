/** The report as the page sees it: the types of `report.json`, under the names that the page uses. */
import type {
  CheckReport,
  Counts,
  Gap,
  PillarReport,
  PracticeReport,
  Resource,
  SixPillarsReport,
} from "./report.gen";

export type {
  Attestation,
  BySeverity,
  CallRow,
  CheckReport,
  Comparison,
  Counts,
  Exemption,
  Gap,
  GapReport,
  GateResult,
  Notice,
  PillarDelta,
  PillarReport,
  PracticeCounts,
  QuestionReport,
  ReadRow,
  Resource,
} from "./report.gen";

export type Pillar = PillarReport["pillar"];
export type Risk = PracticeReport["risk"];
export type Effort = CheckReport["effort"];
export type Severity = CheckReport["severity"];
export type Verdict = keyof Counts;
export type PracticeStatus = PracticeReport["status"];
export type Cause = Gap["cause"];
export type Tags = NonNullable<Resource["tags"]>;

/** All, ascending. The position is the code of a severity in the embedded table. */
export const SEVERITIES = ["info", "low", "medium", "high", "critical"] as const satisfies Severity[];

/** All, most urgent first. The position is the code of a verdict in the embedded table. */
export const VERDICTS = ["fail", "unknown", "exempt", "pass", "not_applicable"] as const satisfies Verdict[];

/** What became of a finding since the baseline. The position is its code in the embedded table. */
export const CHANGES = ["new", "fixed", "still_failing", "became_unknown", "gone", "changed"] as const;
export type Change = (typeof CHANGES)[number];

/** Why something became of a finding, where its verdicts alone do not say it. */
export const WHYS = [
  "check_added",
  "rule_changed",
  "exempted",
  "check_not_run",
  "account_not_scanned",
  "region_not_scanned",
  "tags_not_selected",
  "account_not_read",
  "list_not_read",
] as const;
export type Why = (typeof WHYS)[number];

/** A best practice, with what people say of it where they do. */
export type Practice = PracticeReport;

/** The report, with what differs from its baseline where it has one. */
export type Report = SixPillarsReport;
