import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import SplitPanel from "@cloudscape-design/components/split-panel";
import { findingsLink, link } from "../app/route";
import { is, writeCondition } from "../filter";
import { sorted, URGENCY } from "../order";
import { Section } from "../parts/CheckFacts";
import { Name, SeverityBadge, VerdictLabel } from "../parts/labels";
import { Tags } from "../parts/Tags";
import type { FindingTable, ResourceRow } from "../table";
import { counted, usd } from "../words";

/** A resource with all its verdicts. */
export function ResourcePanel({ resource, table }: { resource: ResourceRow; table: FindingTable }) {
  const own = table.where((at) => table.resource[at] === resource.at);
  const rows = table.rows(sorted(table, own, URGENCY));
  const saves = rows.reduce((sum, row) => sum + (row.verdict === "fail" ? (row.saves ?? 0) : 0), 0);
  const failed = rows.filter(({ verdict }) => verdict === "fail").length;
  const filter = is("resource", resource.key);
  return (
    <SplitPanel
      header={resource.name}
      closeBehavior="hide"
      headerDescription={`${resource.kind}: ${counted(failed, "failed check")} of ${rows.length}`}
    >
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={2}
          items={[
            { label: "Id", value: <Name>{resource.id}</Name> },
            {
              label: "Account and region",
              value: <Name>{`${resource.account}, ${resource.region}`}</Name>,
            },
            ...(resource.arn === null ? [] : [{ label: "ARN", value: <Name>{resource.arn}</Name> }]),
            { label: "Saves", value: saves > 0 ? `${usd(saves)} a month` : "–" },
            { label: "Tags", value: <Tags tags={resource.tags} /> },
            {
              label: "Findings",
              value: <Link href={findingsLink(filter)}>In the list of findings</Link>,
            },
          ]}
        />
        <Section title="Verdicts">
          <table className="plain">
            <thead>
              <tr>
                <th>Check</th>
                <th>Verdict</th>
                <th>Severity</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <td>
                    <Link
                      href={link("findings", {
                        f: [writeCondition(filter)],
                        open: row.id,
                      })}
                    >
                      {row.check.title}
                    </Link>
                    <div className="quiet small">
                      <Name>{row.say}</Name>
                    </div>
                  </td>
                  <td>
                    <VerdictLabel verdict={row.verdict} />
                  </td>
                  <td>
                    <SeverityBadge severity={row.severity} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      </SpaceBetween>
    </SplitPanel>
  );
}
