//! The configuration of the service, as [`super::load`] makes it from the file.

use super::file::{LogForm, ScheduleFile, Scope};
use super::notify::channel::Channel;
use super::schedule::Cadence;
use crate::cli::{ScanArgs, SelectArgs, TargetArgs, TokenRole, duration_in_days};
use crate::config;
use crate::store::BucketPlace;
use crate::yaml::{PathSeg, Problem, did_you_mean};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A usable configuration.
#[derive(Clone)]
pub struct Config {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Host and port that requests may be for, beside the address itself.
    pub host: Option<String>,
    /// Certificate and key.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Whether a proxy in front of the service does TLS.
    pub behind_proxy: bool,
    /// Whether tokens are taken.
    pub tokens: bool,
    /// The provider that people log in with.
    pub oidc: Option<Oidc>,
    /// The URL of the database.
    pub database: String,
    /// The folder of the runs; if the store is in S3, only of those in progress.
    pub store: PathBuf,
    /// The store in S3.
    pub bucket: Option<BucketPlace>,
    /// How many audits run at once.
    pub concurrency: usize,
    /// How long a worker may be silent.
    pub lease: Duration,
    /// How long runs are kept.
    pub keep: Duration,
    /// How the log is written.
    pub log: LogForm,
    /// Where traces go.
    pub otlp: Option<Otlp>,
    /// What is audited.
    pub targets: BTreeMap<String, Target>,
    /// When targets are audited, as the file has it.
    pub schedules: BTreeMap<String, ScheduleFile>,
    /// The address that people use.
    pub url: Option<String>,
    /// Who is notified of changes.
    pub channels: BTreeMap<String, Channel>,
}

/// Where traces go.
#[derive(Clone, PartialEq, Eq)]
pub struct Otlp {
    /// The address that spans are posted to.
    pub traces: String,
    /// Headers that the collector asks for, which are secrets.
    pub headers: Vec<(String, String)>,
}

impl Otlp {
    /// Reads the variables of the OpenTelemetry specification. The exporter itself reads those with
    /// headers.
    #[must_use]
    pub(super) fn from_env(variable: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let variable = |name| variable(name).filter(|value| !value.trim().is_empty());
        if variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return None;
        }
        let traces = variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        let traces = traces.or_else(|| {
            let base = variable("OTEL_EXPORTER_OTLP_ENDPOINT")?;
            Some(Self::traces_of(&base))
        })?;
        Some(Self {
            traces,
            headers: Vec::new(),
        })
    }

    /// The address for spans below that of a collector.
    #[must_use]
    pub(super) fn traces_of(base: &str) -> String {
        format!("{}/v1/traces", base.trim().trim_end_matches('/'))
    }
}

impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Otlp")
            .field("traces", &self.traces)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Config {
    /// Without the database's address, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .finish_non_exhaustive()
    }
}

/// A provider of OpenID Connect.
#[derive(Clone)]
pub struct Oidc {
    /// As its tokens name it.
    pub issuer: String,
    /// The service's id there.
    pub client_id: String,
    /// The service's secret there.
    pub client_secret: Option<String>,
    /// What to ask it for, beside `openid`.
    pub scopes: Vec<String>,
    /// The claims with the display name. The first one that is present counts.
    pub name_claims: Vec<String>,
    /// The claim with the roles.
    pub role_claim: String,
    /// The role of each value.
    pub roles: BTreeMap<String, TokenRole>,
    /// How long a login lasts.
    pub session: SignedDuration,
    /// How long it lasts unused.
    pub idle: SignedDuration,
}

impl fmt::Debug for Oidc {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oidc")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// What is audited, as a scan takes it.
#[derive(Debug, Clone)]
pub struct Target {
    /// Accounts and regions.
    pub access: TargetArgs,
    /// Policies and checks.
    pub select: SelectArgs,
    /// Who is responsible for it.
    pub owners: Vec<String>,
}

impl Target {
    /// A scan of it.
    #[must_use]
    pub fn scan(&self, scope: &Scope, allow_paid_usd: f64) -> ScanArgs {
        ScanArgs {
            target: self.access.clone(),
            select: SelectArgs {
                checks: scope.checks.clone(),
                services: scope.services.clone(),
                pillars: scope.pillars.clone(),
                severity: scope.severity,
                ..self.select.clone()
            },
            allow_paid: allow_paid_usd,
            ..ScanArgs::default()
        }
    }
}

impl Config {
    /// Whether anybody has to log in.
    #[must_use]
    pub fn has_login(&self) -> bool {
        self.tokens || self.oidc.is_some()
    }

