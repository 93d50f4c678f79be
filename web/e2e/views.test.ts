import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { HOSTILE, sample } from "../scripts/sample.mjs";
import { visible } from "../src/visible";
import { embed } from "../scripts/embed.mjs";
import { Shown, settled, template, VIEWS } from "./report";
import type { FullReport } from "./report";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const given = process.env["REPORT_JSON"];
const reports: [string, () => FullReport][] = [
  ["a made-up report", () => sample(3000) as unknown as FullReport],
];
if (given !== undefined) reports.push([given, () => JSON.parse(readFileSync(given, "utf8")) as FullReport]);

describe.each(reports)("%s", (_name, read) => {
  const report = read();
  let shown: Shown;
  beforeAll(async () => {
    shown = await Shown.of(report);
  });
  afterAll(() => shown.close());

  const failed = report.findings.filter(({ verdict }) => verdict === "fail");
  const worst = failed.find(({ fix }) => fix?.cli != null);
  if (worst === undefined) throw new Error("the report has no failed finding with a command");
  const opened = {
    [`#/findings?open=${worst.id}`]: "Evidence",
    [`#/plan?open=${encodeURIComponent(worst.check)}`]: "What it closes",
    [`#/framework?open=${worst.best_practices[0] ?? ""}`]: "Notes for the AWS Well-Architected Tool",
    [`#/resources?open=${encodeURIComponent(key(worst.resource))}`]: "Verdicts",
  };

  function key({ account, region, kind, id }: { account: string; region: string; kind: string; id: string }) {
    return [account, region, kind, visible(id)].join("/");
  }

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

  test("filters change the list, and are in the link", async () => {
    const { page } = await shown.open("#/findings");
    const search = page.getByRole("combobox", { name: "Filter findings" });
    await page
      .getByText(`(${report.findings.length.toLocaleString("en")})`)
      .first()
      .waitFor();
    await page.getByRole("button", { name: /^Fail / }).click();
    await page
      .getByText(new RegExp(`^${failed.length.toLocaleString("en")} match`))
      .first()
      .waitFor();
    expect(page.url()).toContain("f=verdict");
    // Not of the account itself, whose id is in every finding.
    const sought = failed.find(({ resource }) => resource.id !== resource.account) ?? worst;
    await search.fill(sought.resource.id);
    await search.press("Enter");
    await page
      .getByText(/^\d+ match/)
      .first()
      .waitFor();
    expect(page.url()).toContain(encodeURIComponent(sought.resource.id).slice(0, 20));
    const list = page.getByRole("grid", { name: "Findings" });
    await list.getByRole("row").filter({ hasText: sought.title }).first().waitFor();
    expect((await list.innerText()).toLowerCase()).toContain(sought.resource.id.toLowerCase());
    await page.goBack();
    await page
      .getByText(new RegExp(`^${failed.length.toLocaleString("en")} match`))
      .first()
      .waitFor();
    await page.context().close();
  });

  test("groups hold the findings of a check", async () => {
    const { page } = await shown.open(`#/findings?group=check&f=check%3D${encodeURIComponent(worst.check)}`);
    const own = report.findings.filter(({ check }) => check === worst.check);
    await page
      .getByText(`(${own.length.toLocaleString("en")})`)
      .first()
      .waitFor();
    await page
      .getByRole("button", { name: /expand/i })
      .first()
      .click();
    await page
      .getByText(visible(own[0]?.say ?? ""), { exact: true })
      .first()
      .waitFor();
    await page.context().close();
  });

  test("an opened finding has its evidence, remedy and exemption", async () => {
    const { page } = await shown.open(`#/findings?open=${worst.id}`);
    const panel = page.getByRole("region", { name: "AWS CLI" });
    expect(await panel.innerText()).toBe(visible(worst.fix?.cli ?? ""));
    await page.getByRole("button", { name: "Exempt it in a policy" }).click();
    const snippet = page.getByRole("region", { name: "Exemption for a policy file" });
    expect(await snippet.innerText()).toContain("exemptions:");
    const hrefs = await page
      .locator("a[href]")
      .evaluateAll((all) => all.map((a) => a.getAttribute("href") ?? ""));
    expect(hrefs.filter((href) => !/^(#|https:\/\/)/.test(href))).toEqual([]);
    await page.context().close();
  });

  test("the CSV is of the current filter", async () => {
    const { page, requests } = await shown.open("#/findings?f=verdict%3Dfail");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "CSV" }).click(),
    ]);
    const text = readFileSync(await download.path(), "utf8");
    expect(text.split("\r\n").filter((line) => /^[0-9a-f]{24},/.test(line))).toHaveLength(failed.length);
    expect(text).not.toMatch(/(^|,)"?[=+@]/m);
    expect(requests).toEqual([]);
    await page.context().close();
  });

  test("paper begins with the summary", async () => {
    const { page } = await shown.open("#/overview");
    await page.emulateMedia({ media: "print" });
    const summary = page.locator(".paper");
    await summary.waitFor();
    for (const { title } of report.pillars) expect(await summary.innerText()).toContain(title);
    expect(await page.locator("#top").isVisible()).toBe(false);
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
});

test("100,000 findings are a file of under 15 MB", () => {
  const report = sample(100_000, { extra: false }) as unknown as FullReport;
  expect(Buffer.byteLength(embed(template, report))).toBeLessThan(15e6);
});

describe("names of strangers", () => {
  const report = sample(3000) as unknown as FullReport;
  let shown: Shown;
  beforeAll(async () => {
    shown = await Shown.of(report);
  });
  afterAll(() => shown.close());

  test.each(HOSTILE.map((name) => [visible(name), name]))("%s is text", async (text, name) => {
    const finding = report.findings.find(({ resource }) => resource.name === name);
    if (finding === undefined) throw new Error("the sample lost its hostile names");
    const { page, complaints, requests } = await shown.open(`#/findings?open=${finding.id}`);
    await page.getByRole("link", { name: text, exact: true }).first().waitFor();
    await page.goto(`${shown.address}#/resources?q=${encodeURIComponent(finding.resource.id)}`);
    await settled(page);
    await page.getByText(text, { exact: true }).first().waitFor();
    expect(await page.title()).toBe("Resources · Six Pillars");
    expect(await page.locator("img[src='x'], main script").count()).toBe(0);
    const whole = await page.locator("body").innerText();
    for (const unseen of ["\u001b", "\u202e", "\u200b"]) expect(whole).not.toContain(unseen);
    expect([...complaints, ...requests]).toEqual([]);
    await page.context().close();
  });
});

/** Serious and critical violations of accessibility, with where they are. */
async function violations(page: Page, rules: string[] | null): Promise<string[]> {
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
