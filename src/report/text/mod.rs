//! The report for a terminal.

pub(super) mod paint;
mod table;

pub(super) use table::{compact, percent};

use super::diff::counted;
use super::sanitize::{clean, clean_lines, clean_short};
use super::summary::{NEW_ONLY, attested, by_urgency, not_met};
use super::tally::{Example, Failed};
use super::{FORMULA, GapReport, Report, gaps};
use crate::model::Cause;
use paint::{Paint, count, wrap};
use std::collections::BTreeSet;

/// How the report is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextOptions {
    /// Characters on a line.
    pub width: usize,
    /// Whether to use ANSI colours.
    pub color: bool,
}

impl Default for TextOptions {
    /// What fits anywhere.
    fn default() -> Self {
        Self {
            width: 100,
            color: false,
        }
    }
}

/// Failed checks that are shown.
const MAX_CHECKS: usize = 25;
/// Resources that are shown of a failed check.
const MAX_RESOURCES: usize = 3;
/// Gaps and notices that are shown.
const MAX_LINES: usize = 12;

/// The report for a terminal.
#[must_use]
pub fn text(report: &Report, options: TextOptions) -> String {
    let page = Page {
        report,
        width: options.width.clamp(60, 200),
        paint: Paint {
            color: options.color,
        },
    };
    let sections = [
        page.header(),
        page.since(),
        table::pillars(&report.pillars, page.width, page.paint),
        page.paint.dim(&wrap(FORMULA, page.width, 0)),
        page.failed(),
        page.unseen(),
        page.attested(),
        page.notices(),
        page.summary(),
    ];
    let sections: Vec<&str> = sections
        .iter()
        .map(|section| section.trim_end())
        .filter(|section| !section.is_empty())
        .collect();
    format!("{}\n", sections.join("\n\n"))
}

struct Page<'a> {
    report: &'a Report,
    width: usize,
    paint: Paint,
}

