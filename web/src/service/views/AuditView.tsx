import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { Name } from "../../parts/labels";
import { count, duration, percent, PILLARS, usd, when } from "../../words";
import { call, piece } from "../call";
import { useApi, useMe, useStale, useTell } from "../data";
import { Ask } from "../parts/Ask";
import { Ago, StateLabel } from "../parts/labels";
import { FORMATS, reportLink } from "../parts/links";
import { MakeMilestone } from "../parts/MakeMilestone";
import { PillarCards } from "../parts/PillarCards";
import { Progress } from "../parts/Progress";
import { Loading, Trouble } from "../parts/states";
import { Buttons, View } from "../parts/View";
import { to } from "../route";
import { scopeWords } from "../schedule";
import { isOver, isPillar, may } from "../types";
import type { Audit, AuditResult, RunState, Trend } from "../types";
import { useWatched } from "../watch";

/** One audit: its progress as it happens, and what it found. */
export function AuditView({ id }: { id: string }) {
  const { audit, connection, error } = useWatched(id);
  const title = audit === null ? "Audit" : `Audit of ${audit.target}`;
  return (
    <View
      title={title}
      heading={
        audit === null ? (
          title
        ) : (
          <>
            Audit of{" "}
            <Link href={to("targets", audit.target)} fontSize="heading-xl">
              <Name>{audit.target}</Name>
            </Link>
          </>
        )
      }
      description={audit !== null && <About audit={audit} />}
      actions={audit !== null && <Actions audit={audit} />}
    >
      {error !== null && <Trouble what="The audit cannot be watched" error={error} />}
      {audit === null && error === null && <Loading what="the audit" />}
      {audit !== null && (
        <SpaceBetween size="l">
          {!isOver(audit.state) && <Progress audit={audit} connection={connection} />}
          <Outcome audit={audit} />
          {audit.result != null && <Result audit={audit} result={audit.result} />}
          <Facts audit={audit} />
        </SpaceBetween>
      )}
    </View>
  );
}

/** What the time beside the state is of. */
const SINCE: Record<RunState, string> = {
  queued: "requested",
  running: "began",
  finished: "",
  failed: "",
  cancelled: "",
};

function About({ audit }: { audit: Audit }) {
  return (
    <>
      <StateLabel audit={audit} /> {SINCE[audit.state]}{" "}
      <Ago at={audit.ended ?? audit.started ?? audit.queued} />
    </>
  );
}

function Actions({ audit }: { audit: Audit }) {
  const me = useMe();
  const [open, setOpen] = useState<"cancel" | "milestone" | null>(null);
  const close = () => setOpen(null);
  const report = audit.result?.has_report === true;
  return (
    <Buttons>
      {!isOver(audit.state) && may(me, "operator") && (
        <Button onClick={() => setOpen("cancel")}>Cancel</Button>
      )}
      {report && may(me, "operator") && (
        <Button onClick={() => setOpen("milestone")}>Make it a milestone</Button>
      )}
      {report && (
        <Button href={to("milestones", [], { target: audit.target, new: audit.id })}>Compare</Button>
      )}
      {report && <Formats audit={audit} />}
      {report && (
        <Button
          variant="primary"
          href={reportLink(audit.id)}
          target="_blank"
          iconName="external"
          iconAlign="right"
        >
          Open the report
        </Button>
      )}
      {open === "cancel" && <Cancel audit={audit} onClose={close} />}
      {open === "milestone" && <MakeMilestone audit={audit} onClose={close} />}
    </Buttons>
  );
}

/** The report in formats for other tools. */
function Formats({ audit }: { audit: Audit }) {
  const items = FORMATS.map(([format, text]) => ({
    id: format,
    text,
    href: reportLink(audit.id, format),
    external: true,
    externalIconAriaLabel: "opens in a new tab",
  }));
  return <ButtonDropdown items={items}>Other formats</ButtonDropdown>;
}

