//! Reads AWS's answers by a form.

use super::types::{Attribute, Attributes, Field, Form, ObjectForm, SECRETS, SecretForm};
use crate::kinds::file::ScalarName;
use crate::model::kinds::secret::SecretFinding;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// An answer that does not have the form that AWS documents: the path of the missing or wrong member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub String);

/// Finds secrets in a text, or says that it cannot be searched.
pub type Search<'a> = &'a (dyn Fn(&str) -> Result<Vec<SecretFinding>, Malformed> + Sync);

impl Form {
    /// What is kept of an answer. Consumes the answer, so that the rest of it cannot be used.
    ///
    /// # Errors
    /// [`Malformed`], if a required member is missing or a value does not have its form.
    pub fn read(&self, value: Value, search: Search<'_>) -> Result<Value, Malformed> {
        match (self, value) {
            (Form::List(_), Value::Null) => Ok(Value::Array(Vec::new())),
            (Form::Map(_), Value::Null) => Ok(Value::Object(Map::new())),
            (Form::Secret(_), value) => Ok(self.names(&value)),
            (_, Value::Null) => Ok(Value::Null),
            (Form::Object(object), Value::Object(members)) => {
                object.read(members, search).map(Value::Object)
            }
            (Form::List(item), Value::Array(items)) => {
                let items = items.into_iter().filter(|item| !item.is_null());
                let read = items.map(|value| item.read(value, search));
                Ok(Value::Array(read.collect::<Result<_, _>>()?))
            }
            (Form::Map(each), Value::Object(members)) => {
                let read = members.into_iter().filter(|(_, value)| !value.is_null());
                let read = read.map(|(name, value)| Ok((name, each.read(value, search)?)));
                Ok(Value::Object(read.collect::<Result<_, _>>()?))
            }
            (Form::Scalar(scalar), value) => scalar_of(*scalar, value),
            (Form::Attributes(attributes), value) => attributes.read(value),
            (Form::Json(fields), Value::String(text)) => {
                let json: Value = serde_json::from_str(&text).map_err(|_| malformed_value())?;
                let Value::Object(members) = json else {
                    return Err(malformed_value());
                };
                by_key(fields, members)
            }
            _ => Err(malformed_value()),
        }
    }

    /// What is kept of a value that may hold secrets: its names, never its values.
    fn names(&self, value: &Value) -> Value {
        match (self, value) {
            (Form::Secret(SecretForm::Map), Value::Object(members)) => {
                let mut names: Vec<&str> = members.keys().map(String::as_str).collect();
                names.sort_unstable();
                names.into_iter().map(Value::from).collect()
            }
            (Form::Secret(SecretForm::Pairs(key, _)), Value::Array(items)) => {
                let mut names: Vec<&str> =
                    items.iter().filter_map(|i| i.get(key)?.as_str()).collect();
                names.sort_unstable();
                names.into_iter().map(Value::from).collect()
            }
            (Form::Secret(SecretForm::Map | SecretForm::Pairs(..)), _) => Value::Array(Vec::new()),
            _ => Value::Null,
        }
    }
}

/// The value itself is wrong.
fn malformed_value() -> Malformed {
    Malformed(String::new())
}

impl Malformed {
    /// The same, with the path extended by the enclosing member.
    #[must_use]
    pub fn in_member(self, name: &str) -> Self {
        match self.0.as_str() {
            "" => Self(name.to_owned()),
            rest => Self(format!("{name}.{rest}")),
        }
    }
}

impl ObjectForm {
    /// What is kept of a structure's members.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn read(
        &self,
        mut members: Map<String, Value>,
        search: Search<'_>,
    ) -> Result<Map<String, Value>, Malformed> {
        let mut fields = Map::new();
        let mut secrets = Vec::new();
        for (path, field) in &self.named {
            let value = field.empty_text_to_null(at_path(&members, path));
            if value.is_null() && field.always {
                return Err(Malformed(field.api.clone()));
            }
            let read = field.form.read(value, search);
            let read = read.map_err(|e| e.in_member(&field.api))?;
            fields.insert(field.name.clone(), read);
        }
        for field in &self.fields {
            let value = members.remove(&field.api).unwrap_or(Value::Null);
            let container = matches!(field.form, Form::List(_) | Form::Map(_) | Form::Secret(_));
            if value.is_null() && field.always && !container {
                return Err(Malformed(field.api.clone()));
            }
            if let Form::Secret(form) = &field.form {
                let found = form.search(&value, search);
                secrets.extend(found.map_err(|e| e.in_member(&field.api))?);
                if *form == SecretForm::Text {
                    continue;
                }
            }
            let value = field.empty_text_to_null(value);
            let read = field
                .form
                .read(value, search)
                .map_err(|e| e.in_member(&field.api))?;
            fields.insert(field.name.clone(), read);
        }
        if self.has_secrets() {
            fields.insert(SECRETS.to_owned(), Value::Array(secrets));
        }
        Ok(fields)
    }
}

