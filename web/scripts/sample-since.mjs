// What an earlier scan, and people, add to a made-up report.
import { createHash } from "node:crypto";

const hex = (text, length) => createHash("sha256").update(text).digest("hex").slice(0, length);

/** A comparison with an earlier scan, as `report.json` holds it. What the earlier one alone holds is `earlier`. */
export function compare(report, next) {
  const counts = { new: 0, fixed: 0, still_failing: 0, became_unknown: 0, gone: 0, changed: 0 };
  const comparison = {
    baseline: { id: "20261001T060000Z-0badcafe", started: "2026-10-01T06:00:00Z" },
    pillars: report.pillars.map(({ pillar }, n) => ({
      ...{ pillar, score: n - 2, coverage: 0.01 },
      ...{ high_risk_issues: 1 - n, medium_risk_issues: n % 2 },
    })),
    counts,
    findings: {},
    first_failed: {},
  };
  report.comparison = comparison;
  const became = (id, change) => {
    comparison.findings[id] = change;
    counts[change]++;
  };
  for (const { id, verdict } of report.findings) {
    if (verdict === "pass" && counts.fixed < 12) became(id, "fixed");
    if (verdict === "exempt" && counts.changed < 3) became(id, "changed");
    if (verdict !== "fail") continue;
    became(id, next(5) === 0 ? "new" : "still_failing");
    comparison.first_failed[id] = new Date(Date.parse("2026-11-23") - next(150) * 864e5)
      .toISOString()
      .slice(0, 10);
  }
  for (const { id, change } of earlier(report).differences) {
    if (comparison.findings[id] === undefined) became(id, change);
  }
}

/**
 * What `diff` writes beside the later report: the rows of `diff.json` that this page has no finding for, or
 * that say why; and the checks of the earlier report that the later scan did not run.
 */
export function earlier(report) {
  const failed = report.findings.filter(({ verdict }) => verdict === "fail");
  const rowOf = (finding, change, rest) => ({
    ...{ id: finding.id, change, why: null, was: "fail", is: null },
    ...{ check: finding.check, title: finding.title, pillar: finding.pillar, severity: finding.severity },
    ...{ resource: finding.resource, say: finding.say, gaps: [], first_failed: null },
    ...rest,
  });
  const gone = failed.slice(0, 5).map((finding, n) => {
    const id = `gone-${hex(finding.id, 17)}`;
    const name = n === 0 ? "<script>document.title='gone'</script>" : id;
    const resource = { ...finding.resource, id, name, arn: null };
    return rowOf(finding, "gone", { id: hex(id, 24), resource });
  });
  const unread = failed.slice(5, 7).map((finding) => {
    const gap = { action: "ec2:DescribeInstances", cause: "denied", detail: "AccessDenied" };
    const resource = { ...finding.resource, id: `unread-${hex(finding.id, 17)}` };
    const rest = { id: hex(resource.id, 24), resource, why: "list_not_read", gaps: [gap] };
    return rowOf(finding, "became_unknown", rest);
  });
  const [first] = report.checks;
  const check = { ...first, id: "ec2/old-flaw", title: "Flaw that is not looked for any more" };
  const notRun = failed.slice(7, 8).map((finding) => {
    const of = { check: check.id, title: check.title, pillar: check.pillar, severity: check.severity };
    return rowOf(finding, "changed", { ...of, id: hex(check.id, 24), why: "check_not_run" });
  });
  const exempted = report.findings
    .filter(({ verdict }) => verdict === "exempt")
    .slice(0, 3)
    .map((finding) => rowOf(finding, "changed", { is: "exempt", why: "exempted" }));
  return { differences: [...gone, ...unread, ...notRun, ...exempted], checks: [check] };
}

/** What people say of some practices, of every kind. */
export function attest(report, next) {
  const states = ["valid", "expired", "contradicted"];
  report.practices.forEach((practice, n) => {
    if (n % 9 !== 0) return;
    const state = practice.status === "at_risk" ? "contradicted" : states[next(2)];
    practice.attestation = {
      ...{ status: ["met", "not_applicable"][next(2)], owner: "platform team", date: "2026-10-01" },
      ...{
        expires: "2027-10-01",
        link: n % 2 ? "https://wiki.example.com/proof" : "javascript:alert(1)",
        note: null,
        state,
      },
    };
  });
}
