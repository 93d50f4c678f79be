import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { hidden } from "../../visible";
import { call } from "../call";
import { useApi, useStale, useTell } from "../data";
import { elsewhere, useForm } from "../form";
import type { List, Target } from "../types";
import { day } from "../words";
import { Trouble } from "./states";
import { Buttons } from "./View";

const STATUSES = [
  { value: "met", label: "Met", description: "The best practice is followed." },
  { value: "not_met", label: "Not met", description: "It is not, which is a risk." },
  { value: "not_applicable", label: "Not applicable", description: "It does not concern the workload." },
];

const SHOWN = ["/target", "/practice", "/owner", "/expires", "/link", "/note"];

/** Says of a best practice what no API shows. */
export function Attest({ onClose }: { onClose: () => void }) {
  const tell = useTell();
  const stale = useStale();
  const targets = useApi<List<Target>>("/targets");
  const names = (targets.data?.items ?? []).filter(({ removed }) => removed == null).map(({ name }) => name);
  const [form, setForm] = useState(() => ({
    target: "",
    practice: "",
    status: "met",
    owner: "",
    expires: day(Date.now(), 365),
    link: "",
    note: "",
  }));
  const change = (change: Partial<typeof form>) => setForm({ ...form, ...change });
  const target = form.target === "" && names.length === 1 ? (names[0] ?? "") : form.target;
  const sent = useForm(async () => {
    const { link, note, ...rest } = form;
    const body = {
      ...rest,
      target,
      practice: form.practice.trim().toUpperCase(),
      owner: hidden(form.owner),
      link: link.trim() === "" ? null : hidden(link.trim()),
      note: note.trim() === "" ? null : hidden(note),
    };
    await call("/attestations", { method: "POST", body });
    stale("/attestations");
    tell.done("It is attested. It counts from the first audit that begins from now on.");
    onClose();
  });
  const others = elsewhere(sent.error, SHOWN);
  return (
    <Modal
      visible
      header="Attest a best practice"
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <Buttons>
            <Button variant="link" onClick={onClose}>
              Back
            </Button>
            <Button
              variant="primary"
              loading={sent.busy}
              disabled={target === "" || !/^\d{4}-\d{2}-\d{2}$/.test(form.expires)}
              onClick={sent.submit}
            >
              Attest it
            </Button>
          </Buttons>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {sent.error !== null && <Trouble what="Nothing was attested" error={sent.error} />}
        {others.length > 0 && <p>{others.join(" ")}</p>}
        <FormField label="Target" errorText={sent.at("/target")}>
          <Select
            selectedOption={target === "" ? null : { value: target, label: target }}
            options={names.map((value) => ({ value, label: value }))}
            placeholder="Choose a target"
            onChange={({ detail }) => change({ target: detail.selectedOption.value ?? "" })}
          />
        </FormField>
        <FormField
          label="Best practice"
          description="Its id in the framework, such as OPS01-BP01."
          errorText={sent.at("/practice")}
        >
          <Input value={form.practice} onChange={({ detail }) => change({ practice: detail.value })} />
        </FormField>
        <FormField label="Status">
          <RadioGroup
            value={form.status}
            items={STATUSES}
            onChange={({ detail }) => change({ status: detail.value })}
          />
        </FormField>
        <FormField label="Owner" description="Who answers for it." errorText={sent.at("/owner")}>
          <Input value={form.owner} onChange={({ detail }) => change({ owner: detail.value })} />
        </FormField>
        <FormField label="Last day" description="Year, month, day." errorText={sent.at("/expires")}>
          <DatePicker
            value={form.expires}
            format="iso"
            inputFormat="iso"
            placeholder="YYYY-MM-DD"
            i18nStrings={{
              openCalendarAriaLabel: (date) => `Choose the last day${date === null ? "" : `, now ${date}`}`,
            }}
            onChange={({ detail }) => change({ expires: detail.value })}
          />
        </FormField>
        <FormField
          label="Proof"
          description="Where it is, beginning with https://."
          errorText={sent.at("/link")}
        >
          <Input
            value={form.link}
            inputMode="url"
            onChange={({ detail }) => change({ link: detail.value })}
          />
        </FormField>
        <FormField label="Note" errorText={sent.at("/note")}>
          <Textarea value={form.note} rows={2} onChange={({ detail }) => change({ note: detail.value })} />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}
