/** Pillars over time. */
import type { BySeverity, Pillar } from "../report";
import { PILLARS } from "../words";
import { isPillar, PILLAR_IDS } from "./types";
import type { PillarPoint } from "./types";

/** What a trend is about. */
export const METRICS = ["score", "urgent", "coverage", "unknown"] as const;
export type Metric = (typeof METRICS)[number];

export const METRIC: Record<Metric, string> = {
  score: "Score",
  urgent: "Critical and high failures",
  coverage: "Coverage in percent",
  unknown: "Undecided",
};

/** A point's number; null where it has none. */
export function valueOf(point: PillarPoint, metric: Metric): number | null {
  switch (metric) {
    case "score":
      return point.score ?? null;
    case "urgent":
      return point.fails.critical + point.fails.high;
    case "coverage":
      return point.coverage == null ? null : Math.floor(point.coverage * 100 + 1e-9);
    case "unknown":
      return point.unknown;
  }
}

export interface Series {
  pillar: Pillar;
  title: string;
  data: { x: Date; y: number; audit: string }[];
}

/** A line for each pillar, in the framework's order; what has no number has no point. */
export function series(points: readonly PillarPoint[], metric: Metric): Series[] {
  return PILLAR_IDS.map((pillar) => ({
    pillar,
    title: PILLARS[pillar],
    data: points
      .filter((point) => point.pillar === pillar)
      .flatMap((point) => {
        const y = valueOf(point, metric);
        return y === null ? [] : [{ x: new Date(point.at), y, audit: point.audit }];
      }),
  }));
}

/** The points of one pillar, oldest first. */
export function ofPillar(points: readonly PillarPoint[], pillar: Pillar): PillarPoint[] {
  return points.filter((point) => point.pillar === pillar);
}

/** Pillars in the framework's order; what is none is left out. */
export function inOrder(points: readonly PillarPoint[]): (PillarPoint & { pillar: Pillar })[] {
  const known = points.filter((point): point is PillarPoint & { pillar: Pillar } => isPillar(point.pillar));
  return known.sort((a, b) => PILLAR_IDS.indexOf(a.pillar) - PILLAR_IDS.indexOf(b.pillar));
}

export function sum(fails: BySeverity): number {
  return fails.critical + fails.high + fails.medium + fails.low + fails.info;
}

/** The change of the score from the first to the last point that have one; null where there are not two. */
export function change(points: readonly PillarPoint[]): number | null {
  const scores = points.flatMap(({ score }) => (score == null ? [] : [score]));
  const [first] = scores;
  const last = scores.at(-1);
  return scores.length < 2 || first === undefined || last === undefined ? null : last - first;
}

/**
 * Where a line goes in a picture: left to right by time, the score from bottom to top. A single point is a
 * line across, and none is no line.
 */
export function path(points: readonly PillarPoint[], width: number, height: number, inset = 3): string {
  const scored = points.flatMap(({ at, score }) => (score == null ? [] : [{ at: Date.parse(at), score }]));
  const [first] = scored;
  const last = scored.at(-1);
  if (first === undefined || last === undefined) return "";
  const span = last.at - first.at;
  const y = (score: number) => round(height - inset - ((height - 2 * inset) * score) / 100);
  if (span <= 0) return `M${inset} ${y(last.score)}H${width - inset}`;
  const x = (at: number) => round(inset + ((width - 2 * inset) * (at - first.at)) / span);
  return scored.map(({ at, score }, i) => `${i === 0 ? "M" : "L"}${x(at)} ${y(score)}`).join("");
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
