//! The JSON schema of a form, by which checks are linted and fields are documented.

use super::types::{Attribute, Attributes, Field, Form, ObjectForm, SECRETS, SecretForm};
use crate::kinds::file::ScalarName;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

// Values inside of `json!` are copied whole, and a kind has thousands of nested schemas: where a schema
// goes into another one it is moved.

/// A JSON object.
pub(crate) fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let entries = entries.into_iter();
    Value::Object(
        entries
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

/// The schema of a list.
pub(crate) fn list_of(items: Value) -> Value {
    object([("type", "array".into()), ("items", items)])
}

/// The schema of an object with these fields.
pub(crate) fn object_of(properties: Map<String, Value>) -> Value {
    object([("type", "object".into()), ("properties", properties.into())])
}

/// The schema of a value that may be null.
pub(crate) fn or_null(schema: Value) -> Value {
    object([("anyOf", vec![schema, json!({"type": "null"})].into())])
}

/// How many of the documented values a field's description lists at most.
const MAX_SHOWN: usize = 8;

impl Form {
    /// Its JSON schema. `nullable` means that AWS may leave the value out; lists and maps are then empty
    /// instead of null.
    #[must_use]
    pub fn schema(&self, nullable: bool) -> Value {
        match self {
            Form::Object(object) => maybe_null(object.schema(), nullable),
            Form::List(item) => list_of(item.schema(false)),
            Form::Map(value) => object([
                ("type", "object".into()),
                ("additionalProperties", value.schema(false)),
            ]),
            Form::Scalar(scalar) => scalar_schema(*scalar, nullable),
            Form::Attributes(Attributes { fields, .. }) | Form::Json(fields) => {
                maybe_null(attributes(fields), nullable)
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
            return maybe_null(json!({"type": "string", "format": "date-time"}), nullable);
        }
    };
    if nullable {
        json!({"type": [name, "null"]})
    } else {
        json!({"type": name})
    }
}

fn maybe_null(schema: Value, nullable: bool) -> Value {
    if nullable { or_null(schema) } else { schema }
}

fn attributes(fields: &[Attribute]) -> Value {
    let properties = fields.iter().map(|field| {
        let mut schema = field.form.schema(!field.always);
        describe(&mut schema, format!("`{}`.", field.key));
        (field.name.clone(), schema)
    });
    object_of(properties.collect())
}

impl ObjectForm {
    fn schema(&self) -> Value {
        object_of(self.properties())
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
