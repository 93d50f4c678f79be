import Button from "@cloudscape-design/components/button";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { because, useData } from "../../app/data";
import { csv } from "../../csv";
import { readDetails } from "../../embed";
import { download } from "../../parts/download";
import type { FindingTable, Positions } from "../../table";

/** Saves the listed findings of this report as CSV. Gaps, commands and exemptions are unpacked for it. */
export function CsvButton({ table, found }: { table: FindingTable; found: Positions }) {
  const { head } = useData();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const own = found.filter((at) => !table.isFormer(at));
  const save = async () => {
    const text = await csv(table.rows(own), (at) => readDetails(head, at));
    download(`findings-${head.scan.id}.csv`, "text/csv", text);
  };
  const onClick = () => {
    setBusy(true);
    setError(null);
    save()
      .catch((cause: unknown) => setError(because(cause)))
      .finally(() => setBusy(false));
  };
  return (
    <>
      {error !== null && <StatusIndicator type="error">{error}</StatusIndicator>}
      <Button
        iconName="download"
        disabled={own.length === 0}
        loading={busy}
        onClick={onClick}
        {...(own.length === 0 &&
          found.length > 0 && { disabledReason: "This report has none of these findings." })}
      >
        CSV
      </Button>
    </>
  );
}
