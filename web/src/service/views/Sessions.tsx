import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { Name } from "../../parts/labels";
import { count } from "../../words";
import { call, piece } from "../call";
import { useApi, useMe, useStale, useTell } from "../data";
import { Ask } from "../parts/Ask";
import { Ago } from "../parts/labels";
import { NotAllowed } from "../parts/NotAllowed";
import { Answer, Empty } from "../parts/states";
import { View } from "../parts/View";
import { isOwn, people, written } from "../people";
import type { Person } from "../people";
import { may } from "../types";
import type { List, Session } from "../types";

const TITLE = "Who is logged in";

/** People who are logged in, and the end of all sessions of one. */
export function Sessions() {
  const me = useMe();
  if (!may(me, "admin")) return <NotAllowed title={TITLE} role="admin" />;
  if (me.targets.length > 0) {
    return <NotAllowed title={TITLE} role="admin" why="Sessions are for all targets, and you see some." />;
  }
  return <All />;
}

function All() {
  const sessions = useApi<List<Session>>("/sessions", { every: 30_000 });
  return (
    <View title={TITLE} description="People who logged in with the provider; scripts have tokens instead">
      <Answer query={sessions} what="the sessions">
        {({ items }) => <Items items={people(items)} />}
      </Answer>
    </View>
  );
}

function Items({ items }: { items: Person[] }) {
  const [ending, setEnding] = useState<Person | null>(null);
  return (
    <>
      <Table<Person>
        variant="container"
        wrapLines
        items={items}
        trackBy="subject"
        enableKeyboardNavigation
        ariaLabels={{ tableLabel: TITLE }}
        header={
          <Header variant="h2" counter={`(${count(items.length)})`}>
            People
          </Header>
        }
        empty={<Empty title="Nobody is logged in" />}
        columnDefinitions={[
          {
            id: "name",
            header: "Name",
            isRowHeader: true,
            cell: ({ name, subject }) => (
              <>
                <Name>{name}</Name>
                <div className="quiet small">
                  <Name>{subject}</Name>
                </div>
              </>
            ),
          },
          { id: "role", header: "Role", cell: ({ role }) => <Name>{role}</Name> },
          { id: "sessions", header: "Browsers", cell: ({ sessions }) => count(sessions) },
          { id: "since", header: "Logged in", cell: ({ since }) => <Ago at={since} /> },
          { id: "seen", header: "Last request", cell: ({ seen }) => <Ago at={seen} /> },
          { id: "until", header: "Over", cell: ({ until }) => <Ago at={until} /> },
          {
            id: "end",
            header: "End",
            cell: (person) => (
              <Button onClick={() => setEnding(person)} ariaLabel={`End all sessions of ${written(person)}`}>
                End all
              </Button>
            ),
          },
        ]}
      />
      {ending !== null && <End person={ending} onClose={() => setEnding(null)} />}
    </>
  );
}

function End({ person, onClose }: { person: Person; onClose: () => void }) {
  const me = useMe();
  const tell = useTell();
  const stale = useStale();
  return (
    <Ask
      title="End all sessions of this person?"
      act="End them"
      onClose={onClose}
      onAct={async () => {
        await call(`/sessions/${piece(person.subject)}`, { method: "DELETE" });
        stale("/sessions");
        tell.done(`All sessions of ${written(person)} are over.`);
      }}
    >
      <p>
        <Name>{written(person)}</Name> has to log in again, in every browser. Whoever must not come back has
        to be blocked at the provider too.
      </p>
      {isOwn(me, written(person)) && "This is you: your session here ends with the others."}
    </Ask>
  );
}
