import Alert from "@cloudscape-design/components/alert";
import AppLayout from "@cloudscape-design/components/app-layout";
import type { AppLayoutProps } from "@cloudscape-design/components/app-layout";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Flashbar from "@cloudscape-design/components/flashbar";
import { useEffect, useState } from "react";
import type { JSX } from "react";
import { Trouble, Loading } from "./parts/states";
import { MeContext, TellContext, useWho } from "./data";
import { useFlashes } from "./flashes";
import { logIn, mayTry } from "./login";
import { Navigation } from "./Navigation";
import { changed, go, useLinks, useRoute } from "./route";
import type { Route } from "./route";
import { Refusal, setOnLoggedOut } from "./call";
import { Top } from "./Top";
import { Attestations } from "./views/Attestations";
import { AuditView } from "./views/AuditView";
import { Audits } from "./views/Audits";
import { Exemptions } from "./views/Exemptions";
import { FindingPanel } from "./views/FindingPanel";
import { Findings } from "./views/Findings";
import { Log } from "./views/Log";
import { Milestones } from "./views/Milestones";
import { NewAudit } from "./views/NewAudit";
import { NotHere } from "./views/NotHere";
import { Overview } from "./views/Overview";
import { Schedule } from "./views/Schedule";
import { Schedules } from "./views/Schedules";
import { Sessions } from "./views/Sessions";
import { TargetView } from "./views/TargetView";
import { Tokens } from "./views/Tokens";

/** The page, once it is known who is here. */
export function App() {
  const me = useWho();
  const [loggedOut, setLoggedOut] = useState(false);
  const out = loggedOut || (me.error instanceof Refusal && me.error.status === 401);
  const { refetch } = me;
  useEffect(() => {
    setOnLoggedOut(() => void refetch());
  }, [refetch]);
  // Once: where logging in leads back here without effect, going there again would be a circle.
  useEffect(() => {
    if (out && !loggedOut && mayTry()) logIn();
  }, [out, loggedOut]);
  return (
    <>
      <Top me={out ? null : (me.data ?? null)} onLoggedOut={() => setLoggedOut(true)} />
      {out ? (
        <LoggedOut why={loggedOut ? null : me.error} />
      ) : me.data !== undefined ? (
        <MeContext value={me.data}>
          <Frame />
        </MeContext>
      ) : (
        <main>
          <Box padding="xl">
            {me.error === null ? (
              <Loading what="the service" />
            ) : (
              <Trouble
                what="The service cannot be reached"
                error={me.error}
                again={() => void me.refetch()}
              />
            )}
          </Box>
        </main>
      )}
    </>
  );
}

function LoggedOut({ why }: { why: Error | null }) {
  useEffect(() => {
    document.title = "Logged out · Six Pillars";
  }, []);
  return (
    <main>
      <Box padding="xxxl" textAlign="center">
        <h1>You are not logged in</h1>
        {why !== null && (
          <Alert type="info" header="The service asks who you are">
            <bdi className="name">{why.message}</bdi>
          </Alert>
        )}
        <Box padding="l">
          <Button variant="primary" onClick={logIn}>
            Log in
          </Button>
        </Box>
      </Box>
    </main>
  );
}

function viewOf({ view, rest }: Route): JSX.Element {
  const [first] = rest;
  if (rest.length > 1) return <NotHere />;
  switch (view) {
    case "overview":
      return <Overview />;
    case "targets":
      return first === undefined ? <Overview /> : <TargetView name={first} key={first} />;
    case "audits":
      if (first === "new") return <NewAudit />;
      return first === undefined ? <Audits /> : <AuditView id={first} key={first} />;
    case "schedules":
      return first === undefined ? <Schedules /> : <Schedule name={first} key={first} />;
    default:
      return first === undefined && view !== null ? VIEW[view] : <NotHere />;
  }
}

const VIEW = {
  findings: <Findings />,
  milestones: <Milestones />,
  exemptions: <Exemptions />,
  attestations: <Attestations />,
  log: <Log />,
  sessions: <Sessions />,
  tokens: <Tokens />,
};

function Frame() {
  const route = useRoute();
  useLinks();
  const { flashes, tell } = useFlashes();
  const [navigation, setNavigation] = useState(window.innerWidth > 1000);
  const [panel, setPanel] = useState<AppLayoutProps.SplitPanelPreferences>({ position: "side" });
  const [size, setSize] = useState(Math.min(620, Math.max(420, window.innerWidth * 0.38)));
  const open = route.view === "findings" ? route.params.get("open") : null;
  return (
    <TellContext value={tell}>
      <AppLayout
        headerSelector="#top"
        navigation={<Navigation />}
        navigationOpen={navigation}
        onNavigationChange={({ detail }) => setNavigation(detail.open)}
        toolsHide
        maxContentWidth={Number.MAX_VALUE}
        notifications={flashes.length > 0 && <Flashbar items={flashes} stackItems />}
        content={viewOf(route)}
        splitPanel={route.view === "findings" && <FindingPanel open={open} />}
        splitPanelOpen={open !== null}
        onSplitPanelToggle={({ detail }) => {
          if (!detail.open) go(changed({ open: null }));
        }}
        splitPanelPreferences={panel}
        onSplitPanelPreferencesChange={({ detail }) => setPanel(detail)}
        splitPanelSize={size}
        onSplitPanelResize={({ detail }) => setSize(detail.size)}
      />
    </TellContext>
  );
}
