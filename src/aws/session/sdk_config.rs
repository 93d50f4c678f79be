//! The settings of an AWS client, from the environment and the profile.

use super::super::clients::retries;
use super::super::settings::Settings;
use super::login::Login;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::service_config::ServiceConfigKey;
use std::time::Duration;

/// How long the first connection may take. A first run ends soon where the network does not let it
/// through; later, a connection is waited for as long as lost packets are sent again.
const FIRST_CONNECT: Duration = Duration::from_millis(1_900);
const CONNECT: Duration = Duration::from_millis(3_100);
const ANSWER: Duration = Duration::from_secs(20);
/// How often what credentials take is tried.
const FIRST_ATTEMPTS: u32 = 3;

/// The settings of environment and profile, without credentials.
pub(super) async fn load(login: &Login, http: &SharedHttpClient, settings: &Settings) -> SdkConfig {
    let attempts = settings.max_attempts.unwrap_or(FIRST_ATTEMPTS);
    let profile = login.profile.as_deref();
    let mut of_profile = ProfileFileRegionProvider::builder();
    if let Some(profile) = profile {
        of_profile = of_profile.profile_name(profile);
    }
    let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(of_profile.build());
    let region = region.region().await;
    // Without a region the SDK would ask the metadata service, which takes its time where there is none.
    let some_region = region.clone().unwrap_or(Region::from_static("us-east-1"));
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .region(some_region)
        .no_credentials()
        .retry_config(retries(attempts))
        // A request that is signed anew for a wrong clock would be answered; the report would then
        // count every age from a wrong day.
        .disable_clock_skew_correction(true)
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
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    let mut settings = loader.load().await.into_builder();
    settings.set_region(region);
    settings.build()
}

/// The same, once AWS was reached.
pub(super) fn patient(config: SdkConfig) -> SdkConfig {
    let timeouts = config
        .timeout_config()
        .map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder)
        .connect_timeout(CONNECT);
    let config = config.into_builder();
    config.timeout_config(timeouts.build()).build()
}

/// Whether a service goes to an endpoint of the user's choice. An emulator serves all buckets under
/// one host name, and all regions.
pub(super) fn has_endpoint(service: &'static str, config: &SdkConfig) -> bool {
    let key = ServiceConfigKey::builder()
        .service_id(service)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let own = match (config.service_config(), key) {
        (Some(service), Ok(key)) => service.load_config(key),
        _ => None,
    };
    own.is_some() || config.endpoint_url().is_some()
}
