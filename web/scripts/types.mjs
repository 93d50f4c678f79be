// Writes the types of what the program writes and of what the service answers with, from their schemas:
// src/report.gen.ts and src/service/api.gen.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const read = (name) => JSON.parse(readFileSync(new URL(`../../schemas/${name}`, import.meta.url), "utf8"));

/** The types of report.json as the schema has them now. */
export async function types() {
  return compile(read("report.schema.json"), "Report", {
    additionalProperties: false,
    bannerComment: "// Generated from schemas/report.schema.json by `npm run types`.",
  });
}

/** The types of the API's bodies as its description has them now. */
export async function apiTypes() {
  const { schemas } = read("openapi.json").components;
  const definitions = JSON.parse(
    JSON.stringify(schemas).replaceAll("#/components/schemas/", "#/definitions/"),
  );
  const schema = { title: "Api", type: "object", properties: {}, definitions };
  return compile(schema, "Api", {
    additionalProperties: false,
    unreachableDefinitions: true,
    bannerComment: "// Generated from schemas/openapi.json by `npm run types`.",
  });
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(new URL("../src/report.gen.ts", import.meta.url), await types());
  writeFileSync(new URL("../src/service/api.gen.ts", import.meta.url), await apiTypes());
}
