/** Words of the service with their icons; never colour alone. */
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { useEffect, useState } from "react";
import { SeverityBadge, VerdictLabel } from "../../parts/labels";
import type { Verdict } from "../../report";
import { when } from "../../words";
import { isSeverity, STORED } from "../types";
import type { Audit, RunState } from "../types";
import { ago, STATE, STORED_VERDICT } from "../words";

const STATE_TYPE: Record<RunState, StatusIndicatorProps.Type> = {
  queued: "pending",
  running: "in-progress",
  finished: "success",
  failed: "error",
  cancelled: "stopped",
};

/** Where an audit is on its way; one that is finished and not whole says so. */
export function StateLabel({ audit }: { audit: Audit }) {
  if (audit.state === "finished" && audit.result?.complete === false) {
    return (
      <StatusIndicator type="warning" wrapText={false}>
        Finished, incomplete
      </StatusIndicator>
    );
  }
  return (
    <StatusIndicator type={STATE_TYPE[audit.state]} wrapText={false}>
      {STATE[audit.state]}
    </StatusIndicator>
  );
}

/** A verdict, or that the resource is gone. */
export function StoredLabel({ verdict }: { verdict: string }) {
  const known = STORED.find((stored) => stored === verdict);
  if (known === undefined) return <>{verdict}</>;
  if (known === "gone")
    return (
      <StatusIndicator type="not-started" wrapText={false}>
        {STORED_VERDICT.gone}
      </StatusIndicator>
    );
  return <VerdictLabel verdict={known satisfies Verdict} />;
}

export function Severe({ severity }: { severity: string }) {
  return isSeverity(severity) ? <SeverityBadge severity={severity} /> : <>{severity}</>;
}

/** The time, told again every second or half minute. */
export function useNow(every = 30_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), every);
    return () => window.clearInterval(timer);
  }, [every]);
  return now;
}

/** How long ago something was; the exact time on pointing at it. */
export function Ago({ at }: { at: string | null | undefined }) {
  const now = useNow();
  if (at == null) return <>–</>;
  return (
    <time dateTime={at} title={when(at)}>
      {ago(at, now)}
    </time>
  );
}
