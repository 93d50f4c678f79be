//! A client for one service in one region.

#![allow(
    clippy::result_large_err,
    reason = "an error comes at most once a call, which takes milliseconds"
)]

use super::codec::{Answer, Codec, Request};
use super::endpoint;
use super::error::{DynamicError, ServiceError};
use super::output::Kept;
use super::service::DynamicService;
use crate::aws::emulator_host::RemoveAccountFromHost;
use crate::aws::outcome::ExpectedErrors;
use crate::aws::rejection::{Rejection, reject};
use crate::aws::throttle::connector::NameOperation;
use crate::kinds::model::{Paginator, Projection};
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
use aws_smithy_runtime::client::orchestrator;
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
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::{RuntimePlugins, StaticRuntimePlugin};
use aws_smithy_runtime_api::client::ser_de::{SharedRequestSerializer, SharedResponseDeserializer};
use aws_smithy_schema::protocol::ServiceShapeName;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SigningName;
use aws_types::endpoint_config::EndpointUrl;
use aws_types::region::SigningRegion;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What every client of an account shares.
pub(in crate::aws) struct Connection<'c> {
    pub(in crate::aws) config: &'c SdkConfig,
    pub(in crate::aws) account: &'c str,
    pub(in crate::aws) region: &'c str,
    /// The way through the gate.
    pub(in crate::aws) http: SharedHttpClient,
    pub(in crate::aws) retries: RetryConfig,
    pub(in crate::aws) partition: RetryPartition,
}

/// Calls the operations of one service in one region.
#[derive(Debug, Clone)]
pub struct DynamicClient {
    inner: Arc<Inner>,
    expected: ExpectedErrors,
}

#[derive(Debug)]
struct Inner {
    service: &'static DynamicService,
    /// How to get there; or why there is no way.
    plugins: Result<RuntimePlugins, String>,
    host_prefix: bool,
}

impl DynamicClient {
    pub(in crate::aws) fn new(
        service: &'static DynamicService,
        connection: Connection<'_>,
    ) -> Self {
        let endpoint = endpoint::resolve(service.model, connection.config, connection.region);
        let host_prefix = endpoint.as_ref().is_ok_and(|endpoint| endpoint.of_aws);
        Self {
            inner: Arc::new(Inner {
                service,
                plugins: endpoint.map(|endpoint| plugins(service, connection, endpoint)),
                host_prefix,
            }),
            expected: ExpectedErrors::default(),
        }
    }

    /// The same for calls whose caller knows what some errors mean, by code and by a fragment of the
    /// message: they do not count as refusals.
    #[must_use]
    pub fn expecting(mut self, errors: impl IntoIterator<Item = (String, Option<String>)>) -> Self {
        self.expected = ExpectedErrors(errors.into_iter().collect());
        self
    }

    /// Calls an operation. Members of the answer have the API's names; moments are RFC 3339, blobs
    /// Base64. What `keep` does not name is skipped while the answer is read.
    ///
    /// # Errors
    /// [`DynamicError`], as the SDK's own clients have it: an operation or a member that the model does
    /// not have is a failed construction.
    pub async fn call(
        &self,
        operation: &str,
        input: Map<String, Value>,
        keep: &Projection,
    ) -> Result<Value, DynamicError> {
        let codec = self.codec(operation, keep)?;
        self.send(codec, input).await
    }

    /// Calls an operation as often as its answers go on.
    ///
    /// # Errors
    /// An operation or a member that the model does not have.
    pub fn pages(
        &self,
        operation: &str,
        input: Map<String, Value>,
        keep: &Projection,
    ) -> Result<Pages, DynamicError> {
        let mut keep = keep.clone();
        let paginator = self.inner.service.model.operation(operation);
        let paginator = paginator.and_then(|operation| operation.paginator.as_ref());
        if let Some(paginator) = paginator {
            let paths = paginator
                .output_tokens
                .iter()
                .chain(&paginator.more_results);
            for members in paths.flat_map(crate::kinds::model::paginator::Path::members) {
                keep.keep(members);
            }
        }
        Ok(Pages {
            codec: self.codec(operation, &keep)?,
            client: self.clone(),
            input: Some(input),
            paginator,
            before: Vec::new(),
        })
    }

