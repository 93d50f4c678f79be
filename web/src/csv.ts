/** The current list as CSV, for spreadsheets. */
import { tagPairs } from "./table";
import type { Row } from "./table";

const COLUMNS: [string, (row: Row) => string][] = [
  ["id", (row) => row.id],
  ["verdict", (row) => row.verdict],
  ["severity", (row) => row.severity],
  ["pillar", (row) => row.check.pillar],
  ["check", (row) => row.check.id],
  ["title", (row) => row.check.title],
  ["best_practices", (row) => row.check.best_practices.join(" ")],
  ["account", (row) => row.resource.account],
  ["region", (row) => row.resource.region],
  ["kind", (row) => row.resource.kind],
  ["resource", (row) => row.resource.id],
  ["name", (row) => row.resource.name],
  ["arn", (row) => row.resource.arn ?? ""],
  [
    "tags",
    (row) =>
      tagPairs(row.resource.tags)
        .map(([key, value]) => `${key}=${value}`)
        .join("; "),
  ],
  ["say", (row) => row.say],
  ["saves_usd_month", (row) => row.saves?.toFixed(2) ?? ""],
  ["effort", (row) => row.check.effort],
];

/** CSV after RFC 4180: commas, CRLF, a header, quotes where needed. */
export function csv(rows: Iterable<Row>): string {
  const lines = [COLUMNS.map(([name]) => name).join(",")];
  for (const row of rows) lines.push(COLUMNS.map(([, value]) => cell(value(row))).join(","));
  return lines.join("\r\n") + "\r\n";
}

/**
 * A cell that no spreadsheet takes for a formula: a text that begins like one gets an apostrophe in front,
 * as OWASP advises.
 */
export function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
