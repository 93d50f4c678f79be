/** Accessibility of a page, by axe. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Serious and critical violations of accessibility, with where they are. */
export async function violations(page: Page, rules: string[] | null = null): Promise<string[]> {
  // What fades in or out has a contrast of its own for a moment.
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter(({ effect }) => Number.isFinite(Number(effect?.getComputedTiming().endTime)));
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
  // The page's policy lets nothing in; the browser's own door does.
  await page.evaluate(axe);
  return page.evaluate(async (rules) => {
    interface Result {
      violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
    }
    const { run } = (window as unknown as { axe: { run: (options: object) => Promise<Result> } }).axe;
    const { violations } = await run({ resultTypes: ["violations"], ...(rules && { runOnly: rules }) });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .slice(0, 3)
            .map((n) => `${n.html.slice(0, 200)} ${n.failureSummary}`)
            .join(" | ")}`,
      );
  }, rules);
}
