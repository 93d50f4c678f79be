/** What the views know: answers of the API, kept and refreshed by TanStack Query. */
import { keepPreviousData, QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import type { UseQueryResult } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { call, Refusal, setCsrf } from "./call";
import type { Params } from "./call";
import type { Me } from "./types";

/** Attempts for what may pass: no answer, an overload. A refusal stays one. */
function retry(attempts: number, error: Error): boolean {
  const passing = error instanceof Refusal && [0, 429, 502, 503, 504].includes(error.status);
  return passing && attempts < 3;
}

export const client = new QueryClient({
  defaultOptions: { queries: { retry, staleTime: 2_000, refetchOnWindowFocus: true } },
});

interface Options {
  params?: Params;
  /** Ask again after so many milliseconds. */
  every?: number | false;
  /** Whether it is asked at all. */
  enabled?: boolean;
  /** Show the answer to the last question until this one is answered. */
  keep?: boolean;
}

/** What the API answers at a path. */
export function useApi<T>(path: string, options: Options = {}): UseQueryResult<T> {
  const { params, every = false, enabled = true, keep = false } = options;
  return useQuery<T>({
    queryKey: [path, params ?? {}],
    queryFn: ({ signal }) => call<T>(path, { ...(params && { params }), signal }),
    refetchInterval: every,
    enabled,
    ...(keep && { placeholderData: keepPreviousData }),
  });
}

/**
 * Who is here. The token against forged requests is known before any view is: a view that asks with POST as it
 * opens would be refused otherwise.
 */
export function useWho(): UseQueryResult<Me> {
  return useQuery<Me>({
    queryKey: ["/me", {}],
    queryFn: async ({ signal }) => {
      const me = await call<Me>("/me", { signal });
      setCsrf(me.csrf ?? null);
      return me;
    },
  });
}

/** Refreshes everything whose path begins like this. */
export function useStale(): (...paths: string[]) => void {
  const queries = useQueryClient();
  return (...paths) => {
    void queries.invalidateQueries({
      predicate: ({ queryKey: [path] }) => paths.some((stale) => String(path).startsWith(stale)),
    });
  };
}

export const MeContext = createContext<Me | null>(null);

/** Who is here, and what they may do. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === null) throw new Error("used before it is known who is here");
  return me;
}

export interface Tell {
  /** Says that something was done. */
  done: (text: string) => void;
  /** Says why something was not. */
  failed: (what: string, error: unknown) => void;
}

export const TellContext = createContext<Tell | null>(null);

/** The lines at the top that say what became of what somebody did. */
export function useTell(): Tell {
  const tell = useContext(TellContext);
  if (tell === null) throw new Error("used outside of the page");
  return tell;
}
