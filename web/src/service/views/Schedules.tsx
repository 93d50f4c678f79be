import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { Name } from "../../parts/labels";
import { count } from "../../words";
import { useApi, useMe } from "../data";
import { useNow } from "../parts/labels";
import { Answer, Empty } from "../parts/states";
import { View } from "../parts/View";
import { to } from "../route";
import { may } from "../types";
import type { List, Schedule } from "../types";
import { ago, inZone } from "../words";

/** When targets are audited. */
export function Schedules() {
  const me = useMe();
  const schedules = useApi<List<Schedule>>("/schedules", { every: 30_000 });
  return (
    <View
      title="Schedules"
      description="When targets are audited by themselves"
      actions={
        may(me, "operator") && (
          <Button variant="primary" href={to("schedules", "new")}>
            Add a schedule
          </Button>
        )
      }
    >
      <Answer query={schedules} what="the schedules">
        {({ items }) => <List items={items} />}
      </Answer>
    </View>
  );
}

function List({ items }: { items: Schedule[] }) {
  const now = useNow();
  return (
    <Table<Schedule>
      variant="container"
      wrapLines
      items={items}
      trackBy="name"
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: "Schedules" }}
      header={
        <Header variant="h2" counter={`(${count(items.length)})`}>
          Schedules
        </Header>
      }
      empty={
        <Empty title="No schedules">
          The configuration names some, or somebody adds one here. Without one, audits run when somebody
          starts them.
        </Empty>
      }
      columnDefinitions={[
        {
          id: "name",
          header: "Schedule",
          isRowHeader: true,
          cell: ({ name }) => (
            <Link href={to("schedules", name)}>
              <Name>{name}</Name>
            </Link>
          ),
        },
        {
          id: "cron",
          header: "When",
          cell: ({ spec }) => <Name>{`${spec.cron} (${spec.time_zone ?? "UTC"})`}</Name>,
        },
        {
          id: "targets",
          header: "Targets",
          cell: ({ spec }) => (spec.targets?.length ? <Name>{spec.targets.join(", ")}</Name> : "All"),
        },
        {
          id: "next",
          header: "Next",
          cell: ({ next: [next], spec }) =>
            next === undefined ? "–" : `${ago(next, now)}: ${inZone(next, spec.time_zone ?? "UTC")}`,
        },
        {
          id: "enabled",
          header: "State",
          cell: ({ enabled }) => (
            <StatusIndicator type={enabled ? "success" : "stopped"}>{enabled ? "On" : "Off"}</StatusIndicator>
          ),
        },
        {
          id: "origin",
          header: "From",
          cell: ({ origin }) => (origin === "file" ? "Configuration" : "This page or the API"),
        },
      ]}
    />
  );
}
