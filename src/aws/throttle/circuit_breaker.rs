//! Whether a service answers in a region, found out with one request.
//!
//! ```text
//! first request (the probe) -> any answer:            open, everything may be sent
//!                           -> "this region is closed": shut, unless another service answers there;
//!                                                       then two more operations are tried
//!                           -> connect timeout:         shut
//!                           -> no answer in time:       the next request is the probe, of any
//!                                                       operation; shut when three had no answer
//!                           -> another failure:         the call tries again, and that is the probe;
//!                                                       shut when its third attempt has failed
//! ```
//!
//! The requests that come while a probe is out wait for its answer. So a region that a service
//! control policy closes, or that is not enabled, costs its owner one denied event for each
//! service, one that the network does not reach costs one connect timeout, and one that resets every
//! connection costs the three attempts of one call.
//!
//! A policy may also deny single operations, or a service, and leave the region open. So where another
//! service answers, a service is shut only once as many of its operations were refused as
//! [`MAX_DENIED`] says.

use crate::aws::connection_error::ConnectionError;
use std::collections::{BTreeSet, HashMap};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Failures of one call, or time-outs, without any answer, after which an endpoint counts as
/// unreachable.
const MAX_ATTEMPTS: u32 = 3;
/// How long other calls wait for a failed call to retry: longer than the SDK's back-off before a
/// second or third attempt, but limited, since the call may have been dropped.
const RETRY_WINDOW: Duration = Duration::from_secs(5);
/// How many operations of a service must be denied in a row, without any answer, before the region
/// counts as denied for the service although another service answers there.
const MAX_DENIED: usize = 3;
/// An answer of these services does not prove that a region is open: organisations often exempt
/// them from the policy that denies a region, so that buckets can be listed.
const EXEMPT: &[&str] = &["s3"];
/// Failures in a row after which an endpoint that has answered before counts as unreachable: more
/// than the attempts of one call.
const MAX_FAILURES: u32 = 24;

/// Why nothing answers, if known.
pub(in crate::aws) type Reason = Option<Arc<ConnectionError>>;

/// Why a service cannot be read in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws) enum Unavailable {
    /// AWS refuses all calls there, with this error code.
    RegionDenied(String),
    /// Nothing answers.
    Unreachable(Reason),
}

/// How a request ended, as the circuit breaker sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws) enum CallResult {
    /// There was an answer, which may deny this operation.
    Answered,
    /// A denial that may concern the whole region, with its error code.
    RegionDenied(String),
    /// No connection within the time for it, or none that could ever be made.
    NoConnection(Reason),
    /// A connection, but no answer within the time for it.
    NoAnswer,
    /// Another failure, which may pass; of which attempt of the call, and how many there may be.
    Failed {
        attempt: u32,
        of: u32,
        reason: Reason,
    },
}

impl CallResult {
    fn is_failure(&self) -> bool {
        matches!(
            self,
            Self::Failed { .. } | Self::NoAnswer | Self::NoConnection(_)
        )
    }

    fn reason(self) -> Reason {
        match self {
            Self::NoConnection(reason) | Self::Failed { reason, .. } => reason,
            Self::Answered | Self::RegionDenied(_) | Self::NoAnswer => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// Half-open: no answer yet. Holds the failures so far, and who sends the probe.
    HalfOpen { failures: Failures, prober: Prober },
    /// Closed: the service answers. Holds the number of failures since the last answer.
    Closed { failed: u32 },
    /// Open: the service denied the probe with this code, perhaps because the region is denied.
    RegionDenied { code: String, failures: Failures },
    /// Nothing answers.
    Unreachable(Reason),
}

/// The failures so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Failures {
    /// How many probes timed out.
    timeouts: u32,
    /// Operations that were denied as in a denied region.
    denied: BTreeSet<String>,
}

impl State {
    fn is_probing(&self) -> bool {
        matches!(self, Self::HalfOpen { prober, .. } if *prober == Prober::InFlight)
    }
}

/// One request, as the circuit breaker sees it.
#[derive(Debug, Clone, Copy)]
pub(in crate::aws) struct Request<'d> {
    pub(in crate::aws) service: &'d str,
    pub(in crate::aws) operation: &'d str,
    /// The id that all attempts of one call share.
    pub(in crate::aws) call: &'d str,
}

