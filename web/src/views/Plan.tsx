import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useMemo } from "react";
import { useData } from "../app/data";
import { ON_PAPER, PAGE, paged } from "../app/paging";
import { usePrinting } from "../app/printing";
import { changed, choice, go, useRoute } from "../app/route";
import { ORDERS, plan } from "../plan";
import type { PlannedStep } from "../plan";
import { FORMULA } from "../score";
import { counted, EFFORT, PILLARS } from "../words";
import { columns } from "./plan/columns";
import { Progress } from "./plan/Progress";

const ALL = "all";
const PILLAR_CHOICES: [string, ...string[]] = [ALL, ...Object.keys(PILLARS)];
const EFFORTS: [string, ...string[]] = [ALL, ...Object.keys(EFFORT)];
const ORDER_WORDS = {
  value: "Most risk for the least work first",
  risk: "Worst risk first",
  savings: "Largest savings first",
  effort: "Least work first",
};

/** What to do, in which order, and where that leads. */
export function Plan() {
  const { table } = useData();
  const route = useRoute();
  const order = choice(route, "order", ORDERS);
  const pillar = choice(route, "pillar", PILLAR_CHOICES);
  const effort = choice(route, "effort", EFFORTS);
  const steps = useMemo(() => {
    const wants = (check: { pillar: string; effort: string }) =>
      (pillar === ALL || check.pillar === pillar) && (effort === ALL || check.effort === effort);
    return table === null ? null : plan(table, order, wants);
  }, [table, order, pillar, effort]);
  const select = (name: string, value: string, words: Record<string, string>, label: string) => (
    <Select
      selectedOption={{ value, label: words[value] ?? value }}
      options={Object.entries(words).map(([value, label]) => ({ value, label }))}
      onChange={({ detail }) => {
        const chosen = detail.selectedOption.value;
        go(changed(route, { [name]: chosen === ALL || chosen === ORDERS[0] ? null : chosen, page: null }));
      }}
      ariaLabel={label}
      expandToViewport
    />
  );
  const { shown, pagination } = paged(route, steps ?? [], usePrinting() ? ON_PAPER : PAGE);
  return (
    <Table<PlannedStep>
      variant="full-page"
      stickyHeader
      contentDensity="compact"
      wrapLines
      resizableColumns
      enableKeyboardNavigation
      loading={steps === null}
      loadingText="Reading the findings"
      trackBy={(step) => step.check.id}
      items={shown}
      columnDefinitions={columns(route)}
      ariaLabels={{ tableLabel: "Improvement plan" }}
      onRowClick={({ detail }) => go(changed(route, { open: detail.item.check.id }))}
      header={
        <SpaceBetween size="m">
          <Header
            variant="h1"
            counter={steps === null ? "" : `(${counted(steps.length, "change")})`}
            description="Each change closes all failed findings of a check. Scores and savings are running totals in this order."
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {select("pillar", pillar, { [ALL]: "All pillars", ...PILLARS }, "Pillar")}
                {select("effort", effort, { [ALL]: "Any effort", ...EFFORT }, "Effort")}
                {select("order", order, ORDER_WORDS, "Order")}
              </SpaceBetween>
            }
          >
            Improvement plan
          </Header>
          {steps !== null && table !== null && steps.length > 0 && <Progress steps={steps} table={table} />}
        </SpaceBetween>
      }
      pagination={pagination}
      footer={<div className="quiet small">Score: {FORMULA}</div>}
      empty="Nothing failed that matches."
    />
  );
}
