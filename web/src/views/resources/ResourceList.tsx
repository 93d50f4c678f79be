import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Table from "@cloudscape-design/components/table";
import type { TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useMemo } from "react";
import { paged } from "../../app/paging";
import { changed, choice, go, useRoute } from "../../app/route";
import type { Route } from "../../app/route";
import { mentions } from "../../inventory";
import type { JudgedResource } from "../../inventory";
import { Name, SeverityBadge } from "../../parts/labels";
import { VerdictBar } from "../../parts/meters";
import { count, counted, usd } from "../../words";

const SORTS = ["risk", "name", "account", "region", "fail", "saves"] as const;

/** The resources of a kind, or all; those with the most risk first. */
export function ResourceList({ all }: { all: JudgedResource[] }) {
  const route = useRoute();
  const kind = route.params.get("kind");
  const text = route.params.get("q") ?? "";
  const sort = choice(route, "sort", SORTS);
  const ascending = route.params.get("ascending") === "1";
  const found = useMemo(() => {
    const shown = all.filter(
      (item) => (kind === null || item.resource.kind === kind) && (text === "" || mentions(item, text)),
    );
    const direction = ascending ? 1 : -1;
    return shown.sort((a, b) => direction * compare(valueOf(a, sort), valueOf(b, sort)));
  }, [all, kind, text, sort, ascending]);
  const { shown, pagination } = paged(route, found);
  const columns = columnsOf(route);
  const sorting = columns.find(({ sortingField }) => sortingField === sort);
  return (
    <Table<JudgedResource>
      variant="container"
      contentDensity="compact"
      wrapLines
      enableKeyboardNavigation
      trackBy={(item) => item.resource.key}
      items={shown}
      columnDefinitions={columns}
      ariaLabels={{ tableLabel: "Resources" }}
      {...(sorting !== undefined && { sortingColumn: sorting })}
      sortingDescending={!ascending}
      onSortingChange={({ detail }) =>
        go(
          changed(route, {
            sort: detail.sortingColumn.sortingField,
            ascending: detail.isDescending === true ? null : 1,
            page: null,
          }),
        )
      }
      onRowClick={({ detail }) => go(changed(route, { open: detail.item.resource.key }))}
      header={
        <Header variant="h2" counter={`(${count(found.length)})`}>
          {kind ?? "All kinds"}
        </Header>
      }
      filter={
        <TextFilter
          filteringText={text}
          filteringPlaceholder="Name, id, ARN, account, region or tag"
          filteringAriaLabel="Search in resources"
          countText={counted(found.length, "match", "matches")}
          onChange={({ detail }) => go(changed(route, { q: detail.filteringText, page: null }), "replace")}
        />
      }
      pagination={pagination}
      empty="No resource matches."
    />
  );
}

function columnsOf(route: Route): TableProps.ColumnDefinition<JudgedResource>[] {
  return [
    {
      id: "name",
      header: "Resource",
      sortingField: "name",
      isRowHeader: true,
      minWidth: 200,
      cell: ({ resource }) => (
        <div
          {...(route.open === resource.key && {
            "aria-current": "true" as const,
            className: "strong",
          })}
        >
          <Link href={changed(route, { open: resource.key })}>
            <Name>{resource.name}</Name>
          </Link>
          <div className="quiet small">
            <Name>{resource.name === resource.id ? resource.kind : `${resource.kind} ${resource.id}`}</Name>
          </div>
        </div>
      ),
    },
    {
      id: "severity",
      header: "Worst",
      sortingField: "risk",
      cell: ({ severity }) => (severity === null ? "–" : <SeverityBadge severity={severity} />),
    },
    { id: "fail", header: "Failed", sortingField: "fail", cell: ({ counts }) => count(counts.fail) },
    {
      id: "verdicts",
      header: "Verdicts",
      width: 120,
      cell: ({ counts }) => <VerdictBar counts={counts} />,
    },
    {
      id: "account",
      header: "Account",
      sortingField: "account",
      cell: ({ resource }) => resource.account,
    },
    { id: "region", header: "Region", sortingField: "region", cell: ({ resource }) => resource.region },
    {
      id: "saves",
      header: "Saves",
      sortingField: "saves",
      cell: ({ saves }) => (saves > 0 ? usd(saves) : "–"),
    },
  ];
}

function valueOf(
  { resource, risk, counts, saves }: JudgedResource,
  sort: (typeof SORTS)[number],
): string | number {
  switch (sort) {
    case "risk":
      return risk;
    case "fail":
      return counts.fail;
    case "saves":
      return saves;
    default:
      return resource[sort];
  }
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
