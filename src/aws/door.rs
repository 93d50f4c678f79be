//! Whether a service answers in a region, found out with one request.
//!
//! ```text
//! first request (the probe) -> any answer:            open, everything may be sent
//!                           -> "this region is closed": shut, unless another service answers there
//!                           -> connect timeout:         shut
//!                           -> another failure:         the call tries again, and that is the probe;
//!                                                       shut when its third attempt has failed
//! ```
//!
//! The requests that come while a probe is out wait for its answer. So a region that a service
//! control policy closes, or that is not enabled, costs its owner one denied event for each
//! service, one that the network does not reach costs one connect timeout, and one that resets every
//! connection costs the three attempts of one call.

use std::collections::HashMap;
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
    /// No answer yet: how many probes waited for one in vain, and who asks.
    Asked { waited: u32, by: Asking },
    /// It answers; so many failures since the last answer.
    Open { failed: u32 },
    /// It does not.
    Shut(Shut),
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
    fn entry(&mut self, service: &str, call: &str, now: Instant) -> Entry {
        let answers = |s: &State| matches!(s, State::Open { .. });
        let out = |s: &State| {
            matches!(
                s,
                State::Asked {
                    by: Asking::Out,
                    ..
                }
            )
        };
        match self.services.get(service).cloned() {
            Some(State::Open { .. }) => Entry::Go { probe: false },
            Some(state) if out(&state) => Entry::Wait(None),
            Some(State::Asked {
                by: Asking::Again { call: other, until },
                ..
            }) if other != call && now < until => Entry::Wait(Some(until)),
            // A policy may deny this one operation and no more. Where another service answers, the
            // region is not closed; where one is still being asked, its answer will tell.
            Some(State::Shut(Shut::Closed(_))) if self.services.values().any(answers) => {
                Entry::Go { probe: false }
            }
            Some(State::Shut(Shut::Closed(_))) if self.services.values().any(out) => {
                Entry::Wait(None)
            }
            Some(State::Shut(shut)) => Entry::Stay(shut),
            other => {
                let waited = match other {
                    Some(State::Asked { waited, .. }) => waited,
                    _ => 0,
                };
                let by = Asking::Out;
                let state = State::Asked { waited, by };
                self.services.insert(service.to_owned(), state);
                Entry::Go { probe: true }
            }
        }
    }

    fn left(&mut self, service: &str, probe: bool, again: Asking, knock: Option<Knock>) {
        let Some(state) = self.services.get_mut(service) else {
            return;
        };
        *state = match (&*state, knock) {
            (_, Some(Knock::Answered)) => State::Open { failed: 0 },
            // Where another service answers, a refusal of "the region" is one of an operation.
            (State::Asked { .. }, Some(Knock::Closed(code))) => State::Shut(Shut::Closed(code)),
            (State::Asked { .. }, Some(Knock::NoConnection)) => State::Shut(Shut::Unreachable),
            (State::Asked { .. }, Some(Knock::Failed { attempt })) if attempt >= GIVE_UP => {
                State::Shut(Shut::Unreachable)
            }
            (State::Asked { waited, .. }, Some(Knock::NoAnswer)) if waited + 1 >= GIVE_UP => {
                State::Shut(Shut::Unreachable)
            }
            (State::Asked { waited, .. }, Some(Knock::NoAnswer)) if probe => State::Asked {
                waited: waited + 1,
                by: again,
            },
            (State::Asked { waited, .. }, Some(Knock::Failed { .. })) if probe => State::Asked {
                waited: *waited,
                by: again,
            },
            // Given up before it had an answer: somebody else asks.
            (State::Asked { waited, .. }, _) if probe => State::Asked {
                waited: *waited,
                by: Asking::Nobody,
            },
            (
                State::Open { failed },
                Some(Knock::Failed { .. } | Knock::NoAnswer | Knock::NoConnection),
            ) => {
                if failed + 1 >= LOST {
                    State::Shut(Shut::Unreachable)
                } else {
                    State::Open { failed: failed + 1 }
                }
            }
            (state, _) => state.clone(),
        };
        self.changed.notify_waiters();
    }
}

/// The services of every account and region.
#[derive(Debug, Default)]
pub(super) struct Doors {
    regions: Mutex<HashMap<(String, String), Region>>,
}

