import Alert from "@cloudscape-design/components/alert";
import AppLayout from "@cloudscape-design/components/app-layout";
import type { AppLayoutProps } from "@cloudscape-design/components/app-layout";
import { useEffect, useMemo, useState } from "react";
import type { JSX } from "react";
import type { Head } from "../embed";
import { Panel } from "../panels/Panel";
import { Coverage } from "../views/Coverage";
import { Findings } from "../views/Findings";
import { Framework } from "../views/Framework";
import { Overview } from "../views/overview/Overview";
import { Plan } from "../views/Plan";
import { Resources } from "../views/Resources";
import { DataContext, useTable } from "./data";
import { Navigation } from "./Navigation";
import { Paper } from "./Paper";
import { usePrinting } from "./printing";
import { changed, go, useRoute } from "./route";
import type { View } from "./route";
import { Top } from "./Top";

const VIEW: Record<View, () => JSX.Element> = {
  overview: Overview,
  framework: Framework,
  findings: Findings,
  plan: Plan,
  resources: Resources,
  coverage: Coverage,
};

const TITLE: Record<View, string> = {
  overview: "Overview",
  framework: "Framework",
  findings: "Findings",
  plan: "Improvement plan",
  resources: "Resources",
  coverage: "Coverage",
};

/** The page: the views' frame, and what is open beside them. */
export function App({ head }: { head: Head }) {
  const { table, error } = useTable(head);
  const data = useMemo(() => ({ head, table }), [head, table]);
  const route = useRoute();
  const [navigation, setNavigation] = useState(window.innerWidth > 1000);
  const [panel, setPanel] = useState<AppLayoutProps.SplitPanelPreferences>({ position: "side" });
  const [size, setSize] = useState(Math.min(620, Math.max(420, window.innerWidth * 0.38)));
  const View = VIEW[route.view];

  useEffect(() => {
    document.title = `${TITLE[route.view]} · Six Pillars`;
  }, [route.view]);

  return (
    <DataContext value={data}>
      <Paper />
      <Top />
      <AppLayout
        headerSelector="#top"
        navigation={<Navigation />}
        navigationHide={usePrinting()}
        navigationOpen={navigation}
        onNavigationChange={({ detail }) => setNavigation(detail.open)}
        toolsHide
        maxContentWidth={Number.MAX_VALUE}
        notifications={
          error !== null && (
            <Alert type="error" header="The findings cannot be shown">
              {error}
            </Alert>
          )
        }
        content={<View />}
        splitPanel={<Panel />}
        splitPanelOpen={route.open !== null}
        onSplitPanelToggle={({ detail }) => {
          if (!detail.open) go(changed(route, { open: null }));
        }}
        splitPanelPreferences={panel}
        onSplitPanelPreferencesChange={({ detail }) => setPanel(detail)}
        splitPanelSize={size}
        onSplitPanelResize={({ detail }) => setSize(detail.size)}
      />
    </DataContext>
  );
}
