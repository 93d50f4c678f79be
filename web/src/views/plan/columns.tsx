import Link from "@cloudscape-design/components/link";
import type { TableProps } from "@cloudscape-design/components/table";
import { changed, findingsLink } from "../../app/route";
import type { Route } from "../../app/route";
import { is } from "../../filter";
import { SeverityBadge } from "../../parts/labels";
import type { PlannedStep } from "../../plan";
import { count, counted, EFFORT, percent, PILLARS, usd } from "../../words";

/** The columns of the improvement plan. */
export function columns(route: Route): TableProps.ColumnDefinition<PlannedStep>[] {
  return [
    {
      id: "place",
      header: "#",
      width: 46,
      cell: (step) => <span className="numbers">{step.place}</span>,
    },
    {
      id: "title",
      header: "Change",
      isRowHeader: true,
      width: 280,
      minWidth: 240,
      cell: (step) => (
        <div
          {...(route.open === step.check.id && {
            "aria-current": "true" as const,
            className: "strong",
          })}
        >
          <Link href={changed(route, { open: step.check.id })}>{step.check.title}</Link>
          <div className="quiet small">{step.check.fix}</div>
        </div>
      ),
    },
    {
      id: "severity",
      header: "Severity",
      width: 95,
      cell: (step) => <SeverityBadge severity={step.severity} />,
    },
    { id: "effort", header: "Effort", width: 85, cell: (step) => EFFORT[step.check.effort] },
    {
      id: "closes",
      header: "Closes",
      width: 115,
      cell: (step) => (
        <div>
          <Link href={findingsLink(is("check", step.check.id), is("verdict", "fail"))}>
            {counted(step.findings.length, "finding")}
          </Link>
          <div className="quiet small">{where(step)}</div>
        </div>
      ),
    },
    {
      id: "risk",
      header: "Risk removed",
      width: 125,
      cell: (step) => (
        <div className="numbers">
          {count(step.risk)}
          <div className="quiet small">{percent(step.riskSoFar)} so far</div>
        </div>
      ),
    },
    {
      id: "score",
      header: "Pillar’s score",
      width: 170,
      cell: (step) => (
        <div className="numbers">
          {step.pillarBefore ?? "–"} → <span className="strong">{step.pillarAfter ?? "–"}</span>
          <div className="quiet small">{PILLARS[step.check.pillar]}</div>
        </div>
      ),
    },
    {
      id: "total",
      header: "Score so far",
      width: 95,
      cell: (step) => <span className="numbers strong">{step.scoreAfter ?? "–"}</span>,
    },
    {
      id: "saves",
      header: "Saves a month",
      width: 105,
      cell: (step) => (
        <div className="numbers">
          {step.saves > 0 ? usd(step.saves) : "–"}
          {step.savesSoFar > 0 && <div className="quiet small">{usd(step.savesSoFar)} so far</div>}
        </div>
      ),
    },
  ];
}

function where({ accounts, regions }: PlannedStep): string {
  const places = counted(regions, "region");
  return accounts > 1 ? `${counted(accounts, "account")}, ${places}` : places;
}
