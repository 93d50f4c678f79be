/** What the bars at the top of both pages share. */
import type { TopNavigationProps } from "@cloudscape-design/components/top-navigation";
import { THEMES, useTheme } from "./theme";
import type { Theme } from "./theme";

// Six pillars on a base.
export const LOGO =
  "data:image/svg+xml," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 32 32" fill="#ff9900">' +
      '<path d="M16 2 29 9v2H3V9z"/><path d="M3 27h26v3H3z"/>' +
      [4.5, 8.7, 12.9, 17.1, 21.3, 25.5].map((x) => `<path d="M${x} 13h2v12h-2z"/>`).join("") +
      "</svg>",
  );

const WORDS: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

/** The choice of light or dark. */
export function useThemeMenu(): TopNavigationProps.MenuDropdownUtility {
  const [theme, setTheme] = useTheme();
  return {
    type: "menu-dropdown",
    text: "Theme",
    ariaLabel: `Theme: ${WORDS[theme]}`,
    iconName: "settings",
    items: THEMES.map((id) => ({ id, text: WORDS[id], itemType: "checkbox", checked: id === theme })),
    onItemClick: ({ detail }) => setTheme(THEMES.find((id) => id === detail.id) ?? "system"),
  };
}
