import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Link from "@cloudscape-design/components/link";
import type { ReactNode } from "react";
import { findingsLink, link } from "../../app/route";
import { is } from "../../filter";
import { ScoreRing, SeverityBar, ShareBar } from "../../parts/meters";
import type { BySeverity, PillarDelta, PillarReport } from "../../report";
import { count, percent, signed } from "../../words";

interface Props {
  pillar: PillarReport;
  /** Change since the baseline, where there is one. */
  delta?: PillarDelta | undefined;
}

/** One pillar of the report: score, coverage and issues. */
export function PillarCard({ pillar, delta }: Props) {
  const id = pillar.pillar;
  const issues = (risk: string) => link("framework", { pillar: id, show: "at_risk", risk });
  return (
    <PillarFacts
      facts={{ ...pillar, failed: pillar.counts.fail }}
      delta={delta}
      links={{
        pillar: link("framework", { pillar: id }),
        high: issues("high"),
        medium: issues("medium"),
        failed: findingsLink(is("pillar", id), is("verdict", "fail")),
      }}
    />
  );
}

/** What is told of a pillar, in a report and of an audit. */
export interface Facts {
  title: string;
  score?: number | null;
  coverage?: number | null;
  high_risk_issues: number;
  medium_risk_issues: number;
  failed: number;
  fails: BySeverity;
}

interface FactsProps {
  facts: Facts;
  delta?: Omit<PillarDelta, "pillar"> | undefined;
  /** Where its numbers lead to. */
  links: Record<"pillar" | "high" | "medium" | "failed", string>;
  /** Whether the framework's questions are in a window of their own. */
  external?: boolean;
  /** What else there is to see. */
  children?: ReactNode;
}

/** One pillar: score, coverage and issues. */
export function PillarFacts({ facts, delta, links, external = false, children }: FactsProps) {
  const coverage = percent(facts.coverage);
  const elsewhere = external ? { target: "_blank" } : {};
  return (
    <Container fitHeight disableContentPaddings>
      <div className="pillar">
        <div className="pillar-title">
          <Link variant="primary" fontSize="heading-s" href={links.pillar}>
            {facts.title}
          </Link>
        </div>
        <div className="pillar-score">
          <div>
            <ScoreRing score={facts.score ?? null} size={64} />
            {delta?.score != null && <Delta value={delta.score} better="up" what="points" />}
          </div>
          <div>
            <Box variant="small">Coverage</Box>
            <div className="strong numbers">{coverage}</div>
            <ShareBar share={facts.coverage ?? 0} label={`Coverage ${coverage}`} />
            {delta?.coverage != null && (
              <Delta value={Math.round(delta.coverage * 1e4) / 100} better="up" what="% pts" />
            )}
          </div>
        </div>
        {children}
        <div className="pillar-facts numbers">
          <div>
            <Link fontSize="body-s" href={links.high} {...elsewhere}>
              High-risk issues
            </Link>
            <span className="strong">
              {count(facts.high_risk_issues)}
              {delta !== undefined && <Delta value={delta.high_risk_issues} better="down" what="" />}
            </span>
          </div>
          <div>
            <Link fontSize="body-s" href={links.medium} {...elsewhere}>
              Medium-risk issues
            </Link>
            <span className="strong">
              {count(facts.medium_risk_issues)}
              {delta !== undefined && <Delta value={delta.medium_risk_issues} better="down" what="" />}
            </span>
          </div>
          <div>
            <Link fontSize="body-s" href={links.failed}>
              Failed findings
            </Link>
            <span className="strong">{count(facts.failed)}</span>
          </div>
        </div>
        <SeverityBar fails={facts.fails} />
      </div>
    </Container>
  );
}

/** A change since the baseline, with whether it is good. */
export function Delta({ value, better, what }: { value: number; better: "up" | "down"; what: string }) {
  if (value === 0) return null;
  const good = better === "up" ? value > 0 : value < 0;
  return (
    <Box variant="small" color={good ? "text-status-success" : "text-status-error"}>
      {" "}
      {signed(value)} {what}
    </Box>
  );
}
