/** What strangers wrote, what is damaged, and what would get out. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOSTILE } from "../scripts/sample.mjs";
import { is, select } from "../src/filter";
import { hidden, visible } from "../src/visible";
import { madeUp, matches, pages, read, settled, Shown } from "./report";

describe.each(pages())("the policy of %s", (_name, written) => {
  const { html } = written();
  const policy = /<meta\s+http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)?.[1] ?? "";

  test("allows one script by its hash, styles and images of the page, and nothing else", () => {
    expect(policy.split("; ").map((part) => part.replace(/'sha256-[\w+/]{43}='/, "'sha256-…'"))).toEqual([
      "default-src 'none'",
      "script-src 'sha256-…'",
      "style-src 'unsafe-inline'",
      "img-src data:",
      "font-src data:",
      "connect-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  test("an injected script does not run, and nothing is sent", async () => {
    // In the file, as an attacker who found a way into it would write it.
    const injected = `<script>window.ran = "inline"</script><img src="data:," onerror="window.ran = 'handler'">`;
    const shown = await Shown.of(html.replace('<div id="root">', () => `${injected}<div id="root">`));
    const { page, complaints } = await shown.open("#/overview");
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = 'window.ran = "added"';
      document.body.append(script);
    });
    const sent = await page.evaluate(() =>
      fetch("https://example.com/").then(
        () => "sent",
        () => "refused",
      ),
    );
    expect(sent).toBe("refused");
    expect(await page.evaluate(() => (window as unknown as { ran?: string }).ran)).toBeUndefined();
    expect(complaints.filter((text) => text.includes("Content Security Policy")).length).toBeGreaterThan(2);
    await shown.close();
  });
});

describe("names of strangers", () => {
  const { html, table } = madeUp(3000, { diff: true });
  let shown: Shown;
  beforeAll(async () => {
    shown = await Shown.of(html);
  });
  afterAll(() => shown.close());

  test.each(HOSTILE.map((name) => [visible(name), name]))("%s is text", async (text, name) => {
    const row = table.rows(table.all()).find(({ resource }) => hidden(resource.name) === name);
    if (row === undefined) throw new Error("the sample lost its hostile names");
    const { page, complaints, requests } = await shown.open(`#/findings?open=${row.id}`);
    await page.getByRole("link", { name: text, exact: true }).first().waitFor();
    await page.goto(`${shown.address}#/resources?q=${encodeURIComponent(row.resource.id)}`);
    await settled(page);
    await page.getByText(text, { exact: true }).first().waitFor();
    expect(await page.title()).toBe("Resources · Six Pillars");
    expect(await page.locator("img[src='x'], main script").count()).toBe(0);
    const whole = await page.locator("body").innerText();
    for (const unseen of ["\u001b", "\u202e", "\u200b"]) expect(whole).not.toContain(unseen);
    expect([...complaints, ...requests]).toEqual([]);
    await page.context().close();
  });

  test("what only the earlier report has is listed with why, and opens", async () => {
    const { page, complaints } = await shown.open("#/overview");
    const gone = select(table, { any: false, conditions: [is("change", "gone")] });
    await page
      .getByRole("link", { name: `${gone.length}`, exact: true })
      .last()
      .click();
    await matches(page, gone.length);
    await page.getByText("<script>document.title='gone'</script>").first().waitFor();
    await page.goto(`${shown.address}#/findings?f=change%3Dbecame_unknown`);
    await matches(page, 2);
    await page.getByText("its list could not be read completely").first().waitFor();
    await page.getByRole("grid", { name: "Findings" }).getByRole("link").first().click();
    await page.getByText("Only the earlier report has this finding").first().waitFor();
    expect(await page.title()).toBe("Findings · Six Pillars");
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe("a damaged page", () => {
  const whole = madeUp(300);
  const [row] = whole.table.rows(whole.table.all()).filter(({ verdict }) => verdict === "fail");
  const without = (name: string) => whole.html.replace(new RegExp(`id="report-${name}"`), 'id="lost"');

  test.each([
    ["details-0", `#/findings?open=${row?.id ?? ""}`, "The evidence cannot be shown"],
    ["table-0", "#/findings", "The findings cannot be shown"],
    ["head", "#/overview", "This report cannot be shown"],
  ])("without %s it says so", async (name, hash, words) => {
    const shown = await Shown.of(without(name));
    const page = await shown.browser.newPage();
    await page.goto(shown.address + hash);
    await page.getByText(words).first().waitFor();
    await shown.close();
  });

  test("commands that cannot be unpacked are an error", async () => {
    const shown = await Shown.of(without("details-0"));
    const { page } = await shown.open(`#/plan?open=${encodeURIComponent(row?.check.id ?? "")}`);
    await page.getByRole("button", { name: /^Commands for/ }).click();
    await page.getByText("The commands cannot be shown").first().waitFor();
    await shown.close();
  });
});

test("100,000 findings compared with a baseline are a file of under 15 MB", () => {
  const { html, head } = madeUp(100_000);
  expect(head.comparison?.counts.still_failing).toBeGreaterThan(1_000);
  expect(Buffer.byteLength(html)).toBeLessThan(15e6);
  expect(read(html).table.size).toBe(100_000);
});
