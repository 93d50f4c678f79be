//! The form of the service's configuration file.

use super::notify::file::ChannelFile;
use crate::model::{Pillar, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How `sixpillars serve` runs: where it listens and keeps what it finds, what it audits and when.
/// Paths are relative to this file. Times are written as 30s, 15m, 2h or 90d.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Six Pillars service")]
pub struct ServiceFile {
    /// The address and port to listen on; `127.0.0.1:7317` by default. Any other address
    /// than this machine's own takes `tls` or `behind_proxy`, `login`, and `url`.
    #[serde(default)]
    pub listen: Option<String>,
    /// The address that people and scripts use, `https://audits.example.com`. Requests for another
    /// host are refused.
    #[serde(default)]
    pub url: Option<String>,
    /// A certificate to listen with.
    #[serde(default)]
    pub tls: Option<TlsFile>,
    /// Whether a proxy in front of the service does TLS. The last address in its header
    /// `X-Forwarded-For` is then taken for the client's. No other header of a proxy is read.
    #[serde(default)]
    pub behind_proxy: bool,
    /// Who may do what. Without it, nobody has to log in and everybody may do everything,
    /// which is allowed for this machine's own address alone.
    #[serde(default)]
    pub login: Option<LoginFile>,
    /// The database: `sqlite:///var/lib/sixpillars/service.db` or `postgres://user@host/name`; by
    /// default SQLite in the store. Environment variables may stand in it as `${NAME}`.
    #[serde(default)]
    pub database: Option<String>,
    /// The folder for reports and snapshots, or a place in S3,
    /// `s3://bucket/prefix?region=eu-west-1&kms_key=…`, which the service's own credentials read and
    /// write. Processes that share a database share it too.
    #[schemars(length(min = 1))]
    pub store: String,
    /// The folder for audits that are under way where the store is in S3.
    #[serde(default)]
    pub work: Option<String>,
    /// How many audits run at once in this process; 2 by default.
    #[serde(default)]
    #[schemars(range(min = 1, max = 64))]
    pub concurrency: Option<usize>,
    /// How long a worker may be silent before another takes its audit over; 30s by default.
    #[serde(default)]
    pub lease: Option<String>,
    /// How long audits are kept; 400d by default. Milestones are kept for ever, and so is the last
    /// finished audit of each target and scope, with which the next one is compared. Old ones are removed at
    /// least once an hour.
    #[serde(default)]
    pub keep: Option<String>,
    /// How the log on standard error is written; `json` by default.
    #[serde(default)]
    pub log: Option<LogForm>,
    /// Where traces go; by default nowhere, unless the environment has
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`.
    #[serde(default)]
    pub otlp: Option<OtlpFile>,
    /// What is audited, by name.
    pub targets: BTreeMap<String, TargetFile>,
    /// When it is audited, by name.
    #[serde(default)]
    pub schedules: BTreeMap<String, ScheduleFile>,
    /// Who is notified of what changed, by name.
    #[serde(default)]
    pub notify: BTreeMap<String, ChannelFile>,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogForm {
    /// An object a line, for programs.
    #[default]
    Json,
    /// Lines for people.
    Text,
}

/// Where traces go: spans of audits, their phases, and requests, by OTLP over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtlpFile {
    /// The address of a collector, `http://localhost:4318`; `/v1/traces` is added to it.
    #[schemars(length(min = 1))]
    pub endpoint: String,
    /// A file with headers that the collector asks for, such as its key: `name: value`, one a line.
    #[serde(default)]
    pub headers_file: Option<String>,
}

/// A certificate to listen with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsFile {
    /// A PEM file with the certificate and those that lead to its authority.
    #[schemars(length(min = 1))]
    pub certificate: String,
    /// A PEM file with its private key.
    #[schemars(length(min = 1))]
    pub key: String,
}

/// Who may do what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginFile {
    /// Whether tokens are taken, which `sixpillars serve token` makes.
    #[serde(default)]
    pub tokens: bool,
    /// A provider of OpenID Connect that people log in with.
    #[serde(default)]
    pub oidc: Option<OidcFile>,
}

