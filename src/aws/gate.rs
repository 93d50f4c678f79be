//! The HTTP connector that every request passes: what may be sent, how many at once, how fast.
//!
//! The SDK calls the connector for each attempt and each page, so this is the one place where
//! limits, counts and the read-only rule hold without exception.

use super::credentials::{Expired, Wallet};
use super::door::{Caller, Doors, Guest, Shut};
use super::lane::Lane;
use super::ledger::{CallKey, Ledger};
use super::limits::{self, SHARE};
use super::reply::Reply;
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
use regex::bytes::Regex;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Requests in flight at once, over all accounts and regions.
pub const IN_FLIGHT: usize = 64;
/// How long one attempt may take once it is sent.
const ATTEMPT: Duration = Duration::from_secs(30);
/// Attempts of one call that may end without an answer in time. Fewer than those that may be
/// throttled: each of these costs its whole time-out.
const UNANSWERED: u32 = 3;

/// What the parameters are called that name the page to go on with.
static TOKENS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("NextToken|nextToken|Marker|continuation-token")
        .unwrap_or_else(|error| unreachable!("words: {error}"))
});

/// Why the gate did not send a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The operation is not on the read-only list.
    #[error("{0} is not on the list of read-only operations")]
    NotAllowed(String),
    /// The endpoint gave no answer before.
    #[error("the endpoint gave no answer before")]
    Unreachable,
    /// AWS refuses every call in the region, with this code.
    #[error("the region is closed: {0}")]
    Closed(String),
    /// The account's credentials have expired, and there are no others.
    #[error("the credentials have expired")]
    Expired,
    /// No answer in time, as often as that is waited for.
    #[error("no answer in time")]
    Unanswered,
    /// The answer's XML has no end.
    #[error("half an answer")]
    Half,
    /// The page that was asked for is one that the same list had before.
    #[error("a page leads to itself")]
    Circle,
}

