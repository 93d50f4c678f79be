/** A made-up report and its table, for tests. */
import { parts } from "../scripts/embed.mjs";
import { sample } from "../scripts/sample.mjs";
import { earlier } from "../scripts/sample-since.mjs";
import { append, differencesOf, emptyTable } from "./embed";
import type { Details, Head, TableData } from "./embed";
import type { Report } from "./report";
import type { Finding } from "./report.gen";
import { FindingTable } from "./table";
import { visibleDeep } from "./visible";

export type Parts = ReturnType<typeof parts>;

export interface Sample {
  report: Report & { findings: Finding[] };
  head: Head;
  table: FindingTable;
  details: Details[];
}

/** What a page holds of a report, as the page reads it. */
export function decoded({ head: headText, tables, details, differences }: Parts): Omit<Sample, "report"> {
  const head = visibleDeep(JSON.parse(headText) as Head);
  const data = emptyTable();
  for (const block of tables) append(data, visibleDeep(JSON.parse(block) as TableData));
  const table = new FindingTable(head, data, differences.flatMap(differencesOf));
  const lines = details.flatMap((block) => block.split("\n"));
  return { head, table, details: lines.map((line) => JSON.parse(line) as Details) };
}

/** A report of so many findings, as the page reads it; `diff` makes it one that `diff` wrote. */
export function sampleOf(size: number, { diff = false } = {}): Sample {
  const report = sample(size) as unknown as Sample["report"];
  return { report, ...decoded(parts(report, diff ? earlier(report) : null)) };
}
