/** Pages of a list whose next page only the page before knows. */
import Pagination from "@cloudscape-design/components/pagination";
import { useState } from "react";
import type { ReactNode } from "react";

interface Pages {
  /** What to give the API for this page; null for the first. */
  cursor: string | null;
  /** Whether this is the first page. */
  first: boolean;
  /** The way to other pages. */
  pagination: (next: string | null | undefined) => ReactNode;
}

/** Where the reader is in a list; the first page again once the list is another. */
export function usePages(list: string): Pages {
  const [state, setState] = useState<{ list: string; cursors: string[]; page: number }>({
    list,
    cursors: [],
    page: 1,
  });
  const { cursors, page } = state.list === list ? state : { cursors: [], page: 1 };
  const pagination = (next: string | null | undefined) => {
    const known = [...cursors.slice(0, page - 1), ...(next == null ? cursors.slice(page - 1) : [next])];
    if (known.length === 0) return null;
    const turn = (to: number) => setState({ list, cursors: known, page: Math.min(to, known.length + 1) });
    return (
      <Pagination
        currentPageIndex={page}
        pagesCount={known.length + 1}
        openEnd={next != null}
        onChange={({ detail }) => turn(detail.currentPageIndex)}
        ariaLabels={{
          nextPageLabel: "Next page",
          previousPageLabel: "Previous page",
          pageLabel: (number) => `Page ${number}`,
        }}
      />
    );
  };
  return { cursor: cursors[page - 2] ?? null, first: page === 1, pagination };
}
