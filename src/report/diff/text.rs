//! A diff for a terminal.

use super::{Change, Diff, DiffRow, Group, about, counted, delta, groups, meaning};
use crate::report::sanitize::{clean, clean_short};
use crate::report::text::TextOptions;
use crate::report::text::paint::{Paint, count, wrap};
use std::io;

/// Checks that are shown of a change.
const MAX_CHECKS: usize = 25;

/// The diff for a terminal.
///
/// # Errors
/// When the findings cannot be read from where they are kept.
pub fn text(diff: &Diff, options: TextOptions) -> io::Result<String> {
    let page = Page {
        diff,
        width: options.width.clamp(60, 200),
        paint: Paint {
            color: options.color,
        },
    };
    let mut groups = groups(diff)?;
    let mut sections = vec![page.header()];
    for change in Change::ALL {
        // Unchanged findings are only counted; the report has them.
        if change != Change::StillFailing
            && let Some(checks) = groups.remove(&change)
        {
            sections.push(page.section(change, &checks));
        }
    }
    Ok(format!("{}\n", sections.join("\n\n")))
}

struct Page<'a> {
    diff: &'a Diff,
    width: usize,
    paint: Paint,
}

impl Page<'_> {
    fn header(&self) -> String {
        let mut lines = Vec::new();
        for (name, report) in [("Old", &self.diff.old), ("New", &self.diff.new)] {
            let scan = &report.scan;
            let accounts: Vec<String> = scan.accounts.iter().map(|a| clean(&a.id)).collect();
            let line = format!(
                "{name}: scan {} of {}, account {}{}",
                clean_short(&scan.id, 60),
                scan.started.strftime("%Y-%m-%d %H:%M UTC"),
                accounts.join(", "),
                if scan.complete { "" } else { ", incomplete" },
            );
            lines.push(wrap(&line, self.width, 0));
        }
        let counts = self.diff.counts();
        lines.push(self.paint.title(&wrap(&counted(counts), self.width, 0)));
        let deltas = self.diff.pillars().iter().filter_map(delta);
        lines.extend(deltas.map(|line| wrap(&line, self.width, 2)));
        lines.join("\n")
    }

    fn section(&self, change: Change, checks: &[(String, Group)]) -> String {
        let all = self.diff.counts().get(change);
        let title = format!(
            "{}: {} of {}",
            capital(change.words()),
            count(all, "evaluation"),
            count(checks.len() as u64, "check"),
        );
        let mut lines = vec![
            self.paint.title(&title),
            self.paint.dim(&wrap(meaning(change), self.width, 0)),
        ];
        for (check, group) in checks.iter().take(MAX_CHECKS) {
            lines.push(self.check(check, group));
        }
        if checks.len() > MAX_CHECKS {
            let more = count((checks.len() - MAX_CHECKS) as u64, "more check");
            lines.push(self.paint.dim(&format!("… {more}; --format json has all")));
        }
        lines.join("\n")
    }

    fn check(&self, check: &str, group: &Group) -> String {
        let label = format!("{:<8}", group.severity.id());
        let (check, all) = (clean_short(check, 60), format!("({})", group.count));
        let taken = label.len() + check.chars().count() + all.len() + 5;
        let room = self.width.saturating_sub(taken).max(10);
        let mut lines = vec![format!(
            "{}  {}  {} {all}",
            self.paint.severity(group.severity, &label),
            clean_short(&group.title, room),
            self.paint.dim(&check),
        )];
        lines.extend(group.examples.iter().map(|row| self.example(row)));
        let shown = group.examples.len() as u64;
        if group.count > shown {
            let more = format!("            … and {} more", group.count - shown);
            lines.push(self.paint.dim(&more));
        }
        lines.join("\n")
    }

    fn example(&self, row: &DiffRow) -> String {
        let resource = &row.resource;
        let line = format!(
            "{}, {} {}: {}",
            clean_short(&resource.id, 80),
            clean(&resource.account),
            clean(&resource.region),
            clean(&about(row)),
        );
        format!("            {}", clean_short(&line, self.width - 12))
    }
}

/// The text with its first letter as a capital; ours is ASCII.
pub(super) fn capital(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
