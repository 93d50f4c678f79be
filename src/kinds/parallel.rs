//! Runs many small pieces of work on all cores, such as reading all files when the program starts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The results of `work` in the order of the items. A panic in `work` continues in the caller.
pub(crate) fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else {
                return done;
            };
            done.push((index, work(item)));
        }
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let working: Vec<_> = (0..workers.min(items.len()))
            .map(|_| scope.spawn(some))
            .collect();
        let done = working.into_iter().flat_map(|worker| {
            let done = worker.join();
            done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        done.collect()
    });
    // Threads take the items in any order.
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_is_worked_on_once_and_in_order() {
        let items: Vec<usize> = (0..1000).collect();
        let made = in_parallel(&items, |item| item * 2);
        assert_eq!(made, (0..1000).map(|item| item * 2).collect::<Vec<_>>());
        assert!(in_parallel(&[] as &[usize], |item| *item).is_empty());
    }
}
