import { createContext, startTransition, useContext, useEffect, useState } from "react";
import { readDetails, readDifferences, readTable } from "../embed";
import type { Details, Head } from "../embed";
import { FindingTable } from "../table";

export interface Data {
  head: Head;
  /** Null until it is unpacked. */
  table: FindingTable | null;
}

export const DataContext = createContext<Data | null>(null);

/** The report. */
export function useData(): Data {
  const data = useContext(DataContext);
  if (data === null) throw new Error("used outside of a report");
  return data;
}

/** Unpacks the table once the first view stands. */
export function useTable(head: Head): { table: FindingTable | null; error: string | null } {
  const [table, setTable] = useState<FindingTable | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    painted()
      .then(() => Promise.all([readTable(head), readDifferences(head)]))
      .then(([data, rows]) => startTransition(() => setTable(new FindingTable(head, data, rows))))
      .catch((cause: unknown) => setError(because(cause)));
  }, [head]);
  return { table, error };
}

/** Waits until the first view is on the screen: unpacking must not hold it back. */
function painted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

/** What only an opened finding shows, or why it cannot be shown; both null while it is unpacked. */
export interface Unpacked {
  details: Details | null;
  error: string | null;
}

const UNPACKING: Unpacked = { details: null, error: null };

/** What only an opened finding shows. */
export function useDetails(position: number): Unpacked {
  const { head } = useData();
  const [state, setState] = useState<(Unpacked & { position: number }) | null>(null);
  useEffect(() => {
    let shown = true;
    const show = (unpacked: Unpacked) => {
      if (shown) setState({ position, ...unpacked });
    };
    readDetails(head, position)
      .then((details) => show({ details, error: null }))
      .catch((cause: unknown) => show({ details: null, error: because(cause) }));
    return () => {
      shown = false;
    };
  }, [head, position]);
  return state?.position === position ? state : UNPACKING;
}

/** Why something failed, in words for readers. */
export function because(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
