import * as tokens from "@cloudscape-design/design-tokens";
import Box from "@cloudscape-design/components/box";
import Grid from "@cloudscape-design/components/grid";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import LineChart from "@cloudscape-design/components/line-chart";
import { scoreNow } from "../../plan";
import type { PlannedStep } from "../../plan";
import type { FindingTable } from "../../table";
import { counted, usd } from "../../words";

/** Where the steps of a plan lead: the score, the risk that is gone, the savings. */
export function Progress({ steps, table }: { steps: PlannedStep[]; table: FindingTable }) {
  const now = scoreNow(table);
  const last = steps.at(-1);
  const findings = steps.reduce((sum, step) => sum + step.findings.length, 0);
  const half = steps.find((step) => step.riskSoFar >= 0.5);
  const start = { x: 0, y: now ?? 0 };
  return (
    <Grid
      gridDefinition={[{ colspan: { default: 12, m: 4, xl: 3 } }, { colspan: { default: 12, m: 8, xl: 9 } }]}
    >
      <KeyValuePairs
        columns={1}
        items={[
          {
            label: "Score over all pillars",
            value: (
              <Box fontSize="heading-xl" fontWeight="bold">
                {now ?? "–"} → {last?.scoreAfter ?? "–"}
              </Box>
            ),
          },
          { label: "Closes", value: counted(findings, "finding") },
          {
            label: "Half of the risk is gone after",
            value: half === undefined ? "–" : counted(half.place, "change"),
          },
          { label: "Saves", value: `${usd(last?.savesSoFar ?? 0)} a month` },
        ]}
      />
      <LineChart
        hideFilter
        height={180}
        ariaLabel="Score and risk removed after each change"
        xScaleType="linear"
        xTitle="Changes made"
        yTitle=""
        xDomain={[0, Math.max(1, steps.length)]}
        yDomain={[0, 100]}
        series={[
          {
            type: "line",
            title: "Risk removed, %",
            color: tokens.colorChartsPaletteCategorical1,
            data: [
              { x: 0, y: 0 },
              ...steps.map((step) => ({ x: step.place, y: Math.floor(step.riskSoFar * 100) })),
            ],
          },
          {
            type: "line",
            title: "Score over all pillars",
            color: tokens.colorChartsStatusPositive,
            data: [start, ...steps.map((step) => ({ x: step.place, y: step.scoreAfter ?? 0 }))],
          },
        ]}
      />
    </Grid>
  );
}