/// Who sends the probe that finds out whether an endpoint answers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Prober {
    /// Whoever comes next.
    Anyone,
    /// A request that is out.
    InFlight,
    /// The call that failed, if it retries before this time.
    Retry { call: String, until: Instant },
}

#[derive(Debug, Default)]
struct Region {
    services: HashMap<String, State>,
    changed: Arc<Notify>,
}

/// What a request may do.
enum Decision {
    Send {
        probe: bool,
    },
    /// For a change, or until then.
    Wait(Option<Instant>),
    Reject(Unavailable),
}

impl Region {
    fn decide(&mut self, request: Request<'_>, now: Instant) -> Decision {
        let Request {
            service, operation, ..
        } = request;
        let failures = match self.services.get(service) {
            Some(State::Closed { .. }) => return Decision::Send { probe: false },
            Some(State::Unreachable(reason)) => {
                return Decision::Reject(Unavailable::Unreachable(reason.clone()));
            }
            Some(State::HalfOpen { prober, failures }) => match prober {
                Prober::InFlight => return Decision::Wait(None),
                Prober::Retry { call, until } if *call != request.call && now < *until => {
                    return Decision::Wait(Some(*until));
                }
                Prober::Retry { .. } | Prober::Anyone => failures.clone(),
            },
            Some(State::RegionDenied { code, failures }) => {
                let unavailable = Decision::Reject(Unavailable::RegionDenied(code.clone()));
                if failures.denied.len() >= MAX_DENIED {
                    return unavailable;
                }
                // A policy may deny only this operation. If another service answers, the region is
                // not denied; if a probe of another service is in flight, wait for its result.
                if !self.has_answers() {
                    let waits = self.services.values().any(State::is_probing);
                    return if waits {
                        Decision::Wait(None)
                    } else {
                        unavailable
                    };
                }
                if failures.denied.contains(operation) {
                    return Decision::Send { probe: false };
                }
                failures.clone()
            }
            None => Failures::default(),
        };
        let prober = Prober::InFlight;
        let state = State::HalfOpen { failures, prober };
        self.services.insert(service.to_owned(), state);
        Decision::Send { probe: true }
    }

    /// The services that have answered.
    fn answering(&self) -> impl Iterator<Item = &String> {
        let services = self.services.iter();
        services
            .filter(|(_, state)| matches!(state, State::Closed { .. }))
            .map(|(service, _)| service)
    }

    fn has_answers(&self) -> bool {
        self.answering()
            .any(|service| !EXEMPT.contains(&service.as_str()))
    }

    fn record(
        &mut self,
        request: Request<'_>,
        probe: bool,
        again: Prober,
        result: Option<CallResult>,
    ) {
        let Some(state) = self.services.get_mut(request.service) else {
            return;
        };
        let before = std::mem::replace(state, State::Unreachable(None));
        *state = before.after(request.operation, probe, again, result);
        self.changed.notify_waiters();
    }
}

impl State {
    /// The state after a request has ended.
    fn after(
        self,
        operation: &str,
        probe: bool,
        again: Prober,
        result: Option<CallResult>,
    ) -> Self {
        match (self, result) {
            (_, Some(CallResult::Answered)) => Self::Closed { failed: 0 },
            (Self::HalfOpen { mut failures, .. }, Some(CallResult::RegionDenied(code))) => {
                failures.denied.insert(operation.to_owned());
                Self::RegionDenied { code, failures }
            }
            (Self::HalfOpen { .. }, Some(CallResult::NoConnection(reason))) => {
                Self::Unreachable(reason)
            }
            (
                Self::HalfOpen { .. },
                Some(CallResult::Failed {
                    attempt,
                    of,
                    reason,
                }),
            ) if attempt >= MAX_ATTEMPTS.min(of) => Self::Unreachable(reason),
            (Self::HalfOpen { failures, .. }, Some(CallResult::NoAnswer))
                if failures.timeouts + 1 >= MAX_ATTEMPTS =>
            {
                Self::Unreachable(None)
            }
            // One operation may hang where the others answer, so the next probe is not kept for it.
            (Self::HalfOpen { mut failures, .. }, Some(CallResult::NoAnswer)) if probe => {
                failures.timeouts += 1;
                let prober = Prober::Anyone;
                Self::HalfOpen { failures, prober }
            }
            (Self::HalfOpen { failures, .. }, Some(CallResult::Failed { .. })) if probe => {
                Self::HalfOpen {
                    failures,
                    prober: again,
                }
            }
            // Dropped before it had an answer: the next request becomes the probe.
            (Self::HalfOpen { failures, .. }, _) if probe => {
                let prober = Prober::Anyone;
                Self::HalfOpen { failures, prober }
            }
            (Self::Closed { failed }, Some(result)) if result.is_failure() => {
                if failed + 1 >= MAX_FAILURES {
                    Self::Unreachable(result.reason())
                } else {
                    Self::Closed { failed: failed + 1 }
                }
            }
            (state, _) => state,
        }
    }
}

