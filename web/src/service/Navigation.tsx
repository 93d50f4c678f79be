import Badge from "@cloudscape-design/components/badge";
import SideNavigation from "@cloudscape-design/components/side-navigation";
import type { SideNavigationProps } from "@cloudscape-design/components/side-navigation";
import { count } from "../words";
import { useApi, useMe } from "./data";
import { to, useRoute } from "./route";
import { may } from "./types";
import type { Audit, Exemption, List, Page } from "./types";

/** The views that somebody may open, with what waits in each. */
export function Navigation() {
  const me = useMe();
  const { view } = useRoute();
  const running = useApi<Page<Audit>>("/audits", { params: { state: "running", limit: 100 }, every: 5_000 });
  const asked = useApi<List<Exemption>>("/exemptions", { params: { state: "requested" }, every: 30_000 });
  const active = running.data?.items.length ?? 0;
  const waiting = asked.data?.items.length ?? 0;
  const link = (text: string, href: string, badge?: SideNavigationProps.Link["info"]) => ({
    type: "link" as const,
    text,
    href,
    info: badge,
  });
  const items: SideNavigationProps.Item[] = [
    link("Overview", to("overview")),
    link("Findings", to("findings", [], { f: "verdict=fail" })),
    link("Audits", to("audits"), active > 0 && <Badge color="blue">{`${count(active)} running`}</Badge>),
    link("Milestones", to("milestones")),
    link("Schedules", to("schedules")),
    { type: "divider" },
    link(
      "Exemptions",
      to("exemptions"),
      waiting > 0 && <Badge color="red">{`${count(waiting)} to decide`}</Badge>,
    ),
    link("Attestations", to("attestations")),
    ...(may(me, "admin") && me.targets.length === 0
      ? ([
          { type: "divider" },
          link("Who did what", to("log")),
          link("Who is logged in", to("sessions")),
          link("Tokens", to("tokens")),
        ] as const)
      : []),
  ];
  const activeHrefs = items.flatMap((item) =>
    item.type === "link" && isActive(view, item.href) ? [item.href] : [],
  );
  return (
    <SideNavigation
      header={{ text: "Well-Architected audits", href: to("overview") }}
      activeHref={activeHrefs[0] ?? ""}
      items={items}
    />
  );
}

function isActive(view: string | null, href: string): boolean {
  const path = href.split("?")[0] ?? "";
  if (view === "overview" || view === "targets") return path === "/";
  return path === `/${view ?? ""}`;
}
