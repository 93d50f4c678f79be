/** Who may do what: over the real service, with tokens for each role and with a provider to log in at. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { violations } from "../axe";
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
    await expect.poll(() => offers("Start an audit")).toBe(operates ? 1 : 0);
    await expect.poll(() => offers("Tokens")).toBe(administers ? 1 : 0);
    await visitor.open("/schedules");
    await expect.poll(() => offers("Add a schedule")).toBe(operates ? 1 : 0);
    await visitor.open("/attestations");
    await expect
      .poll(() => page.getByRole("button", { name: "Attest a best practice" }).count())
      .toBe(approves ? 1 : 0);
    await visitor.open(`/findings?open=shop/${finding}`);
    await visitor.sees("Why it matters");
    await expect
      .poll(() => page.getByRole("button", { name: "Ask for an exemption" }).count())
      .toBe(operates ? 1 : 0);
    await visitor.open("/log");
    await visitor.sees(administers ? "Made a token" : "This requires the role admin");
    await visitor.close();
  });

  test("approving is not offered to whoever asked, and what is refused all the same is told", async () => {
    const path = "/exemptions";
    const body = { target: "shop", finding, reason: "by design", owner: "web", expires: "2999-12-31" };
    const { id } = await service.api<{ id: string }>(path, body, bearer("approver"));
    const approve = /^Approve /;
    const visitor = await visit("approver");
    const { page } = visitor;
    await visitor.open(path);
    await visitor.sees("Somebody else has to approve it");
    expect(await page.getByRole("button", { name: approve }).count()).toBe(0);
    await expect.poll(() => page.getByRole("button", { name: /^Refuse / }).count()).toBe(1);
    expect(await violations(page)).toEqual([]);
    const other = await visit("admin");
    await other.open(path);
    await other.page.getByRole("button", { name: approve }).click();
    // Meanwhile somebody else refuses it.
    await service.api(`${path}/${id}/decision`, { decision: "refuse" }, bearer("approver"));
    const dialog = other.page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Approve" }).click();
    await other.sees("this exemption is not requested");
    await service.api(path, body, bearer("approver"));
    await other.open(path);
    await other.page.getByRole("button", { name: approve }).click();
    await dialog.getByRole("button", { name: "Approve" }).click();
    await other.sees("The exemption is approved");
    await other.close();
    await visitor.close();
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
    // The functions are never listed, so an audit of them goes on until somebody cancels it.
    service = await Service.start({
      hanging: true,
      more: given?.login ?? "",
      secret: given?.secret ?? null,
    });
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
    await page.getByRole("menuitem", { name: "Log out", exact: true }).click();
    expect((await out).status()).toBe(200);
    const me = await page.request.get(`${service.address}/api/v1/me`);
    expect(me.status()).toBe(401);
    await visitor.close();
  }

  test("log in at the provider, start, watch, cancel, ask, approve, read the trend, and log out", async () => {
    const operator = await logIn("operator", "/audits/new?target=shop");
    const { page } = operator;
    await page.getByLabel("Services").fill("lambda");
    await operator.button("Start the audit").click();
    await operator.sees("Live");
    await operator.sees(/^\d+ of \d+ lists$/);
    expect(await violations(page)).toEqual([]);
    await operator.button("Cancel").click();
    await operator.button("Cancel the audit").click();
    await operator.sees("The audit was cancelled");
    await operator.open("/audits/new?target=shop");
    await page.getByLabel("Services").fill("s3, iam");
    await operator.button("Start the audit").click();
    await operator.sees("What it found");
    expect(await violations(page)).toEqual([]);
    await operator.open("/findings?f=verdict=fail");
    await page.getByRole("grid", { name: "Findings" }).getByRole("link").first().click();
    await operator.button("Ask for an exemption").click();
    await page.getByLabel("Reason").fill("by design");
    await page.getByLabel("Owner").fill("web team");
    expect(await violations(page)).toEqual([]);
    await operator.button("Ask for it").click();
    await operator.sees("The exemption is requested");
    await operator.open("/exemptions");
    await operator.sees("by design");
    expect(await page.getByRole("button", { name: /^(Approve|Refuse) / }).count()).toBe(0);
    await leave(operator);

    const approver = await logIn("approver", "/exemptions");
    await approver.page.getByRole("button", { name: /^Approve / }).click();
    expect(await violations(approver.page)).toEqual([]);
    await approver.page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
    await approver.sees("The exemption is approved");
    await approver.open("/targets/shop");
    await approver.page
      .getByRole("application", { name: "Score of each pillar over time" })
      .first()
      .waitFor();
    expect(await violations(approver.page)).toEqual([]);
    await leave(approver);

    const admin = await logIn("admin", "/log");
    for (const words of ["Started an audit", "Cancelled an audit", "Approved an exemption"]) {
      await admin.sees(words);
    }
    for (const who of ["The operator (operator)", "The approver (approver)"]) await admin.sees(who);
    expect(await violations(admin.page)).toEqual([]);
    await leave(admin);
  });

  async function isIn(visitor: Visitor): Promise<boolean> {
    const me = await visitor.page.request.get(`${service.address}/api/v1/me`);
    return me.status() === 200;
  }

  test("are logged out by an admin, in every browser", async () => {
    const browsers = [await logIn("viewer", "/"), await logIn("viewer", "/")];
    // An open page would log in again by itself: the provider still knows the browser.
    for (const visitor of browsers) await visitor.page.goto("about:blank");
    const operator = await logIn("operator", "/");
    const admin = await logIn("admin", "/sessions");
    const { page } = admin;
    await admin.sees("The operator");
    expect(await violations(page)).toEqual([]);
    const end = page.getByRole("button", { name: "End all sessions of The viewer (viewer)" });
    await end.click();
    expect(await violations(page)).toEqual([]);
    await admin.button("End them").click();
    await admin.sees("All sessions of The viewer (viewer) are over.");
    await end.waitFor({ state: "detached" });
    expect(await Promise.all([...browsers, operator].map(isIn))).toEqual([false, false, true]);
    await admin.open("/log");
    await admin.sees("Ended all sessions");
    for (const visitor of browsers) await visitor.close();
    await leave(operator);
    await leave(admin);
  });

  test("log out in all of their browsers at once", async () => {
    const here = await logIn("operator", "/");
    const elsewhere = await logIn("operator", "/");
    await elsewhere.page.goto("about:blank");
    const approver = await logIn("approver", "/");
    const { page } = here;
    await page.getByRole("button", { name: /^Logged in as / }).click();
    const out = page.waitForResponse(`${service.address}/api/v1/me/sessions`);
    await page.getByRole("menuitem", { name: "Log out in all browsers" }).click();
    expect((await out).status()).toBe(200);
    expect(await Promise.all([here, elsewhere, approver].map(isIn))).toEqual([false, false, true]);
    await here.close();
    await elsewhere.close();
    await leave(approver);
  });

  /** What each takes, and how the service answers whoever may. */
  const TAKES = [
    ["operator", "POST", "/audits", { target: "nothing" }, 422],
    ["operator", "POST", "/schedules", { name: "x", spec: { cron: "never" } }, 422],
    ["approver", "POST", "/exemptions/nothing/decision", { decision: "approve" }, 404],
    ["admin", "DELETE", "/tokens/nothing", null, 404],
    ["admin", "DELETE", "/sessions/nobody", null, 404],
    ["admin", "GET", "/sessions", null, 200],
    ["admin", "GET", "/audit-log", null, 200],
  ] as const;

  test.each(ROLES)("as %s are offered what the role may, and are refused the rest", async (role) => {
    const visitor = await logIn(role, "/");
    const { page } = visitor;
    const may = (least: Role) => ROLES.indexOf(role) >= ROLES.indexOf(least);
    const links = (name: string) => page.getByRole("link", { name, exact: true }).count();
    await expect.poll(() => links("Start an audit").then((n) => n > 0)).toBe(may("operator"));
    await expect.poll(() => links("Tokens").then((n) => n > 0)).toBe(may("admin"));
    await expect.poll(() => links("Who did what").then((n) => n > 0)).toBe(may("admin"));
    await expect.poll(() => links("Who is logged in").then((n) => n > 0)).toBe(may("admin"));
    await visitor.open("/schedules");
    await expect.poll(() => links("Add a schedule").then((n) => n > 0)).toBe(may("operator"));
    for (const [path, least] of [
      ["/audits/new", "operator"],
      ["/schedules/new", "operator"],
      ["/tokens", "admin"],
      ["/sessions", "admin"],
      ["/log", "admin"],
    ] as const) {
      await visitor.open(path);
      const refused = page.getByText(`This requires the role ${least}`);
      await expect
        .poll(() => refused.filter({ visible: true }).count(), { message: path })
        .toBe(may(least) ? 0 : 1);
      // Asked with POST as soon as the view opens.
      if (path === "/schedules/new" && may(least)) {
        await page.getByRole("list", { name: "The next five times" }).getByRole("listitem").nth(4).waitFor();
      }
      expect(await violations(page), path).toEqual([]);
    }
    const answers = await page.evaluate(async (takes) => {
      const me = (await (await fetch("/api/v1/me")).json()) as { csrf: string };
      const ask = async (csrf: string | null, [, method, path, body]: (typeof takes)[number]) => {
        const headers = {
          "content-type": "application/json",
          ...(csrf !== null && { "x-csrf-token": csrf }),
        };
        const sent = body === null ? {} : { body: JSON.stringify(body) };
        return (await fetch(`/api/v1${path}`, { method, headers, ...sent })).status;
      };
      const statuses: [number, number][] = [];
      for (const one of takes) statuses.push([await ask(me.csrf, one), await ask(null, one)]);
      return statuses;
    }, TAKES);
    // Without the token against forged requests, nobody changes anything.
    const expected = TAKES.map(([least, method, , , status]) => {
      const answer = may(least) ? status : 403;
      return [answer, method === "GET" ? answer : 403];
    });
    expect(answers).toEqual(expected);
    await leave(visitor);
  });
});
