/** Resources with their verdicts added up. */
import type { Counts, ReadRow, Severity } from "./report";
import { SEVERITIES, VERDICTS } from "./report";
import { weight } from "./score";
import { tagPairs } from "./table";
import type { FindingTable, ResourceRow } from "./table";

export interface JudgedResource {
  resource: ResourceRow;
  counts: Counts;
  /** The worst severity of what fails; null where nothing does. */
  severity: Severity | null;
  /** The weight of what fails. */
  risk: number;
  /** US dollars a month. */
  saves: number;
}

export interface JudgedKind {
  kind: string;
  /** How many were listed, also those that no check concerns. */
  listed: number;
  counts: Counts;
  /** How many have something that fails. */
  failing: number;
}

/** Every resource that was judged, in the order of the report. */
export function judged(table: FindingTable): JudgedResource[] {
  const all: JudgedResource[] = table.resources.slice(0, table.judged).map((resource) => ({
    ...{ resource, counts: zero(), severity: null, risk: 0, saves: 0 },
  }));
  for (let at = 0; at < table.size; at++) {
    const entry = all[table.resource[at] ?? -1];
    if (entry === undefined) continue;
    const verdict = table.verdictOf(at);
    entry.counts[verdict]++;
    if (verdict !== "fail") continue;
    const severity = table.severityOf(at);
    if (entry.severity === null || SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(entry.severity)) {
      entry.severity = severity;
    }
    entry.risk += weight(severity);
    entry.saves += table.savesOf(at);
  }
  return all;
}

/** The kinds of what was judged or listed, those with most failures first. */
export function kinds(resources: JudgedResource[], reads: ReadRow[]): JudgedKind[] {
  const all = new Map<string, JudgedKind>();
  const of = (kind: string): JudgedKind => {
    let entry = all.get(kind);
    if (entry === undefined) {
      entry = { kind, listed: 0, counts: zero(), failing: 0 };
      all.set(kind, entry);
    }
    return entry;
  };
  for (const { kind, resources: listed } of reads) of(kind).listed += listed;
  for (const { resource, counts } of resources) {
    const entry = of(resource.kind);
    for (const verdict of VERDICTS) entry.counts[verdict] += counts[verdict];
    if (counts.fail > 0) entry.failing++;
  }
  return [...all.values()].sort((a, b) => b.counts.fail - a.counts.fail || (a.kind < b.kind ? -1 : 1));
}

/** Whether a text is in anything that names the resource. */
export function mentions({ resource }: JudgedResource, text: string): boolean {
  const { id, name, arn, account, region } = resource;
  const tags = tagPairs(resource.tags).map(([key, value]) => `${key}=${value}`);
  const wanted = text.toLowerCase();
  return [id, name, arn ?? "", account, region, ...tags].some((own) => own.toLowerCase().includes(wanted));
}

function zero(): Counts {
  return { fail: 0, unknown: 0, exempt: 0, pass: 0, not_applicable: 0 };
}