impl Field {
    /// Makes an empty text null: AWS sends one for an unset value, or leaves the value out.
    fn empty_text_to_null(&self, value: Value) -> Value {
        let is_scalar = matches!(self.form, Form::Scalar(_));
        match value {
            Value::String(text) if text.is_empty() && is_scalar && !self.always => Value::Null,
            value => value,
        }
    }
}

/// The value at a path of members; a list of values if the path leads through a list.
fn at_path(members: &Map<String, Value>, path: &[String]) -> Value {
    fn below(value: &Value, path: &[String]) -> Value {
        match (value, path) {
            (value, []) => value.clone(),
            (Value::Array(items), path) => {
                let found = items.iter().map(|item| below(item, path));
                Value::Array(found.filter(|found| !found.is_null()).collect())
            }
            (Value::Object(members), path) => at_path(members, path),
            _ => Value::Null,
        }
    }
    let Some((first, rest)) = path.split_first() else {
        return Value::Null;
    };
    members
        .get(first)
        .map_or(Value::Null, |value| below(value, rest))
}

impl SecretForm {
    /// What looks like a secret in a value.
    fn search(&self, value: &Value, search: Search<'_>) -> Result<Vec<Value>, Malformed> {
        let mut found = Vec::new();
        let mut malformed = None;
        let mut add = |variable: Option<&str>, text: &str| {
            // With its name, as in a shell: rules look for `PASSWORD=…`.
            let line = variable.map_or_else(|| text.to_owned(), |name| format!("{name}={text}"));
            match search(&line) {
                Ok(secrets) => found.extend(secrets.into_iter().map(|secret| {
                    json!({"variable": variable, "rule": secret.rule, "line": secret.line,
                        "length": secret.length})
                })),
                Err(odd) => malformed = Some(odd),
            }
        };
        match (self, value) {
            (Self::Map, Value::Object(members)) => {
                for (name, value) in members {
                    texts(value, &mut |text| add(Some(name), text));
                }
            }
            (Self::Pairs(key, of), Value::Array(items)) => {
                for item in items {
                    let name = item.get(key).and_then(Value::as_str);
                    if let Some(value) = item.get(of) {
                        texts(value, &mut |text| add(name, text));
                    }
                }
            }
            (_, value) => texts(value, &mut |text| add(None, text)),
        }
        malformed.map_or(Ok(found), Err)
    }
}

fn texts(value: &Value, each: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, each)),
        Value::Object(members) => members.values().for_each(|member| texts(member, each)),
        _ => {}
    }
}

impl Attributes {
    fn read(&self, value: Value) -> Result<Value, Malformed> {
        let members = match (&self.pair, value) {
            (None, Value::Object(members)) => members,
            (Some((key, of)), Value::Array(items)) => {
                let pair = |item: Value| {
                    let Value::Object(mut item) = item else {
                        return None;
                    };
                    let Some(Value::String(key)) = item.remove(key) else {
                        return None;
                    };
                    Some((key, item.remove(of).unwrap_or(Value::Null)))
                };
                items.into_iter().filter_map(pair).collect()
            }
            _ => return Err(malformed_value()),
        };
        by_key(&self.fields, members)
    }
}

fn by_key(fields: &[Attribute], mut members: Map<String, Value>) -> Result<Value, Malformed> {
    let mut read = Map::new();
    for field in fields {
        let value = members.remove(&field.key).unwrap_or(Value::Null);
        // AWS writes an unset attribute as an empty text.
        let value = match &field.form {
            Form::Scalar(ScalarName::Text) if field.always => value,
            _ if value.as_str() == Some("") => Value::Null,
            _ => value,
        };
        if value.is_null() && field.always {
            return Err(Malformed(field.key.clone()));
        }
        let value = field
            .form
            .read(value, &|_| Ok(Vec::new()))
            .map_err(|e| e.in_member(&field.key))?;
        read.insert(field.name.clone(), value);
    }
    Ok(Value::Object(read))
}

