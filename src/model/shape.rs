//! The types of a kind's fields, read from its JSON schema, so that expressions can be checked
//! before they ever run.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The type of a value in an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// `null` itself.
    Null,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Float,
    /// Text.
    String,
    /// A timestamp as RFC 3339 text; read with `age_days`.
    Timestamp,
    /// A list of one type.
    List(Box<Shape>),
    /// Names that AWS or the user chose, such as tags.
    Map(Box<Shape>),
    /// Fields with known names. Shared, since every use of a resource has all of them.
    Object(Arc<BTreeMap<String, Shape>>),
    /// JSON of no known form; expressions cannot read it.
    Opaque,
    /// The element of an empty list literal: matches every type.
    Any,
}

/// A type, and whether AWS may leave the value out.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// The type when it is there.
    pub ty: Type,
    /// Whether it may be `null`.
    pub nullable: bool,
}

impl Type {
    /// Fields with known names.
    pub fn object(fields: impl IntoIterator<Item = (String, Shape)>) -> Self {
        Self::Object(Arc::new(fields.into_iter().collect()))
    }
}

impl Shape {
    /// A value that is always there.
    #[must_use]
    pub fn of(ty: Type) -> Self {
        Self {
            ty,
            nullable: false,
        }
    }

    /// Reads a JSON schema as `schemars` writes it.
    #[must_use]
    pub fn from_schema(schema: &Value) -> Self {
        let definitions = schema.get("$defs").and_then(Value::as_object);
        read(schema, definitions, 0)
    }

    /// The shape at a path below this one.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Shape> {
        match &self.ty {
            Type::Object(fields) => fields.get(name),
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Null => f.write_str("null"),
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Float => f.write_str("double"),
            Type::String => f.write_str("string"),
            Type::Timestamp => f.write_str("timestamp"),
            Type::List(item) => write!(f, "list of {}", item.ty),
            Type::Map(item) => write!(f, "map of {}", item.ty),
            Type::Object(_) => f.write_str("object"),
            Type::Opaque => f.write_str("opaque JSON"),
            Type::Any => f.write_str("anything"),
        }
    }
}

/// Deeper than the schema of any document; stops at recursive schemas.
const DEEPEST: usize = 24;

fn read(schema: &Value, definitions: Option<&Map<String, Value>>, depth: usize) -> Shape {
    let opaque = Shape::of(Type::Opaque);
    let Some(object) = schema.as_object().filter(|_| depth < DEEPEST) else {
        return opaque;
    };
    let deeper = |schema: &Value| read(schema, definitions, depth + 1);
    if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        return definitions.and_then(|d| d.get(name)).map_or(opaque, deeper);
    }
    if let Some(Value::Array(all)) = object.get("allOf")
        && let [only] = all.as_slice()
    {
        return deeper(only);
    }
    if let Some(Value::Array(any)) = object.get("anyOf").or_else(|| object.get("oneOf")) {
        return either(any, &deeper);
    }
    let (names, nullable) = type_names(object.get("type"));
    let ty = match names.as_slice() {
        ["null"] => Type::Null,
        ["boolean"] => Type::Bool,
        ["integer"] => Type::Int,
        ["number"] => Type::Float,
        ["string"] => match object.get("format").and_then(Value::as_str) {
            Some("date-time") => Type::Timestamp,
            _ => Type::String,
        },
        ["array"] => Type::List(Box::new(
            object.get("items").map_or_else(|| opaque.clone(), deeper),
        )),
        ["object"] => match (object.get("properties"), object.get("additionalProperties")) {
            (Some(Value::Object(properties)), _) => Type::object(
                properties
                    .iter()
                    .map(|(name, schema)| (name.clone(), deeper(schema))),
            ),
            (None, Some(values @ Value::Object(_))) => Type::Map(Box::new(deeper(values))),
            _ => Type::Opaque,
        },
        _ if object.get("const").is_some_and(Value::is_string) || object.contains_key("enum") => {
            Type::String
        }
        _ => Type::Opaque,
    };
    Shape { ty, nullable }
}

/// `anyOf [X, null]` is a nullable `X`; several string constants are a string.
fn either(any: &[Value], deeper: &dyn Fn(&Value) -> Shape) -> Shape {
    let mut shapes: Vec<Shape> = any.iter().map(deeper).collect();
    let before = shapes.len();
    shapes.retain(|s| s.ty != Type::Null);
    let nullable = shapes.len() < before || shapes.iter().any(|s| s.nullable);
    let first = shapes.first().map_or(Type::Null, |s| s.ty.clone());
    let ty = if shapes.iter().all(|s| s.ty == first) {
        first
    } else {
        Type::Opaque
    };
    Shape { ty, nullable }
}

/// The names in `type`, without `null`, and whether `null` was among them.
fn type_names(value: Option<&Value>) -> (Vec<&str>, bool) {
    match value {
        Some(Value::String(one)) => (vec![one], one == "null"),
        Some(Value::Array(many)) => {
            let names: Vec<&str> = many.iter().filter_map(Value::as_str).collect();
            let nullable = names.contains(&"null");
            (
                names.into_iter().filter(|n| *n != "null").collect(),
                nullable,
            )
        }
        _ => (Vec::new(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_what_schemars_writes() {
        let shape = Shape::from_schema(&json!({
            "type": "object",
            "properties": {
                "state": {"type": "string"},
                "iops": {"type": ["integer", "null"]},
                "create_time": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
                "policy": {"allOf": [{"$ref": "#/$defs/Policy"}], "x-part": true},
                "tags": {"type": "object", "additionalProperties": {"type": "string"}},
                "rules": {"type": "array", "items": {"$ref": "#/$defs/Policy"}}
            },
            "$defs": {"Policy": {"type": "object", "properties": {"public": {"type": "boolean"}}}}
        }));
        let field = |name: &str| {
            shape
                .field(name)
                .cloned()
                .unwrap_or(Shape::of(Type::Opaque))
        };
        assert_eq!(field("state"), Shape::of(Type::String));
        assert_eq!(
            field("iops"),
            Shape {
                ty: Type::Int,
                nullable: true
            }
        );
        assert_eq!(
            field("create_time"),
            Shape {
                ty: Type::Timestamp,
                nullable: true
            }
        );
        assert_eq!(
            field("policy").field("public"),
            Some(&Shape::of(Type::Bool))
        );
        assert_eq!(
            field("tags").ty,
            Type::Map(Box::new(Shape::of(Type::String)))
        );
        assert!(matches!(field("rules").ty, Type::List(item) if item.field("public").is_some()));
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let shape = Shape::from_schema(&json!({
            "$ref": "#/$defs/Loop",
            "$defs": {"Loop": {"$ref": "#/$defs/Loop"}}
        }));
        assert_eq!(shape.ty, Type::Opaque);
    }
}
