import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Table from "@cloudscape-design/components/table";
import { useMemo } from "react";
import { useData } from "../../app/data";
import { link } from "../../app/route";
import { SeverityBadge } from "../../parts/labels";
import { plan } from "../../plan";
import type { PlannedStep } from "../../plan";
import { count, EFFORT, PILLARS, usd } from "../../words";

const SHOWN = 5;

/** The first steps of the improvement plan. */
export function TopSteps() {
  const { table } = useData();
  const steps = useMemo(() => (table === null ? null : plan(table, "value")), [table]);
  if (steps !== null && steps.length === 0) {
    return <Container header={<Header variant="h2">Fix these first</Header>}>Nothing failed.</Container>;
  }
  return (
    <Table<PlannedStep>
      variant="container"
      contentDensity="compact"
      wrapLines
      loading={steps === null}
      loadingText="Reading the findings"
      trackBy={(step) => step.check.id}
      items={steps?.slice(0, SHOWN) ?? []}
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: "Fix these first" }}
      header={
        <Header
          variant="h2"
          description="The changes that remove the most risk for the least work"
          actions={<Link href={link("plan")}>The whole plan</Link>}
        >
          Fix these first
        </Header>
      }
      columnDefinitions={[
        {
          id: "title",
          header: "Change",
          isRowHeader: true,
          minWidth: 260,
          cell: (step) => <Link href={link("plan", { open: step.check.id })}>{step.check.title}</Link>,
        },
        {
          id: "severity",
          header: "Severity",
          cell: (step) => <SeverityBadge severity={step.severity} />,
        },
        { id: "findings", header: "Closes", cell: (step) => count(step.findings.length) },
        { id: "effort", header: "Effort", cell: (step) => EFFORT[step.check.effort] },
        {
          id: "score",
          header: "Score",
          minWidth: 190,
          cell: (step) =>
            `${PILLARS[step.check.pillar]} ${step.pillarBefore ?? "–"} → ${step.pillarAfter ?? "–"}`,
        },
        {
          id: "saves",
          header: "Saves a month",
          cell: (step) => (step.saves > 0 ? usd(step.saves) : "–"),
        },
      ]}
    />
  );
}
