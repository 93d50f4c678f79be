//! The findings as a table for spreadsheets.

use super::Report;
use super::sanitize::clean;
use crate::model::{Finding, Part};
use std::io::{self, Write};

const COLUMNS: [&str; 22] = [
    "id",
    "verdict",
    "severity",
    "pillar",
    "check",
    "title",
    "best_practices",
    "account",
    "region",
    "kind",
    "resource_id",
    "resource_name",
    "arn",
    "tags",
    "say",
    "gaps",
    "fix",
    "cli",
    "saves_usd_month",
    "exemption_reason",
    "exemption_owner",
    "exemption_expires",
];

/// Writes one finding a row under a row of names, as RFC 4180 has it. Lists in a cell are separated
/// by `; `. No cell can be a formula, and none has invisible characters.
///
/// # Errors
/// When `out` cannot be written, or the findings cannot be read from where they are kept.
pub fn write_csv(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = ::csv::Writer::from_writer(out);
    rows.write_record(COLUMNS).map_err(cause)?;
    for finding in report.findings.iter() {
        let row = row(finding?).map(|text| cell(&text));
        rows.write_record(row).map_err(cause)?;
    }
    rows.flush()
}

/// Why a row was not written. The error of the library would not distinguish a closed pipe from a
/// full disk.
fn cause(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        // Rows are of one length, so there is no other kind.
        other => io::Error::other(format!("{other:?}")),
    }
}

fn row(finding: Finding) -> [String; COLUMNS.len()] {
    let resource = finding.resource;
    let tags: Vec<String> = match resource.tags {
        Part::Read(tags) => tags.iter().map(|(k, v)| format!("{k}={v}")).collect(),
        Part::Gap(_) | Part::Unread => Vec::new(),
    };
    let gaps: Vec<String> = finding.gaps.iter().map(ToString::to_string).collect();
    let (fix, cli) = finding.fix.map(|fix| (fix.text, fix.cli)).unzip();
    let exemption = finding.exemption.as_ref();
    [
        finding.id.0,
        finding.verdict.to_string(),
        finding.severity.to_string(),
        finding.pillar.to_string(),
        finding.check,
        finding.title,
        finding.best_practices.join("; "),
        resource.account,
        resource.region,
        resource.kind,
        resource.id,
        resource.name,
        resource.arn.unwrap_or_default(),
        tags.join("; "),
        finding.say,
        gaps.join("; "),
        fix.unwrap_or_default(),
        cli.flatten().unwrap_or_default(),
        finding
            .saves_usd_month
            .map(|usd| usd.to_string())
            .unwrap_or_default(),
        exemption.map(|e| e.reason.clone()).unwrap_or_default(),
        exemption.map(|e| e.owner.clone()).unwrap_or_default(),
        exemption.map(|e| e.expires.to_string()).unwrap_or_default(),
    ]
}

/// Cleaned text that is no formula for any spreadsheet: an apostrophe precedes the characters that
/// start one (OWASP ASVS 1.2.10). Plain numbers stay numbers.
fn cell(text: &str) -> String {
    let clean = clean(text);
    let number = || clean.trim().parse::<f64>().is_ok_and(f64::is_finite);
    // Tabs and line ends are spaces by now. The full-width forms start a formula in some locales.
    let formula = clean
        .trim_start()
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if formula && !number() {
        format!("'{clean}")
    } else {
        clean
    }
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, cell};

    #[test]
    fn formulas_are_text_and_numbers_stay_numbers() {
        for formula in [
            "=1+1", "+a", "-a", "@SUM(A1)", " \t=1", "\r=1", "＝1", "-inf",
        ] {
            assert!(cell(formula).starts_with('\''), "{formula:?}");
        }
        assert_eq!(cell("\t=cmd()\u{1b}[1m"), "' =cmd()");
        for plain in ["-5", "+1.5", "-1e-3", "a=b", "", "vol-1"] {
            assert_eq!(cell(plain), plain);
        }
    }

    /// The page writes the same file; its tests read these vectors too.
    #[test]
    fn columns_and_cells_are_those_of_the_page() {
        let vectors = include_str!("../../tests/vectors/csv-cells.json");
        let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
        let texts = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let columns = vectors["columns"].as_array().unwrap().iter();
        assert_eq!(columns.map(texts).collect::<Vec<_>>(), COLUMNS);
        for vector in vectors["cells"].as_array().unwrap() {
            assert_eq!(cell(&texts(&vector["text"])), texts(&vector["cell"]));
        }
    }
}