    /// Loads every policy and every check that a target or a schedule selects.
    ///
    /// # Errors
    /// Every problem in them.
    pub fn check_selections(&self) -> Result<(), Vec<Problem>> {
        let mut scans: Vec<ScanArgs> = Vec::new();
        for target in self.targets.values() {
            scans.push(target.scan(&Scope::default(), 0.0));
        }
        for schedule in self.schedules.values() {
            for target in self.targets_of(schedule) {
                if let Some(target) = self.targets.get(&target) {
                    scans.push(target.scan(&schedule.scope, 0.0));
                }
            }
        }
        // Loading takes a second, and most targets use the same policies.
        let mut known = BTreeSet::new();
        let mut problems = BTreeSet::new();
        for scan in scans {
            let key = serde_json::to_string(&scan.select).unwrap_or_default();
            if known.insert(key) {
                let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
                problems.extend(
                    config::select(&scan.select, &[], today)
                        .err()
                        .unwrap_or_default(),
                );
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems.into_iter().collect())
        }
    }

    /// The targets of a schedule: those that it names, or all.
    #[must_use]
    pub fn targets_of(&self, schedule: &ScheduleFile) -> Vec<String> {
        if schedule.targets.is_empty() {
            self.targets.keys().cloned().collect()
        } else {
            schedule.targets.clone()
        }
    }

    /// What is wrong with a schedule, by field.
    #[must_use]
    pub(super) fn schedule_problems(
        &self,
        schedule: &ScheduleFile,
    ) -> Vec<(Vec<PathSeg>, String, Option<String>)> {
        schedule_problems(
            schedule,
            &self.targets.keys().map(String::as_str).collect::<Vec<_>>(),
        )
    }
}

/// A duration as schedules and requests write it.
///
/// # Errors
/// What is wrong with it.
pub(super) fn duration(text: &str) -> Result<SignedDuration, String> {
    let duration = duration_in_days(text)?;
    SignedDuration::try_from(duration).map_err(|_| "too long".to_owned())
}

/// What is wrong with a schedule: the field, the message, and what would be right.
pub(super) fn schedule_problems(
    schedule: &ScheduleFile,
    targets: &[&str],
) -> Vec<(Vec<PathSeg>, String, Option<String>)> {
    let mut problems = Vec::new();
    if let Err((is_cron, why)) = Cadence::parse(&schedule.cron, schedule.time_zone.as_deref()) {
        let (field, text) = if is_cron {
            ("cron", schedule.cron.as_str())
        } else {
            (
                "time_zone",
                schedule.time_zone.as_deref().unwrap_or_default(),
            )
        };
        let help = is_cron.then(|| {
            "five fields: minute, hour, day of the month, month, day of the week; `0 3 * * *` is \
             every day at 3:00"
                .to_owned()
        });
        problems.push((
            vec![field.into()],
            format!("`{text}` cannot be used: {why}"),
            help,
        ));
    }
    for (index, target) in schedule.targets.iter().enumerate() {
        if !targets.contains(&target.as_str()) {
            problems.push((
                vec!["targets".into(), index.into()],
                format!("there is no target `{target}`"),
                did_you_mean(target, targets.iter().copied()),
            ));
        }
    }
    for (field, text) in [
        ("jitter", &schedule.jitter),
        ("deadline", &schedule.deadline),
    ] {
        if let Some(Err(why)) = text.as_deref().map(duration) {
            problems.push((vec![field.into()], why, None));
        }
    }
    if !schedule.allow_paid_usd.is_finite() || schedule.allow_paid_usd < 0.0 {
        problems.push((
            vec!["allow_paid_usd".into()],
            "not an amount".to_owned(),
            None,
        ));
    }
    problems
}

/// Whether a text can be a name in an address.
pub(super) fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=64).contains(&text.len()) && text.chars().all(plain) && !text.starts_with('.')
}
