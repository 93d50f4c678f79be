//! `completions`: the completions of a shell.

use super::output::print;
use super::{CommandError, ExitStatus};
use crate::cli::Cli;
use clap::CommandFactory;
use clap_complete::Shell;

/// `completions`: the completions of a shell.
///
/// # Errors
/// [`CommandError`].
pub fn run(shell: Shell) -> Result<ExitStatus, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "sixpillars", &mut script);
    print(&String::from_utf8_lossy(&script))
}
