//! The connector that every request passes: the SDK calls it for each attempt and each page.

use super::gate::Gate;
use super::ledger::CallKey;
use super::rate_limiter::RateLimiter;
use crate::aws::body::read_body;
use crate::aws::credentials::{CredentialsCache, OnExpired};
use crate::aws::exchange;
use crate::aws::http::CustomEndpoint;
use crate::aws::outcome::{Attempt, ExpectedErrors, Outcome};
use crate::aws::rejection::{Rejection, reject};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::endpoint_config::EndpointUrl;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// The HTTP client for one account, service and region.
#[must_use]
pub(in crate::aws) fn client(
    gate: &Arc<Gate>,
    account: &str,
    service: &str,
    region: &str,
    credentials: &Arc<CredentialsCache>,
    inner: &SharedHttpClient,
) -> SharedHttpClient {
    SharedHttpClient::new(Gated {
        inner: inner.clone(),
        gate: Arc::clone(gate),
        account: account.to_owned(),
        service: service.to_owned(),
        region: region.to_owned(),
        credentials: Arc::clone(credentials),
    })
}

#[derive(Debug, Clone)]
struct Gated {
    gate: Arc<Gate>,
    account: String,
    service: String,
    region: String,
    credentials: Arc<CredentialsCache>,
    inner: SharedHttpClient,
}

impl HttpClient for Gated {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(GatedConnector {
            gated: self.clone(),
            inner: self.inner.http_connector(settings, components),
        })
    }
}

#[derive(Debug, Clone)]
struct GatedConnector {
    gated: Gated,
    inner: SharedHttpConnector,
}

/// A place among the requests in flight, held until the answer is there.
struct Slot<'g> {
    _in_flight: SemaphorePermit<'g>,
    _uncontended: Option<SemaphorePermit<'g>>,
}

impl HttpConnector for GatedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move { this.send(request).await })
    }
}

impl GatedConnector {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let Gated {
            gate, credentials, ..
        } = &self.gated;
        let key = self.key(&request);
        let (attempt, call) = (attempt(&request), invocation(&request));
        if !gate.allows(&key.service, &key.operation) {
            let name = format!("{}:{}", key.service, key.operation);
            return Err(reject(Rejection::NotAllowed(name)));
        }
        // Calls by models look for that themselves: two parts may turn the same pages in one job.
        let by_model = request.extension::<ExpectedErrors>().is_some();
        if attempt.number == 1 && !by_model && gate.repeats_page(&key, &request) {
            return Err(reject(Rejection::PageLoop));
        }
        if let Some(given_up) = gate.operations.given_up(&key) {
            return Err(reject(Rejection::GivenUp(given_up)));
        }
        let permit = gate.acquire(&key, &call).await;
        let permit = permit.map_err(|unavailable| reject(unavailable.into()))?;
        let limiter = gate.limiter(&key);
        let slot = self.wait_for_slot(&limiter).await?;
        let access_key = access_key(&request);
        let exchange = exchange::begin(&request);
        let expected = request.extension::<ExpectedErrors>().cloned();
        let sent = Instant::now();
        let result = read_body(self.inner.call(request), &gate.memory).await;
        drop(slot);
        if let Some(exchange) = exchange {
            exchange.finish(&result);
        }
        let outcome = Outcome::of(&result).expecting(expected.as_ref(), &result);
        self.note(&key, attempt, &outcome, sent.elapsed());
        permit.record(outcome.call_result(attempt));
        let concerns_all = outcome.operation_result(attempt);
        if let Some(given_up) = gate.operations.record(&key, &call, concerns_all) {
            return Err(reject(Rejection::GivenUp(given_up)));
        }
        if let Outcome::Expired = outcome {
            return Err(match credentials.expired(&access_key) {
                // The SDK signs and sends a request again after an I/O error.
                OnExpired::SignAgain => ConnectorError::io(Rejection::Expired.into()),
                OnExpired::Paused => reject(Rejection::Expired),
            });
        }
        match outcome {
            Outcome::Throttled(wait) => limiter.throttled(Instant::now(), wait),
            Outcome::Answered | Outcome::Denied => {
                limiter.answered();
                credentials.accepted(&access_key);
            }
            _ => {}
        }
        match self.reason_to_stop(&key, &call, attempt, outcome).await {
            Some(rejection) => Err(reject(rejection)),
            None => result,
        }
    }

    /// Why a request is not tried again although the SDK would: the answer, or the lack of one, is
    /// the same each time.
    async fn reason_to_stop(
        &self,
        key: &CallKey,
        call: &str,
        attempt: Attempt,
        outcome: Outcome,
    ) -> Option<Rejection> {
        let gate = &self.gated.gate;
        match outcome {
            // Each of these takes a full time-out.
            Outcome::NoAnswer if attempt.is_enough() => Some(Rejection::TimedOut),
            Outcome::NoConnection(reason) if attempt.is_enough() => {
                Some(Rejection::Unreachable(reason))
            }
            Outcome::NoAnswer | Outcome::NoConnection(_) | Outcome::Failed(_) => {
                gate.unreachable(key).map(Rejection::Unreachable)
            }
            // Other requests tell whether this concerns the region or only the operation.
            Outcome::RegionDenied(_) => gate.acquire(key, call).await.err().map(Into::into),
            Outcome::Answered
            | Outcome::Denied
            | Outcome::Throttled(_)
            | Outcome::Expired
            | Outcome::ServerError { .. }
            | Outcome::Truncated => None,
        }
    }

    /// Waits for the rate limiter and for a slot among the requests in flight.
    async fn wait_for_slot<'g>(
        &'g self,
        limiter: &RateLimiter,
    ) -> Result<Slot<'g>, ConnectorError> {
        let Gated {
            gate, credentials, ..
        } = &self.gated;
        let permit = async |permits: &'g Semaphore| {
            let permit = permits.acquire().await;
            permit.map_err(|closed| ConnectorError::user(closed.into()))
        };
        let reservation = limiter.reserve(Instant::now());
        if !reservation.wait.is_zero() {
            tokio::time::sleep(reservation.wait).await;
        }
        let uncontended = if reservation.is_contended {
            None
        } else {
            Some(permit(&gate.uncontended).await?)
        };
        let in_flight = loop {
            let in_flight = permit(&gate.in_flight).await?;
            let wait = limiter.send(Instant::now());
            if wait.is_zero() {
                break in_flight;
            }
            drop(in_flight);
            tokio::time::sleep(wait).await;
        };
        // Checked after waiting, since the credentials may have expired meanwhile.
        if credentials.paused() {
            return Err(reject(Rejection::Expired));
        }
        reservation.commit();
        Ok(Slot {
            _in_flight: in_flight,
            _uncontended: uncontended,
        })
    }

    /// Counts a request that is over.
    fn note(&self, key: &CallKey, attempt: Attempt, outcome: &Outcome, duration: Duration) {
        let ledger = &self.gated.gate.ledger;
        ledger.record(key.clone(), attempt.number == 1, outcome.status(), duration);
        // Logs never contain a part of a request or a response.
        tracing::debug!(
            account = key.account,
            region = key.region,
            service = key.service,
            operation = key.operation,
            attempt = attempt.number,
            outcome = ?outcome.status(),
            ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            "call"
        );
    }

    fn key(&self, request: &HttpRequest) -> CallKey {
        let operation = request.extension::<Operation>();
        CallKey {
            account: self.gated.account.clone(),
            region: self.gated.region.clone(),
            service: self.gated.service.clone(),
            operation: operation.map_or_else(String::new, |o| o.0.clone()),
        }
    }
}

