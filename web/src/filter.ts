/**
 * Filters over the table. A condition is about a check, a resource or a single finding; it is decided once per
 * check or resource, and then looked up, which keeps 100,000 findings quick.
 */
import { CHANGES, SEVERITIES, VERDICTS } from "./report";
import type { CheckReport } from "./report";
import { tagPairs } from "./table";
import type { FindingTable, Positions, ResourceRow } from "./table";

/** Equal, not equal, contains, does not contain, at least. */
export const OPERATORS = ["=", "!=", ":", "!:", ">="] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Condition {
  /** A property; none for a search in all texts. */
  property: string | null;
  operator: Operator;
  /** Any of these. */
  values: string[];
}

export interface Query {
  /** Whether one condition that holds is enough. */
  any: boolean;
  conditions: Condition[];
}

export const EVERYTHING: Query = { any: false, conditions: [] };

type OfCheck = { of: "check"; values: (check: CheckReport) => string[] };
type OfResource = { of: "resource"; values: (resource: ResourceRow) => string[] };
type OfFinding = { of: "finding"; values: (table: FindingTable, at: number) => string[] };
export type Property = { id: string; label: string; plural: string } & (OfCheck | OfResource | OfFinding);

/** The service of a check, the first part of its id: `s3/bucket-public` is about `s3`. */
export function serviceOf(check: { id: string }): string {
  return check.id.split("/")[0] ?? check.id;
}

export const PROPERTIES: Property[] = [
  { id: "pillar", label: "Pillar", plural: "Pillars", of: "check", values: (c) => [c.pillar] },
  { id: "check", label: "Check", plural: "Checks", of: "check", values: (c) => [c.id] },
  {
    id: "severity",
    label: "Severity",
    plural: "Severities",
    of: "finding",
    values: (t, at) => [t.severityOf(at)],
  },
  {
    id: "verdict",
    label: "Verdict",
    plural: "Verdicts",
    of: "finding",
    // What only the earlier report has, has no verdict in this one.
    values: (t, at) => (t.isFormer(at) ? [] : [t.verdictOf(at)]),
  },
  { id: "service", label: "Service", plural: "Services", of: "check", values: (c) => [serviceOf(c)] },
  { id: "region", label: "Region", plural: "Regions", of: "resource", values: (r) => [r.region] },
  { id: "account", label: "Account", plural: "Accounts", of: "resource", values: (r) => [r.account] },
  { id: "kind", label: "Resource kind", plural: "Resource kinds", of: "resource", values: (r) => [r.kind] },
  {
    id: "resource",
    label: "Resource",
    plural: "Resources",
    of: "resource",
    values: (r) => [r.id, r.name, r.key, ...(r.arn === null ? [] : [r.arn])],
  },
  {
    id: "tag",
    label: "Tag",
    plural: "Tags",
    of: "resource",
    values: (r) => tagPairs(r.tags).map(([k, v]) => `${k}=${v}`),
  },
  {
    id: "practice",
    label: "Best practice",
    plural: "Best practices",
    of: "check",
    values: (c) => c.best_practices,
  },
  {
    id: "framework",
    label: "Mapped framework",
    plural: "Mapped frameworks",
    of: "check",
    values: (c) =>
      Object.entries(c.maps).flatMap(([name, ids]) => [name, ...ids.map((id) => `${name} ${id}`)]),
  },
  { id: "effort", label: "Effort", plural: "Efforts", of: "check", values: (c) => [c.effort] },
  {
    id: "change",
    label: "Since baseline",
    plural: "Since baseline",
    of: "finding",
    values: (t, at) => [t.changeOf(at) ?? "unchanged"],
  },
];

/** The values that a property can be compared with, where they are few enough to be offered. */
export function offered(table: FindingTable, property: Property): string[] {
  if (property.id === "severity") return [...SEVERITIES].reverse();
  if (property.id === "verdict") return [...VERDICTS];
  if (property.id === "change") return [...CHANGES, "unchanged"];
  const values = new Set<string>();
  if (property.of === "check")
    for (const check of table.checks) property.values(check).forEach((v) => values.add(v));
  if (property.of === "resource" && property.id !== "resource") {
    for (const resource of table.resources) {
      property.values(resource).forEach((v) => values.add(v));
      if (values.size > 1_000) break;
    }
  }
  return [...values].sort();
}

