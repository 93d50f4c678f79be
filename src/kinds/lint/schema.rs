//! The JSON schema of a declared kind's documents.

use crate::kinds::declared::{self, Beside, CallOf, CalledPart, Join, PartRead};
use crate::kinds::form::{Form, describe_schema, list_of, object, object_of, or_null, schema_of};
use crate::kinds::name::snake_case;
use crate::model::kinds::metric::Metric;
use crate::model::shape::Shape;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The fields of documents, by name.
pub(in crate::kinds) type Properties = BTreeMap<String, Property>;

/// The fields of all kinds. Joins take theirs from here.
pub(in crate::kinds) type Fields<'a> = BTreeMap<&'a str, &'a Properties>;

/// One field: its schema as text, since trees take ten times the memory and there are thousands, and what
/// checks see of it.
#[derive(Debug)]
pub(in crate::kinds) struct Property {
    pub(super) schema: Box<RawValue>,
    pub(super) shape: Shape,
}

impl Property {
    fn schema(&self) -> Value {
        serde_json::from_str(self.schema.get())
            .unwrap_or_else(|error| unreachable!("written from a schema: {error}"))
    }
}

/// The fields that JSON schemas describe.
pub(in crate::kinds) fn properties(schemas: Map<String, Value>) -> Properties {
    let property = |(name, schema): (String, Value)| {
        let property = Property {
            shape: Shape::from_schema(&schema),
            schema: to_raw_value(&schema)
                .unwrap_or_else(|error| unreachable!("JSON has a text: {error}")),
        };
        (name, property)
    };
    schemas.into_iter().map(property).collect()
}

pub(super) fn as_part(schema: Value, about: String) -> Value {
    object([
        ("allOf", vec![schema].into()),
        ("x-part", true.into()),
        ("description", about.into()),
    ])
}

/// The fields that every document has.
pub(super) fn common() -> Map<String, Value> {
    let text = |about: &str| json!({"type": "string", "description": about});
    let arn = json!({
        "type": ["string", "null"],
        "description": "The Amazon Resource Name, where AWS defines one.",
    });
    Map::from_iter([
        ("kind".to_owned(), text("The kind, such as `s3.bucket`.")),
        (
            "id".to_owned(),
            text("The identifier AWS uses in its APIs."),
        ),
        ("arn".to_owned(), arn),
        ("name".to_owned(), text("What people call it.")),
        (
            "account".to_owned(),
            text("The twelve-digit id of the account that owns it."),
        ),
        (
            "region".to_owned(),
            text("The region it lives in; `global` where it lives in none."),
        ),
    ])
}

/// The fields of a document's own form.
pub(super) fn own(form: Option<&Form>) -> Map<String, Value> {
    match form {
        Some(Form::Object(object)) => object.properties(),
        Some(form @ Form::Attributes(_)) => match form.schema(false).get("properties") {
            Some(Value::Object(properties)) => properties.clone(),
            _ => Map::new(),
        },
        _ => Map::new(),
    }
}

/// The schema of a part, and a sentence about the call or metric that it comes from.
pub(super) fn part_schema(read: &PartRead) -> (Value, String) {
    match read {
        PartRead::Metric(metric) => {
            let (name, namespace) = (metric.name.source(), metric.namespace.source());
            (
                metric_schema(metric),
                format!("The metric `{name}` of `{namespace}`."),
            )
        }
        PartRead::Metrics(metrics) => {
            let properties: Map<String, Value> = metrics
                .iter()
                .map(|(name, metric)| {
                    let mut schema = metric_schema(metric);
                    describe_schema(&mut schema, format!("`{}`.", metric.name.source()));
                    ((*name).to_owned(), schema)
                })
                .collect();
            let namespace = metrics.first().map(|(_, metric)| metric.namespace.source());
            let namespace = namespace.unwrap_or_default();
            let schema = object_of(properties);
            (schema, format!("Metrics of `{namespace}`."))
        }
        PartRead::Within(within) => {
            let at = within.path.join(".");
            (
                within.form.schema(!within.form.has_only_containers()),
                format!("`{at}` of `{}`.", within.call.operation),
            )
        }
        PartRead::Call(asked) => {
            let then = asked.then.as_ref();
            let mut by = format!("`{}`", asked.ask.call.operation);
            if let Some(then) = then {
                let of = if then.all.is_some() { "all" } else { "each" };
                by = format!("{by}, `{}` of {of}", then.ask.call.operation);
            }
            (asked.schema(), format!("{by}."))
        }
    }
}

fn metric_schema(metric: &declared::Metric) -> Value {
    // There are hundreds of metrics, and generating a schema takes a while.
    static METRIC: LazyLock<Value> = LazyLock::new(schema_of::<Metric>);
    let schema = METRIC.clone();
    if metric.is_optional() {
        or_null(schema)
    } else {
        schema
    }
}

impl CalledPart {
    fn schema(&self) -> Value {
        let listed = self.is_list();
        let item = match &self.then {
            None => self.form.schema(!listed && (self.nullable || self.one)),
            Some(then) => {
                let mut fields = if self.plain {
                    let id = json!({"type": "string", "description": "The item."});
                    Map::from_iter([("id".to_owned(), id)])
                } else {
                    own(Some(&self.form))
                };
                if let Some(all) = &then.all {
                    let list = list_of(then.form.schema(false));
                    fields.insert(all.field.to_owned(), list);
                } else {
                    // If AWS says that there is nothing more, these fields are null.
                    let nullable = !then.ask.absent.is_empty();
                    fields.extend(own(Some(&then.form)).into_iter().map(|(name, schema)| {
                        let schema = if nullable { or_null(schema) } else { schema };
                        (name, schema)
                    }));
                }
                object_of(fields)
            }
        };
        if listed { list_of(item) } else { item }
    }

    /// Whether the field is a list of items.
    #[must_use]
    pub fn is_list(&self) -> bool {
        let batch = matches!(self.of, CallOf::Batch(_));
        self.items && !self.one && !batch
    }
}

/// The schema of what is joined: null without a reference.
pub(super) fn joined(join: &Join, fields: &Fields<'_>) -> Value {
    let of = fields.get(join.kind);
    let found = json!({
        "type": "boolean",
        "description": "Whether there is what it refers to.",
    });
    let mut properties = Map::from_iter([("found".to_owned(), found)]);
    for field in join.fields {
        let schema = of.and_then(|of| of.get(*field));
        let schema = schema.map_or_else(|| json!({}), Property::schema);
        properties.insert(snake_case(field), or_null(schema));
    }
    let object = object_of(properties);
    if join.many {
        list_of(object)
    } else {
        or_null(object)
    }
}

/// The schema of all resources of another kind.
pub(super) fn others(beside: &Beside, fields: &Fields<'_>) -> Value {
    let of = fields.get(beside.kind);
    let property = |name: &&'static str| {
        let schema = of.and_then(|of| of.get(*name));
        (
            (*name).to_owned(),
            schema.map_or_else(|| json!({}), Property::schema),
        )
    };
    let properties: Map<String, Value> = beside.fields.iter().map(property).collect();
    list_of(object_of(properties))
}
