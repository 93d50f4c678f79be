import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Table from "@cloudscape-design/components/table";
import { Name } from "../../parts/labels";
import { when } from "../../words";
import { useApi, useMe } from "../data";
import { NotAllowed } from "../parts/NotAllowed";
import { usePages } from "../parts/pages";
import { Answer, Empty } from "../parts/states";
import { View } from "../parts/View";
import { to } from "../route";
import { may } from "../types";
import type { LogEntry, Page } from "../types";
import { ACTION, detailWords } from "../words";

const TITLE = "Who did what";

/** The audit log. */
export function Log() {
  const me = useMe();
  if (!may(me, "admin")) return <NotAllowed title={TITLE} role="admin" />;
  if (me.targets.length > 0) {
    return (
      <NotAllowed title={TITLE} role="admin" why="The audit log is about all targets, and you see some." />
    );
  }
  return <Lines />;
}

function Lines() {
  const { cursor, first, pagination } = usePages("log");
  const lines = useApi<Page<LogEntry>>("/audit-log", {
    params: { cursor, limit: 50 },
    every: first ? 10_000 : false,
    keep: true,
  });
  return (
    <View title={TITLE} description="The audit log: started, cancelled, approved, exempted, changed">
      <Answer query={lines} what="the audit log">
        {({ items, next }) => (
          <Table<LogEntry>
            variant="container"
            contentDensity="compact"
            wrapLines
            items={items}
            trackBy="id"
            loading={lines.isPlaceholderData}
            loadingText="Loading the audit log"
            enableKeyboardNavigation
            ariaLabels={{ tableLabel: "Audit log" }}
            header={<Header variant="h2">Audit log</Header>}
            pagination={pagination(next)}
            empty={<Empty title="Nobody did anything yet" />}
            columnDefinitions={[
              { id: "at", header: "When", isRowHeader: true, minWidth: 170, cell: ({ at }) => when(at) },
              { id: "actor", header: "Who", cell: ({ actor }) => <Name>{actor}</Name> },
              {
                id: "action",
                header: "What",
                cell: ({ action }) => ACTION[action] ?? <Name>{action}</Name>,
              },
              { id: "object", header: "To what", cell: (line) => <To line={line} /> },
              { id: "detail", header: "Details", cell: ({ detail }) => <Detail detail={detail} /> },
            ]}
          />
        )}
      </Answer>
    </View>
  );
}

/** What it was done to, as a link where there is a view of it. */
function To({ line: { action, object, detail } }: { line: LogEntry }) {
  if (action.startsWith("audit.")) {
    const { target } = detail as { target?: unknown };
    return (
      <Link href={to("audits", object)}>
        <Name>{typeof target === "string" ? `Audit of ${target}` : object}</Name>
      </Link>
    );
  }
  if (action.startsWith("schedule.") && action !== "schedule.remove") {
    return (
      <Link href={to("schedules", object)}>
        <Name>{object}</Name>
      </Link>
    );
  }
  return <Name>{object}</Name>;
}

function Detail({ detail }: { detail: object }) {
  return (
    <div className="log-detail quiet">
      {detailWords(detail).map((words, at) => (
        <span key={at}>
          <Name>{words}</Name>
        </span>
      ))}
    </div>
  );
}
