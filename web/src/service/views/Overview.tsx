import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import { Name } from "../../parts/labels";
import { count, counted } from "../../words";
import { useApi, useMe } from "../data";
import { Ago, StateLabel } from "../parts/labels";
import { Answer, Empty } from "../parts/states";
import { TargetTable } from "../parts/TargetTable";
import { View } from "../parts/View";
import { to } from "../route";
import { may } from "../types";
import type { Audit, List, Page, Target } from "../types";

/** Where all targets stand, by pillar, and what runs. */
export function Overview() {
  const me = useMe();
  const targets = useApi<List<Target>>("/targets", { every: 15_000 });
  const recent = useApi<Page<Audit>>("/audits", { params: { limit: 8 }, every: 5_000 });
  return (
    <View
      title="Overview"
      description="Every target by pillar, as its last finished audit saw it"
      actions={
        may(me, "operator") && (
          <Button variant="primary" href={to("audits", "new")}>
            Start an audit
          </Button>
        )
      }
    >
      <Answer query={targets} what="the targets">
        {({ items }) => (
          <SpaceBetween size="l">
            <Figures targets={items} />
            <TargetTable targets={items} />
          </SpaceBetween>
        )}
      </Answer>
      <Container
        header={
          <Header variant="h2" actions={<Link href={to("audits")}>All audits</Link>}>
            Latest audits
          </Header>
        }
      >
        <Answer query={recent} what="the audits">
          {({ items }) => <Recent audits={items} />}
        </Answer>
      </Container>
    </View>
  );
}

/** What is worst, over all targets. Scores of targets are not averaged: an average hides the worst. */
function Figures({ targets }: { targets: Target[] }) {
  const sums = useMemo(() => {
    const points = targets.filter(({ removed }) => removed == null).flatMap(({ pillars }) => pillars);
    const of = (value: (point: Target["pillars"][number]) => number) =>
      points.reduce((sum, point) => sum + value(point), 0);
    return {
      critical: of(({ fails }) => fails.critical),
      high: of(({ fails }) => fails.high),
      unknown: of(({ unknown }) => unknown),
      risks: of(({ high_risk_issues }) => high_risk_issues),
      audited: targets.filter(({ pillars, removed }) => removed == null && pillars.length > 0).length,
      all: targets.filter(({ removed }) => removed == null).length,
    };
  }, [targets]);
  const severe = (severity: string) => to("findings", [], { f: ["verdict=fail", `severity=${severity}`] });
  return (
    <Container>
      <div className="figures">
        <Figure label="Critical failures" value={sums.critical} href={severe("critical")} />
        <Figure label="High failures" value={sums.high} href={severe("high")} />
        <Figure label="Undecided" value={sums.unknown} href={to("findings", [], { f: "verdict=unknown" })} />
        <Figure label="High-risk issues" value={sums.risks} />
        <div className="figure">
          <Box variant="awsui-key-label">Targets audited</Box>
          <span className="value">
            {count(sums.audited)} of {count(sums.all)}
          </span>
        </div>
      </div>
    </Container>
  );
}

function Figure({ label, value, href }: { label: string; value: number; href?: string }) {
  return (
    <div className="figure">
      <Box variant="awsui-key-label">{label}</Box>
      <span className="value">
        {href === undefined ? (
          count(value)
        ) : (
          <Link href={href} fontSize="inherit" ariaLabel={`${label}: ${count(value)}`}>
            {count(value)}
          </Link>
        )}
      </span>
    </div>
  );
}

function Recent({ audits }: { audits: Audit[] }) {
  if (audits.length === 0) {
    return <Empty title="No audit has run yet">A schedule starts one, or somebody does.</Empty>;
  }
  return (
    <table className="plain recent">
      <thead>
        <tr>
          <th>Audit</th>
          <th>State</th>
          <th className="spare">Started by</th>
          <th>New and fixed</th>
          <th>When</th>
        </tr>
      </thead>
      <tbody>
        {audits.map((audit) => (
          <tr key={audit.id}>
            <td>
              <Link href={to("audits", audit.id)} ariaLabel={`Audit of ${audit.target}, ${audit.queued}`}>
                <Name>{audit.target}</Name>
              </Link>
            </td>
            <td>
              <StateLabel audit={audit} />
            </td>
            <td className="spare">
              <Name>{audit.schedule ?? audit.requested_by}</Name>
            </td>
            <td className="numbers">
              {audit.result == null
                ? "–"
                : `${counted(audit.result.new_fails, "new failure")}, ${count(audit.result.fixed)} fixed`}
            </td>
            <td>
              <Ago at={audit.ended ?? audit.started ?? audit.queued} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
