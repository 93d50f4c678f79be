//! What the rest of the program knows of a declared kind: its parts with their calls, and the fields of
//! its documents.

use super::context::leak;
use super::schema::{
    Fields, Properties, as_part, common, joined, others, own, part_schema, properties,
};
use crate::call;
use crate::kinds::declared::{
    Beside, CallOf, CalledPart, DeclaredKind, DeclaredPart, Derived, Describe, Join, List, Lookup,
    Origin, PartRead, Service, Tags,
};
use crate::kinds::file::KindFile;
use crate::kinds::form::{describe_schema, scalar_schema};
use crate::model::shape::{Shape, Type};
use crate::model::{Call, Declaration, Definition, Kind, PartSpec, Per, Price, Scope};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The call that reads metrics.
static GET_METRIC_DATA: Call = call!("cloudwatch", "GetMetricData", price: Price::PerMetric);

/// A kind that fits its model, still without the fields that it takes from other kinds.
pub(in crate::kinds) struct Resolved {
    pub name: &'static str,
    pub about: String,
    pub service: &'static Service,
    pub scope: Scope,
    pub single: bool,
    pub parent: Option<&'static str>,
    pub list: Option<List>,
    pub describe: Option<Describe>,
    pub id: Option<Origin>,
    pub arn: Option<Origin>,
    pub name_of: Option<Origin>,
    pub tags: Option<Tags>,
    pub lookup: Vec<Lookup>,
    pub parts: Vec<DeclaredPart>,
    pub joins: Vec<Join>,
    pub beside: Vec<Beside>,
    pub derived: Derived,
}

/// The JSON schema of a kind's document.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "$schema")]
    dialect: &'a str,
    description: &'a str,
    properties: BTreeMap<&'a str, &'a RawValue>,
    #[serde(rename = "type")]
    kind: &'a str,
}

impl Resolved {
    /// Its fields, except those that it takes from other kinds.
    pub(in crate::kinds) fn properties(&self, file: &KindFile) -> Properties {
        let mut schemas = common();
        schemas.extend(self.of_document());
        let tags = self.of_tags();
        schemas.extend(tags.map(|tags| ("tags".to_owned(), tags)));
        schemas.extend(self.of_lookups(file));
        schemas.extend(self.of_parts(file));
        schemas.extend(of_derived(&self.derived));
        properties(schemas)
    }

    /// The fields that its calls return: those of `describe`, and next to them those kept of the list.
    fn of_document(&self) -> Map<String, Value> {
        let of_list = self.list.as_ref().and_then(|list| list.form.as_ref());
        let mut properties = own(of_list);
        if let Some(describe) = &self.describe {
            properties.extend(own(Some(&describe.form)));
        }
        properties
    }

    fn of_tags(&self) -> Option<Value> {
        let mut tags = json!({"type": "object", "additionalProperties": {"type": "string"}});
        let about = "Its tags.".to_owned();
        match self.tags.as_ref()? {
            Tags::Within(_) => {
                describe_schema(&mut tags, about);
                Some(tags)
            }
            Tags::Call { .. } => Some(as_part(tags, about)),
        }
    }

    fn of_lookups(&self, file: &KindFile) -> Map<String, Value> {
        let mut properties = Map::new();
        for lookup in &self.lookup {
            let mut schema = scalar_schema(lookup.scalar, true);
            let source = file
                .lookup
                .get(lookup.name)
                .map(|file| file.source.as_str());
            let about = format!(
                "For its `{}`: {}.",
                lookup.from.join("."),
                source.unwrap_or_default()
            );
            describe_schema(&mut schema, about);
            properties.insert(lookup.name.to_owned(), schema);
        }
        properties
    }

    fn of_parts(&self, file: &KindFile) -> Map<String, Value> {
        let mut properties = Map::new();
        for part in &self.parts {
            let about = file
                .parts
                .get(part.name)
                .and_then(|file| file.about.clone());
            let (schema, by) = part_schema(&part.read);
            let about = about.map_or(by.clone(), |about| format!("{about} {by}"));
            properties.insert(part.name.to_owned(), as_part(schema, about));
        }
        properties
    }

