import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { Code } from "../../parts/Code";
import { Name } from "../../parts/labels";
import { count } from "../../words";
import { call, piece } from "../call";
import { useApi, useMe, useStale, useTell } from "../data";
import { Ask } from "../parts/Ask";
import { Ago, useNow } from "../parts/labels";
import { NotAllowed } from "../parts/NotAllowed";
import { Answer, Empty } from "../parts/states";
import { View } from "../parts/View";
import { may } from "../types";
import type { List, Token } from "../types";

const TITLE = "Tokens";

/** What scripts log in with. */
export function Tokens() {
  const me = useMe();
  if (!may(me, "admin")) return <NotAllowed title={TITLE} role="admin" />;
  if (me.targets.length > 0) {
    return <NotAllowed title={TITLE} role="admin" why="Tokens are for all targets, and you see some." />;
  }
  return <All />;
}

function All() {
  const tokens = useApi<List<Token>>("/tokens", { every: 30_000 });
  return (
    <View title={TITLE} description="What scripts and pipelines log in with; the secret part is nowhere kept">
      <Answer query={tokens} what="the tokens">
        {({ items }) => <Items items={items} />}
      </Answer>
      <div>
        <Box margin={{ bottom: "xs" }}>A token is made where the service runs, and shown once:</Box>
        <Code
          label="Make a token"
          text="sixpillars serve token --config service.yaml --name pipeline --role operator --expires 90d"
        />
      </div>
    </View>
  );
}

function Items({ items }: { items: Token[] }) {
  const now = useNow();
  const [revoking, setRevoking] = useState<Token | null>(null);
  const valid = (token: Token) => token.revoked == null && Date.parse(token.expires) > now;
  return (
    <>
      <Table<Token>
        variant="container"
        wrapLines
        items={items}
        trackBy="id"
        enableKeyboardNavigation
        ariaLabels={{ tableLabel: TITLE }}
        header={
          <Header variant="h2" counter={`(${count(items.length)})`}>
            {TITLE}
          </Header>
        }
        empty={<Empty title="No tokens">Scripts need one where people have to log in.</Empty>}
        columnDefinitions={[
          { id: "name", header: "Name", isRowHeader: true, cell: ({ name }) => <Name>{name}</Name> },
          { id: "role", header: "Role", cell: ({ role }) => <Name>{role}</Name> },
          {
            id: "targets",
            header: "Targets",
            cell: ({ targets }) => (targets.length === 0 ? "All" : <Name>{targets.join(", ")}</Name>),
          },
          { id: "state", header: "State", cell: (token) => <State token={token} valid={valid(token)} /> },
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
            id: "revoke",
            header: "Revoke",
            cell: (token) =>
              valid(token) && (
                <Button onClick={() => setRevoking(token)} ariaLabel={`Revoke ${token.name}`}>
                  Revoke
                </Button>
              ),
          },
        ]}
      />
      {revoking !== null && <Revoke token={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}

function State({ token, valid }: { token: Token; valid: boolean }) {
  if (token.revoked != null) {
    return (
      <StatusIndicator type="stopped">
        Revoked <Ago at={token.revoked} />
      </StatusIndicator>
    );
  }
  if (!valid) return <StatusIndicator type="stopped">Expired</StatusIndicator>;
  return (
    <StatusIndicator type="success">
      Valid, expires <Ago at={token.expires} />
    </StatusIndicator>
  );
}

function Revoke({ token, onClose }: { token: Token; onClose: () => void }) {
  const tell = useTell();
  const stale = useStale();
  return (
    <Ask
      title="Revoke this token?"
      act="Revoke it"
      onClose={onClose}
      onAct={async () => {
        await call(`/tokens/${piece(token.id)}`, { method: "DELETE" });
        stale("/tokens");
        tell.done(`The token ${token.name} is revoked.`);
      }}
    >
      Whoever uses <Name>{token.name}</Name> is refused from now on. This cannot be taken back.
    </Ask>
  );
}
