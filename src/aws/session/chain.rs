//! Where credentials are looked for, and in which order: as the AWS CLI does.

use super::super::exchange::ExchangeLog;
use aws_config::BehaviorVersion;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_config::{SdkConfig, imds};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How long an instance's metadata service may take. It is on the hypervisor: within an instance it
/// answers in milliseconds, and elsewhere there is no answer.
const METADATA: Duration = Duration::from_millis(900);

/// A place of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Access keys in the environment.
    Environment,
    /// A profile of the AWS configuration files, with all that it may name: keys, a role, SSO, a
    /// program.
    Profile,
    /// A token in a file, for a role: EKS, GitHub.
    WebIdentity,
    /// The credentials service of a container: ECS, EKS Pod Identity.
    Container,
    /// The metadata service of an EC2 instance.
    Instance,
}

/// The chain, and which place of it gave the credentials.
#[derive(Debug)]
pub(super) struct Chain {
    providers: CredentialsProviderChain,
    given: Arc<OnceLock<Place>>,
    metadata: imds::Client,
}

impl Chain {
    /// The chain of a login. With a profile on the command line, what the environment holds is not
    /// asked, as in the AWS CLI: it would stand in for every profile alike.
    pub(super) fn new(
        profile: Option<&str>,
        config: &SdkConfig,
        http: &SharedHttpClient,
        log: &ExchangeLog,
    ) -> Self {
        let given = Arc::<OnceLock<Place>>::default();
        let config = provider_config(config, log.client(http));
        let mut of_profile = ProfileFileCredentialsProvider::builder().configure(&config);
        if let Some(profile) = profile {
            of_profile = of_profile.profile_name(profile);
        }
        let metadata = imds::Client::builder()
            .configure(&config)
            .connect_timeout(METADATA)
            .read_timeout(METADATA)
            .build();
        let instance = ImdsCredentialsProvider::builder()
            .configure(&config)
            .imds_client(metadata.clone());
        let container = EcsCredentialsProvider::builder().configure(&config);
        let of_profile = Labelled::new(Place::Profile, of_profile.build(), &given);
        let providers = if profile.is_some() {
            CredentialsProviderChain::first_try("profile", of_profile)
        } else {
            let keys = EnvironmentVariableCredentialsProvider::new();
            let keys = Labelled::new(Place::Environment, keys, &given);
            let token = WebIdentityTokenCredentialsProvider::builder().configure(&config);
            let token = Labelled::new(Place::WebIdentity, token.build(), &given);
            CredentialsProviderChain::first_try("environment", keys)
                .or_else("profile", of_profile)
                .or_else("web identity", token)
        };
        let providers = providers
            .or_else(
                "container",
                Labelled::new(Place::Container, container.build(), &given),
            )
            .or_else(
                "instance",
                Labelled::new(Place::Instance, instance.build(), &given),
            );
        Self {
            providers,
            given,
            metadata,
        }
    }

    /// Tells later which place gave the credentials.
    pub(super) fn given(&self) -> Arc<OnceLock<Place>> {
        Arc::clone(&self.given)
    }

    /// The metadata service of the instance, for what else it tells.
    pub(super) fn metadata(&self) -> imds::Client {
        self.metadata.clone()
    }
}

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        self.providers.provide_credentials()
    }
}

/// What the providers take of a client's configuration.
fn provider_config(config: &SdkConfig, http: SharedHttpClient) -> ProviderConfig {
    let mut own = ProviderConfig::without_region()
        .with_region(config.region().cloned())
        .with_http_client(http)
        .with_use_fips(config.use_fips())
        .with_use_dual_stack(config.use_dual_stack())
        .with_behavior_version(Some(BehaviorVersion::latest()));
    if let Some(retries) = config.retry_config() {
        own = own.with_retry_config(retries.clone());
    }
    if let Some(timeouts) = config.timeout_config() {
        own = own.with_timeout_config(timeouts.clone());
    }
    own
}

/// A provider that tells where in the chain it is: when it gives credentials, and when it fails.
#[derive(Debug)]
struct Labelled<P> {
    place: Place,
    inner: P,
    given: Arc<OnceLock<Place>>,
}

impl<P: ProvideCredentials> Labelled<P> {
    fn new(place: Place, inner: P, given: &Arc<OnceLock<Place>>) -> Self {
        let given = Arc::clone(given);
        Self {
            place,
            inner,
            given,
        }
    }
}

impl<P: ProvideCredentials> ProvideCredentials for Labelled<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            match self.inner.provide_credentials().await {
                Ok(credentials) => {
                    self.given.get_or_init(|| self.place);
                    Ok(credentials)
                }
                // The next place is tried.
                Err(error @ CredentialsError::CredentialsNotLoaded(_)) => Err(error),
                Err(source) => Err(CredentialsError::provider_error(Failed {
                    place: self.place,
                    source,
                })),
            }
        })
    }
}

/// A place that should have given credentials and failed to, which ends the search.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) place: Place,
    pub(super) source: CredentialsError,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} failed", self.place)
    }
}

impl std::error::Error for Failed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
