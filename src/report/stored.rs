//! A `report.json` as this program wrote it, read by its lines: what is wanted of a large report is found
//! without parsing the rest, and its findings need no room.
//!
//! [`super::write_json`] puts every entry of a list between `    {` and `    }`, its id first.

use super::json::ReadError;
use super::{CheckReport, Findings, Record, Records, Report, SCHEMA, Tally, Walk};
use crate::model::Finding;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

const CHECKS: &[u8] = b"  \"checks\": [";
const FINDINGS: &[u8] = b"  \"findings\": [";
/// The begin and the end of an entry, and of what is in a list.
const BEGIN: &[u8] = b"    {";
const END: &[u8] = b"    }";
const LIST_END: &[u8] = b"  ]";
/// The size of a buffer, in bytes.
const BUFFER: usize = 1 << 16;

/// A report that can be read any number of times, each time from its begin.
pub trait Again: Send + Sync {
    /// Its JSON.
    ///
    /// # Errors
    /// When it cannot be read.
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;
}

/// The lines of a report.
struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
}

impl<R: Read> Lines<R> {
    fn of(input: R) -> Self {
        Self {
            input: BufReader::with_capacity(BUFFER, input),
            line: Vec::new(),
        }
    }

    /// The next line, without its end.
    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        if self.input.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        Ok(Some(self.line.trim_ascii_end()))
    }

    /// Goes to what is in a list. Returns whether there is such a list with something in it.
    fn list(&mut self, begin: &[u8]) -> io::Result<bool> {
        while let Some(line) = self.next()? {
            if line == begin {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The next entry of a list as it stands there, but for the spaces before it, if its first line is
    /// wanted. Nothing after the last.
    fn entry(&mut self, wanted: impl Fn(&[u8]) -> bool) -> io::Result<Option<Vec<u8>>> {
        loop {
            match self.next()? {
                Some(BEGIN) => {}
                Some(LIST_END | b"  ],") => return Ok(None),
                None => return Err(cut_off()),
                Some(_) => continue,
            }
            let mut entry = b"{\n".to_vec();
            let Some(first) = self.next()? else {
                return Err(cut_off());
            };
            if !wanted(first) {
                continue;
            }
            entry.extend_from_slice(first);
            loop {
                let Some(line) = self.next()? else {
                    return Err(cut_off());
                };
                entry.push(b'\n');
                if let Some(rest) = line.strip_prefix(END)
                    && matches!(rest, b"" | b",")
                {
                    entry.extend_from_slice(END);
                    return Ok(Some(entry));
                }
                entry.extend_from_slice(line);
            }
        }
    }
}

fn cut_off() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the report is cut off")
}

/// One finding of a report, and its check where the report lists it.
///
/// # Errors
/// When the report cannot be read or is damaged.
pub fn excerpt(
    json: impl Read,
    check: &str,
    id: &str,
) -> io::Result<Option<(Finding, Option<CheckReport>)>> {
    let mut lines = Lines::of(json);
    let mut listed = None;
    while let Some(line) = lines.next()? {
        if line == CHECKS {
            listed = one::<CheckReport>(&mut lines, check)?;
        } else if line == FINDINGS {
            let finding = one::<Finding>(&mut lines, id)?;
            return Ok(finding.map(|finding| (finding, listed)));
        }
    }
    Ok(None)
}

fn one<T: DeserializeOwned>(lines: &mut Lines<impl Read>, id: &str) -> io::Result<Option<T>> {
    let wanted = format!("      \"id\": {},", serde_json::to_string(id)?);
    let entry = lines.entry(|first| first == wanted.as_bytes())?;
    Ok(entry
        .map(|entry| serde_json::from_slice(&entry))
        .transpose()?)
}

/// A report whose findings stay where they are, to be walked there. They are not counted again: it is
/// for comparisons, which need no counts.
///
/// # Errors
/// When it cannot be read, is damaged, or is of another version.
pub fn walked(json: Arc<dyn Again>) -> Result<Report, ReadError> {
    #[derive(Deserialize)]
    struct Versioned {
        schema: String,
    }
    let mut outline = Vec::new();
    {
        let mut lines = Lines::of(json.open()?);
        let mut within = false;
        while let Some(line) = lines.next()? {
            if within {
                within = !matches!(line, LIST_END | b"  ],");
            }
            if !within {
                outline.extend_from_slice(line);
                outline.push(b'\n');
            }
            within |= line == FINDINGS;
        }
    }
    let versioned: Versioned = serde_json::from_slice(&outline)?;
    if versioned.schema != SCHEMA {
        return Err(ReadError::Version(versioned.schema));
    }
    let outline: Report = serde_json::from_slice(&outline)?;
    Ok(Report {
        findings: Findings::new(Arc::new(InPlace(json)), Tally::default()),
        ..outline
    })
}

/// Findings in their report.
struct InPlace(Arc<dyn Again>);

impl Records for InPlace {
    fn walk(&self) -> Walk<'_> {
        let begun = self.0.open().and_then(|json| {
            let mut lines = Lines::of(json);
            Ok(lines.list(FINDINGS)?.then_some(lines))
        });
        match begun {
            Ok(None) => Box::new(std::iter::empty()),
            Err(error) => Box::new(std::iter::once(Err(error))),
            Ok(Some(lines)) => Box::new(Entries(Some(lines))),
        }
    }
}

