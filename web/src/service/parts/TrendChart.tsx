import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import LineChart from "@cloudscape-design/components/line-chart";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { useApi } from "../data";
import { piece } from "../call";
import { METRIC, METRICS, series } from "../trend";
import type { Metric } from "../trend";
import type { Trend } from "../types";
import { Answer } from "./states";
import { Buttons } from "./View";

const RANGES = { "7": "7 days", "30": "30 days", "90": "90 days", "365": "1 year", "3660": "All" };
/** More points than a screen shows are of no use. */
const POINTS = 180;

const axis = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const exact = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});
const second = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

/** A target's pillars over time. */
export function TrendChart({ target }: { target: string }) {
  const [days, setDays] = useState("90");
  const [metric, setMetric] = useState<Metric>("score");
  const trend = useApi<Trend>(`/targets/${piece(target)}/trend`, {
    params: { days, most: POINTS },
    every: 30_000,
    keep: true,
  });
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Each point is an audit. Times are in UTC."
          actions={
            <Buttons>
              <Select
                ariaLabel="What the trend shows"
                selectedOption={{ value: metric, label: METRIC[metric] }}
                options={METRICS.map((value) => ({ value, label: METRIC[value] }))}
                onChange={({ detail }) =>
                  setMetric(METRICS.find((m) => m === detail.selectedOption.value) ?? "score")
                }
              />
              <SegmentedControl
                label="How far back"
                selectedId={days}
                options={Object.entries(RANGES).map(([id, text]) => ({ id, text }))}
                onChange={({ detail }) => setDays(detail.selectedId)}
              />
            </Buttons>
          }
        >
          Trend
        </Header>
      }
    >
      <Answer query={trend} what="the trend">
        {({ points }) => <Lines points={points} metric={metric} />}
      </Answer>
    </Container>
  );
}

/** As much of a time as tells two ticks of so many milliseconds apart. */
function tickFor(span: number): (at: Date) => string {
  if (span < 1_800_000) return (at) => second.format(at);
  if (span < 3 * 86_400_000) return (at) => `${axis.format(at)}\n${clock.format(at)}`;
  return (at) => axis.format(at);
}

function Lines({ points, metric }: { points: Trend["points"]; metric: Metric }) {
  const lines = series(points, metric);
  const times = points.map(({ at }) => Date.parse(at));
  const [from, until] = [Math.min(...times), Math.max(...times)];
  const most = Math.max(1, ...lines.flatMap(({ data }) => data.map(({ y }) => y)));
  const top = metric === "score" || metric === "coverage" ? 100 : most;
  // A single moment has no width; an hour around it has.
  const domain = until > from ? [from, until] : [from - 1_800_000, from + 1_800_000];
  const tick = tickFor(until - from);
  return (
    <LineChart
      height={280}
      hideFilter
      ariaLabel={`${METRIC[metric]} of each pillar over time`}
      xTitle=""
      yTitle={METRIC[metric]}
      xScaleType="time"
      xDomain={domain.map((at) => new Date(at))}
      yDomain={[0, top]}
      series={lines.map(({ title, data }) => ({ type: "line", title, data }))}
      xTickFormatter={tick}
      i18nStrings={{ chartAriaRoleDescription: "line chart" }}
      detailPopoverSize="medium"
      empty={<Box textAlign="center">No audit finished in this time</Box>}
      noMatch={<Box textAlign="center">Nothing is chosen</Box>}
      statusType="finished"
      detailPopoverFooter={(at) => <Box variant="small">{exact.format(at)} UTC</Box>}
    />
  );
}