/// The services of every account and region.
#[derive(Debug, Default)]
pub(in crate::aws) struct CircuitBreakers {
    regions: Mutex<HashMap<(String, String), Region>>,
}

impl CircuitBreakers {
    /// What answered under a provisional name counts as an answer to the account.
    pub(in crate::aws) fn identified(&self, provisional: &str, account: &str) {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let before: Vec<(String, String)> = regions
            .iter()
            .filter(|((name, _), _)| name == provisional)
            .flat_map(|((_, region), known)| known.answering().map(|s| (region.clone(), s.clone())))
            .collect();
        for (region, service) in before {
            let known = regions.entry((account.to_owned(), region)).or_default();
            let answering = State::Closed { failed: 0 };
            known.services.entry(service).or_insert(answering);
        }
    }

    /// Why no more requests are sent to a service in a region; `None` if they are.
    pub(in crate::aws) fn unreachable(
        &self,
        account: &str,
        region: &str,
        service: &str,
    ) -> Option<Reason> {
        let regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = regions.get(&(account.to_owned(), region.to_owned()))?;
        match known.services.get(service)? {
            State::Unreachable(reason) => Some(reason.clone()),
            _ => None,
        }
    }

    /// Waits until it is known whether the service answers in the region.
    pub(in crate::aws) async fn acquire<'d>(
        &'d self,
        account: &'d str,
        region: &'d str,
        request: Request<'d>,
    ) -> Result<Permit<'d>, Unavailable> {
        let mut permit = Permit {
            breakers: self,
            place: (account.to_owned(), region.to_owned()),
            request,
            probe: false,
            result: None,
        };
        loop {
            // Subscribe before reading the state, so that no change is missed.
            let changed = permit.region(|region| Arc::clone(&region.changed));
            let mut woken = pin!(changed.notified());
            woken.as_mut().enable();
            match permit.region(|region| region.decide(request, Instant::now())) {
                Decision::Send { probe } => {
                    permit.probe = probe;
                    return Ok(permit);
                }
                Decision::Reject(unavailable) => return Err(unavailable),
                Decision::Wait(None) => woken.await,
                Decision::Wait(Some(until)) => {
                    // In both cases the state is read again.
                    let _ = tokio::time::timeout_at(until.into(), woken).await;
                }
            }
        }
    }
}

/// Permission to send a request. If it is dropped without a result, the request was cancelled.
#[derive(Debug)]
pub(in crate::aws) struct Permit<'d> {
    breakers: &'d CircuitBreakers,
    place: (String, String),
    request: Request<'d>,
    probe: bool,
    result: Option<CallResult>,
}

impl Permit<'_> {
    /// Tells how the request ended.
    pub(in crate::aws) fn record(mut self, result: CallResult) {
        self.result = Some(result);
    }

    fn region<T>(&self, work: impl FnOnce(&mut Region) -> T) -> T {
        let regions = self.breakers.regions.lock();
        let mut regions = regions.unwrap_or_else(PoisonError::into_inner);
        work(regions.entry(self.place.clone()).or_default())
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let result = self.result.take();
        let again = Prober::Retry {
            call: self.request.call.to_owned(),
            until: Instant::now() + RETRY_WINDOW,
        };
        self.region(|region| region.record(self.request, self.probe, again, result));
    }
}

#[cfg(test)]
#[path = "circuit_breaker_tests.rs"]
mod tests;
