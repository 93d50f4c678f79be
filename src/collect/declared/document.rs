//! Reads the resources of a kind: from what the list found to complete documents.

#![allow(clippy::match_same_arms, reason = "each outcome is told by its name")]

use super::call::{at, taken, text};
use super::reader::{Draft, End, Found, KindParts, Named, Reader, note};
use super::shared::ParentList;
use crate::aws::error::{by_code, malformed_answer};
use crate::collect::job::GLOBAL;
use crate::kinds::declared::{Origin, PartRead, Tags};
use crate::kinds::endpoints::{Presence, partition_of_region};
use crate::kinds::form::{Form, Malformed, tags};
use crate::kinds::load;
use crate::kinds::name::short_name;
use crate::model::{Document, Gap, Part, Resource, Scope};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

/// Groups of one list that are read at once: while one waits for its last calls, the next has begun.
const GROUPS: usize = 2;
/// Resources of a group, where nothing asks for more.
const GROUP: usize = 100;
/// Those of a group of which metrics are read: as many queries as one call takes.
const GROUP_WITH_METRICS: usize = 500;

impl Reader<'_> {
    /// Reads all of it.
    ///
    /// # Errors
    /// The gap that hides some.
    pub(super) async fn read(&self) -> Result<(), Gap> {
        if !self.is_here() {
            return Ok(());
        }
        let parts = KindParts::new(self.kind);
        if self.kind.list.is_none() {
            self.single(&parts).await;
            return Ok(());
        }
        let end = End::default();
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

    /// Whether the service may be in the region at all, by AWS's data.
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

    /// The resources within which these are listed; one place where they are within none.
    async fn parents(&self, end: &End) -> Vec<Option<Arc<Document>>> {
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

    /// The documents of a kind within which others are listed, without their parts.
    async fn shared(&self) -> Arc<ParentList> {
        let (region, name) = (&self.job.region, self.kind.kind.name);
        let read = || async {
            let end = End::default();
            let groups = self.list(vec![None], GROUP, Arc::clone(&end));
            let mut drafts = std::pin::pin!(groups.then(|group| self.drafts(group)));
            let mut documents = Vec::new();
            while let Some(group) = drafts.next().await {
                documents.extend(group.into_iter().map(|draft| Arc::new(draft.document)));
            }
            let end = end.lock().unwrap_or_else(PoisonError::into_inner).take();
            ParentList { documents, end }
        };
        self.job.parent_lists.get(region, name, read).await
    }

    /// The one document of a kind without a list.
    async fn single(&self, parts: &KindParts) {
        let (id, account) = (self.job.region.clone(), self.job.account.clone());
        let id = match self.kind.kind.scope {
            Scope::Region => id,
            Scope::Account => account,
        };
        let found = Found {
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

    /// Reads a group of what was found, and hands it on.
    async fn group(&self, group: Vec<Found>, parts: &KindParts) {
        let one_by_one = self
            .kind
            .describe
            .as_ref()
            .filter(|describe| describe.batch.is_none());
        let Some(describe) = one_by_one.filter(|_| !self.wants_of_many()) else {
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

    /// The documents of what was found, without their parts.
    async fn drafts(&self, group: Vec<Found>) -> Vec<Draft> {
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

    /// Reads the parts of a group, and hands the documents on.
    async fn fill(&self, drafts: Vec<Draft>, parts: &KindParts) {
        let given = self.of_many(&drafts).await;
        let each = drafts.into_iter().zip(given);
        let each = each.map(|(draft, given)| self.complete(draft, given, parts).boxed());
        let each: Vec<BoxFuture<'_, ()>> = each.collect();
        let done = self.job.limits.run(self.calls_of_one().max(1), each);
        done.for_each(|()| std::future::ready(())).await;
    }

    /// A document with no more than an id, and fields that the list gave.
    pub(super) fn listed(&self, id: &str, fields: Value) -> Document {
        let fields = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let name = short_name(id);
        let mut document = Document {
            resource: self.resource(id, None, name),
            fields,
            gaps: BTreeMap::new(),
        };
        // An ARN that is made of what is known.
        if let Some(Origin::Template(template)) = &self.kind.arn {
            let arn = template.fill(&|name| self.value(&document, None, name));
            document.resource.arn = arn.ok().and_then(|arn| text(&arn));
        }
        document
    }

    fn resource(&self, id: &str, arn: Option<String>, name: &str) -> Resource {
        Resource {
            kind: self.kind.kind.name.to_owned(),
            id: id.to_owned(),
            arn,
            name: name.to_owned(),
            account: self.job.account.clone(),
            region: match self.kind.kind.scope {
                Scope::Account => GLOBAL.to_owned(),
                Scope::Region => self.job.region.clone(),
            },
            tags: Part::Unread,
        }
    }

    /// What AWS answered of a resource as a document.
    pub(super) fn document(
        &self,
        value: Value,
        listed: Option<&str>,
        parent: Option<&Document>,
        form: Option<&Form>,
    ) -> Result<Document, Malformed> {
        let member = |origin: Option<&Origin>| match origin {
            Some(Origin::Path(path)) => at(&value, path).and_then(text),
            _ => None,
        };
        let (id, arn) = (
            member(self.kind.id.as_ref()),
            member(self.kind.arn.as_ref()),
        );
        let name = member(self.kind.name.as_ref());
        let id = match (&self.kind.id, id, listed) {
            (_, Some(id), _) => id,
            (None, None, Some(listed)) => listed.to_owned(),
            (Some(Origin::Template(_)), ..) => String::new(),
            (Some(Origin::Path(path)), ..) => return Err(Malformed(path.join("."))),
            (None, None, None) => return Err(Malformed("id".to_owned())),
        };
        let own_tags = match &self.kind.tags {
            Some(Tags::Within(path)) => {
                let found = at(&value, path).map_or(Ok(BTreeMap::new()), tags);
                Some(found.map_err(|_| Malformed(path.join(".")))?)
            }
            _ => None,
        };
        let within = self.within(&value);
        let fields = match form {
            Some(form) => form.read(value, self.search)?,
            None => Value::Null,
        };
        let mut document = self.listed(&id, fields);
        let fill = |origin: &Option<Origin>, document: &Document| match origin {
            Some(Origin::Template(template)) => {
                let filled = template.fill(&|name| self.value(document, parent, name));
                filled.ok().and_then(|filled| text(&filled))
            }
            _ => None,
        };
        if let Some(name) = &name {
            document.resource.name.clone_from(name);
        }
        if let Some(Origin::Template(template)) = &self.kind.id {
            // What AWS leaves out of a resource is no part of its identifier either.
            let value = |name: &str| {
                let value = self.value(&document, parent, name)?;
                Some(if value.is_null() {
                    Value::from("")
                } else {
                    value
                })
            };
            let id = template.fill(&value).ok().and_then(|id| text(&id));
            let id = id.ok_or_else(|| Malformed("id".to_owned()))?;
            let id = id.trim_end_matches('/').to_owned();
            short_name(&id).clone_into(&mut document.resource.name);
            document.resource.id = id;
        }
        if let Some(name) = name {
            document.resource.name = name;
        }
        document.resource.arn = arn.or_else(|| fill(&self.kind.arn, &document));
        if let Some(name) = fill(&self.kind.name, &document) {
            document.resource.name = name;
        }
        for (name, part) in within {
            document.set(name, part);
        }
        if let Some(own) = own_tags {
            document.resource.tags = Part::Read(own);
        }
        for lookup in &self.kind.lookup {
            let mut from = Value::Null;
            if let Some((first, rest)) = lookup.from.split_first() {
                from = document.fields.get(first).cloned().unwrap_or_default();
                from = taken(from, rest);
            }
            let found = text(&from).and_then(|key| lookup.values.get(&key).cloned());
            document
                .fields
                .insert(lookup.name.to_owned(), found.unwrap_or_default());
        }
        Ok(document)
    }

    /// The parts that a document has already.
    fn within(&self, value: &Value) -> Vec<Named> {
        let mut parts = Vec::new();
        for part in self.wanted() {
            let PartRead::Within(within) = &part.read else {
                continue;
            };
            let code = within.hidden.as_ref().and_then(|(code, action)| {
                let code = at(value, code).and_then(text)?;
                Some((code, *action))
            });
            let read = if let Some((code, action)) = code {
                let (cause, detail) = by_code(Some(&code), 403);
                Err(Gap::new(action, cause, detail))
            } else {
                let found = match at(value, &within.path) {
                    Some(found) => found.clone(),
                    None if within.form.is_of_lists() => Value::Object(Map::new()),
                    None => Value::Null,
                };
                let read = within.form.read(found, self.search);
                let call = within.call;
                read.map_err(|Malformed(member)| {
                    malformed_answer(call.action, call.operation, &member)
                })
            };
            parts.push((part.name, read.into()));
        }
        parts
    }

    /// Hands a complete document on.
    pub(super) async fn emit(&self, mut document: Document) {
        if self.kind.name.is_none()
            && let Part::Read(tags) = &document.resource.tags
            && let Some(name) = tags.get("Name").filter(|name| !name.is_empty())
        {
            document.resource.name.clone_from(name);
        }
        self.job.emit_declared(document).await;
    }
}
