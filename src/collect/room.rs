//! How many calls are begun at once.
//!
//! ```text
//! resources -> each list: a few calls at a time, always      -> the gate: requests in flight, rates
//!           -> all lists together: so many more, while there is room
//!              (fewer for those that nobody waits for)
//! ```
//!
//! The gate bounds the requests. A call that waits for its turn at the gate has its memory already, some
//! forty kilobytes, and an account with resources in twenty regions has a hundred lists of which each
//! resource takes calls of its own. So what may wait is bounded too. Every list has places of its own:
//! one whose calls wait for a slow service takes none of them from another.

use futures::future::BoxFuture;
use futures::{FutureExt, Stream, StreamExt};
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls of one list that may be begun whatever the others do: as many as the rates of one service in
/// one region let be in flight.
const OWN: usize = 8;
/// Calls that may be begun beyond each list's own, over all lists.
const SHARED: usize = 160;
/// The same over all lists that nobody waits for: as many as keep the gate busy when they are the last.
const LEISURE: usize = 96;
/// Lists take of them so many calls in turn: by resources, a list of which each takes many calls would
/// be read before all others.
const TURN: usize = 16;
/// Calls of one list that may be begun at most: one list alone keeps the gate busy.
const MOST: usize = OWN + 8 * TURN;
/// Batches of metrics that are read at once. Each takes some three megabytes: 500 queries, and the
/// values that have come while there are more pages.
const BATCHES: usize = 32;
/// Those of one account and region: where CloudWatch is slow there is room for the others. All of a
/// small account's fit, which would otherwise wait for their turn at the gate one after the other.
pub const BATCHES_OF_REGION: usize = 16;

/// The room that all jobs share.
#[derive(Debug, Clone)]
pub struct Room {
    shared: Arc<Semaphore>,
    leisure: Arc<Semaphore>,
    batches: Arc<Semaphore>,
    regions: Arc<Mutex<HashMap<Place, Arc<Semaphore>>>>,
}

/// An account and a region.
type Place = (String, String);

/// Room that is given back when it is dropped.
pub type Permit = Option<OwnedSemaphorePermit>;

impl Default for Room {
    fn default() -> Self {
        Self {
            shared: Arc::new(Semaphore::new(SHARED)),
            leisure: Arc::new(Semaphore::new(LEISURE)),
            batches: Arc::new(Semaphore::new(BATCHES)),
            regions: Arc::default(),
        }
    }
}

impl Room {
    /// Runs futures of one list, of which each makes up to so many calls, as there is room for them. One
    /// at most is made before there is.
    pub fn in_turn<F: Future, I: IntoIterator<Item = F>>(
        &self,
        calls: usize,
        each: I,
    ) -> impl Stream<Item = F::Output> + use<F, I> {
        begin(&self.shared, calls, each)
    }

    /// The same for a kind from which nothing is derived for others. What is awaited is read first, and
    /// judged while these calls are in flight.
    pub fn at_leisure<F: Future, I: IntoIterator<Item = F>>(
        &self,
        calls: usize,
        each: I,
    ) -> impl Stream<Item = F::Output> + use<F, I> {
        begin(&self.leisure, calls, each)
    }

    /// Room for a batch of metrics of an account and region.
    pub async fn batch(&self, account: &str, region: &str) -> (Permit, Permit) {
        let place = (account.to_owned(), region.to_owned());
        let of_region = {
            let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
            let batches = || Arc::new(Semaphore::new(BATCHES_OF_REGION));
            Arc::clone(regions.entry(place).or_insert_with(batches))
        };
        // In this order: who waits for its region takes nothing from the others.
        let of_region = of_region.acquire_owned().await.ok();
        let of_all = Arc::clone(&self.batches).acquire_owned().await.ok();
        (of_region, of_all)
    }
}

/// Begins one future after the other as there is room in the list's own places or in the shared ones.
fn begin<F: Future, I: IntoIterator<Item = F>>(
    shared: &Arc<Semaphore>,
    calls: usize,
    each: I,
) -> impl Stream<Item = F::Output> + use<F, I> {
    let calls = calls.clamp(1, MOST);
    let places = Places {
        own: Arc::new(Semaphore::new(OWN.max(calls))),
        shared: Arc::clone(shared),
        calls,
        taken: None,
        waiting: None,
    };
    let each = each.into_iter();
    let begun = futures::stream::unfold((each, places), |(mut each, mut places)| async move {
        let future = each.next()?;
        let place = places.take().await;
        let begun = async move {
            let _place = place;
            future.await
        };
        Some((begun, (each, places)))
    });
    begun.buffer_unordered(MOST / calls)
}

/// The places of one list.
struct Places {
    own: Arc<Semaphore>,
    shared: Arc<Semaphore>,
    calls: usize,
    /// What is left of the last turn at the shared ones.
    taken: Permit,
    /// The next turn. It keeps its place in the queue while resources are begun in places of their own.
    waiting: Option<BoxFuture<'static, Permit>>,
}

