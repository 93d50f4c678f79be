/**
 * The report as the page sees it: the types of `report.json`, and the fields that a report may have in
 * addition. Those are optional, and shown where they are there.
 */
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
  BySeverity,
  CallRow,
  CheckReport,
  Counts,
  Exemption,
  Gap,
  GapReport,
  GateResult,
  Notice,
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

/** What people say of a best practice, from the policy's `attestations`. */
export interface Attestation {
  status: "met" | "not_met" | "not_applicable";
  owner: string;
  /** The day it was said, `2026-11-24`. */
  date: string;
  /** The last day it counts. */
  expires: string;
  /** Where the proof is; a link only where it begins with `https://`. */
  link?: string | null;
  note?: string | null;
  /** Whether it counts: the evidence may contradict it, and its time may be over. */
  state: "valid" | "expired" | "contradicted";
}

export interface Practice extends PracticeReport {
  attestation?: Attestation | null;
}

/** How a pillar differs from the baseline; differences are this report's number less the baseline's. */
export interface PillarDelta {
  pillar: Pillar;
  score?: number | null;
  /** A share, as `coverage` is. */
  coverage?: number | null;
  high_risk_issues: number;
  medium_risk_issues: number;
}

/** How the report differs from an earlier one, its baseline. */
export interface Comparison {
  baseline: { id: string; started: string };
  pillars: PillarDelta[];
  counts: Record<Change, number>;
  /** Finding id to what became of it. Ids without an entry are unchanged. */
  findings: Record<string, Change>;
  /** Finding id to the day on which it was first seen to fail, where milestones tell. */
  first_failed?: Record<string, string>;
}

export interface Report extends Omit<SixPillarsReport, "practices"> {
  practices: Practice[];
  comparison?: Comparison | null;
}
