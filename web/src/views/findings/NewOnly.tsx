import Toggle from "@cloudscape-design/components/toggle";
import type { Head } from "../../embed";
import { asksForNew, NEW } from "../../filter";
import type { Query } from "../../filter";
import { count, when } from "../../words";

interface Props {
  comparison: NonNullable<Head["comparison"]>;
  query: Query;
  onChange: (query: Query) => void;
}

/** Whether the list is of what is new since the baseline, or of everything. */
export function NewOnly({ comparison: { baseline, counts }, query, onChange }: Props) {
  const rest = query.conditions.filter((condition) => !asksForNew(condition));
  return (
    <Toggle
      checked={rest.length < query.conditions.length}
      onChange={({ detail: { checked } }) =>
        onChange({ any: query.any && !checked, conditions: checked ? [...rest, NEW] : rest })
      }
    >
      Only what is new since {when(baseline.started)} ({count(counts.new)})
    </Toggle>
  );
}
