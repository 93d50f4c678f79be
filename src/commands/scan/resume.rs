//! Resuming a scan: its original flags, and errors if it could not be the same scan.

use crate::cli::{Cli, Command, ScanArgs};
use crate::commands::CommandError;
use crate::config::{self, Selected};
use crate::scan::journal::{self, OwnKinds, Resumed, ScanStart};
use crate::scan::progress::Reporter;
use clap::Parser;
use serde_json::Value;
use std::path::PathBuf;

/// The flags of the scan, and the journal if it is resumed.
///
/// # Errors
/// When there is no such journal, it belongs to another version, or other flags are given.
pub(super) fn open(typed: &ScanArgs) -> Result<(ScanArgs, Option<Resumed>), CommandError> {
    let Some(id) = &typed.resume else {
        return Ok((typed.clone(), None));
    };
    if flags(typed) != flags(&untyped()) {
        return Err(CommandError::Resume(
            "a resumed scan keeps its original flags\n  help: only --deadline, --state-dir and \
             --quiet can be combined with --resume"
                .to_owned(),
        ));
    }
    let resumed = journal::open(&state_dir(typed)?, id)?;
    let ScanStart {
        version, folder, ..
    } = &resumed.began;
    if version != env!("CARGO_PKG_VERSION") {
        return Err(CommandError::Resume(format!(
            "scan {id} was started by version {version}, and this is {}\n  help: resume it with \
             that version, or start a new scan",
            env!("CARGO_PKG_VERSION")
        )));
    }
    if *folder != here() {
        return Err(CommandError::Resume(format!(
            "scan {id} was started in {}\n  help: change to that folder first: the paths of the \
             scan are relative to it",
            folder.display()
        )));
    }
    same_kinds(id, &resumed)?;
    let mut args: ScanArgs =
        serde_json::from_value(resumed.began.arguments.clone()).map_err(|_| {
            CommandError::Resume(format!(
                "scan {id} was started with flags that this version \
                 does not have"
            ))
        })?;
    args.output.quiet = typed.output.quiet;
    args.deadline = typed.deadline;
    args.state_dir.clone_from(&typed.state_dir);
    Ok((args, Some(resumed)))
}

/// Refuses to resume with other kinds: the rest would be read by other rules than what is there.
fn same_kinds(id: &str, resumed: &Resumed) -> Result<(), CommandError> {
    let (before, now) = (&resumed.began.own_kinds, own_kinds());
    let print = |kinds: &Option<OwnKinds>| kinds.as_ref().map(|kinds| kinds.fingerprint.clone());
    if print(before) == print(&now) {
        return Ok(());
    }
    let flags = |kinds: &Option<OwnKinds>| kinds.as_ref().map(|kinds| kinds.flags.join(" "));
    Err(CommandError::Resume(match (flags(before), flags(&now)) {
        (Some(before), now) if now.as_ref() == Some(&before) => format!(
            "scan {id} was started with other files of kinds: what is in {before} changed since\n  \
             help: restore it, or start a new scan"
        ),
        (Some(before), _) => format!(
            "scan {id} was started with {before}\n  help: resume it with the same: sixpillars scan \
             --resume {id} {before}"
        ),
        (None, now) => format!(
            "scan {id} was started without {}\n  help: leave that out, or start a new scan",
            now.unwrap_or_default()
        ),
    }))
}

/// The user's own kinds that this process reads.
fn own_kinds() -> Option<OwnKinds> {
    let kinds = config::own_kinds()?;
    let folders = kinds
        .folders
        .iter()
        .map(|folder| ("--kinds-dir", folder.as_path()));
    let models = kinds
        .models
        .iter()
        .map(|models| ("--models", models.as_path()));
    let flags = folders.chain(models);
    let flags = flags.map(|(flag, path)| format!("{flag} {}", quoted(&path.to_string_lossy())));
    Some(OwnKinds {
        flags: flags.collect(),
        fingerprint: kinds.fingerprint.clone(),
    })
}

/// The journal of a scan that the service began. Its policies may have moved, and its budget counts
/// from its first attempt; everything else must be what the service requests now.
///
/// # Errors
/// [`CommandError::Resume`] when it cannot be gone on with.
#[cfg(feature = "serve")]
pub(super) fn open_hosted(args: &mut ScanArgs, id: &str) -> Result<Resumed, CommandError> {
    let resumed = journal::open(&state_dir(args)?, id)?;
    let same = |field: &str| {
        let now = flags(args);
        resumed.began.arguments.get(field) == now.get(field)
    };
    let version = resumed.began.version == env!("CARGO_PKG_VERSION");
    if !version || !["target", "select", "tags"].into_iter().all(same) {
        return Err(CommandError::Resume(
            "the program or the configuration changed since it began".to_owned(),
        ));
    }
    same_kinds(id, &resumed)?;
    let limit = resumed.began.arguments.get("allow_paid");
    if let Some(limit) = limit.and_then(Value::as_f64) {
        args.allow_paid = args.allow_paid.min(limit);
    }
    Ok(resumed)
}

