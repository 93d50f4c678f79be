//! The commands, one file for each, and what several of them share.

mod baseline;
pub mod checks;
pub mod completions;
pub mod diff;
mod exit_status;
pub mod judge;
pub mod kinds;
pub mod man;
pub(crate) mod output;
pub mod permissions;
pub mod plan;
pub mod policy;
pub mod remote;
pub mod report;
pub mod results;
pub mod scan;
pub mod send;
mod sessions;
mod table;

pub use exit_status::{CommandError, ExitStatus};

use crate::check::practices::Practices;
use crate::check::{Catalog, Kinds};
use crate::config;
use crate::yaml::{Pos, Problem, did_you_mean};
use std::path::PathBuf;

/// The kinds, and all checks: ours and those of the folders.
fn catalog(dirs: &[PathBuf]) -> Result<(Kinds, Catalog), CommandError> {
    let kinds = config::all_kinds();
    let practices = Practices::embedded()?;
    let catalog = config::all_checks(dirs, &kinds, &practices)?;
    Ok((kinds, catalog))
}

/// An error for a name that does not exist, with the one that was probably meant.
fn no_such<'a>(what: &str, given: &str, known: impl IntoIterator<Item = &'a str>) -> CommandError {
    let help = did_you_mean(given, known);
    let problem = Problem::new(given, Pos::START, format!("there is no such {what}"));
    CommandError::Config(vec![problem.with_maybe_help(help)])
}
