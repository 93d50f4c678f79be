//! What the jobs of an account read once and share: the resources within which others are listed, and
//! whether a service is enabled in a region.

use crate::model::{Cause, Document, Gap};
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// The resources of a kind in a region, and why some of them could not be read.
#[derive(Debug, Default)]
pub(super) struct ParentList {
    pub(super) documents: Vec<Arc<Document>>,
    pub(super) end: Option<Gap>,
}

type Cell<T> = Arc<OnceCell<T>>;
/// What was read, by region and by kind or service.
type Cells<T> = Mutex<HashMap<(String, &'static str), Cell<T>>>;

/// What the jobs of one account share, each read by the job that comes first.
#[derive(Debug, Default)]
pub struct SharedReads {
    lists: Cells<Arc<ParentList>>,
    off: Cells<bool>,
}

impl SharedReads {
    /// The list of a kind in a region, read on first use.
    pub(super) async fn list<F: Future<Output = ParentList>>(
        &self,
        region: &str,
        kind: &'static str,
        read: impl FnOnce() -> F,
    ) -> Arc<ParentList> {
        let cell = cell(&self.lists, region, kind);
        let list = cell.get_or_init(|| async { Arc::new(read().await) });
        Arc::clone(list.await)
    }

    /// The answer to a call that a service refuses where it is not enabled. The first such call in a region
    /// decides: if the service is off, no other is made, and the result is `None`.
    pub(super) async fn unless_off<T>(
        &self,
        region: &str,
        service: &'static str,
        call: impl Future<Output = Result<T, Gap>>,
    ) -> Option<Result<T, Gap>> {
        let known = cell(&self.off, region, service);
        let (mut call, mut answer) = (Some(call), None);
        let first = async {
            let Some(call) = call.take() else {
                return false;
            };
            let result = call.await;
            let is_off = matches!(&result, Err(gap) if gap.cause == Cause::Off);
            answer = Some(result);
            is_off
        };
        let is_off = *known.get_or_init(|| first).await;
        match (answer, call) {
            (Some(answer), _) => Some(answer),
            (None, Some(call)) if !is_off => Some(call.await),
            _ => None,
        }
    }
}

fn cell<T>(cells: &Cells<T>, region: &str, name: &'static str) -> Cell<T> {
    let mut cells = cells.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(cells.entry((region.to_owned(), name)).or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUB: &str = "securityhub";

    async fn ask(
        shared: &SharedReads,
        region: &str,
        result: Result<u8, Cause>,
    ) -> Option<Result<u8, Cause>> {
        let result = result.map_err(|cause| Gap::new("securityhub:DescribeHub", cause, ""));
        let answer = shared
            .unless_off(region, HUB, std::future::ready(result))
            .await;
        answer.map(|answer| answer.map_err(|gap| gap.cause))
    }

    #[tokio::test]
    async fn what_is_off_in_a_region_is_asked_once_there() {
        let shared = SharedReads::default();
        let off = Err(Cause::Off);
        assert_eq!(ask(&shared, "eu-west-1", off).await, Some(off));
        assert_eq!(ask(&shared, "eu-west-1", Ok(2)).await, None);
        assert_eq!(ask(&shared, "us-east-1", Ok(3)).await, Some(Ok(3)));
        assert_eq!(ask(&shared, "us-east-1", Ok(4)).await, Some(Ok(4)));
    }

    #[tokio::test]
    async fn a_refusal_says_nothing_of_other_calls() {
        let shared = SharedReads::default();
        let denied = Err(Cause::Denied);
        assert_eq!(ask(&shared, "eu-west-1", denied).await, Some(denied));
        assert_eq!(ask(&shared, "eu-west-1", Ok(2)).await, Some(Ok(2)));
        // Each call still has its own answer.
        assert_eq!(
            ask(&shared, "eu-west-1", Err(Cause::Off)).await,
            Some(Err(Cause::Off))
        );
    }
}
