//! Describes what a list found: one by one, or several in one call.

use super::call::{
    Answer, call_and_take, call_operation, malformed, may_be_of_one, take_path, text, value_at,
};
use super::reader::{Draft, ListedResource, Reader};
use crate::kinds::declared::{Batch, Describe, Origin};
use crate::kinds::form::Malformed;
use crate::kinds::name::last_of;
use crate::model::{Cause, Document, Gap, Part};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Batches of a group that are read concurrently.
const BATCHES: usize = 4;

impl Reader<'_> {
    /// The document of one resource; `None` if it was deleted in the meantime.
    pub(super) async fn described(
        &self,
        describe: &Describe,
        found: ListedResource,
    ) -> Option<Draft> {
        let values = |name: &str| match name {
            "id" => Some(Value::from(found.id.as_str())),
            "ids" => Some(Value::from(vec![found.id.as_str()])),
            "last" => Some(Value::from(last_of(&found.id))),
            _ => match name.strip_prefix("item.") {
                Some(path) => found.item.get(path).cloned(),
                None => self.place_variable(found.parent.as_deref(), name),
            },
        };
        let answer = call_and_take(self.job, &describe.ask, &values).await;
        let document = match answer {
            Ok(Answer::Taken(Value::Array(mut items))) if !items.is_empty() => {
                self.read_described(describe, items.swap_remove(0), &found)
            }
            Ok(Answer::Gone | Answer::Absent | Answer::Taken(Value::Array(_))) => return None,
            Ok(Answer::Taken(Value::Null)) => {
                Err(malformed(&describe.ask, Malformed(String::new())))
            }
            Ok(Answer::Taken(value)) => self.read_described(describe, value, &found),
            Err(gap) => Err(gap),
        };
        let document = document.unwrap_or_else(|gap| self.undescribed(&found, &gap));
        Some(Draft {
            document,
            parent: found.parent,
        })
    }

    fn read_described(
        &self,
        describe: &Describe,
        value: Value,
        found: &ListedResource,
    ) -> Result<Document, Gap> {
        let parent = found.parent.as_deref();
        let document = self.document(value, Some(&found.id), parent, Some(&describe.form));
        let mut document = document.map_err(|odd| malformed(&describe.ask, odd))?;
        if let Some(listed) = &found.document {
            document.fields.extend(listed.fields.clone());
        }
        Ok(document)
    }

    /// The documents of several resources, by as few calls as AWS allows.
    pub(super) async fn described_together(
        &self,
        describe: &Describe,
        group: Vec<ListedResource>,
    ) -> Vec<Draft> {
        let size = describe.batch.as_ref().map_or(1, |batch| batch.size);
        // A batch has resources of one parent only.
        let mut batches: Vec<Vec<ListedResource>> = Vec::new();
        for found in group {
            let same = |batch: &&mut Vec<ListedResource>| {
                let parent =
                    |found: &ListedResource| found.parent.as_ref().map(|p| p.resource.id.clone());
                batch.len() < size && batch.first().map(parent) == Some(parent(&found))
            };
            match batches.last_mut().filter(same) {
                Some(batch) => batch.push(found),
                None => batches.push(vec![found]),
            }
        }
        let each = batches
            .into_iter()
            .map(|batch| self.described_batch(describe, batch));
        let drafts: Vec<Vec<Draft>> = stream::iter(each).buffered(BATCHES).collect().await;
        drafts.into_iter().flatten().collect()
    }

    /// The documents of a batch. If AWS refuses the batch, one resource may be the reason, so its halves are
    /// read separately, down to single resources.
    fn described_batch<'r>(
        &'r self,
        describe: &'r Describe,
        batch: Vec<ListedResource>,
    ) -> BoxFuture<'r, Vec<Draft>> {
        let read = async move {
            let Some(by) = &describe.batch else {
                return Vec::new();
            };
            let answer = self.batch_answer(describe, by, &batch).await;
            let refused = match &answer {
                Ok(answer) => answer.is_none(),
                Err(gap) => may_be_of_one(gap),
            };
            if refused && batch.len() > 1 {
                let mut first = batch;
                let second = first.split_off(first.len() / 2);
                let mut drafts = self.described_batch(describe, first).await;
                drafts.extend(self.described_batch(describe, second).await);
                return drafts;
            }
            match answer {
                // Deleted since they were listed.
                Ok(None) => Vec::new(),
                Ok(Some(answer)) => self.drafts_of(describe, batch, Ok(answer)),
                Err(gap) => self.drafts_of(describe, batch, Err(gap)),
            }
        };
        read.boxed()
    }

    /// The answer about several resources; `None` if AWS says that they are gone, which may concern only
    /// one of them.
    async fn batch_answer(
        &self,
        describe: &Describe,
        by: &Batch,
        batch: &[ListedResource],
    ) -> Result<Option<BatchAnswer>, Gap> {
        let ids: Vec<&str> = batch.iter().map(|found| found.id.as_str()).collect();
        let parent = batch.first().and_then(|found| found.parent.clone());
        let values = |name: &str| match name {
            "ids" => Some(Value::from(ids.clone())),
            _ => self.place_variable(parent.as_deref(), name),
        };
        let (Some(answer), _) = call_operation(self.job, &describe.ask, &values).await? else {
            return Ok(None);
        };
        let failed = by
            .failures
            .first()
            .map(|_| take_path(answer.clone(), &by.failures));
        let failures = reasons(failed.as_ref(), &ids);
        let items = match take_path(answer, &describe.ask.take) {
            Value::Array(items) => items,
            Value::Object(items) => items.into_iter().map(|(_, item)| item).collect(),
            _ => Vec::new(),
        };
        let items = items.into_iter().filter_map(|item| {
            let id = value_at(&item, &by.matched).and_then(text)?;
            Some((id, item))
        });
        let items = items.collect();
        Ok(Some(BatchAnswer { items, failures }))
    }

    fn drafts_of(
        &self,
        describe: &Describe,
        batch: Vec<ListedResource>,
        mut answer: Result<BatchAnswer, Gap>,
    ) -> Vec<Draft> {
        let mut drafts = Vec::new();
        for found in batch {
            let described = match &mut answer {
                Ok(answer) => Ok((
                    answer.items.remove(&found.id),
                    answer.failures.get(&found.id),
                )),
                Err(gap) => Err(gap.clone()),
            };
            let document = match described {
                Err(gap) => Err(gap),
                Ok((Some(item), _)) => self.read_described(describe, item, &found),
                Ok((None, Some(reason)))
                    if describe.ask.gone.iter().any(|c| c.code() == reason) =>
                {
                    continue;
                }
                Ok((None, reason)) => {
                    let detail = reason.map_or("no answer for it", String::as_str);
                    Err(Gap::new(describe.ask.call.action, Cause::Failed, detail))
                }
            };
            let document = document.unwrap_or_else(|gap| self.undescribed(&found, &gap));
            let parent = found.parent;
            drafts.push(Draft { document, parent });
        }
        drafts
    }

    /// The document of a resource that could not be described: what the list returned, and gaps.
    fn undescribed(&self, found: &ListedResource, gap: &Gap) -> Document {
        // In an id composed of several values, the listed id takes the place of the document's member.
        let id = match &self.kind.id {
            Some(Origin::Template(template)) => {
                let listed = || Some(Value::from(found.id.as_str()));
                let id = template.fill(&|name| match name.strip_prefix("parent.") {
                    Some(_) => self.place_variable(found.parent.as_deref(), name),
                    None => self.place_variable(None, name).or_else(listed),
                });
                id.ok().and_then(|id| text(&id))
            }
            _ => None,
        };
        let mut document = self.listed(id.as_ref().unwrap_or(&found.id), Value::Null);
        if let Some(listed) = &found.document {
            document.fields.clone_from(&listed.fields);
        }
        let fields = self
            .kind
            .kind
            .declaration()
            .map_or(&[][..], |d| &d.described);
        for field in fields {
            if *field == "tags" {
                document.resource.tags = Part::Gap(gap.clone());
            } else if !document.fields.contains_key(*field) {
                document.gaps.insert((*field).to_owned(), gap.clone());
            }
        }
        document
    }
}

/// The answer of one call about several resources.
struct BatchAnswer {
    /// The documents, by id.
    items: HashMap<String, Value>,
    /// Why there is no document, by id.
    failures: HashMap<String, String>,
}

/// Why an answer has no document of some ids, by id.
fn reasons(failures: Option<&Value>, ids: &[&str]) -> HashMap<String, String> {
    let mut reasons = HashMap::new();
    for failure in failures.and_then(Value::as_array).into_iter().flatten() {
        let texts = failure.as_object().into_iter().flat_map(Map::values);
        let id = texts
            .filter_map(Value::as_str)
            .find(|text| ids.contains(text));
        let reason = ["reason", "Reason", "code", "Code", "errorCode", "ErrorCode"]
            .iter()
            .find_map(|name| failure.get(name)?.as_str());
        // A code comes from AWS itself; any other text is untrusted.
        let code =
            reason.filter(|code| code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
        if let Some(id) = id {
            reasons.insert(id.to_owned(), code.unwrap_or("failed").to_owned());
        }
    }
    reasons
}
