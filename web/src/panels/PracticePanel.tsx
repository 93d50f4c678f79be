import Alert from "@cloudscape-design/components/alert";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import SplitPanel from "@cloudscape-design/components/split-panel";
import { useData } from "../app/data";
import { findingsLink, link } from "../app/route";
import type { Condition } from "../filter";
import { is, writeCondition } from "../filter";
import { sorted, URGENCY } from "../order";
import { Section } from "../parts/CheckFacts";
import { Code } from "../parts/Code";
import {
  AttestationLabel,
  Name,
  RiskBadge,
  SeverityBadge,
  StatusLabel,
  VerdictLabel,
  WebLink,
} from "../parts/labels";
import { VerdictBar } from "../parts/meters";
import { attestation, notes } from "../review";
import type { Attestation, Practice } from "../report";
import type { FindingTable } from "../table";
import { ATTESTED, count, counted } from "../words";

/** How many resources are listed; the rest is a link away. */
const LISTED = 20;

const EVIDENCE: Record<Practice["evidence"], string> = {
  api: "APIs can decide it",
  partial: "APIs give evidence, but no proof",
  human: "Only people can answer",
};

/** A best practice: what the evidence says, what people say, and the checks behind it. */
export function PracticePanel({ practice, table }: { practice: Practice; table: FindingTable }) {
  const { head } = useData();
  const question = head.questions.find(({ id }) => id === practice.question);
  const failed: Condition[] = [is("practice", practice.id), is("verdict", "fail")];
  return (
    <SplitPanel
      header={`${practice.id} ${practice.title}`}
      closeBehavior="hide"
      headerDescription={
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          <StatusLabel status={practice.status} />
          <RiskBadge risk={practice.risk} />
          <AttestationLabel practice={practice} />
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={2}
          items={[
            { label: "Question", value: `${practice.question} ${question?.title ?? ""}` },
            { label: "Evidence", value: EVIDENCE[practice.evidence] },
            {
              label: "Findings",
              value: (
                <SpaceBetween size="xxs">
                  <VerdictBar counts={practice.counts} />
                  <Link href={findingsLink(...failed)}>
                    {counted(practice.counts.fail, "failed finding")}
                  </Link>
                  <Link href={findingsLink(is("practice", practice.id))}>All findings</Link>
                </SpaceBetween>
              ),
            },
          ]}
        />
        {practice.attestation != null && <Attested attestation={practice.attestation} />}
        <Section title="Checks">
          <Checks practice={practice} />
        </Section>
        <Judged practice={practice} table={table} />
        <Section title="Notes for the AWS Well-Architected Tool">
          <Code label={`Notes on ${practice.id}`} text={notes(practice, head)} />
        </Section>
        {practice.attestation == null && practice.status !== "at_risk" && (
          <Section title="Attest it in a policy">
            <Code label={`Attestation of ${practice.id}`} text={attestation(practice, head.scan.finished)} />
          </Section>
        )}
      </SpaceBetween>
    </SplitPanel>
  );
}

function Checks({ practice }: { practice: Practice }) {
  const { head } = useData();
  const checks = head.checks.filter(({ id }) => practice.checks.includes(id));
  if (checks.length === 0) return <p className="quiet">No check gives evidence: people must answer.</p>;
  return (
    <table className="plain">
      <thead>
        <tr>
          <th>Check</th>
          <th>Severity</th>
          <th>Fail</th>
          <th>Unknown</th>
          <th>Pass</th>
        </tr>
      </thead>
      <tbody>
        {checks.map((check) => (
          <tr key={check.id}>
            <td>
              <Link href={findingsLink(is("check", check.id))}>{check.title}</Link>
              {(check.counts?.fail ?? 0) > 0 && (
                <div className="small">
                  <Link fontSize="body-s" variant="secondary" href={link("plan", { open: check.id })}>
                    How to fix it
                  </Link>
                </div>
              )}
            </td>
            <td>
              <SeverityBadge severity={check.severity} />
            </td>
            <td className="numbers">{count(check.counts?.fail ?? 0)}</td>
            <td className="numbers">{count(check.counts?.unknown ?? 0)}</td>
            <td className="numbers">{count(check.counts?.pass ?? 0)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The resources that speak against the practice, and those of which nothing is known: the worst first. */
function Judged({ practice, table }: { practice: Practice; table: FindingTable }) {
  const own = table.where((at) => {
    const verdict = table.verdictOf(at);
    return (
      (verdict === "fail" || verdict === "unknown") && table.checkOf(at).best_practices.includes(practice.id)
    );
  });
  if (own.length === 0) return null;
  const filter = [is("practice", practice.id), is("verdict", "fail", "unknown")];
  return (
    <Section title={`Resources that fail or are undecided (${count(own.length)})`}>
      <ul className="links">
        {table.rows(sorted(table, own, URGENCY).subarray(0, LISTED)).map((row) => (
          <li key={row.id}>
            <Link href={link("findings", { f: filter.map(writeCondition), open: row.id })}>
              <Name>{row.resource.name}</Name>
            </Link>{" "}
            <VerdictLabel verdict={row.verdict} />{" "}
            <span className="quiet small">
              {row.check.title}: <Name>{`${row.resource.account} ${row.resource.region}: ${row.say}`}</Name>
            </span>
          </li>
        ))}
      </ul>
      {own.length > LISTED && <Link href={findingsLink(...filter)}>All {count(own.length)}</Link>}
    </Section>
  );
}

function Attested({ attestation }: { attestation: Attestation }) {
  const type =
    attestation.state !== "valid" ? "warning" : attestation.status === "not_met" ? "error" : "success";
  const because = {
    valid: "",
    expired: "Its time is over: it no longer counts.",
    contradicted: "The evidence contradicts it.",
  }[attestation.state];
  return (
    <Alert type={type} header={ATTESTED[attestation.status]}>
      {because} <Name>{attestation.owner}</Name>, {attestation.date}, holds until {attestation.expires}.{" "}
      {attestation.note != null && <Name>{attestation.note}</Name>}{" "}
      {attestation.link != null && <WebLink href={attestation.link} />}
    </Alert>
  );
}
