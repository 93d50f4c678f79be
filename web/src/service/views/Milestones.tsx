import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import type { SelectProps } from "@cloudscape-design/components/select";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { Name } from "../../parts/labels";
import { count, when } from "../../words";
import { useApi } from "../data";
import { Ago } from "../parts/labels";
import { reportLink } from "../parts/links";
import { SideBySide } from "../parts/SideBySide";
import { Answer, Empty } from "../parts/states";
import { View } from "../parts/View";
import { changed, go, to, useRoute } from "../route";
import type { Audit, List, Milestone, Page, Target } from "../types";

/** Audits that are kept for ever, and any two audits side by side. */
export function Milestones() {
  const milestones = useApi<List<Milestone>>("/milestones", { every: 30_000 });
  const { params } = useRoute();
  const [earlier, later] = [params.get("old"), params.get("new")];
  return (
    <View title="Milestones" description="Audits that are kept for ever, and any two audits side by side">
      <Answer query={milestones} what="the milestones">
        {({ items }) => (
          <SpaceBetween size="l">
            <Compare milestones={items} />
            {earlier !== null && later !== null && <SideBySide earlier={earlier} later={later} />}
            <Kept items={items} />
          </SpaceBetween>
        )}
      </Answer>
    </View>
  );
}

function Compare({ milestones }: { milestones: Milestone[] }) {
  const { params } = useRoute();
  const targets = useApi<List<Target>>("/targets");
  const names = targets.data?.items.map(({ name }) => name) ?? [];
  const target = params.get("target") ?? (names.length === 1 ? (names[0] ?? "") : "");
  const audits = useApi<Page<Audit>>("/audits", {
    params: { target, state: "finished", limit: 200 },
    enabled: target !== "",
  });
  const options = optionsOf(
    milestones.filter((milestone) => milestone.target === target),
    audits.data?.items ?? [],
  );
  const chosen = (id: string | null) =>
    id === null ? null : (find(options, id) ?? { value: id, label: id });
  const pick = (name: string, label: string) => (
    <FormField label={label}>
      <Select
        selectedOption={chosen(params.get(name))}
        options={options}
        disabled={target === ""}
        placeholder="Choose an audit"
        filteringType="auto"
        statusType={audits.isError ? "error" : audits.isFetching && audits.isPending ? "loading" : "finished"}
        loadingText="Loading the audits"
        errorText="The audits cannot be loaded"
        empty="No finished audit has a report"
        onChange={({ detail }) => go(changed({ target, [name]: detail.selectedOption.value }), "replace")}
      />
    </FormField>
  );
  return (
    <Container header={<Header variant="h2">Compare two audits</Header>}>
      <SpaceBetween size="m">
        <FormField label="Target">
          <Select
            selectedOption={target === "" ? null : { value: target, label: target }}
            options={names.map((value) => ({ value, label: value }))}
            placeholder="Choose a target"
            onChange={({ detail }) =>
              go(changed({ target: detail.selectedOption.value, old: null, new: null }), "replace")
            }
          />
        </FormField>
        <div className="sides">
          {pick("old", "Earlier")}
          {pick("new", "Later")}
        </div>
      </SpaceBetween>
    </Container>
  );
}

function optionsOf(milestones: Milestone[], audits: Audit[]): SelectProps.OptionGroup[] {
  const kept = audits.filter(({ result }) => result?.has_report === true);
  const group = (label: string, options: SelectProps.Option[]) =>
    options.length === 0 ? [] : [{ label, options }];
  return [
    ...group(
      "Milestones",
      milestones.map(({ name, audit, made }) => ({ value: audit, label: name, description: when(made) })),
    ),
    ...group(
      "Audits",
      kept.map(({ id, started, queued, result }) => ({
        value: id,
        label: when(started ?? queued),
        description: `${count(result?.fails ?? 0)} failed`,
      })),
    ),
  ];
}

function find(groups: SelectProps.OptionGroup[], id: string): SelectProps.Option | undefined {
  return groups.flatMap(({ options }) => options).find(({ value }) => value === id);
}

function Kept({ items }: { items: Milestone[] }) {
  return (
    <Table<Milestone>
      variant="container"
      wrapLines
      items={items}
      trackBy="name"
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: "Milestones" }}
      header={
        <Header variant="h2" counter={`(${count(items.length)})`}>
          Milestones
        </Header>
      }
      empty={
        <Empty title="No milestones">
          A finished <Link href={to("audits", [], { state: "finished" })}>audit</Link> can be made one.
        </Empty>
      }
      columnDefinitions={[
        { id: "name", header: "Milestone", isRowHeader: true, cell: ({ name }) => <Name>{name}</Name> },
        {
          id: "target",
          header: "Target",
          cell: ({ target }) => (
            <Link href={to("targets", target)}>
              <Name>{target}</Name>
            </Link>
          ),
        },
        { id: "note", header: "Note", cell: ({ note }) => (note === "" ? "–" : <Name>{note}</Name>) },
        {
          id: "made",
          header: "Made",
          cell: ({ made, made_by }) => (
            <>
              <Ago at={made} /> by <Name>{made_by}</Name>
            </>
          ),
        },
        {
          id: "links",
          header: "Open",
          cell: ({ audit, name }) => (
            <SpaceBetween direction="horizontal" size="s">
              <Link href={to("audits", audit)} ariaLabel={`Audit of ${name}`}>
                Audit
              </Link>
              <Link href={reportLink(audit)} target="_blank" external ariaLabel={`Report of ${name}`}>
                Report
              </Link>
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}
