import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { Name } from "../../parts/labels";
import { piece } from "../call";
import { useApi, useMe } from "../data";
import { AuditTable } from "../parts/AuditTable";
import { Ago } from "../parts/labels";
import { PillarCards } from "../parts/PillarCards";
import { Answer, Empty } from "../parts/states";
import { TrendChart } from "../parts/TrendChart";
import { Buttons, View } from "../parts/View";
import { to } from "../route";
import { may } from "../types";
import type { Audit, List, Page, Target, Trend } from "../types";

/** One target: its pillars, their trend, its audits. */
export function TargetView({ name }: { name: string }) {
  const me = useMe();
  const targets = useApi<List<Target>>("/targets", { every: 15_000 });
  const target = targets.data?.items.find((candidate) => candidate.name === name);
  const audits = useApi<Page<Audit>>("/audits", { params: { target: name, limit: 10 }, every: 5_000 });
  return (
    <View
      title={name}
      heading={<Name>{name}</Name>}
      description={target !== undefined && <About target={target} />}
      actions={
        <Buttons>
          <Button href={to("findings", [], { f: ["verdict=fail", `target=${name}`] })}>
            Failed findings
          </Button>
          <Button href={to("milestones", [], { target: name })}>Compare audits</Button>
          {may(me, "operator") && target?.removed == null && (
            <Button variant="primary" href={to("audits", "new", { target: name })}>
              Start an audit
            </Button>
          )}
        </Buttons>
      }
    >
      <Answer query={targets} what="the target">
        {() => (target === undefined ? <Missing /> : <Pillars target={target} />)}
      </Answer>
      <TrendChart target={name} />
      <Container
        disableContentPaddings
        header={
          <Header
            variant="h2"
            actions={<Link href={to("audits", [], { target: name })}>All of its audits</Link>}
          >
            Latest audits
          </Header>
        }
      >
        <Answer query={audits} what="the audits">
          {({ items }) => <AuditTable audits={items} of="target" />}
        </Answer>
      </Container>
    </View>
  );
}

function Missing() {
  return (
    <Empty title="There is no such target">
      The configuration does not name it, or it is not yours to see.{" "}
      <Link href={to("overview")}>All targets</Link>
    </Empty>
  );
}

function About({ target }: { target: Target }) {
  const [last] = target.pillars;
  const facts = [
    target.owners.length > 0 ? `Owners: ${target.owners.join(", ")}` : null,
    `Regions: ${target.regions.join(", ")}`,
  ];
  return (
    <>
      <Name>{facts.filter((fact) => fact !== null).join(" · ")}</Name>
      {last !== undefined && (
        <>
          {" · "}Audited <Ago at={last.at} />
        </>
      )}
      {target.removed != null && (
        <>
          {" · "}
          <StatusIndicator type="stopped">
            Not in the configuration since <Ago at={target.removed} />
          </StatusIndicator>
        </>
      )}
    </>
  );
}

function Pillars({ target }: { target: Target }) {
  const trend = useApi<Trend>(`/targets/${piece(target.name)}/trend`, { params: { days: 90, most: 40 } });
  if (target.pillars.length === 0) {
    return <Empty title="Not audited yet">Its pillars are here once an audit is finished.</Empty>;
  }
  return <PillarCards points={target.pillars} trend={trend.data?.points ?? []} target={target.name} />;
}
