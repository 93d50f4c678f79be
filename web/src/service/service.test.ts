import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { address, advice, fieldErrors, Refusal } from "./call";
import { elsewhere, errorAt } from "./form";
import { isOwn, people, written } from "./people";
import { choices, conditionsOf, oneText, paramsOf, sortOf } from "./query";
import { readRoute, to, VIEWS } from "./route";
import { amountError, auditBody, newAudit, newSchedule, scheduleForm, scopeWords, spec } from "./schedule";
import { change, inOrder, path, series, valueOf } from "./trend";
import { isOver, may } from "./types";
import type { PillarPoint, Target } from "./types";
import { backoff } from "./watch";
import { ago, day, detailWords, inZone } from "./words";

describe("addresses", () => {
  test("of the API leave out what is empty, and write lists as it reads them", () => {
    expect(address("/findings", { severity: ["high", "critical"], q: "a b&c", cursor: null, kind: [] })).toBe(
      "/api/v1/findings?severity=high%2Ccritical&q=a+b%26c",
    );
    expect(address("/targets")).toBe("/api/v1/targets");
  });

  test("of views lead to what they are made of", () => {
    const link = to("findings", [], { f: ["verdict=fail", "severity>=high"], open: "shop/1", page: null });
    expect(link).toBe("/findings?f=verdict=fail&f=severity>=high&open=shop/1");
    const url = new URL(link, "https://audits.example.com");
    const route = readRoute(url.pathname, url.search);
    expect([route.view, route.rest, route.params.getAll("f")]).toEqual([
      "findings",
      [],
      ["verdict=fail", "severity>=high"],
    ]);
    expect(readRoute("/targets/a%2Fb", "").rest).toEqual(["a/b"]);
    expect(readRoute("/targets/%", "").view).toBeNull();
    expect(readRoute("/api/v1/me", "").view).toBeNull();
    expect(readRoute("/", "").view).toBe("overview");
  });

  test("of views are those that the service answers at", () => {
    const source = readFileSync(new URL("../../../src/serve/ui.rs", import.meta.url), "utf8");
    const list = /const VIEWS: \[&str; \d+\] = \[([^\]]*)\]/.exec(source)?.[1] ?? "";
    expect([...list.matchAll(/"([a-z]+)"/g)].map(([, view]) => view)).toEqual([...VIEWS]);
  });
});

describe("filters", () => {
  const shop: Target = { name: "shop", owners: [], regions: [], removed: null, pillars: [] };
  const values = {
    accounts: ["111122223333", "444455556666"],
    regions: ["eu-west-1"],
    services: ["s3"],
    kinds: ["s3/bucket"],
    checks: ["s3/bucket-public"],
    tags: ["Owner=web"],
    practices: ["SEC08-BP04"],
    frameworks: ["cis"],
  };
  const all = choices([shop], values);
  const ask = (...texts: string[]) =>
    paramsOf(conditionsOf(new URLSearchParams(texts.map((text) => ["f", text])), all), all);

  test("of several values, of all but some, and of a least severity", () => {
    expect(ask("verdict=fail,unknown")).toEqual({ verdict: ["fail", "unknown"] });
    expect(ask("severity>=high")).toEqual({ severity: ["high", "critical"] });
    expect(ask("account!=111122223333")).toEqual({ account: ["444455556666"] });
    expect(ask("verdict!=pass")).toEqual({
      verdict: ["fail", "unknown", "exempt", "not_applicable", "gone"],
    });
  });

  test("hold together, and what nothing can match is not requested", () => {
    expect(ask("severity>=medium", "severity!=high")).toEqual({ severity: ["medium", "critical"] });
    expect(ask("severity=low", "severity>=high")).toBeNull();
  });

  test("that the API does not have are left out", () => {
    expect(ask("change=new", "nonsense", "kind:bucket", "tag!=Owner%3Dweb")).toEqual({});
    expect(conditionsOf(new URLSearchParams([["f", "account!=1"]]), choices([], null))).toEqual([]);
  });

  test("of what something has several of do not exclude each other", () => {
    expect(ask("tag=Owner%3Dweb", "effort!=days")).toEqual({
      tag: ["Owner=web"],
      effort: ["minutes", "hours"],
    });
    expect(ask("practice=SEC08-BP04", "practice=SEC01-BP01")).toEqual({ practice: ["SEC01-BP01"] });
  });

  test("look for the last text as it was written", () => {
    const texts = conditionsOf(
      new URLSearchParams([
        ["f", ":first"],
        ["f", ":⟨U+202E⟩second"],
      ]),
      all,
    );
    expect(paramsOf(oneText(texts), all)).toEqual({ q: "\u202esecond" });
  });

  test("know the orders of the API", () => {
    expect(sortOf(new URLSearchParams("sort=since"))).toBe("since");
    expect(sortOf(new URLSearchParams("sort=name; drop"))).toBe("severity");
  });
});

