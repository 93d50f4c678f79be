import TopNavigation from "@cloudscape-design/components/top-navigation";
import { LOGO, useThemeMenu } from "./brand";

/** The bar at the top: name, print, light or dark. */
export function Top() {
  return (
    <header id="top">
      <TopNavigation
        identity={{ href: "#/overview", title: "Six Pillars", logo: { src: LOGO, alt: "" } }}
        utilities={[
          { type: "button", text: "Print", iconName: "file", onClick: () => window.print() },
          useThemeMenu(),
        ]}
      />
    </header>
  );
}
