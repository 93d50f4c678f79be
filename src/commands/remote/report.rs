//! `remote report`: fetches a report.

use super::place::path;
use crate::atomic_file;
use crate::cli::{Format, RemoteReportArgs};
use crate::commands::output::{copy_whole, form, print};
use crate::commands::{CommandError, ExitStatus};
use crate::remote::{Service, query};
use std::fs::File;
use std::io::{self, Seek};

/// `remote report`.
pub(super) async fn fetch(
    service: &Service,
    args: &RemoteReportArgs,
) -> Result<ExitStatus, CommandError> {
    let mut formats = args.format.clone();
    formats.sort_unstable();
    formats.dedup();
    if args.output.is_none() && formats.len() > 1 {
        let names: Vec<String> = formats.iter().map(ToString::to_string).collect();
        return Err(CommandError::Usage(format!(
            "one format can go to standard output, not {}\n  help: with --output DIR each is a file \
             of its own; without it, ask for one",
            names.join(", ")
        )));
    }
    let id = match (&args.id, &args.target) {
        (Some(id), _) => id.clone(),
        (None, target) => last(service, target.as_deref().unwrap_or_default()).await?,
    };
    for format in &formats {
        let mut whole = download(service, &id, *format).await?;
        let (name, _) = form(*format);
        match &args.output {
            Some(folder) => atomic_file::write_with(&folder.join(name), |out| {
                io::copy(&mut whole, out).map(|_| ())
            })
            .map_err(|error| CommandError::Write(error.to_string()))?,
            None => copy_whole(*format, &mut whole).map_err(CommandError::Write)?,
        }
    }
    match &args.output {
        Some(folder) => print(&format!("Reports are in {}\n", folder.display())),
        None => Ok(ExitStatus::Done),
    }
}

/// The last finished audit of a target.
async fn last(service: &Service, target: &str) -> Result<String, CommandError> {
    let some = |text: &str| Some(text.to_owned());
    let which = [
        ("target", some(target)),
        ("state", some("finished")),
        ("limit", some("1")),
    ];
    let audits = service.get(&query("/api/v1/audits", &which)).await?;
    let id = audits["items"][0]["id"].as_str();
    id.map(ToOwned::to_owned).ok_or_else(|| {
        CommandError::Usage(format!(
            "no audit of `{target}` is finished\n  help: start one with: sixpillars remote audits \
             start --target {target} --wait"
        ))
    })
}

/// A report, whole: nothing of half a report is written anywhere.
async fn download(service: &Service, id: &str, format: Format) -> Result<File, CommandError> {
    let path = query(
        &format!("{}/report", path(id)),
        &[("format", Some(format.to_string()))],
    );
    let unwritable = |error: io::Error| {
        CommandError::Write(format!("the report cannot be stored for now: {error}"))
    };
    let mut file = tempfile::tempfile().map_err(unwritable)?;
    let written = service.download(&path, &mut file).await?;
    written.map_err(unwritable)?;
    file.rewind().map_err(unwritable)?;
    Ok(file)
}
