/** Where the reader is: everything that a view shows is in the link, so that it can be shared. */
import { useSyncExternalStore } from "react";
import { NEW, readCondition, writeCondition } from "../filter";
import type { Condition, Query } from "../filter";

export const VIEWS = ["overview", "framework", "findings", "plan", "resources", "coverage"] as const;
export type View = (typeof VIEWS)[number];

export interface Route {
  view: View;
  /** What else is in the link: filters, sorting, page. */
  params: URLSearchParams;
  /** What is open in the panel beside the view. */
  open: string | null;
}

/** The route of a link's fragment; the overview where it is none that we know. */
export function readRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const params = new URLSearchParams(search);
  const view = VIEWS.find((known) => known === path) ?? "overview";
  return { view, params, open: params.get("open") };
}

type Values = Record<string, string | string[] | number | null | undefined>;

/** A link to a view; values that are null or empty are left out. */
export function link(view: View, values: Values = {}): string {
  const params = new URLSearchParams();
  set(params, values);
  return hashOf(view, params);
}

/** A link to a view's findings of some conditions. */
export function findingsLink(...conditions: Condition[]): string {
  return link("findings", { f: conditions.map(writeCondition) });
}

/** The link to where the reader is, with some values changed. */
export function changed(route: Route, values: Values): string {
  const params = new URLSearchParams(route.params);
  set(params, values);
  return hashOf(route.view, params);
}

function set(params: URLSearchParams, values: Values): void {
  for (const [name, value] of Object.entries(values)) {
    params.delete(name);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one != null && one !== "") params.append(name, String(one));
    }
  }
}

function hashOf(view: View, params: URLSearchParams): string {
  // These are harmless in a fragment, and links are easier to read with them as they are.
  const search = params.toString().replace(/%(2F|3A|3D|2C|3E|21)/g, (code) => decodeURIComponent(code));
  return search === "" ? `#/${view}` : `#/${view}?${search}`;
}

/**
 * The filter in a link. Where it has none and there is a baseline, what is new: that is what a baseline is for.
 * A link to all findings says so.
 */
export function queryOf({ params }: Route, baseline = false): Query {
  if (baseline && !params.has("f") && !params.has("all")) return { any: false, conditions: [NEW] };
  const conditions = params.getAll("f").map(readCondition);
  return { any: params.has("any"), conditions: conditions.filter((c) => c !== null) };
}

/** A filter as values of a link. */
export function queryValues(query: Query, baseline = false): Values {
  return {
    f: query.conditions.map(writeCondition),
    any: query.any ? 1 : null,
    all: baseline && query.conditions.length === 0 ? 1 : null,
    page: null,
  };
}

/** One of the values that a view knows; the first where the link has none of them. */
export function choice<T extends string>({ params }: Route, name: string, known: readonly [T, ...T[]]): T {
  return known.find((value) => value === params.get(name)) ?? known[0];
}

/** Goes to a link; in place of the current one where going back to that would be of no use. */
export function go(hash: string, how: "push" | "replace" = "push"): void {
  if (hash === window.location.hash) return;
  if (how === "push") window.location.hash = hash;
  else window.location.replace(hash);
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
}

let last: { hash: string; route: Route } | null = null;

function current(): Route {
  const { hash } = window.location;
  if (last?.hash !== hash) last = { hash, route: readRoute(hash) };
  return last.route;
}

/** Where the reader is now. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, current);
}