impl Doors {
    /// Waits until it is clear whether the service answers in the region. All attempts of a call have
    /// one name.
    pub(super) async fn enter<'d>(
        &'d self,
        account: &'d str,
        region: &'d str,
        service: &'d str,
        call: &'d str,
    ) -> Result<Guest<'d>, Shut> {
        let mut guest = Guest {
            doors: self,
            place: (account.to_owned(), region.to_owned()),
            service,
            call,
            probe: false,
            knock: None,
        };
        loop {
            // Listening begins before the state is looked at, so that no change is missed.
            let changed = guest.region(|region| Arc::clone(&region.changed));
            let mut woken = pin!(changed.notified());
            woken.as_mut().enable();
            match guest.region(|region| region.entry(service, call, Instant::now())) {
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
    service: &'d str,
    call: &'d str,
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
            call: self.call.to_owned(),
            until: Instant::now() + COMES_BACK,
        };
        self.region(|region| region.left(self.service, self.probe, again, knock));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    const CODE: &str = "UnauthorizedOperation";

    fn enter<'d>(doors: &'d Doors, service: &'d str) -> Option<Result<Guest<'d>, Shut>> {
        call(doors, service, "1")
    }

    fn call<'d>(
        doors: &'d Doors,
        service: &'d str,
        call: &'d str,
    ) -> Option<Result<Guest<'d>, Shut>> {
        doors
            .enter("111122223333", "eu-west-1", service, call)
            .now_or_never()
    }

    fn closed() -> Knock {
        Knock::Closed(CODE.to_owned())
    }

    #[test]
    fn the_others_wait_for_the_first() {
        let doors = Doors::default();
        let probe = enter(&doors, "ec2").unwrap().unwrap();
        assert!(enter(&doors, "ec2").is_none());
        assert!(
            enter(&doors, "rds").is_some(),
            "each service has its own probe"
        );
        probe.left(Knock::Answered);
        assert!(enter(&doors, "ec2").unwrap().is_ok());
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_the_answer() {
        let doors = Doors::default();
        let probe = enter(&doors, "ec2").unwrap().unwrap();
        let waiting = doors.enter("111122223333", "eu-west-1", "ec2", "2");
        let (entered, ()) = tokio::join!(waiting, async {
            probe.left(closed());
        });
        assert_eq!(entered.unwrap_err(), Shut::Closed(CODE.to_owned()));
    }

    #[test]
    fn a_region_is_closed_when_every_service_says_so() {
        let doors = Doors::default();
        let (ec2, rds) = (enter(&doors, "ec2"), enter(&doors, "rds"));
        ec2.unwrap().unwrap().left(closed());
        assert!(enter(&doors, "ec2").is_none(), "the other may still answer");
        rds.unwrap().unwrap().left(closed());
        assert!(enter(&doors, "ec2").unwrap().is_err());
        assert!(enter(&doors, "rds").unwrap().is_err());
    }

    #[test]
    fn one_operation_that_a_policy_denies_closes_no_region() {
        let doors = Doors::default();
        let (ec2, rds) = (enter(&doors, "ec2"), enter(&doors, "rds"));
        ec2.unwrap().unwrap().left(closed());
        rds.unwrap().unwrap().left(Knock::Answered);
        assert!(enter(&doors, "ec2").unwrap().is_ok());
    }

    #[test]
    fn no_connection_shuts_at_once() {
        let doors = Doors::default();
        let probe = enter(&doors, "ec2").unwrap().unwrap();
        probe.left(Knock::NoConnection);
        let after = enter(&doors, "ec2").unwrap();
        assert_eq!(after.unwrap_err(), Shut::Unreachable);
    }

    #[tokio::test]
    async fn other_failures_shut_after_three_attempts_of_one_call() {
        let doors = Doors::default();
        for attempt in [1, 2, 3] {
            let probe = call(&doors, "rds", "first").unwrap().unwrap();
            assert!(call(&doors, "rds", "second").is_none());
            probe.left(Knock::Failed { attempt });
            if attempt < 3 {
                assert!(call(&doors, "rds", "second").is_none(), "{attempt}");
            }
        }
        let after = call(&doors, "rds", "second").unwrap();
        assert_eq!(after.unwrap_err(), Shut::Unreachable);
    }

    #[test]
    fn a_call_that_does_not_try_again_is_not_waited_for_for_ever() {
        let mut region = Region::default();
        let began = Instant::now();
        let until = began + COMES_BACK;
        assert!(matches!(
            region.entry("rds", "first", began),
            Entry::Go { probe: true }
        ));
        let again = Asking::Again {
            call: "first".to_owned(),
            until,
        };
        region.left("rds", true, again, Some(Knock::Failed { attempt: 1 }));
        let second = region.entry("rds", "second", began);
        assert!(matches!(second, Entry::Wait(Some(at)) if at == until));
        assert!(matches!(
            region.entry("rds", "second", until),
            Entry::Go { probe: true }
        ));
        assert!(matches!(
            region.entry("rds", "first", until),
            Entry::Wait(None)
        ));
    }

    #[test]
    fn a_probe_that_was_given_up_leaves_the_question_open() {
        let doors = Doors::default();
        drop(enter(&doors, "ec2"));
        enter(&doors, "ec2").unwrap().unwrap().left(Knock::Answered);
        assert!(enter(&doors, "ec2").unwrap().is_ok());
    }

    #[test]
    fn what_answered_once_is_lost_only_after_many_failures_in_a_row() {
        let doors = Doors::default();
        enter(&doors, "ec2").unwrap().unwrap().left(Knock::Answered);
        for _ in 0..LOST - 1 {
            enter(&doors, "ec2")
                .unwrap()
                .unwrap()
                .left(Knock::Failed { attempt: 1 });
        }
        enter(&doors, "ec2").unwrap().unwrap().left(Knock::Answered);
        for _ in 0..LOST {
            enter(&doors, "ec2")
                .unwrap()
                .unwrap()
                .left(Knock::NoConnection);
        }
        assert!(enter(&doors, "ec2").unwrap().is_err());
    }
}
