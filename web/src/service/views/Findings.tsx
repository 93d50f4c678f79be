import Link from "@cloudscape-design/components/link";
import Table from "@cloudscape-design/components/table";
import type { TableProps } from "@cloudscape-design/components/table";
import { useMemo } from "react";
import { Name } from "../../parts/labels";
import { PILLARS } from "../../words";
import type { Condition } from "../../filter";
import { useApi } from "../data";
import { FindingFilter } from "../parts/FindingFilter";
import { Ago, Severe, StoredLabel } from "../parts/labels";
import { usePages } from "../parts/pages";
import { Empty, Trouble } from "../parts/states";
import { View } from "../parts/View";
import { choices, conditionsOf, conditionValues, DESCENDS, oneText, paramsOf, sortOf, SORTS } from "../query";
import type { Sort } from "../query";
import { changed, go, useRoute } from "../route";
import { isPillar } from "../types";
import type { Finding, FindingValues, List, Page, Target } from "../types";

const SIZE = 50;
/** Values of filters change when audits end. */
const SELDOM = 300_000;

/** Findings of all targets as they are now; the service filters, sorts and pages. */
export function Findings() {
  const { params } = useRoute();
  const targets = useApi<List<Target>>("/targets");
  const values = useApi<FindingValues>("/findings/values", { every: SELDOM });
  const all = useMemo(
    () => choices(targets.data?.items ?? [], values.data ?? null),
    [targets.data, values.data],
  );
  const conditions = conditionsOf(params, all);
  const sort = sortOf(params);
  const asked = paramsOf(conditions, all);
  const { cursor, pagination } = usePages(JSON.stringify([asked, sort]));
  const findings = useApi<Page<Finding>>("/findings", {
    params: { ...asked, sort, cursor, limit: SIZE },
    enabled: asked !== null,
    keep: true,
  });
  // Only the first page says how many there are.
  const counted = useApi<Page<Finding>>("/findings", {
    params: { ...asked, sort, cursor: null, limit: SIZE },
    enabled: asked !== null,
    keep: true,
  });
  const page = asked === null ? { items: [], next: null } : findings.data;
  const total = asked === null ? 0 : counted.data?.total;
  return (
    <View title="Findings" description="What is wrong now in all targets, and since when">
      {findings.error !== null && (
        <Trouble
          what={
            findings.data === undefined ? "The findings cannot be shown" : "The findings may be out of date"
          }
          error={findings.error}
          again={() => void findings.refetch()}
        />
      )}
      <FindingTable
        items={page?.items ?? []}
        loading={page === undefined ? findings.error === null : findings.isPlaceholderData}
        sort={sort}
        filter={
          <FindingFilter
            all={all}
            conditions={conditions}
            total={total ?? null}
            onChange={(next: Condition[]) =>
              go(changed({ f: conditionValues(oneText(next)), open: null }), "replace")
            }
          />
        }
        pagination={pagination(page?.next)}
        open={params.get("open")}
      />
    </View>
  );
}

interface Props {
  items: Finding[];
  loading: boolean;
  sort: Sort;
  filter: TableProps["filter"];
  pagination: TableProps["pagination"];
  open: string | null;
}

function FindingTable({ items, loading, sort, filter, pagination, open }: Props) {
  const selected = items.filter((finding) => `${finding.target}/${finding.id}` === open);
  return (
    <Table<Finding>
      variant="full-page"
      contentDensity="compact"
      stickyHeader
      wrapLines
      resizableColumns
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: "Findings" }}
      items={items}
      selectedItems={selected}
      trackBy={(finding) => `${finding.target}/${finding.id}`}
      loading={loading}
      loadingText="Loading the findings"
      filter={filter}
      pagination={pagination}
      sortingColumn={{ sortingField: sort }}
      sortingDescending={DESCENDS[sort]}
      onSortingChange={({ detail }) => {
        const next = SORTS.find((known) => known === detail.sortingColumn.sortingField);
        if (next !== undefined) go(changed({ sort: next === "severity" ? null : next }), "replace");
      }}
      columnDefinitions={COLUMNS}
      empty={
        <Empty title="No findings">
          Nothing matches the filter. Before the first audit is finished there is nothing at all.
        </Empty>
      }
    />
  );
}

const COLUMNS: TableProps.ColumnDefinition<Finding>[] = [
  {
    id: "severity",
    header: "Severity",
    sortingField: "severity",
    width: 110,
    cell: ({ severity }) => <Severe severity={severity} />,
  },
  {
    id: "title",
    header: "Finding",
    sortingField: "check",
    isRowHeader: true,
    width: 330,
    cell: (finding) => (
      <>
        <Link href={changed({ open: `${finding.target}/${finding.id}` })}>{finding.title}</Link>
        <div className="quiet small">
          <Name>{finding.say}</Name>
        </div>
      </>
    ),
  },
  {
    id: "verdict",
    header: "Verdict",
    width: 130,
    cell: ({ verdict }) => <StoredLabel verdict={verdict} />,
  },
  {
    id: "resource",
    header: "Resource",
    sortingField: "resource",
    width: 220,
    cell: (finding) => (
      <>
        <Name>{finding.name}</Name>
        <div className="quiet small">{finding.kind}</div>
      </>
    ),
  },
  { id: "target", header: "Target", width: 120, cell: ({ target }) => <Name>{target}</Name> },
  {
    id: "place",
    header: "Account and region",
    width: 150,
    cell: ({ account, region }) => (
      <>
        <Name>{account}</Name>
        <div className="quiet small">{region}</div>
      </>
    ),
  },
  {
    id: "pillar",
    header: "Pillar",
    width: 150,
    cell: ({ pillar }) => (isPillar(pillar) ? PILLARS[pillar] : pillar),
  },
  {
    id: "since",
    header: "Since",
    sortingField: "since",
    width: 120,
    cell: ({ since }) => <Ago at={since} />,
  },
];
