import Box from "@cloudscape-design/components/box";
import type { Preview } from "../preview";
import { ago, inZone } from "../words";
import { useNow } from "./labels";
import { Loading, Trouble } from "./states";

/** The next times of a cadence, in its zone and in UTC. */
export function NextTimes({ preview, zone }: { preview: Preview; zone: string }) {
  const now = useNow();
  if (preview.error !== null) return <Trouble what="The times cannot be shown" error={preview.error} />;
  if (Object.keys(preview.errors).length > 0) {
    return <Box color="text-body-secondary">They are here once cron expression and time zone are right.</Box>;
  }
  if (preview.next === null) return <Loading what="the times" />;
  if (preview.next.length === 0) return <Box>There are none: this day does not come.</Box>;
  return (
    <ul className="times" aria-label="The next five times">
      {preview.next.map((at) => (
        <li key={at}>
          <span>
            <time dateTime={at}>{inZone(at, zone)}</time>
            {zone !== "UTC" && <div className="quiet small">{inZone(at, "UTC")}</div>}
          </span>
          <span className="quiet">{ago(at, now)}</span>
        </li>
      ))}
    </ul>
  );
}
