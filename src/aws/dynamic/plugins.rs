//! What every call of a service in a region goes through: endpoint, signer, retries, the gate.

use super::endpoint;
use super::error::ServiceError;
use super::service::DynamicService;
use crate::aws::emulator_host::RemoveAccountFromHost;
use crate::aws::throttle::connector::NameOperation;
use aws_config::{Region, SdkConfig};
use aws_runtime::auth::sigv4::{self, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::recursion_detection::RecursionDetectionInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::{ServiceClockSkewClassifier, ServiceClockSkewInterceptor};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::defaults::{DefaultPluginParams, default_plugins};
use aws_smithy_runtime::client::http::connection_poisoning::ConnectionPoisoningInterceptor;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::endpoint::{
    EndpointFuture, EndpointResolverParams, ResolveEndpoint, SharedEndpointResolver,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::{RuntimePlugins, StaticRuntimePlugin};
use aws_smithy_schema::protocol::ServiceShapeName;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SigningName;
use aws_types::endpoint_config::EndpointUrl;
use aws_types::region::SigningRegion;
use std::collections::BTreeMap;

/// What every client of an account shares.
pub(in crate::aws) struct Connection<'c> {
    pub(in crate::aws) config: &'c SdkConfig,
    pub(in crate::aws) account: &'c str,
    pub(in crate::aws) region: &'c str,
    /// The client that goes through the gate.
    pub(in crate::aws) http: SharedHttpClient,
    pub(in crate::aws) retries: RetryConfig,
    pub(in crate::aws) partition: RetryPartition,
}

/// Resolves to one endpoint: a service has a single one in a region.
#[derive(Debug)]
struct Fixed(aws_smithy_types::endpoint::Endpoint);

impl ResolveEndpoint for Fixed {
    fn resolve_endpoint<'a>(&'a self, _: &'a EndpointResolverParams) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(self.0.clone()))
    }
}

fn fixed(
    url: String,
    headers: BTreeMap<String, Vec<String>>,
) -> aws_smithy_types::endpoint::Endpoint {
    let mut endpoint = aws_smithy_types::endpoint::Endpoint::builder().url(url);
    for (name, values) in headers {
        for value in values {
            endpoint = endpoint.header(name.clone(), value);
        }
    }
    endpoint.build()
}

/// What every call of a service in a region goes through.
pub(super) fn plugins(
    service: &'static DynamicService,
    connection: Connection<'_>,
    endpoint: endpoint::Endpoint,
) -> RuntimePlugins {
    let defaults = DefaultPluginParams::new()
        .with_retry_partition_name(service.name.clone())
        .with_is_aws_sdk(true)
        .with_behavior_version(
            connection
                .config
                .behavior_version()
                .unwrap_or_else(BehaviorVersion::latest),
        );
    let settings = settings(service, &connection, &endpoint);
    let components = components(connection, endpoint);
    RuntimePlugins::new()
        .with_client_plugins(default_plugins(defaults))
        .with_client_plugin(
            StaticRuntimePlugin::new()
                .with_config(settings.freeze())
                .with_runtime_components(components),
        )
}

/// What the components look up while they send a request.
fn settings(
    service: &'static DynamicService,
    connection: &Connection<'_>,
    endpoint: &endpoint::Endpoint,
) -> Layer {
    let model = service.model;
    let config = connection.config;
    let mut layer = Layer::new("dynamic");
    layer.store_put(EndpointResolverParams::new(()));
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(Region::new(connection.region.to_owned()));
    let signing_region = Region::new(endpoint.signing_region.clone());
    layer.store_put(SigningRegion::from(signing_region));
    layer.store_put(SigningName::from(endpoint.signing_name.clone()));
    if !endpoint.of_aws {
        // As in typed clients: it marks requests that do not go to AWS.
        layer.store_put(EndpointUrl(endpoint.url.clone()));
    }
    layer.store_put(signing(model.s3_signing));
    layer.store_put(ApiMetadata::new(
        &model.service_id,
        env!("CARGO_PKG_VERSION"),
    ));
    layer.store_put(ServiceShapeName::new(
        model.target_prefix.clone().unwrap_or_default(),
    ));
    layer.store_put(connection.retries.clone());
    layer.store_put(connection.partition.clone());
    if let Some(timeouts) = config.timeout_config() {
        layer.store_put(timeouts.clone());
    }
    if let Some(protection) = config.stalled_stream_protection() {
        layer.store_put(protection);
    }
    if let Some(name) = config.app_name() {
        layer.store_put(name.clone());
    }
    layer
}

/// How requests are signed. S3 also requires the hash of the body in a header.
fn signing(content_sha256_header: bool) -> SigV4OperationSigningConfig {
    let mut signing_options = SigningOptions::default();
    signing_options.double_uri_encode = true;
    signing_options.normalize_uri_path = true;
    signing_options.content_sha256_header = content_sha256_header;
    SigV4OperationSigningConfig {
        signing_options,
        ..Default::default()
    }
}

/// What makes, signs, sends and repeats a request.
fn components(
    connection: Connection<'_>,
    endpoint: endpoint::Endpoint,
) -> RuntimeComponentsBuilder {
    let config = connection.config;
    let mut components = RuntimeComponentsBuilder::new("dynamic")
        .with_endpoint_resolver(Some(SharedEndpointResolver::new(Fixed(fixed(
            endpoint.url,
            endpoint.headers,
        )))))
        .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![sigv4::SCHEME_ID]),
        )))
        .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .with_identity_cache(config.identity_cache())
        .with_http_client(Some(connection.http))
        .with_sleep_impl(config.sleep_impl())
        .with_time_source(config.time_source())
        .with_retry_classifier(HttpStatusCodeClassifier::default())
        .with_retry_classifier(TransientErrorClassifier::<ServiceError>::new())
        .with_retry_classifier(AwsErrorCodeClassifier::<ServiceError>::new())
        .with_retry_classifier(ServiceClockSkewClassifier::<ServiceError>::new());
    if let Some(provider) = config.credentials_provider() {
        components.set_identity_resolver(sigv4::SCHEME_ID, SharedIdentityResolver::new(provider));
    }
    for interceptor in interceptors(connection.account) {
        components.push_interceptor(interceptor);
    }
    components
}

/// What looks at a request on its way, or changes it.
fn interceptors(account: &str) -> [SharedInterceptor; 8] {
    [
        SharedInterceptor::permanent(ConnectionPoisoningInterceptor::new()),
        SharedInterceptor::permanent(ServiceClockSkewInterceptor::new()),
        SharedInterceptor::permanent(RequestInfoInterceptor::new()),
        SharedInterceptor::permanent(UserAgentInterceptor::new()),
        SharedInterceptor::permanent(InvocationIdInterceptor::new()),
        SharedInterceptor::permanent(RecursionDetectionInterceptor::new()),
        SharedInterceptor::permanent(NameOperation),
        SharedInterceptor::permanent(RemoveAccountFromHost {
            account: account.to_owned(),
        }),
    ]
}
