//! `policy`: shows and validates policy files.

use super::output::print;
use super::results::today;
use super::{CommandError, ExitStatus, catalog};
use crate::check::practices::Practices;
use crate::cli::PolicyCommand;
use crate::{config, judge, policy};
use jiff::Timestamp;
use std::path::PathBuf;

/// `policy`: looks at policy files.
///
/// # Errors
/// [`CommandError`].
pub fn run(command: &PolicyCommand) -> Result<ExitStatus, CommandError> {
    match command {
        PolicyCommand::Validate { files, checks_dir } => validate(files, checks_dir),
    }
}

fn validate(files: &[String], dirs: &[PathBuf]) -> Result<ExitStatus, CommandError> {
    let (_, catalog) = catalog(dirs)?;
    let practices = Practices::embedded()?;
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    for file in files {
        match config::policy_source(file) {
            Ok(source) => sources.push(source),
            Err(problem) => problems.push(problem),
        }
    }
    let infos: Vec<_> = catalog.iter().map(|check| judge::info(check)).collect();
    let practices: Vec<&str> = practices.ids().collect();
    match policy::load(&sources, &infos, &practices, today(Timestamp::now())) {
        Err(found) => problems.extend(found),
        Ok(loaded) => {
            for warning in loaded.warnings {
                print(&format!("{warning}\n"))?;
            }
        }
    }
    if !problems.is_empty() {
        return Err(CommandError::Config(problems));
    }
    print(&format!("{} valid\n", files.join(", ")))
}
