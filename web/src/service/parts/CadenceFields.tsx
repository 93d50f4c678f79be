import Autosuggest from "@cloudscape-design/components/autosuggest";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useApi } from "../data";
import { usePreview } from "../preview";
import type { ScheduleForm } from "../schedule";
import type { List, Target } from "../types";
import { NextTimes } from "./NextTimes";

interface Props {
  form: ScheduleForm;
  onChange: (change: Partial<ScheduleForm>) => void;
  at: (pointer: string) => string;
  isNew: boolean;
  disabled: boolean;
}

/** When a schedule is due, and what it starts. */
export function CadenceFields({ form, onChange, at, isNew, disabled }: Props) {
  const preview = usePreview(form.cron, form.timeZone);
  return (
    <div className="wide">
      <div className="halves">
        <Container fitHeight header={<Header variant="h2">When</Header>}>
          <SpaceBetween size="m">
            {isNew && (
              <FormField
                label="Name"
                description="Letters, digits, hyphens, underscores and dots."
                errorText={at("/name")}
              >
                <Input
                  value={form.name}
                  placeholder="nightly"
                  onChange={({ detail }) => onChange({ name: detail.value })}
                />
              </FormField>
            )}
            <FormField
              label="Cron expression"
              description="Minute, hour, day of the month, month, day of the week; or @daily, @hourly, @weekly."
              errorText={at("/spec/cron") || preview.errors["/cron"]}
            >
              <Autosuggest
                value={form.cron}
                disabled={disabled}
                options={CRONS}
                enteredTextLabel={(value) => `Use ${value}`}
                filteringType="manual"
                onChange={({ detail }) => onChange({ cron: detail.value })}
              />
            </FormField>
            <FormField label="Time zone" errorText={at("/spec/time_zone") || preview.errors["/time_zone"]}>
              <Autosuggest
                value={form.timeZone}
                disabled={disabled}
                options={ZONES}
                enteredTextLabel={(value) => `Use ${value}`}
                onChange={({ detail }) => onChange({ timeZone: detail.value })}
              />
            </FormField>
            <Toggle
              checked={form.enabled}
              disabled={disabled}
              onChange={({ detail }) => onChange({ enabled: detail.checked })}
            >
              It starts audits
            </Toggle>
          </SpaceBetween>
        </Container>
        <Container fitHeight header={<Header variant="h2">The next five times</Header>}>
          <NextTimes preview={preview} zone={form.timeZone.trim() || "UTC"} />
        </Container>
      </div>
      <div className="below">
        <Starts form={form} onChange={onChange} at={at} disabled={disabled} />
      </div>
    </div>
  );
}

function Starts({ form, onChange, at, disabled }: Omit<Props, "isNew">) {
  const targets = useApi<List<Target>>("/targets");
  const names = (targets.data?.items ?? []).filter(({ removed }) => removed == null).map(({ name }) => name);
  const option = (value: string) => ({ value, label: value });
  return (
    <Container header={<Header variant="h2">What it starts</Header>}>
      <SpaceBetween size="m">
        <FormField label="Targets" errorText={at("/spec/targets")}>
          <Multiselect
            selectedOptions={form.targets.map(option)}
            options={names.map(option)}
            disabled={disabled}
            placeholder="All targets"
            filteringType={names.length > 10 ? "auto" : "none"}
            onChange={({ detail }) =>
              onChange({ targets: detail.selectedOptions.map(({ value }) => value ?? "") })
            }
          />
        </FormField>
        <FormField
          label="Jitter"
          description="Spreads the starts over so much time, such as 15m: each target has a moment of its own in it."
          errorText={at("/spec/jitter")}
        >
          <Input
            value={form.jitter}
            disabled={disabled}
            placeholder="none"
            onChange={({ detail }) => onChange({ jitter: detail.value })}
          />
        </FormField>
        <FormField label="Times at which no service ran" errorText={at("/spec/missed")}>
          <RadioGroup
            value={form.missed}
            items={MISSED.map((item) => ({ ...item, disabled }))}
            onChange={({ detail }) =>
              onChange({ missed: MISSED.find(({ value }) => value === detail.value)?.value ?? "once" })
            }
          />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}

const MISSED = [
  { value: "once", label: "Once", description: "One audit makes up for all of them." },
  { value: "skip", label: "Skip", description: "They are left out." },
  { value: "all", label: "All", description: "Each is made up for, up to a hundred." },
] as const;

const CRONS = [
  { value: "0 3 * * *", description: "Every day at 3:00" },
  { value: "0 6 * * 1-5", description: "On weekdays at 6:00" },
  { value: "0 */6 * * *", description: "Every six hours" },
  { value: "0 4 * * 1", description: "Every Monday at 4:00" },
  { value: "0 2 1 * *", description: "On the first of each month at 2:00" },
  { value: "@hourly", description: "Every hour" },
];

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")].map(
  (value) => ({
    value,
  }),
);
