import { scoreFill } from "../../parts/meters";
import { signed } from "../../words";
import { change, path } from "../trend";
import type { PillarPoint } from "../types";

const WIDTH = 64;
const HEIGHT = 30;

/** A pillar's score over time as a small line; what it says is beside it in words. */
export function Sparkline({ points }: { points: readonly PillarPoint[] }) {
  const line = path(points, WIDTH, HEIGHT);
  const score = points.findLast((point) => point.score != null)?.score;
  if (line === "" || score == null)
    return <svg className="spark" width={WIDTH} height={HEIGHT} aria-hidden />;
  const by = change(points);
  const label =
    by === null
      ? `score ${score}, no trend yet`
      : `score ${score}, ${signed(by)} over ${points.length} audits`;
  return (
    <svg
      className="spark"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <path d={line} stroke={scoreFill(score)} />
    </svg>
  );
}
