import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import type { ReactNode } from "react";
import { fieldErrors } from "../call";
import { Trouble } from "./states";

interface Props {
  title: string;
  /** What will become of it. */
  children: ReactNode;
  /** The button that does it. */
  act: string;
  /** The label of a comment, where one is wanted. */
  comment?: string;
  onAct: (comment: string) => Promise<void>;
  onClose: () => void;
}

/** Asks once more before something is done; what is refused is told in place. */
export function Ask({ title, children, act, comment, onAct, onClose }: Props) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = () => {
    setBusy(true);
    setError(null);
    onAct(text)
      .then(onClose)
      .catch((cause: unknown) => {
        setError(cause);
        setBusy(false);
      });
  };
  return (
    <Modal
      visible
      header={title}
      onDismiss={onClose}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Back
            </Button>
            <Button variant="primary" loading={busy} loadingText={act} onClick={run}>
              {act}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {error !== null && <Trouble what="This was not done" error={error} />}
        <div>{children}</div>
        {comment !== undefined && (
          <FormField label={comment} errorText={fieldErrors(error)["/comment"]}>
            <Textarea value={text} rows={3} onChange={({ detail }) => setText(detail.value)} />
          </FormField>
        )}
      </SpaceBetween>
    </Modal>
  );
}
