/** The list of findings: filters, sorting, groups, what is copied and saved. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { clean } from "../src/clean";
import { csv } from "../src/csv";
import { offered, PROPERTIES, select } from "../src/filter";
import type { Condition } from "../src/filter";
import { grouped, sorted, URGENCY } from "../src/order";
import type { Sort, SortKey } from "../src/order";
import { findingsLink } from "../src/app/route";
import { visibleDeep } from "../src/visible";
import { CHANGE, EFFORT, PILLARS, SEVERITY, VERDICT } from "../src/words";
import { matches, pages, Shown } from "./report";

/** The columns, as the reader sees them, and what the link then sorts by. */
const SORTED: [string, SortKey][] = [
  ["Finding", "check"],
  ["Severity", "severity"],
  ["Verdict", "verdict"],
  ["Resource", "resource"],
  ["Account", "account"],
  ["Region", "region"],
  ["Saves a month", "saves"],
];
/** Words for what the report has as identifiers. */
const WORDS: Record<string, string> = { ...CHANGE, ...EFFORT, ...PILLARS, ...SEVERITY, ...VERDICT };

describe.each(pages())("%s", (_name, read) => {
  const { html, head, table, details } = read();
  let shown: Shown;
  beforeAll(async () => {
    shown = await Shown.of(html);
  });
  afterAll(() => shown.close());

  const rows = table.rows(table.all());
  const failed = rows.filter(({ verdict }) => verdict === "fail");
  const worst = failed.find((row) => details[row.at]?.cli !== undefined);
  if (worst === undefined) throw new Error("the report has no failed finding with a command");
  const found = (...conditions: Condition[]) => select(table, { any: false, conditions });

  test("filters change the list, and are in the link", async () => {
    const { page } = await shown.open("#/findings?all=1");
    const search = page.getByRole("combobox", { name: "Filter findings" });
    await page
      .getByText(`(${rows.length.toLocaleString("en")})`)
      .first()
      .waitFor();
    await page.getByRole("button", { name: /^Fail / }).click();
    await matches(page, failed.length);
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
    await list.getByRole("row").filter({ hasText: sought.check.title }).first().waitFor();
    expect((await list.innerText()).toLowerCase()).toContain(sought.resource.id.toLowerCase());
    await page.goBack();
    await matches(page, failed.length);
    await page.context().close();
  });

  const properties = PROPERTIES.filter(({ id }) => id !== "change" || table.hasChanges);
  test.each(properties.map(({ id, label }) => [label, id]))(
    "%s is a property to filter by",
    async (_, id) => {
      const property = PROPERTIES.find((known) => known.id === id);
      if (property === undefined) throw new Error("no such property");
      // A value that some findings have and some have not, where there is one.
      const values = id === "resource" ? [worst.resource.id] : offered(table, property);
      const number = (value: string) => found({ property: id, operator: "=", values: [value] }).length;
      const value = values.find((v) => number(v) > 0 && number(v) < table.size) ?? values.find(number);
      if (value === undefined) return;
      const { page } = await shown.open("#/findings?all=1");
      await typeToken(page, property.label, WORDS[value] ?? value);
      await matches(page, number(value));
      const [condition = ""] = new URL(page.url().replace("#", "")).searchParams.getAll("f");
      expect(condition).toBe(`${id}=${value.replace(/[%,]/g, encodeURIComponent)}`);
      // The token can be taken away again.
      await page
        .getByRole("button", { name: /^Remove/ })
        .first()
        .click();
      await page
        .getByText(`(${rows.length.toLocaleString("en")})`)
        .first()
        .waitFor();
      await page.context().close();
    },
  );

  test("the header of a column sorts by it, and then the other way", async () => {
    const { page } = await shown.open("#/findings?f=verdict%3Dfail");
    const list = page.getByRole("grid", { name: "Findings" });
    const first = async (sort: Sort) => {
      const [at] = sorted(table, found({ property: "verdict", operator: "=", values: ["fail"] }), sort);
      if (at === undefined) throw new Error("nothing failed");
      const { check, resource, say } = table.row(at);
      const row = list.getByRole("row").nth(1).filter({ hasText: check.title }).filter({ hasText: say });
      await row.filter({ hasText: resource.name }).first().waitFor();
    };
    for (const [name, key] of SORTED) {
      const header = list.getByRole("columnheader", { name }).getByRole("button", { name }).first();
      for (let clicks = 0; clicks < 2; clicks++) {
        // A copy that sticks to the top lies over it, which a click would meet.
        await header.press("Enter");
        await page.waitForFunction(
          (key) => window.location.hash.includes(`sort=`) && window.location.hash.includes(key),
          key,
        );
        const text = new URL(page.url().replace("#", "")).searchParams.get("sort") ?? "";
        expect(text.replace(/^-/, "")).toBe(key);
        await first({ key, descending: text.startsWith("-") });
      }
    }
    await page.context().close();
  });

  test.each(["check", "resource"] as const)("groups hold the findings of a %s", async (by) => {
    const condition = {
      property: by,
      operator: "=",
      values: [by === "check" ? worst.check.id : worst.resource.key],
    } as const;
    const own = sorted(table, found({ ...condition, values: [...condition.values] }), URGENCY);
    const { page } = await shown.open(
      `${findingsLink({ ...condition, values: [...condition.values] })}&group=${by}`,
    );
    expect(grouped(table, own, by)).toHaveLength(1);
    await matches(page, own.length);
    const list = page.getByRole("treegrid", { name: "Findings" });
    // A line for the names of the columns, and one for the group.
    expect(await list.getByRole("row").count()).toBe(2);
    await page
      .getByRole("button", { name: /expand/i })
      .first()
      .click();
    await page
      .getByText(table.row(own[0] ?? 0).say, { exact: true })
      .first()
      .waitFor();
    expect(await list.getByRole("row").count()).toBe(
      2 + Math.min(own.length, 25) + (own.length > 25 ? 1 : 0),
    );
    await page.context().close();
  });

  test("an opened finding has its evidence, remedy and exemption, and each can be copied", async () => {
    const permissions = ["clipboard-read", "clipboard-write"];
    const { page } = await shown.open(`#/findings?open=${worst.id}`, { permissions });
    const cli = visibleDeep(details[worst.at]?.cli ?? "");
    expect(await page.getByRole("region", { name: "AWS CLI" }).innerText()).toBe(cli);
    await copies(page, "AWS CLI", cli);
    await page.getByRole("button", { name: "Exempt it in a policy" }).click();
    const snippet = page.getByRole("region", { name: "Exemption for a policy file" });
    expect(await snippet.innerText()).toContain("exemptions:");
    await copies(page, "Exemption for a policy file", (await snippet.textContent()) ?? "");
    const hrefs = await page
      .locator("a[href]")
      .evaluateAll((all) => all.map((a) => a.getAttribute("href") ?? ""));
    expect(hrefs.filter((href) => !/^(#|https:\/\/)/.test(href))).toEqual([]);
    await page.context().close();
  });

  test("the CSV is of the current filter, and is the program's", async () => {
    const { page, requests } = await shown.open("#/findings?f=verdict%3Dfail");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "CSV" }).click(),
    ]);
    const text = readFileSync(await download.path(), "utf8");
    const order = sorted(table, found({ property: "verdict", operator: "=", values: ["fail"] }), URGENCY);
    const detailsOf = (at: number) => Promise.resolve(details[at] ?? {});
    expect(text).toBe(await csv(table.rows(order), detailsOf));
    expect(text).toBe(text.split("\n").map(clean).join("\n"));
    expect(text).not.toMatch(/(^|,)"?[=+@]/m);
    expect(requests).toEqual([]);
    await page.context().close();
  });

  test("with a baseline the list opens on what is new, and shows all on request", async () => {
    const { page } = await shown.open("#/findings");
    const all = page.getByText(`(${rows.length.toLocaleString("en")})`).first();
    if (head.comparison == null) return all.waitFor();
    await matches(page, head.comparison.counts.new);
    const toggle = page.getByRole("checkbox", { name: /^Only what is new since/ });
    // The link changes first, and the page after it.
    await toggle.click();
    await all.waitFor();
    await toggle.click();
    await matches(page, head.comparison.counts.new);
    await page.context().close();
  });
});

/** Types a condition as a reader does. */
async function typeToken(page: Page, label: string, value: string): Promise<void> {
  const input = page.getByRole("combobox", { name: "Filter findings" });
  await input.fill(`${label} = ${value}`);
  await input.press("Enter");
}

/** Presses a copy button, and looks at what is on the clipboard then. */
async function copies(page: Page, label: string, text: string): Promise<void> {
  await page.getByRole("button", { name: `Copy: ${label}` }).click();
  await page.getByText("Copied", { exact: true }).first().waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
}
