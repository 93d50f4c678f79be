//! The table of the six pillars.

use super::paint::{Paint, wrap};
use crate::model::Severity;
use crate::report::PillarReport;
use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table, TableStyle,
};

/// Below this width failures are not shown by severity.
const WIDE: usize = 99;

/// One line below the header.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// The six pillars side by side.
pub(super) fn pillars(pillars: &[PillarReport], width: usize, paint: Paint) -> String {
    let wide = width >= WIDE;
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX));
    if paint.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    let mut header = vec!["Pillar", "Score", "Coverage"];
    if wide {
        header.extend(["Critical", "High", "Medium", "Low", "Info"]);
    } else {
        header.push("Failed");
    }
    header.extend(["High risk", "Medium risk"]);
    table.set_header(header.into_iter().map(|title| {
        let cell = Cell::new(title);
        if paint.color {
            cell.add_attribute(Attribute::Bold)
        } else {
            cell
        }
    }));
    for pillar in pillars {
        let mut row = vec![
            Cell::new(&pillar.title),
            score(pillar.score),
            right(&percent(pillar.coverage)),
        ];
        if wide {
            row.extend(descending().map(|severity| fails(severity, pillar.fails.get(severity))));
        } else {
            row.push(right(&pillar.counts.fail.to_string()));
        }
        row.push(right(&pillar.high_risk_issues.to_string()));
        row.push(right(&pillar.medium_risk_issues.to_string()));
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 1));
    }
    let note =
        "High and medium risk: questions of the framework with a best practice at that risk.";
    format!("{}\n{}", table.trim_fmt(), paint.dim(&wrap(note, width, 0)))
}

fn descending() -> impl Iterator<Item = Severity> {
    Severity::ALL.into_iter().rev()
}

fn right(text: &str) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// Unknown values are a dash, never a zero.
fn score(score: Option<u8>) -> Cell {
    match score {
        None => right("–"),
        Some(score) => right(&score.to_string()).fg(match score {
            90.. => Color::Green,
            60.. => Color::Yellow,
            _ => Color::Red,
        }),
    }
}

/// A share as whole per cent, rounded down so that 100 % means all.
pub(in crate::report) fn percent(share: Option<f64>) -> String {
    match share {
        None => "–".to_owned(),
        Some(share) => format!("{:.0} %", (share * 100.0 + 1e-9).floor()),
    }
}

fn fails(severity: Severity, count: u64) -> Cell {
    let cell = right(&count.to_string());
    match (severity, count) {
        (_, 0) | (Severity::Info, _) => cell,
        (Severity::Critical, _) => cell.fg(Color::Magenta),
        (Severity::High, _) => cell.fg(Color::Red),
        (Severity::Medium, _) => cell.fg(Color::Yellow),
        (Severity::Low, _) => cell.fg(Color::Cyan),
    }
}

/// Failures by severity in words: `2 critical, 1 low`, or `none`.
pub(in crate::report) fn compact(pillar: &PillarReport) -> String {
    let fails: Vec<String> = descending()
        .map(|severity| (severity, pillar.fails.get(severity)))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {severity}"))
        .collect();
    if fails.is_empty() {
        return "none".to_owned();
    }
    fails.join(", ")
}
