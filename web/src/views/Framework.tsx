import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useData } from "../app/data";
import { ON_PAPER, paged } from "../app/paging";
import { usePrinting } from "../app/printing";
import { changed, choice, go, useRoute } from "../app/route";
import type { Practice } from "../report";
import { shows } from "../review";
import type { Shown } from "../review";
import { count, PILLARS } from "../words";
import { columns } from "./framework/columns";
import type { Line } from "./framework/columns";
import { Review } from "./framework/Review";

const ALL = "all";
/** Questions on a page: opened, each has about six lines. */
const QUESTIONS = 20;
const PILLAR_IDS = Object.keys(PILLARS) as (keyof typeof PILLARS)[];
const PILLAR_CHOICES: [string, ...string[]] = [ALL, ...PILLAR_IDS];
const SHOWN: [typeof ALL, ...Shown[]] = [
  ALL,
  "at_risk",
  "unknown",
  "exempt",
  "met",
  "attested",
  "contradicted",
  "expired",
  "no_evidence",
];
const SHOW_WORDS: Record<(typeof SHOWN)[number], string> = {
  all: "Any status",
  at_risk: "At risk",
  unknown: "Unknown",
  exempt: "Exempt",
  met: "Met",
  attested: "Attested",
  contradicted: "Attestation contradicted",
  expired: "Attestation expired",
  no_evidence: "No evidence",
};
const RISKS: [string, ...string[]] = [ALL, "high", "medium", "low"];
const RISK_WORDS: Record<string, string> = {
  all: "Any risk",
  high: "High-risk issues",
  medium: "Medium-risk issues",
  low: "Low-risk issues",
};

interface Option {
  value: string;
  label: string;
}

function pillarOption(id: string): Option {
  return { value: id, label: id === ALL ? "All pillars" : PILLARS[id as keyof typeof PILLARS] };
}

/** The framework's questions and best practices, with what the evidence says of each. */
export function Framework() {
  const { head } = useData();
  const route = useRoute();
  const pillar = choice(route, "pillar", PILLAR_CHOICES);
  const show = choice(route, "show", SHOWN);
  const risk = choice(route, "risk", RISKS);
  const ofPillar = head.practices.filter((practice) => pillar === ALL || practice.pillar === pillar);
  const practices = ofPillar.filter((practice) => show === ALL || shows(practice, show));
  const byQuestion = Map.groupBy(practices, ({ question }) => question);
  const lines: Line[] = head.questions
    .filter((question) => byQuestion.has(question.id) && (risk === ALL || question.risk === risk))
    .map((question) => ({ type: "question", question, practices: byQuestion.get(question.id) ?? [] }));
  const [expanded, setExpanded] = useExpanded(
    lines,
    `${pillar} ${show} ${risk}`,
    pillar !== ALL || show !== ALL,
  );
  const select = (name: string, value: string, label: string, options: Option[]) => (
    <Select
      selectedOption={options.find((option) => option.value === value) ?? null}
      options={options}
      onChange={({ detail: { selectedOption } }) =>
        go(changed(route, { [name]: selectedOption.value === ALL ? null : selectedOption.value, page: null }))
      }
      ariaLabel={label}
      expandToViewport
    />
  );

  const { shown, pagination } = paged(route, lines, usePrinting() ? ON_PAPER : QUESTIONS);

  return (
    <Table<Line>
      variant="full-page"
      stickyHeader
      contentDensity="compact"
      wrapLines
      resizableColumns
      enableKeyboardNavigation
      trackBy={keyOf}
      items={shown}
      columnDefinitions={columns(route)}
      ariaLabels={{ tableLabel: "Questions and best practices" }}
      onRowClick={({ detail: { item } }) => {
        if (item.type === "practice") go(changed(route, { open: item.practice.id }));
      }}
      expandableRows={{
        getItemChildren: childrenOf,
        isItemExpandable: (line) => line.type === "question",
        expandedItems: lines.filter((line) => expanded.has(keyOf(line))),
        onExpandableItemToggle: ({ detail }) => {
          const next = new Set(expanded);
          if (detail.expanded) next.add(keyOf(detail.item));
          else next.delete(keyOf(detail.item));
          setExpanded(next);
        },
      }}
      header={
        <Header
          variant="h1"
          counter={`(${count(lines.length)} questions, ${count(practices.length)} best practices)`}
          description="AWS’s questions and best practices; “no evidence” is for people to answer, in the policy’s attestations."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                onClick={() =>
                  setExpanded(expanded.size > 0 ? new Set() : new Set(lines.map((line) => keyOf(line))))
                }
              >
                {expanded.size > 0 ? "Collapse all" : "Expand all"}
              </Button>
              <Review
                questions={lines.flatMap((line) => (line.type === "question" ? [line.question] : []))}
              />
            </SpaceBetween>
          }
        >
          Framework
        </Header>
      }
      filter={
        <div className="filters">
          {select("pillar", pillar, "Pillar", PILLAR_CHOICES.map(pillarOption))}
          {select(
            "show",
            show,
            "Status",
            SHOWN.map((id) => ({ value: id, label: `${SHOW_WORDS[id]} (${count(matching(ofPillar, id))})` })),
          )}
          {select(
            "risk",
            risk,
            "Highest risk of the question",
            RISKS.map((id) => ({ value: id, label: RISK_WORDS[id] ?? id })),
          )}
        </div>
      }
      pagination={pagination}
      empty="No best practice matches."
    />
  );
}

function keyOf(line: Line): string {
  return line.type === "question" ? line.question.id : line.practice.id;
}

function childrenOf(line: Line): Line[] {
  return line.type === "question" ? line.practices.map((practice) => ({ type: "practice", practice })) : [];
}

function matching(practices: Practice[], show: (typeof SHOWN)[number]): number {
  return practices.filter((practice) => show === ALL || shows(practice, show)).length;
}

/** Which questions are open: as the reader left them, until another filter is chosen. */
function useExpanded(
  lines: Line[],
  filter: string,
  open: boolean,
): [Set<string>, (next: Set<string>) => void] {
  const [state, setState] = useState<{ filter: string; expanded: Set<string> } | null>(null);
  const initial = () => new Set(open ? lines.map((line) => keyOf(line)) : []);
  const expanded = state?.filter === filter ? state.expanded : initial();
  return [expanded, (next) => setState({ filter, expanded: next })];
}
