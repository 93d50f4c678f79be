import { createContext, startTransition, useContext, useEffect, useState } from "react";
import { readDetails, readTable } from "../embed";
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
      .then(() => readTable(head))
      .then((data) => startTransition(() => setTable(new FindingTable(head, data))))
      .catch((cause: unknown) => setError(String(cause)));
  }, [head]);
  return { table, error };
}

/** Waits until the first view is on the screen: unpacking must not hold it back. */
function painted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

/** What only an opened finding shows; null while it is unpacked. */
export function useDetails(position: number): Details | null {
  const { head } = useData();
  const [state, setState] = useState<{ position: number; details: Details } | null>(null);
  useEffect(() => {
    let shown = true;
    void readDetails(head, position).then((details) => {
      if (shown) setState({ position, details });
    });
    return () => {
      shown = false;
    };
  }, [head, position]);
  return state?.position === position ? state.details : null;
}