const point = (at: string, score: number | null, pillar = "security"): PillarPoint => ({
  audit: at,
  at,
  pillar,
  score,
  coverage: 0.999,
  fails: { critical: 1, high: 2, medium: 4, low: 8, info: 16 },
  unknown: 3,
  high_risk_issues: 0,
  medium_risk_issues: 0,
});

describe("trends", () => {
  const points = [
    point("2026-11-01T00:00:00Z", null),
    point("2026-11-02T00:00:00Z", 40),
    point("2026-11-04T00:00:00Z", 60),
  ];

  test("leave out what has no number, and never show it as nothing", () => {
    const [line] = series(points, "score").filter(({ pillar }) => pillar === "security");
    expect(line?.data.map(({ y }) => y)).toEqual([40, 60]);
    expect(valueOf(points[0] ?? point("", 1), "score")).toBeNull();
    expect(change(points)).toBe(20);
    expect(change(points.slice(0, 2))).toBeNull();
  });

  test("count urgent failures, and round coverage down", () => {
    expect(valueOf(point("", 1), "urgent")).toBe(3);
    expect(valueOf(point("", 1), "coverage")).toBe(99);
    expect(valueOf({ ...point("", 1), coverage: null }, "coverage")).toBeNull();
  });

  test("are drawn from left to right, by time", () => {
    expect(path(points, 100, 50)).toBe("M3 29.4L97 20.6");
    expect(path(points.slice(0, 2), 100, 50)).toBe("M3 29.4H97");
    expect(path(points.slice(0, 1), 100, 50)).toBe("");
  });

  test("are in the order of the framework", () => {
    const mixed = [point("", 1, "sustainability"), point("", 1, "nonsense"), point("", 1, "security")];
    expect(inOrder(mixed).map(({ pillar }) => pillar)).toEqual(["security", "sustainability"]);
  });
});

describe("forms", () => {
  test("of a schedule give back what they were made from", () => {
    const stored = {
      cron: "0 4 * * 1",
      time_zone: "Europe/Berlin",
      targets: ["shop"],
      jitter: "15m",
      missed: "skip" as const,
      scope: { services: ["s3", "iam"], checks: ["s3/*"], pillars: ["security"], severity: "high" },
      allow_paid_usd: 0.5,
      deadline: "2h",
    };
    expect(spec(scheduleForm("weekly", true, stored))).toEqual(stored);
    expect(spec(newSchedule("UTC")).scope).toEqual({ services: [], checks: [], pillars: [], severity: null });
  });

  test("refuse amounts that are none, and send none of them as 0", () => {
    expect(["0", "", "0.5", "-1", "much"].map((text) => amountError(text) === "")).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(JSON.stringify(auditBody({ ...newAudit("shop"), allowPaid: "much" }))).toContain(
      '"allow_paid_usd":null',
    );
  });

  test("tell fields what the API says of them, and the rest beside", () => {
    const error = new Refusal(422, "values that cannot be used", [
      { pointer: "/spec/targets/0", detail: "there is no such target" },
      { pointer: "/spec/cron", detail: "not a cron expression" },
      { pointer: "/other", detail: "unknown" },
    ]);
    const errors = fieldErrors(error);
    expect(errorAt(errors, "/spec/targets")).toBe("there is no such target");
    expect(errorAt(errors, "/spec/cro")).toBe("");
    expect(elsewhere(error, ["/spec/cron", "/spec/targets"])).toEqual(["/other: unknown"]);
    expect(advice(error).what).toBe("values that cannot be used");
    expect(advice(new Refusal(503, "busy")).next).not.toBe("");
  });

  test("say what an audit is narrowed to", () => {
    expect(scopeWords({}, String)).toBe("Everything that the policy asks for");
    expect(scopeWords({ services: ["s3"], pillars: ["security"], severity: "high" }, () => "Security")).toBe(
      "s3, Security, high or worse",
    );
  });
});

