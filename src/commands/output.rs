//! Reports to files and to the terminal.

use super::{CommandError, ExitStatus};
use crate::atomic_file;
use crate::cli::{DiffFormat, Format};
use crate::model::Finding;
use crate::report::{self, Diff, Report, TextOptions};
use serde_json::Value;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Writes every format: into the folder where there is one, and text to the terminal as well, unless
/// it is to be quiet. Without a folder the one format that the command line allows goes to standard
/// output.
///
/// # Errors
/// What cannot be written, and why.
pub(super) fn write(
    report: &Report,
    formats: &[Format],
    folder: Option<&Path>,
    quiet: bool,
) -> Result<(), String> {
    let mut formats = formats.to_vec();
    formats.sort_unstable();
    formats.dedup();
    for format in formats {
        let (name, fill) = form(format);
        match folder {
            Some(folder) => {
                atomic_file::write_with(&folder.join(name), |out| fill(report, out))
                    .map_err(|e| e.to_string())?;
                if format == Format::Text && !quiet {
                    print_text(&terminal(report))?;
                }
            }
            None if format == Format::Text => print_text(&terminal(report))?,
            None => print_whole(reader(format == Format::Markdown), |out| fill(report, out))?,
        }
    }
    if let Some(folder) = folder.filter(|_| !quiet) {
        print_text(&format!("\nReports are in {}\n", folder.display()))?;
    }
    Ok(())
}

/// Writes a report in one format.
pub(crate) type Writer = fn(&Report, &mut dyn Write) -> io::Result<()>;

/// The file name and the writer of each format.
pub(crate) fn form(format: Format) -> (&'static str, Writer) {
    match format {
        Format::Text => ("report.txt", write_text),
        Format::Json => ("report.json", report::write_json),
        Format::Ndjson => ("report.ndjson", report::write_ndjson),
        Format::Html => ("report.html", report::write_html),
        Format::Markdown => ("report.md", |report, out| {
            out.write_all(report::markdown(report).as_bytes())
        }),
        Format::Csv => ("report.csv", report::write_csv),
        Format::Ocsf => ("report.ocsf.json", report::write_ocsf),
        Format::Asff => ("report.asff.json", report::write_asff),
        Format::Sarif => ("report.sarif", report::write_sarif),
        Format::Junit => ("report.junit.xml", report::write_junit),
        Format::Prometheus => ("report.prom", report::write_prometheus),
    }
}

/// Writes a diff in every format, into the folder or to standard output.
///
/// # Errors
/// What cannot be written, and why.
pub(super) fn write_diff(
    diff: &Diff,
    formats: &[DiffFormat],
    folder: Option<&Path>,
) -> Result<(), String> {
    let mut formats = formats.to_vec();
    formats.sort_unstable();
    formats.dedup();
    for format in formats {
        let (name, fill) = diff_form(format);
        if let Some(folder) = folder {
            let written = atomic_file::write_with(&folder.join(name), |out| fill(diff, out));
            written.map_err(|e| e.to_string())?;
        }
        if format == DiffFormat::Text {
            let page = report::diff_text(diff, terminal_options());
            print_text(&page.map_err(|e| e.to_string())?)?;
        } else if folder.is_none() {
            let reader = reader(format == DiffFormat::Markdown);
            print_whole(reader, |out| fill(diff, out))?;
        }
    }
    if let Some(folder) = folder {
        print_text(&format!("\nThe diff is in {}\n", folder.display()))?;
    }
    Ok(())
}

/// Writes a diff in one format.
pub(crate) type DiffWriter = fn(&Diff, &mut dyn Write) -> io::Result<()>;

/// The file name and the writer of each format of a diff.
pub(crate) fn diff_form(format: DiffFormat) -> (&'static str, DiffWriter) {
    match format {
        DiffFormat::Text => ("diff.txt", |diff, out| {
            let page = report::diff_text(diff, TextOptions::default())?;
            out.write_all(page.as_bytes())
        }),
        DiffFormat::Json => ("diff.json", report::write_diff_json),
        DiffFormat::Markdown => ("diff.md", |diff, out| {
            out.write_all(report::diff_markdown(diff)?.as_bytes())
        }),
        DiffFormat::Html => ("diff.html", report::write_diff_html),
    }
}

