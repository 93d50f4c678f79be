/** Sums over failed findings, for the pictures of the overview. */
import { serviceOf } from "./filter";
import { SEVERITIES } from "./report";
import type { BySeverity } from "./report";
import { weight } from "./score";
import type { FindingTable } from "./table";

export interface Fails {
  /** The service or region. */
  name: string;
  fails: BySeverity;
  /** The weight of severities together; what the list is ordered by. */
  risk: number;
}

export function failsByService(table: FindingTable): Fails[] {
  return failsBy(table, (at) => serviceOf(table.checkOf(at)));
}

export function failsByRegion(table: FindingTable): Fails[] {
  return failsBy(table, (at) => table.resourceOf(at).region);
}

function failsBy(table: FindingTable, nameOf: (at: number) => string): Fails[] {
  const all = new Map<string, Fails>();
  for (let at = 0; at < table.size; at++) {
    if (table.verdictOf(at) !== "fail") continue;
    const name = nameOf(at);
    let entry = all.get(name);
    if (entry === undefined) {
      entry = { name, fails: { critical: 0, high: 0, medium: 0, low: 0, info: 0 }, risk: 0 };
      all.set(name, entry);
    }
    const severity = table.severityOf(at);
    entry.fails[severity]++;
    entry.risk += weight(severity);
  }
  return [...all.values()].sort((a, b) => b.risk - a.risk || (a.name < b.name ? -1 : 1));
}

/** The first `most` entries; what is left is added up as "other". */
export function atMost(entries: Fails[], most: number): Fails[] {
  if (entries.length <= most) return entries;
  const other: Fails = {
    name: "other",
    fails: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
    risk: 0,
  };
  for (const { fails, risk } of entries.slice(most - 1)) {
    for (const severity of SEVERITIES) other.fails[severity] += fails[severity];
    other.risk += risk;
  }
  return [...entries.slice(0, most - 1), other];
}

/** Savings in US dollars a month by service, the largest first. */
export function savingsByService(table: FindingTable): { name: string; usd: number }[] {
  const all = new Map<string, number>();
  for (let at = 0; at < table.size; at++) {
    const usd = table.savesOf(at);
    if (usd === 0 || table.verdictOf(at) !== "fail") continue;
    const name = serviceOf(table.checkOf(at));
    all.set(name, (all.get(name) ?? 0) + usd);
  }
  return [...all].map(([name, usd]) => ({ name, usd })).sort((a, b) => b.usd - a.usd);
}

export const AGES = ["under a week", "1 to 4 weeks", "1 to 3 months", "over 3 months"] as const;

/** How long failed findings have been failing, by severity; null where milestones do not tell. */
export function ages(table: FindingTable, today: string): Fails[] | null {
  const bins: Fails[] = AGES.map((name) => ({
    name,
    fails: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
    risk: 0,
  }));
  let known = false;
  for (let at = 0; at < table.size; at++) {
    const since = table.firstFailedOf(at);
    if (since === null || table.verdictOf(at) !== "fail") continue;
    known = true;
    const days = (Date.parse(today) - Date.parse(since)) / 86_400_000;
    const bin = bins[days < 7 ? 0 : days < 28 ? 1 : days < 91 ? 2 : 3];
    if (bin !== undefined) bin.fails[table.severityOf(at)]++;
  }
  return known ? bins : null;
}
