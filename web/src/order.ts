/** The order of findings in a list, and their groups. */
import type { FindingTable, Positions } from "./table";
import { PILLARS } from "./words";

export const SORTS = [
  "severity",
  "verdict",
  "check",
  "resource",
  "region",
  "account",
  "pillar",
  "practices",
  "saves",
  "since",
] as const;
export type SortKey = (typeof SORTS)[number];

/** What to sort by, and whether from the end. */
export interface Sort {
  key: SortKey;
  descending: boolean;
}

/** Most urgent first: what fails, then by severity. */
export const URGENCY: Sort = { key: "severity", descending: true };

type Compare = (a: number, b: number) => number;

/** The findings in an order. Ties keep the order of the report, which is by check, account and region. */
export function sorted(table: FindingTable, positions: Positions, sort: Sort): Positions {
  const compare = comparing(table, sort.key);
  const direction = sort.descending ? -1 : 1;
  return positions.slice().sort((a, b) => direction * compare(a, b) || a - b);
}

function comparing(table: FindingTable, key: SortKey): Compare {
  const { severity, verdict } = table;
  const code = (column: ArrayLike<number>, at: number) => column[at] ?? 0;
  switch (key) {
    case "severity":
      // A failed finding is more urgent than a passed one, whatever the severity of its check.
      return (a, b) => code(verdict, b) - code(verdict, a) || code(severity, a) - code(severity, b);
    case "verdict":
      return (a, b) => code(verdict, a) - code(verdict, b) || code(severity, b) - code(severity, a);
    case "check":
      return byRank(table.check, ranks(table.checks.map((check) => check.title)));
    case "resource":
      return byRank(table.resource, ranks(table.resources.map((resource) => resource.name)));
    case "region":
      return byRank(table.resource, ranks(table.resources.map((resource) => resource.region)));
    case "account":
      return byRank(table.resource, ranks(table.resources.map((resource) => resource.account)));
    case "pillar":
      return byRank(table.check, ranks(table.checks.map((check) => PILLARS[check.pillar])));
    case "practices":
      return byRank(table.check, ranks(table.checks.map((check) => check.best_practices.join(", "))));
    case "saves":
      return (a, b) => table.savesOf(a) - table.savesOf(b);
    case "since":
      return (a, b) => compareText(table.firstFailedOf(a) ?? "9999", table.firstFailedOf(b) ?? "9999");
  }
}

function byRank(column: Uint32Array, rank: Uint32Array): Compare {
  const of = (at: number) => rank[column[at] ?? 0] ?? 0;
  return (a, b) => of(a) - of(b);
}

/** The place of every text among all, so that findings compare numbers; equal texts have the same. */
function ranks(texts: string[]): Uint32Array {
  const places = new Map([...new Set(texts)].sort(compareText).map((text, place) => [text, place]));
  return Uint32Array.from(texts, (text) => places.get(text) ?? 0);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Findings of one check or one resource. */
export interface Group {
  /** Which check or resource, by its position. */
  of: number;
  findings: number[];
}

/** The findings by check or by resource, in the order in which each first comes. */
export function grouped(table: FindingTable, positions: Positions, by: "check" | "resource"): Group[] {
  const groups = new Map<number, Group>();
  for (const at of positions) {
    const of = table[by][at] ?? 0;
    const group = groups.get(of);
    if (group === undefined) groups.set(of, { of, findings: [at] });
    else group.findings.push(at);
  }
  return [...groups.values()];
}