/// Findings of a report, one after the other, until the first error.
struct Entries<R>(Option<Lines<R>>);

impl<R: Read> Iterator for Entries<R> {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match self.0.as_mut()?.entry(|_| true) {
            Ok(entry) => entry.map(record),
            Err(error) => Some(Err(error)),
        };
        if !matches!(next, Some(Ok(_))) {
            self.0 = None;
        }
        next
    }
}

/// The key of a finding, and its text.
fn record(entry: Vec<u8>) -> io::Result<Record> {
    #[derive(Deserialize)]
    struct Keyed<'a> {
        #[serde(borrow)]
        check: Cow<'a, str>,
        #[serde(borrow)]
        resource: Place<'a>,
    }
    #[derive(Deserialize)]
    struct Place<'a> {
        #[serde(borrow)]
        account: Cow<'a, str>,
        #[serde(borrow)]
        region: Cow<'a, str>,
        #[serde(borrow)]
        kind: Cow<'a, str>,
        #[serde(borrow)]
        id: Cow<'a, str>,
    }
    let json = String::from_utf8(entry).map_err(io::Error::other)?;
    let key = {
        let Keyed { check, resource } = serde_json::from_str(&json)?;
        let Place {
            account,
            region,
            kind,
            id,
        } = resource;
        [check, account, region, kind, id].join("\0")
    };
    Ok(Record { key, json })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{read, write_json};

    struct Text(Vec<u8>);

    impl Again for Text {
        fn open(&self) -> io::Result<Box<dyn Read + '_>> {
            Ok(Box::new(self.0.as_slice()))
        }
    }

    /// The golden report, as it is written.
    fn golden() -> (Report, Arc<Text>) {
        let golden = include_str!("snapshots/sixpillars__report__tests__json.snap");
        let (_, json) = golden.split_once("\n---\n").unwrap();
        let report = read(json).unwrap();
        let mut text = Vec::new();
        write_json(&report, &mut text).unwrap();
        (report, Arc::new(Text(text)))
    }

    #[test]
    fn every_finding_is_found_by_its_lines_and_nothing_else_is() {
        let (report, text) = golden();
        let mut count = 0;
        for finding in report.findings.iter() {
            let finding = finding.unwrap();
            let found = excerpt(text.open().unwrap(), &finding.check, &finding.id.0).unwrap();
            let (same, check) = found.unwrap();
            let listed = report.checks.iter().find(|check| check.id == finding.check);
            assert_eq!((&same, check.as_ref()), (&finding, listed));
            let found = excerpt(text.open().unwrap(), "no/check", &finding.id.0).unwrap();
            assert_eq!(found.unwrap(), (finding, None));
            count += 1;
        }
        assert!(count > 3, "{count}");
        for none in ["", "0", "s3/bucket-public", "\",\n"] {
            let found = excerpt(text.open().unwrap(), "s3/bucket-public", none).unwrap();
            assert_eq!(found, None, "{none}");
        }
        let text = String::from_utf8(text.0.clone()).unwrap();
        for list in ["checks", "findings"] {
            let (before, _) = text.split_once(&format!("\n  \"{list}\": [\n")).unwrap();
            let cut = &text[..before.len() + 100];
            let error = excerpt(cut.as_bytes(), &report.checks[0].id, "0").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{list}");
        }
    }

    #[test]
    fn a_walked_report_has_the_same_records_and_everything_else() {
        let (report, text) = golden();
        let walked = walked(Arc::clone(&text) as _).unwrap();
        let own: Vec<Record> = report.findings.records().map(Result::unwrap).collect();
        for _ in 0..2 {
            let again: Vec<Record> = walked.findings.records().map(Result::unwrap).collect();
            assert_eq!(again, own);
        }
        let without = |report: &Report| Report {
            findings: Findings::default(),
            ..report.clone()
        };
        assert_eq!(without(&walked), without(&report));
        let empty = without(&report);
        let mut text = Vec::new();
        write_json(&empty, &mut text).unwrap();
        let walked = super::walked(Arc::new(Text(text))).unwrap();
        assert_eq!(walked.findings.records().count(), 0);
    }
}
