import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import SplitPanel from "@cloudscape-design/components/split-panel";
import { useState } from "react";
import { because, useData, useDetails } from "../app/data";
import { findingsLink, link } from "../app/route";
import { readDetails } from "../embed";
import { is } from "../filter";
import { sorted, URGENCY } from "../order";
import { Mapped, PracticeLinks, References, Section } from "../parts/CheckFacts";
import { Code } from "../parts/Code";
import { Name, SeverityBadge } from "../parts/labels";
import type { CheckReport } from "../report";
import type { FindingTable } from "../table";
import { count, counted, EFFORT, PILLARS, usd } from "../words";

const LISTED = 20;
/** As many commands as people can be expected to read before they run them. */
const COMMANDS = 500;

/** A step of the plan: what to do, and all that it closes. */
export function StepPanel({ check, table }: { check: CheckReport; table: FindingTable }) {
  const own = table.where((at) => table.verdictOf(at) === "fail" && table.checkOf(at).id === check.id);
  const findings = sorted(table, own, URGENCY);
  const saves = findings.reduce((sum, at) => sum + table.savesOf(at), 0);
  const [first] = findings;
  return (
    <SplitPanel
      header={check.title}
      closeBehavior="hide"
      headerDescription={
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          <SeverityBadge severity={check.severity} />
          <span>{`closes ${counted(findings.length, "finding")}`}</span>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <Section title="What to do">{check.fix}</Section>
        <Section title="Why it matters">{check.why}</Section>
        <KeyValuePairs
          columns={2}
          items={[
            { label: "Effort", value: EFFORT[check.effort] },
            { label: "Saves", value: saves > 0 ? `${usd(saves)} a month` : "–" },
            {
              label: "Check",
              value: <Link href={findingsLink(is("check", check.id))}>{check.id}</Link>,
            },
            { label: "Pillar", value: PILLARS[check.pillar] },
            { label: "Best practices", value: <PracticeLinks ids={check.best_practices} /> },
          ]}
        />
        {findings.length > 0 && <Commands key={check.id} findings={Array.from(findings)} check={check} />}
        {first !== undefined && <Terraform at={first} />}
        <Section title="What it closes">
          <ul className="links">
            {table.rows(findings.subarray(0, LISTED)).map((row) => (
              <li key={row.id}>
                <Link
                  href={link("findings", {
                    f: [`check=${check.id}`, "verdict=fail"],
                    open: row.id,
                  })}
                >
                  <Name>{row.resource.name}</Name>
                </Link>{" "}
                <span className="quiet small">
                  <Name>{`${row.resource.account} ${row.resource.region}: ${row.say}`}</Name>
                </span>
              </li>
            ))}
          </ul>
          {findings.length > LISTED && (
            <Link href={findingsLink(is("check", check.id), is("verdict", "fail"))}>
              All {count(findings.length)}
            </Link>
          )}
        </Section>
        <Mapped check={check} />
        <References check={check} />
      </SpaceBetween>
    </SplitPanel>
  );
}

/** The commands for all resources at once, gathered on request. */
function Commands({ findings, check }: { findings: number[]; check: CheckReport }) {
  const { head } = useData();
  const [commands, setCommands] = useState<string[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  const gather = async () => {
    const details = await Promise.all(findings.slice(0, COMMANDS).map((at) => readDetails(head, at)));
    const own = details.map(({ cli }) => cli).filter((cli) => cli !== undefined);
    // Many remedies are one command for the whole account.
    setCommands([...new Set(own)]);
  };
  if (error !== null) {
    return (
      <Alert type="error" header="The commands cannot be shown">
        {error}
      </Alert>
    );
  }
  if (commands === null) {
    return (
      <Button
        iconName="script"
        onClick={() => {
          gather().catch((cause: unknown) => setError(because(cause)));
        }}
      >
        Commands for {counted(Math.min(findings.length, COMMANDS), "resource")}
      </Button>
    );
  }
  if (commands.length === 0) return <Box>There is no command for this remedy.</Box>;
  return (
    <Section title={`AWS CLI, ${counted(commands.length, "command")}`}>
      <Code label={`Commands for ${check.title}`} text={commands.join("\n")} />
    </Section>
  );
}

function Terraform({ at }: { at: number }) {
  const { details } = useDetails(at);
  if (details?.terraform === undefined) return null;
  return (
    <Section title="Terraform">
      <Code label="Terraform" text={details.terraform.trimEnd()} />
    </Section>
  );
}
