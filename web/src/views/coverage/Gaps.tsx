import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useData } from "../../app/data";
import { findingsLink } from "../../app/route";
import { is } from "../../filter";
import { statement } from "../../gaps";
import { Code } from "../../parts/Code";
import { DataTable } from "../../parts/DataTable";
import { CauseLabel, Name } from "../../parts/labels";
import type { GapReport } from "../../report";
import { count, counted } from "../../words";

/** What could not be read, and what would change that. */
export function Gaps() {
  const { head } = useData();
  const allow = statement(head.gaps);
  return (
    <SpaceBetween size="l">
      {allow !== null && (
        <div>
          <Box variant="awsui-key-label">Allow this to the scanning role to close what was denied</Box>
          <Code label="IAM statement that closes the gaps" text={allow} />
        </div>
      )}
      <DataTable<GapReport>
        title="Gaps"
        keyOf={keyOf}
        items={head.gaps}
        sortedBy={{ field: "evaluations", descending: true }}
        empty="Everything that the checks ask for was read."
        columns={[
          {
            id: "action",
            header: "Action",
            sortingField: "action",
            isRowHeader: true,
            width: 300,
            cell: (gap) => <Name>{gap.action}</Name>,
          },
          {
            id: "cause",
            header: "Why",
            sortingField: "cause",
            width: 140,
            cell: (gap) => <CauseLabel cause={gap.cause} />,
          },
          {
            id: "detail",
            header: "AWS said",
            sortingField: "detail",
            width: 170,
            cell: (gap) => <Name>{gap.detail}</Name>,
          },
          {
            id: "account",
            header: "Account",
            sortingField: "account",
            width: 140,
            cell: (gap) => gap.account,
          },
          {
            id: "region",
            header: "Region",
            sortingField: "region",
            width: 140,
            cell: (gap) => gap.region,
          },
          {
            id: "evaluations",
            header: "Undecided",
            sortingField: "evaluations",
            width: 120,
            cell: (gap) => count(gap.evaluations),
          },
          {
            id: "resources",
            header: "Resources",
            sortingField: "resources",
            width: 110,
            cell: (gap) => count(gap.resources),
          },
          {
            id: "advice",
            header: "What to do",
            width: 420,
            minWidth: 240,
            cell: (gap) => <Advice gap={gap} />,
          },
        ]}
      />
    </SpaceBetween>
  );
}

function keyOf({ account, region, action, cause, detail }: GapReport): string {
  return [account, region, action, cause, detail].join(" ");
}

function Advice({ gap }: { gap: GapReport }) {
  return (
    <SpaceBetween size="xxs">
      <div>{gap.advice}</div>
      <ExpandableSection variant="footer" headerText={counted(gap.checks.length, "check")}>
        <ul className="links">
          {gap.checks.map((id) => (
            <li key={id}>
              <Link href={findingsLink(is("check", id), is("verdict", "unknown"))}>{id}</Link>
            </li>
          ))}
        </ul>
      </ExpandableSection>
    </SpaceBetween>
  );
}
