import Pagination from "@cloudscape-design/components/pagination";
import type { ReactNode } from "react";
import { changed, go } from "./route";
import type { Route } from "./route";

/** How many lines a list has on a page. */
export const PAGE = 50;

/** How many on paper, where no page can be turned, of what is bounded by the framework or the checks. */
export const ON_PAPER = 1_000;

interface Paged<T> {
  /** What is on the page. */
  shown: T[];
  /** Where the reader turns pages; nothing where all is on one. */
  pagination: ReactNode;
}

/** The page that a link asks for. */
export function pageOf({ params }: Route, total: number, size: number): { page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(total / size));
  return { page: Math.min(pages, Math.max(1, Number(params.get("page")) || 1)), pages };
}

/** The page of a list that a link asks for, and the way to others. */
export function paged<T>(route: Route, items: readonly T[], size: number = PAGE): Paged<T> {
  const { page, pages } = pageOf(route, items.length, size);
  return {
    shown: items.slice((page - 1) * size, page * size),
    pagination: pages > 1 && <Pages route={route} page={page} pages={pages} />,
  };
}

/** Turns the pages of a list; the page is in the link. */
export function Pages({ route, page, pages }: { route: Route; page: number; pages: number }) {
  return (
    <Pagination
      currentPageIndex={page}
      pagesCount={pages}
      onChange={({ detail: { currentPageIndex: to } }) => go(changed(route, { page: to === 1 ? null : to }))}
    />
  );
}
