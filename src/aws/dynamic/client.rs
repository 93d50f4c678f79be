//! A client for one service in one region.

#![allow(
    clippy::result_large_err,
    reason = "an error comes at most once a call, which takes milliseconds"
)]

use super::codec::{Answer, Codec, Request};
use super::endpoint;
use super::error::{DynamicError, ServiceError};
use super::output::Kept;
use super::plugins::{Connection, plugins};
use super::service::DynamicService;
use crate::aws::outcome::ExpectedErrors;
use crate::kinds::model::Projection;
use aws_smithy_runtime::client::orchestrator;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_plugin::{RuntimePlugins, StaticRuntimePlugin};
use aws_smithy_runtime_api::client::ser_de::{SharedRequestSerializer, SharedResponseDeserializer};
use aws_smithy_types::config_bag::Layer;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Calls the operations of one service in one region.
#[derive(Debug, Clone)]
pub struct DynamicClient {
    pub(super) inner: Arc<Inner>,
    expected: ExpectedErrors,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) service: &'static DynamicService,
    /// What sends the requests, or why the service has no endpoint.
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

    /// The same client for a caller who expects some errors, by code and by a fragment of the message. They
    /// do not count as refusals.
    #[must_use]
    pub fn expecting(mut self, errors: impl IntoIterator<Item = (String, Option<String>)>) -> Self {
        self.expected = ExpectedErrors(errors.into_iter().collect());
        self
    }

    /// Calls an operation. Members of the answer have the API's names; timestamps are RFC 3339, blobs
    /// Base64. What `keep` does not name is skipped while the answer is read.
    ///
    /// # Errors
    /// [`DynamicError`], as in the SDK's own clients. An operation or a member that the model does not have
    /// is a construction failure.
    pub async fn call(
        &self,
        operation: &str,
        input: Map<String, Value>,
        keep: &Projection,
    ) -> Result<Value, DynamicError> {
        let codec = self.codec(operation, keep)?;
        self.send(codec, input).await
    }

    pub(super) fn codec(&self, operation: &str, keep: &Projection) -> Result<Codec, DynamicError> {
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

    pub(super) async fn send(
        &self,
        codec: Codec,
        input: Map<String, Value>,
    ) -> Result<Value, DynamicError> {
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
    // The deserializer makes no other error.
    error.map_service_error(|error| {
        error
            .downcast::<ServiceError>()
            .unwrap_or_else(|_| unreachable!("an error of another client"))
    })
}
