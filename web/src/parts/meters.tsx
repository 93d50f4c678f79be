/** Small pictures of numbers; the numbers stand beside them as text. */
import * as tokens from "@cloudscape-design/design-tokens";
import type { BySeverity, Severity, Verdict } from "../report";
import { SEVERITIES, VERDICTS } from "../report";
import { count, SEVERITY, VERDICT } from "../words";

export const SEVERITY_FILL: Record<Severity, string> = {
  critical: tokens.colorChartsStatusCritical,
  high: tokens.colorChartsStatusHigh,
  medium: tokens.colorChartsStatusMedium,
  low: tokens.colorChartsStatusLow,
  info: tokens.colorChartsStatusNeutral,
};

const VERDICT_FILL: Record<Verdict, string> = {
  fail: tokens.colorChartsStatusHigh,
  unknown: tokens.colorChartsStatusMedium,
  exempt: tokens.colorChartsStatusInfo,
  pass: tokens.colorChartsStatusPositive,
  not_applicable: tokens.colorBorderDividerDefault,
};

/** From which score on a pillar is shown as fine, or as in between. */
export function scoreFill(score: number): string {
  if (score >= 90) return tokens.colorChartsStatusPositive;
  return score >= 70 ? tokens.colorChartsStatusMedium : tokens.colorChartsStatusHigh;
}

const RADIUS = 42;
const AROUND = 2 * Math.PI * RADIUS;

/** A score from 0 to 100 as a ring. */
export function ScoreRing({ score, size = 88 }: { score: number | null; size?: number }) {
  const label = score === null ? "no score" : `score ${score} of 100`;
  return (
    <svg className="ring" width={size} height={size} viewBox="0 0 100 100" role="img" aria-label={label}>
      <circle className="ring-track" cx="50" cy="50" r={RADIUS} />
      {score !== null && score > 0 && (
        <circle
          className="ring-value"
          cx="50"
          cy="50"
          r={RADIUS}
          stroke={scoreFill(score)}
          strokeDasharray={`${(score / 100) * AROUND} ${AROUND}`}
        />
      )}
      <text x="50" y="51" className="ring-text">
        {score ?? "–"}
      </text>
    </svg>
  );
}

interface Piece {
  label: string;
  value: number;
  fill: string;
}

function Pieces({ pieces, what }: { pieces: Piece[]; what: string }) {
  const shown = pieces.filter(({ value }) => value > 0);
  const words = shown.map(({ label, value }) => `${count(value)} ${label.toLowerCase()}`).join(", ");
  return (
    <div className="pieces" role="img" aria-label={`${what}: ${words || "none"}`} title={words || "none"}>
      {shown.map(({ label, value, fill }) => (
        <span key={label} style={{ flexGrow: value, background: fill }} />
      ))}
    </div>
  );
}

/** Failed evaluations by severity, as one bar. */
export function SeverityBar({ fails }: { fails: BySeverity }) {
  const order = [...SEVERITIES].reverse();
  const pieces = order.map((s) => ({ label: SEVERITY[s], value: fails[s], fill: SEVERITY_FILL[s] }));
  return <Pieces pieces={pieces} what="Failed evaluations by severity" />;
}

/** Evaluations by verdict, as one bar. */
export function VerdictBar({ counts }: { counts: Record<Verdict, number> }) {
  const pieces = VERDICTS.map((v) => ({ label: VERDICT[v], value: counts[v], fill: VERDICT_FILL[v] }));
  return <Pieces pieces={pieces} what="Evaluations by verdict" />;
}

/** A share from 0 to 1 as a thin bar. */
export function ShareBar({ share, label }: { share: number; label: string }) {
  return (
    <div className="share" role="img" aria-label={label}>
      <span style={{ width: `${share * 100}%` }} />
    </div>
  );
}
