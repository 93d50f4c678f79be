/** Starting, watching and cancelling audits, and what they leave: over the real service. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { given, Service } from "./server";

describe.skipIf(given === null)("an audit", () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(() => service.stop());

  test("is started by a form, watched to its end, and its report is opened", async () => {
    const visitor = await service.visit();
    const { page } = visitor;
    await visitor.open("/");
    await visitor.sees("No audit has run yet");
    await page.getByRole("link", { name: "Start an audit" }).click();
    await page.getByRole("button", { name: /^Target/ }).click();
    await page.getByRole("option", { name: "shop" }).click();
    await page.getByLabel("Services").fill("s3, iam, lambda");
    await visitor.button("Start the audit").click();
    await page.waitForURL(/\/audits\/(?!new)/);
    // The end comes by itself.
    await visitor.sees("What it found");
    await page.getByRole("link", { name: "Operational Excellence" }).waitFor();
    const [report] = await Promise.all([
      page.waitForEvent("popup"),
      page.getByRole("link", { name: "Open the report" }).click(),
    ]);
    await report.getByText("Fix these first").first().waitFor();
    expect(visitor.complaints).toEqual([]);
    expect(visitor.requests).toEqual([]);
    await visitor.close();
  });

  test("that is requested twice at once is one audit", async () => {
    const visitor = await service.visit();
    const before = await service.api<{ items: unknown[] }>("/audits?target=bank");
    await visitor.open("/audits/new?target=bank");
    await visitor.page.getByLabel("Services").fill("s3");
    await visitor.button("Start the audit").dblclick();
    await visitor.page.waitForURL(/\/audits\/(?!new)/);
    await visitor.sees("What it found");
    const after = await service.api<{ items: unknown[] }>("/audits?target=bank");
    expect(after.items.length - before.items.length).toBe(1);
    await visitor.close();
  });

  test("says what is wrong with its fields where they are", async () => {
    const visitor = await service.visit();
    await visitor.open("/audits/new?target=shop");
    await visitor.page.getByLabel("Deadline").fill("soon");
    await visitor.button("Start the audit").click();
    await visitor.sees("The audit was not started");
    const field = visitor.page.getByLabel("Deadline");
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    await visitor.close();
  });

  test("makes a trend with the one before, and two are compared side by side", async () => {
    const [first, second] = [await service.audit("shop"), await service.audit("shop")];
    const visitor = await service.visit();
    const { page } = visitor;
    await visitor.open("/");
    await page
      .getByRole("img", { name: /over \d+ audits/ })
      .first()
      .waitFor();
    await page.getByRole("link", { name: "shop", exact: true }).first().click();
    await page.waitForURL(/\/targets\/shop$/);
    await page.getByRole("application", { name: "Score of each pillar over time" }).first().waitFor();
    await visitor.open(`/milestones?target=shop&old=${first}&new=${second}`);
    await visitor.sees("Side by side");
    await visitor.sees(/Still failing \([1-9]/);
    await page
      .getByRole("row", { name: /^Security/ })
      .first()
      .waitFor();
    await visitor.close();
  });

  test("is kept for ever under a name, whatever is in the name", async () => {
    const id = await service.audit("shop");
    const visitor = await service.visit();
    const { page } = visitor;
    await visitor.open(`/audits/${id}`);
    await visitor.button("Make it a milestone").click();
    const name = `<img src=x onerror="document.title='hacked'">`;
    // Nobody reads a text as it is not.
    await page.getByLabel("Name").fill(`${name}\u202e`);
    await visitor.button("Keep it").click();
    await visitor.sees("has the character U+202E, which is not shown");
    expect(await page.getByLabel("Name").getAttribute("aria-invalid")).toBe("true");
    await page.getByLabel("Name").fill(name);
    await visitor.button("Keep it").click();
    await visitor.sees("The audit is kept for ever");
    await visitor.open("/milestones");
    await visitor.sees(name);
    expect(await page.title()).toBe("Milestones · Six Pillars");
    expect(await page.locator("img[src='x']").count()).toBe(0);
    await visitor.close();
  });
});

describe.skipIf(given === null)("an audit that hangs", () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ hanging: true });
  });
  afterAll(() => service.stop());

  test("is seen on its way, survives the service's end, and is cancelled", async () => {
    const scope = { services: ["s3", "iam", "lambda"] };
    const { id } = await service.api<{ id: string }>("/audits", { target: "shop", scope });
    const visitor = await service.visit();
    const { page } = visitor;
    await visitor.open(`/audits/${id}`);
    await visitor.sees(/^\d+ of \d+ lists$/);
    await visitor.sees("Live");
    await service.halt();
    await visitor.sees("Connection lost, trying again");
    await service.resume();
    await visitor.sees("Live");
    await visitor.button("Cancel").click();
    await visitor.button("Cancel the audit").click();
    await visitor.sees("The audit was cancelled");
    expect(await page.getByRole("button", { name: "Cancel", exact: true }).count()).toBe(0);
    await visitor.open("/log");
    await visitor.sees("Cancelled an audit");
    await visitor.close();
  });
});
