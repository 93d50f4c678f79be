//! `serve`: the standing service.

use super::values::duration_in_days;
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// `serve`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ServeArgs {
    /// What else to do with the service.
    #[command(subcommand)]
    pub command: Option<ServeCommand>,
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "service.yaml", value_hint = ValueHint::FilePath)]
    pub config: PathBuf,
    /// Report every problem in the configuration, and stop
    #[arg(long)]
    pub check: bool,
}

/// `serve …`.
#[derive(Debug, Clone, Subcommand)]
pub enum ServeCommand {
    /// Make a token for scripts, and print it or write it to a file, this once
    Token(TokenArgs),
    /// Ask the running service on this machine whether it takes requests: exit code 0 if it does, 3
    /// if not
    Health(HealthArgs),
    /// Send one test message by a channel of the configuration
    TestChannel(TestChannelArgs),
    /// Write a backup of the database and all reports, while the service runs
    Backup(BackupArgs),
    /// Put a backup back while no service runs
    Restore(RestoreArgs),
}

/// `serve health`.
#[derive(Debug, Clone, Args)]
pub struct HealthArgs {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "service.yaml", value_hint = ValueHint::FilePath)]
    pub config: PathBuf,
}

/// `serve test-channel`.
#[derive(Debug, Clone, Args)]
pub struct TestChannelArgs {
    /// The channel's name in the configuration, below `notify`
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "service.yaml", value_hint = ValueHint::FilePath)]
    pub config: PathBuf,
}

/// `serve backup`.
#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "service.yaml", value_hint = ValueHint::FilePath)]
    pub config: PathBuf,
    /// The file to write, or a folder to write one with the time in its name to
    #[arg(long, value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub to: PathBuf,
}

/// `serve restore`.
#[derive(Debug, Clone, Args)]
pub struct RestoreArgs {
    /// The configuration, which says where to
    #[arg(long, value_name = "FILE", default_value = "service.yaml", value_hint = ValueHint::FilePath)]
    pub config: PathBuf,
    /// The backup
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub from: PathBuf,
    /// Restore although there is something already, which is kept aside under another name
    #[arg(long)]
    pub force: bool,
}

/// `serve token`.
#[derive(Debug, Clone, Args)]
pub struct TokenArgs {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "service.yaml", value_hint = ValueHint::FilePath)]
    pub config: PathBuf,
    /// What it is for, as the audit log shows it
    #[arg(long)]
    pub name: String,
    /// What it may do
    #[arg(long, value_enum)]
    pub role: TokenRole,
    /// The targets it is for; all where this is left out
    #[arg(long, value_delimiter = ',')]
    pub target: Vec<String>,
    /// How long it is valid, such as 12h or 90d
    #[arg(long, value_name = "TIME", default_value = "90d", value_parser = duration_in_days)]
    pub expires: Duration,
    /// Write it to this file, which only its owner may read, in place of standard output: that may be a log
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

/// What somebody may do; each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum TokenRole {
    /// Read everything
    Viewer,
    /// Start and cancel audits, change schedules, make milestones, ask for exemptions
    Operator,
    /// Decide about exemptions, and attest
    Approver,
    /// Make and revoke tokens, end the sessions of others, and read the audit log
    Admin,
}

impl fmt::Display for TokenRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Approver => "approver",
            Self::Admin => "admin",
        })
    }
}
