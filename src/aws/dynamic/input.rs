//! Writes JSON as a request, by the schemas of an operation.

use super::schema::{Field, Form, Schemas, StaticSchema};
use aws_smithy_schema::Schema;
use aws_smithy_schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use aws_smithy_types::date_time::Format;
use aws_smithy_types::{Blob, DateTime, Document, Number};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// A JSON object as the structure of a shape.
pub(super) struct Structure<'a> {
    pub(super) schemas: &'a Schemas,
    pub(super) schema: StaticSchema,
    pub(super) fields: &'a [Field],
    pub(super) value: &'a Map<String, Value>,
    /// The schema of the member that is the whole body.
    pub(super) payload: Option<StaticSchema>,
}

impl SerializableStruct for Structure<'_> {
    fn schema(&self) -> &Schema<'_> {
        self.schema
    }

    fn serialize_members(&self, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        for field in self.fields {
            match self.value.get(field.name) {
                None | Some(Value::Null) => {}
                Some(value) => {
                    let whole_body = self
                        .payload
                        .filter(|_| field.schema.http_payload().is_some());
                    let schema = whole_body.unwrap_or(field.schema);
                    write(self.schemas, field, schema, value, to)?;
                }
            }
        }
        Ok(())
    }
}

fn write(
    schemas: &Schemas,
    field: &Field,
    schema: StaticSchema,
    value: &Value,
    to: &mut dyn ShapeSerializer,
) -> Result<(), SerdeError> {
    let bad = || SerdeError::type_mismatch(field.name);
    let node = schemas.node(field.target);
    match &node.form {
        Form::Structure(fields) => {
            let value = value.as_object().ok_or_else(bad)?;
            let structure = Structure {
                schemas,
                schema: node.schema,
                fields,
                value,
                payload: None,
            };
            // An item is written with its structure's schema, a member with its own, which has its name.
            let is_item = schema.member_name().is_none();
            to.write_struct(if is_item { node.schema } else { schema }, &structure)
        }
        Form::List { item, .. } => {
            let items = value.as_array().ok_or_else(bad)?;
            to.write_list_with_length(schema, items.len(), &|to| {
                items
                    .iter()
                    .try_for_each(|value| write_item(schemas, item, value, to))
            })
        }
        Form::Map { value: item, .. } => {
            let entries = value.as_object().ok_or_else(bad)?;
            to.write_map_with_length(schema, entries.len(), &|to| {
                entries.iter().try_for_each(|(key, value)| {
                    to.write_string(&aws_smithy_schema::prelude::STRING, key)?;
                    write_item(schemas, item, value, to)
                })
            })
        }
        Form::Text if schema.media_type().is_some() && !value.is_string() => {
            to.write_string(schema, &value.to_string())
        }
        Form::Text => to.write_string(schema, value.as_str().ok_or_else(bad)?),
        Form::Boolean => to.write_boolean(schema, value.as_bool().ok_or_else(bad)?),
        Form::Integer => {
            let number = value.as_i64().and_then(|number| number.try_into().ok());
            to.write_integer(schema, number.ok_or_else(bad)?)
        }
        Form::Long => to.write_long(schema, value.as_i64().ok_or_else(bad)?),
        #[expect(clippy::cast_possible_truncation, reason = "the API wants 32 bits")]
        Form::Float => to.write_float(schema, float(value).ok_or_else(bad)? as f32),
        Form::Double => to.write_double(schema, float(value).ok_or_else(bad)?),
        Form::Timestamp => to.write_timestamp(schema, &moment(value).ok_or_else(bad)?),
        Form::Blob => {
            let text = value.as_str().ok_or_else(bad)?;
            let bytes = STANDARD.decode(text).map_err(|_| bad())?;
            to.write_blob(schema, Blob::new(bytes))
        }
        Form::Document => to.write_document(schema, &document(value)),
    }
}

fn write_item(
    schemas: &Schemas,
    item: &Field,
    value: &Value,
    to: &mut dyn ShapeSerializer,
) -> Result<(), SerdeError> {
    if value.is_null() {
        return to.write_null(item.item);
    }
    write(schemas, item, item.item, value, to)
}

fn float(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        _ => value.as_f64(),
    }
}

/// RFC 3339, or seconds since 1970.
fn moment(value: &Value) -> Option<DateTime> {
    match value {
        Value::String(text) => DateTime::from_str(text, Format::DateTimeWithOffset).ok(),
        Value::Number(number) => match number.as_i64() {
            Some(seconds) => Some(DateTime::from_secs(seconds)),
            None => number.as_f64().map(DateTime::from_secs_f64),
        },
        _ => None,
    }
}

pub(super) fn document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(value) => Document::Bool(*value),
        Value::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Number::PosInt(number),
            (None, Some(number)) => Number::NegInt(number),
            (None, None) => Number::Float(number.as_f64().unwrap_or(f64::NAN)),
        }),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(document).collect()),
        Value::Object(entries) => {
            let entries = entries.iter();
            Document::Object(
                entries
                    .map(|(key, value)| (key.clone(), document(value)))
                    .collect(),
            )
        }
    }
}

/// What is wrong with a request: a required member is missing, one in the path or host name is empty, or
/// one is unknown.
pub(super) fn problem(
    schemas: &Schemas,
    fields: &[Field],
    value: &Map<String, Value>,
) -> Option<String> {
    for field in fields {
        let given = value.get(field.name).filter(|value| !value.is_null());
        match given {
            None if field.required && !field.idempotency_token => {
                return Some(format!("{} is missing", field.name));
            }
            Some(Value::String(text)) if text.is_empty() && (field.in_path || field.host_label) => {
                return Some(format!("{} is empty", field.name));
            }
            Some(Value::Object(inner)) => {
                if let Form::Structure(fields) = &schemas.node(field.target).form
                    && let Some(problem) = problem(schemas, fields, inner)
                {
                    return Some(format!("{}: {problem}", field.name));
                }
            }
            _ => {}
        }
    }
    let known = |name: &String| fields.iter().any(|field| field.name == name);
    value
        .keys()
        .find(|name| !known(name))
        .map(|name| format!("{name} is no member of the request"))
}
