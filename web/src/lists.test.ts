import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { cell, csv, NAMES } from "./csv";
import { merged, statement } from "./gaps";
import { judged, kinds } from "./inventory";
import { grouped, sorted, URGENCY } from "./order";
import type { SortKey } from "./order";
import { BILLED, paidCalls } from "./paid";
import { places } from "./places";
import { SEVERITIES } from "./report";
import { sampleOf } from "./testing";
import type { Fails } from "./totals";
import { ages, atMost, failsByRegion, failsByService, savingsByService } from "./totals";
import { visible } from "./visible";
import { PILLARS } from "./words";

const { report, head, table, details } = sampleOf(1500);

const vectors = JSON.parse(
  readFileSync(new URL("../../tests/vectors/csv-cells.json", import.meta.url), "utf8"),
) as { columns: string[]; cells: { text: string; cell: string }[] };

test("the CSV is what the program writes: its columns, and no cell that is a formula", () => {
  expect(NAMES).toEqual(vectors.columns);
  for (const { text, cell: wanted } of vectors.cells) {
    expect(cell(text), JSON.stringify(text)).toBe(wanted);
    expect(cell(visible(text)), `${JSON.stringify(text)} as the page has it`).toBe(wanted);
  }
});

test("the CSV has a line for each finding, with its gaps, remedy and exemption", async () => {
  const rows = table.rows(table.all());
  const text = await csv(rows, (at) => Promise.resolve(details[at] ?? {}));
  const lines = text.trimEnd().split("\n");
  expect(lines).toHaveLength(1 + report.findings.length);
  const lineOf = (verdict: string) => lines[1 + rows.findIndex((row) => row.verdict === verdict)] ?? "";
  expect(lineOf("unknown")).toContain("(AccessDenied),,,,,");
  expect(lineOf("fail")).toContain(",aws ec2 modify-instance-attribute ");
  expect(lineOf("exempt")).toMatch(/,Accepted for the migration,platform,2027-03-31$/);
  expect(lineOf("pass")).toMatch(/,{7}$/);
});

test("the most urgent comes first", () => {
  const rows = table.rows(sorted(table, table.all(), URGENCY));
  const order = rows.map(
    ({ verdict, severity }) => [verdict === "fail" ? 0 : 1, -SEVERITIES.indexOf(severity)] as const,
  );
  const fails = order.filter(([verdict]) => verdict === 0);
  expect(order.slice(0, fails.length)).toEqual(fails);
  expect(fails.map(([, severity]) => severity)).toEqual(fails.map(([, s]) => s).sort((a, b) => a - b));
});

test("sorting by name goes both ways", () => {
  const names = table
    .rows(sorted(table, table.all(), { key: "resource", descending: true }))
    .map((row) => row.resource.name);
  expect(names).toEqual([...names].sort().reverse());
});

test("findings are sorted by pillar, best practice and age", () => {
  const by = (key: SortKey) => table.rows(sorted(table, table.all(), { key, descending: false }));
  const pillars = by("pillar").map((row) => PILLARS[row.check.pillar]);
  expect(pillars).toEqual([...pillars].sort());
  const practices = by("practices").map((row) => row.check.best_practices.join(", "));
  expect(practices).toEqual([...practices].sort());
  const days = by("since").map((row) => row.firstFailed ?? "9999");
  expect(days).toEqual([...days].sort());
  expect(days[0]).toMatch(/^20/);
});

test("groups hold every finding once", () => {
  const groups = grouped(table, table.all(), "resource");
  expect(groups.flatMap(({ findings }) => findings)).toHaveLength(1500);
  expect(new Set(groups.map(({ of }) => of)).size).toBe(groups.length);
});

test("kinds and resources add up to all findings", () => {
  const resources = judged(table);
  const all = resources
    .flatMap(({ counts }) => Object.values<number>({ ...counts }))
    .reduce((a, b) => a + b, 0);
  expect(all).toBe(1500);
  const failing = kinds(resources, report.reads).reduce((sum, { counts }) => sum + counts.fail, 0);
  expect(failing).toBe(report.pillars.reduce((sum, { counts }) => sum + counts.fail, 0));
});

test("pictures show as much as the report counts", () => {
  const failed = report.pillars.reduce((sum, { counts }) => sum + counts.fail, 0);
  const sum = (entries: Fails[]) =>
    entries.flatMap(({ fails }) => Object.values<number>({ ...fails })).reduce((a, b) => a + b, 0);
  expect(sum(failsByService(table))).toBe(failed);
  expect(sum(atMost(failsByRegion(table), 2))).toBe(failed);
  expect(sum(ages(table, report.scan.finished) ?? [])).toBe(failed);
  const saved = savingsByService(table).reduce((sum, { usd }) => sum + usd, 0);
  expect(saved).toBeCloseTo(report.savings.usd_month, 6);
});

test("a region of which nothing was read is still there", () => {
  const scan = {
    ...head.scan,
    accounts: [{ id: "1", partition: "aws", regions: ["eu-west-1", "us-east-1"] }],
  };
  const all = places({ scan, reads: [], gaps: [], calls: [] });
  expect(all.map(({ region, complete, calls }) => [region, complete, calls])).toEqual([
    ["eu-west-1", 0, 0],
    ["us-east-1", 0, 0],
  ]);
});

test("a call before the account was known is not a region that was not read", () => {
  const [call] = head.calls;
  if (call === undefined) throw new Error("no calls");
  const unknown = { ...call, account: "unidentified", region: "eu-west-1", calls: 1 };
  const all = places({ ...head, calls: [...head.calls, unknown] });
  expect(all).toEqual(places(head));
  expect(all.map(({ account }) => account)).not.toContain("unidentified");
});

test("the billed calls are those of the program that have a price", () => {
  const program = new URL("../../src/", import.meta.url).pathname;
  const priced = /call!\(\s*"([a-z0-9-]+)",\s*"([A-Za-z0-9]+)",[^)]*price: Price::(?!Free)/g;
  const files = readdirSync(program, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".rs"));
  // Tests of the program price calls as they need.
  const calls = files.flatMap((file) => {
    const [code = ""] = readFileSync(program + file, "utf8").split("#[cfg(test)]");
    return [...code.matchAll(priced)];
  });
  // One operation may be declared for several kinds.
  const found = [...new Set(calls.map(([, service, operation]) => `${service ?? ""}:${operation ?? ""}`))];
  expect(found).toEqual(BILLED);
  const [call] = head.calls;
  if (call === undefined) throw new Error("no calls");
  const paid = { ...call, service: "cloudwatch", operation: "GetMetricData", calls: 7 };
  expect(paidCalls([call, paid])).toBe(7);
});

test("one statement closes all that was denied, and nothing else", () => {
  const parsed = JSON.parse(statement(head.gaps) ?? "") as { Action: string[] };
  const denied = head.gaps.filter(({ cause }) => cause === "denied").map(({ action }) => action);
  expect(new Set(parsed.Action)).toEqual(new Set(denied));
  expect(statement([])).toBeNull();
  expect(merged(head.gaps).reduce((sum, { evaluations }) => sum + evaluations, 0)).toBe(
    head.gaps.reduce((sum, { evaluations }) => sum + evaluations, 0),
  );
});
