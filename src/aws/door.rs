//! Whether a service answers in a region, found out with one request.
//!
//! ```text
//! first request (the probe) -> any answer:            open, everything may be sent
//!                           -> "this region is closed": shut, unless another service answers there;
//!                                                       then two more operations are tried
//!                           -> connect timeout:         shut
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
//! [`REFUSED`] says.

use std::collections::{BTreeSet, HashMap};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Failures of one call, or time-outs, without a single answer, after which an endpoint is taken for
/// unreachable.
const GIVE_UP: u32 = 3;
/// How long the others wait for a call whose attempt has failed to try again: longer than the SDK
/// ever does before a second or third attempt, and not for ever, since the call may have been given up.
const COMES_BACK: Duration = Duration::from_secs(5);
/// Operations of a service that are refused as in a closed region, one after the other and without an
/// answer to any, after which it is taken for closed although another service answers there.
const REFUSED: usize = 3;
/// What answers in a region proves that it is open, except for these: organisations often leave them
/// out of the policy that closes a region, so that buckets can be found.
const EXEMPT: &[&str] = &["s3"];
/// Failures in a row after which an endpoint that did answer is taken for lost: more than any one
/// call's attempts.
const LOST: u32 = 24;

/// Why a service cannot be read in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shut {
    /// AWS refuses all calls there, with this error code.
    Closed(String),
    /// Nothing answers.
    Unreachable,
}

/// How a request ended, as far as the door is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Knock {
    /// There was an answer, be it a refusal of this one operation.
    Answered,
    /// A refusal that means the whole region, with its error code.
    Closed(String),
    /// No connection within the time for it.
    NoConnection,
    /// A connection, but no answer within the time for it.
    NoAnswer,
    /// Another failure, which may pass; of which attempt of the call.
    Failed { attempt: u32 },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// No answer yet: what was tried in vain, and who asks.
    Asked { tried: Tried, by: Asking },
    /// It answers; so many failures since the last answer.
    Open { failed: u32 },
    /// It refuses everything, with this code; perhaps because the region is closed.
    Closed { code: String, tried: Tried },
    /// Nothing answers.
    Unreachable,
}

/// What did not lead to an answer so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Tried {
    /// How many probes waited in vain.
    waited: u32,
    /// Operations that were refused as in a closed region.
    refused: BTreeSet<String>,
}

impl State {
    fn is_asked(&self) -> bool {
        matches!(self, Self::Asked { by, .. } if *by == Asking::Out)
    }
}

/// One request, as the door knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller<'d> {
    pub(super) service: &'d str,
    pub(super) operation: &'d str,
    /// What all attempts of one call have in common.
    pub(super) call: &'d str,
}

/// Who finds out whether an endpoint answers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asking {
    /// Whoever comes next.
    Nobody,
    /// A request that is out.
    Out,
    /// The call whose attempt failed, if it tries again before then.
    Again { call: String, until: Instant },
}

#[derive(Debug, Default)]
struct Region {
    services: HashMap<String, State>,
    changed: Arc<Notify>,
}

/// What a request may do.
enum Entry {
    Go {
        probe: bool,
    },
    /// For a change, or until then.
    Wait(Option<Instant>),
    Stay(Shut),
}

impl Region {
    fn entry(&mut self, caller: Caller<'_>, now: Instant) -> Entry {
        let Caller {
            service, operation, ..
        } = caller;
        let tried = match self.services.get(service) {
            Some(State::Open { .. }) => return Entry::Go { probe: false },
            Some(State::Unreachable) => return Entry::Stay(Shut::Unreachable),
            Some(State::Asked { by, tried }) => match by {
                Asking::Out => return Entry::Wait(None),
                Asking::Again { call, until } if *call != caller.call && now < *until => {
                    return Entry::Wait(Some(*until));
                }
                Asking::Again { .. } | Asking::Nobody => tried.clone(),
            },
            Some(State::Closed { code, tried }) => {
                let shut = Entry::Stay(Shut::Closed(code.clone()));
                if tried.refused.len() >= REFUSED {
                    return shut;
                }
                // A policy may deny this one operation and no more. Where another service answers,
                // the region is not closed; where one is still being asked, its answer will tell.
                if !self.has_answers() {
                    let waits = self.services.values().any(State::is_asked);
                    return if waits { Entry::Wait(None) } else { shut };
                }
                if tried.refused.contains(operation) {
                    return Entry::Go { probe: false };
                }
                tried.clone()
            }
            None => Tried::default(),
        };
        let by = Asking::Out;
        let state = State::Asked { tried, by };
        self.services.insert(service.to_owned(), state);
        Entry::Go { probe: true }
    }

    /// The services that have answered.
    fn open(&self) -> impl Iterator<Item = &String> {
        let services = self.services.iter();
        services
            .filter(|(_, state)| matches!(state, State::Open { .. }))
            .map(|(service, _)| service)
    }

