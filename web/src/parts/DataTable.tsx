import { useCollection } from "@cloudscape-design/collection-hooks";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import Table from "@cloudscape-design/components/table";
import type { TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import type { ReactNode } from "react";
import { PAGE } from "../app/paging";
import { count, counted } from "../words";

interface Props<T> {
  title: string;
  description?: ReactNode;
  /** Names an item among the others. */
  keyOf: (item: T) => string;
  items: readonly T[];
  columns: TableProps.ColumnDefinition<T>[];
  /** What the list is sorted by before the reader chooses. */
  sortedBy?: { field: string; descending: boolean };
  empty: string;
}

/** A list with a search, sorting and pages, for lists that are short enough to be held as objects. */
export function DataTable<T>({ title, description, keyOf, items, columns, sortedBy, empty }: Props<T>) {
  const sortingColumn = columns.find(({ sortingField }) => sortingField === sortedBy?.field);
  const {
    items: shown,
    collectionProps,
    filterProps,
    paginationProps,
    filteredItemsCount,
  } = useCollection(items, {
    filtering: { empty, noMatch: "Nothing matches." },
    pagination: { pageSize: PAGE },
    sorting:
      sortingColumn === undefined
        ? {}
        : { defaultState: { sortingColumn, isDescending: sortedBy?.descending === true } },
  });
  return (
    <Table<T>
      {...collectionProps}
      variant="borderless"
      contentDensity="compact"
      wrapLines
      resizableColumns
      enableKeyboardNavigation
      trackBy={keyOf}
      items={shown}
      columnDefinitions={columns}
      ariaLabels={{ tableLabel: title }}
      header={
        <Header variant="h2" counter={`(${count(items.length)})`} description={description}>
          {title}
        </Header>
      }
      filter={
        items.length > 10 && (
          <TextFilter
            {...filterProps}
            filteringPlaceholder="Search"
            filteringAriaLabel={`Search in ${title.toLowerCase()}`}
            countText={counted(filteredItemsCount ?? 0, "match", "matches")}
          />
        )
      }
      pagination={items.length > PAGE && <Pagination {...paginationProps} />}
    />
  );
}
