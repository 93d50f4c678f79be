import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Link from "@cloudscape-design/components/link";
import { findingsLink, link } from "../../app/route";
import { is } from "../../filter";
import { ScoreRing, SeverityBar, ShareBar } from "../../parts/meters";
import type { PillarDelta, PillarReport } from "../../report";
import { count, percent, signed } from "../../words";

interface Props {
  pillar: PillarReport;
  /** Change since the baseline, where there is one. */
  delta?: PillarDelta | undefined;
}

/** One pillar: score, coverage and issues. */
export function PillarCard({ pillar, delta }: Props) {
  const id = pillar.pillar;
  const issues = (risk: string) => link("framework", { pillar: id, show: "at_risk", risk });
  return (
    <Container fitHeight disableContentPaddings>
      <div className="pillar">
        <div className="pillar-title">
          <Link variant="primary" fontSize="heading-s" href={link("framework", { pillar: id })}>
            {pillar.title}
          </Link>
        </div>
        <div className="pillar-score">
          <div>
            <ScoreRing score={pillar.score ?? null} size={64} />
            {delta?.score != null && <Delta value={delta.score} better="up" what="points" />}
          </div>
          <div>
            <Box variant="small">Coverage</Box>
            <div className="strong numbers">{percent(pillar.coverage)}</div>
            <ShareBar share={pillar.coverage ?? 0} label={`Coverage ${percent(pillar.coverage)}`} />
            {delta?.coverage != null && (
              <Delta value={Math.round(delta.coverage * 1e4) / 100} better="up" what="% pts" />
            )}
          </div>
        </div>
        <div className="pillar-facts numbers">
          <div>
            <Link fontSize="body-s" href={issues("high")}>
              High-risk issues
            </Link>
            <span className="strong">
              {count(pillar.high_risk_issues)}
              {delta !== undefined && <Delta value={delta.high_risk_issues} better="down" what="" />}
            </span>
          </div>
          <div>
            <Link fontSize="body-s" href={issues("medium")}>
              Medium-risk issues
            </Link>
            <span className="strong">
              {count(pillar.medium_risk_issues)}
              {delta !== undefined && <Delta value={delta.medium_risk_issues} better="down" what="" />}
            </span>
          </div>
          <div>
            <Link fontSize="body-s" href={findingsLink(is("pillar", id), is("verdict", "fail"))}>
              Failed findings
            </Link>
            <span className="strong">{count(pillar.counts.fail)}</span>
          </div>
        </div>
        <SeverityBar fails={pillar.fails} />
      </div>
    </Container>
  );
}

/** A change since the baseline, with whether it is good. */
function Delta({ value, better, what }: { value: number; better: "up" | "down"; what: string }) {
  if (value === 0) return null;
  const good = better === "up" ? value > 0 : value < 0;
  return (
    <Box variant="small" color={good ? "text-status-success" : "text-status-error"}>
      {" "}
      {signed(value)} {what}
    </Box>
  );
}
