/** An audit's progress as it happens: server-sent events, and how they are taken up again. */
import { useEffect, useState } from "react";
import { visibleDeep } from "../visible";
import { address, call, piece } from "./call";
import { isOver } from "./types";
import type { Audit } from "./types";

/** `live` while events arrive, `lost` until they do again, `over` when there will be none any more. */
export type Connection = "live" | "lost" | "over";

export interface Watched {
  audit: Audit | null;
  connection: Connection;
  /** Why it cannot be watched at all. */
  error: unknown;
}

/** How long to wait before the next attempt, in milliseconds: twice as long each time, half a minute at most. */
export function backoff(attempt: number): number {
  return Math.min(30_000, 1_000 * 2 ** Math.min(attempt, 10));
}

/** Watches an audit until it is over or nobody wants to know; gives how to stop. */
export function watch(id: string, tell: (watched: Partial<Watched>) => void): () => void {
  let source: EventSource | null = null;
  let timer: number | undefined;
  let attempt = 0;
  let stopped = false;

  const see = (audit: Audit) => {
    const over = isOver(audit.state);
    tell({ audit, connection: over ? "over" : "live", error: null });
    if (over) stop();
  };

  // The answer says more than a failed stream: who has to log in, what is not there.
  const ask = async () => {
    try {
      const audit = await call<Audit>(`/audits/${piece(id)}`);
      if (!stopped) see(audit);
      return true;
    } catch (error) {
      if (!stopped) tell({ error, connection: "lost" });
      return false;
    }
  };

  const open = () => {
    source = new EventSource(address(`/audits/${piece(id)}/events`));
    source.addEventListener("audit", (event: MessageEvent<string>) => {
      attempt = 0;
      see(visibleDeep(JSON.parse(event.data) as Audit));
    });
    source.onerror = () => {
      if (stopped) return;
      tell({ connection: "lost" });
      // Browsers take a broken stream up again by themselves, and not one that was refused.
      if (source?.readyState !== EventSource.CLOSED) return;
      source.close();
      timer = window.setTimeout(again, backoff(attempt++));
    };
  };

  const again = () => {
    void ask().then((answered) => {
      if (stopped) return;
      if (answered) open();
      else timer = window.setTimeout(again, backoff(attempt++));
    });
  };

  const stop = () => {
    stopped = true;
    window.clearTimeout(timer);
    source?.close();
  };

  open();
  return stop;
}

/** An audit as it is now, and as it goes on. */
export function useWatched(id: string): Watched {
  const [state, setState] = useState<Watched & { id: string }>(() => begin(id));
  useEffect(
    () =>
      watch(id, (news) => setState((before) => ({ ...(before.id === id ? before : begin(id)), ...news }))),
    [id],
  );
  return state.id === id ? state : begin(id);
}

function begin(id: string): Watched & { id: string } {
  return { id, audit: null, connection: "live", error: null };
}
