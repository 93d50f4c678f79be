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
import type { Details } from "../embed";
import { exemption } from "../exemption";
import { is } from "../filter";
import { Mapped, PracticeLinks, References, Section } from "../parts/CheckFacts";
import { Code } from "../parts/Code";
import { Evidence } from "../parts/Evidence";
import { CauseLabel, Name, SeverityBadge, VerdictLabel } from "../parts/labels";
import { Tags } from "../parts/Tags";
import type { Row } from "../table";
import { CHANGE, EFFORT, PILLARS, usd } from "../words";

/** Everything that the report knows of a finding. */
export function FindingPanel({ row }: { row: Row }) {
  const { details, error } = useDetails(row.at);
  return (
    <SplitPanel
      header={row.check.title}
      closeBehavior="hide"
      headerDescription={
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          <SeverityBadge severity={row.severity} />
          <VerdictLabel verdict={row.verdict} />
          {row.change !== null && <span>{CHANGE[row.change]}</span>}
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <Box fontSize="heading-s">
          <Name>{row.say}</Name>
        </Box>
        <Facts row={row} />
        {error !== null && <Unreadable error={error} />}
        {details === null ? error === null && <Spinner /> : <Reading row={row} details={details} />}
        <Mapped check={row.check} />
        <References check={row.check} />
      </SpaceBetween>
    </SplitPanel>
  );
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
          value: (
            <Link href={link("resources", { open: resource.key })}>
              <Name>{resource.name}</Name>
            </Link>
          ),
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

function Reading({ row, details }: { row: Row; details: Details }) {
  const { head } = useData();
  const flawed = row.verdict === "fail" || row.verdict === "exempt";
  return (
    <SpaceBetween size="l">
      {details.exemption !== undefined && (
        <Alert type="info" header={`Exempt until ${details.exemption.expires}`}>
          <Name>{`${details.exemption.reason} (${details.exemption.owner})`}</Name>
        </Alert>
      )}
      {details.gaps !== undefined && (
        <Section title="What could not be read">
          <ul className="links">
            {details.gaps.map((gap, at) => (
              <li key={at}>
                <Name>{gap.action}</Name> <CauseLabel cause={gap.cause} /> <Name>{gap.detail}</Name>
              </li>
            ))}
          </ul>
          <Link href={link("coverage", { tab: "gaps" })}>What to do about it</Link>
        </Section>
      )}
      <Section title="Evidence">
        <Evidence evidence={details.evidence ?? {}} />
      </Section>
      <Section title="Why it matters">{row.check.why}</Section>
      <Section title={`Remedy (${EFFORT[row.check.effort].toLowerCase()})`}>
        <SpaceBetween size="s">
          <div>{row.check.fix}</div>
          {flawed && details.cli !== undefined && <Code label="AWS CLI" text={details.cli} />}
          {flawed && details.terraform !== undefined && (
            <Code label="Terraform" text={details.terraform.trimEnd()} />
          )}
        </SpaceBetween>
      </Section>
      {row.verdict === "fail" && (
        <ExpandableSection headerText="Exempt it in a policy">
          <Code label="Exemption for a policy file" text={exemption(row, head.scan.finished)} />
        </ExpandableSection>
      )}
    </SpaceBetween>
  );
}
