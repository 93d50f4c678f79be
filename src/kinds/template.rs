//! Inputs of calls: JSON in which variables such as `$id` stand for values of a resource.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A value with variables.
#[derive(Debug, Clone, PartialEq)]
pub enum Template {
    /// Nothing to fill in.
    Fixed(Value),
    /// A variable alone; its value may have any type.
    Variable(String),
    /// Text with variables in it.
    Text(Vec<Piece>),
    /// Items.
    List(Vec<Template>),
    /// Members.
    Object(Vec<(String, Template)>),
}

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Literal text.
    Text(String),
    /// A variable.
    Variable(String),
}

impl Template {
    /// Parses the variables in a value. `$$` is a dollar sign.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::text(text),
            Value::Array(items) if items.iter().any(has_variable) => {
                Self::List(items.iter().map(Self::of).collect())
            }
            Value::Object(members) if members.values().any(has_variable) => Self::object(members),
            fixed => Self::Fixed(fixed.clone()),
        }
    }

    /// The template of a call's input.
    #[must_use]
    pub fn object(members: &Map<String, Value>) -> Self {
        let each = members
            .iter()
            .map(|(name, value)| (name.clone(), Self::of(value)));
        Self::Object(each.collect())
    }

    /// The template of a text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let mut pieces = pieces(text);
        match pieces.as_mut_slice() {
            [] => Self::Fixed(Value::String(String::new())),
            [Piece::Text(text)] => Self::Fixed(Value::String(std::mem::take(text))),
            [Piece::Variable(name)] => Self::Variable(std::mem::take(name)),
            _ => Self::Text(pieces),
        }
    }

    /// The text as a file writes it; empty if the template is not a text.
    #[must_use]
    pub fn source(&self) -> String {
        match self {
            Self::Fixed(Value::String(text)) => text.clone(),
            Self::Variable(name) => format!("${name}"),
            Self::Text(pieces) => {
                let piece = |piece: &Piece| match piece {
                    Piece::Text(text) => text.clone(),
                    Piece::Variable(name) => format!("${name}"),
                };
                pieces.iter().map(piece).collect()
            }
            Self::Fixed(_) | Self::List(_) | Self::Object(_) => String::new(),
        }
    }

    /// The names of its variables.
    #[must_use]
    pub fn variables(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        self.collect(&mut names);
        names
    }

    fn collect<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        match self {
            Self::Fixed(_) => {}
            Self::Variable(name) => {
                names.insert(name);
            }
            Self::Text(pieces) => names.extend(pieces.iter().filter_map(|piece| match piece {
                Piece::Text(_) => None,
                Piece::Variable(name) => Some(name.as_str()),
            })),
            Self::List(items) => items.iter().for_each(|item| item.collect(names)),
            Self::Object(members) => members.iter().for_each(|(_, value)| value.collect(names)),
        }
    }

    /// The value with its variables filled in.
    ///
    /// # Errors
    /// The name of a variable that has no value here.
    pub fn fill(&self, value_of: &dyn Fn(&str) -> Option<Value>) -> Result<Value, String> {
        let known = |name: &String| match value_of(name) {
            Some(value) if !value.is_null() => Ok(value),
            _ => Err(name.clone()),
        };
        Ok(match self {
            Self::Fixed(value) => value.clone(),
            Self::Variable(name) => known(name)?,
            Self::Text(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Text(piece) => text.push_str(piece),
                        Piece::Variable(name) => match known(name)? {
                            Value::String(value) => text.push_str(&value),
                            other => text.push_str(&other.to_string()),
                        },
                    }
                }
                Value::String(text)
            }
            Self::List(items) => {
                let items = items.iter().map(|item| item.fill(value_of));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Self::Object(_) => Value::Object(self.fill_object(value_of)?),
        })
    }

    /// The members of an input with their variables filled in.
    ///
    /// # Errors
    /// The name of a variable that has no value here.
    pub fn fill_object(
        &self,
        value_of: &dyn Fn(&str) -> Option<Value>,
    ) -> Result<Map<String, Value>, String> {
        let Self::Object(members) = self else {
            return Ok(Map::new());
        };
        let filled = |(name, value): &(String, Self)| Ok((name.clone(), value.fill(value_of)?));
        members.iter().map(filled).collect()
    }
}

/// The number of days before the day of the scan, in a variable such as `days_ago_30`.
#[must_use]
pub fn days_ago(name: &str) -> Option<u16> {
    let days = name.strip_prefix("days_ago_")?;
    let plain = days.chars().all(|digit| digit.is_ascii_digit());
    days.parse().ok().filter(|_| plain)
}

fn has_variable(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('$'),
        Value::Array(items) => items.iter().any(has_variable),
        Value::Object(members) => members.values().any(has_variable),
        _ => false,
    }
}

/// Splits text at its variables: `$name`, `$parent.arn`, `${name}`.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            plain.push('$');
            rest = after;
            continue;
        }
        let (name, after) = match rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            Some((name, after)) => (name, after),
            None => rest.split_at(name_length(rest)),
        };
        if name.is_empty() {
            plain.push('$');
            continue;
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
        }
        pieces.push(Piece::Variable(name.to_owned()));
        rest = after;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    pieces
}

/// The length in bytes of the variable's name at the start of a text: words with single dots between them.
fn name_length(text: &str) -> usize {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut length = 0;
    for (at, c) in text.char_indices() {
        let dot =
            c == '.' && at > 0 && text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic());
        if at == 0 && !c.is_ascii_alphabetic() || !(word(c) || dot) {
            break;
        }
        length = at + c.len_utf8();
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
    fn filled(template: Value) -> Result<Value, String> {
        Template::of(&template).fill(&|name| match name {
            "id" => Some(json!("orders")),
            "ids" => Some(json!(["a", "b"])),
            "parent.arn" => Some(json!("arn:aws:ecs:r:1:cluster/c")),
            "Port" => Some(json!(443)),
            _ => None,
        })
    }

    #[test]
    fn variables_are_filled_in_wherever_they_stand() {
        let template = json!({"TableName": "$id", "ids": "$ids", "x": [{"of": "table/$id."}, 1],
            "cluster": "$parent.arn", "port": "$Port", "text": "${id}s:$Port", "dollar": "5 $$id $"});
        let expected = json!({"TableName": "orders", "ids": ["a", "b"], "x": [{"of": "table/orders."}, 1],
            "cluster": "arn:aws:ecs:r:1:cluster/c", "port": 443, "text": "orderss:443", "dollar": "5 $id $"});
        assert_eq!(filled(template), Ok(expected));
        assert_eq!(filled(json!(["$arn"])), Err("arn".to_owned()));
    }

    #[test]
    fn days_are_counted_back() {
        assert_eq!(days_ago("days_ago_30"), Some(30));
        for name in [
            "days_ago_",
            "days_ago_+3",
            "days_ago_70000",
            "today",
            "days_ago_x",
        ] {
            assert_eq!(days_ago(name), None, "{name}");
        }
    }

    #[test]
    fn the_variables_are_known_without_values() {
        let template = Template::of(&json!({"a": "$id/${parent.name}", "b": ["$ids"], "c": "$$x"}));
        let names: Vec<&str> = template.variables().into_iter().collect();
        assert_eq!(names, ["id", "ids", "parent.name"]);
    }
}
