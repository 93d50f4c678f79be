//! The HTTP connector that every request passes: what may be sent, how many at once, how fast.
//!
//! The SDK calls the connector for each attempt and each page, so this is the one place where
//! limits, counts and the read-only rule hold without exception.

use super::error::THROTTLED;
use super::lane::Lane;
use super::ledger::{CallKey, Ledger, Outcome};
use super::limits::{self, SHARE};
use crate::model::Cause;
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
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Requests in flight at once, over all accounts and regions.
pub const IN_FLIGHT: usize = 64;
/// How long one attempt may take once it is sent.
const ATTEMPT: Duration = Duration::from_secs(30);
/// After this many failures without a single answer an endpoint is taken for unreachable.
const GIVE_UP: u32 = 3;

/// Why the gate did not send a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The operation is not on the read-only list.
    #[error("{0} is not on the list of read-only operations")]
    NotAllowed(String),
    /// The endpoint gave no answer before.
    #[error("the endpoint gave no answer before")]
    Unreachable,
}

impl Refused {
    pub(crate) fn as_gap_parts(&self) -> (Cause, String) {
        match self {
            Refused::NotAllowed(_) => (Cause::Failed, "not a read-only operation".to_owned()),
            Refused::Unreachable => (Cause::Unreachable, "no connection".to_owned()),
        }
    }
}

/// The limits of one process.
#[derive(Debug)]
pub struct Gate {
    inner: SharedHttpClient,
    in_flight: Semaphore,
    /// The share of each documented rate to use; `None` lifts the rates.
    share: Option<f64>,
    allowed: BTreeSet<(String, String)>,
    lanes: Mutex<HashMap<CallKey, Arc<Lane>>>,
    /// What was sent.
    pub ledger: Ledger,
}

impl Gate {
    /// A gate in front of an HTTP client. `max_rate` is a percentage of each documented rate; zero
    /// lifts the rates and leaves only the bound on requests in flight.
    #[must_use]
    pub fn new(
        inner: SharedHttpClient,
        max_rate: Option<f64>,
        allowed: impl IntoIterator<Item = (String, String)>,
    ) -> Arc<Self> {
        Arc::new(Self {
            inner,
            in_flight: Semaphore::new(IN_FLIGHT),
            share: match max_rate {
                None => Some(SHARE),
                Some(0.0) => None,
                Some(percent) => Some(percent / 100.0),
            },
            allowed: allowed.into_iter().collect(),
            lanes: Mutex::default(),
            ledger: Ledger::default(),
        })
    }

    /// The HTTP client for one account, service and region.
    #[must_use]
    pub fn client(
        self: &Arc<Self>,
        account: &str,
        service: &str,
        region: &str,
    ) -> SharedHttpClient {
        SharedHttpClient::new(Gated {
            gate: Arc::clone(self),
            account: account.to_owned(),
            service: service.to_owned(),
            region: region.to_owned(),
            silent: Arc::default(),
        })
    }

    fn lane(&self, key: &CallKey) -> Option<Arc<Lane>> {
        let share = self.share?;
        let limit = limits::limit(&key.service, &key.operation);
        let mut bucket = key.clone();
        if !limit.each && limit.operation.is_none() {
            bucket.operation = String::new();
        }
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(lanes.entry(bucket).or_insert_with(|| {
            Arc::new(Lane::new(limit.rate * share, limit.burst * share))
        })))
    }

    fn allows(&self, service: &str, operation: &str) -> bool {
        self.allowed
            .contains(&(service.to_owned(), operation.to_owned()))
    }
}

#[derive(Debug, Clone)]
struct Gated {
    gate: Arc<Gate>,
    account: String,
    service: String,
    region: String,
    /// Failures since the last answer.
    silent: Arc<Silence>,
}

#[derive(Debug, Default)]
struct Silence {
    failures: AtomicU32,
    answers: AtomicU32,
}

impl HttpClient for Gated {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(GatedConnector {
            gated: self.clone(),
            inner: self.gate.inner.http_connector(settings, components),
        })
    }
}

#[derive(Debug, Clone)]
struct GatedConnector {
    gated: Gated,
    inner: SharedHttpConnector,
}

