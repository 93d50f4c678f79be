/** Who may do what: over the real service, with tokens for each role and with a provider to log in at. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { given, Service } from "./server";
import type { Visitor } from "./server";

const ROLES = ["viewer", "operator", "approver", "admin"] as const;
type Role = (typeof ROLES)[number];

describe.skipIf(given === null)("roles", () => {
  let service: Service;
  const tokens = new Map<Role, string>();
  let finding = "";
  beforeAll(async () => {
    service = await Service.start({ more: "login:\n  tokens: true\n" });
    for (const role of ROLES) {
      tokens.set(
        role,
        await service.run("serve", "token", "--name", role, "--role", role, "--expires", "1d"),
      );
    }
    const as = bearer("operator");
    const { id } = await service.api<{ id: string }>(
      "/audits",
      { target: "shop", scope: { services: ["s3", "iam"] } },
      as,
    );
    for (;;) {
      const { state } = await ask<{ state: string }>(`/audits/${id}`, as);
      if (state === "finished") break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const found = await ask<{ items: { id: string }[] }>("/findings?verdict=fail&limit=1", as);
    finding = found.items[0]?.id ?? "";
  });
  afterAll(() => service.stop());

  function bearer(role: Role): Record<string, string> {
    return { authorization: `Bearer ${tokens.get(role) ?? ""}` };
  }

  async function ask<T>(path: string, headers: Record<string, string>): Promise<T> {
    return (await (await fetch(`${service.address}/api/v1${path}`, { headers })).json()) as T;
  }

  const visit = (role: Role): Promise<Visitor> => service.visit({ extraHTTPHeaders: bearer(role) });

  test.each([
    ["viewer", false, false, false],
    ["operator", true, false, false],
    ["approver", true, true, false],
    ["admin", true, true, true],
  ] as const)("%s is offered what they may do", async (role, operates, approves, administers) => {
    const visitor = await visit(role);
    const { page } = visitor;
    const offers = (name: string) => page.getByRole("link", { name, exact: true }).count();
    await visitor.open("/");
    await page
      .getByRole("button", { name: new RegExp(`token ${role}`) })
      .first()
      .waitFor();
    expect(await offers("Start an audit")).toBe(operates ? 1 : 0);
    expect(await offers("Tokens")).toBe(administers ? 1 : 0);
    await visitor.open("/schedules");
    expect(await offers("Add a schedule")).toBe(operates ? 1 : 0);
    await visitor.open("/attestations");
    expect(await page.getByRole("button", { name: "Attest a best practice" }).count()).toBe(approves ? 1 : 0);
    await visitor.open(`/findings?open=shop/${finding}`);
    await visitor.sees("Why it matters");
    expect(await page.getByRole("button", { name: "Ask for an exemption" }).count()).toBe(operates ? 1 : 0);
    await visitor.open("/log");
    await visitor.sees(administers ? "Made a token" : "This takes the role admin");
    await visitor.close();
  });

  test("what is refused all the same is told", async () => {
    const path = "/exemptions";
    const body = { target: "shop", finding, reason: "by design", owner: "web", expires: "2999-12-31" };
    await service.api(path, body, bearer("approver"));
    const visitor = await visit("approver");
    const { page } = visitor;
    await visitor.open(path);
    await page
      .getByRole("button", { name: /^Approve / })
      .first()
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
    await visitor.sees("somebody else has to approve what you asked for");
    await visitor.close();
    const other = await visit("admin");
    await other.open(path);
    await other.page
      .getByRole("button", { name: /^Approve / })
      .first()
      .click();
    await other.page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
    await other.sees("The exemption is approved");
    await other.close();
  });

  test("a token that is revoked lets nobody in any more", async () => {
    const secret = await service.run(
      "serve",
      "token",
      "--name",
      "leaked",
      "--role",
      "viewer",
      "--expires",
      "1d",
    );
    const admin = await visit("admin");
    await admin.open("/tokens");
    await admin.page.getByRole("button", { name: "Revoke leaked" }).click();
    await admin.button("Revoke it").click();
    await admin.sees("The token leaked is revoked.");
    await admin.close();
    const answer = await fetch(`${service.address}/api/v1/me`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    expect(answer.status).toBe(401);
  });
});

describe.skipIf(given?.login == null)("people", () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ more: given?.login ?? "", secret: given?.secret ?? null });
  });
  afterAll(() => service.stop());

  /** Goes to a page of the service, and logs in on the way. */
  async function logIn(user: string, path: string): Promise<Visitor> {
    const visitor = await service.visit();
    const { page } = visitor;
    // The provider's form loads fonts of the web, which the tests must not need.
    await page.route(/googleapis|gstatic/, (route) => route.abort());
    await page.goto(service.address + path);
    await page.locator("input[name=login]").fill(user);
    await page.locator("input[name=password]").fill("x");
    await page.getByRole("button", { name: "Sign-in" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(`${service.address}/**`);
    await visitor.settled();
    expect(page.url()).toBe(service.address + path);
    await page.getByRole("button", { name: `Logged in as The ${user} (${user})` }).waitFor();
    return visitor;
  }

  async function leave(visitor: Visitor): Promise<void> {
    const { page } = visitor;
    await page.getByRole("button", { name: /^Logged in as / }).click();
    const out = page.waitForResponse(`${service.address}/logout`);
    await page.getByRole("menuitem", { name: "Log out" }).click();
    expect((await out).status()).toBe(200);
    const me = await page.request.get(`${service.address}/api/v1/me`);
    expect(me.status()).toBe(401);
    await visitor.close();
  }

  test("log in at the provider, start, watch, ask, approve, read the trend, and log out", async () => {
    const operator = await logIn("operator", "/audits/new?target=shop");
    const { page } = operator;
    await page.getByLabel("Services").fill("s3, iam");
    await operator.button("Start the audit").click();
    await operator.sees("What it found");
    await operator.open("/findings?f=verdict=fail");
    await page.getByRole("grid", { name: "Findings" }).getByRole("link").first().click();
    await operator.button("Ask for an exemption").click();
    await page.getByLabel("Reason").fill("by design");
    await page.getByLabel("Owner").fill("web team");
    await operator.button("Ask for it").click();
    await operator.sees("The exemption is asked for");
    await operator.open("/exemptions");
    await operator.sees("by design");
    expect(await page.getByRole("button", { name: /^Approve / }).count()).toBe(0);
    await leave(operator);

    const approver = await logIn("approver", "/exemptions");
    await approver.page.getByRole("button", { name: /^Approve / }).click();
    await approver.page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
    await approver.sees("The exemption is approved");
    await approver.open("/targets/shop");
    await approver.page
      .getByRole("application", { name: "Score of each pillar over time" })
      .first()
      .waitFor();
    await leave(approver);
  });

  test("who may only read are offered nothing else, and are refused", async () => {
    const viewer = await logIn("viewer", "/audits?state=finished");
    await viewer.open("/");
    expect(await viewer.page.getByRole("link", { name: "Start an audit" }).count()).toBe(0);
    await viewer.open("/audits/new");
    await viewer.sees("This takes the role operator");
    const sent = await viewer.page.evaluate(async () => {
      const me = (await (await fetch("/api/v1/me")).json()) as { csrf: string };
      const ask = (headers: Record<string, string>) =>
        fetch("/api/v1/audits", {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify({ target: "shop" }),
        });
      return [(await ask({ "x-csrf-token": me.csrf })).status, (await ask({})).status];
    });
    expect(sent).toEqual([403, 403]);
    await leave(viewer);
  });
});
