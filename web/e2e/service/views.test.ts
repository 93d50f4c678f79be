/** Every view by its link: accessible, light and dark, and asking nobody else. Over the real service. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VIEWS } from "../../src/service/route";
import { violations } from "../axe";
import { given, Service } from "./server";

const MORE = "schedules:\n  nightly:\n    cron: 0 3 * * *\n";

describe.skipIf(given === null)("the views", () => {
  let service: Service;
  let paths: Record<string, string> = {};
  beforeAll(async () => {
    service = await Service.start({ more: MORE });
    const [old, latest] = [await service.audit("shop"), await service.audit("shop")];
    await service.api("/milestones", { name: "Before", audit: old });
    const { items } = await service.api<{ items: { id: string }[] }>("/findings?verdict=fail&limit=1");
    const finding = items[0]?.id ?? "";
    const ask = { target: "shop", finding, reason: "by design", owner: "web", expires: "2999-12-31" };
    await service.api("/exemptions", ask);
    paths = {
      "/": "Overview",
      "/targets/shop": "shop",
      "/audits": "Audits",
      [`/audits/${latest}`]: "Audit of shop",
      "/audits/new": "Start an audit",
      "/findings?f=verdict=fail": "Findings",
      [`/findings?f=verdict=fail&open=shop/${finding}`]: "Findings",
      [`/milestones?target=shop&old=${old}&new=${latest}`]: "Milestones",
      "/schedules": "Schedules",
      "/schedules/nightly": "nightly",
      "/schedules/new": "Add a schedule",
      "/exemptions": "Exemptions",
      "/attestations": "Attestations",
      "/log": "Who did what",
      "/sessions": "Who is logged in",
      "/tokens": "Tokens",
      "/audits/nothing": "Audit",
      "/tokens/nothing": "There is nothing at this address",
    };
  });
  afterAll(() => service.stop());

  test.each(["light", "dark"] as const)("are accessible in the %s", async (colorScheme) => {
    for (const [path, title] of Object.entries(paths)) {
      const visitor = await service.visit({ colorScheme });
      await visitor.open(path);
      await visitor.page.waitForFunction((title) => document.title === `${title} · Six Pillars`, title);
      expect(await violations(visitor.page), path).toEqual([]);
      // The browser itself writes a line for an answer that says that something is not there.
      const complaints = visitor.complaints.filter((text) => !/status of 404/.test(text));
      expect([...complaints, ...visitor.requests], path).toEqual([]);
      await visitor.close();
    }
  });

  test("are one document, which allows its own script and nothing else", async () => {
    const pages = await Promise.all(
      ["/", ...VIEWS.map((view) => `/${view}`), "/audits/x"].map((path) => fetch(service.address + path)),
    );
    const texts = new Set(await Promise.all(pages.map((page) => page.text())));
    expect(texts.size).toBe(1);
    expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 200));
    const [page] = pages;
    const policy = page?.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain("unsafe");
    const tag = page?.headers.get("etag") ?? "";
    const again = await fetch(service.address, { headers: { "if-none-match": tag } });
    expect(again.status).toBe(304);
    const script = /src="(\/assets\/[^"]+\.js)"/.exec([...texts][0] ?? "")?.[1] ?? "";
    const asset = await fetch(service.address + script);
    expect([asset.status, asset.headers.get("cache-control")]).toEqual([
      200,
      "public, max-age=31536000, immutable",
    ]);
    for (const path of ["/nothing", "/assets/nothing.js", "/assets/..%2fservice.html"]) {
      expect((await fetch(service.address + path)).status, path).toBe(404);
    }
  });

  test("run no script of strangers and send nothing to them", async () => {
    const visitor = await service.visit();
    await visitor.open("/");
    const ran = await visitor.page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = 'window.ran = "added"';
      document.body.append(script);
      const sent = await fetch("https://example.com/").then(
        () => "sent",
        () => "refused",
      );
      return [(window as unknown as { ran?: string }).ran ?? "nothing", sent];
    });
    expect(ran).toEqual(["nothing", "refused"]);
    await visitor.close();
  });

  test("are walked with the keyboard and with back and forth", async () => {
    const visitor = await service.visit();
    const { page } = visitor;
    await visitor.open("/");
    await page.getByRole("link", { name: "Audits", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/audits$/);
    await visitor.sees("History");
    await page.goBack();
    await page.waitForURL(/\/$/);
    await visitor.sees("Latest audits");
    await page.goForward();
    await visitor.sees("History");
    await visitor.close();
  });
});
