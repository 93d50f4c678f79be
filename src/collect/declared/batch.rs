//! Reads several resources with one call.

use super::call::{arn_unknown, may_be_of_one, text, value_at};
use super::reader::{Draft, Named, Reader};
use crate::kinds::declared::{Batch, DeclaredCall};
use crate::model::{Cause, Gap};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use serde_json::Value;
use std::collections::HashMap;

/// Batches of a group that are read concurrently.
const BATCHES: usize = 4;

impl Reader<'_> {
    pub(super) async fn batched<'r>(
        &'r self,
        name: &'static str,
        ask: &'r DeclaredCall,
        batch: &'r Batch,
        drafts: &'r [Draft],
        read: Box<dyn Fn(Option<Value>) -> Result<Value, Gap> + Send + Sync + 'r>,
    ) -> Vec<Named> {
        let groups = drafts
            .chunks(batch.size)
            .map(|group| self.batch(ask, batch, group));
        let groups: Vec<BoxFuture<'_, _>> = groups.collect();
        let groups: Vec<_> = stream::iter(groups).buffered(BATCHES).collect().await;
        let mut named = Vec::with_capacity(drafts.len());
        for (group, mut items) in groups.into_iter().flatten() {
            for draft in group {
                let value = match &mut items {
                    Err(gap) => Err(gap.clone()),
                    Ok(items) => match key(batch, draft) {
                        Some(key) => read(items.remove(&key)),
                        None => Err(Gap::new(ask.call.action, Cause::Failed, arn_unknown())),
                    },
                };
                named.push((name, value.into()));
            }
        }
        named
    }

    /// The items of a batch, by the id or ARN of their resource. If AWS refuses the batch, one resource may
    /// be the reason, so its halves are read separately, down to single resources.
    fn batch<'r>(
        &'r self,
        ask: &'r DeclaredCall,
        batch: &'r Batch,
        group: &'r [Draft],
    ) -> BoxFuture<'r, Vec<(&'r [Draft], Items)>> {
        let read = async move {
            let items = self.batch_items(ask, batch, group).await;
            let refused = match &items {
                Ok(items) => items.is_none(),
                Err(gap) => may_be_of_one(gap),
            };
            if refused && group.len() > 1 {
                let (first, second) = group.split_at(group.len() / 2);
                let mut both = self.batch(ask, batch, first).await;
                both.extend(self.batch(ask, batch, second).await);
                return both;
            }
            vec![(group, items.map(Option::unwrap_or_default))]
        };
        read.boxed()
    }

    /// The items of one call for several resources; `None` if AWS says that there are none, which may
    /// concern only one of them.
    async fn batch_items(
        &self,
        ask: &DeclaredCall,
        batch: &Batch,
        group: &[Draft],
    ) -> Result<Option<HashMap<String, Value>>, Gap> {
        let keys: Vec<String> = group.iter().filter_map(|draft| key(batch, draft)).collect();
        let parent = group.first().and_then(|draft| draft.parent.as_deref());
        let values = |name: &str| match name {
            "ids" | "arns" => Some(Value::from(keys.clone())),
            _ => self.place_variable(parent, name),
        };
        let items = self.items(ask, &values).await?;
        Ok(items.map(|items| {
            let items = items.into_iter().filter_map(|item| {
                let key = value_at(&item, &batch.matched).and_then(text)?;
                Some((key, item))
            });
            items.collect()
        }))
    }
}

/// The id or ARN by which a batch names a resource.
fn key(batch: &Batch, draft: &Draft) -> Option<String> {
    let resource = &draft.document.resource;
    if batch.by_arn {
        resource.arn.clone()
    } else {
        Some(resource.id.clone())
    }
}

/// The items of an answer, by the id or ARN of their resource.
type Items = Result<HashMap<String, Value>, Gap>;
