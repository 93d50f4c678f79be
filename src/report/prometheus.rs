//! The counts of a report as metrics.

use super::Report;
use super::sanitize::clean;
use crate::model::{Pillar, Severity, Verdict};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, Write};

/// Writes the text exposition format, as the textfile collector of the node exporter reads it. All
/// metrics are gauges of this one scan. No resource is a label, so series do not grow with the
/// account.
///
/// # Errors
/// When `out` cannot be written, or the findings cannot be read from where they are kept.
pub fn write_prometheus(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    findings(report, out)?;
    pillars(report, out)?;
    calls(report, out)?;
    scan(report, out)
}

/// A metric: its name without the prefix, what it means, and its values by labels.
fn gauge<V: Display>(
    out: &mut dyn Write,
    name: &str,
    help: &str,
    values: impl IntoIterator<Item = (String, V)>,
) -> io::Result<()> {
    writeln!(out, "# HELP sixpillars_{name} {help}")?;
    writeln!(out, "# TYPE sixpillars_{name} gauge")?;
    for (labels, value) in values {
        writeln!(out, "sixpillars_{name}{labels} {value}")?;
    }
    Ok(())
}

/// A metric without labels.
fn single(out: &mut dyn Write, name: &str, help: &str, value: impl Display) -> io::Result<()> {
    gauge(out, name, help, [(String::new(), value)])
}

fn labels(labels: &[(&str, &str)]) -> String {
    let labels: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
        .collect();
    format!("{{{}}}", labels.join(","))
}

fn escaped(value: &str) -> String {
    // Line ends are blanks once cleaned.
    clean(value).replace('\\', "\\\\").replace('"', "\\\"")
}

/// Every combination of a scanned account is there, so that a count falls to 0 and does not vanish.
fn findings(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<(String, Pillar, Severity, Verdict), u64> = BTreeMap::new();
    for account in &report.scan.accounts {
        for pillar in Pillar::ALL {
            for severity in Severity::ALL {
                for verdict in Verdict::ALL {
                    counts.insert((account.id.clone(), pillar, severity, verdict), 0);
                }
            }
        }
    }
    for finding in report.findings.iter() {
        let finding = finding?;
        let account = finding.resource.account;
        let key = (account, finding.pillar, finding.severity, finding.verdict);
        *counts.entry(key).or_default() += 1;
    }
    let values = counts
        .into_iter()
        .map(|((account, pillar, severity, verdict), count)| {
            let labels = labels(&[
                ("account", &account),
                ("pillar", pillar.id()),
                ("severity", severity.id()),
                ("verdict", verdict.id()),
            ]);
            (labels, count)
        });
    gauge(out, "findings", "Evaluations of checks.", values)
}

/// A pillar of which nothing was decided has no score and no coverage, rather than one that is 0.
fn pillars(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let pillars = &report.pillars;
    let of = |pillar: Pillar| labels(&[("pillar", pillar.id())]);
    let scores = pillars
        .iter()
        .filter_map(|p| Some((of(p.pillar), p.score?)));
    gauge(out, "score", "Score of the pillar, 0 to 100.", scores)?;
    let coverage = pillars
        .iter()
        .filter_map(|p| Some((of(p.pillar), p.coverage?)));
    let help = "Share of evaluations that could be decided, 0 to 1.";
    gauge(out, "coverage_ratio", help, coverage)?;
    let high = pillars.iter().map(|p| (of(p.pillar), p.high_risk_issues));
    let help = "Questions with a best practice at high risk.";
    gauge(out, "high_risk_issues", help, high)?;
    let medium = pillars.iter().map(|p| (of(p.pillar), p.medium_risk_issues));
    let help = "Questions with a best practice at medium risk, and none at high risk.";
    gauge(out, "medium_risk_issues", help, medium)
}

fn calls(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut services: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
    for row in &report.calls {
        let sums = services.entry(&row.service).or_default();
        sums[0] += row.calls;
        sums[1] += row.throttled;
        sums[2] += row.denied;
    }
    let metrics = [
        ("api_calls", "Calls of the scan, retries not counted."),
        (
            "api_throttled",
            "Attempts answered with a request to slow down.",
        ),
        ("api_denied", "Attempts that AWS refused."),
    ];
    for (index, (name, help)) in metrics.into_iter().enumerate() {
        let values = services
            .iter()
            .map(|(service, sums)| (labels(&[("service", service)]), sums[index]));
        gauge(out, name, help, values)?;
    }
    Ok(())
}

fn scan(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let scan = &report.scan;
    let seconds = scan.finished.duration_since(scan.started).as_secs_f64();
    single(
        out,
        "scan_duration_seconds",
        "How long the scan took.",
        seconds,
    )?;
    let finished = scan.finished.as_second();
    let help = "When the scan finished, in seconds since 1970.";
    single(out, "scan_finished_timestamp_seconds", help, finished)?;
    let complete = u8::from(scan.complete);
    let help = "1 if every account, region and list was read, else 0.";
    single(out, "scan_complete", help, complete)?;
    let help = "What the remedies would save in US dollars a month, where it is known.";
    single(out, "savings_usd_month", help, report.savings.usd_month)?;
    let help = "What could not be read, by action, account and region.";
    single(out, "gaps", help, report.gaps.len())
}
