import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { amountError } from "../schedule";

interface Budget {
  allowPaid: string;
  deadline: string;
}

interface Props {
  form: Budget;
  onChange: (change: Partial<Budget>) => void;
  at: (pointer: string) => string;
  root: string;
  disabled?: boolean;
}

/** What an audit may cost, in money and time. */
export function BudgetFields({ form, onChange, at, root, disabled = false }: Props) {
  return (
    <SpaceBetween size="m">
      <FormField
        label="Billed reads"
        description="US dollars that they may cost each time; 0 leaves them out, and what depends on them unknown."
        errorText={at(`${root}/allow_paid_usd`) || amountError(form.allowPaid)}
      >
        <Input
          value={form.allowPaid}
          disabled={disabled}
          inputMode="decimal"
          onChange={({ detail }) => onChange({ allowPaid: detail.value })}
        />
      </FormField>
      <FormField
        label="Deadline"
        description="Ends the reading after this time, such as 30m or 2h; what was not read by then is unknown."
        errorText={at(`${root}/deadline`)}
      >
        <Input
          value={form.deadline}
          disabled={disabled}
          placeholder="none"
          onChange={({ detail }) => onChange({ deadline: detail.value })}
        />
      </FormField>
    </SpaceBetween>
  );
}