/// The number of an attempt, from a header that the SDK sets: `amz-sdk-request: attempt=2; max=8`.
fn attempt(request: &HttpRequest) -> Attempt {
    let header = request.headers().get("amz-sdk-request").unwrap_or_default();
    let number = |name: &str| {
        let mut fields = header.split(';').map(str::trim);
        fields.find_map(|field| field.strip_prefix(name)?.parse().ok())
    };
    Attempt {
        number: number("attempt=").unwrap_or(1),
        of: number("max=").unwrap_or(u32::MAX),
    }
}

/// What all attempts of one call have in common, from a header that the SDK sets.
fn invocation(request: &HttpRequest) -> String {
    let header = request.headers().get("amz-sdk-invocation-id");
    header.unwrap_or_default().to_owned()
}

/// The access key that signed a request: `Credential=AKIA…/20260101/eu-west-1/ec2/aws4_request`.
fn access_key(request: &HttpRequest) -> String {
    let header = request.headers().get("authorization");
    header
        .and_then(|h| h.split("Credential=").nth(1)?.split('/').next())
        .unwrap_or_default()
        .to_owned()
}

#[derive(Debug, Clone)]
struct Operation(String);

/// Tells the connector which operation a request belongs to, which errors its caller expects, and whether
/// it goes to an endpoint URL of the user's configuration; only the SDK knows.
#[derive(Debug)]
pub(crate) struct NameOperation;

impl Intercept for NameOperation {
    fn name(&self) -> &'static str {
        "NameOperation"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(metadata) = cfg.load::<Metadata>() {
            let operation = Operation(metadata.name().to_owned());
            context.request_mut().add_extension(operation);
        }
        if let Some(expected) = cfg.load::<ExpectedErrors>() {
            context.request_mut().add_extension(expected.clone());
        }
        if cfg.load::<EndpointUrl>().is_some() {
            context.request_mut().add_extension(CustomEndpoint);
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "connector_tests.rs"]
mod tests;
