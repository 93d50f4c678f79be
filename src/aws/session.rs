//! Who is scanning what: credentials, the account they belong to, and its regions.

use super::clients::retries;
use super::error::{connection, gap, must};
use super::http::Network;
use super::settings::{BadSettings, Settings};
use super::throttle::gate::Gate;
use super::{Clients, ConnectionError};
use crate::kinds::endpoints::{partition_of_arn, partitions};
use crate::model::{Call, Gap};
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::service_config::ServiceConfigKey;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Who the caller is. Needs no permission.
pub const GET_CALLER_IDENTITY: Call = crate::call!("sts", "GetCallerIdentity");
/// Which regions the account has enabled.
pub const DESCRIBE_REGIONS: Call = crate::call!("ec2", "DescribeRegions");

/// What the account is called.
pub const LIST_ACCOUNT_ALIASES: Call = crate::call!("iam", "ListAccountAliases");

/// So long a scan waits at most to learn what an account is called.
const NAMING: Duration = Duration::from_secs(10);

/// So long the first connection may take. A first run ends soon where the network does not let it
/// through; later, a connection is waited for as long as lost packets are sent again.
const FIRST_CONNECT: Duration = Duration::from_millis(1_900);
const CONNECT: Duration = Duration::from_millis(3_100);
const ANSWER: Duration = Duration::from_secs(20);
/// How often what credentials take is tried.
const FIRST_ATTEMPTS: u32 = 3;

/// What calls go by before the account is known; with the name of the profile, if there is one.
const UNIDENTIFIED: &str = "unidentified";

/// How to get credentials for one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Login {
    /// A profile of the AWS configuration files.
    pub profile: Option<String>,
    /// A role to assume with those credentials.
    pub role_arn: Option<String>,
    /// The external id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// The session policy for the role: what it may do at most, whatever its own policies allow.
    pub session_policy: Option<String>,
    /// Whether to ask what the account is called, for people who read a report.
    pub naming: bool,
}

impl Login {
    /// What its first calls go by, until AWS has said whose they are. One account that does not answer
    /// must not be taken for another.
    fn provisional(&self) -> String {
        let of_role = self.role_arn.as_ref().and_then(|arn| arn.split(':').nth(4));
        match (of_role, &self.profile) {
            (Some(account), _) => account.to_owned(),
            (None, Some(profile)) => format!("{UNIDENTIFIED} {profile}"),
            (None, None) => UNIDENTIFIED.to_owned(),
        }
    }

    /// The region that is asked which regions there are, when nothing names another: one of the role's
    /// partition, which alone knows the role.
    fn first_region(&self) -> &'static str {
        let of_role = self.role_arn.as_deref().and_then(partition_of_arn);
        of_role
            .or_else(|| partitions().first())
            .map_or("us-east-1", |partition| partition.implicit_global_region)
    }
}

/// Which regions to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Regions {
    /// All that the account has enabled.
    Enabled,
    /// These.
    Named(Vec<String>),
}

/// An account that can be read.
#[derive(Debug, Clone)]
pub struct Session {
    /// The twelve-digit id.
    pub account: String,
    /// What people call it, where that was asked for and AWS told.
    pub alias: Option<String>,
    /// The id of its partition, such as `aws`.
    pub partition: String,
    /// The identity that reads it.
    pub caller_arn: String,
    /// The region that calls of account-wide services go to.
    pub home: String,
    /// The regions to scan, sorted.
    pub regions: Vec<String>,
    /// SDK clients.
    pub clients: Arc<Clients>,
}

/// Why an account cannot be scanned at all.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Settings that cannot be used.
    #[error(transparent)]
    Settings(#[from] BadSettings),
    /// AWS cannot be reached.
    #[error(transparent)]
    Connection(Box<ConnectionError>),
    /// No credentials, or AWS does not accept them.
    #[error("AWS does not say who is calling: {0}")]
    Identity(Gap),
    /// The answer lacks what it must have.
    #[error("AWS answered GetCallerIdentity without an account")]
    NoAccount,
    /// The regions cannot be listed.
    #[error("the enabled regions cannot be listed: {0}")]
    Regions(Gap),
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

    /// What to do about it, where that is known.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Connection(error) => Some(error.help()),
            Self::Settings(_) | Self::Identity(_) | Self::NoAccount | Self::Regions(_) => None,
        }
    }
}

