//! What was called, when, and how it was answered.

use super::call::Arrived;
use super::operation::Operation;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// After this time the bursts of a key are over.
const WARM: Duration = Duration::from_secs(2);

/// What AWS counts calls by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CallKey {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) operation: String,
}

impl CallKey {
    pub(crate) fn of(call: &Arrived) -> Self {
        Self {
            account: call.account.clone(),
            region: call.region.clone(),
            service: call.operation.service.clone(),
            operation: call.operation.name.clone(),
        }
    }

    pub(crate) fn is(&self, service: &str, operation: &str) -> bool {
        self.service == service && self.operation == operation
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    /// With the result, or an error of the service such as "no such policy".
    Answered,
    /// With a request to slow down.
    Throttled,
    /// With a refusal.
    Refused,
    /// With 500 or 503, a broken connection or an answer that nobody can read.
    Failed,
    /// Not at all: the caller went away first.
    Abandoned,
}

/// The requests of one key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Count {
    /// When each arrived, in order.
    pub(crate) arrived: Vec<Instant>,
    /// When each was throttled, in order.
    pub(crate) throttled: Vec<Instant>,
    pub(crate) endings: BTreeMap<Ending, usize>,
    pub(crate) in_flight: usize,
    pub(crate) peak: usize,
}

impl Count {
    pub(crate) fn calls(&self) -> usize {
        self.arrived.len()
    }

    pub(crate) fn ended(&self, ending: Ending) -> usize {
        self.endings.get(&ending).copied().unwrap_or_default()
    }
}

/// All requests since the counts were last taken.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    /// The operations in the order in which they arrived.
    pub(crate) log: Vec<Operation>,
    pub(crate) by_call: BTreeMap<CallKey, Count>,
    pub(crate) in_flight: usize,
    /// The most requests at once.
    pub(crate) peak: usize,
}

impl Counts {
    pub(super) fn arrive(&mut self, call: &Arrived) {
        self.log.push(call.operation.clone());
        self.in_flight += 1;
        self.peak = self.peak.max(self.in_flight);
        let call_key = self.by_call.entry(CallKey::of(call)).or_default();
        call_key.arrived.push(Instant::now());
        call_key.in_flight += 1;
        call_key.peak = call_key.peak.max(call_key.in_flight);
    }

    /// Requests that arrived before the counts were taken are not counted again.
    pub(super) fn end(&mut self, call_key: &CallKey, ending: Ending) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let Some(call_key) = self.by_call.get_mut(call_key) else {
            return;
        };
        call_key.in_flight = call_key.in_flight.saturating_sub(1);
        *call_key.endings.entry(ending).or_default() += 1;
        if ending == Ending::Throttled {
            call_key.throttled.push(Instant::now());
        }
    }

    pub(crate) fn calls(&self) -> usize {
        self.log.len()
    }

    /// How many requests ended so.
    pub(crate) fn ended(&self, ending: Ending) -> usize {
        self.by_call
            .values()
            .map(|call_key| call_key.ended(ending))
            .sum()
    }

    /// The requests of the keys that a predicate selects.
    pub(crate) fn of(&self, pick: impl Fn(&CallKey) -> bool) -> usize {
        let picked = self.by_call.iter().filter(|(call_key, _)| pick(call_key));
        picked.map(|(_, count)| count.calls()).sum()
    }

    /// Requests, and throttled ones, from [`WARM`] after the first of each key on.
    pub(crate) fn warm(&self) -> (usize, usize) {
        let mut all = (0, 0);
        for count in self.by_call.values() {
            let Some(first) = count.arrived.first() else {
                continue;
            };
            let warm = |times: &[Instant]| {
                let since = |t: &&Instant| t.duration_since(*first) >= WARM;
                times.iter().filter(since).count()
            };
            all.0 += warm(&count.arrived);
            all.1 += warm(&count.throttled);
        }
        all
    }
}
