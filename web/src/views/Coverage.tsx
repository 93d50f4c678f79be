import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import Tabs from "@cloudscape-design/components/tabs";
import { useData } from "../app/data";
import { changed, choice, go, useRoute } from "../app/route";
import { counted, percent } from "../words";
import { Calls } from "./coverage/Calls";
import { Gaps } from "./coverage/Gaps";
import { Lists } from "./coverage/Lists";
import { Places } from "./coverage/Places";

const TABS = ["places", "gaps", "lists", "calls"] as const;

/** What was read of what was requested, and how many calls that took. */
export function Coverage() {
  const { head } = useData();
  const route = useRoute();
  const tab = choice(route, "tab", TABS);
  const unknown = head.pillars.reduce((sum, pillar) => sum + pillar.counts.unknown, 0);
  const all = head.pillars.reduce(
    (sum, { counts }) =>
      sum + counts.fail + counts.unknown + counts.exempt + counts.pass + counts.not_applicable,
    0,
  );
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={`${percent(all === 0 ? null : (all - unknown) / all)} of ${counted(all, "evaluation")} had an answer; ${counted(unknown, "evaluation")} could not be decided.`}
        >
          Coverage
        </Header>
      }
    >
      <Container>
        <Tabs
          activeTabId={tab}
          onChange={({ detail }) =>
            go(
              changed(route, {
                tab: detail.activeTabId === TABS[0] ? null : detail.activeTabId,
              }),
            )
          }
          ariaLabel="Coverage"
          tabs={[
            { id: "places", label: "Accounts and regions", content: <Places /> },
            { id: "gaps", label: "Gaps", content: <Gaps /> },
            { id: "lists", label: "Lists", content: <Lists /> },
            { id: "calls", label: "Calls", content: <Calls /> },
          ]}
        />
      </Container>
    </ContentLayout>
  );
}
