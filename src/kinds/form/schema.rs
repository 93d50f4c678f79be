//! The JSON schema of a form, by which checks are linted and fields are documented.

use super::types::{Attribute, Attributes, Field, Form, ObjectForm, SECRETS, SecretForm};
use crate::kinds::file::ScalarName;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// How many of the documented values a field's description lists at most.
const MAX_SHOWN: usize = 8;

impl Form {
    /// Its JSON schema. `nullable` means that AWS may leave the value out; lists and maps are then empty
    /// instead of null.
    #[must_use]
    pub fn schema(&self, nullable: bool) -> Value {
        match self {
            Form::Object(object) => or_null(object.schema(), nullable),
            Form::List(item) => json!({"type": "array", "items": item.schema(false)}),
            Form::Map(value) => {
                json!({"type": "object", "additionalProperties": value.schema(false)})
            }
            Form::Scalar(scalar) => scalar_schema(*scalar, nullable),
            Form::Attributes(Attributes { fields, .. }) | Form::Json(fields) => {
                or_null(attributes(fields), nullable)
            }
            Form::Secret(SecretForm::Map | SecretForm::Pairs(..)) => {
                json!({"type": "array", "items": {"type": "string"}})
            }
            Form::Secret(SecretForm::Text) => json!({"type": "null"}),
        }
    }
}

/// The schema of one value.
#[must_use]
pub(crate) fn scalar_schema(scalar: ScalarName, nullable: bool) -> Value {
    let name = match scalar {
        ScalarName::Text | ScalarName::Policy => "string",
        ScalarName::Json => return json!({}),
        ScalarName::Boolean => "boolean",
        ScalarName::Integer => "integer",
        ScalarName::Number => "number",
        ScalarName::Seconds | ScalarName::Milliseconds | ScalarName::Time => {
            return or_null(json!({"type": "string", "format": "date-time"}), nullable);
        }
    };
    if nullable {
        json!({"type": [name, "null"]})
    } else {
        json!({"type": name})
    }
}

fn or_null(schema: Value, nullable: bool) -> Value {
    if nullable {
        json!({"anyOf": [schema, {"type": "null"}]})
    } else {
        schema
    }
}

fn attributes(fields: &[Attribute]) -> Value {
    let properties = fields.iter().map(|field| {
        let mut schema = field.form.schema(!field.always);
        describe(&mut schema, format!("`{}`.", field.key));
        (field.name.clone(), schema)
    });
    json!({"type": "object", "properties": properties.collect::<Map<_, _>>()})
}

impl ObjectForm {
    fn schema(&self) -> Value {
        json!({"type": "object", "properties": self.properties()})
    }

    /// The schemas of its fields.
    pub(crate) fn properties(&self) -> Map<String, Value> {
        let mut properties: Map<String, Value> = self
            .kept()
            .map(|field| (field.name.clone(), field.schema()))
            .collect();
        if self.has_secrets() {
            properties.insert(SECRETS.to_owned(), secrets());
        }
        properties
    }
}

impl Field {
    fn schema(&self) -> Value {
        let mut schema = self.form.schema(!self.always);
        let values = if self.values.is_empty() {
            String::new()
        } else {
            let quoted = self
                .values
                .iter()
                .take(MAX_SHOWN)
                .map(|value| format!("`{value}`"));
            let more = if self.values.len() > MAX_SHOWN {
                ", …"
            } else {
                ""
            };
            format!(": {}{more}", quoted.collect::<Vec<_>>().join(", "))
        };
        describe(&mut schema, format!("`{}`{values}.", self.api));
        schema
    }
}

/// The schema of the secrets that a search found.
fn secrets() -> Value {
    let text = |about: &str| json!({"type": ["string", "null"], "description": about});
    let number = |about: &str| json!({"type": "integer", "description": about});
    let mut rule = text("The rule that matched, such as `aws-access-key-id`.");
    rule["type"] = json!("string");
    json!({
        "type": "array",
        "description": "What looks like a secret; the secret itself is not kept.",
        "items": {"type": "object", "properties": {
            "variable": text("The name of the variable, where it has one."),
            "rule": rule,
            "line": number("The line it stands in, counted from one."),
            "length": number("How many characters the secret has."),
        }}
    })
}

pub(crate) fn describe(schema: &mut Value, about: String) {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), Value::String(about));
    }
}

/// The inlined schema of a Rust type, without `$schema`, title and description.
#[must_use]
pub(crate) fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value();
    if let Some(object) = schema.as_object_mut() {
        for key in ["$schema", "title", "description"] {
            object.remove(key);
        }
    }
    schema
}
