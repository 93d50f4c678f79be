//! Joins results per resource with a result that all resources share.

use super::compact_list::CompactList;
use crate::model::{Resource, TypedDocument};
use futures::{Stream, StreamExt};
use std::future::Future;
use std::pin::pin;

/// A resource of a list, with its place in it.
pub(super) type One<K> = (usize, (Resource, K));

/// Calls `done` with each output of `items` and the output of `all`, as soon as both are available.
/// Both run concurrently.
pub(super) async fn join_each<K, A, D>(
    items: impl Stream<Item = One<K>>,
    all: impl Future<Output = A>,
    mut done: impl FnMut(One<K>, &A) -> D,
) where
    K: TypedDocument + Clone,
    D: Future<Output = ()>,
{
    let mut items = pin!(items);
    let (places, early, all) = until(all, items.as_mut()).await;
    for one in places.into_iter().zip(early.iter()) {
        done(one, &all).await;
    }
    drop(early);
    while let Some(one) = items.next().await {
        done(one, &all).await;
    }
}

/// The output of a future, and what a stream yielded until then.
async fn until<K: TypedDocument + Clone, A>(
    all: impl Future<Output = A>,
    mut items: impl Stream<Item = One<K>> + Unpin,
) -> (Vec<usize>, CompactList<K>, A) {
    let mut all = pin!(all);
    let (mut places, mut early) = (Vec::new(), CompactList::default());
    loop {
        tokio::select! {
            all = &mut all => return (places, early, all),
            Some((place, one)) = items.next() => {
                places.push(place);
                early.push(one);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::compact_list::tests::snapshot;
    use super::*;
    use std::cell::RefCell;
    use tokio::sync::oneshot;

    /// The stream starts before the future is done, and everything is joined although the future
    /// ends last.
    #[tokio::test]
    async fn neither_waits_for_the_other_to_begin() {
        let (begun, has_begun) = oneshot::channel();
        let mut begun = Some(begun);
        let items = (0..5_u32).map(|number| {
            let begun = begun.take();
            async move {
                if let Some(begun) = begun {
                    begun.send(()).unwrap();
                }
                (usize::try_from(number).unwrap(), snapshot(number))
            }
        });
        let all = async {
            has_begun.await.unwrap();
            10
        };
        let found = RefCell::new(Vec::new());
        let items = futures::stream::iter(items).buffer_unordered(2);
        join_each(items, all, |(place, (_, snapshot)), all| {
            let number = i64::try_from(place).unwrap();
            assert_eq!(snapshot.volume_size_gib, number);
            found.borrow_mut().push(number + all);
            std::future::ready(())
        })
        .await;
        let mut found = found.into_inner();
        found.sort_unstable();
        assert_eq!(found, [10, 11, 12, 13, 14]);
    }
}
