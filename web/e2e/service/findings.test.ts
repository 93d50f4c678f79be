/** Findings across targets, and what people decide about them: over the real service. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { given, Service } from "./server";
import type { Visitor } from "./server";

const LIST = "/findings?f=verdict=fail";

describe.skipIf(given === null)("findings", () => {
  let service: Service;
  let visitor: Visitor;
  beforeAll(async () => {
    service = await Service.start();
    await service.audit("shop");
    await service.audit("bank");
  });
  afterAll(() => service.stop());

  async function total(query: string): Promise<number> {
    return (await service.api<{ total: number }>(`/findings?limit=1&${query}`)).total;
  }

  test("are filtered by the service, and the filter is in the link", async () => {
    visitor = await service.visit();
    const { page } = visitor;
    await visitor.open(LIST);
    await visitor.sees(matches(await total("verdict=fail")));
    await visitor.open(`${LIST}&f=severity>=high&f=target=shop`);
    const severe = await total("verdict=fail&severity=high,critical&target=shop");
    expect(severe).toBeGreaterThan(0);
    await visitor.sees(matches(severe));
    await visitor.open("/findings?f=severity=low&f=severity>=high");
    await visitor.sees("No findings");
    // By hand: a search, which takes the enter key.
    await visitor.open(LIST);
    const search = page.getByRole("combobox", { name: "Filter findings" });
    await search.fill("bucket");
    await search.press("Enter");
    await visitor.sees(matches(await total("verdict=fail&q=bucket")));
    expect(page.url()).toContain("f=:bucket");
    await visitor.close();
  });

  test("are sorted and paged by the service", async () => {
    visitor = await service.visit();
    const { page } = visitor;
    await visitor.open("/findings?sort=resource");
    const names = async () => page.getByRole("grid", { name: "Findings" }).getByRole("row").allInnerTexts();
    const first = await names();
    expect(first.length).toBe(51);
    const top = await page.locator("table tbody tr").first().textContent();
    await page.getByRole("button", { name: "Next page" }).click();
    await page.waitForFunction(
      (before) => document.querySelector("table tbody tr")?.textContent !== before,
      top,
    );
    expect(await names()).not.toEqual(first);
    await page.getByRole("button", { name: "Previous page" }).click();
    await page.getByRole("columnheader", { name: "Since" }).getByRole("button").first().press("Enter");
    await page.waitForURL(/sort=since/);
    await visitor.close();
  });

  test("open with evidence, remedy and history", async () => {
    visitor = await service.visit();
    const { page } = visitor;
    await visitor.open(LIST);
    await page.getByRole("grid", { name: "Findings" }).getByRole("link").first().click();
    await visitor.sees("History");
    await visitor.sees("Evidence");
    await visitor.sees("Why it matters");
    await page.getByRole("list", { name: "History" }).getByRole("listitem").first().waitFor();
    // Whoever is sent the link sees the same.
    const link = page.url();
    const other = await service.visit();
    await other.page.goto(link);
    await other.sees("Why it matters");
    expect([...visitor.complaints, ...other.complaints]).toEqual([]);
    await other.close();
    await page.getByRole("button", { name: "Close panel" }).click();
    await page.waitForFunction(() => !window.location.search.includes("open="));
    await visitor.close();
  });

  test("are exempt once somebody asked, somebody approved and an audit ran", async () => {
    visitor = await service.visit();
    const { page } = visitor;
    await visitor.open(`${LIST}&f=target=shop`);
    await page.getByRole("grid", { name: "Findings" }).getByRole("link").first().click();
    await visitor.button("Ask for an exemption").click();
    await visitor.button("Ask for it").click();
    // Reason and owner are missing: each says so in its place.
    await visitor.sees("The exemption was not requested");
    expect(await page.getByLabel("Reason").getAttribute("aria-invalid")).toBe("true");
    await page.getByLabel("Reason").fill("by design \u202euntil spring");
    await page.getByLabel("Owner").fill("web team");
    await visitor.button("Ask for it").click();
    await visitor.sees("has the character U+202E, which is not shown");
    await page.getByLabel("Reason").fill(`<b>by design</b> "until" spring`);
    await visitor.button("Ask for it").click();
    await visitor.sees("The exemption is requested");
    const finding = new URL(page.url()).searchParams.get("open") ?? "";
    await visitor.open("/exemptions");
    await visitor.sees(`<b>by design</b> "until" spring`);
    await page
      .getByRole("button", { name: /^Approve / })
      .first()
      .click();
    await page.getByLabel("Comment").fill("fine");
    await visitor.button("Approve").last().click();
    await visitor.sees("The exemption is approved");
    await visitor.open("/exemptions?show=approved");
    await visitor.sees("fine");
    await service.audit("shop");
    await visitor.open(`/findings?f=verdict=exempt&open=${finding}`);
    await visitor.sees(/^Exempt until /);
    await visitor.open("/exemptions?show=approved");
    await page.getByRole("button", { name: /^End / }).first().click();
    await visitor.button("End it").click();
    await visitor.sees("The exemption is over");
    await visitor.open("/log");
    for (const words of ["Asked for an exemption", "Approved an exemption", "Revoked an exemption"]) {
      await visitor.sees(words);
    }
    await visitor.close();
  });

  test("that no API shows are attested, and the attestation is withdrawn", async () => {
    visitor = await service.visit();
    const { page } = visitor;
    await visitor.open("/attestations");
    await visitor.button("Attest a best practice").click();
    const form = page.getByRole("dialog");
    await form.getByRole("button", { name: /^Target/ }).click();
    await page.getByRole("option", { name: "shop" }).click();
    await form.getByLabel("Best practice").fill("OPS99-BP99");
    await form.getByLabel("Owner").fill("product");
    await form.getByLabel("Proof").fill("javascript:alert(1)");
    await form.getByRole("button", { name: "Attest it" }).click();
    await visitor.sees("there is no such best practice");
    await visitor.sees("has to begin with https://");
    await form.getByLabel("Best practice").fill("ops01-bp01");
    await form.getByLabel("Proof").fill("https://wiki.example.com/ops");
    await form.getByRole("button", { name: "Attest it" }).click();
    await visitor.sees("Attested: met");
    await page.getByRole("button", { name: "Withdraw OPS01-BP01" }).click();
    await visitor.button("Withdraw it").click();
    await visitor.sees(/Attested: met, withdrawn/);
    await visitor.close();
  });
});

function matches(number: number): string {
  return `${number.toLocaleString("en")} ${number === 1 ? "match" : "matches"}`;
}
