import PropertyFilter from "@cloudscape-design/components/property-filter";
import type { PropertyFilterProps } from "@cloudscape-design/components/property-filter";
import { useMemo } from "react";
import type { Condition, Operator } from "../../filter";
import { OPERATORS } from "../../filter";
import { counted, PILLARS, SEVERITY } from "../../words";
import type { Choices } from "../query";
import { STORED_VERDICT } from "../words";

interface Props {
  all: readonly Choices[];
  conditions: readonly Condition[];
  /** How many match, where that is known. */
  total: number | null;
  onChange: (conditions: Condition[]) => void;
}

// Words for the values that the API has as identifiers.
const WORDS: Record<string, Record<string, string>> = {
  pillar: PILLARS,
  severity: SEVERITY,
  verdict: STORED_VERDICT,
};

/** Property filter and text search over findings, as the report page has it. All conditions have to hold. */
export function FindingFilter({ all, conditions, total, onChange }: Props) {
  const properties = useMemo(() => all.map(property), [all]);
  const options = useMemo(
    () =>
      all.flatMap(({ id, values }) =>
        values.map((value) => ({ propertyKey: id, value, label: word(id, value) })),
      ),
    [all],
  );
  return (
    <PropertyFilter
      query={{ operation: "and", tokens: conditions.map(token) }}
      onChange={({ detail }) => onChange(detail.tokens.map(condition).filter((c) => c !== null))}
      filteringProperties={properties}
      filteringOptions={options}
      freeTextFiltering={{ operators: [":"], defaultOperator: ":" }}
      hideOperations
      countText={total === null ? "" : counted(total, "match", "matches")}
      expandToViewport
      filteringAriaLabel="Filter findings"
      filteringPlaceholder="Search, or filter by property"
    />
  );
}

function property({ id, label, plural, closed }: Choices): PropertyFilterProps.FilteringProperty {
  const format = (value: unknown) =>
    (Array.isArray(value) ? value : [value]).map((v) => word(id, String(v))).join(", ");
  return {
    key: id,
    propertyLabel: label,
    groupValuesLabel: plural,
    operators: [
      { operator: "=", tokenType: "enum", format },
      ...(closed ? [{ operator: "!=", tokenType: "enum", format } as const] : []),
      ...(id === "severity" ? [{ operator: ">=", format } as const] : []),
    ],
    defaultOperator: "=",
  };
}

function word(property: string, value: string): string {
  return WORDS[property]?.[value] ?? value;
}

function token({ property, operator, values }: Condition): PropertyFilterProps.Token {
  const several = property !== null && operator !== ">=";
  return {
    ...(property === null ? {} : { propertyKey: property }),
    operator,
    value: several ? values : values[0],
  };
}

function condition({ propertyKey, operator, value }: PropertyFilterProps.Token): Condition | null {
  const known = OPERATORS.find((candidate): candidate is Operator => candidate === operator);
  const values = (Array.isArray(value) ? value : [value]).map(String);
  if (known === undefined || values.length === 0) return null;
  return { property: propertyKey ?? null, operator: known, values };
}
