/** Filters of findings as the reader has them, and as the API takes them. */
import { readCondition, writeCondition } from "../filter";
import type { Condition } from "../filter";
import { SEVERITIES } from "../report";
import { hidden } from "../visible";
import type { Params } from "./call";
import { PILLAR_IDS, STORED } from "./types";
import type { FindingValues, Target } from "./types";

/** What findings can be filtered by, each with the values that there are. */
export interface Choices {
  id: string;
  label: string;
  plural: string;
  values: readonly string[];
  /** Whether these are all the values, so that all but one can be selected. */
  closed: boolean;
}

/** What a finding has several of. */
const SEVERAL = ["tag", "practice", "framework"];
const EFFORTS = ["minutes", "hours", "days"];

/** As long as a list of values may be for all but some of them to be selected. */
const LONGEST = 100;

export function choices(targets: readonly Target[], values: FindingValues | null): Choices[] {
  const open = (id: string, label: string, plural: string, known: readonly string[]): Choices => ({
    id,
    label,
    plural,
    values: known,
    closed: known.length > 0 && known.length <= LONGEST,
  });
  const closed = (id: string, label: string, plural: string, known: readonly string[]): Choices => ({
    ...open(id, label, plural, known),
    closed: true,
  });
  // That something has another one of these does not say that it lacks this one.
  const several = (id: string, label: string, plural: string, known: readonly string[]): Choices => ({
    ...open(id, label, plural, known),
    closed: false,
  });
  return [
    closed("severity", "Severity", "Severities", [...SEVERITIES].reverse()),
    closed("verdict", "Verdict", "Verdicts", STORED),
    closed("pillar", "Pillar", "Pillars", PILLAR_IDS),
    open(
      "target",
      "Target",
      "Targets",
      targets.map(({ name }) => name),
    ),
    open("account", "Account", "Accounts", values?.accounts ?? []),
    open("region", "Region", "Regions", values?.regions ?? []),
    open("service", "Service", "Services", values?.services ?? []),
    open("kind", "Resource kind", "Resource kinds", values?.kinds ?? []),
    open("check", "Check", "Checks", values?.checks ?? []),
    several("tag", "Tag", "Tags", values?.tags ?? []),
    several("practice", "Best practice", "Best practices", values?.practices ?? []),
    several("framework", "Mapped framework", "Mapped frameworks", values?.frameworks ?? []),
    closed("effort", "Effort", "Efforts", EFFORTS),
  ];
}

/** The conditions of a link that this list can be filtered by. */
export function conditionsOf(params: URLSearchParams, all: readonly Choices[]): Condition[] {
  const conditions = params.getAll("f").map(readCondition);
  return conditions.filter((c) => c !== null).filter((c) => c.property === null || chosen(all, c) !== null);
}

/** Conditions as values of a link. */
export function conditionValues(conditions: readonly Condition[]): string[] {
  return conditions.map(writeCondition);
}

/** The values that a condition leaves; null where it cannot be put to the API. */
function chosen(all: readonly Choices[], { property, operator, values }: Condition): string[] | null {
  const known = all.find(({ id }) => id === property);
  if (known === undefined) return null;
  switch (operator) {
    case "=":
      return values;
    case "!=":
      return known.closed ? known.values.filter((value) => !values.includes(value)) : null;
    case ">=": {
      if (property !== "severity") return null;
      const order: readonly string[] = SEVERITIES;
      const least = Math.min(...values.map((value) => order.indexOf(value)));
      return least < 0 ? null : order.slice(least);
    }
    default:
      return null;
  }
}

/** The API's parameters for conditions that all have to hold; null where nothing can match them. */
export function paramsOf(conditions: readonly Condition[], all: readonly Choices[]): Params | null {
  const lists = new Map<string, string[]>();
  let text = "";
  for (const condition of conditions) {
    if (condition.property === null) {
      // The API looks for one text.
      text = condition.values[0] ?? "";
      continue;
    }
    const values = chosen(all, condition);
    if (values === null) continue;
    const before = SEVERAL.includes(condition.property) ? undefined : lists.get(condition.property);
    lists.set(condition.property, before === undefined ? values : before.filter((v) => values.includes(v)));
  }
  if ([...lists.values()].some((values) => values.length === 0)) return null;
  const params: Params = Object.fromEntries([...lists].map(([name, values]) => [name, values.map(hidden)]));
  return text === "" ? params : { ...params, q: hidden(text) };
}

/**
 * Of several searches for a text the last one holds, and of several conditions of what something has many of: the
 * API looks for one.
 */
export function oneText(conditions: readonly Condition[]): Condition[] {
  const once = (property: string | null) => property === null || SEVERAL.includes(property);
  const last = (condition: Condition) =>
    conditions.findLast(({ property }) => property === condition.property) === condition;
  return conditions.filter((condition) => !once(condition.property) || last(condition));
}

/** What findings can be sorted by; the API knows one direction of each. */
export const SORTS = ["severity", "since", "check", "resource"] as const;
export type Sort = (typeof SORTS)[number];
export const DESCENDS: Record<Sort, boolean> = { severity: true, since: true, check: false, resource: false };

export function sortOf(params: URLSearchParams): Sort {
  return SORTS.find((sort) => sort === params.get("sort")) ?? "severity";
}
