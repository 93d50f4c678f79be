import { expect, test } from "vitest";
import { HOURS, plan, scoreNow } from "./plan";
import { score, tallies, total, weight } from "./score";
import { sampleOf } from "./testing";

const { report, table } = sampleOf(2000);

test("scores are those of the report", () => {
  const own = tallies(table);
  for (const pillar of report.pillars) {
    expect(score(own.get(pillar.pillar) ?? { passed: 0, failed: 0 })).toBe(pillar.score);
  }
});

test("a score is rounded down, and is not there where nothing was decided", () => {
  expect(score({ passed: 0, failed: 0 })).toBeNull();
  expect(score({ passed: 999, failed: 1 })).toBe(99);
  expect(score({ passed: 7, failed: 0 })).toBe(100);
  expect([weight("info"), weight("critical")]).toEqual([1, 16]);
});

test("the whole plan closes everything, once", () => {
  const steps = plan(table, "value");
  const closed = steps.flatMap(({ findings }) => findings);
  const failed = report.findings.flatMap(({ verdict }, at) => (verdict === "fail" ? [at] : []));
  expect([...closed].sort((a, b) => a - b)).toEqual(failed);
  expect(steps.at(-1)).toMatchObject({ scoreAfter: 100, riskSoFar: 1, savesSoFar: report.savings.usd_month });
  expect(scoreNow(table)).toBe(score(total(tallies(table).values())));
});

test("running totals only grow, and each step begins where its pillar stood", () => {
  const pillars = new Map(report.pillars.map(({ pillar, score }) => [pillar, score]));
  let [before, saved] = [scoreNow(table) ?? 0, 0];
  for (const step of plan(table, "value")) {
    expect(step.pillarBefore).toBe(pillars.get(step.check.pillar));
    pillars.set(step.check.pillar, step.pillarAfter);
    expect(step.scoreAfter).toBeGreaterThanOrEqual(before);
    before = step.scoreAfter ?? 0;
    expect(step.savesSoFar).toBeCloseTo(saved + step.saves, 6);
    saved = step.savesSoFar;
  }
});

test("orders", () => {
  const value = plan(table, "value").map(({ risk, check }) => risk / HOURS[check.effort]);
  expect(value).toEqual([...value].sort((a, b) => b - a));
  const savings = plan(table, "savings").map(({ saves }) => saves);
  expect(savings).toEqual([...savings].sort((a, b) => b - a));
  expect(plan(table, "risk")[0]?.severity).toBe("critical");
  expect(plan(table, "effort")[0]?.check.effort).toBe("minutes");
});

test("a plan of one pillar leaves the others as they are", () => {
  const steps = plan(table, "value", ({ pillar }) => pillar === "security");
  expect(steps.every(({ check }) => check.pillar === "security")).toBe(true);
  expect(steps.at(-1)).toMatchObject({ pillarAfter: 100 });
  expect(steps.at(-1)?.scoreAfter).toBeLessThan(100);
});
