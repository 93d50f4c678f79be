import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Spinner from "@cloudscape-design/components/spinner";
import Table from "@cloudscape-design/components/table";
import { useMemo } from "react";
import { useData } from "../app/data";
import { changed, useRoute } from "../app/route";
import type { Route } from "../app/route";
import { judged, kinds } from "../inventory";
import type { JudgedKind } from "../inventory";
import type { FindingTable } from "../table";
import { count } from "../words";
import { ResourceList } from "./resources/ResourceList";

/** What is there, by kind, with all verdicts. */
export function Resources() {
  const { table } = useData();
  return (
    <ContentLayout header={<Header variant="h1">Resources</Header>}>
      {table === null ? <Spinner /> : <Inventory table={table} />}
    </ContentLayout>
  );
}

function Inventory({ table }: { table: FindingTable }) {
  const { head } = useData();
  const route = useRoute();
  const all = useMemo(() => judged(table), [table]);
  const byKind = useMemo(() => kinds(all, head.reads), [all, head]);
  return (
    <div className="wide">
      <div className="inventory">
        <Kinds kinds={byKind} route={route} />
        <ResourceList all={all} />
      </div>
    </div>
  );
}

function Kinds({ kinds, route }: { kinds: JudgedKind[]; route: Route }) {
  const chosen = route.params.get("kind");
  const to = (kind: string | null) => changed(route, { kind, page: null, open: null });
  return (
    <Table<JudgedKind>
      variant="container"
      contentDensity="compact"
      enableKeyboardNavigation
      trackBy="kind"
      items={kinds}
      ariaLabels={{ tableLabel: "Kinds of resources" }}
      header={
        <Header
          variant="h2"
          counter={`(${count(kinds.length)})`}
          actions={chosen !== null && <Link href={to(null)}>All kinds</Link>}
        >
          Kinds
        </Header>
      }
      columnDefinitions={[
        {
          id: "kind",
          header: "Kind",
          isRowHeader: true,
          cell: ({ kind }) => (
            <Box {...(kind === chosen && { fontWeight: "bold" as const })}>
              <Link href={to(kind)} {...(kind === chosen && { ariaLabel: `${kind}, chosen` })}>
                {kind}
              </Link>
            </Box>
          ),
        },
        {
          id: "listed",
          header: "There",
          cell: ({ listed }) => <span className="numbers">{count(listed)}</span>,
        },
        {
          id: "failing",
          header: "Failing",
          cell: ({ failing }) => <span className="numbers">{count(failing)}</span>,
        },
      ]}
    />
  );
}