/**
 * The findings that a query selects, in their order. An unknown property selects nothing. Findings of the
 * earlier report alone are among them only where the query asks what became of findings.
 */
export function select(table: FindingTable, query: Query): Positions {
  const tests = query.conditions.map((condition) => compile(table, condition));
  if (tests.length === 0) return table.all();
  const former = query.conditions.some(({ property }) => property === "change");
  const holds: Test = query.any ? (at) => tests.some((t) => t(at)) : (at) => tests.every((t) => t(at));
  return table.where(holds, { former });
}

type Test = (at: number) => boolean;

function compile(table: FindingTable, condition: Condition): Test {
  if (condition.property === null) return search(table, condition);
  const property = PROPERTIES.find(({ id }) => id === condition.property);
  if (property === undefined) return () => false;
  const holds = comparison(condition);
  switch (property.of) {
    case "check": {
      const decided = table.checks.map((check) => holds(property.values(check)));
      return (at) => decided[table.check[at] ?? -1] ?? false;
    }
    case "resource": {
      const decided = table.resources.map((resource) => holds(property.values(resource)));
      return (at) => decided[table.resource[at] ?? -1] ?? false;
    }
    case "finding":
      return (at) => holds(property.values(table, at));
  }
}

/** Whether the values that something has are as the condition wants them. */
function comparison({ property, operator, values }: Condition): (has: string[]) => boolean {
  const wanted = values.map((value) => value.toLowerCase());
  const exactly = new Set(values);
  const equal = (has: string[]) => has.some((value) => exactly.has(value));
  const contains = (has: string[]) =>
    has.some((value) => wanted.some((part) => value.toLowerCase().includes(part)));
  switch (operator) {
    case "=":
      return equal;
    case "!=":
      return (has) => !equal(has);
    case ":":
      return contains;
    case "!:":
      return (has) => !contains(has);
    case ">=": {
      const order: readonly string[] = property === "severity" ? SEVERITIES : [];
      const least = Math.min(...values.map((value) => order.indexOf(value)));
      return (has) => least >= 0 && has.some((value) => order.indexOf(value) >= least);
    }
  }
}

/** A search in everything that a list shows of a finding. */
function search(table: FindingTable, { operator, values }: Condition): Test {
  const wanted = values.map((value) => value.toLowerCase());
  const found = (texts: string[]) =>
    wanted.some((part) => texts.some((text) => text.toLowerCase().includes(part)));
  const checks = table.checks.map((c) => found([c.id, c.title, ...c.best_practices]));
  const resources = table.resources.map((r) =>
    found([
      r.id,
      r.name,
      r.arn ?? "",
      r.kind,
      r.account,
      r.region,
      ...tagPairs(r.tags).map(([k, v]) => `${k}=${v}`),
    ]),
  );
  const holds: Test = (at) =>
    (checks[table.check[at] ?? -1] ?? false) ||
    (resources[table.resource[at] ?? -1] ?? false) ||
    found([table.say[at] ?? "", table.id[at] ?? ""]);
  return operator === "!:" || operator === "!=" ? (at) => !holds(at) : holds;
}

/** Conditions as a link has them: `severity>=high`, `tag=Owner%3Dweb,Owner%3Dshop`, `:bucket`. */
export function writeCondition({ property, operator, values }: Condition): string {
  return `${property ?? ""}${operator}${values.map(escape).join(",")}`;
}

/** The condition of a link; null where the text is none. */
export function readCondition(text: string): Condition | null {
  const match = /^([a-z]*)(>=|!=|!:|=|:)(.*)$/s.exec(text);
  if (match === null) return null;
  const [, property = "", operator = "=", values = ""] = match;
  try {
    return {
      property: property === "" ? null : property,
      operator: operator as Operator,
      values: values.split(",").map(decodeURIComponent),
    };
  } catch {
    return null;
  }
}

/** Escaped only as far as needed, so that links can be read. */
function escape(value: string): string {
  return value.replace(/[%,]/g, (c) => encodeURIComponent(c));
}

/** A condition that a property has one of some values. */
export function is(property: string, ...values: string[]): Condition {
  return { property, operator: "=", values };
}

/** What is new since the baseline. */
export const NEW: Condition = is("change", "new");

/** Whether a condition is {@link NEW}. */
export function asksForNew(condition: Condition): boolean {
  return writeCondition(condition) === writeCondition(NEW);
}
