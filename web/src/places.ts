/** What was read and what it took, added up by account and region. */
import type { Head } from "./embed";
import type { Cause } from "./report";

export interface Place {
  account: string;
  region: string;
  /** Lists of resources that were read completely. */
  complete: number;
  /** Lists that were not. */
  incomplete: number;
  resources: number;
  /** Evaluations that are unknown, by the cause of the gap. */
  undecided: Partial<Record<Cause, number>>;
  calls: number;
  throttled: number;
  denied: number;
  failed: number;
  /** Milliseconds spent waiting for answers. */
  ms: number;
}

/**
 * Every account and region that was requested or of which anything is known, in order. Calls alone make no
 * place: those made before the account was known, or in a region for what is global, are no region that was
 * to be read.
 */
export function places({
  scan,
  reads,
  gaps,
  calls,
}: Pick<Head, "scan" | "reads" | "gaps" | "calls">): Place[] {
  const all = new Map<string, Place>();
  const at = (account: string, region: string): Place => {
    const key = `${account} ${region}`;
    let place = all.get(key);
    if (place === undefined) {
      place = {
        ...{ account, region, complete: 0, incomplete: 0, resources: 0, undecided: {} },
        ...{ calls: 0, throttled: 0, denied: 0, failed: 0, ms: 0 },
      };
      all.set(key, place);
    }
    return place;
  };
  // A region of which nothing could be read is the one that must not be missing.
  for (const { id, regions } of scan.accounts) for (const region of regions) at(id, region);
  for (const read of reads) {
    const place = at(read.account, read.region);
    place.resources += read.resources;
    place[read.gap == null || read.gap.cause === "off" ? "complete" : "incomplete"]++;
  }
  for (const gap of gaps) {
    const { undecided } = at(gap.account, gap.region);
    undecided[gap.cause] = (undecided[gap.cause] ?? 0) + gap.evaluations;
  }
  for (const call of calls) {
    const place = all.get(`${call.account} ${call.region}`);
    if (place === undefined) continue;
    for (const field of ["calls", "throttled", "denied", "failed", "ms"] as const)
      place[field] += call[field];
  }
  return [...all.values()].sort(
    (a, b) => compareText(a.account, b.account) || compareText(a.region, b.region),
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
