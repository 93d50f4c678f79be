/** The score of a pillar, as `src/report/score.rs` computes it. */
import { SEVERITIES } from "./report";
import type { Pillar, Severity } from "./report";
import type { FindingTable } from "./table";

/** The formula in words, for readers. */
export const FORMULA =
  "The share of evaluations that pass among those that pass or fail, weighted by severity " +
  "(critical 16, high 8, medium 4, low 2, info 1), rounded down. Unknown, exempt and not applicable " +
  "evaluations do not count: unknown ones lower the coverage instead.";

/** What one evaluation of a severity weighs. */
export function weight(severity: Severity): number {
  return 2 ** SEVERITIES.indexOf(severity);
}

/** Passed and failed weight. */
export interface Tally {
  passed: number;
  failed: number;
}

/** From 0 to 100, rounded down so that 100 means that nothing failed; null where nothing passed or failed. */
export function score({ passed, failed }: Tally): number | null {
  const all = passed + failed;
  return all === 0 ? null : Math.floor((passed * 100) / all);
}

/** The tallies of all pillars. */
export function tallies(table: FindingTable): Map<Pillar, Tally> {
  const tallies = new Map<Pillar, Tally>();
  for (let at = 0; at < table.size; at++) {
    const verdict = table.verdictOf(at);
    if (verdict !== "pass" && verdict !== "fail") continue;
    const { pillar } = table.checkOf(at);
    const tally = tallies.get(pillar) ?? { passed: 0, failed: 0 };
    tally[verdict === "pass" ? "passed" : "failed"] += weight(table.severityOf(at));
    tallies.set(pillar, tally);
  }
  return tallies;
}

/** All tallies together. */
export function total(tallies: Iterable<Tally>): Tally {
  const sum = { passed: 0, failed: 0 };
  for (const { passed, failed } of tallies) {
    sum.passed += passed;
    sum.failed += failed;
  }
  return sum;
}