function Cancel({ audit, onClose }: { audit: Audit; onClose: () => void }) {
  const tell = useTell();
  const stale = useStale();
  return (
    <Ask
      title="Cancel this audit?"
      act="Cancel the audit"
      onClose={onClose}
      onAct={async () => {
        await call(`/audits/${piece(audit.id)}/cancel`, { method: "POST" });
        stale("/audits");
        tell.done("The audit is being cancelled. What it read so far is thrown away.");
      }}
    >
      It stops within two seconds. What it read so far is thrown away; earlier audits stay as they are.
    </Ask>
  );
}

/** What a reader has to know first. */
function Outcome({ audit }: { audit: Audit }) {
  if (audit.state === "failed") {
    return (
      <Alert type="error" header="The audit failed">
        <Name>{audit.error ?? "The service's log has the cause."}</Name>
      </Alert>
    );
  }
  if (audit.state === "cancelled") {
    return (
      <Alert type="info" header="The audit was cancelled">
        <Name>{`By ${audit.cancelled_by ?? "nobody known"}, ${when(audit.ended ?? audit.queued)}.`}</Name>
      </Alert>
    );
  }
  if (audit.result?.complete === false) {
    return (
      <Alert type="warning" header="The audit is incomplete">
        An account, a region or a list could not be read. What depends on it is unknown, and the report says
        what would change that.
      </Alert>
    );
  }
  return null;
}

function Result({ audit, result }: { audit: Audit; result: AuditResult }) {
  const pillars = useApi<Trend>(`/audits/${piece(audit.id)}/pillars`);
  const since = (verdict: string) =>
    to("findings", [], { f: [verdict, `target=${audit.target}`], sort: "since" });
  return (
    <SpaceBetween size="l">
      {pillars.data !== undefined && <PillarCards points={pillars.data.points} target={audit.target} />}
      <Container header={<Header variant="h2">What it found</Header>}>
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Failed", value: <Link href={since("verdict=fail")}>{count(result.fails)}</Link> },
            { label: "Of these new", value: count(result.new_fails) },
            { label: "Fixed since the audit before", value: count(result.fixed) },
            {
              label: "Undecided",
              value: <Link href={since("verdict=unknown")}>{count(result.unknown)}</Link>,
            },
            { label: "Coverage", value: percent(result.coverage) },
            { label: "Gates", value: result.exit_code === 1 ? "Broken" : "None broken" },
            { label: "Billed reads", value: `${usd(result.spent_usd)} of ${usd(audit.allow_paid_usd)}` },
            { label: "Report", value: result.has_report ? "Kept" : "Removed; numbers and findings are kept" },
          ]}
        />
      </Container>
    </SpaceBetween>
  );
}

function Facts({ audit }: { audit: Audit }) {
  const title = (pillar: string) => (isPillar(pillar) ? PILLARS[pillar] : pillar);
  return (
    <Container header={<Header variant="h2">About this audit</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: "Started by", value: <StartedBy audit={audit} /> },
          { label: "Narrowed to", value: <Name>{scopeWords(audit.scope, title)}</Name> },
          { label: "Queued", value: when(audit.queued) },
          { label: "Started", value: audit.started == null ? "–" : when(audit.started) },
          {
            label: "Took",
            value: audit.started == null || audit.ended == null ? "–" : duration(audit.started, audit.ended),
          },
          {
            label: "Attempts",
            value:
              audit.attempts > 1
                ? `${count(audit.attempts)}: it was taken over or taken up again`
                : count(audit.attempts),
          },
          { label: "Id", value: <Name>{audit.id}</Name> },
          ...(audit.notes.length > 0 && isOver(audit.state)
            ? [{ label: "Notes", value: <Name>{audit.notes.join(" · ")}</Name> }]
            : []),
        ]}
      />
    </Container>
  );
}

function StartedBy({ audit }: { audit: Audit }) {
  if (audit.schedule == null) return <Name>{audit.requested_by}</Name>;
  return (
    <>
      Schedule{" "}
      <Link href={to("schedules", audit.schedule)}>
        <Name>{audit.schedule}</Name>
      </Link>
      {audit.due != null && `, due ${when(audit.due)}`}
    </>
  );
}
