//! The report in a form that fits a comment on a pull request.

use super::diff::counted;
use super::sanitize::{clean_short, markdown_code, markdown_text};
use super::summary::{NEW_ONLY, attested, by_urgency, not_met};
use super::tally::Failed;
use super::text::{compact, percent};
use super::truncate::{self, named};
use super::{FORMULA, Report, gaps};

/// Appends to a string, which does not fail.
macro_rules! add {
    ($text:ident, $($piece:tt)*) => {{
        use std::fmt::Write as _;
        let _ = write!($text, $($piece)*);
    }};
}

/// GitHub refuses comments of more than 65,536 characters. Each list may use the page up to this
/// size, so that it leaves space for those below it, which may also use what is left.
const FAILED_UNTIL: usize = 38_000;
const UNSEEN_UNTIL: usize = 46_000;
const STATEMENT_UNTIL: usize = 52_000;
const ANSWERS_UNTIL: usize = 56_000;
const NOTICES_UNTIL: usize = 60_000;
/// Failed checks that are listed.
const MAX_CHECKS: usize = 30;
/// Gates, gaps, answers and notices that are listed.
const MAX_LINES: usize = 20;
/// Accounts and regions of each that are named.
const MAX_NAMES: usize = 12;

/// The report as GitHub-flavoured Markdown. It always fits a comment: lists are cut with a count.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut text = String::new();
    for section in [
        header, since, pillars, gates, failed, unseen, answers, notices,
    ] {
        let before = text.len();
        let start = if text.is_empty() { "" } else { "\n" };
        text.push_str(start);
        section(report, &mut text);
        if text.len() == before + start.len() {
            text.truncate(before);
        }
    }
    text
}

fn header(report: &Report, text: &mut String) {
    let scan = &report.scan;
    let accounts = named(&scan.accounts, MAX_NAMES, " accounts", |account| {
        let region = |region: &String| clean_short(region, 30);
        let regions = named(&account.regions, MAX_NAMES, "", region);
        let id = markdown_code(&clean_short(&account.id, 30));
        format!("{id} in {}", markdown_code(&regions))
    });
    let policy = |policy: &String| markdown_code(&clean_short(policy, 60));
    let policies: Vec<String> = scan.policies.iter().take(MAX_NAMES).map(policy).collect();
    let incomplete = if scan.complete {
        ""
    } else {
        "\n\n**Incomplete:** an account, a region or a list could not be read."
    };
    add!(
        text,
        "## Six Pillars\n\n{accounts} · policy {} · {}{incomplete}\n",
        if policies.is_empty() {
            "none".to_owned()
        } else {
            policies.join(" + ")
        },
        scan.started.strftime("%Y-%m-%d %H:%M UTC"),
    );
}

/// The comparison with the baseline; only new failures are shown below.
fn since(report: &Report, text: &mut String) {
    let Some(comparison) = &report.comparison else {
        return;
    };
    add!(
        text,
        "**Since scan {} of {}: {}**\n\n{NEW_ONLY}\n",
        markdown_code(&clean_short(&comparison.baseline.id, 60)),
        comparison.baseline.started.strftime("%Y-%m-%d %H:%M UTC"),
        counted(comparison.counts),
    );
}

fn pillars(report: &Report, text: &mut String) {
    text.push_str(
        "| Pillar | Score | Coverage | Failed | High risk | Medium risk |\n\
         | --- | ---: | ---: | --- | ---: | ---: |\n",
    );
    for pillar in &report.pillars {
        let score = pillar
            .score
            .map_or("–".to_owned(), |score| score.to_string());
        add!(
            text,
            "| {} | {score} | {} | {} | {} | {} |\n",
            pillar.pillar.title(),
            percent(pillar.coverage),
            compact(pillar),
            pillar.high_risk_issues,
            pillar.medium_risk_issues,
        );
    }
    let savings = report.savings;
    if savings.findings > 0 {
        let (usd, findings) = (savings.usd_month, savings.findings);
        add!(
            text,
            "\nKnown savings: USD {usd:.2} a month ({findings} failed).\n"
        );
    }
    add!(text, "\n<sub>{FORMULA}</sub>\n");
}

fn gates(report: &Report, text: &mut String) {
    let left = truncate::add(text, FAILED_UNTIL, MAX_LINES, &report.gates, |gate| {
        format!(
            "- Gate {}: {}{} failed of severity {} or above in {}, {} allowed\n",
            if gate.broken { "**broken**" } else { "held" },
            gate.count,
            if gate.new_only { " new" } else { "" },
            gate.severity,
            gate.pillar.map_or("any pillar", |pillar| pillar.title()),
            gate.max,
        )
    });
    if !left.is_empty() {
        let broken = left.iter().filter(|gate| gate.broken).count();
        add!(
            text,
            "- … and {} more gates, {broken} of them broken\n",
            left.len()
        );
    }
}

