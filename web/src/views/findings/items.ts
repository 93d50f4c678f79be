import type { Group } from "../../order";
import type { CheckReport, Counts, Severity } from "../../report";
import { SEVERITIES } from "../../report";
import type { FindingTable, ResourceRow, Row } from "../../table";

/** How many findings of a group are listed below it; the rest is a link away. */
const LISTED = 25;

/** A line of the list. */
export type Item =
  | { type: "finding"; row: Row; under?: "check" | "resource" }
  | {
      type: "group";
      by: "check" | "resource";
      check: CheckReport;
      resource: ResourceRow;
      findings: number[];
      counts: Counts;
      /** The worst severity of what fails; null where nothing does. */
      severity: Severity | null;
      saves: number;
    }
  | { type: "more"; of: Extract<Item, { type: "group" }>; left: number };

export function keyOf(item: Item): string {
  switch (item.type) {
    case "finding":
      return item.row.id;
    case "group":
      return `${item.by} ${item.by === "check" ? item.check.id : item.resource.key}`;
    case "more":
      return `more ${keyOf(item.of)}`;
  }
}

export function findingItem(row: Row, under?: "check" | "resource"): Item {
  return { type: "finding", row, ...(under && { under }) };
}

export function groupItem(table: FindingTable, by: "check" | "resource", { findings }: Group): Item {
  const counts: Counts = { fail: 0, unknown: 0, exempt: 0, pass: 0, not_applicable: 0 };
  let [worst, saves] = [-1, 0];
  for (const at of findings) {
    if (table.isFormer(at)) continue;
    const verdict = table.verdictOf(at);
    counts[verdict]++;
    if (verdict !== "fail") continue;
    worst = Math.max(worst, table.severity[at] ?? 0);
    saves += table.savesOf(at);
  }
  const first = findings[0] ?? 0;
  return {
    type: "group",
    by,
    check: table.checkOf(first),
    resource: table.resourceOf(first),
    findings,
    counts,
    severity: SEVERITIES[worst] ?? null,
    saves,
  };
}

/** The lines below a group. */
export function childrenOf(table: FindingTable, item: Item): Item[] {
  if (item.type !== "group") return [];
  const listed: Item[] = table.rows(item.findings.slice(0, LISTED)).map((row) => findingItem(row, item.by));
  const left = item.findings.length - LISTED;
  return left > 0 ? [...listed, { type: "more", of: item, left }] : listed;
}