impl Page<'_> {
    fn header(&self) -> String {
        let scan = &self.report.scan;
        let policies: Vec<String> = scan.policies.iter().map(|p| clean_short(p, 60)).collect();
        let mut lines = vec![format!(
            "{}  {} · policy {}",
            self.paint
                .title(&format!("Six Pillars {}", clean(&scan.tool.version))),
            scan.started.strftime("%Y-%m-%d %H:%M UTC"),
            if policies.is_empty() {
                "none".to_owned()
            } else {
                policies.join(" + ")
            },
        )];
        for account in &scan.accounts {
            let alias = account.alias.as_deref().map(|a| clean_short(a, 40));
            let caller = account.caller.as_deref().map(clean);
            let line = format!(
                "Account {}{} in {}{}",
                clean(&account.id),
                alias.map_or(String::new(), |alias| format!(" ({alias})")),
                clean(&account.regions.join(", ")),
                caller.map_or(String::new(), |arn| format!(", read as {arn}")),
            );
            lines.push(wrap(&line, self.width, 0));
        }
        let calls: u64 = self.report.calls.iter().map(|row| row.calls).sum();
        let line = format!(
            "{}, {}, {} in {}, {}",
            count(self.report.checks.len() as u64, "check"),
            count(self.resources(), "resource"),
            count(calls, "call"),
            duration(self.report),
            if self.report.cost.spent_usd > 0.0 {
                format!("USD {:.4} of billed calls", self.report.cost.spent_usd)
            } else {
                "none of them billed".to_owned()
            },
        );
        lines.push(wrap(&line, self.width, 0));
        if !scan.complete {
            let line = "Incomplete: an account, a region or a list could not be read; see below.";
            lines.push(self.paint.bad(&wrap(line, self.width, 0)));
        }
        lines.join("\n")
    }

    /// The comparison with the baseline; only new failures are shown below.
    fn since(&self) -> String {
        let Some(comparison) = &self.report.comparison else {
            return String::new();
        };
        let line = format!(
            "Since scan {} of {}: {}",
            clean_short(&comparison.baseline.id, 60),
            comparison.baseline.started.strftime("%Y-%m-%d %H:%M UTC"),
            counted(comparison.counts),
        );
        format!(
            "{}\n{}",
            self.paint.title(&wrap(&line, self.width, 0)),
            self.paint.dim(&wrap(NEW_ONLY, self.width, 0)),
        )
    }

    /// How many resources were read.
    fn resources(&self) -> u64 {
        self.report.reads.iter().map(|row| row.resources).sum()
    }

    /// Failed findings by check, the most severe and most frequent first.
    fn failed(&self) -> String {
        let groups = by_urgency(self.report);
        let baseline = self.report.comparison.is_some();
        if groups.is_empty() {
            let nothing = if baseline { "Nothing new failed" } else { "" };
            return self.paint.title(nothing);
        }
        let all: u64 = groups.iter().map(|(_, failed)| failed.count).sum();
        let title = format!(
            "{} of {} {}",
            count(all, "evaluation"),
            count(groups.len() as u64, "check"),
            if baseline { "failed newly" } else { "failed" },
        );
        let mut lines = vec![self.paint.title(&title)];
        for (check, failed) in groups.iter().take(MAX_CHECKS) {
            lines.extend(self.group(check, failed));
        }
        if groups.len() > MAX_CHECKS {
            let more = count((groups.len() - MAX_CHECKS) as u64, "more failed check");
            lines.push(self.paint.dim(&format!("… {more} in report.json")));
        }
        lines.join("\n")
    }

    fn group(&self, check: &str, failed: &Failed) -> Option<String> {
        let first = failed.examples.first()?;
        let label = format!("{:<8}", first.severity.id());
        let check = clean_short(check, 60);
        let count = format!("({})", failed.count);
        let taken = label.len() + check.chars().count() + count.len() + 5;
        let mut lines = vec![format!(
            "{}  {}  {} {count}",
            self.paint.severity(first.severity, &label),
            clean_short(&first.title, self.width.saturating_sub(taken).max(10)),
            self.paint.dim(&check),
        )];
        let shown = failed.examples.iter().take(MAX_RESOURCES);
        lines.extend(shown.map(|example| self.example(example)));
        if failed.count > MAX_RESOURCES as u64 {
            let more = failed.count - MAX_RESOURCES as u64;
            lines.push(self.paint.dim(&format!("            … and {more} more")));
        }
        if let Some(fix) = &first.fix {
            lines.push(
                self.paint
                    .dim(&wrap(&format!("→ {}", clean(fix)), self.width, 10)),
            );
        }
        Some(lines.join("\n"))
    }

    fn example(&self, example: &Example) -> String {
        let name = match clean_short(&example.name, 60) {
            name if name.is_empty() || example.name == example.id => clean_short(&example.id, 80),
            name => format!("{} ({name})", clean_short(&example.id, 80)),
        };
        let place = if self.report.scan.accounts.len() < 2 {
            clean(&example.region)
        } else {
            format!("{} {}", clean(&example.account), clean(&example.region))
        };
        let line = format!("{name}, {place}: {}", clean(&example.say));
        format!("            {}", clean_short(&line, self.width - 12))
    }

    /// What was not read, and the statement that would allow it.
    fn unseen(&self) -> String {
        let unknown: u64 = self.report.pillars.iter().map(|p| p.counts.unknown).sum();
        if self.report.gaps.is_empty() {
            return String::new();
        }
        let title = format!(
            "Not seen: {} could not be decided",
            count(unknown, "evaluation")
        );
        let mut lines = vec![self.paint.title(&title)];
        let mut gaps: Vec<&GapReport> = self.report.gaps.iter().collect();
        gaps.sort_by_key(|gap| std::cmp::Reverse(gap.evaluations));
        for gap in gaps.iter().take(MAX_LINES) {
            let action = match clean_short(&gap.action, 80) {
                action if action.is_empty() => "(no call)".to_owned(),
                action => action,
            };
            lines.push(clean_short(
                &format!(
                    "  {:<11} {action} in {} {}: {} ({})",
                    gap.cause.id(),
                    clean(&gap.account),
                    clean(&gap.region),
                    count(gap.evaluations, "evaluation"),
                    clean(&gap.detail),
                ),
                self.width,
            ));
        }
        if gaps.len() > MAX_LINES {
            let more = format!("  … and {} more in report.json", gaps.len() - MAX_LINES);
            lines.push(self.paint.dim(&more));
        }
        let advice = |gap: &&GapReport| (gap.cause, gaps::advice(gap.cause, &gap.detail));
        let causes: BTreeSet<(Cause, &str)> = gaps.iter().map(advice).collect();
        for (cause, advice) in causes {
            let line = format!("{}: {advice}", cause.id());
            lines.push(wrap(&line, self.width, 2));
        }
        lines.extend(self.statement());
        lines.join("\n")
    }

    /// One IAM statement for everything that was denied.
    fn statement(&self) -> Option<String> {
        let denied = self.report.gaps.iter();
        let actions: Vec<&str> = denied
            .filter(|gap| gap.statement.is_some())
            .map(|gap| gap.action.as_str())
            .collect();
        if actions.is_empty() {
            return None;
        }
        let statement = serde_json::to_string_pretty(&gaps::statement(actions)).ok()?;
        let lines: Vec<String> = clean_lines(&statement)
            .lines()
            .map(|line| format!("    {line}"))
            .collect();
        Some(lines.join("\n"))
    }

    /// The valid attestations, with details of those that are not met; the rest is in the notices.
    fn attested(&self) -> String {
        let Some(summary) = attested(self.report) else {
            return String::new();
        };
        let mut lines = vec![self.paint.title(&wrap(&summary, self.width, 0))];
        let not_met = not_met(self.report);
        for (practice, attestation) in not_met.iter().take(MAX_LINES) {
            let line = format!(
                "  {:<11} not met, {} risk: {} ({})",
                practice.id,
                practice.risk.id(),
                clean(&practice.title),
                clean_short(&attestation.owner, 40),
            );
            lines.push(clean_short(&line, self.width));
        }
        if not_met.len() > MAX_LINES {
            let more = format!("  … and {} more in report.json", not_met.len() - MAX_LINES);
            lines.push(self.paint.dim(&more));
        }
        lines.join("\n")
    }

    fn notices(&self) -> String {
        let problems = &self.report.problems;
        if problems.is_empty() {
            return String::new();
        }
        let mut lines = vec![self.paint.title("Please note")];
        for notice in problems.iter().take(MAX_LINES) {
            let place = notice
                .place
                .as_deref()
                .map(|place| format!("{}: ", clean(place)));
            let line = format!("{}{}", place.unwrap_or_default(), clean(&notice.message));
            lines.push(wrap(&line, self.width, 2));
        }
        if problems.len() > MAX_LINES {
            let more = format!("  … and {} more in report.json", problems.len() - MAX_LINES);
            lines.push(self.paint.dim(&more));
        }
        lines.join("\n")
    }

    /// Savings, gates and what to do next.
    fn summary(&self) -> String {
        let mut lines = Vec::new();
        let savings = self.report.savings;
        if savings.findings > 0 {
            lines.push(format!(
                "Savings: USD {:.2} a month, known for {}.",
                savings.usd_month,
                count(savings.findings, "failed evaluation")
            ));
        }
        for gate in &self.report.gates {
            let scope = gate.pillar.map_or("any pillar", |pillar| pillar.title());
            let noun = if gate.new_only {
                "new failure"
            } else {
                "failure"
            };
            let line = format!(
                "Gate {}: {} of severity {} or above in {scope}, {} allowed",
                if gate.broken { "broken" } else { "held" },
                count(gate.count, noun),
                gate.severity,
                gate.max,
            );
            let line = wrap(&line, self.width, 0);
            lines.push(if gate.broken {
                self.paint.bad(&line)
            } else {
                self.paint.good(&line)
            });
        }
        lines.extend(self.next());
        lines.join("\n")
    }

    fn next(&self) -> Option<String> {
        let counts = |pick: fn(&super::Counts) -> u64| -> u64 {
            self.report.pillars.iter().map(|p| pick(&p.counts)).sum()
        };
        let mut steps = Vec::new();
        if counts(|c| c.fail) > 0 {
            steps.push("`sixpillars checks show ID` explains a check and its remedy");
        }
        if self
            .report
            .gaps
            .iter()
            .any(|gap| gap.cause == Cause::Denied)
        {
            steps.push("`sixpillars permissions` prints the whole IAM policy");
        }
        if counts(super::Counts::all) == 0 {
            steps.push("nothing was evaluated: check --regions, --services and --checks");
        }
        let line = format!("Next: {}.", steps.join("; "));
        (!steps.is_empty()).then(|| self.paint.warning(&wrap(&line, self.width, 0)))
    }
}

fn duration(report: &Report) -> String {
    let scan = &report.scan;
    let seconds = scan.finished.duration_since(scan.started).as_secs_f64();
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    #[allow(clippy::cast_possible_truncation, reason = "a scan of years is none")]
    let seconds = seconds.round() as i64;
    format!("{} min {} s", seconds / 60, seconds % 60)
}
