import { expect, test } from "vitest";
import { sample } from "../scripts/sample.mjs";
import { Shown } from "./report";
import type { FullReport } from "./report";

const FINDINGS = 100_000;

test("100,000 findings are under 15 MB, and the first view is interactive in under 2 s", async () => {
  const shown = await Shown.of(sample(FINDINGS, { extra: false }) as unknown as FullReport);
  try {
    const context = await shown.browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.goto("about:blank");
    const [start] = [performance.now()];
    await page.goto(shown.address, { waitUntil: "commit" });
    await page.getByRole("link", { name: "Sustainability" }).click();
    await page.getByRole("heading", { name: "Framework" }).waitFor();
    const interactive = performance.now() - start;
    await page.goto(`${shown.address}#/findings`);
    await page
      .getByText(`${FINDINGS.toLocaleString("en")} matches`)
      .first()
      .waitFor();
    const listed = performance.now() - start;
    const before = performance.now();
    await page.getByRole("button", { name: /^Fail / }).click();
    await page.waitForFunction(
      () => document.querySelectorAll("tbody tr").length > 10 && location.hash.includes("fail"),
    );
    const filtered = performance.now() - before;
    console.log(
      `${FINDINGS} findings: ${(shown.size / 1e6).toFixed(1)} MB, first view used after ${Math.round(interactive)} ms, ` +
        `all listed after ${Math.round(listed)} ms, filtered in ${Math.round(filtered)} ms`,
    );
    expect(shown.size).toBeLessThan(15e6);
    expect(interactive).toBeLessThan(2_000);
  } finally {
    await shown.close();
  }
});
