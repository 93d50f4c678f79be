/** The schedule editor: over the real service. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { given, Service } from "./server";

const NIGHTLY = "schedules:\n  nightly:\n    cron: 0 3 * * *\n    time_zone: Europe/Berlin\n";

describe.skipIf(given === null)("schedules", () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ more: NIGHTLY });
  });
  afterAll(() => service.stop());

  test("show the next five times while they are typed, and say what is wrong", async () => {
    const visitor = await service.visit();
    const { page } = visitor;
    await visitor.open("/schedules/new");
    const times = page.getByRole("list", { name: "The next five times" }).getByRole("listitem");
    await times.nth(4).waitFor();
    expect(await times.count()).toBe(5);
    await page.getByLabel("Time zone").fill("Europe/Berlin");
    await page.getByLabel("Cron expression").fill("30 2 * * 1");
    await page
      .getByText(/^Mon, .* 02:30 CES?T$/)
      .first()
      .waitFor();
    await page.getByLabel("Cron expression").fill("30 2 * * 9");
    await visitor.sees("They are here once cron expression and time zone are right.");
    expect(await page.getByLabel("Cron expression").getAttribute("aria-invalid")).toBe("true");
    expect(visitor.complaints.filter((text) => !text.includes("422"))).toEqual([]);
    await visitor.close();
  });

  test("are added, changed, switched off and removed", async () => {
    const visitor = await service.visit();
    const { page } = visitor;
    await visitor.open("/schedules/new");
    await page.getByLabel("Name").fill("a name with spaces");
    await page.getByLabel("Cron expression").fill("0 4 * * 1");
    await page.keyboard.press("Escape");
    await visitor.button("Add the schedule").click();
    await visitor.sees("The schedule was not saved");
    expect(await page.getByLabel("Name").getAttribute("aria-invalid")).toBe("true");
    await page.getByLabel("Name").fill("weekly");
    await visitor.button("Add the schedule").click();
    await visitor.sees("The schedule weekly is added.");
    await page.getByRole("link", { name: "weekly" }).click();
    await visitor.settled();
    await page.getByLabel("It starts audits").uncheck();
    await page.getByLabel("Checks").fill("s3/*");
    await visitor.button("Save").click();
    await visitor.sees("The schedule weekly is changed.");
    const stored = await service.api<{ enabled: boolean; spec: { scope: object } }>("/schedules/weekly");
    expect(stored.enabled).toBe(false);
    expect(stored.spec.scope).toMatchObject({ checks: ["s3/*"] });
    await page.getByRole("link", { name: "weekly" }).click();
    await visitor.button("Remove").click();
    await visitor.button("Remove it").click();
    await visitor.sees("The schedule weekly is removed.");
    await visitor.close();
  });

  test("of the configuration are shown, and changed there", async () => {
    const visitor = await service.visit();
    await visitor.open("/schedules/nightly");
    await visitor.sees("This schedule is in the configuration");
    expect(await visitor.page.getByLabel("Cron expression").isDisabled()).toBe(true);
    expect(await visitor.page.getByRole("button", { name: "Save" }).count()).toBe(0);
    await visitor.close();
  });
});
