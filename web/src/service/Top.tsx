import TopNavigation from "@cloudscape-design/components/top-navigation";
import type { TopNavigationProps } from "@cloudscape-design/components/top-navigation";
import { LOGO, useThemeMenu } from "../app/brand";
import { logOut } from "./call";
import { client } from "./data";
import type { Me } from "./types";
import { ROLE } from "./words";

/** The bar at the top: name, who is here, light or dark. */
export function Top({ me, onLoggedOut }: { me: Me | null; onLoggedOut: () => void }) {
  const theme = useThemeMenu();
  const leave = (where: "here" | "everywhere") => {
    const gone = (to: string | null) => {
      onLoggedOut();
      client.clear();
      if (to !== null) window.location.assign(to);
    };
    // Whoever is told that they are out must be: a refusal is one of somebody who is.
    logOut(where).then(gone, (error: unknown) => window.alert(String(error)));
  };
  return (
    <header id="top">
      <TopNavigation
        identity={{ href: "/", title: "Six Pillars", logo: { src: LOGO, alt: "" } }}
        utilities={[...(me === null ? [] : [whoIs(me, leave)]), theme]}
      />
    </header>
  );
}

function whoIs(me: Me, leave: (where: "here" | "everywhere") => void): TopNavigationProps.Utility {
  const targets = me.targets.length === 0 ? "all targets" : me.targets.join(", ");
  return {
    type: "menu-dropdown",
    text: me.name,
    title: me.name,
    description: `${ROLE[me.role]} of ${targets}`,
    ariaLabel: `Logged in as ${me.name}`,
    iconName: "user-profile",
    items:
      me.csrf == null
        ? [{ id: "local", text: "Nobody has to log in here", disabled: true }]
        : [
            { id: "here", text: "Log out" },
            { id: "everywhere", text: "Log out in all browsers" },
          ],
    onItemClick: ({ detail }) => {
      if (detail.id === "here" || detail.id === "everywhere") leave(detail.id);
    },
  };
}
