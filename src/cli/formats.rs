//! The formats, and which of them go where.

use super::{Cli, Command, JudgeArgs, ScanArgs};
use crate::report;
use clap::builder::{EnumValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, ValueEnum};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The formats of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum DiffFormat {
    /// For the terminal: diff.txt
    Text,
    /// Complete, versioned: diff.json
    Json,
    /// For pull requests and step summaries: diff.md
    Markdown,
    /// The page of the newer report, with what changed and what only the older one has: diff.html
    Html,
}

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
pub enum Format {
    /// For the terminal: report.txt
    Text,
    /// Complete, versioned: report.json
    Json,
    /// A finding a line: report.ndjson; a scan without --output prints each as soon as it is judged
    Ndjson,
    /// One page that opens from disk and asks the network for nothing: report.html
    Html,
    /// For pull requests and step summaries: report.md
    Markdown,
    /// The findings for spreadsheets: report.csv
    Csv,
    /// Compliance Findings of OCSF 1.6.0: report.ocsf.json
    Ocsf,
    /// For BatchImportFindings of AWS Security Hub: report.asff.json
    Asff,
    /// What failed or is unknown, for code scanning: report.sarif
    Sarif,
    /// A test case for each check and resource, for build servers: report.junit.xml
    Junit,
    /// Counts as metrics, for the textfile collector: report.prom
    Prometheus,
}

impl Format {
    /// What is written where nothing else is asked for.
    pub const DEFAULT: [Format; 3] = [Format::Text, Format::Json, Format::Html];

    /// The same, but for what this program was built without.
    pub(super) fn default_set() -> Vec<Format> {
        let there = |format: &Format| *format != Format::Html || report::has_page();
        Self::DEFAULT.into_iter().filter(there).collect()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // None is hidden.
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}

/// Reads the name of a format. One that this program was built without is refused before a scan
/// begins, rather than missed at its end.
pub(super) fn format() -> impl TypedValueParser<Value = Format> {
    EnumValueParser::<Format>::new().try_map(|format| {
        if format == Format::Html && !report::has_page() {
            return Err(
                "this program was built without the report page (SIXPILLARS_PAGE=none); write \
                 `json`, and let one that has the page make it: sixpillars report report.json \
                 --format html",
            );
        }
        Ok(format)
    })
}

/// The formats of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A table
    Text,
    /// JSON
    Json,
}

/// The formats of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindFormat {
    /// For the terminal
    Text,
    /// The JSON schema of its document
    Schema,
    /// The page of the field reference
    Markdown,
}

/// Standard output takes one format. Where none was typed, that is text.
///
/// # Errors
/// When more were typed than there are places for.
pub(super) fn settle(command: &mut Command, matches: &ArgMatches) -> Result<(), clap::Error> {
    match command {
        Command::Scan(ScanArgs { output, .. }) | Command::Judge(JudgeArgs { output, .. })
            if output.output.is_none() =>
        {
            if !is_typed(matches) {
                output.format = vec![Format::Text];
            }
            alone(&output.format, matches)
        }
        Command::Report(args) if args.output.is_none() => alone(&args.format, matches),
        Command::Diff(args) if args.output.is_none() => alone(&args.format, matches),
        _ => Ok(()),
    }
}

fn is_typed(matches: &ArgMatches) -> bool {
    let own = matches.subcommand();
    own.is_some_and(|(_, own)| own.value_source("format") == Some(ValueSource::CommandLine))
}

fn alone<F: ValueEnum + PartialEq>(formats: &[F], matches: &ArgMatches) -> Result<(), clap::Error> {
    if formats.iter().all(|format| *format == formats[0]) {
        return Ok(());
    }
    let names = formats.iter().filter_map(ValueEnum::to_possible_value);
    let names: Vec<String> = names.map(|value| value.get_name().to_owned()).collect();
    let message = format!(
        "one format can go to standard output, not {}\n  help: with --output DIR each is a file of its \
         own; without it, ask for one",
        names.join(", ")
    );
    let mut whole = Cli::command();
    whole.build();
    let name = matches.subcommand_name().unwrap_or_default();
    let command = whole.find_subcommand_mut(name);
    Err(match command {
        Some(own) => own.error(ErrorKind::ArgumentConflict, message),
        None => Cli::command().error(ErrorKind::ArgumentConflict, message),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn formats(line: &str) -> Result<Vec<Format>, String> {
        let parsed = Cli::try_parse_from(line.split(' ')).map_err(|error| error.to_string())?;
        match parsed.command {
            Command::Scan(args) => Ok(args.output.format),
            Command::Judge(args) => Ok(args.output.format),
            Command::Report(args) => Ok(args.format),
            _ => Ok(Vec::new()),
        }
    }

    #[test]
    fn standard_output_takes_one_format_and_text_where_none_is_typed() {
        assert_eq!(formats("sixpillars scan"), Ok(vec![Format::Text]));
        assert_eq!(formats("sixpillars judge a"), Ok(vec![Format::Text]));
        let folder = formats("sixpillars scan --output out").unwrap();
        assert!(
            folder.starts_with(&[Format::Text, Format::Json]),
            "{folder:?}"
        );
        for line in ["scan", "judge a", "report a"] {
            let one = formats(&format!("sixpillars {line} --format json,json"));
            assert!(one.is_ok_and(|one| one.contains(&Format::Json)), "{line}");
            let both = formats(&format!("sixpillars {line} --format csv,sarif --output x"));
            assert_eq!(both, Ok(vec![Format::Csv, Format::Sarif]), "{line}");
            // What was typed is never left out, the default set neither.
            for typed in ["csv,sarif", "text,json", "ndjson,text"] {
                let refused = formats(&format!("sixpillars {line} --format {typed}"));
                let refused = refused.unwrap_err();
                let named = format!("not {}", typed.replace(',', ", "));
                assert!(refused.contains(&named), "{refused}");
                assert!(refused.contains("--output DIR"), "{refused}");
            }
        }
        let diff = formats("sixpillars diff a b --format text,json").unwrap_err();
        assert!(diff.contains("not text, json") && diff.contains("Usage: sixpillars diff"));
        assert!(formats("sixpillars diff a b").is_ok());
    }
}
