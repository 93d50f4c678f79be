/** The improvement plan: failed findings grouped by check, since one kind of change closes all of a check. */
import type { CheckReport, Effort, Severity } from "./report";
import { SEVERITIES } from "./report";
import { score, tallies, total, weight } from "./score";
import type { Tally } from "./score";
import type { FindingTable } from "./table";

/** One change that closes every failed finding of a check. */
export interface Step {
  check: CheckReport;
  /** The failed findings, by position. */
  findings: number[];
  /** The worst severity among them. */
  severity: Severity;
  /** The weight of severities that the score loses to them. */
  risk: number;
  /** US dollars a month. */
  saves: number;
  accounts: number;
  regions: number;
}

/** A step in its place, and what is reached once it and all before it are done. */
export interface PlannedStep extends Step {
  place: number;
  /** Score of the check's pillar before and after the step. */
  pillarBefore: number | null;
  pillarAfter: number | null;
  /** Score over all pillars after the step. */
  scoreAfter: number | null;
  /** Savings of this step and all before it, US dollars a month. */
  savesSoFar: number;
  /** Share of all risk that this step and all before it remove, 0 to 1. */
  riskSoFar: number;
}

export const ORDERS = ["value", "risk", "savings", "effort"] as const;
export type Order = (typeof ORDERS)[number];

/** How much work an effort stands for, in hours: orders of magnitude, no estimates. */
export const HOURS: Record<Effort, number> = { minutes: 0.5, hours: 4, days: 24 };

/** The steps of all failed findings, in no order. */
export function steps(table: FindingTable): Step[] {
  const groups = new Map<number, number[]>();
  for (let at = 0; at < table.size; at++) {
    if (table.verdictOf(at) !== "fail") continue;
    const check = table.check[at] ?? 0;
    const group = groups.get(check);
    if (group === undefined) groups.set(check, [at]);
    else group.push(at);
  }
  return [...groups.values()].map((findings) => step(table, findings));
}

function step(table: FindingTable, findings: number[]): Step {
  const resources = findings.map((at) => table.resourceOf(at));
  const codes = findings.map((at) => table.severity[at] ?? 0);
  return {
    check: table.checkOf(findings[0] ?? 0),
    findings,
    severity: SEVERITIES[codes.reduce((a, b) => Math.max(a, b), 0)] ?? "info",
    risk: findings.reduce((sum, at) => sum + weight(table.severityOf(at)), 0),
    saves: cents(findings.reduce((sum, at) => sum + table.savesOf(at), 0)),
    accounts: new Set(resources.map((r) => r.account)).size,
    regions: new Set(resources.map((r) => r.region)).size,
  };
}

/** The steps that are wanted in an order, with what is reached after each. */
export function plan(
  table: FindingTable,
  order: Order,
  wants: (check: CheckReport) => boolean = () => true,
): PlannedStep[] {
  const wanted = steps(table).filter(({ check }) => wants(check));
  wanted.sort(
    (a, b) => rank(order, b) - rank(order, a) || b.risk - a.risk || compareText(a.check.id, b.check.id),
  );
  const state = new Map(Array.from(tallies(table), ([pillar, tally]) => [pillar, { ...tally }]));
  const allRisk = wanted.reduce((sum, { risk }) => sum + risk, 0);
  let [saves, risk] = [0, 0];
  return wanted.map((step, index) => {
    const tally: Tally = state.get(step.check.pillar) ?? { passed: 0, failed: 0 };
    const pillarBefore = score(tally);
    tally.failed -= step.risk;
    tally.passed += step.risk;
    saves = cents(saves + step.saves);
    risk += step.risk;
    return {
      ...step,
      place: index + 1,
      pillarBefore,
      pillarAfter: score(tally),
      scoreAfter: score(total(state.values())),
      savesSoFar: saves,
      riskSoFar: allRisk === 0 ? 0 : risk / allRisk,
    };
  });
}

/** The score over all pillars as it is. */
export function scoreNow(table: FindingTable): number | null {
  return score(total(tallies(table).values()));
}

function rank(order: Order, step: Step): number {
  switch (order) {
    case "value":
      return step.risk / HOURS[step.check.effort];
    case "risk":
      // The worst severity first: many small risks do not outweigh an exposed secret.
      return SEVERITIES.indexOf(step.severity) * 1e9 + step.risk;
    case "savings":
      return step.saves;
    case "effort":
      return -HOURS[step.check.effort];
  }
}

function cents(usd: number): number {
  return Math.round(usd * 100) / 100;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
