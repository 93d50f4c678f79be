import Badge from "@cloudscape-design/components/badge";
import SideNavigation from "@cloudscape-design/components/side-navigation";
import type { SideNavigationProps } from "@cloudscape-design/components/side-navigation";
import { is } from "../filter";
import { count } from "../words";
import { useData } from "./data";
import { findingsLink, link, useRoute } from "./route";
import type { View } from "./route";

/** The six views, with how much there is to see in each. */
export function Navigation() {
  const { head } = useData();
  const { view } = useRoute();
  const { comparison } = head;
  const failed = head.pillars.reduce((sum, pillar) => sum + pillar.counts.fail, 0);
  const changes = head.checks.filter((check) => (check.counts?.fail ?? 0) > 0).length;
  const issues = head.pillars.reduce((sum, pillar) => sum + pillar.high_risk_issues, 0);
  const items: [View, SideNavigationProps.Link][] = [
    ["overview", { type: "link", text: "Overview", href: link("overview") }],
    ["framework", { type: "link", text: "Framework", href: link("framework"), info: badge(issues, "red") }],
    [
      "findings",
      {
        type: "link",
        text: "Findings",
        // With a baseline the list opens on what is new.
        ...(comparison == null
          ? { href: findingsLink(is("verdict", "fail")), info: badge(failed, "red") }
          : { href: link("findings"), info: badge(comparison.counts.new, "red", "new") }),
      },
    ],
    ["plan", { type: "link", text: "Improvement plan", href: link("plan"), info: badge(changes, "blue") }],
    ["resources", { type: "link", text: "Resources", href: link("resources") }],
    [
      "coverage",
      { type: "link", text: "Coverage", href: link("coverage"), info: badge(head.gaps.length, "grey") },
    ],
  ];
  return (
    <SideNavigation
      header={{ text: "Well-Architected review", href: link("overview") }}
      activeHref={items.find(([name]) => name === view)?.[1].href ?? ""}
      items={items.map(([, item]) => item)}
    />
  );
}

function badge(n: number, color: "red" | "blue" | "grey", what = "") {
  return n > 0 ? <Badge color={color}>{`${count(n)} ${what}`.trim()}</Badge> : undefined;
}
