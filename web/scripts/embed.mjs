// Puts a report.json into the built page as the program does (src/report/html), for tests of the page that
// need no program. See src/embed.ts for the form.
//
//   node scripts/embed.mjs report.json report.html
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const HEAD = "<!-- @@SIXPILLARS_HEAD@@ -->";
const FINDINGS = "<!-- @@SIXPILLARS_FINDINGS@@ -->";
const SEVERITIES = ["info", "low", "medium", "high", "critical"];
const VERDICTS = ["fail", "unknown", "exempt", "pass", "not_applicable"];
const BLOCK = 2048;

/**
 * The parts of a report as text: its head, the tables and details of its blocks, and what `diff` adds.
 *
 * @param {{ differences: object[], checks: object[] } | null} earlier
 * @returns {{ head: string, tables: string[], details: string[], differences: string[] }}
 */
export function parts(report, earlier = null) {
  const { findings, comparison, ...rest } = report;
  const head = {
    ...rest,
    embed: { schema: "sixpillars/embed/1", findings: findings.length, block: BLOCK },
  };
  if (comparison) {
    head.comparison = { ...comparison };
    delete head.comparison.findings;
    delete head.comparison.first_failed;
  }
  const rows = (earlier?.differences ?? []).map((row) => JSON.stringify(row));
  const differences = [];
  for (let from = 0; from < rows.length; from += BLOCK)
    differences.push(rows.slice(from, from + BLOCK).join("\n"));
  if (earlier !== null) {
    head.embed.differences = rows.length;
    head.comparison.checks = earlier.checks;
  }
  const [tables, details] = [[], []];
  const tableOf = tabulator(report);
  for (let from = 0; from < findings.length; from += BLOCK) {
    const block = findings.slice(from, from + BLOCK);
    tables.push(JSON.stringify(tableOf(block, from)));
    details.push(block.map((finding) => JSON.stringify(detailsOf(finding))).join("\n"));
  }
  return { head: JSON.stringify(head), tables, details, differences };
}

/** Values by their position in the order in which they first came. */
function dictionary(keyOf = (value) => value) {
  const positions = new Map();
  return {
    /** The position of a value; adds it to `values` where it is new. */
    add(value, values) {
      const key = keyOf(value);
      if (!positions.has(key)) {
        positions.set(key, positions.size);
        values.push(value);
      }
      return positions.get(key);
    },
  };
}

/** A function that makes the table of one block after the other. */
function tabulator({ checks, comparison }) {
  const checkAt = new Map(checks.map((check, at) => [check.id, at]));
  const [kinds, accounts, regions] = [dictionary(), dictionary(), dictionary()];
  const tagSets = dictionary((tags) => JSON.stringify(tags));
  const known = dictionary((r) => [r.account, r.region, r.kind, r.id].join("\0"));
  return (block, from) => {
    const rows = { id: [], check: [], resource: [], severity: [], verdict: [], say: [] };
    const findings = { ...rows, saves: [], change: [], first_failed: [] };
    const all = [];
    block.forEach((finding, n) => {
      const at = from + n;
      findings.id.push(finding.id);
      findings.check.push(checkAt.get(finding.check));
      findings.resource.push(known.add(finding.resource, all));
      findings.severity.push(SEVERITIES.indexOf(finding.severity));
      findings.verdict.push(VERDICTS.indexOf(finding.verdict));
      findings.say.push(finding.say);
      if (finding.saves_usd_month != null) findings.saves.push([at, finding.saves_usd_month]);
      const changed = comparison?.findings?.[finding.id];
      if (changed) findings.change.push([at, changed]);
      const since = comparison?.first_failed?.[finding.id];
      if (since) findings.first_failed.push([at, since]);
    });
    const names = { kinds: [], accounts: [], regions: [], tag_sets: [] };
    const resources = {
      ...names,
      kind: all.map((r) => kinds.add(r.kind, names.kinds)),
      account: all.map((r) => accounts.add(r.account, names.accounts)),
      region: all.map((r) => regions.add(r.region, names.regions)),
      tags: all.map((r) => tagSets.add(r.tags ?? null, names.tag_sets)),
      id: all.map((r) => r.id),
      name: all.map((r) => (r.name === r.id ? null : r.name)),
      arn: all.map((r) => r.arn ?? null),
    };
    return { resources, findings };
  };
}

function detailsOf({ evidence, gaps, fix, exemption }) {
  return {
    evidence: Object.keys(evidence).length > 0 ? evidence : undefined,
    gaps: gaps.length > 0 ? gaps : undefined,
    cli: fix?.cli ?? undefined,
    terraform: fix?.terraform ?? undefined,
    exemption: exemption ?? undefined,
  };
}

/**
 * The page with the report in it.
 *
 * @param {string} template
 * @param {{ differences: object[], checks: object[] } | null} earlier
 * @returns {string}
 */
export function embed(template, report, earlier = null) {
  const { head, tables, details, differences } = parts(report, earlier);
  const blocks = tables.map((table, n) => element(`table-${n}`, table) + element(`details-${n}`, details[n]));
  blocks.push(...differences.map((lines, n) => element(`differences-${n}`, lines)));
  return template.replace(HEAD, () => element("head", head)).replace(FINDINGS, () => blocks.join(""));
}

function element(name, text) {
  const packed = gzipSync(text, { level: 6 }).toString("base64");
  return `<script type="application/octet-stream;base64" id="report-${name}">${packed}</script>\n`;
}

if (process.argv[1] === import.meta.filename) {
  const [from, to] = process.argv.slice(2);
  if (!from || !to) {
    console.error("usage: node scripts/embed.mjs report.json report.html");
    process.exit(2);
  }
  const template = readFileSync(new URL("../dist/index.html", import.meta.url), "utf8");
  writeFileSync(to, embed(template, JSON.parse(readFileSync(from, "utf8"))));
}
