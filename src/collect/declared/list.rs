//! Finds the resources of a kind, page by page.

use super::call::{Listing, gap_of_description, malformed, text, value_at};
use super::reader::{ListGap, ListedResource, Reader, note};
use crate::kinds::form::Malformed;
use crate::model::Document;
use futures::{Stream, StreamExt, stream};
use serde_json::Value;
use std::sync::Arc;

/// What a list reads next.
struct Cursor<'a> {
    reader: &'a Reader<'a>,
    /// The parents to list within, the last one first; a single `None` if the kind has no parent.
    parents: Vec<Option<Arc<Document>>>,
    listing: Option<(Option<Arc<Document>>, Listing<'a>)>,
    found: Vec<ListedResource>,
    end: ListGap,
}

impl<'a> Reader<'a> {
    /// The resources of the list, in groups of `size`. If the list is incomplete, its gap is in `end`.
    pub(super) fn list(
        &'a self,
        parents: Vec<Option<Arc<Document>>>,
        size: usize,
        end: ListGap,
    ) -> impl Stream<Item = Vec<ListedResource>> + 'a {
        let cursor = Cursor {
            reader: self,
            parents,
            listing: None,
            found: Vec::new(),
            end,
        };
        stream::unfold(cursor, move |mut cursor| async move {
            while cursor.found.len() < size && cursor.read().await {}
            let rest = cursor.found.split_off(size.min(cursor.found.len()));
            let group = std::mem::replace(&mut cursor.found, rest);
            (!group.is_empty()).then_some((group, cursor))
        })
        .fuse()
    }
}

impl Cursor<'_> {
    /// Reads the next page. False when there is none.
    async fn read(&mut self) -> bool {
        let Some(list) = &self.reader.kind.list else {
            return false;
        };
        if self.listing.is_none() {
            let Some(parent) = self.parents.pop() else {
                return false;
            };
            let values = |name: &str| self.reader.place_variable(parent.as_deref(), name);
            match Listing::new(self.reader.job, &list.ask, &values) {
                Ok(listing) => self.listing = Some((parent, listing)),
                Err(gap) => {
                    let undescribed = parent.as_ref().and_then(|p| p.gaps.values().next());
                    note(&self.end, gap_of_description(gap, undescribed));
                    return true;
                }
            }
        }
        let Some((parent, listing)) = &mut self.listing else {
            return false;
        };
        match listing.next().await {
            None => self.listing = None,
            Some(Err(gap)) => {
                note(&self.end, gap);
                self.listing = None;
            }
            Some(Ok(items)) => {
                for item in items {
                    match self.reader.found(item, parent.clone()) {
                        Ok(found) => self.found.push(found),
                        Err(Malformed(member)) => {
                            note(&self.end, malformed(&list.ask, Malformed(member)));
                        }
                    }
                }
            }
        }
        true
    }
}

impl Reader<'_> {
    /// Makes a found resource of an item of the list.
    fn found(
        &self,
        item: Value,
        parent: Option<Arc<Document>>,
    ) -> Result<ListedResource, Malformed> {
        let Some(list) = &self.kind.list else {
            return Err(Malformed(String::new()));
        };
        if list.plain {
            let id = text(&item).ok_or_else(|| Malformed(String::new()))?;
            return Ok(ListedResource {
                id,
                parent,
                item: Value::Null,
                document: None,
            });
        }
        if self.kind.describe.is_none() {
            let document = self.document(item, None, parent.as_deref(), list.form.as_ref())?;
            return Ok(ListedResource {
                id: document.resource.id.clone(),
                parent,
                item: Value::Null,
                document: Some(document),
            });
        }
        let id = value_at(&item, &list.id).and_then(text);
        let id = id.ok_or_else(|| Malformed(list.id.join(".")))?;
        let mut members = Value::Object(serde_json::Map::new());
        for path in &list.item {
            let steps: Vec<String> = path.split('.').map(ToOwned::to_owned).collect();
            if let Some(value) = value_at(&item, &steps) {
                members[path.as_str()] = value.clone();
            }
        }
        let fields = match &list.form {
            Some(form) => form.read(item, self.search)?,
            None => Value::Null,
        };
        let document = (!fields.is_null()).then(|| self.listed(&id, fields));
        Ok(ListedResource {
            id,
            parent,
            item: members,
            document,
        })
    }
}
