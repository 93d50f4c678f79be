import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import type { Details } from "../embed";
import type { CheckReport, Verdict } from "../report";
import { EFFORT } from "../words";
import { Section } from "./CheckFacts";
import { Code } from "./Code";
import { Evidence } from "./Evidence";
import { CauseLabel, Name } from "./labels";

interface Props {
  verdict: Verdict;
  check: Pick<CheckReport, "why" | "fix" | "effort">;
  details: Details;
  /** What to do about what could not be read. */
  gaps?: ReactNode;
}

/** What a check read of a resource, why it matters, and what to do. */
export function Remedy({ verdict, check, details, gaps }: Props) {
  const flawed = verdict === "fail" || verdict === "exempt";
  return (
    <SpaceBetween size="l">
      {details.exemption !== undefined && (
        <Alert type="info" header={`Exempt until ${details.exemption.expires}`}>
          <Name>{`${details.exemption.reason} (${details.exemption.owner})`}</Name>
        </Alert>
      )}
      {details.gaps !== undefined && details.gaps.length > 0 && (
        <Section title="What could not be read">
          <ul className="links">
            {details.gaps.map((gap, at) => (
              <li key={at}>
                <Name>{gap.action}</Name> <CauseLabel cause={gap.cause} /> <Name>{gap.detail}</Name>
              </li>
            ))}
          </ul>
          {gaps}
        </Section>
      )}
      <Section title="Evidence">
        <Evidence evidence={details.evidence ?? {}} />
      </Section>
      <Section title="Why it matters">{check.why}</Section>
      <Section title={`Remedy (${EFFORT[check.effort].toLowerCase()})`}>
        <SpaceBetween size="s">
          <div>{check.fix}</div>
          {flawed && details.cli !== undefined && <Code label="AWS CLI" text={details.cli} />}
          {flawed && details.terraform !== undefined && (
            <Code label="Terraform" text={details.terraform.trimEnd()} />
          )}
        </SpaceBetween>
      </Section>
    </SpaceBetween>
  );
}
