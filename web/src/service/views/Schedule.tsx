import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { Name } from "../../parts/labels";
import { call, piece } from "../call";
import { useApi, useMe, useStale, useTell } from "../data";
import { elsewhere, useForm } from "../form";
import { Ask } from "../parts/Ask";
import { BudgetFields } from "../parts/BudgetFields";
import { CadenceFields } from "../parts/CadenceFields";
import { NotAllowed } from "../parts/NotAllowed";
import { ScopeFields } from "../parts/ScopeFields";
import { Loading, Trouble } from "../parts/states";
import { Buttons, View } from "../parts/View";
import { go, to } from "../route";
import { amountError, newSchedule, scheduleForm, spec } from "../schedule";
import type { ScheduleForm } from "../schedule";
import { may } from "../types";
import type { Schedule as Stored } from "../types";

const SHOWN = [
  "/name",
  "/spec/cron",
  "/spec/time_zone",
  "/spec/targets",
  "/spec/jitter",
  "/spec/missed",
  "/spec/scope",
  "/spec/allow_paid_usd",
  "/spec/deadline",
];

/** One schedule, to read or to change; a new one where the name is `new`. */
export function Schedule({ name }: { name: string }) {
  const me = useMe();
  const isNew = name === "new";
  const stored = useApi<Stored>(`/schedules/${piece(name)}`, { enabled: !isNew });
  if (isNew) {
    if (!may(me, "operator")) return <NotAllowed title="Add a schedule" role="operator" />;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    return <Editor stored={null} first={newSchedule(zone)} />;
  }
  if (stored.data === undefined) {
    return (
      <View title={name} heading={<Name>{name}</Name>}>
        {stored.error === null ? (
          <Loading what="the schedule" />
        ) : (
          <Trouble
            what="The schedule cannot be shown"
            error={stored.error}
            again={() => void stored.refetch()}
          />
        )}
      </View>
    );
  }
  const { enabled, spec } = stored.data;
  return <Editor stored={stored.data} first={scheduleForm(name, enabled, spec)} />;
}

function Editor({ stored, first }: { stored: Stored | null; first: ScheduleForm }) {
  const me = useMe();
  const tell = useTell();
  const stale = useStale();
  const [form, setForm] = useState(first);
  const [removing, setRemoving] = useState(false);
  const fixed = stored?.origin === "file";
  const disabled = fixed || !may(me, "operator");
  const change = (change: Partial<ScheduleForm>) => setForm({ ...form, ...change });
  const sent = useForm(async () => {
    const body = { enabled: form.enabled, spec: spec(form) };
    if (stored === null) await call("/schedules", { method: "POST", body: { name: form.name, ...body } });
    else await call(`/schedules/${piece(stored.name)}`, { method: "PUT", body });
    stale("/schedules");
    tell.done(
      stored === null ? `The schedule ${form.name} is added.` : `The schedule ${form.name} is changed.`,
    );
    go(to("schedules"));
  });
  const others = elsewhere(sent.error, SHOWN);
  return (
    <View
      title={stored === null ? "Add a schedule" : stored.name}
      heading={stored === null ? "Add a schedule" : <Name>{stored.name}</Name>}
      description={stored === null ? undefined : "Schedule"}
      actions={stored !== null && !disabled && <Button onClick={() => setRemoving(true)}>Remove</Button>}
    >
      {removing && stored !== null && <Remove name={stored.name} onClose={() => setRemoving(false)} />}
      {fixed && (
        <Alert type="info" header="This schedule is in the configuration">
          It is changed there. The service takes the change over when it starts.
        </Alert>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!disabled) sent.submit();
        }}
      >
        <Form actions={!disabled && <Send busy={sent.busy} isNew={stored === null} form={form} />}>
          <SpaceBetween size="l">
            {sent.error !== null && <Trouble what="The schedule was not saved" error={sent.error} />}
            {others.length > 0 && <p>{others.join(" ")}</p>}
            <CadenceFields
              form={form}
              onChange={change}
              at={sent.at}
              isNew={stored === null}
              disabled={disabled}
            />
            <Container
              header={
                <Header variant="h2" description="An empty field narrows nothing.">
                  Scope
                </Header>
              }
            >
              <ScopeFields
                form={form}
                onChange={change}
                at={sent.at}
                root="/spec/scope"
                disabled={disabled}
              />
            </Container>
            <Container header={<Header variant="h2">Limits</Header>}>
              <BudgetFields form={form} onChange={change} at={sent.at} root="/spec" disabled={disabled} />
            </Container>
          </SpaceBetween>
        </Form>
      </form>
    </View>
  );
}

function Send({ busy, isNew, form }: { busy: boolean; isNew: boolean; form: ScheduleForm }) {
  return (
    <Buttons>
      <Button variant="link" formAction="none" href={to("schedules")}>
        Back
      </Button>
      <Button
        variant="primary"
        loading={busy}
        loadingText="Saving"
        disabled={amountError(form.allowPaid) !== ""}
      >
        {isNew ? "Add the schedule" : "Save"}
      </Button>
    </Buttons>
  );
}

function Remove({ name, onClose }: { name: string; onClose: () => void }) {
  const tell = useTell();
  const stale = useStale();
  return (
    <Ask
      title={`Remove the schedule ${name}?`}
      act="Remove it"
      onClose={onClose}
      onAct={async () => {
        await call(`/schedules/${piece(name)}`, { method: "DELETE" });
        stale("/schedules");
        tell.done(`The schedule ${name} is removed.`);
        go(to("schedules"));
      }}
    >
      It starts no more audits. Those that it started stay.
    </Ask>
  );
}