#[expect(
    clippy::match_same_arms,
    reason = "one arm for each combination of form and value"
)]
fn scalar_of(scalar: ScalarName, value: Value) -> Result<Value, Malformed> {
    Ok(match (scalar, value) {
        (ScalarName::Text, value @ Value::String(_))
        | (ScalarName::Boolean, value @ Value::Bool(_))
        | (ScalarName::Number, value @ Value::Number(_)) => value,
        (ScalarName::Text, Value::Number(number)) => Value::String(number.to_string()),
        (ScalarName::Text, Value::Bool(truth)) => Value::String(truth.to_string()),
        // Amazon OpenSearch Service writes a missing policy as an empty text.
        (ScalarName::Policy | ScalarName::Json, Value::String(text)) if text.is_empty() => {
            Value::Null
        }
        (ScalarName::Policy, Value::String(text)) => Value::String(plain(text)),
        (ScalarName::Json, Value::String(text)) => {
            serde_json::from_str(&plain(text)).map_err(|_| malformed_value())?
        }
        (ScalarName::Json, value) => value,
        (ScalarName::Boolean, Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" | "enabled" => Value::Bool(true),
            "false" | "0" | "no" | "off" | "disabled" => Value::Bool(false),
            _ => return Err(malformed_value()),
        },
        (ScalarName::Integer, Value::Number(number)) if number.as_i64().is_some() => {
            Value::Number(number)
        }
        (ScalarName::Integer, Value::String(text)) => {
            Value::from(text.trim().parse::<i64>().map_err(|_| malformed_value())?)
        }
        (ScalarName::Number, Value::String(text)) => {
            let number: f64 = text.trim().parse().map_err(|_| malformed_value())?;
            serde_json::Number::from_f64(number)
                .map(Value::Number)
                .ok_or_else(malformed_value)?
        }
        (ScalarName::Time, Value::String(text)) => {
            Value::String(time(&text).ok_or_else(malformed_value)?.to_string())
        }
        (ScalarName::Seconds, value) => moment(&value, 1_000.0)?,
        (ScalarName::Milliseconds, value) => moment(&value, 1.0)?,
        _ => return Err(malformed_value()),
    })
}

/// Decodes URL-encoded JSON, which begins with `%7B`.
fn plain(text: String) -> String {
    let encoded = text
        .trim_start()
        .get(..3)
        .is_some_and(|start| start.eq_ignore_ascii_case("%7b"));
    if encoded {
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    } else {
        text
    }
}

/// RFC 3339, and the ISO 8601 that some services write: `2026-01-31T12:00:00.000+0000`, or a day alone.
fn time(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    if let Ok(moment) = Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text) {
        return Some(moment);
    }
    let day: jiff::civil::Date = text.parse().ok()?;
    Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// A time in units since 1970, written as a number or as text. `milliseconds` is the length of a unit.
fn moment(value: &Value, milliseconds: f64) -> Result<Value, Malformed> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let number = number
        .filter(|number: &f64| number.is_finite())
        .ok_or_else(malformed_value)?;
    #[allow(clippy::cast_possible_truncation, reason = "out of range is no moment")]
    let moment = Timestamp::from_millisecond((number * milliseconds) as i64)
        .map_err(|_| malformed_value())?;
    Ok(Value::String(moment.to_string()))
}

/// Tags, as any service writes them: a map, or a list of keys and values.
///
/// # Errors
/// [`Malformed`], if it is neither.
pub fn tags(value: &Value) -> Result<BTreeMap<String, String>, Malformed> {
    match value {
        Value::Null => Ok(BTreeMap::new()),
        Value::Object(members) => {
            let pair =
                |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
            Ok(members.iter().filter_map(pair).collect())
        }
        Value::Array(items) => {
            let pair = |item: &Value| {
                let member =
                    |names: [&str; 4]| names.iter().find_map(|name| item.get(name)?.as_str());
                let key = member(["Key", "key", "TagKey", "tagKey"])?;
                // A tag may have no value.
                let value = member(["Value", "value", "TagValue", "tagValue"]).unwrap_or_default();
                Some((key.to_owned(), value.to_owned()))
            };
            items
                .iter()
                .map(|item| pair(item).ok_or_else(malformed_value))
                .collect()
        }
        _ => Err(malformed_value()),
    }
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
