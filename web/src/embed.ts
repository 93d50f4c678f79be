/**
 * # How a report is put into the page
 *
 * The page has two places for the report. The program (`src/report/html`) puts script elements there that the
 * browser does not run:
 *
 * ```html
 * <script type="application/octet-stream;base64" id="report-head">H4sI…</script>
 * (the page's own script)
 * <script type="application/octet-stream;base64" id="report-table-0">H4sI…</script>
 * <script type="application/octet-stream;base64" id="report-details-0">H4sI…</script>
 * <script type="application/octet-stream;base64" id="report-table-1">H4sI…</script>
 * ```
 *
 * Each holds standard base64 (with padding, no line breaks) of gzip of UTF-8 text. The alphabet of base64
 * cannot end a script element, so nothing in a report can become markup.
 *
 * - `report-head` ({@link Head}): `report.json` without `findings`, and without `comparison.findings` and
 *   `comparison.first_failed`; plus `embed`. The overview needs nothing else, and stands before the browser
 *   has read the rest.
 * - `report-table-N` ({@link TableData}): what the lists filter and sort by, in columns, for a block of
 *   `embed.block` findings. The table's columns are those of its blocks one after the other.
 * - `report-details-N` ({@link Details}): what only an opened finding shows, one line of JSON per finding. It
 *   is unpacked when the first of its findings is opened.
 *
 * A page that `diff` writes has more, for what only the earlier report holds or only a comparison knows:
 *
 * - in the head, `embed.differences`: how many rows there are, also where that is none; and
 *   `comparison.checks`: the earlier report's checks that the rows name and this report's `checks` have not.
 * - `report-differences-N` ({@link Difference}): rows of `diff.json` as lines of JSON, `embed.block` in each;
 *   those whose `is` is null, for no finding of this report tells of them, and those that have a `why`.
 *
 * `scripts/embed.mjs` does the same for the tests.
 */
import type { Change, CheckReport, Comparison, Exemption, Gap, Report, Resource } from "./report";
import type { Severity, Tags, Verdict, Why } from "./report";
import { visibleDeep } from "./visible";

/** The version of this form. */
export const EMBED = "sixpillars/embed/1";

export interface Head extends Omit<Report, "findings" | "comparison"> {
  embed: {
    schema: string;
    /** How many findings there are. */
    findings: number;
    /** How many findings a block of details holds. */
    block: number;
    /** How many rows `diff` adds; left out where it did not write the page. */
    differences?: number;
  };
  comparison?: (Omit<Comparison, "findings" | "first_failed"> & { checks?: CheckReport[] }) | null;
}

/** What became of a finding, as a row of `diff.json` has it. */
export interface Difference {
  id: string;
  change: Change;
  why?: Why | null;
  /** The verdict in the earlier report. */
  was?: Verdict | null;
  /** The verdict in this report; null where it has no such finding. */
  is?: Verdict | null;
  check: string;
  severity: Severity;
  resource: Resource;
  say: string;
  /** What could not be read, where it is unknown now. */
  gaps: Gap[];
  first_failed?: string | null;
}

/**
 * Columns have one entry per resource or finding, in the order of `report.json`. What findings of one check or
 * resource share is there once: `title`, `pillar`, `best_practices`, `fix.text` and `fix.effort` are the check's
 * (`checks` in the head), everything of the resource is in the table of resources.
 */
export interface TableData {
  resources: {
    /** What the columns of the same name point into. */
    kinds: string[];
    accounts: string[];
    regions: string[];
    tag_sets: (Tags | null)[];

    kind: number[];
    account: number[];
    region: number[];
    tags: number[];
    id: string[];
    /** Null where it is the id. */
    name: (string | null)[];
    arn: (string | null)[];
  };
  findings: {
    id: string[];
    /** Positions in the head's `checks`. */
    check: number[];
    /** Positions in the columns of `resources`. */
    resource: number[];
    /** Positions in `SEVERITIES`. */
    severity: number[];
    /** Positions in `VERDICTS`. */
    verdict: number[];
    say: string[];
    /** Pairs of a finding's position and `saves_usd_month`, where it is known. */
    saves: [number, number][];
    /** Pairs of a finding's position and what became of it, where there is a comparison. */
    change: [number, Change][];
    /** Pairs of a finding's position and a day, where milestones tell when it first failed. */
    first_failed: [number, string][];
  };
}