    /// The fields that the kind takes from others.
    pub(in crate::kinds) fn of_others(&self, fields: &Fields<'_>) -> Properties {
        let mut schemas = Map::new();
        for join in &self.joins {
            let about = format!(
                "What `{}` refers to, of `{}` (computed).",
                join.from.join("."),
                join.kind
            );
            schemas.insert(join.name.to_owned(), as_part(joined(join, fields), about));
        }
        for beside in &self.beside {
            let about = format!("Every `{}` in the same place (computed).", beside.kind);
            let schema = as_part(others(beside, fields), about);
            schemas.insert(beside.name.to_owned(), schema);
        }
        properties(schemas)
    }

    /// The kind with all of its fields.
    pub(in crate::kinds) fn finish(self, properties: Properties) -> DeclaredKind {
        let (schema, fields) = self.whole(properties);
        let list: Vec<&'static Call> = self.list.iter().map(|list| list.ask.call).collect();
        let declaration = Declaration {
            schema,
            fields,
            describe: self.describe_spec(),
            described: self.described(),
            parent: self.parent,
            endpoint_prefix: leak(&self.service.model.endpoint_prefix),
            region: self.service.file.region.as_deref().map(leak),
            references: self.references(),
        };
        let kind = Kind {
            name: self.name,
            scope: self.scope,
            list: Box::leak(list.into_boxed_slice()),
            parts: Box::leak(self.part_specs().into_boxed_slice()),
            definition: Definition::Declared(Box::leak(Box::new(declaration))),
        };
        DeclaredKind {
            kind: Box::leak(Box::new(kind)),
            service: self.service,
            parent: self.parent,
            list: self.list,
            describe: self.describe,
            id: self.id,
            arn: self.arn,
            name: self.name_of,
            tags: self.tags,
            lookup: self.lookup,
            parts: self.parts,
            joins: self.joins,
            beside: self.beside,
            derived: self.derived,
        }
    }

    /// The text of its schema, and its fields as checks see them.
    fn whole(&self, properties: Properties) -> (Box<str>, Shape) {
        let schemas = properties.iter();
        let document = Document {
            dialect: "https://json-schema.org/draft/2020-12/schema",
            description: &self.about,
            properties: schemas
                .map(|(name, property)| (name.as_str(), &*property.schema))
                .collect(),
            kind: "object",
        };
        let text = serde_json::to_string(&document)
            .unwrap_or_else(|error| unreachable!("texts and schemas have a text: {error}"));
        let fields = properties.into_iter();
        let fields = Type::object(fields.map(|(name, property)| (name, property.shape)));
        (text.into(), Shape::of(fields))
    }

    fn describe_spec(&self) -> Option<PartSpec> {
        let describe = self.describe.as_ref()?;
        let size = describe.batch.as_ref().map_or(1, |batch| batch.size);
        Some(PartSpec {
            name: "describe",
            calls: leak_calls(vec![describe.ask.call]),
            per: match size {
                _ if self.single => Per::Kind,
                1 => Per::Resource,
                size => Per::Batch(u32::try_from(size).unwrap_or(u32::MAX)),
            },
        })
    }

