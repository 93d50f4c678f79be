//! From a tree with places to a Rust type: held to the type's JSON schema first, so that every
//! misspelt key, missing key and wrong type is reported with its place, and not only the first.

use super::{Document, Node, Pos, Problem, Tree, did_you_mean};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A decoded file: its value, and the tree to find places in.
pub type Decoded<T> = Result<T, Vec<Problem>>;

/// The document as a `T`.
///
/// Numbers and booleans are taken as text where the type wants text, as written: an account id
/// needs no quotes, and keeps its leading zero.
///
/// # Errors
/// Every place where the document does not fit the JSON schema of `T`.
pub fn decode<T: JsonSchema + DeserializeOwned>(document: &Document) -> Decoded<T> {
    let schema = schemars::schema_for!(T);
    let value = decode_node(&document.name, &document.root, schema.as_value())?;
    serde_json::from_value(value).map_err(|error| {
        // Reached only where a type's own deserialiser is stricter than its schema.
        vec![Problem::new(
            &document.name,
            document.root.at,
            error.to_string(),
        )]
    })
}

/// A part of a document as JSON, held to a JSON schema (as schemars writes them; `$ref` into the
/// schema's own `$defs`).
///
/// # Errors
/// Every place where it does not fit.
pub fn decode_node(file: &str, node: &Node, schema: &Value) -> Decoded<Value> {
    let mut checker = Checker {
        file,
        defs: schema.get("$defs").and_then(Value::as_object),
        problems: Vec::new(),
    };
    let value = checker.check(node, schema);
    if checker.problems.is_empty() {
        return Ok(value);
    }
    checker.problems.sort();
    checker.problems.dedup();
    Err(checker.problems)
}

