//! Sessions: credentials, the account that they belong to, and its regions.

mod chain;
mod clock;
mod diagnosis;
mod home;
mod login;
mod opt_in;
mod profiles;
mod redact;
mod refusal;
mod sdk_config;
mod search;
mod sign_in;

pub use diagnosis::{Attempt, Diagnosis};
pub use home::is_plausible;
pub use login::{Login, Regions};
pub use opt_in::is_optional;

use super::error::{connection, gap, required_answer};
use super::exchange::ExchangeLog;
use super::http::Network;
use super::settings::{BadSettings, Settings};
use super::throttle::gate::Gate;
use super::{Clients, ConnectionError};
use crate::model::{Call, Gap};
use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use home::Home;
use opt_in::RegionProbe;
use profiles::Profiles;
use sign_in::SignedIn;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Who the caller is. Needs no permission.
pub const GET_CALLER_IDENTITY: Call = crate::call!("sts", "GetCallerIdentity");
/// Which regions the account has enabled.
pub const DESCRIBE_REGIONS: Call = crate::call!("ec2", "DescribeRegions");

/// What the account is called.
pub const LIST_ACCOUNT_ALIASES: Call = crate::call!("iam", "ListAccountAliases");

/// How long a scan waits at most to learn the alias of an account.
const NAMING: Duration = Duration::from_secs(10);

/// An account that can be read.
#[derive(Debug, Clone)]
pub struct Session {
    /// The twelve-digit id.
    pub account: String,
    /// What people call it, where that was requested and AWS told.
    pub alias: Option<String>,
    /// The id of its partition, such as `aws`.
    pub partition: String,
    /// The identity that reads it.
    pub caller_arn: String,
    /// The region that calls of account-wide services go to.
    pub home: String,
    /// The regions to scan, sorted.
    pub regions: Vec<String>,
    /// Regions that were named and that the account has not enabled, each with what to do.
    pub not_enabled: Vec<(String, Diagnosis)>,
    /// SDK clients.
    pub clients: Arc<Clients>,
}

impl Session {
    /// Refuses regions that the account cannot have.
    ///
    /// # Errors
    /// The first region of another partition than the account's.
    pub fn in_partition(&self) -> Result<(), SessionError> {
        Ok(opt_in::of_partition(
            &self.regions,
            &self.account,
            &self.partition,
        )?)
    }
}

/// Why an account cannot be scanned at all.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Settings that cannot be used.
    #[error(transparent)]
    Settings(#[from] BadSettings),
    /// AWS cannot be reached.
    #[error("{0}\n  help: {help}", help = .0.help())]
    Connection(Box<ConnectionError>),
    /// The cause is known, and what to do about it.
    #[error("{0}")]
    Diagnosed(Box<Diagnosis>),
    /// AWS does not answer, or not in a way that says more.
    #[error(
        "AWS does not say who is calling: {0}\n  help: check the credentials with `aws sts \
         get-caller-identity`, or name a profile with --profile"
    )]
    Identity(Gap),
    /// The answer lacks what it must have.
    #[error("AWS answered GetCallerIdentity without an account")]
    NoAccount,
    /// The regions cannot be listed.
    #[error("the enabled regions cannot be listed: {0}\n  help: name them with --regions")]
    Regions(Gap),
}

impl From<Diagnosis> for SessionError {
    fn from(diagnosis: Diagnosis) -> Self {
        Self::Diagnosed(Box::new(diagnosis))
    }
}

impl SessionError {
    /// Why a call that a session begins with failed.
    fn of<E>(
        call: &Call,
        error: &SdkError<E, HttpResponse>,
        otherwise: impl FnOnce(Gap) -> Self,
    ) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match connection(error) {
            Some(connection) => Self::Connection(Box::new(connection.clone())),
            None => otherwise(gap(call, error)),
        }
    }

    /// All of it in one line, as reports have it.
    #[must_use]
    pub fn one_line(&self) -> String {
        match self {
            Self::Diagnosed(diagnosis) => diagnosis.one_line(),
            other => other.to_string().replace("\n  help: ", "; "),
        }
    }
}

