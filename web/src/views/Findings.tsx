import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useMemo, useState } from "react";
import { useData } from "../app/data";
import { pageOf, Pages } from "../app/paging";
import { changed, choice, go, queryOf, queryValues, useRoute } from "../app/route";
import type { Route } from "../app/route";
import { select } from "../filter";
import { grouped, sorted, SORTS, URGENCY } from "../order";
import type { Sort } from "../order";
import { FilterBar } from "../parts/FilterBar";
import type { FindingTable, Positions } from "../table";
import { count } from "../words";
import { CsvButton } from "./findings/CsvButton";
import { Preferences, PREFERRED } from "./findings/Preferences";
import { childrenOf, findingItem, groupItem, keyOf } from "./findings/items";
import type { Item } from "./findings/items";
import { columns } from "./findings/columns";
import { VerdictSwitch } from "./findings/VerdictSwitch";

const GROUPS = ["none", "check", "resource"] as const;
const GROUP_WORDS = { none: "Not grouped", check: "Group by check", resource: "Group by resource" };

/** All findings: filtered, sorted and grouped as the link says. */
export function Findings() {
  const { table } = useData();
  return table === null ? (
    <Table items={[]} columnDefinitions={[]} loading loadingText="Reading the findings" />
  ) : (
    <List table={table} />
  );
}

function List({ table }: { table: FindingTable }) {
  const route = useRoute();
  const [preferences, setPreferences] = useState(PREFERRED);
  const [expanded, setExpanded] = useState<readonly Item[]>([]);
  const group = choice(route, "group", GROUPS);
  const sort = sortOf(route);
  const query = queryOf(route);
  const found = useFound(table, route);
  const groups = useMemo(
    () => (group === "none" ? null : grouped(table, found, group)),
    [table, found, group],
  );
  const size = preferences.pageSize;
  const total = groups?.length ?? found.length;
  const { page, pages } = pageOf(route, total, size);
  const from = (page - 1) * size;
  const items: Item[] =
    groups === null || group === "none"
      ? table.rows(found.subarray(from, from + size)).map((row) => findingItem(row))
      : groups.slice(from, from + size).map((entry) => groupItem(table, group, entry));
  const set = (values: Parameters<typeof changed>[1]) => go(changed(route, values));

  const definitions = columns(route, table);
  const sorting = definitions.find((column) => column.sortingField === sort.key);
  return (
    <Table<Item>
      variant="full-page"
      stickyHeader
      resizableColumns
      contentDensity="compact"
      wrapLines={preferences.wrapLines}
      enableKeyboardNavigation
      trackBy={keyOf}
      items={items}
      columnDefinitions={definitions}
      columnDisplay={preferences.columns}
      ariaLabels={{ tableLabel: "Findings" }}
      {...(groups !== null && {
        expandableRows: {
          getItemChildren: (item) => childrenOf(table, item),
          isItemExpandable: (item) => item.type === "group",
          expandedItems: expanded,
          onExpandableItemToggle: ({ detail: { item, expanded: open } }) =>
            setExpanded((all) => (open ? [...all, item] : all.filter((one) => keyOf(one) !== keyOf(item)))),
        },
      })}
      {...(sorting !== undefined && { sortingColumn: sorting })}
      sortingDescending={sort.descending}
      onSortingChange={({ detail }) =>
        set({
          sort: `${detail.isDescending === true ? "-" : ""}${detail.sortingColumn.sortingField ?? ""}`,
          page: null,
        })
      }
      onRowClick={({ detail: { item } }) => {
        if (item.type === "finding") set({ open: item.row.id });
      }}
      header={
        <Header
          variant="h1"
          counter={
            found.length === table.size
              ? `(${count(table.size)})`
              : `(${count(found.length)}/${count(table.size)})`
          }
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Select
                selectedOption={{ value: group, label: GROUP_WORDS[group] }}
                options={GROUPS.map((value) => ({ value, label: GROUP_WORDS[value] }))}
                onChange={({ detail }) =>
                  set({
                    group: detail.selectedOption.value === "none" ? null : detail.selectedOption.value,
                    page: null,
                  })
                }
                ariaLabel="Grouping"
              />
              <CsvButton table={table} found={found} />
            </SpaceBetween>
          }
        >
          Findings
        </Header>
      }
      filter={
        <SpaceBetween size="xs">
          <VerdictSwitch table={table} query={query} onChange={(next) => set(queryValues(next))} />
          <FilterBar
            table={table}
            query={query}
            matches={found.length}
            onChange={(next) => set(queryValues(next))}
          />
        </SpaceBetween>
      }
      pagination={<Pages route={route} page={page} pages={pages} />}
      preferences={<Preferences value={preferences} onChange={setPreferences} without={without(table)} />}
      empty="No finding matches."
    />
  );
}

/** The columns that the report has nothing for. */
function without(table: FindingTable): string[] {
  return [...(table.hasChanges ? [] : ["change"]), ...(table.hasAges ? [] : ["since"])];
}

/** What the link's filter and sorting select, in order. */
function useFound(table: FindingTable, route: Route): Positions {
  const { params } = route;
  const key = JSON.stringify([params.getAll("f"), params.get("any"), params.get("sort")]);
  // The key holds all that is used of the route: opening a finding does not filter again.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => sorted(table, select(table, queryOf(route)), sortOf(route)), [table, key]);
}

function sortOf({ params }: Route): Sort {
  const text = params.get("sort") ?? "";
  const key = SORTS.find((known) => known === text.replace(/^-/, ""));
  return key === undefined ? URGENCY : { key, descending: text.startsWith("-") };
}
