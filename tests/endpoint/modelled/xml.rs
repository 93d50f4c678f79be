//! XML, as the query protocol and REST XML write answers.

use super::output::moment;
use serde_json::Value;
use sixpillars::kinds::model::{Member, ServiceModel, ShapeKind, TimestampFormat};
use std::fmt::Write;

/// Escapes what XML gives a meaning. Control characters are written as numbers, as AWS does.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            c if c.is_control() => {
                let _ = write!(escaped, "&#x{:X};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// The members of a structure, one element for each; what the model does not know as text.
pub(super) fn members(xml: &mut String, model: &ServiceModel, of: &[Member], value: &Value) {
    for (name, value) in value.as_object().into_iter().flatten() {
        match of.iter().find(|member| member.name == *name) {
            Some(member) if member.location.is_none() => element(xml, model, member, value),
            Some(_) => {}
            None => _ = write!(xml, "<{name}>{}</{name}>", escape(&value.to_string())),
        }
    }
}

/// A member.
pub(super) fn element(xml: &mut String, model: &ServiceModel, member: &Member, value: &Value) {
    let shape = model.shape(member.shape);
    let name = member.wire_name.as_deref().unwrap_or(&member.name);
    let flattened = member.flattened || shape.flattened;
    match (&shape.kind, value) {
        (_, Value::Null) => {}
        (ShapeKind::List(item), Value::Array(items)) => {
            let mut item = item.clone();
            if flattened {
                item.wire_name = Some(name.to_owned());
            } else {
                item.wire_name.get_or_insert_with(|| "member".to_owned());
            }
            within(xml, name, !flattened, |xml| {
                for value in items {
                    element(xml, model, &item, value);
                }
            });
        }
        (ShapeKind::Map { key, value: of }, Value::Object(entries)) => {
            let named = |member: &Member, name: &str| {
                let mut member = member.clone();
                member.wire_name.get_or_insert_with(|| name.to_owned());
                member
            };
            let (key, of) = (named(key, "key"), named(of, "value"));
            within(xml, name, !flattened, |xml| {
                for (entry, value) in entries {
                    let tag = if flattened { name } else { "entry" };
                    within(xml, tag, true, |xml| {
                        element(xml, model, &key, &Value::from(entry.as_str()));
                        element(xml, model, &of, value);
                    });
                }
            });
        }
        (ShapeKind::Structure(structure), value) => {
            within(xml, name, true, |xml| {
                members(xml, model, &structure.members, value);
            });
        }
        (ShapeKind::Timestamp, Value::String(text)) => {
            let format = member.timestamp_format.or(shape.timestamp_format);
            let text = moment(text, format.unwrap_or(TimestampFormat::DateTime));
            let text = text
                .as_str()
                .map_or_else(|| text.to_string(), ToOwned::to_owned);
            within(xml, name, true, |xml| *xml += &escape(&text));
        }
        (_, Value::String(text)) => within(xml, name, true, |xml| *xml += &escape(text)),
        (_, value) => within(xml, name, true, |xml| *xml += &value.to_string()),
    }
}

/// What is written between the tags of an element, or without them.
pub(super) fn within(xml: &mut String, name: &str, tags: bool, fill: impl FnOnce(&mut String)) {
    if tags {
        let _ = write!(xml, "<{name}>");
    }
    fill(xml);
    if tags {
        let _ = write!(xml, "</{name}>");
    }
}