/// Opens a session: finds credentials, and reads their account, its enabled regions and its alias.
///
/// # Errors
/// [`SessionError`].
pub async fn open(
    login: &Login,
    regions: &Regions,
    network: &Network,
    gate: &Arc<Gate>,
) -> Result<Session, SessionError> {
    let profiles = Profiles::load(login.profile.as_deref()).await?;
    let settings = Settings::load(login.profile.as_deref()).await?;
    let http = network.client(settings.ca_bundle.as_ref())?;
    let config = sdk_config::load(login, &http, &settings).await;
    let home = Home::find(login, regions, &config, &profiles);
    if !sdk_config::has_endpoint("sts", &config) {
        home.exists()?;
    }
    let found = Box::pin(sign_in::sign_in(login, config, home, &http, &profiles)).await?;
    let provisional = login.provisional();
    let first = found.config.clone();
    let first = clients_of(&found, first, &provisional, gate, &settings);
    let home = found.home.region.clone();
    let probe = RegionProbe {
        config: &found.config,
        name: &provisional,
        gate,
        credentials: &found.credentials,
    };
    // These calls run concurrently: none needs the answer of another.
    let (identity, wanted_regions, alias, present) = tokio::join!(
        identity(&first, &found.log, &home),
        wanted_regions(regions, &first, &home),
        alias(login, &first, &home),
        opt_in::probe_all(&probe, regions, &home),
    );
    let Identity { account, arn } = match identity {
        Ok(identity) => identity,
        Err(error) => {
            let diagnosis = found.unidentified(&probe, &profiles).await;
            return Err(diagnosis.map_or(error, SessionError::from));
        }
    };
    probe.identified(&present, &account);
    let mut regions = wanted_regions?;
    let not_enabled = opt_in::withdraw(&mut regions, &present, &account)?;
    let patient = sdk_config::patient(found.config.clone());
    let clients = clients_of(&found, patient, &account, gate, &settings);
    Ok(Session {
        clients: Arc::new(clients),
        partition: partition_of(&arn),
        account,
        alias,
        caller_arn: arn,
        home,
        regions,
        not_enabled,
    })
}

/// Clients with the credentials that were found. Their calls go by an account, or by a name until it is
/// known.
fn clients_of(
    found: &SignedIn,
    config: SdkConfig,
    account: &str,
    gate: &Arc<Gate>,
    settings: &Settings,
) -> Clients {
    let path_style = sdk_config::has_endpoint("s3", &found.config);
    let (gate, credentials) = (Arc::clone(gate), Arc::clone(&found.credentials));
    let clients = Clients::sharing(config, account, gate, path_style, credentials);
    match settings.max_attempts {
        Some(attempts) => clients.with_attempts(attempts),
        None => clients,
    }
}

/// The partition of an ARN.
fn partition_of(arn: &str) -> String {
    let partition = arn.split(':').nth(1).filter(|p| !p.is_empty());
    partition.unwrap_or("aws").to_owned()
}

/// Who is calling.
struct Identity {
    account: String,
    arn: String,
}

async fn identity(
    clients: &Clients,
    log: &ExchangeLog,
    home: &str,
) -> Result<Identity, SessionError> {
    let sts = clients.sts(home);
    let request = sts.get_caller_identity().customize();
    let answer = request.interceptor(log.interceptor()).send().await;
    let answer = answer
        .map_err(|error| SessionError::of(&GET_CALLER_IDENTITY, &error, SessionError::Identity))?;
    Ok(Identity {
        account: answer.account().ok_or(SessionError::NoAccount)?.to_owned(),
        arn: answer.arn().unwrap_or_default().to_owned(),
    })
}

/// The alias of an account; `None` if it has none, or if AWS does not tell. The report says of
/// which account it is by its id, so nothing depends on this.
async fn alias(login: &Login, clients: &Clients, home: &str) -> Option<String> {
    if !login.naming {
        return None;
    }
    let iam = clients.iam(home);
    let answer = required_answer(&LIST_ACCOUNT_ALIASES, iam.list_account_aliases().send());
    let answer = tokio::time::timeout(NAMING, answer).await.ok()?.ok()?;
    // There is at most one.
    answer.account_aliases.into_iter().next()
}

/// The regions to read, sorted, each once: those that the user names, or all that are enabled.
async fn wanted_regions(
    regions: &Regions,
    clients: &Clients,
    home: &str,
) -> Result<Vec<String>, SessionError> {
    let mut regions = match regions {
        Regions::Named(named) => named.clone(),
        Regions::Enabled => enabled_regions(clients, home).await?,
    };
    regions.sort();
    regions.dedup();
    Ok(regions)
}

async fn enabled_regions(clients: &Clients, home: &str) -> Result<Vec<String>, SessionError> {
    let request = clients.ec2(home).describe_regions().all_regions(false);
    let answer = request
        .send()
        .await
        .map_err(|error| SessionError::of(&DESCRIBE_REGIONS, &error, SessionError::Regions))?;
    Ok(answer
        .regions()
        .iter()
        .filter_map(|r| r.region_name())
        .map(ToOwned::to_owned)
        .collect())
}

/// The gate that every request passes, for calls of the named operations only.
#[must_use]
pub fn gate(max_rate: Option<f64>, allowed: impl IntoIterator<Item = &'static Call>) -> Arc<Gate> {
    let operations = allowed
        .into_iter()
        .chain([
            &GET_CALLER_IDENTITY,
            &DESCRIBE_REGIONS,
            &LIST_ACCOUNT_ALIASES,
        ])
        .map(|call| (call.service.to_owned(), call.operation.to_owned()));
    Gate::new(max_rate, operations)
}
