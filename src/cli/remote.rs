//! `remote`: the client of a standing service.

use super::formats::{Format, ListFormat, format};
use super::values::{duration, percent, usd};
use crate::model::{Pillar, Severity};
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;
use std::time::Duration;

/// The variable that may hold the token.
pub const TOKEN_VARIABLE: &str = "SIXPILLARS_TOKEN";

const HELP: &str = "\
A pipeline that audits what it has just deployed, and fails where something of high severity fails:

  export SIXPILLARS_URL=https://audits.example.com SIXPILLARS_TOKEN=…
  sixpillars remote audits start --target shop --wait --fail-on high

The token comes from the environment or a file, never from an argument: arguments are in the list of
processes and in the shell's history. `sixpillars serve token --name ci --role operator` makes one.

Exit codes:
  0  done, and within the gates
  1  a gate is broken: --fail-on, or a gate of the target's policy
  2  bad usage: no such target or audit, no token or one that may not do this
  3  incomplete: the audit failed, was cancelled, ended early or did not end in time, or the service
     cannot be reached
  4  a file or standard output that cannot be written completely";

/// `remote`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = HELP)]
pub struct RemoteArgs {
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// What to ask it.
    #[command(subcommand)]
    pub command: RemoteCommand,
}

/// Which service, and how to log in there.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which service")]
pub struct ServiceArgs {
    /// The address of the service
    #[arg(
        long,
        global = true,
        env = "SIXPILLARS_URL",
        default_value = "http://127.0.0.1:7317",
        value_hint = ValueHint::Url
    )]
    pub url: String,
    /// A file with the token; without it the token is that of the variable SIXPILLARS_TOKEN
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "SIXPILLARS_TOKEN_FILE",
        value_hint = ValueHint::FilePath
    )]
    pub token_file: Option<PathBuf>,
    /// A PEM file with the CA certificates to trust, instead of those of the system
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "SIXPILLARS_CA_FILE",
        value_hint = ValueHint::FilePath
    )]
    pub ca_file: Option<PathBuf>,
}

/// `remote …`.
#[derive(Debug, Clone, Subcommand)]
pub enum RemoteCommand {
    /// Start, watch, list and cancel audits
    #[command(subcommand)]
    Audits(AuditsCommand),
    /// Show findings as they are now
    #[command(subcommand)]
    Findings(FindingsCommand),
    /// Show what the service audits
    #[command(subcommand)]
    Targets(TargetsCommand),
    /// Fetch the report of an audit
    Report(RemoteReportArgs),
    /// Show who is logged in, and end the sessions of a person; both take the role admin
    #[command(subcommand)]
    Sessions(SessionsCommand),
}