test("each role may do what those before it may", () => {
  const roles = ["viewer", "operator", "approver", "admin"] as const;
  const table = roles.map((role) => roles.map((least) => may({ role }, least)));
  expect(table).toEqual([
    [true, false, false, false],
    [true, true, false, false],
    [true, true, true, false],
    [true, true, true, true],
  ]);
});

test("times are told from now, and in their zone", () => {
  const now = Date.parse("2026-11-28T12:00:00Z");
  const told = [
    "2026-11-28T11:59:58Z",
    "2026-11-28T11:59:00Z",
    "2026-11-28T15:30:00Z",
    "2026-11-25T11:00:00Z",
  ];
  expect(told.map((at) => ago(at, now))).toEqual(["now", "1 minute ago", "in 3 hours", "3 days ago"]);
  expect(inZone("2027-03-28T01:00:00Z", "Europe/Berlin")).toContain("03:00");
  expect(inZone("2027-03-28T01:00:00Z", "Nowhere/At all")).toContain("01:00");
  expect(day(now, 90)).toBe("2027-02-26");
});

test("a lost connection is tried again ever more seldom, and an audit that is over is not watched", () => {
  expect([0, 1, 4, 5, 1000].map(backoff)).toEqual([1_000, 2_000, 16_000, 30_000, 30_000]);
  expect((["queued", "running", "finished", "failed", "cancelled"] as const).map(isOver)).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
});

test("the audit log tells what was requested, and leaves out what is empty", () => {
  const request = {
    allow_paid_usd: 1,
    deadline_seconds: null,
    scope: { checks: [], services: ["s3", "iam"], severity: "high" },
  };
  expect(detailWords({ request, target: "shop", comment: "" })).toEqual([
    "allow paid usd: 1",
    "services: s3, iam",
    "severity: high",
    "target: shop",
  ]);
  expect(detailWords({})).toEqual([]);
});

describe("people", () => {
  const session = (subject: string, name: string, made: string, seen: string) => ({
    subject,
    name,
    role: "viewer",
    made: `2026-11-28T${made}Z`,
    seen: `2026-11-28T${seen}Z`,
    expires: `2026-11-28T2${made.slice(1)}Z`,
  });

  test("are one line each, in however many browsers they are logged in", () => {
    const listed = people([
      session("u1", "Countess", "11:00:00.5", "11:30:00"),
      session("u1", "Ada", "11:00:00", "11:45:00"),
      session("u2", "Ada", "10:00:00", "10:30:00"),
    ]);
    expect(listed.map((person) => [written(person), person.sessions])).toEqual([
      ["Countess (u1)", 2],
      ["Ada (u2)", 1],
    ]);
    const [first] = listed;
    expect([first?.since, first?.seen, first?.until]).toEqual([
      "2026-11-28T11:00:00Z",
      "2026-11-28T11:45:00Z",
      "2026-11-28T21:00:00.5Z",
    ]);
    expect(people([])).toEqual([]);
  });

  test("are themselves under another name, and nobody else", () => {
    const ada = { name: "Ada (u1)", how: "session" } as const;
    const others = ["Ada (u2)", "Ada", "local", "token Ada (u1)x", "Ada (u1) (u2)"];
    expect(["Ada (u1)", "Countess (u1)"].map((by) => isOwn(ada, by))).toEqual([true, true]);
    expect(others.map((by) => isOwn(ada, by))).toEqual(others.map(() => false));
    const token = { name: "token ci (x)", how: "token" } as const;
    expect(["token ci (x)", "token other (x)"].map((by) => isOwn(token, by))).toEqual([true, false]);
    // Where nobody has to log in, whoever asks may approve.
    expect(isOwn({ name: "local", how: "loopback" }, "local")).toBe(false);
  });
});
