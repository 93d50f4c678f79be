import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020";
import formats from "ajv-formats";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { sample } from "../scripts/sample.mjs";
import { apiTypes, types } from "../scripts/types.mjs";
import { changed, findingsLink, queryOf, queryValues, readRoute } from "./app/route";
import { exemption } from "./exemption";
import { EVERYTHING, is } from "./filter";
import { answer, attestation, notes, questionNotes, shows } from "./review";
import { sampleOf } from "./testing";
import { isAltered, visible, visibleDeep } from "./visible";

const { report, head, table } = sampleOf(1500);

function validator(name: string) {
  const ajv = new Ajv({ allowUnionTypes: true, strict: false });
  formats(ajv);
  return ajv.compile(
    JSON.parse(readFileSync(new URL(`../../schemas/${name}`, import.meta.url), "utf8")) as object,
  );
}

test("unseen characters are shown by number, and others as they are", () => {
  expect(visible("invoice\u202efdp.exe")).toBe("invoice⟨U+202E⟩fdp.exe");
  expect(visible("\u001b[31mred")).toBe("⟨U+001B⟩[31mred");
  expect(visible("a\u{e0041}b\u200b")).toBe("a⟨U+E0041⟩b⟨U+200B⟩");
  expect(visible("Größe 東京 🚀 <b>\n\t")).toBe("Größe 東京 🚀 <b>\n\t");
  expect(visibleDeep({ "\u202ek": ["\u0007", 1, null] })).toEqual({ "⟨U+202E⟩k": ["⟨U+0007⟩", 1, null] });
  expect(isAltered(visible("a\u0000"))).toBe(true);
});

test("an exemption is what a policy accepts", () => {
  const valid = validator("policy.schema.json");
  for (const row of table.rows(table.all().subarray(0, 200))) {
    const policy = { name: "test", ...(parse(exemption(row, head.scan.finished)) as object) };
    expect(valid(policy), JSON.stringify(valid.errors)).toBe(true);
  }
  const text = exemption(table.row(3), "2026-11-24T06:03:20Z");
  expect(text).toContain("expires: 2027-02-22");
  expect(text).toContain(JSON.stringify(table.row(3).resource.id));
});

test("an exemption names the finding where the resource's name is a pattern or altered", () => {
  const row = table.row(0);
  for (const id of ["*", visible("a\u202eb")]) {
    const text = exemption({ ...row, resource: { ...row.resource, id } }, head.scan.finished);
    expect(text).toContain(`findings: ["${row.id}"]`);
    expect(text).not.toContain("resources:");
  }
});

test("an attestation counts only while it is valid, and never against the evidence", () => {
  const [practice] = head.practices;
  if (practice === undefined) throw new Error("no practice");
  const said = { status: "met", owner: "x", date: "2026-01-01", expires: "2027-01-01" } as const;
  const from = (status: typeof practice.status, state: "valid" | "expired" | "contradicted") =>
    answer({ ...practice, status, attestation: { ...said, state } });
  expect(from("no_evidence", "valid")).toBe("attested");
  expect(from("no_evidence", "expired")).toBe("no_evidence");
  expect(from("at_risk", "contradicted")).toBe("at_risk");
  expect(from("at_risk", "valid")).toBe("at_risk");
});

test("what people admit is at risk, in the answer and in the notes on its question", () => {
  const question = head.questions.find(({ practices }) => practices.at_risk === 0);
  const practice = head.practices.find((practice) => practice.question === question?.id);
  if (question === undefined || practice === undefined) throw new Error("every question is at risk");
  const said = { status: "not_met", owner: "x", date: "2026-01-01", expires: "2027-01-01" } as const;
  const admitted = { ...practice, attestation: { ...said, state: "valid" } } as const;
  expect(answer(admitted)).toBe("at_risk");
  expect(answer({ ...admitted, status: "met" })).toBe("at_risk");
  expect(answer({ ...practice, status: "met", attestation: { ...said, state: "expired" } })).toBe("met");
  expect(shows(admitted, "at_risk")).toBe(true);
  const expired = { ...practice, attestation: { ...said, state: "expired" } } as const;
  expect([shows(expired, "expired"), shows(expired, "contradicted"), shows(admitted, "expired")]).toEqual([
    true,
    false,
    false,
  ]);
  const practices = head.practices.map((other) => (other.id === practice.id ? admitted : other));
  expect(questionNotes(question, { ...head, practices })).toContain("1 best practice at risk of");
});

test("notes say what a reviewer needs", () => {
  const practice = head.practices.find(({ status }) => status === "at_risk");
  const question = head.questions.find(({ id }) => id === practice?.question);
  if (practice === undefined || question === undefined) throw new Error("nothing at risk");
  expect(notes(practice, head)).toMatch(/^\w+-BP\d+ .* risk\): At risk\n- .*\d+ failed/);
  expect(questionNotes(question, head)).toContain(`Six Pillars scan ${head.scan.id}`);
  expect(parse(attestation(practice, "2028-02-29T00:00:00Z"))).toMatchObject({
    attestations: [{ practice: practice.id, status: "met", expires: "2029-02-28" }],
  });
});

test("notes hold what people say, since when, and where the proof is", () => {
  const [practice] = head.practices;
  if (practice === undefined) throw new Error("no practice");
  const said = { status: "met", owner: "platform team", date: "2026-10-01", expires: "2027-10-01" } as const;
  const more = { note: "Drilled twice.\nOnce at night.", link: "https://wiki.example.com/drill" };
  const attested = (state: "valid" | "expired", rest: object = {}) =>
    notes({ ...practice, attestation: { ...said, state, ...rest } }, head);
  expect(attested("valid", more)).toContain(
    "- Attested: met by platform team on 2026-10-01, holds until 2027-10-01\n" +
      "  Drilled twice.\n  Once at night.\n  Proof: https://wiki.example.com/drill",
  );
  expect(attested("expired")).toMatch(/on 2026-10-01, expired, was to hold until 2027-10-01$/);
});

test("a link leads back to the filter that made it", () => {
  const conditions = [is("tag", "a b=c&d,e", "<script>"), is("verdict", "fail")];
  const route = readRoute(findingsLink(...conditions));
  expect(queryOf(route).conditions).toEqual(conditions);
  expect(readRoute(changed(route, { open: "x/y z?#" })).open).toBe("x/y z?#");
  const bare = readRoute("#/findings");
  expect(queryOf(bare)).toEqual(EVERYTHING);
  expect(queryOf(bare, true).conditions).toEqual([is("change", "new")]);
  expect(queryOf(readRoute(changed(bare, queryValues(EVERYTHING, true))), true)).toEqual(EVERYTHING);
  expect(readRoute("#/nowhere").view).toBe("overview");
  expect(readRoute("").view).toBe("overview");
});

test("the sample is a valid report", () => {
  const valid = validator("report.schema.json");
  expect(valid(sample(500)), JSON.stringify(valid.errors?.slice(0, 3))).toBe(true);
  expect(report.findings).toHaveLength(1500);
});

test("the types of the report are those of its schema", async () => {
  const own = readFileSync(new URL("report.gen.ts", import.meta.url), "utf8");
  expect(own, "run `npm run types`").toBe(await types());
});

test("the types of the API are those of its description", async () => {
  const own = readFileSync(new URL("service/api.gen.ts", import.meta.url), "utf8");
  expect(own, "run `npm run types`").toBe(await apiTypes());
});
