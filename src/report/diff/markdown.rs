//! A diff that fits a comment on a pull request.

use super::text::capital;
use super::{Change, Diff, Group, about, counted, delta, groups, meaning};
use crate::report::sanitize::{clean_short, markdown_code, markdown_text};
use crate::report::truncate::{self, named};
use std::fmt::Write as _;
use std::io;

/// GitHub refuses comments of more than 65,536 characters. Each change may use the page up to this
/// size, so that it leaves space for those below it, which may also use what is left. Unchanged
/// findings are only counted; the report has them.
const SECTIONS: [(Change, usize); 5] = [
    (Change::New, 30_000),
    (Change::BecameUnknown, 38_000),
    (Change::Fixed, 45_000),
    (Change::Gone, 52_000),
    (Change::Changed, 60_000),
];
/// Checks that are shown of a change.
const MAX_CHECKS: usize = 20;
/// Accounts that are named.
const MAX_NAMES: usize = 12;

/// The diff as GitHub-flavoured Markdown. It always fits a comment: lists are cut with a count.
///
/// # Errors
/// When the findings cannot be read from where they are kept.
pub fn markdown(diff: &Diff) -> io::Result<String> {
    let mut groups = groups(diff)?;
    let mut text = header(diff);
    for (change, full) in SECTIONS {
        if let Some(checks) = groups.remove(&change) {
            section(change, &checks, full, &mut text);
        }
    }
    Ok(text)
}

fn header(diff: &Diff) -> String {
    let side = |name: &str, report: &crate::report::Report| {
        let scan = &report.scan;
        let accounts = named(&scan.accounts, MAX_NAMES, " accounts", |account| {
            markdown_code(&clean_short(&account.id, 30))
        });
        format!(
            "- {name}: scan {} of {}, account {}{}\n",
            markdown_code(&clean_short(&scan.id, 60)),
            scan.started.strftime("%Y-%m-%d %H:%M UTC"),
            accounts,
            if scan.complete {
                ""
            } else {
                ", **incomplete**"
            },
        )
    };
    let mut text = format!(
        "## Six Pillars: what changed\n\n{}{}\n**{}**\n",
        side("Old", &diff.old),
        side("New", &diff.new),
        counted(diff.counts()),
    );
    let deltas: Vec<String> = diff.pillars().iter().filter_map(delta).collect();
    if !deltas.is_empty() {
        text.push('\n');
    }
    for line in deltas {
        // Writing to a string does not fail.
        let _ = writeln!(text, "- {line}");
    }
    text
}

fn section(change: Change, checks: &[(String, Group)], full: usize, text: &mut String) {
    let title = capital(change.words());
    // Writing to a string does not fail.
    let _ = write!(text, "\n### {title}\n\n{}\n\n", meaning(change));
    let left = truncate::add(text, full, MAX_CHECKS, checks, |(check, group)| {
        entry(check, group)
    });
    if !left.is_empty() {
        let evaluations: u64 = left.iter().map(|(_, group)| group.count).sum();
        let _ = writeln!(
            text,
            "- … and {} more checks with {evaluations} evaluations; --format json has all",
            left.len()
        );
    }
}

/// A check and what changed of it.
fn entry(check: &str, group: &Group) -> String {
    let mut text = format!(
        "- **{}** {} {} ({})\n",
        group.severity.id(),
        markdown_text(&clean_short(&group.title, 120)),
        markdown_code(check),
        group.count,
    );
    for row in &group.examples {
        let resource = &row.resource;
        let _ = writeln!(
            text,
            "  - {} in {}: {}",
            markdown_code(&clean_short(&resource.id, 120)),
            markdown_code(&format!("{} {}", resource.account, resource.region)),
            markdown_code(&clean_short(&about(row), 200)),
        );
    }
    let shown = group.examples.len() as u64;
    if group.count > shown {
        let _ = writeln!(text, "  - … and {} more", group.count - shown);
    }
    text
}
