//! The HTTP client of this process, for the provider.

use super::error::{HttpError, describe};
use crate::aws::http::Network;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest as Sent;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt, Limited};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// How long a connection and an answer of the provider may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read.
const MAX_ANSWER: usize = 1 << 20;

/// Asks the provider. It follows no redirects.
#[derive(Debug, Clone)]
pub(super) struct Http(SharedHttpConnector);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = tokio::time::timeout(ANSWER_TIMEOUT, self.send(request)).await;
            answer.unwrap_or(Err(HttpError::Late))
        })
    }
}

impl Http {
    pub(super) fn new(network: &Network) -> Self {
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(ANSWER_TIMEOUT)
            .build();
        Self(network.connector(&settings))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let failed = |error: &dyn fmt::Display| HttpError::Failed(error.to_string());
        let request = Sent::try_from(request.map(SdkBody::from)).map_err(|error| failed(&error))?;
        let answer = self.0.call(request).await;
        let mut answer = answer.map_err(|error| HttpError::Failed(describe(&error)))?;
        let body = Limited::new(answer.take_body(), MAX_ANSWER).collect().await;
        let body = body.map_err(|error| failed(&error))?.to_bytes().to_vec();
        let mut response = http::Response::builder().status(answer.status().as_u16());
        if let Some(kind) = answer.headers().get(http::header::CONTENT_TYPE.as_str()) {
            response = response.header(http::header::CONTENT_TYPE, kind);
        }
        response.body(body).map_err(|error| failed(&error))
    }
}
