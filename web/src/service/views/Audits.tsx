import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import { useApi, useMe } from "../data";
import { AuditTable } from "../parts/AuditTable";
import { usePages } from "../parts/pages";
import { Answer } from "../parts/states";
import { View } from "../parts/View";
import { changed, go, to, useRoute } from "../route";
import { may } from "../types";
import type { Audit, List, Page, RunState, Target } from "../types";
import { STATE } from "../words";

const STATES = Object.keys(STATE) as RunState[];
const ALL = { value: "", label: "All" };

/** The history of audits. */
export function Audits() {
  const me = useMe();
  const { params } = useRoute();
  const target = params.get("target") ?? "";
  const state = STATES.find((known) => known === params.get("state")) ?? "";
  const { cursor, first, pagination } = usePages(`${target} ${state}`);
  const audits = useApi<Page<Audit>>("/audits", {
    params: { target, state, cursor },
    every: first ? 4_000 : false,
    keep: true,
  });
  return (
    <View
      title="Audits"
      description="What ran, what runs and what waits"
      actions={
        may(me, "operator") && (
          <Button variant="primary" href={to("audits", "new", { target })}>
            Start an audit
          </Button>
        )
      }
    >
      <Answer query={audits} what="the audits">
        {({ items, next }) => (
          <AuditTable
            audits={items}
            header={<Header variant="h2">History</Header>}
            loading={audits.isPlaceholderData}
            filter={<Filters target={target} state={state} />}
            pagination={pagination(next)}
          />
        )}
      </Answer>
    </View>
  );
}

function Filters({ target, state }: { target: string; state: RunState | "" }) {
  const targets = useApi<List<Target>>("/targets");
  const names = targets.data?.items.map(({ name }) => ({ value: name, label: name })) ?? [];
  const states = STATES.map((value) => ({ value, label: STATE[value] }));
  return (
    <div className="filters">
      <Select
        inlineLabelText="Target"
        ariaLabel="Target"
        selectedOption={target === "" ? ALL : { value: target, label: target }}
        options={[ALL, ...names]}
        filteringType={names.length > 10 ? "auto" : "none"}
        onChange={({ detail }) => go(changed({ target: detail.selectedOption.value }), "replace")}
      />
      <Select
        inlineLabelText="State"
        ariaLabel="State"
        selectedOption={state === "" ? ALL : { value: state, label: STATE[state] }}
        options={[ALL, ...states]}
        onChange={({ detail }) => go(changed({ state: detail.selectedOption.value }), "replace")}
      />
    </div>
  );
}