    fn has_answers(&self) -> bool {
        self.open()
            .any(|service| !EXEMPT.contains(&service.as_str()))
    }

    fn left(&mut self, caller: Caller<'_>, probe: bool, again: Asking, knock: Option<Knock>) {
        let Some(state) = self.services.get_mut(caller.service) else {
            return;
        };
        let before = std::mem::replace(state, State::Unreachable);
        *state = before.after(caller.operation, probe, again, knock);
        self.changed.notify_waiters();
    }
}

impl State {
    /// What becomes of it by the end of a request.
    fn after(self, operation: &str, probe: bool, again: Asking, knock: Option<Knock>) -> Self {
        match (self, knock) {
            (_, Some(Knock::Answered)) => Self::Open { failed: 0 },
            (Self::Asked { mut tried, .. }, Some(Knock::Closed(code))) => {
                tried.refused.insert(operation.to_owned());
                Self::Closed { code, tried }
            }
            (Self::Asked { .. }, Some(Knock::NoConnection)) => Self::Unreachable,
            (Self::Asked { .. }, Some(Knock::Failed { attempt })) if attempt >= GIVE_UP => {
                Self::Unreachable
            }
            (Self::Asked { tried, .. }, Some(Knock::NoAnswer)) if tried.waited + 1 >= GIVE_UP => {
                Self::Unreachable
            }
            (Self::Asked { mut tried, .. }, Some(Knock::NoAnswer)) if probe => {
                tried.waited += 1;
                Self::Asked { tried, by: again }
            }
            (Self::Asked { tried, .. }, Some(Knock::Failed { .. })) if probe => {
                Self::Asked { tried, by: again }
            }
            // Given up before it had an answer: somebody else asks.
            (Self::Asked { tried, .. }, _) if probe => {
                let by = Asking::Nobody;
                Self::Asked { tried, by }
            }
            (
                Self::Open { failed },
                Some(Knock::Failed { .. } | Knock::NoAnswer | Knock::NoConnection),
            ) => {
                if failed + 1 >= LOST {
                    Self::Unreachable
                } else {
                    Self::Open { failed: failed + 1 }
                }
            }
            (state, _) => state,
        }
    }
}

/// The services of every account and region.
#[derive(Debug, Default)]
pub(super) struct Doors {
    regions: Mutex<HashMap<(String, String), Region>>,
}

impl Doors {
    /// What has answered under a provisional name answers the account that it turned out to be.
    pub(super) fn identified(&self, provisional: &str, account: &str) {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let before: Vec<(String, String)> = regions
            .iter()
            .filter(|((name, _), _)| name == provisional)
            .flat_map(|((_, region), known)| known.open().map(|s| (region.clone(), s.clone())))
            .collect();
        for (region, service) in before {
            let known = regions.entry((account.to_owned(), region)).or_default();
            let open = State::Open { failed: 0 };
            known.services.entry(service).or_insert(open);
        }
    }

    /// Waits until it is clear whether the service answers in the region.
    pub(super) async fn enter<'d>(
        &'d self,
        account: &'d str,
        region: &'d str,
        caller: Caller<'d>,
    ) -> Result<Guest<'d>, Shut> {
        let mut guest = Guest {
            doors: self,
            place: (account.to_owned(), region.to_owned()),
            caller,
            probe: false,
            knock: None,
        };
        loop {
            // Listening begins before the state is looked at, so that no change is missed.
            let changed = guest.region(|region| Arc::clone(&region.changed));
            let mut woken = pin!(changed.notified());
            woken.as_mut().enable();
            match guest.region(|region| region.entry(caller, Instant::now())) {
                Entry::Go { probe } => {
                    guest.probe = probe;
                    return Ok(guest);
                }
                Entry::Stay(shut) => return Err(shut),
                Entry::Wait(None) => woken.await,
                Entry::Wait(Some(until)) => {
                    // Either way the state is looked at again.
                    let _ = tokio::time::timeout_at(until.into(), woken).await;
                }
            }
        }
    }
}

/// A request that may be sent. Dropped without a word, it was given up.
#[derive(Debug)]
pub(super) struct Guest<'d> {
    doors: &'d Doors,
    place: (String, String),
    caller: Caller<'d>,
    probe: bool,
    knock: Option<Knock>,
}

impl Guest<'_> {
    /// Tells how the request ended.
    pub(super) fn left(mut self, knock: Knock) {
        self.knock = Some(knock);
    }

    fn region<T>(&self, work: impl FnOnce(&mut Region) -> T) -> T {
        let regions = self.doors.regions.lock();
        let mut regions = regions.unwrap_or_else(PoisonError::into_inner);
        work(regions.entry(self.place.clone()).or_default())
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        let knock = self.knock.take();
        let again = Asking::Again {
            call: self.caller.call.to_owned(),
            until: Instant::now() + COMES_BACK,
        };
        self.region(|region| region.left(self.caller, self.probe, again, knock));
    }
}

#[cfg(test)]
#[path = "door_tests.rs"]
mod tests;
