/** Every view: it stands alone, is accessible, fits a phone and paper, and is reached by keyboard. */
import { extractText, getDocumentProxy } from "unpdf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { violations } from "./axe";
import { matches, pages, settled, Shown, VIEWS } from "./report";

describe.each(pages())("%s", (_name, read) => {
  const { html, head, table, details } = read();
  let shown: Shown;
  beforeAll(async () => {
    shown = await Shown.of(html);
  });
  afterAll(() => shown.close());

  const rows = table.rows(table.all());
  const worst = rows.find((row) => row.verdict === "fail" && details[row.at]?.cli !== undefined);
  if (worst === undefined) throw new Error("the report has no failed finding with a command");
  const opened = {
    [`#/findings?open=${worst.id}`]: "Evidence",
    [`#/plan?open=${encodeURIComponent(worst.check.id)}`]: "What it closes",
    [`#/framework?open=${worst.check.best_practices[0] ?? ""}`]: "Notes for the AWS Well-Architected Tool",
    [`#/resources?open=${encodeURIComponent(worst.resource.key)}`]: "Verdicts",
  };

  test.each(Object.entries({ ...VIEWS, ...opened }))("%s stands alone", async (hash, word) => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page, complaints, requests } = await shown.open(hash, { colorScheme });
      await page.getByText(word).filter({ visible: true }).first().waitFor();
      expect(complaints).toEqual([]);
      expect(requests).toEqual([]);
      // What differs in the dark are the colours.
      expect(await violations(page, colorScheme === "dark" ? ["color-contrast"] : null)).toEqual([]);
      await page.context().close();
    }
  });

  test("at phone width nothing but tables is wider than the screen", async () => {
    for (const hash of Object.keys(VIEWS)) {
      const { page } = await shown.open(hash, { viewport: { width: 390, height: 844 } });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, hash).toBeLessThanOrEqual(390);
      await page.context().close();
    }
  });

  test.each(["A4", "Letter"])("on %s the summary is the first page, dark on white", async (format) => {
    const { page } = await shown.open("#/overview", { colorScheme: "dark" });
    await page.waitForFunction(() => document.body.classList.contains("awsui-dark-mode"));
    // What was on the page when the browser took it.
    await page.evaluate(() =>
      window.addEventListener("beforeprint", () => {
        const { classList } = document.body;
        document.title = classList.contains("awsui-dark-mode") ? "dark" : "light";
      }),
    );
    const pdf = await getDocumentProxy(new Uint8Array(await page.pdf({ format })));
    const { text } = await extractText(pdf, { mergePages: false });
    const [first = "", second = ""] = text.map((page) => page.replace(/\s+/g, " "));
    for (const { title } of head.pillars) expect(first).toContain(title);
    expect(first).toContain("Fix these first");
    // The summary ends with what was not seen, and the view begins on the next page.
    expect(first).toMatch(/Not seen\s+(Everything that|[\d,]+ evaluations? could not be decided)/);
    expect(first).not.toContain("Well-Architected review of");
    expect(second).toContain("Well-Architected review of");
    expect(await page.title()).toBe("light");
    await page.waitForFunction(() => document.body.classList.contains("awsui-dark-mode"));
    await page.context().close();
  });

  test("the button prints the summary too", async () => {
    const { page } = await shown.open("#/overview");
    // The browser has no printer; that it asks is enough, with the page as it is then.
    await page.evaluate(() => {
      window.print = () => {
        window.dispatchEvent(new Event("beforeprint"));
        document.title = document.querySelector(".paper h1")?.textContent ?? "nothing";
      };
    });
    await page.getByRole("button", { name: "Print" }).filter({ visible: true }).first().click();
    expect(await page.title()).toBe("AWS Well-Architected review");
    await page.context().close();
  });

  test("light and dark can be chosen, by keyboard", async () => {
    const { page } = await shown.open("#/overview", { colorScheme: "light" });
    await page
      .getByRole("button", { name: /^Theme/ })
      .filter({ visible: true })
      .first()
      .focus();
    await page.keyboard.press("Enter");
    await page.locator("[role=menuitemcheckbox]:focus").waitFor();
    // System, light, dark.
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.body.classList.contains("awsui-dark-mode"));
    await page.context().close();
  });

  test("every view is reached by keyboard alone", async () => {
    const { page, complaints } = await shown.open("#/overview");
    const views = ["Framework", "Findings", "Improvement plan", "Resources", "Coverage", "Overview"];
    for (const name of views) {
      await tabTo(page, name);
      await page.keyboard.press("Enter");
      await page.waitForFunction(
        (name) => document.title.startsWith(`${name} ·`) && document.activeElement !== document.body,
        name,
      );
      await settled(page);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("a finding is opened and closed by keyboard alone", async () => {
    const { page } = await shown.open("#/findings?f=verdict%3Dfail");
    const failed = rows.filter(({ verdict }) => verdict === "fail");
    await matches(page, failed.length);
    const list = page.getByRole("grid", { name: "Findings" });
    await list.getByRole("row").nth(1).getByRole("link").first().focus();
    // The arrows go from cell to cell.
    await page.keyboard.press("ArrowDown");
    const second = list.getByRole("row").nth(2);
    expect(await second.evaluate((row) => row.contains(document.activeElement))).toBe(true);
    await page.keyboard.press("Enter");
    await page.getByText("Evidence", { exact: true }).filter({ visible: true }).first().waitFor();
    expect(page.url()).toContain("open=");
    await page.getByRole("button", { name: "Close panel" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => !window.location.hash.includes("open="));
    await page.context().close();
  });
});

/** Presses Tab until a link of the navigation has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 300; presses++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.closest("nav") === null ? "" : (element?.textContent ?? "");
    });
    if (focused.startsWith(name)) return;
  }
  throw new Error(`no Tab leads to ${name}`);
}
