//! The report as one page that opens from disk and needs no network.
//!
//! The page is built from `web/`, with two places in it for the report. What stands there are script
//! elements that the browser does not run, each with base64 of gzip of UTF-8 text. The alphabet of
//! base64 cannot end an element, so nothing in a report can become markup.
//!
//! ```html
//! <script type="application/octet-stream;base64" id="report-head">H4sI…</script>
//! ```
//!
//! - `report-head`: the report without its findings, and [`Embed`]. It stands before the page's script,
//!   which shows the overview from it while the browser still reads the rest.
//! - `report-table-N`: what lists filter and sort by, in columns; see [`table::Block`].
//! - `report-details-N`: what only an opened finding shows, a line of JSON for each; see [`Details`].
//! - `report-differences-N`, in the page of a diff only: rows of `diff.json`, a line of JSON for each, of
//!   which the table cannot tell; see [`differences`].
//!
//! All are in blocks of [`BLOCK`], so that neither this program nor the page needs all of them in memory
//! as text. `web/src/embed.ts` reads this form.

mod differences;
mod element;
mod table;

use super::{Diff, Findings, Report};
use crate::model::{Exemption, Finding, Gap};
use crate::packed::unpack;
use element::{BLOCK, part};
use serde::Serialize;
use serde_json::{Map, Value};
use std::io::{self, Write};
use table::{Changes, Table};

/// The built page from the build script, compressed; empty in a build without it.
const PAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/page.z"));

/// The version of the form above.
const FORM: &str = "sixpillars/embed/1";

/// Where the head goes.
const HEAD_PLACE: &str = "<!-- @@SIXPILLARS_HEAD@@ -->";
/// Where the tables and details go.
const FINDINGS_PLACE: &str = "<!-- @@SIXPILLARS_FINDINGS@@ -->";

/// Whether this program includes the page. `SIXPILLARS_PAGE=none` builds one without it.
#[must_use]
pub const fn has_page() -> bool {
    !PAGE.is_empty()
}

/// Writes the page with the report in it.
///
/// # Errors
/// When `out` cannot be written, the findings cannot be read from where they are kept, or this program
/// was built without the page.
pub fn write_html(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    write_into(&page()?, report, None, out)
}

/// Writes the page with the later report, and with the findings that only the earlier one has.
///
/// # Errors
/// Those of [`write_html`].
pub fn write_diff_html(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    write_into(&page()?, &diff.new, Some(diff), out)
}

fn page() -> io::Result<String> {
    if has_page() {
        unpack(PAGE)
    } else {
        Ok(String::new())
    }
}

fn write_into(
    page: &str,
    report: &Report,
    diff: Option<&Diff>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let places = page.split_once(HEAD_PLACE).and_then(|(before, rest)| {
        let (between, after) = rest.split_once(FINDINGS_PLACE)?;
        Some((before, between, after))
    });
    let (before, between, after) =
        places.ok_or_else(|| io::Error::other("this build has no report page"))?;
    let differences = diff.map(differences::packed).transpose()?;
    let (head, changes) = head(report, differences.as_ref().map(|packed| packed.rows))?;
    out.write_all(before.as_bytes())?;
    part("head", &serde_json::to_string(&head)?, out)?;
    out.write_all(between.as_bytes())?;
    write_findings(report, changes, out)?;
    out.write_all(&differences.unwrap_or_default().elements)?;
    out.write_all(after.as_bytes())
}

/// What the head says of the blocks.
#[derive(Serialize)]
struct Embed {
    /// The version of the form.
    schema: &'static str,
    /// How many findings there are.
    findings: u64,
    /// How many findings a block holds.
    block: usize,
    /// How many rows of a diff there are, in the page of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<u64>,
}

/// Everything except the findings and the comparison of each.
fn head(report: &Report, differences: Option<u64>) -> io::Result<(Value, Changes)> {
    let outline = Report {
        findings: Findings::default(),
        ..report.clone()
    };
    let mut head = serde_json::to_value(&outline)?;
    head["embed"] = serde_json::to_value(Embed {
        schema: FORM,
        findings: report.findings.len(),
        block: BLOCK,
        differences,
    })?;
    let mut changes = Changes::default();
    if let Some(comparison) = head.get_mut("comparison").and_then(Value::as_object_mut) {
        let mut take = |key| match comparison.remove(key) {
            Some(Value::Object(by_id)) => by_id,
            _ => Map::new(),
        };
        changes.changed = take("findings");
        changes.first_failed = take("first_failed");
    }
    if let Some(head) = head.as_object_mut() {
        head.remove("findings");
    }
    Ok((head, changes))
}

/// What only an opened finding shows. What is empty is left out.
#[derive(Serialize)]
struct Details<'a> {
    #[serde(skip_serializing_if = "Map::is_empty")]
    evidence: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "<[Gap]>::is_empty")]
    gaps: &'a [Gap],
    #[serde(skip_serializing_if = "Option::is_none")]
    cli: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    terraform: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exemption: Option<&'a Exemption>,
}

impl<'a> From<&'a Finding> for Details<'a> {
    fn from(finding: &'a Finding) -> Self {
        let fix = finding.fix.as_ref();
        Self {
            evidence: &finding.evidence,
            gaps: &finding.gaps,
            cli: fix.and_then(|fix| fix.cli.as_deref()),
            terraform: fix.and_then(|fix| fix.terraform.as_deref()),
            exemption: finding.exemption.as_ref(),
        }
    }
}

fn write_findings(report: &Report, changes: Changes, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(&report.checks, changes);
    let mut findings = report.findings.iter();
    let (mut details, mut in_block, mut number) = (String::new(), 0, 0);
    loop {
        let next = findings.next().transpose()?;
        if in_block > 0 && (in_block == BLOCK || next.is_none()) {
            let columns = serde_json::to_string(&table.take_block())?;
            part(&format!("table-{number}"), &columns, out)?;
            part(&format!("details-{number}"), details.trim_end(), out)?;
            details.clear();
            in_block = 0;
            number += 1;
        }
        let Some(finding) = next else {
            return Ok(());
        };
        details += &serde_json::to_string(&Details::from(&finding))?;
        details.push('\n');
        table.add(finding)?;
        in_block += 1;
    }
}

#[cfg(test)]
mod tests;
