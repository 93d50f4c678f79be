import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { Name, WebLink } from "../../parts/labels";
import { ATTESTED, count } from "../../words";
import { call, piece } from "../call";
import { useApi, useMe, useStale, useTell } from "../data";
import { Ask } from "../parts/Ask";
import { Attest } from "../parts/Attest";
import { Ago, useNow } from "../parts/labels";
import { Answer, Empty } from "../parts/states";
import { View } from "../parts/View";
import { to } from "../route";
import { may } from "../types";
import type { Attestation, List } from "../types";
import { day } from "../words";

/** What only people know. */
export function Attestations() {
  const me = useMe();
  const attestations = useApi<List<Attestation>>("/attestations", { every: 30_000 });
  const [adding, setAdding] = useState(false);
  return (
    <View
      title="Attestations"
      description="What only people know: whether a best practice that no API shows is followed"
      actions={
        may(me, "approver") && (
          <Button variant="primary" onClick={() => setAdding(true)}>
            Attest a best practice
          </Button>
        )
      }
    >
      {adding && <Attest onClose={() => setAdding(false)} />}
      <Answer query={attestations} what="the attestations">
        {({ items }) => <Items items={items} />}
      </Answer>
    </View>
  );
}

function Items({ items }: { items: Attestation[] }) {
  const me = useMe();
  const [leaving, setLeaving] = useState<Attestation | null>(null);
  return (
    <>
      <Table<Attestation>
        variant="container"
        wrapLines
        items={items}
        trackBy="id"
        enableKeyboardNavigation
        ariaLabels={{ tableLabel: "Attestations" }}
        header={
          <Header variant="h2" counter={`(${count(items.length)})`}>
            Attestations
          </Header>
        }
        empty={<Empty title="No attestations">An approver attests a best practice for a target.</Empty>}
        columnDefinitions={[
          {
            id: "practice",
            header: "Best practice",
            isRowHeader: true,
            cell: ({ practice, target }) => (
              <>
                <Name>{practice}</Name>
                <div className="quiet small">
                  <Link href={to("targets", target)} fontSize="body-s" variant="secondary">
                    <Name>{target}</Name>
                  </Link>
                </div>
              </>
            ),
          },
          { id: "status", header: "Said", cell: (item) => <Said item={item} /> },
          { id: "owner", header: "Owner", cell: ({ owner }) => <Name>{owner}</Name> },
          { id: "expires", header: "Last day", cell: ({ expires }) => expires },
          {
            id: "proof",
            header: "Proof and note",
            cell: ({ link, note }) => (
              <>
                {link != null && <WebLink href={link} />}
                {note != null && (
                  <div>
                    <Name>{note}</Name>
                  </div>
                )}
                {link == null && note == null && "–"}
              </>
            ),
          },
          {
            id: "by",
            header: "By",
            cell: ({ made_by, made }) => (
              <>
                <Name>{made_by}</Name>, <Ago at={made} />
              </>
            ),
          },
          ...(may(me, "approver")
            ? [
                {
                  id: "withdraw",
                  header: "Withdraw",
                  cell: (item: Attestation) =>
                    item.withdrawn == null && (
                      <Button onClick={() => setLeaving(item)} ariaLabel={`Withdraw ${item.practice}`}>
                        Withdraw
                      </Button>
                    ),
                },
              ]
            : []),
        ]}
      />
      {leaving !== null && <Withdraw item={leaving} onClose={() => setLeaving(null)} />}
    </>
  );
}

/** What was said, and whether it still counts. */
function Said({ item }: { item: Attestation }) {
  const words: Record<string, string> = ATTESTED;
  const now = useNow();
  const said = words[item.status] ?? item.status;
  if (item.withdrawn != null) {
    return (
      <StatusIndicator type="stopped">
        {said}, withdrawn <Ago at={item.withdrawn} />
      </StatusIndicator>
    );
  }
  if (item.expires < day(now, 0)) return <StatusIndicator type="stopped">{said}, expired</StatusIndicator>;
  const type = item.status === "met" ? "success" : item.status === "not_met" ? "error" : "not-started";
  return <StatusIndicator type={type}>{said}</StatusIndicator>;
}

function Withdraw({ item, onClose }: { item: Attestation; onClose: () => void }) {
  const tell = useTell();
  const stale = useStale();
  return (
    <Ask
      title="Withdraw this attestation?"
      act="Withdraw it"
      onClose={onClose}
      onAct={async () => {
        await call(`/attestations/${piece(item.id)}`, { method: "DELETE" });
        stale("/attestations");
        tell.done("The attestation is withdrawn.");
      }}
    >
      {item.practice} of <Name>{item.target}</Name>: what the evidence says counts again from the first audit
      that begins from now on.
    </Ask>
  );
}
