import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { call } from "../call";
import { useStale, useTell } from "../data";
import { useForm } from "../form";
import type { Audit } from "../types";
import { Trouble } from "./states";
import { Buttons } from "./View";

/** Keeps an audit for ever, under a name. */
export function MakeMilestone({ audit, onClose }: { audit: Audit; onClose: () => void }) {
  const tell = useTell();
  const stale = useStale();
  const [name, setName] = useState("");
  const [note, setNote] = useState("");
  const form = useForm(async () => {
    await call("/milestones", { method: "POST", body: { name, note, audit: audit.id } });
    stale("/milestones");
    tell.done(`The audit is kept for ever as ${name}.`);
    onClose();
  });
  return (
    <Modal
      visible
      header="Make it a milestone"
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <Buttons>
            <Button variant="link" onClick={onClose}>
              Back
            </Button>
            <Button variant="primary" loading={form.busy} onClick={form.submit}>
              Keep it
            </Button>
          </Buttons>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {form.error !== null && <Trouble what="No milestone was made" error={form.error} />}
        <div>Its report is kept for ever, however old audits are removed.</div>
        <FormField label="Name" errorText={form.at("/name")}>
          <Input
            value={name}
            placeholder="Before the migration"
            onChange={({ detail }) => setName(detail.value)}
          />
        </FormField>
        <FormField label="Note" errorText={form.at("/note")}>
          <Textarea value={note} rows={3} onChange={({ detail }) => setNote(detail.value)} />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}
