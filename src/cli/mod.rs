//! The arguments as typed. [`crate::config`] resolves and validates them.

mod args;
mod formats;
mod remote;
mod send;
#[cfg(feature = "serve")]
mod serve;
mod standard_output;
mod values;

pub use args::{
    ChecksCommand, Command, DiffArgs, JudgeArgs, KindsCommand, OutputArgs, OwnKindsArgs,
    PermissionsArgs, PlanArgs, PolicyCommand, ReportArgs, ScanArgs, SelectArgs, TargetArgs,
};
pub use formats::{DiffFormat, Format, KindFormat, ListFormat};
pub use remote::{
    AuditState, AuditsCommand, FindingSort, FindingsArgs, FindingsCommand, RemoteArgs,
    RemoteCommand, RemoteReportArgs, ServiceArgs, SessionsCommand, StartArgs, TOKEN_VARIABLE,
    TargetsCommand, WaitArgs,
};
pub use send::{Secret, SecurityHubArgs, SendCommand, SnsArgs, WEBHOOK_VARIABLE, WebhookArgs};

#[cfg(feature = "serve")]
pub use serve::{
    BackupArgs, HealthArgs, RestoreArgs, ServeArgs, ServeCommand, TestChannelArgs, TokenArgs,
    TokenRole,
};
#[cfg(feature = "serve")]
pub(crate) use values::{duration_in_days, role_arn};

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};

/// Audits AWS accounts against the six pillars of the AWS Well-Architected Framework.
///
/// Six Pillars reads an account through AWS's own APIs, judges what it read, and reports for each
/// pillar what is well, what is at risk, and what could not be seen. It never changes anything: it
/// may only call the operations on a list of reads, and every other request is refused before it
/// is sent. Only `send` writes, and only to the place that you name.
#[derive(Debug, Parser)]
#[command(
    name = "sixpillars",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_long_help = EXIT_CODES
)]
struct Typed {
    /// What to do.
    #[command(subcommand)]
    command: Command,
    /// Kinds of the user's own.
    #[command(flatten)]
    own_kinds: OwnKindsArgs,
}

/// The command line.
#[derive(Debug)]
pub struct Cli {
    /// What to do.
    pub command: Command,
    /// Kinds of the user's own, for every command.
    pub own_kinds: OwnKindsArgs,
}

impl Parser for Cli {}

impl CommandFactory for Cli {
    fn command() -> clap::Command {
        Typed::command()
    }

    fn command_for_update() -> clap::Command {
        Typed::command_for_update()
    }
}

/// As derived, and with the default formats for the destination.
impl FromArgMatches for Cli {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let Typed {
            mut command,
            own_kinds,
        } = Typed::from_arg_matches(matches)?;
        standard_output::settle(&mut command, matches, Self::command())?;
        Ok(Self { command, own_kinds })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Explained at the end of `--help` and in the README.
const EXIT_CODES: &str = "\
Exit codes:
  0  done, and within the gates
  1  a gate is broken: --fail-on, or a gate of the policy
  2  bad usage, or a file that cannot be used
  3  incomplete: coverage below --min-coverage, an account that could not be read, or stopped
     before its end; send: not all was sent; remote: the audit came to no end, or the service
     cannot be reached
  4  a file or standard output that cannot be written completely, or an internal error";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