    fn described(&self) -> Vec<&'static str> {
        let Some(describe) = &self.describe else {
            return Vec::new();
        };
        let fields = describe.form.field_names().into_iter().map(leak);
        let lookups = self.lookup.iter().map(|lookup| lookup.name);
        let tags = matches!(self.tags, Some(Tags::Within(_))).then_some("tags");
        let within = self.parts.iter();
        let within = within.filter(|part| matches!(part.read, PartRead::Within(_)));
        let within = within.map(|part| part.name);
        fields.chain(lookups).chain(tags).chain(within).collect()
    }

    fn part_specs(&self) -> Vec<PartSpec> {
        let mut specs = Vec::new();
        if let Some(Tags::Call { ask, batch, .. }) = &self.tags {
            specs.push(PartSpec {
                name: "tags",
                calls: leak_calls(vec![ask.call]),
                per: match batch {
                    _ if self.single => Per::Kind,
                    None => Per::Resource,
                    Some(batch) => Per::Batch(u32::try_from(batch.size).unwrap_or(u32::MAX)),
                },
            });
        }
        for part in &self.parts {
            let (calls, per) = match &part.read {
                PartRead::Call(asked) => {
                    let then = asked.then.as_ref().map(|then| then.ask.call);
                    let calls = [asked.ask.call].into_iter().chain(then).collect();
                    (calls, per(asked, self.single))
                }
                PartRead::Within(within) => (vec![within.call], Per::List),
                metrics => {
                    let count = metric_count(metrics).unwrap_or_default();
                    let per = Per::Metrics(u32::try_from(count).unwrap_or(u32::MAX));
                    (vec![&GET_METRIC_DATA], per)
                }
            };
            specs.push(PartSpec {
                name: part.name,
                calls: leak_calls(calls),
                per,
            });
        }
        let Derived {
            access,
            alarms,
            backup,
            computed,
        } = &self.derived;
        let derived = [
            ("access", access.is_some()),
            ("alarms", alarms.is_some()),
            ("coverage", *backup),
        ];
        let derived = derived
            .into_iter()
            .filter(|(_, there)| *there)
            .map(|(name, _)| name);
        specs.extend(
            derived
                .chain(computed.iter().map(|computed| computed.part))
                .chain(self.joins.iter().map(|join| join.name))
                .chain(self.beside.iter().map(|beside| beside.name))
                .map(|name| PartSpec {
                    name,
                    calls: &[],
                    per: Per::Derived,
                }),
        );
        specs
    }

    /// Every call with the link to its API reference.
    fn references(&self) -> Vec<(&'static Call, String)> {
        let mut references: Vec<(&'static Call, String)> = Vec::new();
        let mut add = |ask: &crate::kinds::declared::DeclaredCall| {
            let link = ask.service.model.reference(ask.call.operation);
            if !references.iter().any(|(_, known)| *known == link) {
                references.push((ask.call, link));
            }
        };
        self.list.iter().for_each(|list| add(&list.ask));
        self.describe.iter().for_each(|describe| add(&describe.ask));
        if let Some(Tags::Call { ask, .. }) = &self.tags {
            add(ask);
        }
        for part in &self.parts {
            if let PartRead::Call(asked) = &part.read {
                add(&asked.ask);
                asked.then.iter().for_each(|then| add(&then.ask));
            }
        }
        references
    }
}

/// The schemas of what is computed from documents.
fn of_derived(derived: &Derived) -> Map<String, Value> {
    let Derived {
        access,
        alarms,
        backup,
        computed,
    } = derived;
    let mut properties = Map::new();
    for computed in computed {
        let schema = as_part((computed.schema)(), computed.about.to_owned());
        properties.insert(computed.part.to_owned(), schema);
    }
    if access.is_some() {
        let schema = crate::kinds::derived::access();
        let about = "Who may do what by its policy (computed).".to_owned();
        properties.insert("access".to_owned(), as_part(schema, about));
    }
    if alarms.is_some() {
        let schema = crate::kinds::derived::alarms();
        let about = "The alarms of CloudWatch that watch it (computed).".to_owned();
        properties.insert("alarms".to_owned(), as_part(schema, about));
    }
    if *backup {
        let schema = crate::kinds::derived::coverage();
        let about = "Whether AWS Backup protects it (computed).".to_owned();
        properties.insert("coverage".to_owned(), as_part(schema, about));
    }
    properties
}

fn leak_calls(calls: Vec<&'static Call>) -> &'static [&'static Call] {
    Box::leak(calls.into_boxed_slice())
}

fn per(asked: &CalledPart, single: bool) -> Per {
    match &asked.of {
        _ if single => Per::Kind,
        CallOf::Resource => Per::Resource,
        CallOf::Kind(_) => Per::Kind,
        CallOf::Batch(batch) => Per::Batch(u32::try_from(batch.size).unwrap_or(u32::MAX)),
    }
}

/// The number of metrics that a part reads; `None` if it is no part of metrics.
fn metric_count(part: &PartRead) -> Option<usize> {
    match part {
        PartRead::Call(_) | PartRead::Within(_) => None,
        PartRead::Metric(_) => Some(1),
        PartRead::Metrics(metrics) => Some(metrics.len()),
    }
}