/// Opens a session: finds credentials, asks who they belong to, which regions are enabled, and what
/// the account is called.
///
/// # Errors
/// [`SessionError`].
pub async fn open(
    login: &Login,
    regions: &Regions,
    network: &Network,
    gate: &Arc<Gate>,
) -> Result<Session, SessionError> {
    let settings = Settings::load(login.profile.as_deref()).await?;
    let config = config(login, regions, network, &settings).await?;
    let home = config
        .region()
        .map_or(login.first_region(), |r| r.as_ref())
        .to_owned();
    let path_style = has_endpoint(&config);
    let provisional = login.provisional();
    let clients = |config, account: &str| {
        let clients = Clients::new(config, account, Arc::clone(gate), path_style);
        match settings.max_attempts {
            Some(attempts) => clients.with_attempts(attempts),
            None => clients,
        }
    };
    let first = clients(config.clone(), &provisional);
    // Asked for at the same time, as none needs another's answer.
    let enabled = async {
        match regions {
            Regions::Named(named) => Ok(named.clone()),
            Regions::Enabled => enabled_regions(&first, &home).await,
        }
    };
    let named = async {
        if login.naming {
            alias(&first, &home).await
        } else {
            None
        }
    };
    let sts = first.sts(&home);
    let (identity, regions, alias) =
        tokio::join!(sts.get_caller_identity().send(), enabled, named,);
    let identity = identity
        .map_err(|error| SessionError::of(&GET_CALLER_IDENTITY, &error, SessionError::Identity))?;
    let account = identity
        .account()
        .ok_or(SessionError::NoAccount)?
        .to_owned();
    gate.identified(&provisional, &account);
    let caller_arn = identity.arn().unwrap_or_default().to_owned();
    let partition = caller_arn
        .split(':')
        .nth(1)
        .filter(|p| !p.is_empty())
        .unwrap_or("aws");
    let clients = clients(patient(config), &account);
    let mut regions = regions?;
    regions.sort();
    regions.dedup();
    Ok(Session {
        partition: partition.to_owned(),
        account,
        alias,
        caller_arn,
        home,
        regions,
        clients: Arc::new(clients),
    })
}

/// The alias of an account; `None` where it has none, or where AWS does not tell. The report says of
/// which account it is by its id, so nothing depends on this.
async fn alias(clients: &Clients, home: &str) -> Option<String> {
    let iam = clients.iam(home);
    let answer = must(&LIST_ACCOUNT_ALIASES, iam.list_account_aliases().send());
    let answer = tokio::time::timeout(NAMING, answer).await.ok()?.ok()?;
    // There is at most one.
    answer.account_aliases.into_iter().next()
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

/// The same, once AWS was reached.
fn patient(config: SdkConfig) -> SdkConfig {
    let timeouts = config
        .timeout_config()
        .map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder)
        .connect_timeout(CONNECT);
    let config = config.into_builder();
    config.timeout_config(timeouts.build()).build()
}

async fn config(
    login: &Login,
    regions: &Regions,
    network: &Network,
    settings: &Settings,
) -> Result<SdkConfig, BadSettings> {
    let attempts = settings.max_attempts.unwrap_or(FIRST_ATTEMPTS);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(network.client(settings.ca_bundle.as_ref())?)
        .retry_config(retries(attempts))
        // It would take a request that waits for its turn for one that is stuck. What is stuck once it
        // is sent, the gate gives up.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(FIRST_CONNECT)
                .read_timeout(ANSWER)
                .build(),
        );
    if let Ok(name) = AppName::new("sixpillars") {
        loader = loader.app_name(name);
    }
    if let Some(profile) = &login.profile {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    // Where neither environment nor profile names a region, the first one to scan will do.
    let region = config.region().cloned().unwrap_or_else(|| match regions {
        Regions::Named(named) => Region::new(
            named
                .first()
                .map_or_else(|| login.first_region().to_owned(), Clone::clone),
        ),
        Regions::Enabled => Region::new(login.first_region()),
    });
    let config = config.into_builder().region(region).build();
    let Some(role) = &login.role_arn else {
        return Ok(config);
    };
    let mut assume = AssumeRoleProvider::builder(role)
        .session_name("sixpillars")
        .configure(&config);
    if let Some(external_id) = &login.external_id {
        assume = assume.external_id(external_id);
    }
    if let Some(policy) = &login.session_policy {
        assume = assume.policy(policy);
    }
    let provider = SharedCredentialsProvider::new(assume.build().await);
    let config = config.into_builder().credentials_provider(provider);
    Ok(config.build())
}

/// Whether S3 goes to an endpoint of the user's choice: an emulator, which serves all buckets
/// under one host name.
fn has_endpoint(config: &SdkConfig) -> bool {
    let key = ServiceConfigKey::builder()
        .service_id("s3")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let for_s3 = match (config.service_config(), key) {
        (Some(service), Ok(key)) => service.load_config(key),
        _ => None,
    };
    for_s3.is_some() || config.endpoint_url().is_some()
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
