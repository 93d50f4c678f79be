//! The commands and their flags.

use super::formats::{DiffFormat, Format, KindFormat, ListFormat, format};
use super::send::SendCommand;
use super::values::{duration, percent, region, role_arn, size, tag, usd};
use crate::model::{Pillar, Severity};
use clap::{Args, Subcommand, ValueHint};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Audit accounts and write the reports
    Scan(ScanArgs),
    /// Judge a saved snapshot again, offline: with another policy or other checks
    Judge(JudgeArgs),
    /// Show what a scan would ask AWS, and what it would cost
    Plan(PlanArgs),
    /// Print the exact IAM policy that a scan needs
    Permissions(PermissionsArgs),
    /// List, show, test and create checks
    #[command(subcommand)]
    Checks(ChecksCommand),
    /// Look at policy files
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Show the kinds of resources, and the fields that checks may read
    #[command(subcommand)]
    Kinds(KindsCommand),
    /// Render a report.json in other formats
    Report(ReportArgs),
    /// Compare a report.json with an earlier one
    Diff(DiffArgs),
    /// Send a report.json elsewhere
    #[command(subcommand)]
    Send(SendCommand),
    /// Ask a standing service: start audits and wait for them, and read findings and reports
    Remote(super::remote::RemoteArgs),
    /// Run the standing service: scheduled audits, audits on demand, and their history
    #[cfg(feature = "serve")]
    Serve(super::serve::ServeArgs),
    /// Print the completions of a shell
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page of all commands, or write a page for each
    Man {
        /// The folder for the pages, sixpillars.1, sixpillars-scan.1 and so on
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        output: Option<PathBuf>,
    },
}

impl Command {
    /// Whether it runs until it is stopped.
    #[must_use]
    pub fn is_standing(&self) -> bool {
        #[cfg(feature = "serve")]
        if let Self::Serve(args) = self {
            return args.command.is_none() && !args.check;
        }
        false
    }
}

/// Which checks.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[command(next_help_heading = "Which checks")]
pub struct SelectArgs {
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
    /// A policy file, or the name of a built-in one (default, startup, regulated, ci); repeat to
    /// combine several, of which later ones take precedence
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub policy: Vec<String>,
    /// A folder with checks of your own, `<service>/<flaw>.yaml`
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub checks_dir: Vec<PathBuf>,
}

/// Which accounts and regions.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[command(next_help_heading = "Which accounts and regions")]
pub struct TargetArgs {
    /// A profile of your AWS configuration; repeat for several accounts
    #[arg(long)]
    pub profile: Vec<String>,
    /// A role to assume, one for each account to scan
    #[arg(long, value_name = "ARN", value_parser = role_arn)]
    pub role_arn: Vec<String>,
    /// The external id that the roles ask for
    #[arg(long, value_name = "ID", requires = "role_arn")]
    pub external_id: Option<String>,
    /// Regions separated by commas, or `enabled` for all that the account has enabled
    #[arg(long, value_delimiter = ',', default_value = "enabled", value_parser = region)]
    pub regions: Vec<String>,
}

/// How to report.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[command(next_help_heading = "What to write")]
pub struct OutputArgs {
    /// Formats to write, separated by commas; without --output one, or text
    #[arg(long, value_parser = format(), value_delimiter = ',', default_values_t = Format::default_set())]
    pub format: Vec<Format>,
    /// The folder for the reports; without it the report goes to standard output
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
    /// An earlier report.json of the same account: show only new failures, and count only those
    /// for `new_only` gates and --fail-on
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub baseline: Option<PathBuf>,
    /// Exit with code 1 if a finding of this severity or above fails; with --baseline, only new
    /// failures count
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<Severity>,
    /// Exit with code 3 if less than this percentage of evaluations was decided
    #[arg(long, value_name = "PCT", value_parser = percent)]
    pub min_coverage: Option<f64>,
    /// Say nothing on the way
    #[arg(long, short)]
    #[serde(skip)]
    pub quiet: bool,
}

