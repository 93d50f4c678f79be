// The reference encoder: puts a report.json into the built page. See src/embed.ts for the form.
//
//   node scripts/embed.mjs report.json report.html
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const PLACEHOLDER = "<!-- @@SIXPILLARS_REPORT@@ -->";
const SEVERITIES = ["info", "low", "medium", "high", "critical"];
const VERDICTS = ["fail", "unknown", "exempt", "pass", "not_applicable"];
const CHANGES = ["new", "fixed", "still_failing", "became_unknown", "gone", "changed"];
const BLOCK = 2048;

/** Values by their position in the order in which they first came. */
function dictionary(keyOf = (value) => value) {
  const positions = new Map();
  const values = [];
  return {
    values,
    /** The position of a value, and whether it is new. */
    add(value) {
      const key = keyOf(value);
      const known = positions.get(key);
      if (known !== undefined) return known;
      positions.set(key, values.length);
      return values.push(value) - 1;
    },
  };
}

/**
 * The three parts of a report: head, table and blocks of details, as text.
 *
 * @returns {{ head: string, table: string, details: string[] }}
 */
export function parts(report) {
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
  const details = [];
  for (let from = 0; from < findings.length; from += BLOCK) {
    const block = findings.slice(from, from + BLOCK);
    details.push(block.map((finding) => JSON.stringify(detailsOf(finding))).join("\n"));
  }
  return { head: JSON.stringify(head), table: JSON.stringify(table(report)), details };
}

function table({ checks, findings, comparison }) {
  const checkAt = new Map(checks.map((check, at) => [check.id, at]));
  const [kinds, accounts, regions] = [dictionary(), dictionary(), dictionary()];
  const tagSets = dictionary((tags) => JSON.stringify(tags));
  const known = dictionary((r) => [r.account, r.region, r.kind, r.id].join("\0"));
  const column = { id: [], check: [], resource: [], severity: [], verdict: [], say: [] };
  const [saves, change, firstFailed] = [[], [], []];
  findings.forEach((finding, at) => {
    column.id.push(finding.id);
    column.check.push(checkAt.get(finding.check));
    column.resource.push(known.add(finding.resource));
    column.severity.push(SEVERITIES.indexOf(finding.severity));
    column.verdict.push(VERDICTS.indexOf(finding.verdict));
    column.say.push(finding.say);
    if (finding.saves_usd_month != null) saves.push([at, finding.saves_usd_month]);
    const changed = comparison?.findings?.[finding.id];
    if (changed) change.push([at, CHANGES.indexOf(changed)]);
    const since = comparison?.first_failed?.[finding.id];
    if (since) firstFailed.push([at, since]);
  });
  const all = known.values;
  const resources = {
    kind: all.map((r) => kinds.add(r.kind)),
    account: all.map((r) => accounts.add(r.account)),
    region: all.map((r) => regions.add(r.region)),
    tags: all.map((r) => tagSets.add(r.tags ?? null)),
    id: all.map((r) => r.id),
    name: all.map((r) => (r.name === r.id ? null : r.name)),
    arn: all.map((r) => r.arn ?? null),
  };
  return {
    resources: {
      kinds: kinds.values,
      accounts: accounts.values,
      regions: regions.values,
      tag_sets: tagSets.values,
      ...resources,
    },
    findings: { ...column, saves, change, first_failed: firstFailed },
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
 * @returns {string}
 */
export function embed(template, report) {
  const { head, table, details } = parts(report);
  const named = [["head", head], ["table", table], ...details.map((text, n) => [`details-${n}`, text])];
  const elements = named.map(([name, text]) => {
    const packed = gzipSync(text, { level: 6 }).toString("base64");
    return `<script type="application/octet-stream;base64" id="report-${name}">${packed}</script>`;
  });
  return template.replace(PLACEHOLDER, () => elements.join("\n"));
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
