//! The report in the size of a comment on a pull request.

use super::diff::counted;
use super::tally::Failed;
use super::text::{NEW_ONLY, attested, by_urgency, compact, not_met, percent};
use super::text_safe::{clean_short, markdown_code, markdown_text};
use super::{FORMULA, Report, gaps};

/// Appends to a string, which does not fail.
macro_rules! add {
    ($text:ident, $($piece:tt)*) => {{
        use std::fmt::Write as _;
        let _ = write!($text, $($piece)*);
    }};
}

/// GitHub refuses comments of more than 65,536 characters.
const MOST_CHARACTERS: usize = 60_000;
/// Failed checks that are listed.
const MOST_CHECKS: usize = 30;
/// Gaps and notices that are listed.
const MOST_LINES: usize = 20;

/// The report as GitHub-flavoured Markdown, cut with a count where it is long.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let sections = [
        header(report),
        since(report),
        pillars(report),
        gates(report),
        failed(report),
        unseen(report),
        answers(report),
        notices(report),
    ];
    let mut text = String::new();
    for section in sections.into_iter().filter(|section| !section.is_empty()) {
        // Whole sections only, so that no table or element is left open.
        if text.len() + section.len() > MOST_CHARACTERS {
            text.push_str("\nThe rest is too long for a comment; report.json has all of it.\n");
            break;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&section);
    }
    text
}

fn header(report: &Report) -> String {
    let scan = &report.scan;
    let accounts: Vec<String> = scan
        .accounts
        .iter()
        .map(|account| {
            let regions = markdown_code(&account.regions.join(", "));
            format!("{} in {regions}", markdown_code(&account.id))
        })
        .collect();
    let policies: Vec<String> = scan.policies.iter().map(|p| markdown_code(p)).collect();
    let incomplete = if scan.complete {
        ""
    } else {
        "\n\n**Incomplete:** an account, a region or a list could not be read."
    };
    format!(
        "## Six Pillars\n\n{} · policy {} · {}{incomplete}\n",
        accounts.join(", "),
        if policies.is_empty() {
            "none".to_owned()
        } else {
            policies.join(" + ")
        },
        scan.started.strftime("%Y-%m-%d %H:%M UTC"),
    )
}

/// What became of the baseline's findings; below, only what is new is shown.
fn since(report: &Report) -> String {
    let Some(comparison) = &report.comparison else {
        return String::new();
    };
    format!(
        "**Since scan {} of {}: {}**\n\n{NEW_ONLY}\n",
        markdown_code(&clean_short(&comparison.baseline.id, 60)),
        comparison.baseline.started.strftime("%Y-%m-%d %H:%M UTC"),
        counted(comparison.counts),
    )
}

fn pillars(report: &Report) -> String {
    let mut text = String::from(
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
    text
}

fn gates(report: &Report) -> String {
    let mut text = String::new();
    for gate in &report.gates {
        add!(
            text,
            "- Gate {}: {}{} failed of severity {} or above in {}, {} allowed\n",
            if gate.broken { "**broken**" } else { "held" },
            gate.count,
            if gate.new_only { " new" } else { "" },
            gate.severity,
            gate.pillar.map_or("any pillar", |pillar| pillar.title()),
            gate.max,
        );
    }
    text
}

fn failed(report: &Report) -> String {
    let groups = by_urgency(report);
    let title = match (groups.is_empty(), report.comparison.is_some()) {
        (true, false) => return String::new(),
        (true, true) => return "### Nothing new failed\n".to_owned(),
        (false, false) => "Failed checks",
        (false, true) => "Checks that failed newly",
    };
    let mut text = format!("### {title}\n\n");
    for (check, failed) in groups.iter().take(MOST_CHECKS) {
        text.extend(details(check, failed));
    }
    if groups.len() > MOST_CHECKS {
        add!(
            text,
            "\n… and {} more checks.\n",
            groups.len() - MOST_CHECKS
        );
    }
    text
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

fn unseen(report: &Report) -> String {
    if report.gaps.is_empty() {
        return String::new();
    }
    let unknown: u64 = report.pillars.iter().map(|p| p.counts.unknown).sum();
    let mut text = format!("### Not seen\n\n{unknown} evaluations could not be decided.\n\n");
    let mut by_size: Vec<_> = report.gaps.iter().collect();
    by_size.sort_by_key(|gap| std::cmp::Reverse(gap.evaluations));
    for gap in by_size.iter().take(MOST_LINES) {
        add!(
            text,
            "- {} {} in {}: {}\n",
            markdown_code(&gap.action),
            gap.cause,
            markdown_code(&format!("{} {}", gap.account, gap.region)),
            gap.evaluations,
        );
    }
    if by_size.len() > MOST_LINES {
        add!(text, "- … and {} more\n", by_size.len() - MOST_LINES);
    }
    let denied = report.gaps.iter().filter(|gap| gap.statement.is_some());
    let actions: Vec<&str> = denied.map(|gap| gap.action.as_str()).collect();
    if !actions.is_empty() {
        // Holds names of actions only, so nothing in it can end the block.
        let statement = format!("{:#}", gaps::statement(actions));
        add!(
            text,
            "\nThis statement would close what was denied:\n\n```json\n{statement}\n```\n"
        );
    }
    text
}

/// What people say that counts, and in words what they admit.
fn answers(report: &Report) -> String {
    let Some(summary) = attested(report) else {
        return String::new();
    };
    let mut text = format!("### {summary}\n\n");
    let not_met = not_met(report);
    for (practice, said) in not_met.iter().take(MOST_LINES) {
        add!(
            text,
            "- {} not met, {} risk: {} ({})\n",
            markdown_code(&practice.id),
            practice.risk.id(),
            markdown_text(&clean_short(&practice.title, 120)),
            markdown_code(&clean_short(&said.owner, 80)),
        );
    }
    if not_met.len() > MOST_LINES {
        add!(text, "- … and {} more\n", not_met.len() - MOST_LINES);
    }
    text
}

fn notices(report: &Report) -> String {
    if report.problems.is_empty() {
        return String::new();
    }
    let mut text = String::from("### Please note\n\n");
    for notice in report.problems.iter().take(MOST_LINES) {
        let place = notice
            .place
            .as_deref()
            .map(|p| format!("{}: ", markdown_code(p)));
        let message = markdown_text(&clean_short(&notice.message, 300));
        add!(text, "- {}{message}\n", place.unwrap_or_default());
    }
    if report.problems.len() > MOST_LINES {
        add!(
            text,
            "- … and {} more\n",
            report.problems.len() - MOST_LINES
        );
    }
    text
}