struct Checker<'a> {
    file: &'a str,
    defs: Option<&'a Map<String, Value>>,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    fn problem(&mut self, at: Pos, message: String, help: Option<String>) {
        self.problems
            .push(Problem::new(self.file, at, message).with_maybe_help(help));
    }

    /// Follows references; `true` and unknown references allow anything.
    fn resolve(&self, mut schema: &'a Value) -> &'a Value {
        // Bounded: a definition of ours never refers to itself without an object between.
        for _ in 0..16 {
            let target = schema
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| reference.strip_prefix("#/$defs/"))
                .and_then(|name| self.defs?.get(name));
            match target {
                Some(next) => schema = next,
                None => break,
            }
        }
        schema
    }

    /// The value as JSON. Problems are noted, and the value is then of no use.
    fn check(&mut self, node: &Node, schema: &'a Value) -> Value {
        let schema = self.resolve(schema);
        if let Some(names) = self.names(schema) {
            return self.one_of_names(node, &names);
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(branches) = schema.get(key).and_then(Value::as_array) {
                return self.one_of(node, branches);
            }
        }
        if let Some(all) = schema.get("allOf").and_then(Value::as_array) {
            let mut value = node.to_json();
            for part in all {
                value = self.check(node, part);
            }
            return value;
        }
        if !self.fits(node, schema) {
            let wanted = self.describe(schema);
            let message = format!("expected {wanted}, found {}", node.describe());
            self.problem(node.at, message, hint(node, schema));
            return Value::Null;
        }
        match &node.value {
            Tree::Scalar { raw, value } => self.scalar(node, raw, value, schema),
            Tree::List(items) => {
                let item_schema = schema.get("items").unwrap_or(&Value::Bool(true));
                let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
                if (items.len() as u64) < least {
                    self.problem(node.at, "the list is empty".to_owned(), None);
                }
                items.iter().map(|i| self.check(i, item_schema)).collect()
            }
            Tree::Map(_) => self.map(node, schema),
        }
    }

    fn map(&mut self, node: &Node, schema: &'a Value) -> Value {
        static ANY: Value = Value::Bool(true);
        let known = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties").unwrap_or(&ANY);
        let mut object = Map::new();
        for entry in node.entries() {
            let own = known.and_then(|known| known.get(&entry.key));
            if own.is_none() && others == &Value::Bool(false) {
                let names = known.into_iter().flat_map(Map::keys).map(String::as_str);
                let help = did_you_mean(&entry.key, names);
                self.problem(entry.key_at, format!("unknown key `{}`", entry.key), help);
                continue;
            }
            let value = self.check(&entry.value, own.unwrap_or(others));
            object.insert(entry.key.clone(), value);
        }
        let required = schema.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if node.entry(name).is_none() {
                self.problem(node.at, format!("`{name}` is missing"), None);
            }
        }
        Value::Object(object)
    }

    fn scalar(&mut self, node: &Node, raw: &str, value: &Value, schema: &Value) -> Value {
        if is_text_only(schema) {
            let format = schema.get("format").and_then(Value::as_str);
            if format == Some("date") && raw.parse::<jiff::civil::Date>().is_err() {
                let message = format!("`{raw}` is not a date");
                self.problem(node.at, message, Some("write it as 2027-03-31".to_owned()));
            }
            if raw.trim().is_empty() && schema.get("minLength").is_some() {
                self.problem(node.at, "must not be empty".to_owned(), None);
            }
            return Value::String(raw.to_owned());
        }
        if let Some(number) = value.as_f64() {
            let least = schema.get("minimum").and_then(Value::as_f64);
            let most = schema.get("maximum").and_then(Value::as_f64);
            if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
                let bounds = match (least, most) {
                    (Some(least), Some(most)) => format!("between {least} and {most}"),
                    (Some(least), None) => format!("at least {least}"),
                    _ => format!("at most {}", most.unwrap_or_default()),
                };
                self.problem(node.at, format!("{raw} must be {bounds}"), None);
            }
        }
        value.clone()
    }

    /// The names of an enumeration, where the schema is one.
    fn names(&self, schema: &'a Value) -> Option<Vec<&'a str>> {
        if let Some(name) = schema.get("const").and_then(Value::as_str) {
            return Some(vec![name]);
        }
        if let Some(names) = schema.get("enum").and_then(Value::as_array) {
            return names.iter().map(Value::as_str).collect();
        }
        let branches = schema.get("oneOf").and_then(Value::as_array)?;
        let names: Option<Vec<_>> = branches
            .iter()
            .map(|branch| self.names(self.resolve(branch)))
            .collect();
        Some(names?.concat())
    }

    fn one_of_names(&mut self, node: &Node, names: &[&str]) -> Value {
        let given = match &node.value {
            Tree::Scalar { raw, .. } => raw.as_str(),
            _ => {
                let wanted = format!("one of {}", names.join(", "));
                let message = format!("expected {wanted}, found {}", node.describe());
                self.problem(node.at, message, None);
                return Value::Null;
            }
        };
        if !names.contains(&given) {
            let message = format!("`{given}` is not one of {}", names.join(", "));
            let near = super::suggest(given, names.iter().copied());
            let help = near.map(|near| format!("did you mean `{near}`?"));
            self.problem(node.at, message, help);
        }
        Value::String(given.to_owned())
    }

    /// The branch that fits; where none does, the problems of the one that comes nearest.
    fn one_of(&mut self, node: &Node, branches: &'a [Value]) -> Value {
        let fitting: Vec<&Value> = branches
            .iter()
            .filter(|branch| self.fits(node, self.resolve(branch)))
            .collect();
        if fitting.is_empty() {
            let wanted: Vec<String> = branches
                .iter()
                .map(|branch| self.describe(self.resolve(branch)))
                .filter(|wanted| wanted != "nothing")
                .collect();
            let message = format!(
                "expected {}, found {}",
                wanted.join(" or "),
                node.describe()
            );
            self.problem(node.at, message, None);
            return Value::Null;
        }
        let mut best: Option<(Value, Vec<Problem>)> = None;
        for branch in fitting {
            let before = std::mem::take(&mut self.problems);
            let value = self.check(node, branch);
            let problems = std::mem::replace(&mut self.problems, before);
            if best.as_ref().is_none_or(|(_, b)| problems.len() < b.len()) {
                best = Some((value, problems));
            }
        }
        let (value, problems) = best.unwrap_or_default();
        self.problems.extend(problems);
        value
    }

    /// Whether the value is of a type that the schema allows; what is inside does not matter here.
    fn fits(&self, node: &Node, schema: &Value) -> bool {
        if self.is_enumeration(schema) {
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

    fn is_enumeration(&self, schema: &Value) -> bool {
        schema.get("const").is_some() || schema.get("enum").is_some() || {
            let branches = schema.get("oneOf").and_then(Value::as_array);
            branches.is_some_and(|branches| branches.iter().all(|b| b.get("const").is_some()))
        }
    }

    fn describe(&self, schema: &Value) -> String {
        if self.is_enumeration(schema) {
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
}

/// The types that a schema allows; `None` when it does not say.
fn types(schema: &Value) -> Option<Vec<&str>> {
    match schema.get("type")? {
        Value::String(one) => Some(vec![one]),
        Value::Array(several) => Some(several.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}

/// Whether text is the only scalar that the schema allows, null aside.
fn is_text_only(schema: &Value) -> bool {
    types(schema).is_some_and(|types| {
        types.contains(&"string")
            && !types
                .iter()
                .any(|name| matches!(*name, "boolean" | "integer" | "number"))
    })
}

/// What the author probably meant.
fn hint(node: &Node, schema: &Value) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: String,
        level: Option<Level>,
        #[serde(default)]
        accounts: Vec<String>,
        #[serde(default)]
        limits: BTreeMap<String, Limit>,
        until: Option<jiff::civil::Date>,
        any: Option<Value>,
    }

    /// One of two.
    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Level {
        /// Not much.
        Low,
        /// Much.
        High,
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Limit {
        days: u32,
        strict: Option<bool>,
    }

    fn read(text: &str) -> Decoded<Sample> {
        decode(&Document::parse("s.yaml", text)?)
    }

    #[test]
    fn a_fitting_file_is_decoded() {
        let text = "name: 7\nlevel: high\naccounts: [012345678901, 'x']\nlimits: {a: {days: 3}}\n\
                    until: 2027-03-31\nany: [1, {x: y}]\n";
        let sample = read(text).unwrap();
        assert_eq!(sample.name, "7");
        assert_eq!(sample.level, Some(Level::High));
        assert_eq!(sample.accounts, ["012345678901", "x"]);
        assert_eq!(sample.limits["a"].days, 3);
        assert_eq!(sample.until, Some(jiff::civil::date(2027, 3, 31)));
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let text = "nmae: x\nlevel: hihg\naccounts: a\nlimits:\n  a: {days: -1, strict: yes}\n  \
                    b: {dasy: 1}\nuntil: soon\n";
        let problems = read(text).unwrap_err();
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "s.yaml:1:1: `name` is missing",
                "s.yaml:1:1: unknown key `nmae`\n  help: did you mean `name`?",
                "s.yaml:2:8: `hihg` is not one of low, high\n  help: did you mean `high`?",
                "s.yaml:3:11: expected a list, found text\n  help: write a list: `[a]`",
                "s.yaml:5:13: -1 must be at least 0",
                "s.yaml:5:25: expected true or false, found text\n  help: write `true`",
                "s.yaml:6:6: `days` is missing",
                "s.yaml:6:7: unknown key `dasy`\n  help: did you mean `days`?",
                "s.yaml:7:8: `soon` is not a date\n  help: write it as 2027-03-31",
            ]
        );
    }

    #[test]
    fn a_file_that_is_no_map_is_said_so() {
        let problems = read("- 1\n").unwrap_err();
        assert_eq!(problems[0].message, "expected a map, found a list");
        assert_eq!(
            read("").unwrap_err()[0].message,
            "expected a map, found nothing"
        );
    }
}
