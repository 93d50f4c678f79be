// Writes src/report.gen.ts, the types of report.json, from its JSON schema.
import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const schema = new URL("../../schemas/report.schema.json", import.meta.url);
const target = new URL("../src/report.gen.ts", import.meta.url);

/** The types of report.json as the schema has them now. */
export async function types() {
  return compile(JSON.parse(readFileSync(schema, "utf8")), "Report", {
    additionalProperties: false,
    bannerComment: "// Generated from schemas/report.schema.json by `npm run types`.",
  });
}

if (process.argv[1] === import.meta.filename) writeFileSync(target, await types());
