import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { Name } from "../../parts/labels";
import { CHANGES } from "../../report";
import type { Change } from "../../report";
import { CHANGE, count, percent, PILLARS, signed, when } from "../../words";
import { piece } from "../call";
import { useApi } from "../data";
import { changed, to } from "../route";
import { inOrder } from "../trend";
import type { Page, PillarPoint, Trend } from "../types";
import { DiffRows } from "./DiffRows";
import { diffLink } from "./links";
import { usePages } from "./pages";
import { Answer } from "./states";

/** A page of differences, as far as this view shows it (`schemas/diff.schema.json`). */
export interface Diff extends Page<DiffRow> {
  old: Side;
  new: Side;
  counts: Record<Change, number>;
}

/** Differences on a page. */
const SIZE = 50;

interface Side {
  id: string;
  started: string;
  complete: boolean;
  accounts: string[];
  policies: string[];
  tool: { name: string; version: string };
}

export interface DiffRow {
  id: string;
  change: Change;
  check: string;
  title: string;
  pillar: string;
  severity: string;
  say: string;
  was?: string | null;
  is?: string | null;
  resource: { id: string; name: string; kind: string; account: string; region: string };
}

/** Two audits side by side: each pillar, and what became of the findings. */
export function SideBySide({ earlier, later }: { earlier: string; later: string }) {
  const diff = useApi<Diff>(`/audits/${piece(later)}/differences`, { params: { with: earlier, limit: 1 } });
  return (
    <Answer query={diff} what="the comparison">
      {(diff) => (
        <SpaceBetween size="l">
          <Container
            header={
              <Header
                variant="h2"
                actions={
                  <Link href={diffLink(later, earlier)} target="_blank" external>
                    As a report page
                  </Link>
                }
              >
                Side by side
              </Header>
            }
          >
            {Date.parse(diff.old.started) > Date.parse(diff.new.started) && (
              <p>
                The later one is older than the earlier one.{" "}
                <Link href={changed({ old: later, new: earlier })}>Change sides</Link>
              </p>
            )}
            <div className="sides">
              <SideFacts title="Earlier" audit={earlier} side={diff.old} />
              <SideFacts title="Later" audit={later} side={diff.new} />
            </div>
            <div className="below">
              <Pillars earlier={earlier} later={later} />
            </div>
          </Container>
          <Differences key={`${earlier} ${later}`} {...{ earlier, later, diff }} />
        </SpaceBetween>
      )}
    </Answer>
  );
}

function SideFacts({ title, audit, side }: { title: string; audit: string; side: Side }) {
  return (
    <section aria-label={title}>
      <h3>
        <Link href={to("audits", audit)} fontSize="heading-m">
          {`${title}: ${when(side.started)}`}
        </Link>
      </h3>
      <KeyValuePairs
        columns={2}
        items={[
          { label: "Complete", value: side.complete ? "Yes" : "No" },
          { label: "Policies", value: <Name>{side.policies.join(", ")}</Name> },
          { label: "Accounts", value: <Name>{side.accounts.join(", ")}</Name> },
          { label: "Tool", value: <Name>{`${side.tool.name} ${side.tool.version}`}</Name> },
        ]}
      />
    </section>
  );
}

function Pillars({ earlier, later }: { earlier: string; later: string }) {
  const before = useApi<Trend>(`/audits/${piece(earlier)}/pillars`);
  const after = useApi<Trend>(`/audits/${piece(later)}/pillars`);
  const olds = before.data?.points ?? [];
  return (
    <table className="plain">
      <thead>
        <tr>
          <th>Pillar</th>
          <th className="number">Score</th>
          <th className="number">Coverage</th>
          <th className="number">Critical and high</th>
          <th className="number">High-risk issues</th>
          <th className="number">Undecided</th>
        </tr>
      </thead>
      <tbody>
        {inOrder(after.data?.points ?? []).map((now) => {
          const old = olds.find(({ pillar }) => pillar === now.pillar);
          return (
            <tr key={now.pillar}>
              <td>{PILLARS[now.pillar]}</td>
              <Pair old={old} now={now} of={({ score }) => score ?? null} better="more" />
              <Pair
                old={old}
                now={now}
                of={({ coverage }) => coverage ?? null}
                better="more"
                show={percent}
              />
              <Pair old={old} now={now} of={({ fails }) => fails.critical + fails.high} better="less" />
              <Pair old={old} now={now} of={({ high_risk_issues }) => high_risk_issues} better="less" />
              <Pair old={old} now={now} of={({ unknown }) => unknown} better="less" />
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface PairProps {
  old: PillarPoint | undefined;
  now: PillarPoint;
  of: (point: PillarPoint) => number | null;
  better: "more" | "less";
  show?: (value: number) => string;
}

/** A number of both, and the difference with whether it is good. */
function Pair({ old, now, of, better, show = count }: PairProps) {
  const [before, after] = [old === undefined ? null : of(old), of(now)];
  const by = before === null || after === null ? 0 : after - before;
  const good = better === "more" ? by > 0 : by < 0;
  const difference = show === percent ? `${signed(Math.round(by * 100))} % pts` : signed(by);
  return (
    <td className="number">
      {before === null ? "–" : show(before)} → {after === null ? "–" : show(after)}
      {by !== 0 && <span className={good ? "better" : "worse"}> {difference}</span>}
    </td>
  );
}

function Differences({ earlier, later, diff }: { earlier: string; later: string; diff: Diff }) {
  const [shown, setShown] = useState<Change>(
    () => CHANGES.find((change) => diff.counts[change] > 0) ?? "new",
  );
  const { cursor, pagination } = usePages(shown);
  const rows = useApi<Diff>(`/audits/${piece(later)}/differences`, {
    params: { with: earlier, change: shown, cursor, limit: SIZE },
    keep: true,
  });
  return (
    <Container
      header={
        <Header variant="h2" description="What was not read again is never fixed.">
          What became of the findings
        </Header>
      }
    >
      <SegmentedControl
        label="What became of the findings"
        selectedId={shown}
        options={CHANGES.map((id) => ({ id, text: `${CHANGE[id]} (${count(diff.counts[id])})` }))}
        onChange={({ detail }) => setShown(CHANGES.find((change) => change === detail.selectedId) ?? "new")}
      />
      <div className="below">
        <Answer query={rows} what="these findings">
          {({ items, next }) => (
            <>
              <DiffRows key={`${shown} ${cursor ?? ""}`} title={CHANGE[shown]} rows={items} />
              {pagination(next)}
            </>
          )}
        </Answer>
      </div>
    </Container>
  );
}
