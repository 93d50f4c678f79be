//! SDK clients of one account, one for each service and region, made when first used.

use super::credentials::{CachedCredentials, CredentialsCache};
use super::dynamic::{Connection, DynamicClient, DynamicError, DynamicService};
use super::emulator_host::RemoveAccountFromHost;
use super::http;
use super::throttle::connector::{NameOperation, client};
use super::throttle::gate::Gate;
use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime::client::retries::TokenBucket;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Attempts before a throttled or failed call becomes a gap.
const ATTEMPTS: u32 = 8;

/// Attempts to send or get an object of the program's own, and how long one may take: a report of a
/// large organization on a slow line.
const OBJECT_ATTEMPTS: u32 = 5;
const OBJECT_TIMEOUT: Duration = Duration::from_mins(15);

/// Waits are short at first, since most failures are transient, and long if AWS throttles, when the
/// gate slows down all requests anyway.
pub(super) fn retries(attempts: u32) -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(attempts)
        .with_initial_backoff(Duration::from_millis(200))
        .with_max_backoff(Duration::from_secs(8))
}

/// SDK clients of one account.
#[derive(Debug)]
pub struct Clients {
    config: SdkConfig,
    account: String,
    gate: Arc<Gate>,
    credentials: Arc<CredentialsCache>,
    http: SharedHttpClient,
    /// The most attempts of one call.
    attempts: u32,
    /// Emulators serve all buckets under one host name.
    path_style: bool,
    cache: Mutex<CachedClients>,
    /// By service and region.
    dynamic: Mutex<HashMap<(usize, String), DynamicClient>>,
}

impl Clients {
    /// Clients with the credentials and the HTTP client of `config`, for the account that the
    /// credentials belong to.
    #[must_use]
    pub fn new(config: SdkConfig, account: &str, gate: Arc<Gate>, path_style: bool) -> Self {
        let credentials = CredentialsCache::new(config.credentials_provider());
        Self::sharing(config, account, gate, path_style, credentials)
    }

    /// Clients with credentials that others use too.
    pub(super) fn sharing(
        config: SdkConfig,
        account: &str,
        gate: Arc<Gate>,
        path_style: bool,
        credentials: Arc<CredentialsCache>,
    ) -> Self {
        let http = config.http_client().unwrap_or_else(http::direct);
        let provider = SharedCredentialsProvider::new(CachedCredentials(Arc::clone(&credentials)));
        let config = config
            .into_builder()
            .credentials_provider(provider)
            // Ours is the cache: the SDK's would keep what AWS has refused.
            .identity_cache(IdentityCache::no_cache())
            .build();
        Self {
            config,
            account: account.to_owned(),
            gate,
            credentials,
            http,
            attempts: ATTEMPTS,
            path_style,
            cache: Mutex::default(),
            dynamic: Mutex::default(),
        }
    }

    /// The same clients, which try a call at most so often.
    #[must_use]
    pub fn with_attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }

    /// The HTTP client for a service and region: everything that is sent to it passes the gate.
    pub(super) fn http(&self, service: &str, region: &str) -> SharedHttpClient {
        let Self {
            gate,
            account,
            credentials,
            http,
            ..
        } = self;
        client(gate, account, service, region, credentials, http)
    }

    /// The client for a region of a service that is called by its model.
    #[must_use]
    pub fn dynamic(&self, service: &'static DynamicService, region: &str) -> DynamicClient {
        let mut cache = self.dynamic.lock().unwrap_or_else(PoisonError::into_inner);
        // By its place in memory, not by its name: a user's folder may have another model of a service.
        let key = (std::ptr::from_ref(service).addr(), region.to_owned());
        let cache = cache.entry(key).or_insert_with(|| {
            let connection = Connection {
                config: &self.config,
                account: &self.account,
                region,
                http: self.http(&service.name, region),
                retries: retries(self.attempts),
                partition: self.partition(&service.name, region),
            };
            DynamicClient::new(service, connection)
        });
        cache.clone()
    }

    /// The client for a region of a service that the program has a model of, by the name of its folder
    /// under `kinds/`.
    ///
    /// # Errors
    /// There is no such model.
    #[expect(
        clippy::result_large_err,
        reason = "the error of an operation, which callers also get from the call itself"
    )]
    pub fn modelled(&self, service: &str, region: &str) -> Result<DynamicClient, DynamicError> {
        match DynamicService::embedded(service) {
            Ok(service) => Ok(self.dynamic(service, region)),
            Err(problem) => Err(DynamicError::construction_failure(problem)),
        }
    }

    /// A client of S3 for the files of the program itself. Objects have any size, so they are not read into
    /// memory. The limits of a scan do not apply.
    #[must_use]
    pub fn object_store(&self, region: &str) -> aws_sdk_s3::Client {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(OBJECT_TIMEOUT)
            .operation_attempt_timeout(OBJECT_TIMEOUT);
        let builder = aws_sdk_s3::config::Builder::from(&self.config)
            .region(Region::new(region.to_owned()))
            .http_client(self.http.clone())
            .timeout_config(timeouts.build())
            .retry_config(retries(OBJECT_ATTEMPTS))
            .force_path_style(self.path_style);
        aws_sdk_s3::Client::from_conf(builder.build())
    }

    /// A retry partition of its own keeps an account that is throttled from using up the retries of
    /// another: the SDK's default is one for the whole process.
    fn partition(&self, service: &str, region: &str) -> RetryPartition {
        RetryPartition::custom(format!("{}/{service}/{region}", self.account))
            .token_bucket(TokenBucket::unlimited())
            .build()
    }

    /// Whether nothing is sent any more, since the credentials have expired and there are no
    /// others.
    #[must_use]
    pub fn paused(&self) -> bool {
        self.credentials.paused()
    }
}

/// One accessor for each service that has a crate of its own.
macro_rules! clients {
    ($($service:ident: $sdk:ident $(, $set:ident = $field:ident)?;)*) => {
        #[derive(Debug, Default)]
        struct CachedClients { $($service: HashMap<String, $sdk::Client>,)* }

        impl Clients {
            $(
                #[doc = concat!("The `", stringify!($service), "` client for a region.")]
                #[must_use]
                pub fn $service(&self, region: &str) -> $sdk::Client {
                    let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Some(client) = cache.$service.get(region) {
                        return client.clone();
                    }
                    let service = stringify!($service);
                    let builder = $sdk::config::Builder::from(&self.config)
                        .region(Region::new(region.to_owned()))
                        .http_client(self.http(service, region))
                        .retry_config(retries(self.attempts))
                        .retry_partition(self.partition(service, region))
                        .interceptor(NameOperation)
                        .interceptor(RemoveAccountFromHost { account: self.account.clone() });
                    $(let builder = builder.$set(self.$field);)?
                    let client = $sdk::Client::from_conf(builder.build());
                    cache.$service.insert(region.to_owned(), client.clone());
                    client
                }
            )*
        }
    };
}

clients! {
    cloudwatch: aws_sdk_cloudwatch;
    ec2: aws_sdk_ec2;
    iam: aws_sdk_iam;
    rds: aws_sdk_rds;
    s3: aws_sdk_s3, force_path_style = path_style;
    sts: aws_sdk_sts;
}
