//! What takes calls for each resource, read beside what comes for all of them at once.

use futures::{Stream, StreamExt};
use std::future::Future;
use std::pin::pin;

/// Gives every output of `each` to `done`, with that of `all`, as soon as both are there: neither waits
/// for the other to begin, and none of `each` keeps the next from beginning.
pub(super) async fn beside<E, A, D>(
    each: impl Stream<Item = E>,
    all: impl Future<Output = A>,
    mut done: impl FnMut(E, &A) -> D,
) where
    D: Future<Output = ()>,
{
    let mut each = pin!(each);
    let (early, all) = until(all, each.as_mut()).await;
    for one in early {
        done(one, &all).await;
    }
    while let Some(one) = each.next().await {
        done(one, &all).await;
    }
}

/// The output of a future, and what came of a stream meanwhile.
async fn until<E, A>(
    all: impl Future<Output = A>,
    mut each: impl Stream<Item = E> + Unpin,
) -> (Vec<E>, A) {
    let mut all = pin!(all);
    let mut early = Vec::new();
    loop {
        tokio::select! {
            all = &mut all => return (early, all),
            Some(one) = each.next() => early.push(one),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use tokio::sync::oneshot;

    /// Each begins before all is there, and all is done although it comes last.
    #[tokio::test]
    async fn neither_waits_for_the_other_to_begin() {
        let (begun, has_begun) = oneshot::channel();
        let mut begun = Some(begun);
        let each = (0..5).map(|number| {
            let begun = begun.take();
            async move {
                if let Some(begun) = begun {
                    begun.send(()).unwrap();
                }
                number
            }
        });
        let all = async {
            has_begun.await.unwrap();
            10
        };
        let found = RefCell::new(Vec::new());
        let each = futures::stream::iter(each).buffer_unordered(2);
        beside(each, all, |one, all| {
            found.borrow_mut().push(one + all);
            std::future::ready(())
        })
        .await;
        let mut found = found.into_inner();
        found.sort_unstable();
        assert_eq!(found, [10, 11, 12, 13, 14]);
    }
}
