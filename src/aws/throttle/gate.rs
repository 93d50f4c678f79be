//! Which requests may be sent, how many at once and how fast: the limits of one process, for all
//! accounts.
//!
//! `connector` applies them to every request. The SDK calls it for each attempt and each page, so
//! limits, counts and the read-only list apply without exception.

use super::circuit_breaker::{CircuitBreakers, Permit, Reason, Request, Unavailable};
use super::ledger::{CallKey, Ledger};
use super::limits::{self, SHARE};
use super::operation_breaker::OperationBreakers;
use super::rate_limiter::RateLimiter;
use crate::aws::body::BodyMemory;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use regex::bytes::Regex;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Requests in flight at once, over all accounts and regions.
pub const IN_FLIGHT: usize = 64;

/// Requests that are sent so far apart may arrive together: some wait for a new connection. A scan at the full
/// rate would then be throttled, so the tokens of this time are never used, at least one of each bucket.
const JITTER: Duration = Duration::from_millis(100);

/// The names of the parameters that continue a list at a page.
static TOKENS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("NextToken|nextToken|Marker|continuation-token")
        .unwrap_or_else(|error| unreachable!("words: {error}"))
});

/// The limits of one process.
#[derive(Debug)]
pub struct Gate {
    pub(in crate::aws) in_flight: Semaphore,
    /// As many permits again, for requests whose bucket is not contended. So few of them wait for a slot at any
    /// time, and a request of a contended bucket does not wait behind all lists of an account: the tokens that
    /// its bucket does not get meanwhile, because it is full, are lost.
    pub(in crate::aws) uncontended: Semaphore,
    pub(in crate::aws) memory: BodyMemory,
    /// The share of each documented rate to use; `None` sets no limit until AWS throttles.
    share: Option<f64>,
    allowed: BTreeSet<(String, String)>,
    limiters: Mutex<HashMap<CallKey, Arc<RateLimiter>>>,
    breakers: CircuitBreakers,
    pub(in crate::aws) operations: OperationBreakers,
    /// The pages that were requested, with the task that requested them.
    pages: Mutex<HashSet<u64>>,
    /// What was sent.
    pub ledger: Ledger,
}

impl Gate {
    /// A gate that lets the named operations through. `max_rate` is a percentage of each documented
    /// rate; zero sets no rate limit until AWS throttles; the limit of requests in flight still
    /// applies.
    #[must_use]
    pub fn new(
        max_rate: Option<f64>,
        allowed: impl IntoIterator<Item = (String, String)>,
    ) -> Arc<Self> {
        Arc::new(Self {
            in_flight: Semaphore::new(IN_FLIGHT),
            uncontended: Semaphore::new(IN_FLIGHT),
            memory: BodyMemory::default(),
            share: match max_rate {
                None => Some(SHARE),
                Some(0.0) => None,
                Some(percent) => Some(percent / 100.0),
            },
            allowed: allowed.into_iter().collect(),
            limiters: Mutex::default(),
            breakers: CircuitBreakers::default(),
            operations: OperationBreakers::default(),
            pages: Mutex::default(),
            ledger: Ledger::default(),
        })
    }

    /// Attributes what was done under a provisional name to the account.
    pub(in crate::aws) fn identified(&self, provisional: &str, account: &str) {
        self.ledger.identified(provisional, account);
        self.breakers.identified(provisional, account);
    }

    /// Whether a request repeats a page that its job has requested before. The SDK's paginators
    /// would end the list there as if it were complete, or loop for ever.
    pub(in crate::aws) fn repeats_page(&self, key: &CallKey, request: &HttpRequest) -> bool {
        let body = request.body().bytes().unwrap_or_default();
        if !TOKENS.is_match(body) && !TOKENS.is_match(request.uri().as_bytes()) {
            return false;
        }
        let mut page = DefaultHasher::new();
        (tokio::task::try_id(), key, request.uri(), body).hash(&mut page);
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        !pages.insert(page.finish())
    }

    pub(in crate::aws) async fn acquire<'d>(
        &'d self,
        key: &'d CallKey,
        call: &'d str,
    ) -> Result<Permit<'d>, Unavailable> {
        let region = breaker_region(key);
        let request = Request {
            service: &key.service,
            operation: &key.operation,
            call,
        };
        self.breakers.acquire(&key.account, region, request).await
    }

    /// Why nothing is sent to the service in the region any more, where that is so.
    pub(in crate::aws) fn unreachable(&self, key: &CallKey) -> Option<Reason> {
        let region = breaker_region(key);
        self.breakers
            .unreachable(&key.account, region, &key.service)
    }

    pub(in crate::aws) fn limiter(&self, key: &CallKey) -> Arc<RateLimiter> {
        let limit = limits::limit(&key.service, &key.operation);
        let mut bucket = key.clone();
        if !limit.per_operation && limit.operation.is_none() {
            bucket.operation = String::new();
        }
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        let limiter = limiters.entry(bucket).or_insert_with(|| {
            Arc::new(match self.share {
                Some(share) => {
                    let rate = limit.rate * share;
                    let unused = (rate * JITTER.as_secs_f64()).max(1.0);
                    let burst = (limit.burst * share).min(limit.burst - unused);
                    RateLimiter::new(rate, burst)
                }
                None => RateLimiter::unlimited_until_throttled(limit.rate, limit.burst),
            })
        });
        Arc::clone(limiter)
    }

    pub(in crate::aws) fn allows(&self, service: &str, operation: &str) -> bool {
        self.allowed
            .contains(&(service.to_owned(), operation.to_owned()))
    }
}

/// Global services are not affected when a region is denied.
fn breaker_region(key: &CallKey) -> &str {
    match key.service.as_str() {
        "account" | "iam" | "sts" => "global",
        _ => &key.region,
    }
}
