//! Stops calls of an operation that fails for every resource although its service answers.
//!
//! An emulator or a proxy may answer every call of one operation with something that is not an AWS error.
//! After [`MAX_CALLS`] consecutive calls without an answer no more are made, since each would only wait
//! for the same. One answer resets the count, so scattered failures have no effect.

use super::ledger::CallKey;
use crate::model::Cause;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// Calls that fail, in a row, before their operation is given up.
const MAX_CALLS: usize = 3;

/// How an operation fails: what the gap of each call says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// Why, in a word.
    pub cause: Cause,
    /// Why, as the gap of each call says it.
    pub detail: String,
}

/// What an attempt says about its operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws) enum OperationResult {
    /// It works, be it that it refuses.
    Answered,
    /// The call has failed often enough to count.
    Failed(GivenUp),
    /// Nothing.
    Unclear,
}

#[derive(Debug)]
enum State {
    /// The calls that failed since the last answer.
    Failing(BTreeSet<String>),
    GivenUp(GivenUp),
}

/// The operations that fail, in each account and region. Those that work are not in it.
#[derive(Debug, Default)]
pub(in crate::aws) struct OperationBreakers {
    failing: Mutex<HashMap<CallKey, State>>,
}

impl OperationBreakers {
    /// How an operation failed, if it was given up.
    pub(in crate::aws) fn given_up(&self, operation: &CallKey) -> Option<GivenUp> {
        let failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        match failing.get(operation)? {
            State::GivenUp(given_up) => Some(given_up.clone()),
            State::Failing(_) => None,
        }
    }

    /// Takes in how an attempt of a call ended. Returns how the operation failed, if it is given up
    /// now.
    pub(in crate::aws) fn record(
        &self,
        operation: &CallKey,
        call: &str,
        result: OperationResult,
    ) -> Option<GivenUp> {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            OperationResult::Unclear => None,
            OperationResult::Answered => {
                failing.remove(operation);
                None
            }
            OperationResult::Failed(given_up) => {
                let state = failing
                    .entry(operation.clone())
                    .or_insert_with(|| State::Failing(BTreeSet::new()));
                let State::Failing(calls) = state else {
                    return Some(given_up);
                };
                calls.insert(call.to_owned());
                if calls.len() < MAX_CALLS {
                    return None;
                }
                *state = State::GivenUp(given_up.clone());
                Some(given_up)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(operation: &str) -> CallKey {
        CallKey {
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            service: "lambda".to_owned(),
            operation: operation.to_owned(),
        }
    }

    fn failed() -> OperationResult {
        OperationResult::Failed(GivenUp {
            cause: Cause::Failed,
            detail: "HTTP 500".to_owned(),
        })
    }

    #[test]
    fn an_operation_that_fails_for_three_calls_is_given_up() {
        let breakers = OperationBreakers::default();
        let policy = key("GetPolicy");
        assert_eq!(breakers.record(&policy, "1", failed()), None);
        assert_eq!(breakers.record(&policy, "1", failed()), None);
        assert_eq!(breakers.record(&policy, "2", failed()), None);
        assert_eq!(breakers.given_up(&policy), None);
        assert!(breakers.record(&policy, "3", failed()).is_some());
        assert!(breakers.given_up(&policy).is_some());
        assert_eq!(breakers.given_up(&key("GetFunction")), None);
    }

    #[test]
    fn an_answer_starts_the_count_anew() {
        let breakers = OperationBreakers::default();
        let policy = key("GetPolicy");
        for call in ["1", "2", "3", "4", "5", "6"] {
            assert_eq!(breakers.record(&policy, call, failed()), None);
            if call == "2" || call == "4" {
                breakers.record(&policy, call, OperationResult::Answered);
            }
            if call == "5" {
                breakers.record(&policy, "0", OperationResult::Unclear);
            }
        }
        assert_eq!(breakers.given_up(&policy), None);
    }
}