/// A provider of OpenID Connect. Register the service with it as a web application that uses the
/// authorization code flow with PKCE, returns to `URL/auth/callback`, and after logout to `URL/`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OidcFile {
    /// The provider, as its tokens name it in `iss`: `https://login.example.com/realms/main`.
    #[schemars(length(min = 1))]
    pub issuer: String,
    /// The service's id at the provider.
    #[schemars(length(min = 1))]
    pub client_id: String,
    /// The service's secret at the provider; environment variables may stand in it as `${NAME}`.
    /// Neither this nor `client_secret_file` where the provider gave none.
    #[serde(default)]
    pub client_secret: Option<String>,
    /// A file with the secret.
    #[serde(default)]
    pub client_secret_file: Option<String>,
    /// What to ask the provider for beside `openid`; by default `profile` and `email`.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// The claim with the display name; by default `name`, or else `preferred_username` or `email`.
    #[serde(default)]
    pub name_claim: Option<String>,
    /// Who may do what.
    pub roles: RolesFile,
    /// How long a login lasts; 8h by default. A role that the provider takes away lasts no
    /// longer.
    #[serde(default)]
    pub session: Option<String>,
    /// How long a login lasts without any request; 1h by default.
    #[serde(default)]
    pub idle: Option<String>,
}

/// Which values of a claim give which role. Whoever has several has the greatest; whoever has none is
/// refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RolesFile {
    /// The claim, a text or a list of texts, such as `groups`; `realm_access.roles` is the field
    /// `roles` of the claim `realm_access`.
    #[schemars(length(min = 1))]
    pub claim: String,
    /// These may read.
    #[serde(default)]
    pub viewer: Vec<String>,
    /// These may also start and cancel audits, change schedules, make milestones, and ask for
    /// exemptions.
    #[serde(default)]
    pub operator: Vec<String>,
    /// These may also decide about exemptions, and attest.
    #[serde(default)]
    pub approver: Vec<String>,
    /// These may also revoke tokens, and read the audit log.
    #[serde(default)]
    pub admin: Vec<String>,
}

impl std::fmt::Debug for OidcFile {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let issuer = &self.issuer;
        f.debug_struct("OidcFile")
            .field("issuer", issuer)
            .finish_non_exhaustive()
    }
}

/// What is audited: an account by its role or by a profile, or the account of the service's own
/// credentials.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetFile {
    /// The role to assume, `arn:aws:iam::111122223333:role/audit`.
    #[serde(default)]
    pub role: Option<String>,
    /// The external id that the role asks for.
    #[serde(default)]
    pub external_id: Option<String>,
    /// A profile of the AWS configuration.
    #[serde(default)]
    pub profile: Option<String>,
    /// The regions; by default all that the account has enabled.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Policy files or names of built-in policies, the later over the earlier; by default the
    /// built-in `default`.
    #[serde(default)]
    pub policy: Vec<String>,
    /// Folders with checks of your own.
    #[serde(default)]
    pub checks_dir: Vec<String>,
    /// Who is responsible for it, for filters and messages.
    #[serde(default)]
    pub owners: Vec<String>,
}

/// What becomes of times at which no service ran.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Missed {
    /// They are left out.
    Skip,
    /// One audit makes up for all of them.
    #[default]
    Once,
    /// Each is made up for, up to a hundred.
    All,
}

/// What an audit is narrowed to; an empty list narrows nothing.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, utoipa::ToSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Services, such as `s3`.
    #[serde(default)]
    pub services: Vec<String>,
    /// Patterns of check ids, such as `s3/*`.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Pillars.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub pillars: Vec<Pillar>,
    /// The least severity.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub severity: Option<Severity>,
}

/// When something is audited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleFile {
    /// Five fields as cron has them, `0 3 * * *`, or `@daily`.
    #[schemars(length(min = 1))]
    pub cron: String,
    /// The time zone of `cron`, `Europe/Berlin`; UTC by default. A time that daylight
    /// saving leaves out comes at the end of the gap, and one that it repeats comes once.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Targets by name; all by default.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Spreads the starts over this much time: each target starts at a moment of its own in it.
    #[serde(default)]
    pub jitter: Option<String>,
    /// What becomes of times at which no service ran.
    #[serde(default)]
    pub missed: Missed,
    /// What the audit is narrowed to.
    #[serde(default)]
    pub scope: Scope,
    /// US dollars that billed reads may cost each time; 0 by default.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub allow_paid_usd: f64,
    /// Ends the reading after this time; what was not read by then is unknown.
    #[serde(default)]
    pub deadline: Option<String>,
}
