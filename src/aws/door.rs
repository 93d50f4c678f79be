//! Whether a service answers in a region, found out with one request.
//!
//! ```text
//! first request (the probe) -> any answer:            open, everything may be sent
//!                           -> "this region is closed": shut, unless another service answers there
//!                           -> connect timeout:         shut
//!                           -> another failure:         the next request is the probe, until one
//!                                                       call has failed three times
//! ```
//!
//! The requests that come while a probe is out wait for its answer. So a region that a service
//! control policy closes, or that is not enabled, costs its owner one denied event for each
//! service, and one that the network does not reach costs one connect timeout.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// Failures of one call, or time-outs, without a single answer, after which an endpoint is taken for
/// unreachable.
const GIVE_UP: u32 = 3;
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
    /// No answer yet: how many probes waited for one in vain, and whether one is out.
    Asked { waited: u32, out: bool },
    /// It answers; so many failures since the last answer.
    Open { failed: u32 },
    /// It does not.
    Shut(Shut),
}

#[derive(Debug, Default)]
struct Region {
    services: HashMap<String, State>,
    changed: Arc<Notify>,
}

/// What a request may do.
enum Entry {
    Go { probe: bool },
    Wait,
    Stay(Shut),
}

impl Region {
    fn entry(&mut self, service: &str) -> Entry {
        let answers = |s: &State| matches!(s, State::Open { .. });
        let asked = |s: &State| matches!(s, State::Asked { out: true, .. });
        match self.services.get(service).cloned() {
            Some(State::Open { .. }) => Entry::Go { probe: false },
            Some(State::Asked { out: true, .. }) => Entry::Wait,
            // A policy may deny this one operation and no more. Where another service answers, the
            // region is not closed; where one is still being asked, its answer will tell.
            Some(State::Shut(Shut::Closed(_))) if self.services.values().any(answers) => {
                Entry::Go { probe: false }
            }
            Some(State::Shut(Shut::Closed(_))) if self.services.values().any(asked) => Entry::Wait,
            Some(State::Shut(shut)) => Entry::Stay(shut),
            other => {
                let waited = match other {
                    Some(State::Asked { waited, .. }) => waited,
                    _ => 0,
                };
                let state = State::Asked { waited, out: true };
                self.services.insert(service.to_owned(), state);
                Entry::Go { probe: true }
            }
        }
    }

    fn left(&mut self, service: &str, probe: bool, knock: Option<Knock>) {
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
                out: false,
            },
            // It failed, or was given up before it had an answer: somebody else asks.
            (State::Asked { waited, .. }, _) if probe => State::Asked {
                waited: *waited,
                out: false,
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
    /// Waits until it is clear whether the service answers in the region.
    pub(super) async fn enter<'d>(
        &'d self,
        account: &'d str,
        region: &'d str,
        service: &'d str,
    ) -> Result<Guest<'d>, Shut> {
        let mut guest = Guest {
            doors: self,
            place: (account.to_owned(), region.to_owned()),
            service,
            probe: false,
            knock: None,
        };
        loop {
            // Listening begins before the state is looked at, so that no change is missed.
            let changed = guest.region(|region| Arc::clone(&region.changed));
            let mut woken = pin!(changed.notified());
            woken.as_mut().enable();
            match guest.region(|region| region.entry(service)) {
                Entry::Go { probe } => {
                    guest.probe = probe;
                    return Ok(guest);
                }
                Entry::Stay(shut) => return Err(shut),
                Entry::Wait => woken.await,
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
        self.region(|region| region.left(self.service, self.probe, knock));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    const CODE: &str = "UnauthorizedOperation";

    fn enter<'d>(doors: &'d Doors, service: &'d str) -> Option<Result<Guest<'d>, Shut>> {
        doors
            .enter("111122223333", "eu-west-1", service)
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
        let (entered, ()) = tokio::join!(doors.enter("111122223333", "eu-west-1", "ec2"), async {
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
    fn no_connection_shuts_at_once_and_other_failures_after_three() {
        let doors = Doors::default();
        enter(&doors, "ec2")
            .unwrap()
            .unwrap()
            .left(Knock::NoConnection);
        assert_eq!(
            enter(&doors, "ec2").unwrap().unwrap_err(),
            Shut::Unreachable
        );
        // The first attempts of many calls may fail together; one call's third says more.
        for attempt in [1, 1, 1, 1, 2, 3] {
            let guest = enter(&doors, "rds").unwrap().unwrap();
            guest.left(Knock::Failed { attempt });
        }
        assert_eq!(
            enter(&doors, "rds").unwrap().unwrap_err(),
            Shut::Unreachable
        );
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
