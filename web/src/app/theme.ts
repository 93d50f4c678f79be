import { applyMode, Mode } from "@cloudscape-design/global-styles";
import { useLayoutEffect, useState } from "react";
import { usePrinting } from "./printing";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "sixpillars-theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function remembered(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? "system";
  } catch {
    // Browsers may refuse storage to a page that was opened from disk.
    return "system";
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The choice then holds until the page is closed.
  }
}

/** Light or dark as the system has it, unless the reader chose. Paper is white, so it gets dark text. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(remembered);
  const printing = usePrinting();
  // Before the browser draws, and before it prints.
  useLayoutEffect(() => {
    const apply = () => {
      const isDark = !printing && (theme === "dark" || (theme === "system" && dark.matches));
      applyMode(isDark ? Mode.Dark : Mode.Light);
    };
    apply();
    dark.addEventListener("change", apply);
    return () => dark.removeEventListener("change", apply);
  }, [theme, printing]);
  const choose = (next: Theme) => {
    remember(next);
    setTheme(next);
  };
  return [theme, choose];
}