impl Places {
    /// Room for the calls of one resource; `None` if rooms were ever closed, which they are not.
    async fn take(&mut self) -> Permit {
        if let Some(place) = self.of_turn() {
            return Some(place);
        }
        let turn = (TURN / self.calls).max(1) * self.calls;
        let next = || places(&self.shared, turn).boxed();
        let waiting = self.waiting.get_or_insert_with(next);
        tokio::select! {
            biased;
            place = places(&self.own, self.calls) => place,
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

/// So many places, when they are free.
fn places(of: &Arc<Semaphore>, calls: usize) -> impl Future<Output = Permit> + Send + use<> {
    let calls = u32::try_from(calls).unwrap_or(u32::MAX);
    let places = Arc::clone(of).acquire_many_owned(calls);
    places.map(Result::ok)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::future::pending;
    use std::pin::pin;

    /// How many futures of a list are begun while none ends.
    fn begun(room: &Room, calls: usize, of: usize) -> (usize, impl Stream<Item = ()> + use<'_>) {
        let begun = std::rc::Rc::new(Cell::new(0));
        let counted = std::rc::Rc::clone(&begun);
        let each = (0..of).map(move |_| {
            let counted = std::rc::Rc::clone(&counted);
            async move {
                counted.set(counted.get() + 1);
                pending::<()>().await;
            }
        });
        let mut all = Box::pin(room.in_turn(calls, each));
        assert!(all.next().now_or_never().is_none());
        (begun.get(), all)
    }

    #[test]
    fn one_list_alone_may_begin_as_much_as_the_gate_can_use() {
        let room = Room::default();
        assert_eq!(begun(&room, 1, 1_000).0, MOST);
        assert_eq!(begun(&room, 18, 1_000).0, MOST / 18);
        assert_eq!(begun(&room, 1_000, 10).0, 1);
        assert_eq!(begun(&room, 1, 3).0, 3);
    }

    #[test]
    fn lists_that_wait_leave_the_others_their_own_places() {
        let room = Room::default();
        let waiting: Vec<_> = (0..100).map(|_| begun(&room, 1, 1_000)).collect();
        let calls: usize = waiting.iter().map(|(begun, _)| begun).sum();
        assert_eq!(calls, SHARED + 100 * OWN);
        assert_eq!(begun(&room, 1, 1_000).0, OWN);
        assert_eq!(begun(&room, 18, 1_000).0, 1);
        drop(waiting);
        assert_eq!(begun(&room, 1, 1_000).0, MOST);
    }

    /// What is awaited does not queue behind what nobody waits for, however much that is.
    #[test]
    fn lists_at_leisure_leave_most_of_the_room() {
        let room = Room::default();
        let mut at_leisure: Vec<_> = (0..3)
            .map(|_| Box::pin(room.at_leisure(16, (0..100).map(|_| pending::<()>()))))
            .collect();
        for list in &mut at_leisure {
            assert!(list.next().now_or_never().is_none());
        }
        assert_eq!(room.leisure.available_permits(), 0);
        assert_eq!(room.shared.available_permits(), SHARED);
        assert_eq!(begun(&room, 1, 1_000).0, MOST);
    }

    /// Places of its own, which come free often, do not cost a list its turn at those of all.
    #[tokio::test]
    async fn a_list_keeps_its_place_in_the_queue() {
        let room = Room::default();
        let all = Arc::clone(&room.shared).acquire_many_owned(u32::try_from(SHARED).unwrap());
        let all = all.await.unwrap();
        let mut list = pin!(room.in_turn(OWN, (0..20).map(|_| tokio::task::yield_now())));
        for _ in 0..10 {
            list.next().await;
        }
        let mut later = pin!(Arc::clone(&room.shared).acquire_many_owned(1));
        assert!(later.as_mut().now_or_never().is_none());
        list.next().await;
        let mut all = all;
        drop(all.split(TURN));
        assert!(later.as_mut().now_or_never().is_none());
        drop(all.split(1));
        assert!(later.now_or_never().is_some());
    }

    #[test]
    fn metrics_of_one_region_take_a_part_of_the_room_for_all() {
        let room = Room::default();
        let take = |region: &str| room.batch("111122223333", region).now_or_never();
        let slow: Vec<_> = (0..20).filter_map(|_| take("eu-west-1")).collect();
        assert_eq!(slow.len(), BATCHES_OF_REGION);
        let regions = [
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
            "sa-east-1",
        ];
        let others: Vec<_> = (0..100).filter_map(|n| take(regions[n % 5])).collect();
        assert_eq!(slow.len() + others.len(), BATCHES);
        drop(slow);
        assert!(take("eu-west-1").is_some());
    }

    #[tokio::test]
    async fn everything_is_run() {
        let room = Room::default();
        let each = (0..500_usize).map(|number| async move {
            tokio::task::yield_now().await;
            number
        });
        let mut found: Vec<usize> = pin!(room.in_turn(3, each)).collect().await;
        found.sort_unstable();
        assert!(found.into_iter().eq(0..500));
    }
}
