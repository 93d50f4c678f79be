// Makes a valid report of as many findings as wanted, with names as strangers may choose them.
//
//   node scripts/sample.mjs 5000 report.json
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { attest, compare } from "./sample-since.mjs";

const PILLARS = {
  "operational-excellence": ["Operational Excellence", "OPS", 11],
  security: ["Security", "SEC", 11],
  reliability: ["Reliability", "REL", 13],
  "performance-efficiency": ["Performance Efficiency", "PERF", 5],
  "cost-optimization": ["Cost Optimization", "COST", 11],
  sustainability: ["Sustainability", "SUS", 6],
};
const SEVERITIES = ["info", "low", "medium", "high", "critical"];
const EFFORTS = ["minutes", "hours", "days"];
const REGIONS = ["ap-southeast-2", "eu-central-1", "eu-west-1", "us-east-1"];
const ACCOUNTS = ["111122223333", "444455556666", "777788889999"];
const KINDS = [
  "ec2.instance",
  "ec2.volume",
  "s3.bucket",
  "rds.instance",
  "iam.role",
  "iam.user",
  "ec2.security_group",
];

/** Names that try to be something else where they are shown. */
export const HOSTILE = [
  "<script>document.title='owned'</script>",
  "</script><img src=x onerror=alert(1)>",
  "javascript:alert(1)",
  "=cmd|' /C calc'!A0",
  "\u001b[31mred\u001b[0m",
  "invoice\u202efdp.exe",
  "zero\u200bwidth",
];

