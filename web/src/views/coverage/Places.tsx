import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useMemo } from "react";
import { useData } from "../../app/data";
import { findingsLink, link } from "../../app/route";
import { is } from "../../filter";
import { DataTable } from "../../parts/DataTable";
import { places } from "../../places";
import type { Place } from "../../places";
import type { Cause } from "../../report";
import { CAUSE, count, counted } from "../../words";

const CAUSES = Object.keys(CAUSE) as Cause[];

/** Per account and region: what was read, denied, throttled, unreachable, skipped. */
export function Places() {
  const { head } = useData();
  const items = useMemo(() => places(head), [head]);
  const elsewhere = sum(head.calls) - sum(items);
  const causes = CAUSES.filter((cause) => items.some(({ undecided }) => undecided[cause] !== undefined));
  return (
    <DataTable<Place>
      title="Accounts and regions"
      description={
        <>
          Undecided evaluations stand under why something could not be read.
          {elsewhere > 0 && (
            <>
              {" "}
              {counted(elsewhere, "call")} made elsewhere, such as to learn which account this is, stand under{" "}
              <Link href={link("coverage", { tab: "calls" })}>Calls</Link>.
            </>
          )}
        </>
      }
      keyOf={({ account, region }) => `${account} ${region}`}
      items={items}
      empty="Nothing was scanned."
      columns={[
        {
          id: "account",
          header: "Account",
          sortingField: "account",
          isRowHeader: true,
          width: 150,
          cell: (p) => p.account,
        },
        { id: "region", header: "Region", sortingField: "region", width: 150, cell: (p) => p.region },
        {
          id: "lists",
          header: "Lists read",
          sortingField: "complete",
          width: 170,
          cell: (p) => <ListsRead place={p} />,
        },
        {
          id: "resources",
          header: "Resources",
          sortingField: "resources",
          width: 135,
          cell: (p) => count(p.resources),
        },
        ...causes.map((cause) => ({
          id: cause,
          header: CAUSE[cause],
          width: 130,
          cell: (p: Place) => <Undecided place={p} cause={cause} />,
        })),
        {
          id: "calls",
          header: "Calls",
          sortingField: "calls",
          width: 90,
          cell: (p) => count(p.calls),
        },
        {
          id: "throttled",
          header: "Throttled calls",
          sortingField: "throttled",
          width: 140,
          cell: (p) => count(p.throttled),
        },
        {
          id: "denied-calls",
          header: "Denied calls",
          sortingField: "denied",
          width: 130,
          cell: (p) => count(p.denied),
        },
        {
          id: "failed-calls",
          header: "Failed calls",
          sortingField: "failed",
          width: 120,
          cell: (p) => count(p.failed),
        },
        {
          id: "ms",
          header: "Waited",
          sortingField: "ms",
          width: 110,
          cell: (p) => `${(p.ms / 1000).toFixed(1)} s`,
        },
      ]}
    />
  );
}

function sum(rows: { calls: number }[]): number {
  return rows.reduce((sum, { calls }) => sum + calls, 0);
}

function ListsRead({ place: { complete, incomplete } }: { place: Place }) {
  if (complete + incomplete === 0) return <StatusIndicator type="warning">None</StatusIndicator>;
  if (incomplete === 0) return <StatusIndicator type="success">{`All ${complete}`}</StatusIndicator>;
  return <StatusIndicator type="warning">{`${complete} of ${complete + incomplete}`}</StatusIndicator>;
}

function Undecided({ place, cause }: { place: Place; cause: Cause }) {
  const undecided = place.undecided[cause];
  if (undecided === undefined) return "–";
  const conditions = [is("verdict", "unknown"), is("account", place.account), is("region", place.region)];
  return <Link href={findingsLink(...conditions)}>{count(undecided)}</Link>;
}
