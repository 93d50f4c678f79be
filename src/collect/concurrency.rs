//! Limits on how many calls are started at once.
//!
//! ```text
//! resources -> each list: a few calls at a time, always      -> the gate: requests in flight, rates
//!           -> all lists together: more, while shared slots are free
//!              (fewer for low-priority lists)
//! ```
//!
//! The gate bounds the requests. A call that waits at the gate already uses some forty kilobytes of
//! memory, and an account with resources in twenty regions has a hundred lists that need calls per
//! resource. So the number of waiting calls is bounded too. Every list has its own slots: one that
//! waits for a slow service does not block another.

use futures::future::BoxFuture;
use futures::{FutureExt, Stream, StreamExt};
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls that one list may start independently of all others: about as many as the rates of one
/// service in one region keep in flight.
const PER_LIST: usize = 8;
/// Calls in addition to each list's own, shared by all lists.
const SHARED: usize = 160;
/// The same for all low-priority lists: enough to keep the gate busy when only they are left.
const LOW_PRIORITY: usize = 96;
/// Lists take shared slots in batches of this size. If they took them per resource, lists with many
/// calls per resource would come first.
const SHARED_AT_ONCE: usize = 16;
/// The most calls that one list may start: enough that one list alone keeps the gate busy.
const MAX_PER_LIST: usize = PER_LIST + 8 * SHARED_AT_ONCE;
/// Batches of metrics that are read at once. Each takes some three megabytes: 500 queries and their
/// values. With fewer batches, the documents that wait for their metrics take more than is saved.
const METRIC_BATCHES: usize = 20;
/// The same for one account and region, so that a slow CloudWatch does not block the others. The
/// batches of a small account all fit.
pub const METRIC_BATCHES_PER_REGION: usize = 16;

/// The limits that all jobs share.
#[derive(Debug, Clone)]
pub struct ConcurrencyLimits {
    shared: Arc<Semaphore>,
    low_priority: Arc<Semaphore>,
    batches: Arc<Semaphore>,
    regions: Arc<Mutex<HashMap<Place, Arc<Semaphore>>>>,
}

/// An account and a region.
type Place = (String, String);

/// A slot that is released when it is dropped.
pub type Permit = Option<OwnedSemaphorePermit>;

impl Default for ConcurrencyLimits {
    fn default() -> Self {
        Self {
            shared: Arc::new(Semaphore::new(SHARED)),
            low_priority: Arc::new(Semaphore::new(LOW_PRIORITY)),
            batches: Arc::new(Semaphore::new(METRIC_BATCHES)),
            regions: Arc::default(),
        }
    }
}

impl ConcurrencyLimits {
    /// Runs the futures of one list, each of which makes up to `calls` calls, as slots become free.
    /// At most one future is created ahead of time.
    pub fn run<F: Future, I: IntoIterator<Item = F>>(
        &self,
        calls: usize,
        tasks: I,
    ) -> impl Stream<Item = F::Output> + use<F, I> {
        begin(&self.shared, calls, tasks)
    }

    /// The same with low priority, for a kind from which nothing is derived. Other kinds are read
    /// first, and judged while these calls are in flight.
    pub fn run_low_priority<F: Future, I: IntoIterator<Item = F>>(
        &self,
        calls: usize,
        tasks: I,
    ) -> impl Stream<Item = F::Output> + use<F, I> {
        begin(&self.low_priority, calls, tasks)
    }

    /// A slot for a batch of metrics of an account and region.
    pub async fn metric_batch(&self, account: &str, region: &str) -> (Permit, Permit) {
        let place = (account.to_owned(), region.to_owned());
        let of_region = {
            let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
            let batches = || Arc::new(Semaphore::new(METRIC_BATCHES_PER_REGION));
            Arc::clone(regions.entry(place).or_insert_with(batches))
        };
        // In this order: a batch that waits for its region does not hold a global slot.
        let of_region = of_region.acquire_owned().await.ok();
        let of_all = Arc::clone(&self.batches).acquire_owned().await.ok();
        (of_region, of_all)
    }
}

/// Starts one future after another as the list's own slots or the shared ones become free.
fn begin<F: Future, I: IntoIterator<Item = F>>(
    shared: &Arc<Semaphore>,
    calls: usize,
    tasks: I,
) -> impl Stream<Item = F::Output> + use<F, I> {
    let calls = calls.clamp(1, MAX_PER_LIST);
    let slots = ListSlots {
        own: Arc::new(Semaphore::new(PER_LIST.max(calls))),
        shared: Arc::clone(shared),
        calls,
        taken: None,
        waiting: None,
    };
    let tasks = tasks.into_iter();
    let begun = futures::stream::unfold((tasks, slots), |(mut tasks, mut slots)| async move {
        let future = tasks.next()?;
        let slot = slots.take().await;
        let begun = async move {
            let _slot = slot;
            future.await
        };
        Some((begun, (tasks, slots)))
    });
    begun.buffer_unordered(MAX_PER_LIST / calls)
}

/// The slots of one list.
struct ListSlots {
    own: Arc<Semaphore>,
    shared: Arc<Semaphore>,
    calls: usize,
    /// What is left of the last batch of shared slots.
    taken: Permit,
    /// The next batch of shared slots. It keeps its place in the queue while own slots are used.
    waiting: Option<BoxFuture<'static, Permit>>,
}

