/** The current list as CSV, cell by cell what `src/report/csv.rs` writes of the same findings. */
import type { Details } from "./embed";
import { clean, inOrder } from "./clean";
import { tagPairs } from "./table";
import type { Row } from "./table";
import { hidden } from "./visible";

type Cell = (row: Row, details: Details) => string | number | null | undefined;

const COLUMNS: [string, Cell][] = [
  ["id", (row) => row.id],
  ["verdict", (row) => row.verdict],
  ["severity", (row) => row.severity],
  ["pillar", (row) => row.check.pillar],
  ["check", (row) => row.check.id],
  ["title", (row) => row.check.title],
  ["best_practices", (row) => row.check.best_practices.join(LIST)],
  ["account", (row) => row.resource.account],
  ["region", (row) => row.resource.region],
  ["kind", (row) => row.resource.kind],
  ["resource_id", (row) => row.resource.id],
  ["resource_name", (row) => row.resource.name],
  ["arn", (row) => row.resource.arn],
  ["tags", (row) => tags(row).join(LIST)],
  ["say", (row) => row.say],
  ["gaps", (_, { gaps = [] }) => gaps.map((g) => `${g.action} ${g.cause} (${g.detail})`).join(LIST)],
  // A finding has a remedy where the resource has the flaw.
  ["fix", (row) => (row.verdict === "fail" || row.verdict === "exempt" ? row.check.fix : null)],
  ["cli", (_, { cli }) => cli],
  ["saves_usd_month", (row) => row.saves],
  ["exemption_reason", (_, { exemption }) => exemption?.reason],
  ["exemption_owner", (_, { exemption }) => exemption?.owner],
  ["exemption_expires", (_, { exemption }) => exemption?.expires],
];

/** Between what a cell lists. */
const LIST = "; ";

/** The names of the columns. */
export const NAMES: readonly string[] = COLUMNS.map(([name]) => name);

/** CSV after RFC 4180 with line feeds, as the program writes it: commas, a header, quotes where needed. */
export async function csv(
  rows: readonly Row[],
  detailsOf: (position: number) => Promise<Details>,
): Promise<string> {
  const lines = [NAMES.join(",")];
  for (const row of rows) {
    const details = await detailsOf(row.at);
    const cells = COLUMNS.map(([, value]) => quoted(cell(String(value(row, details) ?? ""))));
    lines.push(cells.join(","));
  }
  return lines.join("\n") + "\n";
}

function tags({ resource }: Row): string[] {
  return tagPairs(resource.tags)
    .sort(([a], [b]) => inOrder(hidden(a), hidden(b)))
    .map(([key, value]) => `${key}=${value}`);
}

/**
 * Cleaned text that no spreadsheet takes for a formula: an apostrophe goes before the characters that begin
 * one (OWASP ASVS 1.2.10). Plain numbers stay numbers. `tests/vectors/csv-cells.json` holds this and the
 * program to the same rule.
 */
export function cell(text: string): string {
  const cleaned = clean(text);
  const start = cleaned.trimStart();
  // Tabs and line ends are blanks by now. The wide forms begin a formula in some locales.
  return /^[=+\-@＝＋－＠]/.test(start) && !isNumber(start.trimEnd()) ? `'${cleaned}` : cleaned;
}

function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
