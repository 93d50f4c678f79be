//! Sends traces with the same HTTP client as the rest of this program, with its proxies and certificates.

use crate::aws::http::Network;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt, Limited};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How long a connection and an answer may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of an answer.
const MAX_ANSWER: usize = 64 << 10;

/// The client of the exporter. It has a runtime of its own: the exporter sends spans on its own thread
/// without one, also while the service's runtime ends.
pub(super) struct Exporter {
    connector: SharedHttpConnector,
    runtime: Runtime,
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exporter")
    }
}

impl Exporter {
    /// A client with the proxies of the environment.
    ///
    /// # Errors
    /// When a variable of the environment does not name a proxy.
    pub(super) fn new() -> Result<Self, io::Error> {
        let network = Network::from_env().map_err(io::Error::other)?;
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(ANSWER_TIMEOUT)
            .build();
        Ok(Self {
            connector: network.connector(&settings),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?,
        })
    }

    async fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = request.map(SdkBody::from);
        let request = HttpRequest::try_from(request)?;
        let mut response = self.connector.call(request).await?;
        let body = Limited::new(response.take_body(), MAX_ANSWER).collect();
        let bytes = body.await?.to_bytes();
        let mut answer = Response::builder().status(response.status().as_u16());
        if let Some(after) = response.headers().get("retry-after") {
            answer = answer.header("retry-after", after);
        }
        Ok(answer.body(bytes)?)
    }
}

impl HttpClient for Exporter {
    fn send_bytes<'client, 'sending>(
        &'client self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'sending>>
    where
        'client: 'sending,
        Self: 'sending,
    {
        Box::pin(async move {
            self.runtime.block_on(async {
                let sent = tokio::time::timeout(ANSWER_TIMEOUT, self.post(request)).await;
                sent.map_err(|_| HttpError::from("no answer in time"))?
            })
        })
    }
}
