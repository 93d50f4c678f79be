import Link from "@cloudscape-design/components/link";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import Table from "@cloudscape-design/components/table";
import type { TableProps } from "@cloudscape-design/components/table";
import type { ReactNode } from "react";
import { Name } from "../../parts/labels";
import { count, duration, percent, when } from "../../words";
import { to } from "../route";
import type { Audit } from "../types";
import { Ago, StateLabel } from "./labels";
import { Empty } from "./states";

interface Props {
  audits: Audit[];
  /** What all of them have in common, which is left out. */
  of?: "target";
  header?: ReactNode;
  filter?: ReactNode;
  pagination?: ReactNode;
  loading?: boolean;
}

/** Audits, the newest first. */
export function AuditTable({ audits, of, header, filter, pagination, loading = false }: Props) {
  return (
    <Table<Audit>
      variant={header === undefined ? "embedded" : "container"}
      contentDensity="compact"
      wrapLines
      items={audits}
      trackBy="id"
      loading={loading}
      loadingText="Loading the audits"
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: "Audits" }}
      header={header}
      filter={filter}
      pagination={pagination}
      columnDefinitions={COLUMNS.filter(({ id }) => id !== of)}
      empty={
        <Empty title="No audits">
          A schedule starts one when it is due, or somebody who may starts one now.
        </Empty>
      }
    />
  );
}

const COLUMNS: TableProps.ColumnDefinition<Audit>[] = [
  {
    id: "queued",
    header: "Audit",
    isRowHeader: true,
    minWidth: 190,
    cell: (audit) => (
      <>
        <Link href={to("audits", audit.id)} ariaLabel={`Audit of ${audit.target}, ${when(audit.queued)}`}>
          {when(audit.started ?? audit.queued)}
        </Link>
        <div className="quiet small">
          <Ago at={audit.ended ?? audit.started ?? audit.queued} />
        </div>
      </>
    ),
  },
  {
    id: "target",
    header: "Target",
    minWidth: 120,
    cell: (audit) => (
      <Link href={to("targets", audit.target)}>
        <Name>{audit.target}</Name>
      </Link>
    ),
  },
  { id: "state", header: "State", minWidth: 190, cell: (audit) => <State audit={audit} /> },
  {
    id: "by",
    header: "Started by",
    minWidth: 140,
    cell: (audit) =>
      audit.schedule == null ? (
        <Name>{audit.requested_by}</Name>
      ) : (
        <Link href={to("schedules", audit.schedule)}>
          <Name>{audit.schedule}</Name>
        </Link>
      ),
  },
  { id: "fails", header: "Failed", cell: ({ result }) => (result == null ? "–" : count(result.fails)) },
  { id: "new", header: "New", cell: ({ result }) => (result == null ? "–" : count(result.new_fails)) },
  { id: "fixed", header: "Fixed", cell: ({ result }) => (result == null ? "–" : count(result.fixed)) },
  { id: "coverage", header: "Coverage", cell: ({ result }) => percent(result?.coverage) },
  {
    id: "took",
    header: "Took",
    cell: ({ started, ended }) =>
      started == null || ended == null ? "–" : <span className="whole">{duration(started, ended)}</span>,
  },
];

function State({ audit }: { audit: Audit }) {
  return (
    <>
      <StateLabel audit={audit} />
      {audit.state === "running" && audit.lists_all > 0 && (
        <ProgressBar
          variant="flash"
          value={(100 * audit.lists_read) / audit.lists_all}
          ariaLabel={`Lists read of the audit of ${audit.target}`}
        />
      )}
    </>
  );
}
