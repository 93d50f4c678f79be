//! From a tree with positions to a Rust type. The tree is validated against the type's JSON schema
//! first, so that every misspelt key, missing key and wrong type is reported with its position, and
//! not only the first.

use super::{Document, Node, Pos, Problem, Tree, did_you_mean, schema};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A decoded file: its value, and the tree with positions.
pub type Decoded<T> = Result<T, Vec<Problem>>;

/// The document as a `T`.
///
/// If the type is text, numbers and booleans are taken as text, as written: an account id needs no
/// quotes, and keeps its leading zero.
///
/// # Errors
/// Every place where the document does not fit the JSON schema of `T`.
pub fn decode<T: JsonSchema + DeserializeOwned + 'static>(document: &Document) -> Decoded<T> {
    match decode_partial(document) {
        (Some(value), problems) if problems.is_empty() => Ok(value),
        (_, problems) => Err(problems),
    }
}

/// The document as a `T` without the invalid keys, and all problems. The value can be checked
/// further, so that one misspelt key does not hide other problems; it is `None` if a required key
/// is invalid.
pub fn decode_partial<T: JsonSchema + DeserializeOwned + 'static>(
    document: &Document,
) -> (Option<T>, Vec<Problem>) {
    let schema = schema_of::<T>();
    let (value, mut problems) = check(&document.name, &document.root, &schema);
    match value.map(serde_json::from_value) {
        Some(Ok(value)) => return (Some(value), problems),
        // Reached only if a type's deserialiser is stricter than its schema.
        Some(Err(error)) if problems.is_empty() => {
            let at = document.root.at;
            problems.push(Problem::new(&document.name, at, error.to_string()));
        }
        Some(Err(_)) | None => {}
    }
    (None, problems)
}

/// The schema of a type, generated once: there are hundreds of checks, all of one type.
fn schema_of<T: JsonSchema + 'static>() -> Arc<Value> {
    static KNOWN: Mutex<BTreeMap<TypeId, Arc<Value>>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || Arc::new(schemars::schema_for!(T).to_value());
    Arc::clone(known.entry(TypeId::of::<T>()).or_insert_with(make))
}

/// A part of a document as JSON, validated against a JSON schema (as schemars writes them; `$ref`
/// into the schema's own `$defs`).
///
/// # Errors
/// Every place where it does not fit.
pub fn decode_node(file: &str, node: &Node, schema: &Value) -> Decoded<Value> {
    match check(file, node, schema) {
        (Some(value), problems) if problems.is_empty() => Ok(value),
        (_, problems) => Err(problems),
    }
}

fn check(file: &str, node: &Node, schema: &Value) -> (Option<Value>, Vec<Problem>) {
    let mut checker = Checker {
        file,
        defs: schema.get("$defs").and_then(Value::as_object),
        problems: Vec::new(),
    };
    let value = checker.check(node, schema);
    checker.problems.sort();
    checker.problems.dedup();
    (value, checker.problems)
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
        // Bounded: our definitions never refer to themselves without an object between.
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

    /// The value as JSON; `None` if it is invalid. All problems are collected.
    fn check(&mut self, node: &Node, schema: &'a Value) -> Option<Value> {
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
            let mut value = Some(node.to_json());
            for part in all {
                value = self.check(node, part);
            }
            return value;
        }
        if !schema::fits(node, schema) {
            let wanted = schema::describe(schema);
            let message = format!("expected {wanted}, found {}", node.describe());
            self.problem(node.at, message, schema::hint(node, schema));
            return None;
        }
        match &node.value {
            Tree::Scalar { raw, value } => self.scalar(node, raw, value, schema),
            Tree::List(items) => {
                let item_schema = schema.get("items").unwrap_or(&Value::Bool(true));
                let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
                if (items.len() as u64) < least {
                    self.problem(node.at, "the list is empty".to_owned(), None);
                }
                // Every item is checked, also after an invalid one.
                let items: Vec<Option<Value>> = items
                    .iter()
                    .map(|item| self.check(item, item_schema))
                    .collect();
                items
                    .into_iter()
                    .collect::<Option<Vec<Value>>>()
                    .map(Value::Array)
            }
            Tree::Map(_) => self.map(node, schema),
        }
    }

    /// The map without its invalid entries; `None` if one of them is required.
    fn map(&mut self, node: &Node, schema: &'a Value) -> Option<Value> {
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
            if let Some(value) = self.check(&entry.value, own.unwrap_or(others)) {
                object.insert(entry.key.clone(), value);
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        let mut complete = true;
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            complete &= object.contains_key(name);
            if node.entry(name).is_none() {
                self.problem(node.at, format!("`{name}` is missing"), None);
            }
        }
        complete.then_some(Value::Object(object))
    }

    fn scalar(&mut self, node: &Node, raw: &str, value: &Value, schema: &Value) -> Option<Value> {
        if value.is_null() {
            return Some(Value::Null);
        }
        if schema::is_text_only(schema) {
            if let Some((message, help)) = schema::text_problem(raw, schema) {
                self.problem(node.at, message, help);
                return None;
            }
            return Some(Value::String(raw.to_owned()));
        }
        if let Some(message) = schema::bounds_problem(raw, value, schema) {
            self.problem(node.at, message, None);
            return None;
        }
        Some(value.clone())
    }

    /// The names of an enumeration, if the schema is one.
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

    fn one_of_names(&mut self, node: &Node, names: &[&str]) -> Option<Value> {
        let Tree::Scalar { raw: given, .. } = &node.value else {
            let wanted = format!("one of {}", names.join(", "));
            let message = format!("expected {wanted}, found {}", node.describe());
            self.problem(node.at, message, None);
            return None;
        };
        if !names.contains(&given.as_str()) {
            let message = format!("`{given}` is not one of {}", names.join(", "));
            let near = super::suggest(given, names.iter().copied());
            let help = near.map(|near| format!("did you mean `{near}`?"));
            self.problem(node.at, message, help);
            return None;
        }
        Some(Value::String(given.clone()))
    }

    /// The branch that matches; if none does, the problems of the closest one.
    fn one_of(&mut self, node: &Node, branches: &'a [Value]) -> Option<Value> {
        let fitting: Vec<&Value> = branches
            .iter()
            .filter(|branch| schema::fits(node, self.resolve(branch)))
            .collect();
        if fitting.is_empty() {
            let wanted: Vec<String> = branches
                .iter()
                .map(|branch| schema::describe(self.resolve(branch)))
                .filter(|wanted| wanted != "nothing")
                .collect();
            let message = format!(
                "expected {}, found {}",
                wanted.join(" or "),
                node.describe()
            );
            self.problem(node.at, message, None);
            return None;
        }
        let mut best: Option<(Option<Value>, Vec<Problem>)> = None;
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
    fn what_fits_is_there_to_look_for_further_problems() {
        let partial = |text: &str| {
            let document = Document::parse("s.yaml", text).unwrap();
            decode_partial::<Sample>(&document)
        };
        let (sample, problems) = partial("name: x\nnmae: y\nlevel: hihg\naccounts: [a, [b]]\n");
        let sample = sample.unwrap();
        assert_eq!((sample.name.as_str(), sample.level), ("x", None));
        assert_eq!(problems.len(), 3);
        let (sample, problems) = partial("level: hihg\n");
        assert_eq!((sample, problems.len()), (None, 2));
    }

    #[test]
    fn nothing_is_nothing_and_no_text() {
        assert_eq!(
            read("name: x\nany:\nlevel: ~\nuntil:\n").unwrap().until,
            None
        );
        assert_eq!(
            read("name:\n").unwrap_err()[0].message,
            "expected text, found nothing"
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
