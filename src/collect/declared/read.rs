//! Reads the resources of a kind, group by group: what the list found becomes complete documents.

use super::reader::{Draft, KindParts, ListGap, ListedResource, Reader, note};
use super::shared::ParentList;
use crate::kinds::endpoints::{Presence, partition_of_region};
use crate::kinds::load;
use crate::model::{Document, Gap, Scope};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use serde_json::Value;
use std::sync::{Arc, PoisonError};

/// Groups of one list that are read concurrently: while one waits for its last calls, the next has begun.
const GROUPS: usize = 2;
/// The default number of resources in a group.
const GROUP: usize = 100;
/// The number if metrics are read: as many queries as one call takes.
const GROUP_WITH_METRICS: usize = 500;

impl Reader<'_> {
    /// Reads all resources of the kind.
    ///
    /// # Errors
    /// The gap of an incomplete list.
    pub(super) async fn read(&self) -> Result<(), Gap> {
        if !self.is_here() {
            return Ok(());
        }
        let parts = KindParts::new(self.kind);
        if self.kind.list.is_none() {
            self.single(&parts).await;
            return Ok(());
        }
        let end = ListGap::default();
        if self.has_children() {
            let list = self.shared().await;
            list.end.iter().for_each(|gap| note(&end, gap.clone()));
            let size = self.group_size();
            for group in list.documents.chunks(size) {
                let drafts = group.iter().map(|document| Draft {
                    document: Document::clone(document),
                    parent: None,
                });
                self.fill(drafts.collect(), &parts).await;
            }
        } else {
            let parents = self.parents(&end).await;
            let groups = self.list(parents, self.group_size(), Arc::clone(&end));
            groups
                .map(|group| self.group(group, &parts))
                .buffer_unordered(GROUPS)
                .for_each(|()| std::future::ready(()))
                .await;
        }
        let gap = end.lock().unwrap_or_else(PoisonError::into_inner).take();
        gap.map_or(Ok(()), Err)
    }

    /// Whether AWS's data list the service in the region, or do not know it.
    fn is_here(&self) -> bool {
        let service = self.kind.service;
        let region = service.file.region.as_deref().unwrap_or(&self.job.region);
        let partition = partition_of_region(&self.job.region);
        partition.is_none_or(|p| p.offers(&service.model.endpoint_prefix, region) != Presence::No)
    }

    fn has_children(&self) -> bool {
        let name = self.kind.kind.name;
        load::all()
            .kinds
            .values()
            .any(|kind| kind.parent == Some(name))
    }

    fn group_size(&self) -> usize {
        if self.wants_metrics() {
            GROUP_WITH_METRICS
        } else {
            GROUP
        }
    }

    /// The parents within which the resources are listed; a single `None` if the kind has no parent.
    async fn parents(&self, end: &ListGap) -> Vec<Option<Arc<Document>>> {
        let Some(parent) = self.kind.parent else {
            return vec![None];
        };
        let Some(kind) = load::all().kinds.get(parent) else {
            unreachable!("the linter found {parent}");
        };
        let list = Reader::new(self.job, kind).shared().await;
        list.end.iter().for_each(|gap| note(end, gap.clone()));
        list.documents
            .iter()
            .rev()
            .map(|document| Some(Arc::clone(document)))
            .collect()
    }

    /// The documents of a kind that is a parent of others, without their parts.
    async fn shared(&self) -> Arc<ParentList> {
        let (region, name) = (&self.job.region, self.kind.kind.name);
        let read = || async {
            let end = ListGap::default();
            let groups = self.list(vec![None], GROUP, Arc::clone(&end));
            let mut drafts = std::pin::pin!(groups.then(|group| self.drafts(group)));
            let mut documents = Vec::new();
            while let Some(group) = drafts.next().await {
                documents.extend(group.into_iter().map(|draft| Arc::new(draft.document)));
            }
            let end = end.lock().unwrap_or_else(PoisonError::into_inner).take();
            ParentList { documents, end }
        };
        self.job.shared_reads.list(region, name, read).await
    }

    /// The one document of a kind without a list.
    async fn single(&self, parts: &KindParts) {
        let (id, account) = (self.job.region.clone(), self.job.account.clone());
        let id = match self.kind.kind.scope {
            Scope::Region => id,
            Scope::Account => account,
        };
        let found = ListedResource {
            id,
            parent: None,
            item: Value::Null,
            document: None,
        };
        let draft = match &self.kind.describe {
            None => {
                let document = self.listed(&found.id, Value::Null);
                Some(Draft {
                    document,
                    parent: None,
                })
            }
            Some(describe) => self.described(describe, found).await,
        };
        if let Some(draft) = draft {
            self.fill(vec![draft], parts).await;
        }
    }

    /// Reads a group of found resources and emits the documents.
    async fn group(&self, group: Vec<ListedResource>, parts: &KindParts) {
        let one_by_one = self
            .kind
            .describe
            .as_ref()
            .filter(|describe| describe.batch.is_none());
        let Some(describe) = one_by_one.filter(|_| !self.wants_batched_parts()) else {
            let drafts = self.drafts(group).await;
            return self.fill(drafts, parts).await;
        };
        let calls = self.calls_of_one() + 1;
        let each = group.into_iter().map(|found| async move {
            if let Some(draft) = self.described(describe, found).await {
                self.complete(draft, Vec::new(), parts).await;
            }
        });
        let done = self.job.limits.run(calls, each);
        done.for_each(|()| std::future::ready(())).await;
    }

    /// The documents of found resources, without their parts.
    async fn drafts(&self, group: Vec<ListedResource>) -> Vec<Draft> {
        match &self.kind.describe {
            None => {
                let drafts = group.into_iter().map(|found| {
                    let document = found.document;
                    let document = document.unwrap_or_else(|| self.listed(&found.id, Value::Null));
                    Draft {
                        document,
                        parent: found.parent,
                    }
                });
                drafts.collect()
            }
            Some(describe) if describe.batch.is_some() => {
                self.described_together(describe, group).await
            }
            Some(describe) => {
                let each = group
                    .into_iter()
                    .map(|found| self.described(describe, found));
                let drafts = self.job.limits.run(1, each);
                drafts.filter_map(std::future::ready).collect().await
            }
        }
    }

    /// Reads the parts of a group and emits the documents.
    async fn fill(&self, drafts: Vec<Draft>, parts: &KindParts) {
        let given = self.batched_parts(&drafts).await;
        let each = drafts.into_iter().zip(given);
        let each = each.map(|(draft, given)| self.complete(draft, given, parts).boxed());
        let each: Vec<BoxFuture<'_, ()>> = each.collect();
        let done = self.job.limits.run(self.calls_of_one().max(1), each);
        done.for_each(|()| std::future::ready(())).await;
    }
}
