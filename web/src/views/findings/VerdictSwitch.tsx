import SegmentedControl from "@cloudscape-design/components/segmented-control";
import { useMemo } from "react";
import { is, select } from "../../filter";
import type { Query } from "../../filter";
import { VERDICTS } from "../../report";
import type { Verdict } from "../../report";
import type { FindingTable } from "../../table";
import { count, VERDICT } from "../../words";

interface Props {
  table: FindingTable;
  query: Query;
  onChange: (query: Query) => void;
}

/** One click to the findings of a verdict, with how many there are under the rest of the filter. */
export function VerdictSwitch({ table, query, onChange }: Props) {
  const rest = {
    any: query.any,
    conditions: query.conditions.filter(({ property }) => property !== "verdict"),
  };
  const key = JSON.stringify(rest);
  const counts = useMemo(() => {
    const counts = new Map<Verdict, number>();
    for (const at of select(table, JSON.parse(key) as Query)) {
      if (table.isFormer(at)) continue;
      const verdict = table.verdictOf(at);
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    }
    return counts;
  }, [table, key]);
  const own = query.conditions.filter(({ property }) => property === "verdict");
  const [only] = own;
  const chosen =
    own.length === 0 ? "all" : only?.operator === "=" && only.values.length === 1 ? only.values[0] : null;
  return (
    <SegmentedControl
      label="Verdict"
      selectedId={own.length > 1 ? null : (chosen ?? null)}
      options={[
        ...VERDICTS.map((id) => ({
          id,
          text: `${id === "not_applicable" ? "N/A" : VERDICT[id]} ${count(counts.get(id) ?? 0)}`,
        })),
        { id: "all", text: "All" },
      ]}
      onChange={({ detail: { selectedId } }) =>
        onChange({
          any: query.any,
          conditions:
            selectedId === "all" ? rest.conditions : [is("verdict", selectedId), ...rest.conditions],
        })
      }
    />
  );
}
