import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { Name } from "../../parts/labels";
import { hidden } from "../../visible";
import { call } from "../call";
import { useStale, useTell } from "../data";
import { elsewhere, useForm } from "../form";
import type { Finding } from "../types";
import { day } from "../words";
import { Trouble } from "./states";
import { Buttons } from "./View";

/** As long as an exemption is proposed to hold, in days. */
const USUAL = 90;

/** Asks for a finding to be accepted for a while. */
export function RequestExemption({ finding, onClose }: { finding: Finding; onClose: () => void }) {
  const tell = useTell();
  const stale = useStale();
  const [reason, setReason] = useState("");
  const [owner, setOwner] = useState("");
  const [expires, setExpires] = useState(() => day(Date.now(), USUAL));
  const form = useForm(async () => {
    const body = {
      target: finding.target,
      finding: finding.id,
      reason: hidden(reason),
      owner: hidden(owner),
      expires,
    };
    await call("/exemptions", { method: "POST", body });
    stale("/exemptions");
    tell.done("The exemption is requested. It counts from the first audit after somebody approves it.");
    onClose();
  });
  const others = elsewhere(form.error, ["/reason", "/owner", "/expires"]);
  return (
    <Modal
      visible
      header="Ask for an exemption"
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
              loading={form.busy}
              disabled={!/^\d{4}-\d{2}-\d{2}$/.test(expires)}
              onClick={form.submit}
            >
              Ask for it
            </Button>
          </Buttons>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {form.error !== null && <Trouble what="The exemption was not requested" error={form.error} />}
        {others.length > 0 && <p>{others.join(" ")}</p>}
        <div>
          {finding.title}: <Name>{finding.name}</Name>
        </div>
        <FormField label="Reason" errorText={form.at("/reason")}>
          <Textarea value={reason} rows={3} onChange={({ detail }) => setReason(detail.value)} />
        </FormField>
        <FormField label="Owner" description="Who answers for it." errorText={form.at("/owner")}>
          <Input value={owner} onChange={({ detail }) => setOwner(detail.value)} />
        </FormField>
        <FormField label="Last day" description="Year, month, day." errorText={form.at("/expires")}>
          <DatePicker
            value={expires}
            format="iso"
            inputFormat="iso"
            placeholder="YYYY-MM-DD"
            i18nStrings={{
              openCalendarAriaLabel: (date) => `Choose the last day${date === null ? "" : `, now ${date}`}`,
            }}
            onChange={({ detail }) => setExpires(detail.value)}
          />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}