    fn codec(&self, operation: &str, keep: &Projection) -> Result<Codec, DynamicError> {
        let service = self.inner.service;
        let problem = |what: String| {
            let name = &service.name;
            DynamicError::construction_failure(format!("{name}:{operation}: {what}"))
        };
        let unknown = || problem("the model does not have it".to_owned());
        let model = service.model.operation(operation).ok_or_else(unknown)?;
        let schema = service.schemas.operation(operation).ok_or_else(unknown)?;
        if let Some(reason) = model.unsupported {
            return Err(problem(reason.to_owned()));
        }
        let kept = match schema.output_shape {
            Some(place) => Kept::of(&service.schemas, place, keep)
                .map_err(|name| problem(format!("its answer has no {name}")))?,
            None => Kept::All,
        };
        Ok(Codec {
            service,
            operation: model,
            schema,
            kept,
            host_prefix: self.inner.host_prefix,
        })
    }

    async fn send(&self, codec: Codec, input: Map<String, Value>) -> Result<Value, DynamicError> {
        let plugins = match &self.inner.plugins {
            Ok(plugins) => plugins.clone(),
            Err(problem) => return Err(DynamicError::construction_failure(problem.clone())),
        };
        let (service, operation) = (&codec.service.model.service_id, codec.schema.name);
        let mut layer = Layer::new(operation);
        layer.store_put(Metadata::new(operation, service.as_str()));
        layer.store_put(SharedRequestSerializer::new(codec.clone()));
        layer.store_put(SharedResponseDeserializer::new(codec));
        layer.store_put(self.expected.clone());
        let plugin = StaticRuntimePlugin::new().with_config(layer.freeze());
        let plugins = plugins.with_operation_plugin(plugin);
        let input = Input::erase(Request(input));
        let output = orchestrator::invoke(service, operation, input, &plugins).await;
        let output = output.map_err(own_error)?;
        match output.downcast::<Answer>() {
            Ok(answer) => Ok(answer.0),
            Err(_) => Err(DynamicError::construction_failure(
                "another client's answer",
            )),
        }
    }
}

fn own_error(error: SdkError<Error, HttpResponse>) -> DynamicError {
    // The deserializer makes no other.
    error.map_service_error(|error| {
        error
            .downcast::<ServiceError>()
            .unwrap_or_else(|_| unreachable!("an error of another client"))
    })
}

/// The pages of an answer, one call each.
#[derive(Debug)]
pub struct Pages {
    client: DynamicClient,
    codec: Codec,
    /// What the next call takes; nothing after the last.
    input: Option<Map<String, Value>>,
    paginator: Option<&'static Paginator>,
    /// Where pages before began.
    before: Vec<Vec<Value>>,
}

impl Pages {
    /// The next page; nothing after the last.
    ///
    /// # Errors
    /// As a call's. A page that leads to one before it, and an answer that says that there is more but
    /// not where, are rejected: the list would be a shorter list, or have no end.
    pub async fn next(&mut self) -> Option<Result<Value, DynamicError>> {
        let input = self.input.take()?;
        let answer = self.client.send(self.codec.clone(), input.clone()).await;
        let next = match &answer {
            Ok(answer) => self.following(answer, input),
            Err(_) => Ok(None),
        };
        match next {
            Ok(next) => self.input = next,
            Err(rejection) => {
                return Some(Err(DynamicError::dispatch_failure(reject(rejection))));
            }
        }
        Some(answer)
    }

    /// All pages.
    ///
    /// # Errors
    /// As a call's.
    pub async fn all(mut self) -> Result<Vec<Value>, DynamicError> {
        let mut pages = Vec::new();
        while let Some(page) = self.next().await {
            pages.push(page?);
        }
        Ok(pages)
    }

