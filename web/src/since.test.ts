import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020";
import formats from "ajv-formats";
import { expect, test } from "vitest";
import { earlier } from "../scripts/sample-since.mjs";
import { is, select } from "./filter";
import type { Condition } from "./filter";
import { judged } from "./inventory";
import { WHYS } from "./report";
import { sampleOf } from "./testing";

const { report, head, table } = sampleOf(1500, { diff: true });
const plain = sampleOf(1500).table;

const found = (...conditions: Condition[]) => table.rows(select(table, { any: false, conditions }));

test("what only the earlier report has is listed where what became of findings is shown", () => {
  const gone = found(is("change", "gone"));
  expect(gone).toHaveLength(report.comparison?.counts.gone ?? -1);
  expect(gone.every(({ former, verdict }) => former && verdict === "fail")).toBe(true);
  expect(gone.map(({ resource }) => resource.name)).toContain("<script>document.title='gone'</script>");
  const [notRun] = found(is("change", "changed"), is("check", "ec2/old-flaw"));
  expect(notRun).toMatchObject({ former: true, difference: { why: "check_not_run" } });
  const [exempted] = found(is("change", "changed"), is("verdict", "exempt"));
  expect(exempted).toMatchObject({ former: false, difference: { why: "exempted" } });
  expect(found(is("change", "became_unknown"))[0]?.difference?.gaps).toHaveLength(1);
});

test("every change that the comparison counts is listed", () => {
  for (const [change, count] of Object.entries<number>({ ...report.comparison?.counts }))
    expect(found(is("change", change)), change).toHaveLength(count);
});

test("nothing that counts findings counts those of the earlier report", () => {
  expect(table.size).toBe(1500);
  expect(select(table, { any: false, conditions: [] })).toHaveLength(1500);
  expect(found(is("verdict", "fail"))).toHaveLength(plain.rows(select(plain, fails)).length);
  expect(found(is("change", "gone"), is("verdict", "fail"))).toEqual([]);
  expect(judged(table)).toEqual(judged(plain));
});

const fails = { any: false, conditions: [is("verdict", "fail")] };

test("a page that another command wrote has none of it", () => {
  expect(select(plain, { any: false, conditions: [is("change", "gone")] })).toHaveLength(0);
  expect(plain.row(0).difference).toBeNull();
});

test("the rows are those of a diff, and the reasons are the program's", () => {
  const schema = JSON.parse(
    readFileSync(new URL("../../schemas/diff.schema.json", import.meta.url), "utf8"),
  ) as { $defs: { Why: { oneOf: { const: string }[] } } };
  const ajv = new Ajv({ allowUnionTypes: true, strict: false, logger: false });
  formats(ajv);
  ajv.addSchema(schema, "diff");
  for (const row of earlier(report).differences)
    expect(ajv.validate("diff#/$defs/DiffRow", row), JSON.stringify(ajv.errors)).toBe(true);
  expect(schema.$defs.Why.oneOf.map((why) => why.const)).toEqual(WHYS);
  expect(head.embed.differences).toBe(11);
});
