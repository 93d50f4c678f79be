//! The arguments of `sixpillars send`.

use clap::{Args, Subcommand, ValueHint};
use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The variable that may hold a webhook's address.
pub const WEBHOOK_VARIABLE: &str = "SIXPILLARS_WEBHOOK_URL";

/// The report that `send` reads by default: where `scan --output report` writes it.
const REPORT: &str = "report/report.json";

/// `send …`.
#[derive(Debug, Clone, Subcommand)]
pub enum SendCommand {
    /// Import what changed into AWS Security Hub, and resolve what was fixed
    SecurityHub(SecurityHubArgs),
    /// Post a short summary to a webhook, in the form that Slack takes
    Webhook(WebhookArgs),
    /// Publish a short summary to a topic of Amazon SNS
    Sns(SnsArgs),
}

/// `send security-hub`.
///
/// Compares the report with what the hub has, and imports the difference: what failed, is exempt or
/// unknown, if it is new or has changed. What passes now, does not apply any more or is about a
/// resource that is gone is archived. Workflow status, notes and severities that people have set
/// are not changed.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = SECURITY_HUB_HELP)]
pub struct SecurityHubArgs {
    /// A report.json
    #[arg(default_value = REPORT, value_hint = ValueHint::FilePath)]
    pub report: PathBuf,
    /// Import everything in this region; by default each finding goes to the region of its resource
    #[arg(long, value_parser = one_region)]
    pub region: Option<String>,
    /// Import what passed too
    #[arg(long)]
    pub passed: bool,
    /// A profile of your AWS configuration; repeat for several accounts
    #[arg(long)]
    pub profile: Vec<String>,
    /// A role to assume, one for each account of the report
    #[arg(long, value_name = "ARN", value_parser = super::values::role_arn)]
    pub role_arn: Vec<String>,
    /// The external id that the roles ask for
    #[arg(long, value_name = "ID", requires = "role_arn")]
    pub external_id: Option<String>,
    /// Print what would be imported, and import nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print the IAM policy that this takes, and call nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub permissions: bool,
}

const SECURITY_HUB_HELP: &str = "\
Security Hub takes findings from the account that they are about: a report of several accounts needs
a profile or a role for each. It has to be enabled in the regions that findings go to.

What the report did not evaluate is never resolved: checks that were not selected, regions that were
not scanned, lists that were not read to the end. A failure that cannot be seen any more stays a
failure; what passed before and is unknown now is no longer shown as passed.

Exit codes:
  0  the hub has all of it
  2  bad usage, or a file that is no report
  3  something was not imported; it is named, and the next run sends what is missing";

fn one_region(text: &str) -> Result<String, String> {
    if text == "enabled" {
        return Err("not the name of a region, such as eu-west-1".to_owned());
    }
    super::values::region(text)
}

/// `send webhook`.
///
/// Posts pillars with score and coverage, failures by severity, the checks that fail most and what
/// was not seen, as Slack's incoming webhooks take it; Mattermost and Rocket.Chat take the same.
/// Names from the account never mention anyone.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = WEBHOOK_HELP)]
pub struct WebhookArgs {
    /// The address to post to, https; leave it out if SIXPILLARS_WEBHOOK_URL is set
    #[arg(value_name = "URL", value_hint = ValueHint::Url)]
    pub url: Option<Secret>,
    /// A report.json [default: report/report.json]
    #[arg(value_hint = ValueHint::FilePath)]
    pub report: Option<PathBuf>,
    /// Print what would be posted, and post nothing
    #[arg(long)]
    pub dry_run: bool,
}

const WEBHOOK_HELP: &str = "\
Whoever knows the address can post to it. In SIXPILLARS_WEBHOOK_URL it stays out of the shell's
history and of the list of processes:

  SIXPILLARS_WEBHOOK_URL=$(cat webhook.url) sixpillars send webhook report/report.json

A post is tried five times, as long as the answer is 429 or 5xx or the connection breaks, so it may
arrive twice. Redirects are not followed.

Exit codes:
  0  posted
  2  bad usage, or a file that is no report
  3  not posted";

impl WebhookArgs {
    /// The address, if given, and the report. If the address is `known` already, a single argument
    /// is the report, unless it looks like an address.
    #[must_use]
    pub fn split(&self, known: bool) -> (Option<&str>, PathBuf) {
        let typed = self.url.as_ref().map(Secret::expose);
        match (typed, &self.report) {
            (Some(alone), None) if known && !alone.contains("://") => (None, alone.into()),
            (url, report) => (url, report.clone().unwrap_or_else(|| REPORT.into())),
        }
    }
}

/// `send sns`.
///
/// Publishes what `send webhook` posts, as plain text with a subject. Subscriptions can filter by the
/// attributes of the message: account (all of them), critical, high, medium, low, info (how many
/// failed), unknown, and complete (true or false).
#[derive(Debug, Clone, Args)]
#[command(after_long_help = SNS_HELP)]
pub struct SnsArgs {
    /// The topic's ARN, such as arn:aws:sns:eu-west-1:111122223333:audits
    pub topic_arn: String,
    /// A report.json
    #[arg(default_value = REPORT, value_hint = ValueHint::FilePath)]
    pub report: PathBuf,
    /// A profile of your AWS configuration
    #[arg(long)]
    pub profile: Option<String>,
    /// A role to assume for it
    #[arg(long, value_name = "ARN", value_parser = super::values::role_arn)]
    pub role_arn: Option<String>,
    /// The external id that the role requires
    #[arg(long, value_name = "ID", requires = "role_arn")]
    pub external_id: Option<String>,
    /// Print what would be published, and call nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print the IAM policy that this takes, and call nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub permissions: bool,
}

const SNS_HELP: &str = "\
A subscription with this filter policy hears of critical failures only:

  {\"critical\": [{\"numeric\": [\">\", 0]}]}

A topic with an encryption key of its own also wants kms:GenerateDataKey and kms:Decrypt for it.

Exit codes:
  0  published
  2  bad usage, or a file that is no report
  3  not published";

/// A text that is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser;

    fn webhook(arguments: &[&str]) -> WebhookArgs {
        let all = [&["sixpillars", "send", "webhook"], arguments].concat();
        match Cli::parse_from(all).command {
            Command::Send(SendCommand::Webhook(args)) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_address_may_be_left_out_and_a_report_too() {
        const URL: &str = "https://example.com/x";
        let of = |known, arguments: &[&str]| {
            let args = webhook(arguments);
            let (url, report) = args.split(known);
            (url.map(ToOwned::to_owned), report)
        };
        let url = |text: &str| Some(text.to_owned());
        for known in [true, false] {
            assert_eq!(of(known, &[]), (None, REPORT.into()));
            assert_eq!(of(known, &[URL]), (url(URL), REPORT.into()));
            assert_eq!(of(known, &[URL, "r.json"]), (url(URL), "r.json".into()));
        }
        assert_eq!(of(true, &["r.json"]), (None, "r.json".into()));
        // This may be an incomplete address, which is a secret that no message may repeat.
        assert_eq!(of(false, &["r.json"]), (url("r.json"), REPORT.into()));
    }

    #[test]
    fn an_address_is_not_printed() {
        let args = webhook(&["https://example.com/secret"]);
        assert!(!format!("{args:?}").contains("secret"));
    }
}
