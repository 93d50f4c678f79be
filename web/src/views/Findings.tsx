import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useMemo, useState } from "react";
import { useData } from "../app/data";
import { pageOf, Pages } from "../app/paging";
import { changed, choice, go, queryOf, queryValues, useRoute } from "../app/route";
import type { Route } from "../app/route";
import type { Head } from "../embed";
import { asksForNew, is, select, writeCondition } from "../filter";
import type { Query } from "../filter";
import { grouped, sorted, SORTS, URGENCY } from "../order";
import type { Sort } from "../order";
import { FilterBar } from "../parts/FilterBar";
import type { FindingTable, Positions } from "../table";
import { CHANGES } from "../report";
import { count, counted } from "../words";
import { CsvButton } from "./findings/CsvButton";
import { Preferences, PREFERRED } from "./findings/Preferences";
import { childrenOf, findingItem, groupItem, keyOf } from "./findings/items";
import type { Item } from "./findings/items";
import { columns } from "./findings/columns";
import { NewOnly } from "./findings/NewOnly";
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
  const { comparison } = useData().head;
  const baseline = comparison != null;
  const route = useRoute();
  const [preferences, setPreferences] = useState(PREFERRED);
  const [expanded, setExpanded] = useState<readonly Item[]>([]);
  const group = choice(route, "group", GROUPS);
  const sort = sortOf(route);
  const query = queryOf(route, baseline);
  const found = useFound(table, query, sort);
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

  const setQuery = (next: Query) => set(queryValues(next, baseline));

  const definitions = columns(route, table, query);
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
          {comparison != null && <NewOnly comparison={comparison} query={query} onChange={setQuery} />}
          <VerdictSwitch table={table} query={query} onChange={(next) => setQuery(next)} />
          <FilterBar table={table} query={query} matches={found.length} onChange={(next) => setQuery(next)} />
        </SpaceBetween>
      }
      pagination={<Pages route={route} page={page} pages={pages} />}
      preferences={<Preferences value={preferences} onChange={setPreferences} without={without(table)} />}
      empty={nothing(query, comparison)}
    />
  );
}

/** Why the list is empty. */
function nothing({ conditions }: Query, comparison: Head["comparison"]): string {
  const [only] = conditions;
  if (comparison == null || only === undefined || conditions.length > 1) return "No finding matches.";
  if (asksForNew(only)) return "Nothing is new since the baseline.";
  const change = CHANGES.find((known) => writeCondition(is("change", known)) === writeCondition(only));
  const there = change === undefined ? 0 : comparison.counts[change];
  if (there === 0) return "No finding matches.";
  return `${counted(there, "finding")} of the earlier report alone: \`diff OLD NEW --format html\` lists them.`;
}

/** The columns that the report has nothing for. */
function without(table: FindingTable): string[] {
  return [...(table.hasChanges ? [] : ["change"]), ...(table.hasAges ? [] : ["since"])];
}

/** What a filter and sorting select, in order. */
function useFound(table: FindingTable, query: Query, sort: Sort): Positions {
  const key = JSON.stringify({ query, sort });
  return useMemo(() => {
    const { query, sort } = JSON.parse(key) as { query: Query; sort: Sort };
    return sorted(table, select(table, query), sort);
  }, [table, key]);
}

function sortOf({ params }: Route): Sort {
  const text = params.get("sort") ?? "";
  const key = SORTS.find((known) => known === text.replace(/^-/, ""));
  return key === undefined ? URGENCY : { key, descending: text.startsWith("-") };
}
