import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import SplitPanel from "@cloudscape-design/components/split-panel";
import { useState } from "react";
import { Mapped, References, Section } from "../../parts/CheckFacts";
import { Name } from "../../parts/labels";
import { Remedy } from "../../parts/Remedy";
import type { Details } from "../../embed";
import { PILLARS, usd, when } from "../../words";
import { piece } from "../call";
import { useApi, useMe } from "../data";
import { Ago, Severe, StoredLabel } from "../parts/labels";
import { reportLink } from "../parts/links";
import { RequestExemption } from "../parts/RequestExemption";
import { Answer, Loading, Trouble } from "../parts/states";
import { to } from "../route";
import { isPillar, may } from "../types";
import type { Change, FindingDetails, FindingWithHistory } from "../types";

/** What is open beside the list: `target/id`. */
export function FindingPanel({ open }: { open: string | null }) {
  const [target = "", id = ""] = open === null ? [] : open.split("/", 2);
  const path = `/findings/${piece(target)}/${piece(id)}`;
  const finding = useApi<FindingWithHistory>(path, { enabled: id !== "" });
  return (
    <SplitPanel
      header={finding.data?.title ?? "Finding"}
      closeBehavior="hide"
      headerDescription={
        finding.data !== undefined && (
          <SpaceBetween direction="horizontal" size="xs" alignItems="center">
            <Severe severity={finding.data.severity} />
            <StoredLabel verdict={finding.data.verdict} />
          </SpaceBetween>
        )
      }
    >
      {id === "" ? (
        <Box>Nothing is open.</Box>
      ) : (
        <Answer query={finding} what="the finding">
          {(data) => <Opened finding={data} path={path} key={data.id} />}
        </Answer>
      )}
    </SplitPanel>
  );
}

function Opened({ finding, path }: { finding: FindingWithHistory; path: string }) {
  const me = useMe();
  const [asking, setAsking] = useState(false);
  return (
    <SpaceBetween size="l">
      <Box fontSize="heading-s">
        <Name>{finding.say}</Name>
      </Box>
      {finding.verdict === "fail" && may(me, "operator") && (
        <Button onClick={() => setAsking(true)}>Ask for an exemption</Button>
      )}
      {asking && <RequestExemption finding={finding} onClose={() => setAsking(false)} />}
      <Facts finding={finding} />
      <Section title="History">
        <History finding={finding} />
      </Section>
      <Reading path={path} finding={finding} />
    </SpaceBetween>
  );
}

function Facts({ finding }: { finding: FindingWithHistory }) {
  const { pillar } = finding;
  return (
    <KeyValuePairs
      columns={2}
      items={[
        { label: "Resource", value: <Name>{finding.name}</Name> },
        { label: "Kind", value: finding.kind },
        ...(finding.name === finding.resource
          ? []
          : [{ label: "Id", value: <Name>{finding.resource}</Name> }]),
        {
          label: "Target",
          value: (
            <Link href={to("targets", finding.target)}>
              <Name>{finding.target}</Name>
            </Link>
          ),
        },
        { label: "Account and region", value: <Name>{`${finding.account}, ${finding.region}`}</Name> },
        {
          label: "Check",
          value: <Link href={to("findings", [], { f: `check=${finding.check}` })}>{finding.check}</Link>,
        },
        { label: "Pillar", value: isPillar(pillar) ? PILLARS[pillar] : pillar },
        { label: "First seen", value: <Seen at={finding.first_seen} audit={finding.first_audit} /> },
        { label: "Last seen", value: <Seen at={finding.last_seen} audit={finding.last_audit} /> },
        ...(finding.failing_since == null
          ? []
          : [{ label: "Failing since", value: <Ago at={finding.failing_since} /> }]),
        { label: "Finding", value: <Name>{finding.id}</Name> },
      ]}
    />
  );
}

function Seen({ at, audit }: { at: string; audit: string }) {
  return <Link href={to("audits", audit)}>{when(at)}</Link>;
}

/** What became of it, the newest first. */
function History({ finding }: { finding: FindingWithHistory }) {
  const changes = [...finding.history].reverse();
  return (
    <ul className="history" aria-label="History">
      {changes.map((change, at) => (
        <li key={`${change.at} ${change.audit}`}>
          <SpaceBetween direction="horizontal" size="xs" alignItems="center">
            <StoredLabel verdict={change.verdict} />
            <Severe severity={change.severity} />
            {isFixed(change, changes[at + 1]) && <Box variant="strong">Fixed</Box>}
          </SpaceBetween>
          <div className="quiet small">
            {when(change.at)}, by{" "}
            <Link href={to("audits", change.audit)} fontSize="body-s">
              this audit
            </Link>
          </div>
        </li>
      ))}
    </ul>
  );
}

function isFixed(change: Change, before: Change | undefined): boolean {
  return before?.verdict === "fail" && ["pass", "not_applicable", "gone"].includes(change.verdict);
}

/** Evidence and remedy, from the report of the last audit that judged it. */
function Reading({ path, finding }: { path: string; finding: FindingWithHistory }) {
  const details = useApi<FindingDetails>(`${path}/details`);
  if (details.data === undefined) {
    if (details.error === null) return <Loading what="evidence and remedy" />;
    return <Trouble what="Evidence and remedy cannot be shown" error={details.error} />;
  }
  const { finding: found, check, audit } = details.data;
  const read: Details = {
    evidence: found.evidence,
    gaps: found.gaps,
    ...(found.fix?.cli != null && { cli: found.fix.cli }),
    ...(found.fix?.terraform != null && { terraform: found.fix.terraform }),
    ...(found.exemption != null && { exemption: found.exemption }),
  };
  return (
    <SpaceBetween size="l">
      {check != null && <Remedy verdict={found.verdict} check={check} details={read} />}
      {found.saves_usd_month != null && <div>Saves {usd(found.saves_usd_month)} a month.</div>}
      {found.best_practices.length > 0 && (
        <Section title={found.best_practices.length === 1 ? "Best practice" : "Best practices"}>
          {found.best_practices.join(", ")}
        </Section>
      )}
      {check != null && <Mapped check={check} linked={false} />}
      {check != null && <References check={check} />}
      <Link href={`${reportLink(audit)}#/findings?open=${finding.id}`} target="_blank" external>
        In the report of that audit
      </Link>
    </SpaceBetween>
  );
}
