/** Where the reader is: a path of the service, so that every view has a link of its own. */
import { useEffect, useSyncExternalStore } from "react";

/** The first piece of a view's path; nothing for the overview. `src/serve/ui.rs` answers at these. */
export const VIEWS = [
  "targets",
  "audits",
  "findings",
  "milestones",
  "schedules",
  "exemptions",
  "attestations",
  "log",
  "sessions",
  "tokens",
] as const;
export type View = (typeof VIEWS)[number];

export interface Route {
  /** Null for an address that is no view's. */
  view: View | "overview" | null;
  /** What follows the view in the path. */
  rest: string[];
  params: URLSearchParams;
}

/** The route of an address. */
export function readRoute(path: string, search: string): Route {
  const [first, ...rest] = path.split("/").filter((piece) => piece !== "");
  const params = new URLSearchParams(search);
  if (first === undefined) return { view: "overview", rest: [], params };
  const view = VIEWS.find((known) => known === first) ?? null;
  try {
    return { view, rest: rest.map(decodeURIComponent), params };
  } catch {
    return { view: null, rest: [], params };
  }
}

type Values = Record<string, string | readonly string[] | number | null | undefined>;

/** A link to a view, or to what is in it; values that are null or empty are left out. */
export function to(
  view: View | "overview",
  rest: string | readonly string[] = [],
  values: Values = {},
): string {
  const pieces = (typeof rest === "string" ? [rest] : rest).map(encodeURIComponent);
  const path = view === "overview" ? "/" : `/${[view, ...pieces].join("/")}`;
  const params = new URLSearchParams();
  set(params, values);
  return withSearch(path, params);
}

/** The link to where the reader is, with some values changed. */
export function changed(values: Values): string {
  const params = new URLSearchParams(window.location.search);
  set(params, values);
  return withSearch(window.location.pathname, params);
}

function set(params: URLSearchParams, values: Values): void {
  for (const [name, value] of Object.entries(values)) {
    params.delete(name);
    for (const one of Array.isArray(value)
      ? (value as readonly string[])
      : [value as string | number | null]) {
      if (one != null && one !== "") params.append(name, String(one));
    }
  }
}

function withSearch(path: string, params: URLSearchParams): string {
  const search = params.toString().replace(/%(2F|3A|3D|2C|3E|21)/g, (code) => decodeURIComponent(code));
  return search === "" ? path : `${path}?${search}`;
}

/** Goes to a link; in place of the current one where going back to that would be of no use. */
export function go(href: string, how: "push" | "replace" = "push"): void {
  const { pathname, search } = window.location;
  if (href === pathname + search) return;
  if (how === "push") window.history.pushState(null, "", href);
  else window.history.replaceState(null, "", href);
  window.dispatchEvent(new PopStateEvent("popstate"));
  if (new URL(href, window.location.href).pathname !== pathname) window.scrollTo(0, 0);
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  return () => window.removeEventListener("popstate", listener);
}

let last: { at: string; route: Route } | null = null;

function current(): Route {
  const { pathname, search } = window.location;
  const at = pathname + search;
  if (last?.at !== at) last = { at, route: readRoute(pathname, search) };
  return last.route;
}

/** Where the reader is now. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, current);
}

/** Whether an address is one of this page's views, and not a file of the API or another site. */
export function isView(url: URL): boolean {
  return url.origin === window.location.origin && readRoute(url.pathname, url.search).view !== null;
}

/** Follows links to views without loading the page again, unless the reader wants a window of its own. */
export function useLinks(): void {
  useEffect(() => {
    const follow = (event: MouseEvent) => {
      if (event.defaultPrevented || event.button !== 0) return;
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const anchor = (event.target as Element | null)?.closest("a");
      if (anchor == null || !anchor.hasAttribute("href") || anchor.target === "_blank") return;
      const url = new URL(anchor.href);
      if (!isView(url)) return;
      event.preventDefault();
      go(url.pathname + url.search);
    };
    document.addEventListener("click", follow);
    return () => document.removeEventListener("click", follow);
  }, []);
}
