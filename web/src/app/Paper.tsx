import type { Head } from "../embed";
import { plan } from "../plan";
import { count, counted, duration, EFFORT, percent, PILLARS, SEVERITY, usd, when } from "../words";
import { useData } from "./data";
import { usePrinting } from "./printing";

/** As many as leave the summary on one page, A4 or Letter, however long their texts are. */
const STEPS = 8;
const ACCOUNTS = 4;

/** The executive summary: the first page on paper, and nothing on screen. */
export function Paper() {
  return usePrinting() && <Summary />;
}

function Summary() {
  const { head, table } = useData();
  const { scan } = head;
  const steps = table === null ? [] : plan(table, "value").slice(0, STEPS);
  const unknown = head.pillars.reduce((sum, pillar) => sum + pillar.counts.unknown, 0);
  const regions = new Set(scan.accounts.flatMap((account) => account.regions));
  return (
    <section className="paper">
      <h1>AWS Well-Architected review</h1>
      <p>
        {accounts(scan)}: {counted(regions.size, "region")}, scanned {when(scan.started)} in{" "}
        {duration(scan.started, scan.finished)}, policy {scan.policies.join(", ")}.{" "}
        {scan.complete ? "" : "The scan is incomplete. "}
        {head.savings.findings > 0 && <>Known savings: {usd(head.savings.usd_month)} a month.</>}
      </p>
      <table>
        <thead>
          <tr>
            <th>Pillar</th>
            <th className="number">Score</th>
            <th className="number">Coverage</th>
            <th className="number">High-risk issues</th>
            <th className="number">Medium-risk issues</th>
            <th className="number">Critical and high findings</th>
          </tr>
        </thead>
        <tbody>
          {head.pillars.map((pillar) => (
            <tr key={pillar.pillar}>
              <td>{pillar.title}</td>
              <td className="number">{pillar.score ?? "–"}</td>
              <td className="number">{percent(pillar.coverage)}</td>
              <td className="number">{count(pillar.high_risk_issues)}</td>
              <td className="number">{count(pillar.medium_risk_issues)}</td>
              <td className="number">{count(pillar.fails.critical + pillar.fails.high)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h2>Fix these first</h2>
      <table>
        <tbody>
          {steps.map((step) => (
            <tr key={step.check.id}>
              <td className="number">{step.place}</td>
              <td>
                <div className="paper-step">
                  {step.check.title}: {step.check.fix}
                </div>
              </td>
              <td>{SEVERITY[step.severity]}</td>
              <td>{EFFORT[step.check.effort]}</td>
              <td>{counted(step.findings.length, "finding")}</td>
              <td>
                {PILLARS[step.check.pillar]} {step.pillarBefore} → {step.pillarAfter}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <h2>Not seen</h2>
      <p>
        {unknown === 0
          ? "Everything that the checks ask for was read."
          : `${counted(unknown, "evaluation")} could not be decided, because of ${counted(head.gaps.length, "gap")} in what could be read.`}
      </p>
    </section>
  );
}

function accounts({ accounts }: Head["scan"]): string {
  const shown = accounts.slice(0, ACCOUNTS).map(({ id, alias }) => (alias == null ? id : `${alias} (${id})`));
  const more = accounts.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${count(more)} more accounts` : "");
}
