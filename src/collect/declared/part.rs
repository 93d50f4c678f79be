//! Reads parts: a call for one resource, for several, for all, or metrics.

use super::call::{
    Answer, Listing, Values, call_and_take, gap_of_description, malformed, take_path, value_at,
};
use super::reader::{Draft, KindParts, Matched, Named, Reader};
use crate::kinds::declared::{
    CallOf, CalledPart, DeclaredCall, DeclaredPart, FollowUpCall, PartRead, Tags,
};
use crate::kinds::form::{Malformed, tags};
use crate::kinds::template::Template;
use crate::model::{Cause, Gap, Part};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use tokio::sync::OnceCell;

/// Calls for the items of one part that are made at once.
const ITEMS: usize = 4;

impl Reader<'_> {
    fn wants(&self, part: &str) -> bool {
        self.job.parts.contains(part)
    }

    pub(super) fn wanted(&self) -> impl Iterator<Item = &'static DeclaredPart> + '_ {
        self.kind.parts.iter().filter(|part| self.wants(part.name))
    }

    pub(super) fn wants_metrics(&self) -> bool {
        self.wanted()
            .any(|part| matches!(part.read, PartRead::Metric(_) | PartRead::Metrics(_)))
    }

    /// Whether a wanted part is read for several resources in one call.
    pub(super) fn wants_batched_parts(&self) -> bool {
        let batch = |part: &DeclaredPart| match &part.read {
            PartRead::Call(source) => matches!(source.of, CallOf::Batch(_)),
            PartRead::Metric(_) | PartRead::Metrics(_) => true,
            PartRead::Within(_) => false,
        };
        let tags = matches!(&self.kind.tags, Some(Tags::Call { batch: Some(_), .. }));
        (tags && self.wants("tags")) || self.wanted().any(batch)
    }

    /// The number of calls for one resource alone.
    pub(super) fn calls_of_one(&self) -> usize {
        let own = |part: &&DeclaredPart| match &part.read {
            PartRead::Call(source) => matches!(source.of, CallOf::Resource),
            _ => false,
        };
        let tags = matches!(&self.kind.tags, Some(Tags::Call { batch: None, .. }));
        self.wanted().filter(own).count() + usize::from(tags && self.wants("tags"))
    }

    /// The parts that are read for several resources in one call, for each resource in order.
    pub(super) async fn batched_parts(&self, drafts: &[Draft]) -> Vec<Vec<Named>> {
        let mut all: Vec<Vec<Named>> = drafts.iter().map(|_| Vec::new()).collect();
        let mut reads: Vec<BoxFuture<'_, Vec<Named>>> = Vec::new();
        if let Some(Tags::Call {
            ask,
            batch: Some(batch),
            take,
        }) = &self.kind.tags
            && self.wants("tags")
        {
            let read = |item: Option<Value>| match item {
                None => Ok(Value::Object(Map::new())),
                Some(item) => {
                    let found = tags(&take_path(item, take))
                        .map_err(|_| malformed(ask, Malformed(take.join("."))))?;
                    Ok(serde_json::to_value(found).unwrap_or_default())
                }
            };
            reads.push(
                self.batched("tags", ask, batch, drafts, Box::new(read))
                    .boxed(),
            );
        }
        for part in self.wanted() {
            match &part.read {
                PartRead::Call(source) => {
                    if let CallOf::Batch(batch) = &source.of {
                        let read =
                            |item: Option<Value>| self.read_value(source, item.unwrap_or_default());
                        let read =
                            self.batched(part.name, &source.ask, batch, drafts, Box::new(read));
                        reads.push(read.boxed());
                    }
                }
                PartRead::Within(_) => {}
                PartRead::Metric(metric) => {
                    reads.push(self.metrics(part.name, vec![("", metric)], drafts).boxed());
                }
                PartRead::Metrics(metrics) => {
                    let metrics = metrics.iter().map(|(name, metric)| (*name, metric));
                    reads.push(self.metrics(part.name, metrics.collect(), drafts).boxed());
                }
            }
        }
        for read in futures::future::join_all(reads).await {
            for (of, part) in all.iter_mut().zip(read) {
                of.push(part);
            }
        }
        all
    }

    /// The items that a call returns, over all pages; `None` if AWS says that there are none.
    pub(super) async fn items(
        &self,
        ask: &DeclaredCall,
        values: Values<'_>,
    ) -> Result<Option<Vec<Value>>, Gap> {
        if ask.pages {
            return Listing::new(self.job, ask, values)?.all().await;
        }
        match call_and_take(self.job, ask, values).await? {
            Answer::Taken(Value::Array(items)) => Ok(Some(items)),
            Answer::Taken(Value::Object(items)) => {
                Ok(Some(items.into_iter().map(|(_, item)| item).collect()))
            }
            Answer::Taken(Value::Null) => Ok(Some(Vec::new())),
            Answer::Absent | Answer::Gone => Ok(None),
            Answer::Taken(_) => Err(malformed(ask, Malformed(String::new()))),
        }
    }

    /// Reads the parts that take calls for this resource alone, and emits the document.
    pub(super) async fn complete(
        &self,
        mut draft: Draft,
        given: Vec<Named>,
        kind_parts: &KindParts,
    ) {
        // The gap of the describe call, if that failed.
        let undescribed = draft.document.gaps.values().next().cloned();
        let mut reads: Vec<BoxFuture<'_, Named>> = Vec::new();
        if let Some(Tags::Call {
            ask, batch: None, ..
        }) = &self.kind.tags
            && self.wants("tags")
        {
            reads.push(
                self.tags(ask, &draft)
                    .map(|tags| ("tags", tags.into()))
                    .boxed(),
            );
        }
        for part in self.wanted() {
            let PartRead::Call(source) = &part.read else {
                continue;
            };
            let read = match &source.of {
                CallOf::Resource => self.part(part.name, source, &draft, kind_parts).boxed(),
                CallOf::Kind(pairs) => self
                    .kind_part(part.name, source, pairs, &draft, kind_parts)
                    .boxed(),
                CallOf::Batch(_) => continue,
            };
            reads.push(read.map(|value| (part.name, value.into())).boxed());
        }
        let read = futures::future::join_all(reads).await;
        for (name, part) in given.into_iter().chain(read) {
            let part = match part {
                Part::Gap(gap) => Part::Gap(gap_of_description(gap, undescribed.as_ref())),
                part => part,
            };
            if name == "tags" {
                draft.document.resource.tags = match part {
                    Part::Unread => Part::Unread,
                    Part::Read(value) => {
                        Part::Read(serde_json::from_value(value).unwrap_or_default())
                    }
                    Part::Gap(gap) => Part::Gap(gap),
                };
            } else {
                draft.document.set(name, part);
            }
        }
        self.emit(draft.document).await;
    }

    async fn tags(&self, ask: &DeclaredCall, draft: &Draft) -> Result<Value, Gap> {
        let values = self.values(draft);
        // A list of keys and values, or a map; each page has some.
        let mut found = BTreeMap::new();
        let mut listing = Listing::new(self.job, ask, &values)?;
        while let Some(page) = listing.next_taken().await {
            found.extend(tags(&page?).map_err(|odd| malformed(ask, odd))?);
        }
        Ok(serde_json::to_value(found).unwrap_or_default())
    }

    async fn part(
        &self,
        name: &'static str,
        source: &CalledPart,
        draft: &Draft,
        kind_parts: &KindParts,
    ) -> Result<Value, Gap> {
        let values = self.values(draft);
        if source.items {
            let items = self.items(&source.ask, &values).await?.unwrap_or_default();
            let once = kind_parts.items.get(name);
            return self.listed_part(source, items, draft, once).await;
        }
        match call_and_take(self.job, &source.ask, &values).await? {
            Answer::Taken(value) => self.read_value(source, value),
            Answer::Absent | Answer::Gone => self.read_value(source, Value::Null),
        }
    }

    /// The value of a part that is one value, or one item of a list.
    fn read_value(&self, source: &CalledPart, value: Value) -> Result<Value, Gap> {
        let value = take_path(value, &source.within);
        let missing = value.is_null() && !source.nullable && !source.items;
        let read = source.form.read(value, self.search);
        let read = read.map_err(|odd| malformed(&source.ask, odd))?;
        if missing && read.is_null() {
            return Err(malformed(&source.ask, Malformed(String::new())));
        }
        Ok(read)
    }

    /// The value of a part that is a list.
    async fn listed_part(
        &self,
        source: &CalledPart,
        items: Vec<Value>,
        draft: &Draft,
        once: Option<&OnceCell<Matched>>,
    ) -> Result<Value, Gap> {
        let read: Vec<Value> = match &source.then {
            None => items
                .into_iter()
                .map(|item| self.read_value(source, item))
                .collect::<Result<_, _>>()?,
            Some(then) => {
                let each = items
                    .into_iter()
                    .map(|item| self.with_then(source, then, item, draft, once));
                let read: Vec<_> = stream::iter(each).buffered(ITEMS).collect().await;
                let read = read.into_iter().filter_map(Result::transpose);
                read.collect::<Result<_, _>>()?
            }
        };
        if source.one {
            return Ok(read.into_iter().next().unwrap_or_default());
        }
        Ok(Value::Array(read))
    }

    /// An item with the fields that its `then` call adds; `None` if it was deleted in the meantime.
    async fn with_then(
        &self,
        source: &CalledPart,
        then: &FollowUpCall,
        item: Value,
        draft: &Draft,
        once: Option<&OnceCell<Matched>>,
    ) -> Result<Option<Value>, Gap> {
        let values = |name: &str| match name.strip_prefix("item") {
            Some("") => Some(item.clone()),
            Some(path) if path.starts_with('.') => {
                let steps: Vec<String> = path[1..].split('.').map(ToOwned::to_owned).collect();
                value_at(&item, &steps).cloned()
            }
            _ => self.value(&draft.document, draft.parent.as_deref(), name),
        };
        let mut fields = if source.plain {
            Map::from_iter([("id".to_owned(), item.clone())])
        } else {
            match self.read_value(source, item.clone())? {
                Value::Object(fields) => fields,
                _ => Map::new(),
            }
        };
        if let (Some(all), Some(cell)) = (&then.all, once) {
            let found = self
                .matched_items(&then.ask, &all.matched, &values, cell)
                .await?;
            let read = found.into_iter().map(|value| {
                let read = then.form.read(value, self.search);
                read.map_err(|odd| malformed(&then.ask, odd))
            });
            let read: Vec<Value> = read.collect::<Result<_, _>>()?;
            fields.insert(all.field.to_owned(), Value::Array(read));
            return Ok(Some(Value::Object(fields)));
        }
        let more = match call_and_take(self.job, &then.ask, &values).await? {
            Answer::Gone => return Ok(None),
            Answer::Absent => Value::Object(Map::new()),
            Answer::Taken(value) => value,
        };
        let absent = more.as_object().is_some_and(Map::is_empty) && !then.ask.absent.is_empty();
        if absent {
            for name in then.form.field_names() {
                fields.insert(name.to_owned(), Value::Null);
            }
        } else {
            let read = then
                .form
                .read(more, self.search)
                .map_err(|odd| malformed(&then.ask, odd))?;
            if let Value::Object(read) = read {
                fields.extend(read);
            }
        }
        Ok(Some(Value::Object(fields)))
    }

    /// The value of a part that one call reads for all resources: the items that belong to this one.
    async fn kind_part(
        &self,
        name: &'static str,
        source: &CalledPart,
        pairs: &[(Vec<String>, Template)],
        draft: &Draft,
        kind_parts: &KindParts,
    ) -> Result<Value, Gap> {
        let Some(cell) = kind_parts.parts.get(name) else {
            return Err(Gap::new(
                source.ask.call.action,
                Cause::Failed,
                "not prepared",
            ));
        };
        let values = self.values(draft);
        let items = self
            .matched_items(&source.ask, pairs, &values, cell)
            .await?;
        let once = kind_parts.items.get(name);
        self.listed_part(source, items, draft, once).await
    }
}
