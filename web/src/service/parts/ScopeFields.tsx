import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { SEVERITIES } from "../../report";
import { PILLARS, SEVERITY } from "../../words";
import type { ScopeForm } from "../schedule";
import { PILLAR_IDS } from "../types";

interface Props {
  form: ScopeForm;
  onChange: (change: Partial<ScopeForm>) => void;
  /** What is wrong with a field, by its pointer. */
  at: (pointer: string) => string;
  /** Where the scope is in what is sent, such as `/spec/scope`. */
  root: string;
  disabled?: boolean;
}

const ANY = { value: "", label: "Any" };

/** What an audit is narrowed to. */
export function ScopeFields({ form, onChange, at, root, disabled = false }: Props) {
  return (
    <SpaceBetween size="m">
      <FormField
        label="Services"
        description="Only these, separated by commas; all where this is empty."
        errorText={at(`${root}/services`)}
      >
        <Input
          value={form.services}
          disabled={disabled}
          placeholder="s3, iam"
          onChange={({ detail }) => onChange({ services: detail.value })}
        />
      </FormField>
      <FormField
        label="Checks"
        description="Only those that match one of these patterns, separated by commas."
        errorText={at(`${root}/checks`)}
      >
        <Input
          value={form.checks}
          disabled={disabled}
          placeholder="s3/*, iam/user-*"
          onChange={({ detail }) => onChange({ checks: detail.value })}
        />
      </FormField>
      <FormField label="Pillars" errorText={at(`${root}/pillars`)}>
        <Multiselect
          selectedOptions={form.pillars.map((value) => option(value))}
          options={PILLAR_IDS.map((value) => option(value))}
          disabled={disabled}
          placeholder="All pillars"
          onChange={({ detail }) =>
            onChange({ pillars: detail.selectedOptions.map(({ value }) => value ?? "") })
          }
        />
      </FormField>
      <FormField label="Least severity" errorText={at(`${root}/severity`)}>
        <Select
          selectedOption={SEVERE.find(({ value }) => value === form.severity) ?? ANY}
          options={SEVERE}
          disabled={disabled}
          onChange={({ detail }) => onChange({ severity: detail.selectedOption.value ?? "" })}
        />
      </FormField>
    </SpaceBetween>
  );
}

const SEVERE = [
  ANY,
  ...[...SEVERITIES].reverse().map((value) => ({ value, label: `${SEVERITY[value]} or worse` })),
];

function option(value: string): { value: string; label: string } {
  const known = PILLAR_IDS.find((pillar) => pillar === value);
  return { value, label: known === undefined ? value : PILLARS[known] };
}