    fn following(
        &mut self,
        answer: &Value,
        mut input: Map<String, Value>,
    ) -> Result<Option<Map<String, Value>>, Rejection> {
        let Some(paginator) = self.paginator else {
            return Ok(None);
        };
        let more = paginator.more_results.as_ref();
        let more = more.and_then(|path| path.find(answer)?.as_bool());
        if more == Some(false) {
            return Ok(None);
        }
        let is_some = |value: &&Value| value.as_str() != Some("");
        let tokens: Vec<Option<&Value>> = (paginator.output_tokens.iter())
            .map(|path| path.find(answer).filter(is_some))
            .collect();
        if tokens.iter().all(Option::is_none) {
            return match more {
                Some(true) => Err(Rejection::NoNextPage),
                _ => Ok(None),
            };
        }
        let place: Vec<Value> = tokens
            .iter()
            .map(|token| token.cloned().unwrap_or_default())
            .collect();
        if self.before.contains(&place) {
            return Err(Rejection::PageLoop);
        }
        for (name, token) in paginator.input_tokens.iter().zip(tokens) {
            match token {
                Some(token) => input.insert(name.clone(), token.clone()),
                None => input.remove(name),
            };
        }
        self.before.push(place);
        Ok(Some(input))
    }
}

/// One service in one region has one endpoint.
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

fn plugins(
    service: &'static DynamicService,
    connection: Connection<'_>,
    endpoint: endpoint::Endpoint,
) -> RuntimePlugins {
    let Connection {
        config,
        account,
        region,
        http,
        retries,
        partition,
    } = connection;
    let model = service.model;
    let mut layer = Layer::new("dynamic");
    layer.store_put(EndpointResolverParams::new(()));
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(Region::new(region.to_owned()));
    layer.store_put(SigningRegion::from(Region::new(endpoint.signing_region)));
    layer.store_put(SigningName::from(endpoint.signing_name));
    if !endpoint.of_aws {
        // As typed clients have it, so that who answered can be told.
        layer.store_put(EndpointUrl(endpoint.url.clone()));
    }
    let mut signing_options = SigningOptions::default();
    signing_options.double_uri_encode = true;
    signing_options.normalize_uri_path = true;
    signing_options.content_sha256_header = model.s3_signing;
    layer.store_put(SigV4OperationSigningConfig {
        signing_options,
        ..Default::default()
    });
    layer.store_put(ApiMetadata::new(
        &model.service_id,
        env!("CARGO_PKG_VERSION"),
    ));
    layer.store_put(ServiceShapeName::new(
        model.target_prefix.clone().unwrap_or_default(),
    ));
    if !endpoint.of_aws {
        layer.store_put(EndpointUrl(endpoint.url.clone()));
    }
    layer.store_put(retries);
    layer.store_put(partition);
    if let Some(timeouts) = config.timeout_config() {
        layer.store_put(timeouts.clone());
    }
    if let Some(protection) = config.stalled_stream_protection() {
        layer.store_put(protection);
    }
    if let Some(name) = config.app_name() {
        layer.store_put(name.clone());
    }
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
        .with_http_client(Some(http))
        .with_sleep_impl(config.sleep_impl())
        .with_time_source(config.time_source())
        .with_retry_classifier(HttpStatusCodeClassifier::default())
        .with_retry_classifier(TransientErrorClassifier::<ServiceError>::new())
        .with_retry_classifier(AwsErrorCodeClassifier::<ServiceError>::new())
        .with_retry_classifier(ServiceClockSkewClassifier::<ServiceError>::new());
    if let Some(provider) = config.credentials_provider() {
        components.set_identity_resolver(sigv4::SCHEME_ID, SharedIdentityResolver::new(provider));
    }
    for interceptor in [
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
    ] {
        components.push_interceptor(interceptor);
    }
    let defaults = DefaultPluginParams::new()
        .with_retry_partition_name(service.name.clone())
        .with_is_aws_sdk(true)
        .with_behavior_version(
            config
                .behavior_version()
                .unwrap_or_else(BehaviorVersion::latest),
        );
    RuntimePlugins::new()
        .with_client_plugins(default_plugins(defaults))
        .with_client_plugin(
            StaticRuntimePlugin::new()
                .with_config(layer.freeze())
                .with_runtime_components(components),
        )
}
