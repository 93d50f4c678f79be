//! Validates one value against a JSON schema, without its contents.

use super::{Node, Tree};
use serde_json::Value;

/// Whether the schema allows the type of the value, without its contents.
pub(super) fn fits(node: &Node, schema: &Value) -> bool {
    if is_enumeration(schema) {
        return matches!(&node.value, Tree::Scalar { value, .. } if !value.is_null());
    }
    let Some(types) = types(schema) else {
        return true;
    };
    types.iter().any(|wanted| match (&node.value, *wanted) {
        (Tree::List(_), "array") | (Tree::Map(_), "object") => true,
        (Tree::Scalar { value, .. }, wanted) => match wanted {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "string" => value.is_string() || (!value.is_null() && is_text_only(schema)),
            _ => false,
        },
        _ => false,
    })
}

/// Whether it is a choice of names.
pub(super) fn is_enumeration(schema: &Value) -> bool {
    schema.get("const").is_some() || schema.get("enum").is_some() || {
        let branches = schema.get("oneOf").and_then(Value::as_array);
        branches.is_some_and(|branches| branches.iter().all(|b| b.get("const").is_some()))
    }
}

/// What the schema wants, in words.
pub(super) fn describe(schema: &Value) -> String {
    if is_enumeration(schema) {
        return "a name".to_owned();
    }
    let Some(types) = types(schema) else {
        return "anything".to_owned();
    };
    let names: Vec<&str> = types
        .iter()
        .filter(|name| types.len() == 1 || **name != "null")
        .map(|name| match *name {
            "null" => "nothing",
            "boolean" => "true or false",
            "integer" => "a whole number",
            "number" => "a number",
            "array" => "a list",
            "object" => "a map",
            _ => "text",
        })
        .collect();
    names.join(" or ")
}

/// The types that a schema allows; `None` when it does not say.
pub(super) fn types(schema: &Value) -> Option<Vec<&str>> {
    match schema.get("type")? {
        Value::String(one) => Some(vec![one]),
        Value::Array(several) => Some(several.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}

/// Whether text is the only scalar that the schema allows, null aside.
pub(super) fn is_text_only(schema: &Value) -> bool {
    types(schema).is_some_and(|types| {
        types.contains(&"string")
            && !types
                .iter()
                .any(|name| matches!(*name, "boolean" | "integer" | "number"))
    })
}

/// What is wrong with text, and what would be right.
pub(super) fn text_problem(raw: &str, schema: &Value) -> Option<(String, Option<String>)> {
    let format = schema.get("format").and_then(Value::as_str);
    if format == Some("date") && raw.parse::<jiff::civil::Date>().is_err() {
        let help = "write it as 2027-03-31".to_owned();
        return Some((format!("`{raw}` is not a date"), Some(help)));
    }
    if raw.trim().is_empty() && schema.get("minLength").is_some() {
        return Some(("must not be empty".to_owned(), None));
    }
    None
}

/// What is wrong with a number.
pub(super) fn bounds_problem(raw: &str, value: &Value, schema: &Value) -> Option<String> {
    let number = value.as_f64()?;
    let least = schema.get("minimum").and_then(Value::as_f64);
    let most = schema.get("maximum").and_then(Value::as_f64);
    if least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most) {
        return None;
    }
    let bounds = match (least, most) {
        (Some(least), Some(most)) => format!("between {least} and {most}"),
        (Some(least), None) => format!("at least {least}"),
        _ => format!("at most {}", most.unwrap_or_default()),
    };
    Some(format!("{raw} must be {bounds}"))
}

/// What the author probably meant.
pub(super) fn hint(node: &Node, schema: &Value) -> Option<String> {
    let wanted = types(schema)?;
    let Tree::Scalar { raw, value } = &node.value else {
        return None;
    };
    if wanted.contains(&"boolean") {
        return match raw.to_ascii_lowercase().as_str() {
            "yes" | "on" => Some("write `true`".to_owned()),
            "no" | "off" => Some("write `false`".to_owned()),
            _ => None,
        };
    }
    match (wanted.contains(&"array"), value.is_null()) {
        (true, false) => Some(format!("write a list: `[{raw}]`")),
        (true, true) => Some("remove the key, or write `[]`".to_owned()),
        (false, true) if wanted.contains(&"object") => {
            Some("remove the key, or write `{}`".to_owned())
        }
        _ => None,
    }
}
