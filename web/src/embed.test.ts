import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { embed, parts } from "../scripts/embed.mjs";
import { gunzip } from "./embed";
import { sampleOf } from "./testing";
import { visibleDeep } from "./visible";

test("what is embedded is what the report says", () => {
  const { report, head, table, details } = sampleOf(2500);
  expect(head.embed.findings).toBe(2500);
  expect(table.size).toBe(2500);
  report.findings.forEach((finding, at) => {
    const row = table.row(at);
    const { resource } = visibleDeep(finding);
    expect(row).toMatchObject({
      id: finding.id,
      verdict: finding.verdict,
      severity: finding.severity,
      saves: finding.saves_usd_month ?? null,
      change: report.comparison?.findings[finding.id] ?? null,
    });
    expect(row.check).toMatchObject({ id: finding.check, title: finding.title, pillar: finding.pillar });
    expect(row.check.best_practices).toEqual(finding.best_practices);
    expect(row.resource).toMatchObject({
      id: resource.id,
      name: resource.name,
      arn: resource.arn,
      tags: resource.tags,
    });
    expect(details[at]?.evidence).toEqual(finding.evidence);
    expect(details[at]?.gaps ?? []).toEqual(finding.gaps);
    expect(details[at]?.cli).toEqual(finding.fix?.cli ?? undefined);
    expect(details[at]?.exemption).toEqual(finding.exemption ?? undefined);
    expect(table.find(finding.id)).toBe(at);
  });
});

test("the head holds no findings, whichever way they come", () => {
  const { head } = sampleOf(100);
  expect(head).not.toHaveProperty("findings");
  expect(head.comparison).not.toHaveProperty("findings");
  expect(head.comparison).not.toHaveProperty("first_failed");
});

test("nothing of a report becomes markup of the page", () => {
  const { report } = sampleOf(300);
  const template =
    "<html><!-- @@SIXPILLARS_HEAD@@ --><script>1</script><!-- @@SIXPILLARS_FINDINGS@@ --></html>";
  const page = embed(template, report);
  const inside = page.replace(
    /<script type="application\/octet-stream;base64" id="report-[a-z0-9-]+">[\w+/=]*<\/script>\n/g,
    "",
  );
  expect(inside).toBe("<html><script>1</script></html>");
});

test("gzip is unpacked", async () => {
  expect(await gunzip(new Uint8Array(gzipSync("Größe 東京")))).toBe("Größe 東京");
});

test("the tests' encoder does what the program does", () => {
  const golden = (file: string) => {
    const text = readFileSync(new URL(`../../src/report/${file}.snap`, import.meta.url), "utf8");
    return JSON.parse(text.slice(text.indexOf("\n---\n") + 5)) as unknown;
  };
  const { head, tables, details } = parts(golden("snapshots/sixpillars__report__tests__json"));
  const lines = (block: string) => block.split("\n").map((line) => JSON.parse(line) as unknown);
  const made = {
    head: JSON.parse(head) as unknown,
    ...Object.fromEntries(tables.map((table, n) => [`table-${n}`, JSON.parse(table) as unknown])),
    ...Object.fromEntries(details.map((block, n) => [`details-${n}`, lines(block)])),
  };
  expect(made).toEqual(golden("html/snapshots/sixpillars__report__html__tests__html"));
});