/// `scan`.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
pub struct ScanArgs {
    /// Which accounts and regions.
    #[command(flatten)]
    pub target: TargetArgs,
    /// Which checks.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Only resources with this tag; repeat for several, all of which a resource must have
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag, help_heading = "Which checks")]
    pub tags: Vec<(String, String)>,
    /// How to report.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Percentage of each documented API rate to use [default: 50]; 0 sets no limit until AWS
    /// throttles
    #[arg(long, value_name = "PCT", value_parser = percent, help_heading = "How to read")]
    pub max_rate: Option<f64>,
    /// US dollars that billed reads (CloudWatch metrics) may cost; with 0 they are skipped, and
    /// verdicts that need them are unknown
    #[arg(long, value_name = "USD", default_value_t = 0.0, value_parser = usd, help_heading = "How to read")]
    pub allow_paid: f64,
    /// Stop after this time, such as 90s, 30m or 2h, and report what was read by then as incomplete
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "How to read")]
    #[serde(skip)]
    pub deadline: Option<Duration>,
    /// Resume a scan that was stopped, was killed or lost its credentials; it keeps its original
    /// flags
    #[arg(long, value_name = "ID", help_heading = "How to read")]
    #[serde(skip)]
    pub resume: Option<String>,
    /// The folder of the journals that --resume needs [default: $XDG_STATE_HOME/sixpillars or
    /// ~/.local/state/sixpillars]
    #[arg(
        long,
        value_name = "DIR",
        env = "SIXPILLARS_STATE_DIR",
        hide_env_values = true,
        value_hint = ValueHint::DirPath,
        help_heading = "How to read"
    )]
    #[serde(skip)]
    pub state_dir: Option<PathBuf>,
    /// Keep no journal: the scan cannot be resumed
    #[arg(long, conflicts_with = "resume", help_heading = "How to read")]
    #[serde(skip)]
    pub no_journal: bool,
    /// Save what was read, for `sixpillars judge`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "What to write")]
    pub save_snapshot: Option<PathBuf>,
}

/// `judge`.
#[derive(Debug, Clone, Args)]
pub struct JudgeArgs {
    /// A file written by `scan --save-snapshot`
    #[arg(value_hint = ValueHint::FilePath)]
    pub snapshot: PathBuf,
    /// Which checks.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Only resources with this tag; repeat for several
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag, help_heading = "Which checks")]
    pub tags: Vec<(String, String)>,
    /// How to report.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `plan`.
#[derive(Debug, Clone, Args)]
pub struct PlanArgs {
    /// Which accounts and regions.
    #[command(flatten)]
    pub target: TargetArgs,
    /// Which checks.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Plan for scanning only resources with this tag
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag, help_heading = "Which checks")]
    pub tags: Vec<(String, String)>,
    /// US dollars that billed reads (CloudWatch metrics) may cost, as for `scan`; with 0 they are left
    /// out
    #[arg(long, value_name = "USD", default_value_t = 0.0, value_parser = usd, help_heading = "How to read")]
    pub allow_paid: f64,
    /// How many resources there are, such as `s3.bucket=24`, to estimate calls and cost
    #[arg(long, value_name = "KIND=N", value_delimiter = ',', value_parser = size)]
    pub sizes: Vec<(String, usize)>,
    /// Take the numbers of resources from an earlier report.json
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub sizes_from: Option<PathBuf>,
    /// The format
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// `permissions`.
#[derive(Debug, Clone, Args)]
pub struct PermissionsArgs {
    /// Regions separated by commas, or `enabled`; listing the enabled regions takes a permission
    /// of its own
    #[arg(long, value_delimiter = ',', default_value = "enabled", value_parser = region)]
    pub regions: Vec<String>,
    /// Which checks.
    #[command(flatten)]
    pub select: SelectArgs,
    /// Permissions for scanning only resources with certain tags, which may have to be read
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag, help_heading = "Which checks")]
    pub tags: Vec<(String, String)>,
    /// US dollars that billed reads (CloudWatch metrics) may cost, as for `scan`; with 0 they are left
    /// out
    #[arg(long, value_name = "USD", default_value_t = 0.0, value_parser = usd, help_heading = "How to read")]
    pub allow_paid: f64,
    /// Write managed policies into a folder in place of printing one policy: policy-1.json,
    /// policy-2.json …, each within the 6,144 characters of a managed policy
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub split: Option<PathBuf>,
}

