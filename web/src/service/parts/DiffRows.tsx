import { DataTable } from "../../parts/DataTable";
import { Name } from "../../parts/labels";
import { PILLARS } from "../../words";
import { isPillar } from "../types";
import { Severe, StoredLabel } from "./labels";
import type { DiffRow } from "./SideBySide";

/** Findings of one kind of change. */
export function DiffRows({ title, rows }: { title: string; rows: DiffRow[] }) {
  return (
    <DataTable<DiffRow>
      title={title}
      keyOf={({ id }) => id}
      items={rows}
      empty="There are none."
      columns={[
        {
          id: "severity",
          header: "Severity",
          width: 110,
          cell: ({ severity }) => <Severe severity={severity} />,
        },
        {
          id: "title",
          header: "Finding",
          sortingField: "title",
          isRowHeader: true,
          width: 360,
          cell: ({ title, say }) => (
            <>
              {title}
              <div className="quiet small">
                <Name>{say}</Name>
              </div>
            </>
          ),
        },
        {
          id: "resource",
          header: "Resource",
          width: 240,
          cell: ({ resource }) => (
            <>
              <Name>{resource.name}</Name>
              <div className="quiet small">
                <Name>{`${resource.kind}, ${resource.account}, ${resource.region}`}</Name>
              </div>
            </>
          ),
        },
        {
          id: "pillar",
          header: "Pillar",
          sortingField: "pillar",
          width: 170,
          cell: ({ pillar }) => (isPillar(pillar) ? PILLARS[pillar] : pillar),
        },
        {
          id: "was",
          header: "Was",
          width: 130,
          cell: ({ was }) => (was == null ? "–" : <StoredLabel verdict={was} />),
        },
        {
          id: "is",
          header: "Is",
          width: 130,
          cell: ({ is }) => (is == null ? "–" : <StoredLabel verdict={is} />),
        },
      ]}
    />
  );
}