/** Keys are left out where the finding has none or it is empty. */
export interface Details {
  evidence?: Record<string, unknown>;
  gaps?: Gap[];
  cli?: string;
  terraform?: string;
  exemption?: Exemption;
}

/** Reads an embedded part; `null` where the page has none of that name. */
export async function part(name: string): Promise<string | null> {
  const element = document.getElementById(`report-${name}`);
  if (element === null) return null;
  return gunzip(bytes(element.textContent));
}

/** Unpacks gzip to text. */
export async function gunzip(packed: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Response(packed).body?.pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64.trim());
  const array = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) array[i] = binary.charCodeAt(i);
  return array;
}

/** The head of the embedded report. Fails where there is none, or of a form that this page does not know. */
export async function readHead(): Promise<Head> {
  const text = await part("head");
  if (text === null) throw new Error("This file is the empty page: it holds no report.");
  const head = JSON.parse(text) as Head;
  if (head.embed.schema !== EMBED)
    throw new Error(`This page cannot read a report of form ${head.embed.schema}.`);
  return visibleDeep(head);
}

/** The table of the embedded report, once the browser has read the page to its end. */
export async function readTable(head: Head): Promise<TableData> {
  await arrived();
  const blocks = Math.ceil(head.embed.findings / head.embed.block);
  const table = emptyTable();
  for (let number = 0; number < blocks; number++) {
    const text = await part(`table-${number}`);
    if (text === null) throw new Error("The report is cut off: a part of its findings is missing.");
    append(table, visibleDeep(JSON.parse(text) as TableData));
  }
  return table;
}

/** What `diff` knows beside the report; nothing where another command wrote the page. */
export async function readDifferences(head: Head): Promise<Difference[]> {
  await arrived();
  const blocks = Math.ceil((head.embed.differences ?? 0) / head.embed.block);
  const rows: Difference[] = [];
  for (let number = 0; number < blocks; number++) {
    const text = await part(`differences-${number}`);
    if (text === null) throw new Error("The report is cut off: a part of its differences is missing.");
    rows.push(...differencesOf(text));
  }
  return rows;
}

/** The rows of one part. */
export function differencesOf(text: string): Difference[] {
  return text.split("\n").map((line) => visibleDeep(JSON.parse(line) as Difference));
}

/** Until then an element may be there in half. */
function arrived(): Promise<void> {
  if (document.readyState !== "loading") return Promise.resolve();
  return new Promise((resolve) =>
    document.addEventListener("DOMContentLoaded", () => resolve(), { once: true }),
  );
}

/** A table of nothing. */
export function emptyTable(): TableData {
  const names = { kinds: [], accounts: [], regions: [], tag_sets: [] };
  const resources = { kind: [], account: [], region: [], tags: [], id: [], name: [], arn: [] };
  const findings = { id: [], check: [], resource: [], severity: [], verdict: [], say: [] };
  return {
    resources: { ...names, ...resources },
    findings: { ...findings, saves: [], change: [], first_failed: [] },
  };
}

/** Puts a block's columns under those of a table. */
export function append(table: TableData, block: TableData): void {
  const under = (columns: object, more: object) => {
    const added = more as Record<string, unknown[]>;
    for (const [name, column] of Object.entries(columns) as [string, unknown[]][])
      column.push(...(added[name] ?? []));
  };
  under(table.resources, block.resources);
  under(table.findings, block.findings);
}

const blocks = new Map<number, Promise<string[]>>();

/** The details of the finding at a position. */
export async function readDetails(head: Head, position: number): Promise<Details> {
  const size = head.embed.block;
  const number = Math.floor(position / size);
  let block = blocks.get(number);
  if (block === undefined) {
    block = arrived()
      .then(() => part(`details-${number}`))
      .then((text) => text?.split("\n") ?? []);
    blocks.set(number, block);
  }
  const line = (await block)[position % size];
  if (line === undefined) throw new Error("The report is cut off: the details of this finding are missing.");
  return visibleDeep(JSON.parse(line) as Details);
}