/// `checks …`.
#[derive(Debug, Clone, Subcommand)]
pub enum ChecksCommand {
    /// List the selected checks
    List {
        /// Which checks.
        #[command(flatten)]
        select: SelectArgs,
        /// The format
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
    /// Show one check: what it judges, why, the remedy, and the calls it takes
    Show {
        /// The check's id, such as `s3/bucket-public`
        id: String,
        /// A folder with checks of your own
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        checks_dir: Vec<PathBuf>,
    },
    /// Run the examples of checks, and test that a gap never flips a verdict
    Test {
        /// Which checks.
        #[command(flatten)]
        select: SelectArgs,
    },
    /// Create a check of your own from a template that passes its own examples
    New {
        /// The new check's id, such as `ec2/instance-too-old`
        id: String,
        /// The kind it judges, such as `ec2.instance`
        #[arg(long, value_name = "KIND")]
        resource: String,
        /// The folder for your checks
        #[arg(long, value_name = "DIR", default_value = "checks", value_hint = ValueHint::DirPath)]
        dir: PathBuf,
    },
}

/// `policy …`.
#[derive(Debug, Clone, Subcommand)]
pub enum PolicyCommand {
    /// Report every problem in policy files
    Validate {
        /// The files in order: later ones take precedence
        #[arg(required = true, value_hint = ValueHint::FilePath)]
        files: Vec<String>,
        /// A folder with checks of your own
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        checks_dir: Vec<PathBuf>,
    },
}

/// Services and kinds that do not come with the program.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Kinds of your own")]
pub struct OwnKindsArgs {
    /// A folder with services and kinds of your own, `<service>/service.yaml` and
    /// `<service>/<noun>.yaml`; what it has of a known name replaces that
    #[arg(long, value_name = "DIR", global = true, value_hint = ValueHint::DirPath)]
    pub kinds_dir: Vec<PathBuf>,
    /// botocore's data, for operations that the program has no model of: the folder `botocore/data`
    /// below what `pip show botocore` says
    #[arg(long, value_name = "DIR", global = true, value_hint = ValueHint::DirPath)]
    pub models: Option<PathBuf>,
}

/// `kinds …`.
#[derive(Debug, Clone, Subcommand)]
pub enum KindsCommand {
    /// List the kinds
    List,
    /// Report every problem in the files of services and kinds, those of --kinds-dir included
    Test,
    /// Start a kind of your own, and its service where that is new
    New {
        /// The new kind, such as `kafka.cluster`: the service as botocore calls it, and a noun
        kind: String,
        /// The folder for your kinds
        #[arg(long, value_name = "DIR", default_value = "kinds", value_hint = ValueHint::DirPath)]
        dir: PathBuf,
    },
    /// Show a kind: its fields, its parts, and the IAM actions they take
    Show {
        /// The kind, such as `s3.bucket`
        kind: String,
        /// The format
        #[arg(long, value_enum, default_value_t = KindFormat::Text)]
        format: KindFormat,
    },
}

/// `report`.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    /// A report.json
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Formats to write, separated by commas; without --output one
    #[arg(long, value_parser = format(), value_delimiter = ',', default_values = ["text"])]
    pub format: Vec<Format>,
    /// The folder for the reports; without it the report goes to standard output
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
}

/// `diff`.
#[derive(Debug, Clone, Args)]
pub struct DiffArgs {
    /// The earlier report.json
    #[arg(value_hint = ValueHint::FilePath)]
    pub old: PathBuf,
    /// The later report.json
    #[arg(value_hint = ValueHint::FilePath)]
    pub new: PathBuf,
    /// Formats to write, separated by commas; without --output one
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["text"])]
    pub format: Vec<DiffFormat>,
    /// The folder for the files; without it the diff goes to standard output
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
    /// Exit with code 1 if there is a new failure of this severity or above
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<Severity>,
}
