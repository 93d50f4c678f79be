//! Endpoint rules, and how they are evaluated:
//! <https://smithy.io/2.0/additional-specs/rules-engine/specification.html>.

use super::functions;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The rules of a service.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct RuleSet {
    pub(super) parameters: BTreeMap<String, Parameter>,
    rules: Vec<Rule>,
}

/// A parameter of the rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameter {
    #[serde(default)]
    pub(super) required: bool,
    pub(super) default: Option<Value>,
    /// The setting that gives its value, `AWS::UseFIPS`.
    pub(super) built_in: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Rule {
    #[serde(default)]
    conditions: Vec<Condition>,
    #[serde(flatten)]
    then: Then,
}

/// What a rule does if all its conditions hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Then {
    Endpoint { endpoint: Pattern },
    Error { error: Expression },
    Tree { rules: Vec<Rule> },
}

#[derive(Debug, Clone, Deserialize)]
struct Condition {
    #[serde(flatten)]
    test: Call,
    /// The name under which the value is known from here on.
    assign: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Call {
    #[serde(rename = "fn")]
    function: String,
    argv: Vec<Expression>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Expression {
    Reference {
        #[serde(rename = "ref")]
        name: String,
    },
    Call(Call),
    /// A text with placeholders, a boolean or a number.
    Literal(Value),
}

#[derive(Debug, Clone, Deserialize)]
struct Pattern {
    url: Expression,
    #[serde(default)]
    properties: Map<String, Value>,
    #[serde(default)]
    headers: BTreeMap<String, Vec<Expression>>,
}

/// The result of the rules.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    /// Where to call, and how to sign.
    Endpoint {
        url: String,
        properties: Value,
        headers: BTreeMap<String, Vec<String>>,
    },
    /// Why there is no endpoint.
    Error(String),
}

/// Why rules cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenRules {
    /// A function that is newer than this program, or arguments that it does not take.
    #[error("the function {0} is not known, or takes other arguments")]
    Function(String),
    /// A name without a value.
    #[error("unknown name {0}")]
    Name(String),
    /// A text with a placeholder that cannot be parsed, or whose value is no text.
    #[error("the text `{0}` cannot be filled in")]
    Template(String),
    /// Something other than text as URL, header or message.
    #[error("a URL, header or message is no text")]
    Text,
    /// No rule has an outcome.
    #[error("no rule holds")]
    Exhausted,
}

/// Names and their values, the latest last.
struct Scope<'a> {
    parameters: &'a Map<String, Value>,
    assigned: Vec<(&'a str, Value)>,
}

impl Scope<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        let assigned = self.assigned.iter().rev().find(|(known, _)| *known == name);
        assigned
            .map(|(_, value)| value)
            .or_else(|| self.parameters.get(name))
    }
}

impl RuleSet {
    /// Evaluates the rules. Each parameter must have a value, which may be null.
    ///
    /// # Errors
    /// If the rules themselves are broken.
    pub(super) fn evaluate(&self, parameters: &Map<String, Value>) -> Result<Outcome, BrokenRules> {
        let mut scope = Scope {
            parameters,
            assigned: Vec::new(),
        };
        first(&self.rules, &mut scope)?.ok_or(BrokenRules::Exhausted)
    }
}

/// The outcome of the first rule that has one.
fn first<'a>(rules: &'a [Rule], scope: &mut Scope<'a>) -> Result<Option<Outcome>, BrokenRules> {
    for rule in rules {
        let known = scope.assigned.len();
        let outcome = if holds(&rule.conditions, scope)? {
            rule.then.follow(scope)?
        } else {
            None
        };
        // A name that a rule assigns is visible only to it and to the rules inside it.
        scope.assigned.truncate(known);
        if outcome.is_some() {
            return Ok(outcome);
        }
    }
    Ok(None)
}

fn holds<'a>(conditions: &'a [Condition], scope: &mut Scope<'a>) -> Result<bool, BrokenRules> {
    for condition in conditions {
        let value = condition.test.value(scope)?;
        if matches!(value, Value::Null | Value::Bool(false)) {
            return Ok(false);
        }
        if let Some(name) = &condition.assign {
            scope.assigned.push((name, value));
        }
    }
    Ok(true)
}

impl Then {
    fn follow<'a>(&'a self, scope: &mut Scope<'a>) -> Result<Option<Outcome>, BrokenRules> {
        Ok(Some(match self {
            Then::Tree { rules } => return first(rules, scope),
            Then::Error { error } => Outcome::Error(error.text(scope)?),
            Then::Endpoint { endpoint } => {
                let headers = endpoint.headers.iter().map(|(name, values)| {
                    let values = values.iter().map(|value| value.text(scope));
                    Ok((name.clone(), values.collect::<Result<_, _>>()?))
                });
                Outcome::Endpoint {
                    url: endpoint.url.text(scope)?,
                    headers: headers.collect::<Result<_, _>>()?,
                    properties: filled(&Value::Object(endpoint.properties.clone()), scope)?,
                }
            }
        }))
    }
}

impl Call {
    fn value(&self, scope: &Scope) -> Result<Value, BrokenRules> {
        let arguments = self.argv.iter().map(|argument| argument.value(scope));
        let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
        functions::call(&self.function, &arguments)
            .ok_or_else(|| BrokenRules::Function(self.function.clone()))
    }
}

