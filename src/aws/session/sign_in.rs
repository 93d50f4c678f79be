//! Signs in with a profile or a role: finds credentials, and assumes the role if there is one.

use super::super::credentials::{CachedCredentials, CredentialsCache};
use super::super::exchange::{Exchange, ExchangeLog};
use super::chain::{Chain, Place};
use super::clock;
use super::diagnosis::Diagnosis;
use super::home::Home;
use super::login::Login;
use super::opt_in::{self, Presence, RegionProbe, is_optional};
use super::profiles::Profiles;
use super::refusal::{self, Shown};
use super::search;
use crate::kinds::endpoints::partition_of_region;
use aws_config::identity::IdentityCache;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::sync::Arc;

/// Credentials that were found, and how.
pub(super) struct SignedIn {
    pub(super) config: SdkConfig,
    pub(super) home: Home,
    pub(super) credentials: Arc<CredentialsCache>,
    /// The id of the access key.
    access_key: String,
    /// Which place of the chain gave them, or those that the role was given for.
    place: Option<Place>,
    /// Whether they are a role's.
    is_role: bool,
    pub(super) log: ExchangeLog,
}

impl SignedIn {
    /// Why AWS does not say who is calling, where its answer tells.
    pub(super) async fn unidentified(
        &self,
        probe: &RegionProbe<'_>,
        profiles: &Profiles,
    ) -> Option<Diagnosis> {
        let is_call = |exchange: &Exchange| exchange.action.as_deref() == Some("GetCallerIdentity");
        let refused = self.log.last(is_call)?;
        let home = &self.home.region;
        // Where a region is not enabled, STS knows no key of the account.
        if refusal::is_unknown_key(&refused) && is_optional(home) {
            let elsewhere = partition_of_region(home).map(|p| p.implicit_global_region);
            if let Some(elsewhere) = elsewhere
                && probe.probe(elsewhere).await == Presence::Enabled
            {
                return Some(opt_in::home_not_enabled(&self.home));
            }
        }
        let base = profiles.base();
        let shown = Shown {
            access_key: Some(&self.access_key),
            place: self.place,
            base: base.as_ref(),
            profiles,
            sts_region: home,
        };
        let diagnosis = refusal::of_credentials(&refused, &shown);
        // What a role was given a moment ago is not at fault, but the clock may be.
        diagnosis.filter(|_| !self.is_role || clock::diagnose(&refused).is_some())
    }
}

/// Finds credentials, and takes on the role where there is one.
pub(super) async fn sign_in(
    login: &Login,
    mut config: SdkConfig,
    mut home: Home,
    http: &SharedHttpClient,
    profiles: &Profiles,
) -> Result<SignedIn, Diagnosis> {
    let log = ExchangeLog::default();
    let region = |config: SdkConfig, home: &Home| {
        let region = Region::new(home.region.clone());
        config.into_builder().region(region).build()
    };
    config = region(config, &home);
    let chain = Chain::new(login.profile.as_deref(), &config, http, &log);
    let (given, metadata) = (chain.given(), chain.metadata());
    let mut credentials = CredentialsCache::new(Some(SharedCredentialsProvider::new(chain)));
    let first = credentials.credentials().await;
    let first = first.map_err(|error| search::diagnose(&error, profiles, &log, &home.region))?;
    let mut access_key = first.access_key_id().to_owned();
    let place = given.get().copied();
    if place == Some(Place::Instance) && !home.is_chosen() {
        home.of_instance(&metadata).await;
        config = region(config, &home);
    }
    if let Some(role) = &login.role_arn {
        let provider = SharedCredentialsProvider::new(CachedCredentials(credentials));
        let base = config
            .to_builder()
            .http_client(log.client(http))
            .credentials_provider(provider)
            .identity_cache(IdentityCache::no_cache())
            .build();
        let assume = assume_role(login, role, &base).await;
        credentials = CredentialsCache::new(Some(SharedCredentialsProvider::new(assume)));
        let of_role = credentials.credentials().await;
        let of_role = of_role.map_err(|_| {
            let base = profiles.base();
            let shown = Shown {
                access_key: Some(&access_key),
                place,
                base: base.as_ref(),
                profiles,
                sts_region: &home.region,
            };
            let is_call = |exchange: &Exchange| exchange.action.as_deref() == Some("AssumeRole");
            let refused = log.last(is_call).unwrap_or_default();
            refusal::of_role(&refused, &shown)
        })?;
        of_role.access_key_id().clone_into(&mut access_key);
    }
    Ok(SignedIn {
        config,
        home,
        credentials,
        access_key,
        place,
        is_role: login.role_arn.is_some(),
        log,
    })
}

async fn assume_role(login: &Login, role: &str, base: &SdkConfig) -> AssumeRoleProvider {
    let mut assume = AssumeRoleProvider::builder(role)
        .session_name("sixpillars")
        .configure(base);
    if let Some(external_id) = &login.external_id {
        assume = assume.external_id(external_id);
    }
    if let Some(policy) = &login.session_policy {
        assume = assume.policy(&policy.json);
        if let Some(arn) = policy.managed_arn(role) {
            assume = assume.policy_arns(vec![arn]);
        }
    }
    assume.build().await
}
