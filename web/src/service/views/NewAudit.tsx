import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { call } from "../call";
import { useApi, useMe, useStale } from "../data";
import { elsewhere, useForm } from "../form";
import { BudgetFields } from "../parts/BudgetFields";
import { ScopeFields } from "../parts/ScopeFields";
import { Trouble } from "../parts/states";
import { Buttons, View } from "../parts/View";
import { go, to, useRoute } from "../route";
import { amountError, auditBody, newAudit } from "../schedule";
import { may } from "../types";
import type { Audit, List, Target } from "../types";
import { NotAllowed } from "../parts/NotAllowed";

const SHOWN = ["/target", "/scope", "/allow_paid_usd", "/deadline"];

/** Starts an audit now. */
export function NewAudit() {
  const me = useMe();
  const { params } = useRoute();
  const stale = useStale();
  const targets = useApi<List<Target>>("/targets");
  const names = (targets.data?.items ?? []).filter(({ removed }) => removed == null).map(({ name }) => name);
  const [form, setForm] = useState(() => newAudit(params.get("target") ?? ""));
  // The same key for the same form: pressed twice or sent again, it is one audit.
  const [key, setKey] = useState(() => crypto.randomUUID());
  const target = form.target === "" && names.length === 1 ? (names[0] ?? "") : form.target;
  const change = (change: Partial<typeof form>) => {
    setForm({ ...form, ...change });
    setKey(crypto.randomUUID());
  };
  const sent = useForm(async () => {
    const audit = await call<Audit>("/audits", {
      method: "POST",
      body: auditBody({ ...form, target }),
      headers: { "idempotency-key": key },
    });
    stale("/audits");
    go(to("audits", audit.id));
  });
  if (!may(me, "operator")) return <NotAllowed title="Start an audit" role="operator" />;
  const others = elsewhere(sent.error, SHOWN);
  return (
    <View title="Start an audit" description="It runs at once, or as soon as its target is free.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sent.submit();
        }}
      >
        <Form
          actions={
            <Buttons>
              <Button variant="link" formAction="none" href={to("audits")}>
                Back
              </Button>
              <Button
                variant="primary"
                loading={sent.busy}
                loadingText="Starting"
                disabled={target === "" || amountError(form.allowPaid) !== ""}
              >
                Start the audit
              </Button>
            </Buttons>
          }
        >
          <SpaceBetween size="l">
            {sent.error !== null && <Trouble what="The audit was not started" error={sent.error} />}
            {others.length > 0 && <p>{others.join(" ")}</p>}
            <Container header={<Header variant="h2">Target</Header>}>
              <FormField label="Target" errorText={sent.at("/target")}>
                <Select
                  selectedOption={target === "" ? null : { value: target, label: target }}
                  options={names.map((value) => ({ value, label: value }))}
                  placeholder="Choose a target"
                  statusType={targets.isPending ? "loading" : targets.isError ? "error" : "finished"}
                  loadingText="Loading the targets"
                  errorText="The targets cannot be loaded"
                  empty="The configuration has no target that you may see"
                  filteringType={names.length > 10 ? "auto" : "none"}
                  onChange={({ detail }) => change({ target: detail.selectedOption.value ?? "" })}
                />
              </FormField>
            </Container>
            <Container
              header={
                <Header variant="h2" description="An empty field narrows nothing.">
                  Scope
                </Header>
              }
            >
              <ScopeFields form={form} onChange={change} at={sent.at} root="/scope" />
            </Container>
            <Container header={<Header variant="h2">Limits</Header>}>
              <BudgetFields form={form} onChange={change} at={sent.at} root="" />
            </Container>
          </SpaceBetween>
        </Form>
      </form>
    </View>
  );
}