/** The same numbers every time. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const hex = (text, length) => createHash("sha256").update(text).digest("hex").slice(0, length);

const weight = (severity) => 2 ** SEVERITIES.indexOf(severity);

function countsOf(findings) {
  const counts = { fail: 0, unknown: 0, exempt: 0, pass: 0, not_applicable: 0 };
  for (const { verdict } of findings) counts[verdict]++;
  return counts;
}

function framework(next) {
  const questions = [];
  const practices = [];
  for (const [pillar, [, prefix, number]] of Object.entries(PILLARS)) {
    for (let q = 1; q <= number; q++) {
      const question = `${prefix}${String(q).padStart(2, "0")}`;
      questions.push({ id: question, pillar, title: `Question ${q} of the pillar`, risk: null });
      for (let p = 1; p <= 5; p++) {
        practices.push({
          id: `${question}-BP0${p}`,
          pillar,
          question,
          title: `What practice ${p} asks for`,
          risk: ["low", "medium", "high"][next(3)],
          evidence: ["api", "partial", "human"][next(3)],
        });
      }
    }
  }
  return { questions, practices };
}

function makeChecks(practices, next) {
  return Array.from({ length: 120 }, (_, n) => {
    const kind = KINDS[n % KINDS.length];
    const practice = practices[next(practices.length)];
    return {
      id: `${kind.split(".")[0]}/${kind.split(".")[1].replace("_", "-")}-flaw-${String(n).padStart(3, "0")}`,
      title: `Flaw ${n} of ${kind.replace(".", " ").replace("_", " ")}`,
      pillar: practice.pillar,
      best_practices: [practice.id],
      severity: SEVERITIES[next(5)],
      resource: kind,
      parameters: { days: 90 },
      why: "Somebody can read what only few should, or pays for what nobody uses.",
      fix: "Change the setting, then look whether anything depended on it.",
      effort: EFFORTS[next(3)],
      maps: { prowler: [`prowler_check_${n}`], cis: [`1.${n}`] },
      see: [
        "https://docs.aws.amazon.com/wellarchitected/latest/framework/welcome.html",
        "javascript:alert(1)",
      ],
    };
  }).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function makeResources(total, next) {
  return Array.from({ length: total }, (_, n) => {
    const kind = KINDS[n % KINDS.length];
    const account = ACCOUNTS[next(ACCOUNTS.length)];
    const region = kind.startsWith("iam") ? "global" : REGIONS[next(REGIONS.length)];
    const id = `${kind.split(".")[1].replace("_", "-")}-${hex(`resource ${n}`, 17)}`;
    const hostile = HOSTILE[Math.floor(n / 3)];
    const name =
      n % 3 === 0 && hostile !== undefined ? hostile : n % 2 === 0 ? id : `service-${next(500)}-${n}`;
    const tags = { Owner: `team-${next(12)}`, Environment: ["production", "staging"][next(2)] };
    if (n % 3 === 0 && hostile !== undefined) tags[hostile] = hostile;
    const denied = { $gap: { action: "s3:GetBucketTagging", cause: "denied", detail: "AccessDenied" } };
    const arn = `arn:aws:${kind.split(".")[0]}:${region}:${account}:${kind.split(".")[1]}/${id}`;
    return { kind, id, arn, name, account, region, tags: n % 97 === 5 ? denied : tags };
  });
}

function makeFinding(check, resource, next) {
  const draw = next(100);
  const verdict =
    draw < 18 ? "fail" : draw < 22 ? "unknown" : draw < 23 ? "exempt" : draw < 75 ? "pass" : "not_applicable";
  const flawed = verdict === "fail" || verdict === "exempt";
  const key = `${check.id} ${resource.id}`;
  const gap = {
    action: `ec2:Describe${check.id.slice(-3)}`,
    cause: ["denied", "throttled", "unsupported"][next(3)],
    detail: "AccessDenied",
  };
  return {
    id: hex(key, 24),
    check: check.id,
    title: check.title,
    pillar: check.pillar,
    best_practices: check.best_practices,
    severity: check.severity,
    verdict,
    resource,
    say: `${next(1000)} GiB, last used ${next(400)} days ago, owned by ${resource.name}`,
    evidence: {
      create_time: new Date(1.6e12 + next(2e9) * 50).toISOString(),
      size_gib: next(1000),
      policy: {
        Statement: [
          {
            Effect: "Allow",
            Principal: hex(`${key} p`, 20),
            Action: ["s3:GetObject"],
            Resource: resource.arn,
          },
        ],
      },
    },
    gaps: verdict === "unknown" ? [gap] : [],
    ...(flawed && {
      fix: {
        text: check.fix,
        cli: `aws ec2 modify-instance-attribute --region ${resource.region} --instance-id ${resource.id} --no-flaw`,
        ...(check.severity === "high" && { terraform: 'resource "aws_thing" "this" {\n  flaw = false\n}\n' }),
        effort: check.effort,
      },
    }),
    ...(verdict === "fail" &&
      check.pillar === "cost-optimization" && { saves_usd_month: next(10_000) / 100 }),
    ...(verdict === "exempt" && {
      exemption: { reason: "Accepted for the migration", owner: "platform", expires: "2027-03-31" },
    }),
  };
}

function practiceReport(practice, checks, findings) {
  const own = checks.filter(({ best_practices }) => best_practices.includes(practice.id));
  const counts = countsOf(findings.get(practice.id) ?? []);
  const status =
    counts.fail > 0
      ? "at_risk"
      : practice.evidence === "human"
        ? "no_evidence"
        : counts.unknown > 0
          ? "unknown"
          : counts.exempt > 0
            ? "exempt"
            : counts.pass > 0
              ? "met"
              : "no_evidence";
  return { ...practice, status, checks: own.map(({ id }) => id), counts };
}

function practiceCounts(practices) {
  const counts = { met: 0, at_risk: 0, unknown: 0, exempt: 0, no_evidence: 0 };
  for (const { status } of practices) counts[status]++;
  return counts;
}

function worst(practices) {
  const risks = practices.filter(({ status }) => status === "at_risk").map(({ risk }) => risk);
  return ["high", "medium", "low"].find((risk) => risks.includes(risk)) ?? null;
}

function pillarReport(pillar, questions, practices, findings) {
  const own = findings.filter((finding) => finding.pillar === pillar);
  const counts = countsOf(own);
  const fails = Object.fromEntries(
    SEVERITIES.map((s) => [s, own.filter((f) => f.verdict === "fail" && f.severity === s).length]),
  );
  const sum = (verdict) =>
    own.filter((f) => f.verdict === verdict).reduce((sum, f) => sum + weight(f.severity), 0);
  const [passed, failed] = [sum("pass"), sum("fail")];
  const issues = (risk) => questions.filter((q) => q.pillar === pillar && q.risk === risk).length;
  const mine = practices.filter((practice) => practice.pillar === pillar);
  const atRisk = mine.filter(({ status }) => status === "at_risk");
  return {
    pillar,
    title: PILLARS[pillar][0],
    score: passed + failed === 0 ? null : Math.floor((passed * 100) / (passed + failed)),
    coverage: own.length === 0 ? null : Math.floor((1e4 * (own.length - counts.unknown)) / own.length) / 1e4,
    counts,
    fails,
    high_risk_issues: issues("high"),
    medium_risk_issues: issues("medium"),
    practices: practiceCounts(mine),
    practices_at_risk: Object.fromEntries(
      ["high", "medium", "low"].map((r) => [r, atRisk.filter(({ risk }) => risk === r).length]),
    ),
    saves_usd_month: cents(own),
  };
}

function cents(findings) {
  const sum = findings.reduce((sum, f) => sum + (f.verdict === "fail" ? (f.saves_usd_month ?? 0) : 0), 0);
  return Math.round(sum * 100) / 100;
}

function gapReports(findings) {
  const all = new Map();
  for (const { gaps, resource, check } of findings) {
    for (const gap of gaps) {
      const key = JSON.stringify([gap, resource.account, resource.region]);
      const known = all.get(key) ?? { gap, resource, evaluations: 0, ids: new Set(), checks: new Set() };
      known.evaluations++;
      known.ids.add(resource.id);
      known.checks.add(check);
      all.set(key, known);
    }
  }
  return [...all.values()].map(({ gap, resource, evaluations, ids, checks }) => ({
    ...gap,
    account: resource.account,
    region: resource.region,
    evaluations,
    resources: ids.size,
    checks: [...checks].sort(),
    statement: gap.cause === "denied" ? { Effect: "Allow", Action: [gap.action], Resource: "*" } : null,
    advice: "Allow the action to the identity that scans.",
  }));
}

/** A report; `extra` adds what is not in every report: a comparison and attestations. */
export function sample(size, { extra = true } = {}) {
  const next = random(size);
  const { questions, practices } = framework(next);
  const checks = makeChecks(practices, next);
  const perKind = Math.ceil(size / checks.length);
  const resources = makeResources(perKind * KINDS.length, next);
  const findings = [];
  for (const check of checks) {
    for (const resource of resources.filter(({ kind }) => kind === check.resource)) {
      if (findings.length < size) findings.push(makeFinding(check, resource, next));
    }
  }
  const byPractice = groupBy(findings, (f) => f.best_practices[0]);
  const byCheck = groupBy(findings, (f) => f.check);
  const judged = practices.map((practice) => practiceReport(practice, checks, byPractice));
  for (const question of questions) {
    const own = judged.filter((practice) => practice.question === question.id);
    question.practices = practiceCounts(own);
    question.risk = worst(own);
  }
  const report = {
    schema: "sixpillars/report/1",
    scan: {
      ...{ id: "20261124T060000Z-5eedf00d", tool: { name: "sixpillars", version: "0.1.0" } },
      ...{ started: "2026-11-24T06:00:00Z", finished: "2026-11-24T06:03:20Z" },
      accounts: ACCOUNTS.map((id, n) => ({
        ...{ id, alias: n === 0 ? "shop-production" : null, partition: "aws" },
        ...{ caller: `arn:aws:iam::${id}:role/Audit`, regions: REGIONS },
      })),
      policies: ["default"],
      selection: { services: [], checks: [], pillars: [], severity: null, tags: {} },
      complete: true,
    },
    pillars: Object.keys(PILLARS).map((pillar) => pillarReport(pillar, questions, judged, findings)),
    questions,
    practices: judged,
    checks: checks.map((check) => ({ ...check, counts: countsOf(byCheck.get(check.id) ?? []) })),
    findings,
    gaps: gapReports(findings),
    reads: ACCOUNTS.flatMap((account) =>
      REGIONS.flatMap((region) =>
        KINDS.map((kind, n) => ({
          ...{ account, region, kind, resources: next(40) },
          gap:
            n === 2 && region === "us-east-1"
              ? { action: "s3:ListAllMyBuckets", cause: "denied", detail: "AccessDenied" }
              : null,
        })),
      ),
    ),
    calls: ACCOUNTS.flatMap((account) =>
      REGIONS.flatMap((region) =>
        ["ec2 DescribeInstances", "cloudwatch GetMetricData"].map((call) => ({
          ...{ account, service: call.split(" ")[0], region, operation: call.split(" ")[1] },
          ...{ calls: next(90), attempts: next(99) },
          ...{ throttled: next(3), denied: next(2), failed: 0, ms: next(9000) },
        })),
      ),
    ),
    cost: { estimated_usd: 0.12, spent_usd: 0.08, limit_usd: 1 },
    savings: {
      usd_month: cents(findings),
      findings: findings.filter((f) => f.saves_usd_month !== undefined).length,
    },
    problems: [
      { kind: "exemption_unused", message: "No finding matches the exemption.", where: "policy.yaml:12" },
    ],
    gates: [{ pillar: null, severity: "critical", new_only: false, max: 0, count: 3, broken: true }],
  };
  if (extra) {
    compare(report, next);
    attest(report, next);
  }
  return report;
}

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

if (process.argv[1] === import.meta.filename) {
  const [size, to] = process.argv.slice(2);
  if (!size || !to) {
    console.error("usage: node scripts/sample.mjs FINDINGS report.json");
    process.exit(2);
  }
  writeFileSync(to, JSON.stringify(sample(Number(size))));
}
