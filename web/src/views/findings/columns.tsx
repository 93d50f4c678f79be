import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { TableProps } from "@cloudscape-design/components/table";
import { changed } from "../../app/route";
import type { Route } from "../../app/route";
import { writeCondition } from "../../filter";
import type { Query } from "../../filter";
import { Name, SeverityBadge, VerdictLabel } from "../../parts/labels";
import { VerdictBar } from "../../parts/meters";
import type { FindingTable, Row } from "../../table";
import { CHANGE, count, counted, PILLARS, usd, VERDICT, WHY } from "../../words";
import type { Item } from "./items";

type Column = TableProps.ColumnDefinition<Item>;

/** The columns of the list of findings. */
export function columns(route: Route, table: FindingTable, query: Query): Column[] {
  return [
    {
      id: "finding",
      header: "Finding",
      sortingField: "check",
      isRowHeader: true,
      width: 400,
      minWidth: 220,
      cell: (item) => <Title item={item} route={route} query={query} />,
    },
    {
      id: "severity",
      header: "Severity",
      sortingField: "severity",
      width: 120,
      cell: (item) => {
        const severity =
          item.type === "finding" ? item.row.severity : item.type === "group" ? item.severity : null;
        return severity === null ? "" : <SeverityBadge severity={severity} />;
      },
    },
    {
      id: "verdict",
      header: "Verdict",
      sortingField: "verdict",
      width: 130,
      cell: (item) => {
        if (item.type === "finding") return <VerdictOf row={item.row} />;
        return item.type === "group" ? <VerdictBar counts={item.counts} /> : "";
      },
    },
    {
      id: "resource",
      header: "Resource",
      sortingField: "resource",
      width: 230,
      minWidth: 140,
      cell: (item) => <ResourceCell item={item} />,
    },
    {
      id: "account",
      header: "Account",
      sortingField: "account",
      width: 140,
      cell: cellOf((row) => row.resource.account),
    },
    {
      id: "region",
      header: "Region",
      sortingField: "region",
      width: 140,
      cell: cellOf((row) => row.resource.region),
    },
    {
      id: "pillar",
      header: "Pillar",
      sortingField: "pillar",
      width: 180,
      cell: cellOf((row) => PILLARS[row.check.pillar]),
    },
    {
      id: "practices",
      header: "Best practices",
      sortingField: "practices",
      width: 150,
      cell: cellOf((row) => row.check.best_practices.join(", ")),
    },
    {
      id: "saves",
      header: "Saves a month",
      sortingField: "saves",
      width: 140,
      cell: (item) => {
        const saves = item.type === "finding" ? item.row.saves : item.type === "group" ? item.saves : null;
        return saves === null || saves === 0 ? "–" : usd(saves);
      },
    },
    ...(table.hasChanges
      ? [
          {
            id: "change",
            header: "Since baseline",
            width: 150,
            cell: (item: Item) => (item.type === "finding" ? <ChangeOf row={item.row} /> : ""),
          },
        ]
      : []),
    ...(table.hasAges
      ? [
          {
            id: "since",
            header: "Failing since",
            sortingField: "since",
            width: 140,
            cell: cellOf((row) => row.firstFailed),
          },
        ]
      : []),
  ];
}

function cellOf(text: (row: Row) => string | null) {
  return (item: Item) => (item.type === "finding" ? <Name>{text(item.row) ?? "–"}</Name> : "");
}

function VerdictOf({ row }: { row: Row }) {
  if (!row.former) return <VerdictLabel verdict={row.verdict} />;
  return <StatusIndicator type="stopped">{`Was: ${VERDICT[row.verdict].toLowerCase()}`}</StatusIndicator>;
}

function ChangeOf({ row: { change, difference } }: { row: Row }) {
  return (
    <div>
      {change === null ? "–" : CHANGE[change]}
      {difference?.why != null && <div className="quiet small">{WHY[difference.why]}</div>}
    </div>
  );
}

function Title({ item, route, query }: { item: Item; route: Route; query: Query }) {
  if (item.type === "more") {
    const { by, check, resource } = item.of;
    const value = by === "check" ? check.id : resource.key;
    const conditions = [
      ...query.conditions.map(writeCondition),
      writeCondition({ property: by, operator: "=", values: [value] }),
    ];
    return (
      <Link href={changed(route, { f: conditions, group: null, page: null })}>
        and {counted(item.left, "more finding")}
      </Link>
    );
  }
  if (item.type === "group") {
    return (
      <>
        {item.by === "check" ? item.check.title : <Name>{item.resource.name}</Name>}{" "}
        <span className="quiet">({count(item.findings.length)})</span>
      </>
    );
  }
  const { row } = item;
  const isOpen = route.open === row.id;
  return (
    <div>
      <span {...(isOpen && { "aria-current": "true" as const, className: "strong" })}>
        <Link href={changed(route, { open: row.id })}>
          {item.under === "check" ? <Name>{row.resource.name}</Name> : row.check.title}
        </Link>
      </span>
      <div className="quiet small">
        <Name>{row.say}</Name>
      </div>
    </div>
  );
}

function ResourceCell({ item }: { item: Item }) {
  if (item.type === "more") return "";
  if (item.type === "group" && item.by === "check")
    return `${count(item.findings.length)} × ${item.check.resource}`;
  const resource = item.type === "group" ? item.resource : item.row.resource;
  return (
    <div>
      <Name>{resource.name}</Name>
      <div className="quiet small">
        {resource.name === resource.id ? resource.kind : <Name>{`${resource.kind} ${resource.id}`}</Name>}
      </div>
    </div>
  );
}