fn failed(report: &Report, text: &mut String) {
    let groups = by_urgency(report);
    let title = match (groups.is_empty(), report.comparison.is_some()) {
        (true, false) => return,
        (true, true) => return text.push_str("### No new failures\n"),
        (false, false) => "Failed checks",
        (false, true) => "Checks with new failures",
    };
    add!(text, "### {title}\n\n");
    let left = truncate::add(
        text,
        FAILED_UNTIL,
        MAX_CHECKS,
        &groups,
        |(check, failed)| details(check, failed).unwrap_or_default(),
    );
    if !left.is_empty() {
        let evaluations: u64 = left.iter().map(|(_, failed)| failed.count).sum();
        add!(
            text,
            "\n… and {} more checks with {evaluations} failed evaluations; report.json has all.\n",
            left.len()
        );
    }
}

fn details(check: &str, failed: &Failed) -> Option<String> {
    let first = failed.examples.first()?;
    let mut text = format!(
        "<details><summary><b>{}</b> {} {} ({})</summary>\n\n",
        first.severity.id(),
        markdown_text(&clean_short(&first.title, 120)),
        markdown_code(check),
        failed.count,
    );
    for example in &failed.examples {
        add!(
            text,
            "- {} in {}: {}\n",
            markdown_code(&clean_short(&example.id, 120)),
            markdown_code(&format!("{} {}", example.account, example.region)),
            markdown_code(&clean_short(&example.say, 200)),
        );
    }
    let shown = failed.examples.len() as u64;
    if failed.count > shown {
        add!(text, "- … and {} more\n", failed.count - shown);
    }
    if let Some(fix) = &first.fix {
        add!(text, "\n{}\n", markdown_text(&clean_short(fix, 400)));
    }
    text.push_str("\n</details>\n");
    Some(text)
}

fn unseen(report: &Report, text: &mut String) {
    if report.gaps.is_empty() {
        return;
    }
    let unknown: u64 = report.pillars.iter().map(|p| p.counts.unknown).sum();
    add!(
        text,
        "### Not seen\n\n{unknown} evaluations could not be decided.\n\n"
    );
    let mut by_size: Vec<_> = report.gaps.iter().collect();
    by_size.sort_by_key(|gap| std::cmp::Reverse(gap.evaluations));
    let left = truncate::add(text, UNSEEN_UNTIL, MAX_LINES, &by_size, |gap| {
        format!(
            "- {} {} in {}: {}\n",
            markdown_code(&clean_short(&gap.action, 80)),
            gap.cause,
            markdown_code(&clean_short(&format!("{} {}", gap.account, gap.region), 60)),
            gap.evaluations,
        )
    });
    if !left.is_empty() {
        add!(text, "- … and {} more\n", left.len());
    }
    let denied = report.gaps.iter().filter(|gap| gap.statement.is_some());
    let actions: Vec<&str> = denied.map(|gap| gap.action.as_str()).collect();
    if !actions.is_empty() {
        statement(&actions, text);
    }
}

fn statement(actions: &[&str], text: &mut String) {
    // Holds names of actions only, so nothing in it can end the block.
    let statement = format!("{:#}", gaps::statement(actions.to_vec()));
    if text.len() + statement.len() > STATEMENT_UNTIL {
        add!(
            text,
            "\nThe statement that would allow what was denied is too long for a comment: it has {} \
             actions. `--format text` and report.json have it.\n",
            actions.len()
        );
        return;
    }
    add!(
        text,
        "\nThis statement would allow what was denied:\n\n```json\n{statement}\n```\n"
    );
}

/// The valid attestations, with details of those that are not met.
fn answers(report: &Report, text: &mut String) {
    let Some(summary) = attested(report) else {
        return;
    };
    add!(text, "### {summary}\n\n");
    let not_met = not_met(report);
    let left = truncate::add(
        text,
        ANSWERS_UNTIL,
        MAX_LINES,
        &not_met,
        |(practice, attestation)| {
            format!(
                "- {} not met, {} risk: {} ({})\n",
                markdown_code(&practice.id),
                practice.risk.id(),
                markdown_text(&clean_short(&practice.title, 120)),
                markdown_code(&clean_short(&attestation.owner, 80)),
            )
        },
    );
    if !left.is_empty() {
        add!(text, "- … and {} more\n", left.len());
    }
}

fn notices(report: &Report, text: &mut String) {
    if report.problems.is_empty() {
        return;
    }
    text.push_str("### Please note\n\n");
    let left = truncate::add(text, NOTICES_UNTIL, MAX_LINES, &report.problems, |notice| {
        let place = notice
            .place
            .as_deref()
            .map(|p| format!("{}: ", markdown_code(&clean_short(p, 120))));
        let message = markdown_text(&clean_short(&notice.message, 300));
        format!("- {}{message}\n", place.unwrap_or_default())
    });
    if !left.is_empty() {
        add!(text, "- … and {} more\n", left.len());
    }
}
