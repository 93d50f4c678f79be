import { expect, test } from "vitest";
import { EVERYTHING, is, readCondition, select, writeCondition } from "./filter";
import type { Condition, Operator } from "./filter";
import type { Finding } from "./report.gen";
import { sampleOf } from "./testing";

const { report, table } = sampleOf(1500);

function found(...conditions: Condition[]): number[] {
  return Array.from(select(table, { any: false, conditions }));
}

function expected(test: (finding: Finding) => boolean): number[] {
  return report.findings.flatMap((finding, at) => (test(finding) ? [at] : []));
}

const where = (property: string | null, operator: Operator, ...values: string[]): Condition => ({
  property,
  operator,
  values,
});

test("no condition selects everything", () => {
  expect(select(table, EVERYTHING)).toHaveLength(1500);
});

test("every property finds what the report says", () => {
  expect(found(is("verdict", "fail"))).toEqual(expected((f) => f.verdict === "fail"));
  expect(found(is("pillar", "security"))).toEqual(expected((f) => f.pillar === "security"));
  expect(found(is("service", "s3"))).toEqual(expected((f) => f.check.startsWith("s3/")));
  expect(found(is("region", "eu-west-1", "global"))).toEqual(
    expected((f) => ["eu-west-1", "global"].includes(f.resource.region)),
  );
  expect(found(is("account", "111122223333"))).toEqual(
    expected((f) => f.resource.account === "111122223333"),
  );
  expect(found(is("kind", "s3.bucket"))).toEqual(expected((f) => f.resource.kind === "s3.bucket"));
  expect(found(is("tag", "Owner=team-3"))).toEqual(
    expected((f) => (f.resource.tags as Record<string, unknown>)["Owner"] === "team-3"),
  );
  const practice = report.findings[0]?.best_practices[0] ?? "";
  expect(found(is("practice", practice))).toEqual(expected((f) => f.best_practices.includes(practice)));
  const check = report.checks[7];
  expect(found(is("check", check?.id ?? ""))).toEqual(expected((f) => f.check === check?.id));
  expect(found(is("framework", `cis ${check?.maps["cis"]?.[0]}`))).toEqual(
    expected((f) => f.check === check?.id),
  );
  expect(found(is("framework", "prowler"))).toHaveLength(1500);
});

test("operators", () => {
  expect(found(where("severity", ">=", "high"))).toEqual(
    expected((f) => f.severity === "high" || f.severity === "critical"),
  );
  expect(found(where("verdict", "!=", "pass"))).toEqual(expected((f) => f.verdict !== "pass"));
  expect(found(where("region", ":", "EU-"))).toEqual(expected((f) => f.resource.region.startsWith("eu-")));
  expect(found(where("region", "!:", "eu-"))).toEqual(expected((f) => !f.resource.region.startsWith("eu-")));
});

test("all conditions hold, or any", () => {
  const conditions = [is("verdict", "fail"), is("region", "global")];
  expect(found(...conditions)).toEqual(
    expected((f) => f.verdict === "fail" && f.resource.region === "global"),
  );
  expect(Array.from(select(table, { any: true, conditions }))).toEqual(
    expected((f) => f.verdict === "fail" || f.resource.region === "global"),
  );
});

test("a search looks at all that a list shows, in any case", () => {
  expect(found(where(null, ":", "DOCUMENT.TITLE")).length).toBeGreaterThan(0);
  const { id } = report.findings[11]?.resource ?? { id: "" };
  expect(found(where(null, ":", id))).toEqual(expected((f) => f.resource.id === id));
});

test("an unknown property or value selects nothing rather than everything", () => {
  expect(found(is("colour", "red"))).toEqual([]);
  expect(found(where("severity", ">=", "terrible"))).toEqual([]);
});

test("conditions survive a link", () => {
  for (const condition of [
    is("tag", "a=b,c", "100%", "x=<script>"),
    where("severity", ">=", "high"),
    where(null, "!:", "a,b"),
  ]) {
    expect(readCondition(writeCondition(condition))).toEqual(condition);
  }
  expect(writeCondition(is("severity", "critical", "high"))).toBe("severity=critical,high");
  expect(readCondition("nonsense")).toBeNull();
  expect(readCondition("tag=%E0%A4%A")).toBeNull();
});
