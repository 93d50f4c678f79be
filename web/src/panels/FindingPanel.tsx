import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import SplitPanel from "@cloudscape-design/components/split-panel";
import { useData, useDetails } from "../app/data";
import { findingsLink, link } from "../app/route";
import type { Details, Difference } from "../embed";
import { exemption } from "../exemption";
import { is } from "../filter";
import { Mapped, PracticeLinks, References } from "../parts/CheckFacts";
import { Code } from "../parts/Code";
import { Remedy } from "../parts/Remedy";
import { CauseLabel, Name, SeverityBadge, VerdictLabel } from "../parts/labels";
import { Tags } from "../parts/Tags";
import type { ResourceRow, Row } from "../table";
import { CHANGE, PILLARS, usd, VERDICT, WHY } from "../words";

/** Everything that the report knows of a finding. */
export function FindingPanel({ row }: { row: Row }) {
  return (
    <SplitPanel
      header={row.check.title}
      closeBehavior="hide"
      headerDescription={
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          <SeverityBadge severity={row.severity} />
          {!row.former && <VerdictLabel verdict={row.verdict} />}
          {row.change !== null && <span>{CHANGE[row.change]}</span>}
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <Box fontSize="heading-s">
          <Name>{row.say}</Name>
        </Box>
        <Facts row={row} />
        {row.difference !== null && <Became row={row} difference={row.difference} />}
        {!row.former && <Unpacking row={row} />}
        <Mapped check={row.check} />
        <References check={row.check} />
      </SpaceBetween>
    </SplitPanel>
  );
}

/** What became of it since the baseline, where the verdict alone does not say it. */
function Became({ row, difference: { why, gaps } }: { row: Row; difference: Difference }) {
  const because = why == null ? "" : ` ${sentence(WHY[why])}`;
  if (!row.former) return because === "" ? null : <Alert type="info">{because}</Alert>;
  return (
    <Alert type="info" header="Only the earlier report has this finding">
      Its verdict there: {VERDICT[row.verdict].toLowerCase()}.{because}
      {gaps.map((gap, at) => (
        <div key={at}>
          <Name>{gap.action}</Name> <CauseLabel cause={gap.cause} /> <Name>{gap.detail}</Name>
        </div>
      ))}
    </Alert>
  );
}

function sentence(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
}

function Unpacking({ row }: { row: Row }) {
  const { details, error } = useDetails(row.at);
  if (error !== null) return <Unreadable error={error} />;
  return details === null ? <Spinner /> : <Reading row={row} details={details} />;
}

/** What stands in place of evidence and remedy where the file is damaged. */
function Unreadable({ error }: { error: string }) {
  return (
    <Alert type="error" header="The evidence cannot be shown">
      {error}
    </Alert>
  );
}

function Facts({ row }: { row: Row }) {
  const { resource, check } = row;
  const named = resource.name !== resource.id;
  return (
    <KeyValuePairs
      columns={2}
      items={[
        {
          label: "Resource",
          value: <ResourceLink resource={resource} />,
        },
        { label: "Kind", value: resource.kind },
        ...(named ? [{ label: "Id", value: <Name>{resource.id}</Name> }] : []),
        {
          label: "Account and region",
          value: <Name>{`${resource.account}, ${resource.region}`}</Name>,
        },
        ...(resource.arn === null ? [] : [{ label: "ARN", value: <Name>{resource.arn}</Name> }]),
        { label: "Check", value: <Link href={findingsLink(is("check", check.id))}>{check.id}</Link> },
        { label: "Pillar", value: PILLARS[check.pillar] },
        { label: "Best practices", value: <PracticeLinks ids={check.best_practices} /> },
        ...(row.saves === null ? [] : [{ label: "Saves", value: `${usd(row.saves)} a month` }]),
        ...(row.firstFailed === null
          ? []
          : [{ label: "Failing since", value: row.firstFailed.slice(0, 10) }]),
        { label: "Tags", value: <Tags tags={resource.tags} /> },
        { label: "Finding", value: <Name>{row.id}</Name> },
      ]}
    />
  );
}

/** A link to all verdicts on the resource, where this report has any. */
function ResourceLink({ resource }: { resource: ResourceRow }) {
  const { table } = useData();
  const name = <Name>{resource.name}</Name>;
  if (table === null || resource.at >= table.judged) return name;
  return <Link href={link("resources", { open: resource.key })}>{name}</Link>;
}

function Reading({ row, details }: { row: Row; details: Details }) {
  const { head } = useData();
  return (
    <SpaceBetween size="l">
      <Remedy
        verdict={row.verdict}
        check={row.check}
        details={details}
        gaps={<Link href={link("coverage", { tab: "gaps" })}>What to do about it</Link>}
      />
      {row.verdict === "fail" && (
        <ExpandableSection headerText="Exempt it in a policy">
          <Code label="Exemption for a policy file" text={exemption(row, head.scan.finished)} />
        </ExpandableSection>
      )}
    </SpaceBetween>
  );
}
