//! Example documents: a few fields, completed from the kind's schema.

use super::types::nearest;
use crate::model::shape::{Shape, Type};
use crate::model::{Document, Part, Resource, Tags};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Completes an example: fields it leaves out are `null` where AWS may leave them out, empty where
/// they are lists or tags, and otherwise missing, which is reported if a check reads them.
///
/// # Errors
/// Every field that the kind does not have or whose value does not fit, as path and message.
pub fn document(
    kind: &str,
    shape: &Shape,
    given: &Map<String, Value>,
    now: Timestamp,
) -> Result<Document, Vec<(Vec<String>, String)>> {
    let mut problems = Vec::new();
    let mut given = given.clone();
    for (name, value) in [
        ("id", "example"),
        ("name", "example"),
        ("account", "111122223333"),
        ("region", "eu-west-1"),
    ] {
        given.entry(name).or_insert_with(|| Value::from(value));
    }
    let completed = complete(
        shape,
        Value::Object(given),
        now,
        &mut Vec::new(),
        &mut problems,
    );
    if !problems.is_empty() {
        return Err(problems);
    }
    let Value::Object(mut fields) = completed else {
        return Err(vec![(
            Vec::new(),
            "an example is a map of fields".to_owned(),
        )]);
    };
    fields.remove("kind");
    let text = |name: &str| {
        fields
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let tags: Tags = fields
        .get("tags")
        .and_then(|t| serde_json::from_value(t.clone()).ok())
        .unwrap_or_default();
    let resource = Resource {
        kind: kind.to_owned(),
        id: text("id"),
        arn: fields
            .get("arn")
            .and_then(Value::as_str)
            .map(ToOwned::to_owned),
        name: text("name"),
        account: text("account"),
        region: text("region"),
        tags: Part::Read(tags),
    };
    Ok(Document {
        resource,
        fields,
        gaps: BTreeMap::new(),
    })
}

fn complete(
    shape: &Shape,
    value: Value,
    now: Timestamp,
    path: &mut Vec<String>,
    problems: &mut Vec<(Vec<String>, String)>,
) -> Value {
    if value.is_null() && shape.nullable {
        return value;
    }
    match (&shape.ty, value) {
        (Type::Object(fields), Value::Object(given)) => {
            let mut completed = Map::new();
            for (name, value) in given {
                path.push(name.clone());
                if let Some(shape) = fields.get(&name) {
                    let value = complete(shape, value, now, path, problems);
                    completed.insert(name, value);
                } else {
                    let near = nearest(&name, fields.keys().map(String::as_str));
                    let hint = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
                    problems.push((path.clone(), format!("there is no field `{name}`{hint}")));
                }
                path.pop();
            }
            for (name, shape) in fields.iter() {
                if let (false, Some(value)) = (completed.contains_key(name), left_out(shape)) {
                    completed.insert(name.clone(), value);
                }
            }
            Value::Object(completed)
        }
        (Type::List(item), Value::Array(values)) => values
            .into_iter()
            .enumerate()
            .map(|(index, value)| {
                path.push(index.to_string());
                let value = complete(item, value, now, path, problems);
                path.pop();
                value
            })
            .collect(),
        (Type::Timestamp, Value::String(text)) => {
            if let Some(moment) = moment(&text, now) {
                return Value::from(moment.to_string());
            }
            problems.push((
                path.clone(),
                format!("`{text}` is not a timestamp such as -30d"),
            ));
            Value::Null
        }
        (ty, value) => {
            if !fits(ty, &value) {
                problems.push((path.clone(), format!("a {ty} is needed here")));
            }
            value
        }
    }
}

fn left_out(shape: &Shape) -> Option<Value> {
    match shape.ty {
        _ if shape.nullable => Some(Value::Null),
        Type::List(_) => Some(Value::Array(Vec::new())),
        Type::Map(_) => Some(Value::Object(Map::new())),
        _ => None,
    }
}

fn fits(ty: &Type, value: &Value) -> bool {
    match ty {
        Type::Bool => value.is_boolean(),
        Type::Int => value.is_i64(),
        Type::Float => value.is_number(),
        Type::String => value.is_string(),
        Type::Map(_) => value.is_object(),
        Type::Opaque | Type::Any => true,
        Type::Null => value.is_null(),
        Type::Timestamp | Type::List(_) | Type::Object(_) => false,
    }
}

/// `-30d`, `+12h` and `-5m` from now, or RFC 3339.
fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.strip_prefix('+').unwrap_or(number).parse().ok()?;
    let hours = match unit {
        "d" => number.checked_mul(24)?,
        "h" => number,
        "m" => {
            return now
                .checked_add(SignedDuration::from_secs(number.checked_mul(60)?))
                .ok();
        }
        _ => return None,
    };
    now.checked_add(SignedDuration::from_secs(hours.checked_mul(3_600)?))
        .ok()
}
