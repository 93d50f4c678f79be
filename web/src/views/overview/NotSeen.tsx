import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useData } from "../../app/data";
import { findingsLink, link } from "../../app/route";
import { is } from "../../filter";
import { merged, statement } from "../../gaps";
import { Code } from "../../parts/Code";
import { CauseLabel, Name } from "../../parts/labels";
import { counted } from "../../words";

const SHOWN = 5;

/** What could not be read, said plainly, and what would change that. */
export function NotSeen() {
  const { head } = useData();
  const unknown = head.pillars.reduce((sum, pillar) => sum + pillar.counts.unknown, 0);
  const gaps = merged(head.gaps);
  const allow = statement(head.gaps);
  return (
    <Container
      fitHeight
      header={
        <Header
          variant="h2"
          description={
            unknown === 0
              ? "Everything that the checks ask for was read."
              : `${counted(unknown, "evaluation")} could not be decided. They count neither as passed nor as failed.`
          }
          actions={
            unknown > 0 && <Link href={findingsLink(is("verdict", "unknown"))}>Undecided findings</Link>
          }
        >
          What was not seen
        </Header>
      }
    >
      {gaps.length === 0 ? (
        <StatusIndicator type="success">No gaps</StatusIndicator>
      ) : (
        <SpaceBetween size="m">
          <table className="plain">
            <thead>
              <tr>
                <th>Action</th>
                <th>Why</th>
                <th>Undecided</th>
              </tr>
            </thead>
            <tbody>
              {gaps.slice(0, SHOWN).map((gap) => (
                <tr key={`${gap.action} ${gap.cause}`}>
                  <td>
                    <Name>{gap.action}</Name>
                  </td>
                  <td>
                    <CauseLabel cause={gap.cause} />
                  </td>
                  <td className="numbers">{counted(gap.evaluations, "evaluation")}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {gaps.length > SHOWN && (
            <Link href={link("coverage", { tab: "gaps" })}>
              All {gaps.length} gaps, and what to do about each
            </Link>
          )}
          {allow !== null && (
            <div>
              <Box variant="awsui-key-label">Allow this to the scanning role to see more</Box>
              <Code label="IAM statement that closes the gaps" text={allow} />
            </div>
          )}
        </SpaceBetween>
      )}
    </Container>
  );
}
