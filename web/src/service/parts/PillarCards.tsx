import { PillarFacts } from "../../views/overview/PillarCard";
import { PILLARS } from "../../words";
import { to } from "../route";
import { inOrder, ofPillar, sum } from "../trend";
import type { PillarPoint } from "../types";
import { reportLink } from "./links";
import { Sparkline } from "./Sparkline";

interface Props {
  /** The pillars as one audit saw them. */
  points: readonly PillarPoint[];
  /** The same over time, where that is shown. */
  trend?: readonly PillarPoint[];
  target: string;
}

/** The six pillars side by side. */
export function PillarCards({ points, trend, target }: Props) {
  return (
    <div className="wide">
      <div className="pillars">
        {inOrder(points).map((point) => {
          const findings = to("findings", [], {
            f: ["verdict=fail", `target=${target}`, `pillar=${point.pillar}`],
          });
          const issues = (risk: string) =>
            `${reportLink(point.audit)}#/framework?pillar=${point.pillar}&show=at_risk&risk=${risk}`;
          return (
            <PillarFacts
              key={point.pillar}
              facts={{ ...point, title: PILLARS[point.pillar], failed: sum(point.fails) }}
              links={{ pillar: findings, high: issues("high"), medium: issues("medium"), failed: findings }}
              external
            >
              {trend !== undefined && (
                <div className="pillar-trend">
                  <Sparkline points={ofPillar(trend, point.pillar)} />
                </div>
              )}
            </PillarFacts>
          );
        })}
      </div>
    </div>
  );
}