/// How to resume an unfinished scan.
#[derive(Debug)]
pub(in crate::commands) struct ResumeHint {
    id: String,
    /// The folder of the journal, if the user gave one.
    folder: Option<PathBuf>,
    /// Whether it keeps one.
    is_noted: bool,
}

impl ResumeHint {
    pub(super) fn new(args: &ScanArgs, id: &str) -> Self {
        Self {
            id: id.to_owned(),
            folder: args.state_dir.clone(),
            is_noted: !args.no_journal,
        }
    }

    /// For a scan that is not resumed by hand.
    pub(super) fn none() -> Self {
        Self {
            id: String::new(),
            folder: None,
            is_noted: false,
        }
    }

    /// The command for a report, without paths of this machine; `None` if the scan keeps no
    /// journal.
    pub(in crate::commands) fn brief(&self) -> Option<String> {
        let command = || format!("sixpillars scan --resume {}", self.id);
        self.is_noted.then(command)
    }

    /// What to type on this machine.
    fn command(&self) -> Option<String> {
        let mut brief = self.brief()?;
        for flag in own_kinds().into_iter().flat_map(|kinds| kinds.flags) {
            brief = format!("{brief} {flag}");
        }
        Some(match &self.folder {
            Some(folder) => format!("{brief} --state-dir {}", quoted(&folder.to_string_lossy())),
            None => brief,
        })
    }

    /// Adds to an error how to resume the scan once it is fixed.
    pub(super) fn attach_to(&self, error: CommandError) -> CommandError {
        match self.command() {
            Some(command) => CommandError::Unfinished {
                error: Box::new(error),
                command,
            },
            None => error,
        }
    }

    /// Reports that the scan did not finish. Also with `--quiet`, since the id is shown nowhere
    /// else.
    pub(super) fn print(&self, progress: &Reporter) {
        match self.command() {
            Some(command) => {
                progress.insist(&format!("the scan did not finish; resume with: {command}"));
            }
            None => {
                progress.say("the scan did not finish, and with --no-journal it cannot be resumed");
            }
        }
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What a scan notes of its beginning.
pub(super) fn began(args: &ScanArgs, selected: &Selected) -> ScanStart {
    ScanStart {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        arguments: flags(args),
        folder: here(),
        fingerprints: selected.fingerprints.clone(),
        own_kinds: own_kinds(),
    }
}

/// Refuses to resume if checks or policies have changed: otherwise some resources would be judged
/// by other rules than the rest.
pub(super) fn same_rules(resumed: &Resumed, selected: &Selected) -> Result<(), CommandError> {
    let (before, now) = (&resumed.began.fingerprints, &selected.fingerprints);
    if before == now {
        return Ok(());
    }
    // A resumed scan has its original flags, so the names are the same.
    let changed = now
        .iter()
        .filter(|(name, is)| before.get(*name) != Some(is));
    let changed: Vec<&str> = changed.map(|(name, _)| name.as_str()).collect();
    Err(CommandError::Resume(format!(
        "scan {} was started with other checks or policies: {} changed since\n  help: restore \
         them, or start a new scan",
        resumed.header.id,
        changed.join(" and ")
    )))
}

/// The folder of the journals.
///
/// # Errors
/// When neither flag nor environment tells.
pub(super) fn state_dir(args: &ScanArgs) -> Result<PathBuf, CommandError> {
    let variable = |name| std::env::var_os(name).filter(|v| !v.is_empty());
    if let Some(given) = &args.state_dir {
        return Ok(given.clone());
    }
    variable("XDG_STATE_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".local/state")))
        .map(|folder| folder.join("sixpillars"))
        .ok_or_else(|| {
            CommandError::Resume(
                "there is no folder for the scan's journal: neither XDG_STATE_HOME nor HOME is \
                 set\n  help: name one with --state-dir, or use --no-journal"
                    .to_owned(),
            )
        })
}

fn here() -> PathBuf {
    std::env::current_dir().unwrap_or_default()
}

/// The flags that make a scan what it is.
fn flags(args: &ScanArgs) -> Value {
    // Flags are texts, numbers and lists of them.
    serde_json::to_value(args).unwrap_or_default()
}

/// A scan without a flag.
fn untyped() -> ScanArgs {
    match Cli::parse_from(["sixpillars", "scan"]).command {
        Command::Scan(args) => args,
        _ => unreachable!("`sixpillars scan` is the command scan"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_one_word_to_a_shell() {
        assert_eq!(quoted("/var/lib/six-pillars"), "/var/lib/six-pillars");
        assert_eq!(quoted("/my state; rm"), "'/my state; rm'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn without_a_journal_nothing_is_promised() {
        let noted = untyped();
        let error = |args: &ScanArgs| {
            let error = CommandError::Write("no room".to_owned());
            ResumeHint::new(args, "7").attach_to(error).to_string()
        };
        assert!(error(&noted).ends_with("resume with: sixpillars scan --resume 7"));
        let not = ScanArgs {
            no_journal: true,
            ..noted
        };
        assert_eq!(error(&not), "no room");
    }
}
