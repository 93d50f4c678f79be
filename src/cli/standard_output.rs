//! Standard output takes one format.

use super::args::{Command, JudgeArgs, ScanArgs};
use super::formats::Format;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, ValueEnum};

/// Standard output takes one format, text by default.
///
/// # Errors
/// When more were typed than there are places for.
pub(super) fn settle(
    command: &mut Command,
    matches: &ArgMatches,
    cli: clap::Command,
) -> Result<(), clap::Error> {
    match command {
        Command::Scan(ScanArgs { output, .. }) | Command::Judge(JudgeArgs { output, .. })
            if output.output.is_none() =>
        {
            if !is_typed(matches) {
                output.format = vec![Format::Text];
            }
            require_one_format(&output.format, matches, cli)
        }
        Command::Report(args) if args.output.is_none() => {
            require_one_format(&args.format, matches, cli)
        }
        Command::Diff(args) if args.output.is_none() => {
            require_one_format(&args.format, matches, cli)
        }
        _ => Ok(()),
    }
}

fn is_typed(matches: &ArgMatches) -> bool {
    let own = matches.subcommand();
    own.is_some_and(|(_, own)| own.value_source("format") == Some(ValueSource::CommandLine))
}

fn require_one_format<F: ValueEnum + PartialEq>(
    formats: &[F],
    matches: &ArgMatches,
    mut cli: clap::Command,
) -> Result<(), clap::Error> {
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
    cli.build();
    let name = matches.subcommand_name().unwrap_or_default();
    let command = cli.find_subcommand_mut(name);
    Err(match command {
        Some(own) => own.error(ErrorKind::ArgumentConflict, message),
        None => cli.error(ErrorKind::ArgumentConflict, message),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
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
            // Formats that were typed are never dropped.
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
