//! A diff in the size of a comment on a pull request.

use super::text::capital;
use super::{Change, Diff, Group, about, counted, delta, groups, meaning};
use crate::report::text_safe::{clean_short, markdown_code, markdown_text};
use std::fmt::Write as _;
use std::io;

/// GitHub refuses comments of more than 65,536 characters.
const MOST_CHARACTERS: usize = 60_000;
/// Checks that are shown of a change.
const MOST_CHECKS: usize = 20;

/// The diff as GitHub-flavoured Markdown, cut with a count where it is long.
///
/// # Errors
/// When the findings cannot be read from where they are kept.
pub fn markdown(diff: &Diff) -> io::Result<String> {
    let mut groups = groups(diff)?;
    let mut text = header(diff);
    for change in Change::ALL {
        // What is as it was is counted, and is in the report.
        if change == Change::StillFailing {
            continue;
        }
        let section = groups
            .remove(&change)
            .map(|checks| section(change, &checks));
        let section = section.unwrap_or_default();
        if text.len() + section.len() > MOST_CHARACTERS {
            text.push_str("\nThe rest is too long for a comment; --format json has all of it.\n");
            break;
        }
        text.push_str(&section);
    }
    Ok(text)
}

fn header(diff: &Diff) -> String {
    let side = |name: &str, report: &crate::report::Report| {
        let scan = &report.scan;
        let accounts: Vec<String> = scan.accounts.iter().map(|a| markdown_code(&a.id)).collect();
        format!(
            "- {name}: scan {} of {}, account {}{}\n",
            markdown_code(&clean_short(&scan.id, 60)),
            scan.started.strftime("%Y-%m-%d %H:%M UTC"),
            accounts.join(", "),
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

fn section(change: Change, checks: &[(String, Group)]) -> String {
    let mut text = format!(
        "\n### {}\n\n{}\n\n",
        capital(change.words()),
        meaning(change)
    );
    for (check, group) in checks.iter().take(MOST_CHECKS) {
        let _ = writeln!(
            text,
            "- **{}** {} {} ({})",
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
    }
    if checks.len() > MOST_CHECKS {
        let _ = writeln!(text, "- … and {} more checks", checks.len() - MOST_CHECKS);
    }
    text
}
