import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import { useData } from "../../app/data";
import { link } from "../../app/route";
import { Name } from "../../parts/labels";
import { paidCalls } from "../../paid";
import type { Head } from "../../embed";
import { count, counted, duration, PILLARS, SEVERITY, usd, when } from "../../words";

/** What was scanned, when, and what it took. */
export function Scanned() {
  const { head } = useData();
  const { scan, cost, calls } = head;
  const regions = [...new Set(scan.accounts.flatMap((account) => account.regions))].sort();
  const made = calls.reduce((sum, call) => sum + call.calls, 0);
  const resources = head.reads.reduce((sum, read) => sum + read.resources, 0);
  return (
    <Container fitHeight header={<Header variant="h2">What was scanned</Header>}>
      <KeyValuePairs
        columns={2}
        items={[
          { label: "Accounts", value: <Accounts head={head} /> },
          { label: "Regions", value: regions.join(", ") },
          {
            label: "Checks",
            value: `${counted(head.checks.length, "check")} on ${counted(resources, "resource")}`,
          },
          { label: "Started", value: when(scan.started) },
          { label: "Took", value: duration(scan.started, scan.finished) },
          { label: "Policies", value: <Name>{scan.policies.join(", ")}</Name> },
          {
            label: "Calls",
            value: <Link href={link("coverage", { tab: "calls" })}>{count(made)}</Link>,
          },
          {
            label: "Paid calls",
            value: `${counted(paidCalls(calls), "call")}: ${usd(cost.spent_usd)} spent, ${usd(cost.limit_usd)} allowed`,
          },
          { label: "Narrowed to", value: <Name>{narrowed(head)}</Name> },
          { label: "Scan", value: <Name>{scan.id}</Name> },
          { label: "Tool", value: `${scan.tool.name} ${scan.tool.version}` },
          { label: "Savings known", value: savings(head) },
        ]}
      />
    </Container>
  );
}

function Accounts({ head }: { head: Head }) {
  const { accounts } = head.scan;
  const shown = accounts.slice(0, 4).map(({ id, alias }) => (alias == null ? id : `${alias} (${id})`));
  const more = accounts.length - shown.length;
  return <Name>{`${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`}</Name>;
}

function narrowed({ scan: { selection } }: Head): string {
  const parts = [
    ...selection.services,
    ...selection.checks,
    ...selection.pillars.map((pillar) => PILLARS[pillar]),
    ...(selection.severity == null ? [] : [`${SEVERITY[selection.severity]} or worse`]),
    ...Object.entries(selection.tags).map(([key, value]) => `${key}=${value}`),
  ];
  return parts.length === 0 ? "nothing: all checks of the policy" : parts.join(", ");
}

function savings({ savings: { usd_month, findings } }: Head): string {
  return findings === 0 ? "none" : `${usd(usd_month)} a month in ${counted(findings, "finding")}`;
}