impl Expression {
    fn value(&self, scope: &Scope) -> Result<Value, BrokenRules> {
        match self {
            Expression::Reference { name } => scope
                .get(name)
                .cloned()
                .ok_or_else(|| BrokenRules::Name(name.clone())),
            Expression::Call(call) => call.value(scope),
            Expression::Literal(value) => filled(value, scope),
        }
    }

    fn text(&self, scope: &Scope) -> Result<String, BrokenRules> {
        match self.value(scope)? {
            Value::String(text) => Ok(text),
            _ => Err(BrokenRules::Text),
        }
    }
}

/// A value with every text in it filled in.
fn filled(value: &Value, scope: &Scope) -> Result<Value, BrokenRules> {
    Ok(match value {
        Value::String(text) => Value::String(fill(text, scope)?),
        Value::Array(items) => {
            let items = items.iter().map(|item| filled(item, scope));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| Ok((name.clone(), filled(value, scope)?)));
            Value::Object(members.collect::<Result<_, _>>()?)
        }
        plain => plain.clone(),
    })
}

/// Fills in the placeholders of a text: `{Region}`, `{PartitionResult#dnsSuffix}`. Two braces mean one.
fn fill(template: &str, scope: &Scope) -> Result<String, BrokenRules> {
    let broken = || BrokenRules::Template(template.to_owned());
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        text += before;
        if let Some(after) = from.strip_prefix("{{") {
            text.push('{');
            rest = after;
        } else if let Some(after) = from.strip_prefix("}}") {
            text.push('}');
            rest = after;
        } else {
            let inner = from.strip_prefix('{').and_then(|from| from.split_once('}'));
            let (place, after) = inner.ok_or_else(broken)?;
            let (name, path) = place.split_once('#').unwrap_or((place, ""));
            let value = scope
                .get(name)
                .ok_or_else(|| BrokenRules::Name(name.to_owned()))?;
            let value = if path.is_empty() {
                value.clone()
            } else {
                functions::attribute(value, path)
            };
            text += value.as_str().ok_or_else(broken)?;
            rest = after;
        }
    }
    Ok(text + rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
    fn evaluate(rules: Value, parameters: Value) -> Result<Outcome, BrokenRules> {
        let set: RuleSet =
            serde_json::from_value(json!({"parameters": {}, "rules": rules})).unwrap();
        let Value::Object(parameters) = parameters else {
            panic!("no parameters");
        };
        set.evaluate(&parameters)
    }

    fn error(text: &str) -> Value {
        json!({"conditions": [], "type": "error", "error": text})
    }

    #[test]
    fn the_first_rule_that_holds_decides() {
        let rules = json!([
            {
                "conditions": [{"fn": "isSet", "argv": [{"ref": "A"}]}],
                "type": "tree",
                "rules": [{
                    "conditions": [{"fn": "stringEquals", "argv": [{"ref": "A"}, "x"]}],
                    "type": "endpoint",
                    "endpoint": {"url": "https://{A}.{{}}", "headers": {"h": ["{A}"]},
                                 "properties": {"authSchemes": [{"name": "sigv4", "signingRegion": "{A}"}]}},
                }],
            },
            error("none for {A}"),
        ]);
        let headers = BTreeMap::from([("h".to_owned(), vec!["x".to_owned()])]);
        assert_eq!(
            evaluate(rules.clone(), json!({"A": "x"})),
            Ok(Outcome::Endpoint {
                url: "https://x.{}".to_owned(),
                properties: json!({"authSchemes": [{"name": "sigv4", "signingRegion": "x"}]}),
                headers,
            })
        );
        // If no rule of a tree holds, the next rule decides.
        let other = evaluate(rules, json!({"A": "y"}));
        assert_eq!(other, Ok(Outcome::Error("none for y".to_owned())));
    }

    #[test]
    fn names_end_with_their_rule() {
        let rules = json!([
            {
                "conditions": [
                    {"fn": "aws.parseArn", "argv": [{"ref": "A"}], "assign": "arn"},
                    {"fn": "stringEquals", "argv": [{"fn": "getAttr", "argv": [{"ref": "arn"}, "service"]}, "s3"]},
                ],
                "type": "error", "error": "{arn#region}",
            },
            error("{arn#region}"),
        ]);
        let found = evaluate(rules.clone(), json!({"A": "arn:aws:s3:eu-west-1:1:b"}));
        assert_eq!(found, Ok(Outcome::Error("eu-west-1".to_owned())));
        let found = evaluate(rules, json!({"A": "arn:aws:sns:eu-west-1:1:b"}));
        assert_eq!(found, Err(BrokenRules::Name("arn".to_owned())));
    }

    #[test]
    fn broken_rules_say_what_is_wrong() {
        let one = |condition: Value| {
            evaluate(
                json!([{"conditions": [condition], "type": "error", "error": ""}]),
                json!({}),
            )
        };
        assert_eq!(
            one(json!({"fn": "of-tomorrow", "argv": []})),
            Err(BrokenRules::Function("of-tomorrow".to_owned()))
        );
        assert_eq!(
            one(json!({"fn": "isSet", "argv": [{"ref": "B"}]})),
            Err(BrokenRules::Name("B".to_owned()))
        );
        assert_eq!(evaluate(json!([]), json!({})), Err(BrokenRules::Exhausted));
        for template in ["{A", "A}", "{A#x}", "{A}"] {
            assert_eq!(
                evaluate(json!([error(template)]), json!({"A": 1})),
                Err(BrokenRules::Template(template.to_owned()))
            );
        }
    }
}
