import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { Name } from "../../parts/labels";
import { count, duration } from "../../words";
import type { Audit } from "../types";
import type { Connection } from "../watch";
import { useNow } from "./labels";

/** How far an audit is. */
export function Progress({ audit, connection }: { audit: Audit; connection: Connection }) {
  const now = useNow(1_000);
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <span role="status">
              {connection === "lost" ? (
                <StatusIndicator type="warning">Connection lost, trying again</StatusIndicator>
              ) : (
                <StatusIndicator type="success">Live</StatusIndicator>
              )}
            </span>
          }
        >
          Progress
        </Header>
      }
    >
      <SpaceBetween size="m">
        {audit.state === "queued" ? (
          <Waiting audit={audit} now={now} />
        ) : (
          <ProgressBar
            value={audit.lists_all === 0 ? 0 : (100 * audit.lists_read) / audit.lists_all}
            label="Reading the account"
            description={`For ${duration(audit.started ?? audit.queued, new Date(now).toISOString())}`}
            additionalInfo={
              audit.lists_all === 0
                ? "What there is to read is being found out"
                : `${count(audit.lists_read)} of ${count(audit.lists_all)} lists`
            }
          />
        )}
        {audit.notes.length > 0 && (
          <div>
            <Box variant="awsui-key-label">Notes</Box>
            <ul className="notes">
              {audit.notes.map((note, at) => (
                <li key={at}>
                  <Name>{note}</Name>
                </li>
              ))}
            </ul>
          </div>
        )}
      </SpaceBetween>
    </Container>
  );
}

function Waiting({ audit, now }: { audit: Audit; now: number }) {
  return (
    <div>
      <StatusIndicator type="pending">
        Waits for {duration(audit.queued, new Date(now).toISOString())}
      </StatusIndicator>
      <Box color="text-body-secondary">
        One audit of a target runs at a time, and so many at once as the configuration allows.
      </Box>
    </div>
  );
}