impl ListSlots {
    /// Slots for the calls of one resource; `None` if the semaphores were closed, which never
    /// happens.
    async fn take(&mut self) -> Permit {
        if let Some(slot) = self.of_turn() {
            return Some(slot);
        }
        let turn = (SHARED_AT_ONCE / self.calls).max(1) * self.calls;
        let next = || slots(&self.shared, turn).boxed();
        let waiting = self.waiting.get_or_insert_with(next);
        tokio::select! {
            biased;
            slot = slots(&self.own, self.calls) => slot,
            turn = waiting => {
                self.waiting = None;
                self.taken = turn;
                self.of_turn()
            }
        }
    }

    fn of_turn(&mut self) -> Permit {
        self.taken.as_mut()?.split(self.calls)
    }
}

/// A number of slots, once they are free.
fn slots(of: &Arc<Semaphore>, calls: usize) -> impl Future<Output = Permit> + Send + use<> {
    let calls = u32::try_from(calls).unwrap_or(u32::MAX);
    let slots = Arc::clone(of).acquire_many_owned(calls);
    slots.map(Result::ok)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::future::pending;
    use std::pin::pin;

    /// How many futures of a list are started while none ends.
    fn begun(
        limits: &ConcurrencyLimits,
        calls: usize,
        of: usize,
    ) -> (usize, impl Stream<Item = ()> + use<'_>) {
        let begun = std::rc::Rc::new(Cell::new(0));
        let counted = std::rc::Rc::clone(&begun);
        let tasks = (0..of).map(move |_| {
            let counted = std::rc::Rc::clone(&counted);
            async move {
                counted.set(counted.get() + 1);
                pending::<()>().await;
            }
        });
        let mut all = Box::pin(limits.run(calls, tasks));
        assert!(all.next().now_or_never().is_none());
        (begun.get(), all)
    }

    #[test]
    fn one_list_alone_may_begin_as_much_as_the_gate_can_use() {
        let limits = ConcurrencyLimits::default();
        assert_eq!(begun(&limits, 1, 1_000).0, MAX_PER_LIST);
        assert_eq!(begun(&limits, 18, 1_000).0, MAX_PER_LIST / 18);
        assert_eq!(begun(&limits, 1_000, 10).0, 1);
        assert_eq!(begun(&limits, 1, 3).0, 3);
    }

    #[test]
    fn lists_that_wait_leave_the_others_their_own_slots() {
        let limits = ConcurrencyLimits::default();
        let waiting: Vec<_> = (0..100).map(|_| begun(&limits, 1, 1_000)).collect();
        let calls: usize = waiting.iter().map(|(begun, _)| begun).sum();
        assert_eq!(calls, SHARED + 100 * PER_LIST);
        assert_eq!(begun(&limits, 1, 1_000).0, PER_LIST);
        assert_eq!(begun(&limits, 18, 1_000).0, 1);
        drop(waiting);
        assert_eq!(begun(&limits, 1, 1_000).0, MAX_PER_LIST);
    }

    /// Normal lists do not queue behind low-priority ones.
    #[test]
    fn low_priority_lists_leave_most_of_the_slots() {
        let limits = ConcurrencyLimits::default();
        let mut low_priority: Vec<_> = (0..3)
            .map(|_| Box::pin(limits.run_low_priority(16, (0..100).map(|_| pending::<()>()))))
            .collect();
        for list in &mut low_priority {
            assert!(list.next().now_or_never().is_none());
        }
        assert_eq!(limits.low_priority.available_permits(), 0);
        assert_eq!(limits.shared.available_permits(), SHARED);
        assert_eq!(begun(&limits, 1, 1_000).0, MAX_PER_LIST);
    }

    /// A list keeps its place in the queue for shared slots while it uses its own.
    #[tokio::test]
    async fn a_list_keeps_its_place_in_the_queue() {
        let limits = ConcurrencyLimits::default();
        let all = Arc::clone(&limits.shared).acquire_many_owned(u32::try_from(SHARED).unwrap());
        let all = all.await.unwrap();
        let mut list = pin!(limits.run(PER_LIST, (0..20).map(|_| tokio::task::yield_now())));
        for _ in 0..10 {
            list.next().await;
        }
        let mut later = pin!(Arc::clone(&limits.shared).acquire_many_owned(1));
        assert!(later.as_mut().now_or_never().is_none());
        list.next().await;
        let mut all = all;
        drop(all.split(SHARED_AT_ONCE));
        assert!(later.as_mut().now_or_never().is_none());
        drop(all.split(1));
        assert!(later.now_or_never().is_some());
    }

    #[test]
    fn metrics_of_one_region_take_a_part_of_all_slots() {
        let limits = ConcurrencyLimits::default();
        let take = |region: &str| limits.metric_batch("111122223333", region).now_or_never();
        let slow: Vec<_> = (0..20).filter_map(|_| take("eu-west-1")).collect();
        assert_eq!(slow.len(), METRIC_BATCHES_PER_REGION);
        let regions = [
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
            "sa-east-1",
        ];
        let others: Vec<_> = (0..100).filter_map(|n| take(regions[n % 5])).collect();
        assert_eq!(slow.len() + others.len(), METRIC_BATCHES);
        drop(slow);
        assert!(take("eu-west-1").is_some());
    }

    #[tokio::test]
    async fn everything_is_run() {
        let limits = ConcurrencyLimits::default();
        let tasks = (0..500_usize).map(|number| async move {
            tokio::task::yield_now().await;
            number
        });
        let mut found: Vec<usize> = pin!(limits.run(3, tasks)).collect().await;
        found.sort_unstable();
        assert!(found.into_iter().eq(0..500));
    }
}