/// `remote audits …`.
#[derive(Debug, Clone, Subcommand)]
pub enum AuditsCommand {
    /// Start an audit and print its id; with --wait, wait for its end
    Start(StartArgs),
    /// Wait for the end of an audit that was started before
    Wait {
        /// The audit's id
        id: String,
        /// What to wait for.
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// List audits, the newest first
    List {
        /// Only of this target
        #[arg(long)]
        target: Option<String>,
        /// Only in this state
        #[arg(long, value_enum)]
        state: Option<AuditState>,
        /// Only of this schedule
        #[arg(long)]
        schedule: Option<String>,
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
        /// The format
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
    /// Show an audit
    Show {
        /// The audit's id
        id: String,
        /// The format
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
    /// Cancel an audit
    Cancel {
        /// The audit's id
        id: String,
    },
}

/// The states of an audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuditState {
    /// It waits for a worker, or for another audit of its target
    Queued,
    /// It runs
    Running,
    /// It has a report
    Finished,
    /// It has none, and says why
    Failed,
    /// Somebody stopped it
    Cancelled,
}

/// `remote audits start`.
#[derive(Debug, Clone, Args)]
pub struct StartArgs {
    /// A target of the service's configuration
    #[arg(long)]
    pub target: String,
    /// Only checks whose id matches, such as `s3/*`; repeat or separate with commas
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    pub checks: Vec<String>,
    /// Only checks of these services, such as `s3,rds`
    #[arg(long, value_name = "SERVICE", value_delimiter = ',')]
    pub services: Vec<String>,
    /// Only checks of these pillars, such as `security,cost-optimization`
    #[arg(long, value_name = "PILLAR", value_delimiter = ',')]
    pub pillars: Vec<Pillar>,
    /// Only checks of this severity or above
    #[arg(long)]
    pub severity: Option<Severity>,
    /// US dollars that billed reads (CloudWatch metrics) may cost
    #[arg(long, value_name = "USD", default_value_t = 0.0, value_parser = usd)]
    pub allow_paid: f64,
    /// End the reading after this time, such as 30m; what was not read by then is unknown
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub deadline: Option<Duration>,
    /// Two requests with the same key are one audit: a job that is run again for the same commit
    /// gets the audit that its first run started
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    /// Wait for the end of the audit
    #[arg(long)]
    pub wait: bool,
    /// What to wait for.
    #[command(flatten)]
    pub until: WaitArgs,
}

/// How to wait, and when the exit code is not 0.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Waiting")]
pub struct WaitArgs {
    /// Exit with code 1 if a finding of this severity or above fails
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<Severity>,
    /// Exit with code 3 if less than this percentage of evaluations was decided
    #[arg(long, value_name = "PCT", value_parser = percent)]
    pub min_coverage: Option<f64>,
    /// Stop waiting after this time, with exit code 3; the audit goes on
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Say nothing on the way
    #[arg(long, short)]
    pub quiet: bool,
    /// The format of the audit on standard output
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

impl WaitArgs {
    /// Whether something depends on how the audit ends.
    #[must_use]
    pub fn needs_the_end(&self) -> bool {
        self.fail_on.is_some() || self.min_coverage.is_some() || self.timeout.is_some()
    }
}

/// `remote findings …`.
#[derive(Debug, Clone, Subcommand)]
pub enum FindingsCommand {
    /// List findings, the most severe first
    List(FindingsArgs),
}

/// `remote findings list`.
#[derive(Debug, Clone, Args)]
pub struct FindingsArgs {
    /// Only of these targets; repeat or separate with commas, as for all of these
    #[arg(long, value_delimiter = ',')]
    pub target: Vec<String>,
    /// Only of these accounts
    #[arg(long, value_delimiter = ',')]
    pub account: Vec<String>,
    /// Only of these regions
    #[arg(long, value_delimiter = ',')]
    pub region: Vec<String>,
    /// Only of these pillars
    #[arg(long, value_delimiter = ',')]
    pub pillar: Vec<Pillar>,
    /// Only of these severities
    #[arg(long, value_delimiter = ',')]
    pub severity: Vec<Severity>,
    /// Only with these verdicts: fail, unknown, exempt, pass, not_applicable, gone
    #[arg(long, value_delimiter = ',', default_value = "fail")]
    pub verdict: Vec<String>,
    /// Only of these services
    #[arg(long, value_delimiter = ',')]
    pub service: Vec<String>,
    /// Only of these kinds, such as `s3.bucket`
    #[arg(long, value_delimiter = ',')]
    pub kind: Vec<String>,
    /// Only of these checks
    #[arg(long, value_delimiter = ',')]
    pub check: Vec<String>,
    /// Only of resources with this tag, such as `team=web`; repeat for others
    #[arg(long, value_name = "KEY=VALUE")]
    pub tag: Vec<String>,
    /// Only of checks that give evidence for these best practices, such as `SEC08-BP04`
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub practice: Vec<String>,
    /// Only of checks that are in these tools or standards, such as `cis` or `"cis 2.21"`
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub framework: Vec<String>,
    /// Only of checks whose remedy takes so long: minutes, hours, days
    #[arg(long, value_delimiter = ',')]
    pub effort: Vec<String>,
    /// Only with this text in the resource's id, ARN, name or tags, in the check's id, title or best
    /// practices, or in what the check says
    #[arg(long)]
    pub text: Option<String>,
    /// By what they are sorted
    #[arg(long, value_enum, default_value_t = FindingSort::Severity)]
    pub sort: FindingSort,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
    /// The format
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// By what findings are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FindingSort {
    /// The most severe first
    Severity,
    /// What changed last first
    Since,
    /// By check
    Check,
    /// By resource
    Resource,
}

/// `remote targets …`.
#[derive(Debug, Clone, Subcommand)]
pub enum TargetsCommand {
    /// List targets with the scores of their last audits
    List {
        /// The format
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
}

/// `remote sessions …`.
#[derive(Debug, Clone, Subcommand)]
pub enum SessionsCommand {
    /// List the browsers in which people are logged in
    List {
        /// The format
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
    /// End all sessions of a person
    End {
        /// The provider's name for the person, as the list shows it
        subject: String,
    },
}

/// `remote report`.
#[derive(Debug, Clone, Args)]
pub struct RemoteReportArgs {
    /// The audit's id
    #[arg(required_unless_present = "target")]
    pub id: Option<String>,
    /// The last finished audit of this target
    #[arg(long, conflicts_with = "id")]
    pub target: Option<String>,
    /// Formats to fetch, separated by commas; without --output one
    #[arg(long, value_parser = format(), value_delimiter = ',', default_values = ["text"])]
    pub format: Vec<Format>,
    /// The folder for the reports; without it the report goes to standard output
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
}
