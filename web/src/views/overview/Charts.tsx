import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import PieChart from "@cloudscape-design/components/pie-chart";
import { useMemo } from "react";
import { useData } from "../../app/data";
import { SEVERITY_FILL } from "../../parts/meters";
import { SEVERITIES } from "../../report";
import { ages, atMost, failsByRegion, failsByService, savingsByService } from "../../totals";
import type { Fails } from "../../totals";
import { SEVERITY, usd } from "../../words";

const BARS = 8;
const AGE_TITLE = "Age of unresolved findings";

/** Where the risk is, and where the money. */
export function Charts() {
  const { head, table } = useData();
  const sums = useMemo(
    () =>
      table === null
        ? null
        : {
            services: atMost(failsByService(table), BARS),
            regions: atMost(failsByRegion(table), BARS),
            savings: savingsByService(table),
            ages: ages(table, head.scan.finished),
          },
    [table, head],
  );
  if (sums === null) return null;
  const charts = [
    <FailsChart key="service" title="Risk by service" fails={sums.services} />,
    <FailsChart key="region" title="Risk by region" fails={sums.regions} />,
    ...(sums.savings.length > 0 ? [<SavingsChart key="savings" savings={sums.savings} />] : []),
    sums.ages === null ? <NoAges key="age" /> : <FailsChart key="age" title={AGE_TITLE} fails={sums.ages} />,
  ];
  const width = { default: 12, m: 6, xl: charts.length === 3 ? 4 : charts.length === 4 ? 3 : 6 } as const;
  return <Grid gridDefinition={charts.map(() => ({ colspan: width }))}>{charts}</Grid>;
}

/** One scan does not tell since when something fails; milestones do. */
function NoAges() {
  return (
    <Container fitHeight header={<Header variant="h2">{AGE_TITLE}</Header>}>
      <Box color="text-body-secondary">
        Not known from one scan. With an earlier report as a milestone, this shows since when each finding
        fails: <Box variant="code">scan --baseline report.json</Box>
      </Box>
    </Container>
  );
}

function FailsChart({ title, fails }: { title: string; fails: Fails[] }) {
  const order = [...SEVERITIES].reverse();
  const shown = order.filter((severity) => fails.some((entry) => entry.fails[severity] > 0));
  return (
    <Container fitHeight header={<Header variant="h2">{title}</Header>}>
      <BarChart
        horizontalBars
        stackedBars
        hideFilter
        height={230}
        ariaLabel={`${title}: failed findings by severity`}
        xTitle=""
        yTitle="Failed findings"
        xScaleType="categorical"
        xDomain={fails.map(({ name }) => name)}
        series={shown.map((severity) => ({
          type: "bar",
          title: SEVERITY[severity],
          color: SEVERITY_FILL[severity],
          data: fails.map(({ name, fails }) => ({ x: name, y: fails[severity] })),
        }))}
        empty={<Box textAlign="center">Nothing failed</Box>}
      />
    </Container>
  );
}

function SavingsChart({ savings }: { savings: { name: string; usd: number }[] }) {
  const total = savings.reduce((sum, entry) => sum + entry.usd, 0);
  return (
    <Container fitHeight header={<Header variant="h2">Savings by service</Header>}>
      <PieChart
        variant="donut"
        size="medium"
        hideFilter
        ariaLabel="Savings a month by service"
        innerMetricValue={usd(total)}
        innerMetricDescription="a month"
        data={savings.map(({ name, usd }) => ({ title: name, value: usd }))}
        segmentDescription={(datum, sum) => `${usd(datum.value)}, ${Math.round((100 * datum.value) / sum)} %`}
        detailPopoverContent={(datum) => [{ key: "A month", value: usd(datum.value) }]}
      />
    </Container>
  );
}