impl Refused {
    pub(crate) fn as_gap_parts(&self) -> (Cause, String) {
        match self {
            Refused::NotAllowed(_) => (Cause::Failed, "not a read-only operation".to_owned()),
            Refused::Unreachable => (Cause::Unreachable, "no connection".to_owned()),
            Refused::Closed(code) => (Cause::Denied, format!("closed region: {code}")),
            Refused::Expired => (Cause::Expired, "ExpiredToken".to_owned()),
            Refused::Unanswered => (Cause::Unreachable, "timed out".to_owned()),
            Refused::Half => (Cause::Failed, "half an answer".to_owned()),
            Refused::Circle => (Cause::Failed, "a page leads to itself".to_owned()),
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
    doors: Doors,
    /// The pages that were asked for, by the task that did.
    pages: Mutex<HashSet<u64>>,
    /// What was sent.
    pub ledger: Ledger,
}

impl Gate {
    /// A gate in front of an HTTP client. `max_rate` is a percentage of each documented rate; zero
    /// lifts the rates until AWS throttles, and leaves the bound on requests in flight.
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
            doors: Doors::default(),
            pages: Mutex::default(),
            ledger: Ledger::default(),
        })
    }

    /// The HTTP client for one account, service and region.
    #[must_use]
    pub(super) fn client(
        self: &Arc<Self>,
        account: &str,
        service: &str,
        region: &str,
        wallet: &Arc<Wallet>,
    ) -> SharedHttpClient {
        SharedHttpClient::new(Gated {
            gate: Arc::clone(self),
            account: account.to_owned(),
            service: service.to_owned(),
            region: region.to_owned(),
            wallet: Arc::clone(wallet),
        })
    }

    /// Whether a request asks for a page that its job asked for before. The SDK's paginators would
    /// end the list there as if it were whole, or go round for ever.
    fn has_turned(&self, key: &CallKey, request: &HttpRequest) -> bool {
        let body = request.body().bytes().unwrap_or_default();
        if !TOKENS.is_match(body) && !TOKENS.is_match(request.uri().as_bytes()) {
            return false;
        }
        let mut page = DefaultHasher::new();
        (tokio::task::try_id(), key, request.uri(), body).hash(&mut page);
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        !pages.insert(page.finish())
    }

    async fn enter<'d>(&'d self, key: &'d CallKey, call: &'d str) -> Result<Guest<'d>, Shut> {
        // A region may be closed but for services that are in none.
        let region = match key.service.as_str() {
            "account" | "iam" | "sts" => "global",
            _ => &key.region,
        };
        let caller = Caller {
            service: &key.service,
            operation: &key.operation,
            call,
        };
        self.doors.enter(&key.account, region, caller).await
    }

    fn lane(&self, key: &CallKey) -> Arc<Lane> {
        let limit = limits::limit(&key.service, &key.operation);
        let mut bucket = key.clone();
        if !limit.each && limit.operation.is_none() {
            bucket.operation = String::new();
        }
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry(bucket).or_insert_with(|| {
            Arc::new(match self.share {
                Some(share) => Lane::new(limit.rate * share, limit.burst * share),
                None => Lane::lifted(limit.rate, limit.burst),
            })
        });
        Arc::clone(lane)
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
    wallet: Arc<Wallet>,
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
        let Gated { gate, wallet, .. } = &self.gated;
        let key = self.key(&request);
        if !gate.allows(&key.service, &key.operation) {
            let name = format!("{}:{}", key.service, key.operation);
            return Err(refuse(Refused::NotAllowed(name)));
        }
        let attempt = attempt(&request);
        if attempt == 1 && gate.has_turned(&key, &request) {
            return Err(refuse(Refused::Circle));
        }
        let call = invocation(&request);
        let guest = gate.enter(&key, &call).await;
        let guest = guest.map_err(|s| refuse(s.into()))?;
        let lane = gate.lane(&key);
        let turn = lane.reserve(Instant::now());
        if !turn.wait.is_zero() {
            tokio::time::sleep(turn.wait).await;
        }
        let permit = loop {
            let permit = gate.in_flight.acquire().await;
            let permit = permit.map_err(|e| ConnectorError::user(e.into()))?;
            let wait = lane.send(Instant::now());
            if wait.is_zero() {
                break permit;
            }
            drop(permit);
            tokio::time::sleep(wait).await;
        };
        // After the queue: the credentials may have ended while the request waited in it.
        if wallet.paused() {
            return Err(refuse(Refused::Expired));
        }
        let access_key = access_key(&request);
        turn.taken();
        let sent = Instant::now();
        let result = whole(self.inner.call(request)).await;
        drop(permit);
        let reply = Reply::of(&result);
        gate.ledger
            .record(key.clone(), attempt == 1, reply.outcome(), sent.elapsed());
        // What a log may hold of a call: never a part of its request or of its answer.
        tracing::debug!(
            account = key.account,
            region = key.region,
            service = key.service,
            operation = key.operation,
            attempt,
            outcome = ?reply.outcome(),
            ms = u64::try_from(sent.elapsed().as_millis()).unwrap_or(u64::MAX),
            "call"
        );
        guest.left(reply.knock(result.is_ok(), attempt));
        match &reply {
            Reply::Throttled(wait) => lane.throttled(Instant::now(), *wait),
            Reply::Answered | Reply::Denied => lane.answered(),
            _ => {}
        }
        match reply {
            Reply::Expired => Err(match wallet.expired(&access_key) {
                // A broken connection is what the SDK signs and sends again.
                Expired::SignAgain => ConnectorError::io(Refused::Expired.into()),
                Expired::Paused => refuse(Refused::Expired),
            }),
            Reply::NoAnswer | Reply::NoConnection if attempt >= UNANSWERED => {
                Err(refuse(Refused::Unanswered))
            }
            // Whether this is the region or the one operation, the others' answers tell.
            Reply::Closed(_) => match gate.enter(&key, &call).await {
                Err(shut) => Err(refuse(shut.into())),
                Ok(_) => result,
            },
            _ => {
                if result.is_ok() {
                    wallet.accepted(&access_key);
                }
                result
            }
        }
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

impl From<Shut> for Refused {
    fn from(shut: Shut) -> Self {
        match shut {
            Shut::Closed(code) => Self::Closed(code),
            Shut::Unreachable => Self::Unreachable,
        }
    }
}

/// A refusal is of kind "other", which the SDK does not retry.
fn refuse(refused: Refused) -> ConnectorError {
    ConnectorError::other(refused.into(), None)
}

/// The number of an attempt, from 1; the SDK says it in a header of its own:
/// `amz-sdk-request: attempt=2; max=8`.
fn attempt(request: &HttpRequest) -> u32 {
    let header = request.headers().get("amz-sdk-request");
    header
        .and_then(|h| h.split("attempt=").nth(1)?.split(';').next()?.parse().ok())
        .unwrap_or(1)
}

/// What all attempts of one call have in common; the SDK says it in a header of its own.
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
        if !is_whole(&bytes) {
            return Err(ConnectorError::io(Refused::Half.into()));
        }
        *response.body_mut() = SdkBody::from(bytes);
        Ok(response)
    };
    match tokio::time::timeout(ATTEMPT, read).await {
        Ok(result) => result,
        Err(elapsed) => Err(ConnectorError::timeout(elapsed.into())),
    }
}

/// Whether an answer has its end. The SDK reads XML as far as it goes: a list without an end would
/// be a shorter list. JSON and CBOR without an end it refuses by itself.
fn is_whole(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else {
        return true;
    };
    let mut rest = text.trim_start_matches('\u{feff}').trim();
    while rest.starts_with("<?") || rest.starts_with("<!") {
        let Some((_, after)) = rest.split_once('>') else {
            return false;
        };
        rest = after.trim_start();
    }
    let Some(root) = rest.strip_prefix('<') else {
        // No XML, unless something said that it would be.
        return !text.trim_start().starts_with('<');
    };
    let Some(end) = root.find(|c: char| c.is_whitespace() || c == '>' || c == '/') else {
        return false;
    };
    let alone = rest.ends_with("/>") && rest.matches('<').count() == 1;
    let closed = rest
        .strip_suffix('>')
        .and_then(|rest| rest.trim_end().strip_suffix(&root[..end]))
        .is_some_and(|rest| rest.ends_with("</"));
    alone || closed
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_without_its_end_is_no_answer() {
        let page = "<?xml version=\"1.0\"?>\n<DescribeVpcsResponse xmlns=\"x\"><vpcSet/>\
                    </DescribeVpcsResponse>\n";
        let end = page.trim_end().len();
        assert!(is_whole(page.as_bytes()));
        for cut in 1..end {
            let half = &page.as_bytes()[..cut];
            assert!(!is_whole(half), "{:?}", String::from_utf8_lossy(half));
        }
        assert!(is_whole(b"") && is_whole(b"{\"a\": 1}") && is_whole(b"<Empty/>"));
    }
}
