import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import { findingsLink } from "../../app/route";
import type { Head } from "../../embed";
import { is } from "../../filter";
import { CHANGES } from "../../report";
import { CHANGE, count, when } from "../../words";

/** What changed since the baseline. What was not read again is never fixed. */
export function Since({ comparison }: { comparison: NonNullable<Head["comparison"]> }) {
  return (
    <Container
      header={
        <Header variant="h2" description={`${comparison.baseline.id}, ${when(comparison.baseline.started)}`}>
          Since the previous milestone
        </Header>
      }
    >
      <KeyValuePairs
        columns={4}
        items={CHANGES.map((change) => ({
          label: CHANGE[change],
          value: <Link href={findingsLink(is("change", change))}>{count(comparison.counts[change])}</Link>,
        }))}
      />
    </Container>
  );
}
