import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { Name } from "../../parts/labels";
import { count } from "../../words";
import { call, piece } from "../call";
import { useApi, useMe, useStale, useTell } from "../data";
import { Ask } from "../parts/Ask";
import { Ago } from "../parts/labels";
import { Answer, Empty } from "../parts/states";
import { Buttons, View } from "../parts/View";
import { isOwn } from "../people";
import { changed, go, to, useRoute } from "../route";
import { may } from "../types";
import type { Exemption, List } from "../types";

const TABS = {
  requested: "To decide",
  approved: "In force",
  over: "Over",
};
type Tab = keyof typeof TABS;

function tabOf({ state }: Exemption): Tab {
  return state === "requested" || state === "approved" ? state : "over";
}

/** What people accept for a while. */
export function Exemptions() {
  const { params } = useRoute();
  const exemptions = useApi<List<Exemption>>("/exemptions", { every: 15_000 });
  const tab = (Object.keys(TABS) as Tab[]).find((known) => known === params.get("show")) ?? "requested";
  return (
    <View
      title="Exemptions"
      description="Failures that are accepted for a while: requested by one, approved by another"
    >
      <Answer query={exemptions} what="the exemptions">
        {({ items }) => (
          <Tabs
            activeTabId={tab}
            onChange={({ detail }) => go(changed({ show: detail.activeTabId }), "replace")}
            tabs={(Object.keys(TABS) as Tab[]).map((id) => {
              const of = items.filter((item) => tabOf(item) === id);
              return {
                id,
                label: `${TABS[id]} (${count(of.length)})`,
                content: <Items tab={id} items={of} />,
              };
            })}
          />
        )}
      </Answer>
    </View>
  );
}

type Decision = "approve" | "refuse" | "revoke";

const DECISION: Record<Decision, { title: string; act: string; done: string; what: string }> = {
  approve: {
    title: "Approve this exemption?",
    act: "Approve",
    done: "The exemption is approved.",
    what: "The finding is exempt from the first audit that begins from now on, until the last day is over.",
  },
  refuse: {
    title: "Refuse this exemption?",
    act: "Refuse",
    done: "The exemption is refused.",
    what: "The finding goes on failing.",
  },
  revoke: {
    title: "End this exemption now?",
    act: "End it",
    done: "The exemption is over.",
    what: "The finding fails again from the first audit that begins from now on.",
  },
};

function Items({ tab, items }: { tab: Tab; items: Exemption[] }) {
  const me = useMe();
  const [deciding, setDeciding] = useState<[Decision, Exemption] | null>(null);
  const ask = (decision: Decision, item: Exemption) => () => setDeciding([decision, item]);
  return (
    <>
      <Table<Exemption>
        variant="container"
        wrapLines
        items={items}
        trackBy="id"
        enableKeyboardNavigation
        ariaLabels={{ tableLabel: TABS[tab] }}
        empty={<Nothing tab={tab} />}
        columnDefinitions={[
          {
            id: "finding",
            header: "Finding",
            isRowHeader: true,
            cell: (item) => (
              <>
                <Link
                  href={to("findings", [], {
                    f: `check=${item.check}`,
                    open: `${item.target}/${item.finding}`,
                  })}
                >
                  {item.check}
                </Link>
                <div className="quiet small">
                  <Name>{item.target}</Name>
                </div>
              </>
            ),
          },
          { id: "reason", header: "Reason", cell: ({ reason }) => <Name>{reason}</Name> },
          { id: "owner", header: "Owner", cell: ({ owner }) => <Name>{owner}</Name> },
          { id: "expires", header: "Last day", cell: ({ expires }) => expires },
          {
            id: "asked",
            header: "Asked for",
            cell: (item) => (
              <>
                <Name>{item.requested_by}</Name>, <Ago at={item.requested} />
              </>
            ),
          },
          ...(tab === "requested"
            ? []
            : [{ id: "decided", header: "Decided", cell: (item: Exemption) => <Decided item={item} /> }]),
          ...(tab !== "over" && may(me, "approver")
            ? [
                {
                  id: "decide",
                  header: "Decide",
                  cell: (item: Exemption) =>
                    tab === "requested" ? (
                      <Buttons>
                        {isOwn(me, item.requested_by) ? (
                          <StatusIndicator type="info">Somebody else has to approve it</StatusIndicator>
                        ) : (
                          <Button onClick={ask("approve", item)} ariaLabel={`Approve ${item.check}`}>
                            Approve
                          </Button>
                        )}
                        <Button onClick={ask("refuse", item)} ariaLabel={`Refuse ${item.check}`}>
                          Refuse
                        </Button>
                      </Buttons>
                    ) : (
                      <Button onClick={ask("revoke", item)} ariaLabel={`End ${item.check}`}>
                        End now
                      </Button>
                    ),
                },
              ]
            : []),
        ]}
      />
      {deciding !== null && (
        <Decide decision={deciding[0]} item={deciding[1]} onClose={() => setDeciding(null)} />
      )}
    </>
  );
}

function Nothing({ tab }: { tab: Tab }) {
  if (tab !== "requested") return <Empty title="None" />;
  return (
    <Empty title="Nothing waits to be decided">
      Whoever wants a failure accepted asks for it where the{" "}
      <Link href={to("findings", [], { f: "verdict=fail" })}>finding</Link> is.
    </Empty>
  );
}

function Decide({ decision, item, onClose }: { decision: Decision; item: Exemption; onClose: () => void }) {
  const tell = useTell();
  const stale = useStale();
  const { title, act, done, what } = DECISION[decision];
  return (
    <Ask
      title={title}
      act={act}
      comment="Comment"
      onClose={onClose}
      onAct={async (comment) => {
        const body = { decision, ...(comment.trim() !== "" && { comment }) };
        await call(`/exemptions/${piece(item.id)}/decision`, { method: "POST", body });
        stale("/exemptions");
        tell.done(done);
      }}
    >
      <p>
        {item.check} of <Name>{item.target}</Name>: <Name>{item.reason}</Name>
      </p>
      {what}
    </Ask>
  );
}

const STATES: Record<string, [StatusIndicatorProps.Type, string]> = {
  approved: ["success", "Approved"],
  refused: ["error", "Refused"],
  revoked: ["stopped", "Ended"],
  expired: ["stopped", "Expired"],
};

function Decided({ item }: { item: Exemption }) {
  const [type, text] = STATES[item.state] ?? (["info", item.state] as const);
  return (
    <>
      <StatusIndicator type={type}>{text}</StatusIndicator>
      {item.decided_by != null && (
        <div className="quiet small">
          <Name>{item.decided_by}</Name>, <Ago at={item.decided} />
        </div>
      )}
      {item.comment != null && item.comment !== "" && (
        <div>
          <Name>{item.comment}</Name>
        </div>
      )}
    </>
  );
}
