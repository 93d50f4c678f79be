//! Makes documents from AWS's answers.

use super::call::{take_path, text, value_at};
use super::reader::{Named, Reader};
use crate::aws::error::{by_code, malformed_answer};
use crate::collect::job::GLOBAL;
use crate::kinds::declared::{Origin, PartRead, Tags};
use crate::kinds::form::{Form, Malformed, tags};
use crate::kinds::name::short_name;
use crate::kinds::template::Template;
use crate::model::{Document, Gap, Part, Resource, Scope};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

impl Reader<'_> {
    /// A document that has only an id, and the fields that the list returned.
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
        // The ARN of a kind whose ARNs are composed of known values.
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

    /// The document of a resource, from the answer of AWS.
    pub(super) fn document(
        &self,
        value: Value,
        listed: Option<&str>,
        parent: Option<&Document>,
        form: Option<&Form>,
    ) -> Result<Document, Malformed> {
        let member = |origin: Option<&Origin>| match origin {
            Some(Origin::Path(path)) => value_at(&value, path).and_then(text),
            _ => None,
        };
        let arn = member(self.kind.arn.as_ref());
        let name = member(self.kind.name.as_ref());
        let id = self.answered_id(&value, listed)?;
        let own_tags = self.own_tags(&value)?;
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
            let id = self.composed_id(template, &document, parent)?;
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
        self.look_up(&mut document);
        Ok(document)
    }

    /// The id from the answer, or else from the list; empty if it is composed of fields later.
    fn answered_id(&self, value: &Value, listed: Option<&str>) -> Result<String, Malformed> {
        match (&self.kind.id, listed) {
            (Some(Origin::Path(path)), _) => {
                let id = value_at(value, path).and_then(text);
                id.ok_or_else(|| Malformed(path.join(".")))
            }
            (Some(Origin::Template(_)), _) => Ok(String::new()),
            (None, Some(listed)) => Ok(listed.to_owned()),
            (None, None) => Err(Malformed("id".to_owned())),
        }
    }

    /// The id of a kind whose ids are composed of fields.
    fn composed_id(
        &self,
        template: &Template,
        document: &Document,
        parent: Option<&Document>,
    ) -> Result<String, Malformed> {
        // A field that AWS leaves out adds nothing to the id.
        let value = |name: &str| {
            let value = self.value(document, parent, name)?;
            Some(if value.is_null() {
                Value::from("")
            } else {
                value
            })
        };
        let id = template.fill(&value).ok().and_then(|id| text(&id));
        let id = id.ok_or_else(|| Malformed("id".to_owned()))?;
        Ok(id.trim_end_matches('/').to_owned())
    }

    /// The tags, if the answer has them.
    fn own_tags(&self, value: &Value) -> Result<Option<BTreeMap<String, String>>, Malformed> {
        let Some(Tags::Within(path)) = &self.kind.tags else {
            return Ok(None);
        };
        let found = value_at(value, path).map_or(Ok(BTreeMap::new()), tags);
        found.map(Some).map_err(|_| Malformed(path.join(".")))
    }

    /// Sets the fields that are looked up in a table of the kind's file by another field.
    fn look_up(&self, document: &mut Document) {
        for lookup in &self.kind.lookup {
            let mut from = Value::Null;
            if let Some((first, rest)) = lookup.from.split_first() {
                from = document.fields.get(first).cloned().unwrap_or_default();
                from = take_path(from, rest);
            }
            let found = text(&from).and_then(|key| lookup.values.get(&key).cloned());
            document
                .fields
                .insert(lookup.name.to_owned(), found.unwrap_or_default());
        }
    }

    /// The parts that are in the answer already.
    fn within(&self, value: &Value) -> Vec<Named> {
        let mut parts = Vec::new();
        for part in self.wanted() {
            let PartRead::Within(within) = &part.read else {
                continue;
            };
            let code = within.hidden.as_ref().and_then(|(code, action)| {
                let code = value_at(value, code).and_then(text)?;
                Some((code, *action))
            });
            let read = if let Some((code, action)) = code {
                let (cause, detail) = by_code(Some(&code), 403);
                Err(Gap::new(action, cause, detail))
            } else {
                let found = match value_at(value, &within.path) {
                    Some(found) => found.clone(),
                    None if within.form.has_only_containers() => Value::Object(Map::new()),
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

    /// Emits a complete document.
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
