/** Gaps added up, and the IAM statement that closes them. */
import type { Cause, GapReport } from "./report";

export interface MergedGap {
  action: string;
  cause: Cause;
  evaluations: number;
}

/** The gaps by action and cause over all accounts and regions, those that leave most undecided first. */
export function merged(gaps: GapReport[]): MergedGap[] {
  const all = new Map<string, MergedGap>();
  for (const { action, cause, evaluations } of gaps) {
    const key = `${action} ${cause}`;
    const known = all.get(key);
    if (known === undefined) all.set(key, { action, cause, evaluations });
    else known.evaluations += evaluations;
  }
  return [...all.values()].sort((a, b) => b.evaluations - a.evaluations || (a.action < b.action ? -1 : 1));
}

/** One statement with every action that was denied; null where nothing was. */
export function statement(gaps: GapReport[]): string | null {
  const denied = gaps.filter((gap) => gap.statement != null).map((gap) => gap.action);
  if (denied.length === 0) return null;
  const allow = { Effect: "Allow", Action: [...new Set(denied)].sort(), Resource: "*" };
  return JSON.stringify(allow, null, 2);
}
