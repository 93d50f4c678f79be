//! What was called, when, and how it was answered.

use super::call::Arrived;
use super::operation::Operation;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// After this time a lane's bursts are over.
const WARM: Duration = Duration::from_secs(2);

/// What AWS counts calls by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Lane {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) operation: String,
}

impl Lane {
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
    /// With what was asked for, or an error of the service's own such as "no such policy".
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

/// The requests of one lane.
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
    pub(crate) lanes: BTreeMap<Lane, Count>,
    pub(crate) in_flight: usize,
    /// The most requests at once.
    pub(crate) peak: usize,
}

impl Counts {
    pub(super) fn arrive(&mut self, call: &Arrived) {
        self.log.push(call.operation.clone());
        self.in_flight += 1;
        self.peak = self.peak.max(self.in_flight);
        let lane = self.lanes.entry(Lane::of(call)).or_default();
        lane.arrived.push(Instant::now());
        lane.in_flight += 1;
        lane.peak = lane.peak.max(lane.in_flight);
    }

    /// Requests that arrived before the counts were taken are not counted again.
    pub(super) fn end(&mut self, lane: &Lane, ending: Ending) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let Some(lane) = self.lanes.get_mut(lane) else {
            return;
        };
        lane.in_flight = lane.in_flight.saturating_sub(1);
        *lane.endings.entry(ending).or_default() += 1;
        if ending == Ending::Throttled {
            lane.throttled.push(Instant::now());
        }
    }

    pub(crate) fn calls(&self) -> usize {
        self.log.len()
    }

    /// How many requests ended so.
    pub(crate) fn ended(&self, ending: Ending) -> usize {
        self.lanes.values().map(|lane| lane.ended(ending)).sum()
    }

    /// The requests of the lanes that a predicate picks.
    pub(crate) fn of(&self, pick: impl Fn(&Lane) -> bool) -> usize {
        let picked = self.lanes.iter().filter(|(lane, _)| pick(lane));
        picked.map(|(_, count)| count.calls()).sum()
    }

    /// Requests, and throttled ones, from [`WARM`] after the first of each lane on.
    pub(crate) fn warm(&self) -> (usize, usize) {
        let mut all = (0, 0);
        for count in self.lanes.values() {
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