fn write_text(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let options = TextOptions {
        color: false,
        ..TextOptions::default()
    };
    out.write_all(report::text(report, options).as_bytes())
}

fn terminal(report: &Report) -> String {
    report::text(report, terminal_options())
}

fn terminal_options() -> TextOptions {
    let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
    TextOptions {
        width,
        color: color(),
    }
}

/// Colour on a terminal only, and not if `NO_COLOR` is set (<https://no-color.org>).
#[must_use]
pub(super) fn color() -> bool {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    io::stdout().is_terminal() && !no_color && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
}

/// Who reads standard output.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// People may close it early, as `head` does for them.
    People,
    /// A program that closes it early has an incomplete file, which must be an error.
    Program,
}

fn reader(people: bool) -> Reader {
    if people {
        Reader::People
    } else {
        Reader::Program
    }
}

/// Prints to standard output. A reader that closes it early, such as `head`, is no error.
///
/// # Errors
/// What went wrong.
pub(crate) fn print(text: &str) -> Result<ExitStatus, CommandError> {
    print_text(text).map_err(CommandError::Write)?;
    Ok(ExitStatus::Done)
}

/// Prints JSON to standard output, as people read it.
///
/// # Errors
/// What went wrong.
pub(super) fn print_json(value: &Value) -> Result<ExitStatus, CommandError> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(|e| CommandError::Internal(e.to_string()))?;
    print(&format!("{text}\n"))
}

fn print_text(text: &str) -> Result<(), String> {
    print_whole(Reader::People, |out| out.write_all(text.as_bytes()))
}

/// Findings on standard output, one line each, as they are judged.
#[derive(Default)]
pub(super) struct Stream {
    /// Why nothing more is printed.
    failed: Mutex<Option<io::Error>>,
}

impl Stream {
    /// Prints a finding as a line of NDJSON, from any thread.
    pub(super) fn print(&self, finding: &Finding) {
        // The lock is held while printing, so that lines stay intact.
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.is_none() {
            let printed = report::ndjson_line(finding)
                .and_then(|line| io::stdout().lock().write_all(line.as_bytes()));
            *failed = printed.err();
        }
    }

    /// All is printed.
    ///
    /// # Errors
    /// What went wrong on the way.
    pub(super) fn end(&self) -> Result<(), String> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let result = failed
            .take()
            .map_or(Ok(()), Err)
            .and_then(|()| io::stdout().flush());
        printed(Reader::Program, result)
    }
}

fn print_whole(
    reader: Reader,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), String> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    printed(reader, fill(&mut out).and_then(|()| out.flush()))
}

/// Copies a report that is rendered already to standard output.
///
/// # Errors
/// What went wrong.
pub(super) fn copy_whole(format: Format, from: &mut dyn io::Read) -> Result<(), String> {
    let people = matches!(format, Format::Text | Format::Markdown);
    print_whole(reader(people), |out| io::copy(from, out).map(|_| ()))
}

fn printed(reader: Reader, result: io::Result<()>) -> Result<(), String> {
    let Err(error) = result else {
        return Ok(());
    };
    let closed = error.kind() == io::ErrorKind::BrokenPipe;
    let help = match reader {
        Reader::People if closed => return Ok(()),
        _ if closed => {
            "the reader closed it before the end, so its data is incomplete; read it \
             to the end, or write to a file"
        }
        _ => "the output is incomplete; free some space, or write to a folder: --output DIR",
    };
    Err(format!(
        "standard output cannot be written: {error}\n  help: {help}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_an_error_for_programs_and_a_full_disk_for_all() {
        let failed = |kind: io::ErrorKind| -> io::Result<()> { Err(kind.into()) };
        let closed = io::ErrorKind::BrokenPipe;
        assert_eq!(printed(Reader::People, failed(closed)), Ok(()));
        let message = printed(Reader::Program, failed(closed)).unwrap_err();
        assert!(
            message.contains("help: the reader closed it before the end"),
            "{message}"
        );
        for reader in [Reader::People, Reader::Program] {
            assert_eq!(printed(reader, Ok(())), Ok(()));
            let full = printed(reader, failed(io::ErrorKind::StorageFull)).unwrap_err();
            assert!(full.contains("help: the output is incomplete"), "{full}");
        }
    }
}