impl HttpConnector for GatedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move { this.send(request).await })
    }
}

impl GatedConnector {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let Gated { gate, silent, .. } = &self.gated;
        let operation = request
            .extension::<Operation>()
            .map_or("", |o| o.0.as_str())
            .to_owned();
        if !gate.allows(&self.gated.service, &operation) {
            return Err(refuse(Refused::NotAllowed(format!(
                "{}:{operation}",
                self.gated.service
            ))));
        }
        let key = CallKey {
            account: self.gated.account.clone(),
            region: self.gated.region.clone(),
            service: self.gated.service.clone(),
            operation,
        };
        let lane = gate.lane(&key);
        if let Some(lane) = &lane {
            let wait = lane.reserve(Instant::now());
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
        }
        let _permit = gate
            .in_flight
            .acquire()
            .await
            .map_err(|e| ConnectorError::user(e.into()))?;
        // Checked after the queue: whoever waited behind the failures need not repeat them.
        if silent.is_dead() {
            return Err(refuse(Refused::Unreachable));
        }
        let first = is_first_attempt(&request);
        let sent = Instant::now();
        let result = whole(self.inner.call(request)).await;
        let outcome = outcome(&result);
        gate.ledger.record(key, first, outcome, sent.elapsed());
        silent.note(result.is_ok());
        match (&lane, outcome) {
            (Some(lane), Outcome::Throttled) => lane.throttled(Instant::now()),
            (Some(lane), Outcome::Answered | Outcome::Denied) => lane.answered(),
            _ => {}
        }
        result
    }
}

impl Silence {
    fn is_dead(&self) -> bool {
        self.answers.load(Ordering::Relaxed) == 0
            && self.failures.load(Ordering::Relaxed) >= GIVE_UP
    }

    fn note(&self, answered: bool) {
        let counter = if answered {
            &self.answers
        } else {
            &self.failures
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// A refusal is of kind "other", which the SDK does not retry.
fn refuse(refused: Refused) -> ConnectorError {
    ConnectorError::other(refused.into(), None)
}

/// The SDK numbers its attempts in a header of its own.
fn is_first_attempt(request: &HttpRequest) -> bool {
    request
        .headers()
        .get("amz-sdk-request")
        .is_none_or(|h| h.contains("attempt=1"))
}

/// Waits for the answer and its whole body, so that the permit covers all of the request, and a
/// connection that breaks inside the body is an attempt to retry and not a truncated answer.
async fn whole(call: HttpConnectorFuture) -> Result<HttpResponse, ConnectorError> {
    let read = async {
        let mut response = call.await?;
        let body = response.take_body();
        let bytes = http_body_util::BodyExt::collect(body)
            .await
            .map_err(|e| ConnectorError::io(e as BoxError))?
            .to_bytes();
        *response.body_mut() = SdkBody::from(bytes);
        Ok(response)
    };
    match tokio::time::timeout(ATTEMPT, read).await {
        Ok(result) => result,
        Err(elapsed) => Err(ConnectorError::timeout(elapsed.into())),
    }
}

fn outcome(result: &Result<HttpResponse, ConnectorError>) -> Outcome {
    let Ok(response) = result else {
        return Outcome::Failed;
    };
    let status = response.status().as_u16();
    if status < 400 {
        return Outcome::Answered;
    }
    let body = response.body().bytes().unwrap_or_default();
    let says = |code: &&str| body.windows(code.len()).any(|w| w == code.as_bytes());
    match status {
        429 => Outcome::Throttled,
        400 | 503 if THROTTLED.iter().any(&says) => Outcome::Throttled,
        401 | 403 => Outcome::Denied,
        400 if ["AccessDenied", "UnauthorizedOperation", "AuthFailure"]
            .iter()
            .any(&says) =>
        {
            Outcome::Denied
        }
        500.. => Outcome::Failed,
        _ => Outcome::Answered,
    }
}

#[derive(Debug, Clone)]
struct Operation(String);

/// Tells the connector which operation a request belongs to; only the SDK knows.
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
        Ok(())
    }
}
