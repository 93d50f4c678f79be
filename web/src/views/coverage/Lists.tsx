import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Link from "@cloudscape-design/components/link";
import { useData } from "../../app/data";
import { link } from "../../app/route";
import { DataTable } from "../../parts/DataTable";
import { CauseLabel, Name } from "../../parts/labels";
import type { ReadRow } from "../../report";
import { count } from "../../words";

/** What was listed of each kind in each account and region. */
export function Lists() {
  const { head } = useData();
  return (
    <DataTable<ReadRow>
      title="Lists"
      description="What was listed in each account and region. An incomplete list is never taken for an empty one."
      keyOf={({ account, region, kind }) => `${account} ${region} ${kind}`}
      items={head.reads}
      empty="Nothing was listed."
      columns={[
        {
          id: "account",
          header: "Account",
          sortingField: "account",
          width: 150,
          cell: (read) => read.account,
        },
        {
          id: "region",
          header: "Region",
          sortingField: "region",
          width: 170,
          cell: (read) => read.region,
        },
        {
          id: "kind",
          header: "Kind",
          sortingField: "kind",
          isRowHeader: true,
          width: 240,
          cell: (read) => <Link href={link("resources", { kind: read.kind })}>{read.kind}</Link>,
        },
        {
          id: "resources",
          header: "Resources",
          sortingField: "resources",
          width: 130,
          cell: (read) => count(read.resources),
        },
        { id: "gap", header: "Read", width: 360, cell: (read) => <Read read={read} /> },
      ]}
    />
  );
}

function Read({ read: { gap } }: { read: ReadRow }) {
  if (gap == null) return <StatusIndicator type="success">Complete</StatusIndicator>;
  return (
    <>
      <CauseLabel cause={gap.cause} /> <Name>{`${gap.action} ${gap.detail}`}</Name>
    </>
  );
}
