//! Rules: which calls meet with what.

use super::call::{Answer, Arrived, Call};
use super::operation::Operation;
use super::protocol::{Refusal, Wait};
use super::wire::Cut;
use std::collections::BTreeSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Barrier, Notify};

/// What a call meets with.
#[derive(Clone)]
pub(crate) enum Effect {
    /// The answer waits. Later rules apply too.
    Delay(Duration),
    /// The test is notified that the call has arrived. Later rules apply too.
    Tell(Arc<Notify>),
    /// Somebody sees the call arrive. Later rules apply too.
    See(See),
    /// An error in the service's own protocol.
    Refuse(Refusal),
    /// A throttling error while the bucket of AWS's documented size is empty; see
    /// [`sixpillars::aws::throttle::limits`].
    Throttle(Wait),
    /// The connection breaks.
    Cut(Cut),
    /// The answer waits until as many calls are there as the barrier takes. Later rules apply too.
    Gather(Arc<Barrier>),
    /// Nothing is ever answered.
    Hang,
    /// Half of the answer as if it were the whole: broken XML, JSON or CBOR.
    Malformed,
    /// Something else entirely.
    Noise,
    Pages(Pages),
    /// The answer with something changed.
    Edit(Edit),
}

/// Sees a call.
pub(crate) type See = Arc<dyn Fn(&Call<'_>) + Send + Sync>;

/// Changes an answer.
pub(crate) type Edit = Arc<dyn Fn(&Call<'_>, Answer) -> Answer + Send + Sync>;

/// Pages that nobody wants to turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pages {
    /// This many empty pages, and then the real one.
    Empty(u32),
    /// An empty one whose token leads to itself.
    SameToken,
}

impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delay(delay) => write!(f, "Delay({delay:?})"),
            Self::Tell(_) => f.write_str("Tell"),
            Self::See(_) => f.write_str("See"),
            Self::Refuse(refusal) => write!(f, "Refuse({refusal:?})"),
            Self::Throttle(wait) => write!(f, "Throttle({wait:?})"),
            Self::Cut(cut) => write!(f, "Cut({cut:?})"),
            Self::Gather(_) => f.write_str("Gather"),
            Self::Hang => f.write_str("Hang"),
            Self::Malformed => f.write_str("Malformed"),
            Self::Noise => f.write_str("Noise"),
            Self::Pages(pages) => write!(f, "Pages({pages:?})"),
            Self::Edit(_) => f.write_str("Edit"),
        }
    }
}

/// An effect, and the calls that meet with it: all, until a method narrows them.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    effect: Effect,
    services: BTreeSet<String>,
    operations: BTreeSet<Operation>,
    region: Option<String>,
    account: Option<String>,
    access_key: Option<String>,
    share: Share,
    window: Option<Range<Duration>>,
    /// Attempts of one call that the rule is about.
    attempts: RangeInclusive<u32>,
    /// Calls that were of the right kind so far, whether it was their turn or not.
    seen: u64,
    since: Option<Instant>,
}

/// Which of the calls of the right kind it is the turn of.
#[derive(Debug, Clone)]
enum Share {
    Numbers(Range<u64>),
    /// This part of them, scattered by a seed.
    Part(f64, u64),
}

impl Rule {
    pub(crate) fn new(effect: Effect) -> Self {
        Self {
            effect,
            services: BTreeSet::new(),
            operations: BTreeSet::new(),
            region: None,
            account: None,
            access_key: None,
            share: Share::Numbers(0..u64::MAX),
            window: None,
            attempts: 1..=u32::MAX,
            seen: 0,
            since: None,
        }
    }

    pub(crate) fn services<'a>(mut self, services: impl IntoIterator<Item = &'a str>) -> Self {
        self.services = services.into_iter().map(ToOwned::to_owned).collect();
        self
    }

    pub(crate) fn operation(self, service: &str, name: &str) -> Self {
        self.operations([Operation::new(service, name)])
    }

    pub(crate) fn operations(mut self, operations: impl IntoIterator<Item = Operation>) -> Self {
        self.operations = operations.into_iter().collect();
        self
    }

    pub(crate) fn region(mut self, region: &str) -> Self {
        self.region = Some(region.to_owned());
        self
    }

    pub(crate) fn account(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }

    /// Calls that are signed with this access key.
    pub(crate) fn access_key(mut self, key: &str) -> Self {
        self.access_key = Some(key.to_owned());
        self
    }

    /// Only the first calls.
    pub(crate) fn first(mut self, calls: u64) -> Self {
        self.share = Share::Numbers(0..calls);
        self
    }

    /// Only the calls after the first ones.
    pub(crate) fn after(mut self, calls: u64) -> Self {
        self.share = Share::Numbers(calls..u64::MAX);
        self
    }

    /// Only one call, counted from 0.
    pub(crate) fn nth(self, call: u64) -> Self {
        self.numbers(call..call + 1)
    }

    /// Only these calls, counted from 0.
    pub(crate) fn numbers(mut self, calls: Range<u64>) -> Self {
        self.share = Share::Numbers(calls);
        self
    }

    /// Only a part of the calls, between 0 and 1: the same numbers for the same seed.
    pub(crate) fn part(mut self, part: f64, seed: u64) -> Self {
        self.share = Share::Part(part, seed);
        self
    }

    /// Only the first attempts of each call, as the SDK numbers them.
    pub(crate) fn attempts(mut self, first: u32) -> Self {
        self.attempts = 1..=first;
        self
    }

    /// Only calls that arrive in a window of time, counted from when the rule was laid down.
    pub(crate) fn between(mut self, from: Duration, until: Duration) -> Self {
        self.window = Some(from..until);
        self
    }

    /// The rule's clock starts.
    pub(super) fn begin(&mut self) {
        self.since = Some(Instant::now());
    }

    /// The effect, if the call meets with it. Calls of the right kind are counted.
    pub(super) fn apply(&mut self, call: &Arrived) -> Option<Effect> {
        let kind = (self.services.is_empty() || self.services.contains(&call.operation.service))
            && (self.operations.is_empty() || self.operations.contains(&call.operation))
            && self.region.as_ref().is_none_or(|r| *r == call.region)
            && self.account.as_ref().is_none_or(|a| *a == call.account)
            && self
                .access_key
                .as_ref()
                .is_none_or(|k| *k == call.access_key);
        let age = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        if !kind
            || !self.window.as_ref().is_none_or(|w| w.contains(&age))
            || !self.attempts.contains(&call.attempt())
        {
            return None;
        }
        let number = self.seen;
        self.seen += 1;
        let turn = match &self.share {
            Share::Numbers(numbers) => numbers.contains(&number),
            Share::Part(part, seed) => scattered(*seed, number) < *part,
        };
        turn.then(|| self.effect.clone())
    }
}

/// A number from 0 to 1 that is the same for the same seed and number.
#[allow(clippy::cast_precision_loss, reason = "a share need not be exact")]
fn scattered(seed: u64, number: u64) -> f64 {
    let mut hasher = DefaultHasher::new();
    (seed, number).hash(&mut hasher);
    hasher.finish() as f64 / u64::MAX as f64
}
