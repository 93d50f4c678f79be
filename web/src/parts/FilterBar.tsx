import PropertyFilter from "@cloudscape-design/components/property-filter";
import type { PropertyFilterProps } from "@cloudscape-design/components/property-filter";
import { useMemo } from "react";
import { offered, OPERATORS, PROPERTIES } from "../filter";
import type { Condition, Operator, Property, Query } from "../filter";
import type { FindingTable } from "../table";
import { CHANGE, counted, EFFORT, PILLARS, SEVERITY, VERDICT } from "../words";

interface Props {
  table: FindingTable;
  query: Query;
  matches: number;
  onChange: (query: Query) => void;
}

// Words for the values that the report has as identifiers.
const WORDS: Record<string, Record<string, string>> = {
  pillar: PILLARS,
  severity: SEVERITY,
  verdict: VERDICT,
  effort: EFFORT,
  change: { ...CHANGE, unchanged: "Unchanged" },
};

/** Property filter and text search over findings. */
export function FilterBar({ table, query, matches, onChange }: Props) {
  const properties = useMemo(() => shown(table), [table]);
  const options = useMemo(
    () => properties.flatMap((property) => optionsOf(table, property)),
    [table, properties],
  );
  return (
    <PropertyFilter
      query={{ operation: query.any ? "or" : "and", tokens: query.conditions.map(token) }}
      onChange={({ detail }) =>
        onChange({
          any: detail.operation === "or",
          conditions: detail.tokens.map(condition).filter((c) => c !== null),
        })
      }
      filteringProperties={properties.map(filteringProperty)}
      filteringOptions={options}
      countText={counted(matches, "match", "matches")}
      expandToViewport
      filteringAriaLabel="Filter findings"
      filteringPlaceholder="Search, or filter by property"
    />
  );
}

function shown(table: FindingTable): Property[] {
  return PROPERTIES.filter(({ id }) => id !== "change" || table.hasChanges);
}

function filteringProperty({ id, label, plural }: Property): PropertyFilterProps.FilteringProperty {
  const format = (value: unknown) =>
    (Array.isArray(value) ? value : [value]).map((v) => word(id, String(v))).join(", ");
  const operators: PropertyFilterProps.ExtendedOperator<unknown>[] = [
    { operator: "=", tokenType: "enum", format },
    { operator: "!=", tokenType: "enum", format },
    ...(id in WORDS ? [] : ([{ operator: ":" }, { operator: "!:" }] as const)),
    ...(id === "severity" ? ([{ operator: ">=", format }] as const) : []),
  ];
  return {
    key: id,
    propertyLabel: label,
    groupValuesLabel: plural,
    operators,
    defaultOperator: id === "resource" ? ":" : "=",
  };
}

function optionsOf(table: FindingTable, property: Property): PropertyFilterProps.FilteringOption[] {
  return offered(table, property).map((value) => ({
    propertyKey: property.id,
    value,
    label: word(property.id, value),
  }));
}

function word(property: string, value: string): string {
  return WORDS[property]?.[value] ?? value;
}

function token({ property, operator, values }: Condition): PropertyFilterProps.Token {
  const several = property !== null && (operator === "=" || operator === "!=");
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
