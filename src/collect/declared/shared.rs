//! Lists that several jobs of an account share: the parents within which other resources are listed.

use crate::model::{Document, Gap};
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// The resources of a kind in a region, and the gap that hides some.
#[derive(Debug, Default)]
pub(super) struct ParentList {
    pub(super) documents: Vec<Arc<Document>>,
    pub(super) end: Option<Gap>,
}

type Cell = Arc<OnceCell<Arc<ParentList>>>;

/// The lists of one account, each read by the job that comes first.
#[derive(Debug, Default)]
pub struct ParentLists(Mutex<HashMap<(String, &'static str), Cell>>);

impl ParentLists {
    /// The list of a kind in a region, read unless it was.
    pub(super) async fn get<F: Future<Output = ParentList>>(
        &self,
        region: &str,
        kind: &'static str,
        read: impl FnOnce() -> F,
    ) -> Arc<ParentList> {
        let cell = {
            let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(lists.entry((region.to_owned(), kind)).or_default())
        };
        let list = cell.get_or_init(|| async { Arc::new(read().await) });
        Arc::clone(list.await)
    }
}
