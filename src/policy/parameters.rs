//! Parameters of checks in a policy, each in the type of its default.

use super::CheckInfo;
use super::load::{Reader, join};
use crate::yaml::{PathSeg, did_you_mean};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

impl Reader<'_> {
    pub(super) fn parameters(
        &mut self,
        path: &[PathSeg],
        given: BTreeMap<String, Map<String, Value>>,
    ) -> BTreeMap<String, Map<String, Value>> {
        let mut parameters = BTreeMap::new();
        for (id, values) in given {
            let at = join(path, id.as_str());
            let Some(check) = self.checks.iter().find(|check| check.id == id) else {
                let problem = self
                    .document
                    .problem_with_key(&at, format!("there is no check `{id}`"));
                let help = did_you_mean(&id, self.ids());
                self.problems.push(problem.with_maybe_help(help));
                continue;
            };
            let values = values
                .into_iter()
                .filter_map(|(name, value)| {
                    let value = self.parameter(check, &join(&at, name.as_str()), &name, value)?;
                    Some((name, value))
                })
                .collect();
            parameters.insert(id, values);
        }
        parameters
    }

    /// A parameter's value in the type of its default.
    fn parameter(
        &mut self,
        check: &CheckInfo<'_>,
        path: &[PathSeg],
        name: &str,
        value: Value,
    ) -> Option<Value> {
        let Some(default) = check.parameters.get(name) else {
            let message = format!("`{}` has no parameter `{name}`", check.id);
            let names = check.parameters.keys().map(String::as_str);
            let problem = self.document.problem_with_key(path, message);
            let help = did_you_mean(name, names);
            self.problems.push(problem.with_maybe_help(help));
            return None;
        };
        let fitted = fit(default, value);
        if fitted.is_none() {
            let message = format!("`{name}` of `{}` must be {}", check.id, describe(default));
            let problem = self.document.problem(path, message);
            self.problems
                .push(problem.with_help(format!("the default is `{default}`")));
        }
        fitted
    }
}

/// The value in the type of the default, if it can be converted: an integer becomes a float if the
/// default is one, as the expression expects.
fn fit(default: &Value, value: Value) -> Option<Value> {
    match (default, value) {
        (Value::Number(default), Value::Number(value)) if default.is_f64() => {
            value.as_f64().map(Value::from)
        }
        (Value::Number(_), Value::Number(value)) if value.is_f64() => None,
        (Value::Array(defaults), Value::Array(values)) => match defaults.first() {
            None => Some(Value::Array(values)),
            Some(first) => {
                let fitted: Option<Vec<Value>> =
                    values.into_iter().map(|v| fit(first, v)).collect();
                fitted.map(Value::Array)
            }
        },
        (Value::Object(defaults), Value::Object(values)) => {
            fit_fields(defaults, values).map(Value::Object)
        }
        (default, value) => {
            (std::mem::discriminant(default) == std::mem::discriminant(&value)).then_some(value)
        }
    }
}

/// A map must have the default's keys, since expressions use them.
fn fit_fields(
    defaults: &Map<String, Value>,
    values: Map<String, Value>,
) -> Option<Map<String, Value>> {
    if !defaults.keys().all(|key| values.contains_key(key)) {
        return None;
    }
    let fields = values.into_iter();
    fields
        .map(|(key, value)| Some((key.clone(), fit(defaults.get(&key)?, value)?)))
        .collect()
}

fn describe(default: &Value) -> &'static str {
    match default {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(n) if n.is_f64() => "a number",
        Value::Number(_) => "a whole number",
        Value::String(_) => "text",
        Value::Array(_) => "a list of the same type as its default",
        Value::Object(_) => "a map with the same keys as its default",
    }
}
