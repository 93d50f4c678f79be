//! The part of the configuration file that says who is notified of what, and when.

use crate::model::{Pillar, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who is notified of changes, and of which. Exactly one of `webhook`, `slack`, `sns`,
/// `eventbridge` and `email` says how. Environment variables may stand in addresses and secrets as
/// `${NAME}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelFile {
    /// A webhook that JSON is posted to.
    #[serde(default)]
    pub webhook: Option<WebhookFile>,
    /// The address of an incoming webhook of Slack.
    #[serde(default)]
    pub slack: Option<String>,
    /// A topic of Amazon SNS.
    #[serde(default)]
    pub sns: Option<SnsFile>,
    /// An event bus of Amazon EventBridge.
    #[serde(default)]
    pub eventbridge: Option<EventBridgeFile>,
    /// E-mail.
    #[serde(default)]
    pub email: Option<EmailFile>,
    /// The least severity; any by default.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// Only of these pillars.
    #[serde(default)]
    pub pillars: Vec<Pillar>,
    /// Only of these targets.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Only of targets of these owners.
    #[serde(default)]
    pub owners: Vec<String>,
    /// Only of such changes; of all by default.
    #[serde(default)]
    pub changes: Vec<ChangeFile>,
    /// Changes within this time of the first one are one message; 1m by default.
    #[serde(default)]
    pub burst: Option<String>,
    /// Messages come at a time of the day only, with everything since the last one.
    #[serde(default)]
    pub digest: Option<DigestFile>,
    /// When no message comes. What happens meanwhile is sent afterwards.
    #[serde(default)]
    pub quiet: Vec<QuietFile>,
    /// The least severity that does not wait for a digest or the end of quiet hours.
    #[serde(default)]
    pub urgent: Option<Severity>,
    /// Whether the address of a webhook, or the mail server, may lie in a private network, or on this
    /// machine.
    #[serde(default)]
    pub allow_private: bool,
}

/// How a finding changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChangeFile {
    /// It fails, and did not before.
    New,
    /// It failed before, and is more severe now.
    Worse,
    /// It failed, and does not any more.
    Fixed,
}

/// A webhook that JSON is posted to. Each message has its id in the header `sixpillars-delivery`, the
/// same for every attempt, and in `sixpillars-signature` the time and HMAC-SHA256 over time and body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookFile {
    /// The address, `https://…`.
    #[schemars(length(min = 1))]
    pub url: String,
    /// The secret of the signature.
    #[schemars(length(min = 1))]
    pub secret: String,
}

/// A topic of Amazon SNS. The service's own credentials publish to it, for which they need
/// `sns:Publish`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnsFile {
    /// Its ARN, `arn:aws:sns:eu-west-1:111122223333:audits`.
    #[schemars(length(min = 1))]
    pub topic: String,
    /// A role to assume for it.
    #[serde(default)]
    pub role: Option<String>,
    /// The external id that the role asks for.
    #[serde(default)]
    pub external_id: Option<String>,
}

/// An event bus of Amazon EventBridge. The service's own credentials put events on it, for which they
/// need `events:PutEvents`. Events have the source `sixpillars` and the detail type `Findings changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventBridgeFile {
    /// Its ARN, `arn:aws:events:eu-west-1:111122223333:event-bus/audits`.
    #[schemars(length(min = 1))]
    pub bus: String,
    /// A role to assume for it.
    #[serde(default)]
    pub role: Option<String>,
    /// The external id that the role asks for.
    #[serde(default)]
    pub external_id: Option<String>,
}

/// E-mail: exactly one of `smtp` and `ses` says how it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailFile {
    /// Who sends it, `Six Pillars <audits@example.com>`.
    #[schemars(length(min = 1))]
    pub from: String,
    /// Who gets it.
    #[schemars(length(min = 1))]
    pub to: Vec<String>,
    /// A mail server.
    #[serde(default)]
    pub smtp: Option<SmtpFile>,
    /// Amazon SES.
    #[serde(default)]
    pub ses: Option<SesFile>,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TlsModeFile {
    /// By STARTTLS, without which nothing is sent; port 587 unless another is named.
    #[default]
    Starttls,
    /// From the first byte on; port 465 unless another is named.
    Tls,
    /// Not at all, which is for a mail server on this machine only; port 25 unless another is named.
    None,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SmtpFile {
    /// Its name or IP address.
    #[schemars(length(min = 1))]
    pub host: String,
    /// Its port.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub tls: TlsModeFile,
    /// A PEM file with the certificate of an authority to trust beside those of the system.
    #[serde(default)]
    pub ca: Option<String>,
    /// The user to log in as.
    #[serde(default)]
    pub user: Option<String>,
    /// The password of the user, as `${NAME}`.
    #[serde(default)]
    pub password: Option<String>,
    /// A file with the password in place of `password`.
    #[serde(default)]
    pub password_file: Option<String>,
}

/// Amazon SES. The service's own credentials send by it, for which they need `ses:SendEmail`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SesFile {
    /// The region in which the sender is verified.
    #[schemars(length(min = 1))]
    pub region: String,
    /// A role to assume for it.
    #[serde(default)]
    pub role: Option<String>,
    /// The external id that the role asks for.
    #[serde(default)]
    pub external_id: Option<String>,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "days of the week")]
pub enum DayFile {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A time of the day at which everything since the last one is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DigestFile {
    /// The time, `08:00`.
    pub at: String,
    /// On these days only: one of them for a weekly digest.
    #[serde(default)]
    pub days: Vec<DayFile>,
    /// The time zone, `Europe/Berlin`; UTC by default.
    #[serde(default)]
    pub time_zone: Option<String>,
}

/// Hours in which no message comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietFile {
    /// When they begin, `22:00`.
    pub from: String,
    /// When they end, `07:00`: on the next day unless it is later than `from`. The same time as `from`
    /// makes a whole day.
    pub to: String,
    /// The days on which they begin; all by default.
    #[serde(default)]
    pub days: Vec<DayFile>,
    /// The time zone, `Europe/Berlin`; UTC by default.
    #[serde(default)]
    pub time_zone: Option<String>,
}
