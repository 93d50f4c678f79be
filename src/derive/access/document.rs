//! IAM policy documents as statements. The documents are untrusted input: parsing is tolerant and never panics.

use super::pattern::fits;
use serde_json::{Map, Value};

/// The statements of a policy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    /// In the order they are written, which has no meaning.
    pub statements: Vec<Statement>,
}

/// Whether a statement allows or denies. A denial wins over every allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Allow or deny.
    pub effect: Effect,
    /// The principals; `None` in identity policies, which apply to their identity.
    pub principals: Option<Set<Principal>>,
    /// The actions, in lower case: AWS ignores the case of actions.
    pub actions: Set<String>,
    /// The resources; `None` in trust policies, which apply to their role.
    pub resources: Option<Set<String>>,
    /// The conditions that must all hold.
    pub conditions: Vec<Condition>,
}

/// Some things, or all but some (`NotAction`, `NotResource`, `NotPrincipal`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Set<T> {
    /// These.
    These(Vec<T>),
    /// All but these.
    AllBut(Vec<T>),
}

impl<T> Set<T> {
    /// Whether something is in the set, `fits` telling whether it matches one item.
    pub fn has(&self, fits: impl FnMut(&T) -> bool) -> bool {
        match self {
            Set::These(items) => items.iter().any(fits),
            Set::AllBut(items) => !items.iter().any(fits),
        }
    }
}

/// The principal that a statement of a resource policy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// `*`: everyone, with or without credentials.
    Anyone,
    /// An account (its id or root ARN), a user, a role or a session.
    Aws(String),
    /// An AWS service, `lambda.amazonaws.com`.
    Service(String),
    /// An identity provider.
    Federated(String),
    /// An S3 canonical user, or a type that AWS adds later: type and value.
    Other(String, String),
}

/// One test of a request: an operator, a key and the values of which one must fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The operator without its suffixes, in lower case: `stringequals`, `arnlike`, `bool`.
    pub operator: String,
    /// How a key with several values is tested.
    pub quantifier: Option<Quantifier>,
    /// Whether a request without the key passes (`…IfExists`).
    pub if_exists: bool,
    /// The key in lower case, `aws:sourceip`: AWS ignores the case of keys.
    pub key: String,
    /// The values, as text.
    pub values: Vec<String>,
}

/// How a key with several values is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// `ForAllValues:`, which a request without the key passes.
    All,
    /// `ForAnyValue:`.
    Any,
}

/// Why a text is not a policy, in a few words that quote nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

impl Statement {
    /// Whether it is about an action, given in lower case.
    #[must_use]
    pub fn covers(&self, action: &str) -> bool {
        self.actions.has(|pattern| fits(pattern, action))
    }
}

impl Policy {
    /// Reads a policy's JSON text.
    ///
    /// # Errors
    /// What makes it invalid. AWS does not accept such documents, so an invalid one means that this
    /// parser lacks something. It never counts as a policy that allows nothing.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let value: Value = serde_json::from_str(text).map_err(|_| Malformed("not JSON"))?;
        let policy = value.as_object().ok_or(Malformed("not an object"))?;
        let statements = element(policy, "Statement").ok_or(Malformed("no Statement"))?;
        let statements = match statements {
            Value::Array(many) => many.iter().map(statement).collect::<Result<_, _>>()?,
            one => vec![statement(one)?],
        };
        Ok(Self { statements })
    }
}

fn statement(value: &Value) -> Result<Statement, Malformed> {
    let map = value
        .as_object()
        .ok_or(Malformed("a Statement that is not an object"))?;
    let effect = match element(map, "Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err(Malformed("an Effect that is neither Allow nor Deny")),
    };
    Ok(Statement {
        effect,
        principals: set(map, "Principal", "NotPrincipal", principals)?,
        actions: set(map, "Action", "NotAction", actions)?.ok_or(Malformed("no Action"))?,
        resources: set(map, "Resource", "NotResource", texts)?,
        conditions: match element(map, "Condition") {
            None => Vec::new(),
            Some(value) => conditions(value)?,
        },
    })
}

/// An element by name, whatever its case, so that no spelling that a service accepts hides a statement.
fn element<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.get(name).or_else(|| {
        map.iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

fn set<T>(
    map: &Map<String, Value>,
    name: &str,
    not: &str,
    read: fn(&Value) -> Result<Vec<T>, Malformed>,
) -> Result<Option<Set<T>>, Malformed> {
    match (element(map, name), element(map, not)) {
        (Some(_), Some(_)) => Err(Malformed("an element and its opposite together")),
        (Some(value), None) => Ok(Some(Set::These(read(value)?))),
        (None, Some(value)) => Ok(Some(Set::AllBut(read(value)?))),
        (None, None) => Ok(None),
    }
}

/// A string or a list of strings. Numbers and truth values count as strings, as in conditions.
fn texts(value: &Value) -> Result<Vec<String>, Malformed> {
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err(Malformed("something other than text where text belongs")),
    };
    match value {
        Value::Array(many) => many.iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}

fn actions(value: &Value) -> Result<Vec<String>, Malformed> {
    let mut actions = texts(value)?;
    for action in &mut actions {
        action.make_ascii_lowercase();
    }
    Ok(actions)
}

fn principals(value: &Value) -> Result<Vec<Principal>, Malformed> {
    let Value::Object(types) = value else {
        return texts(value)?
            .into_iter()
            .map(|text| match text.as_str() {
                "*" => Ok(Principal::Anyone),
                _ => Err(Malformed("a Principal without a type")),
            })
            .collect();
    };
    let mut found = Vec::new();
    for (kind, value) in types {
        for text in texts(value)? {
            found.push(match kind.to_ascii_lowercase().as_str() {
                "aws" if text == "*" => Principal::Anyone,
                "aws" => Principal::Aws(text),
                "service" => Principal::Service(text),
                "federated" => Principal::Federated(text),
                _ => Principal::Other(kind.clone(), text),
            });
        }
    }
    Ok(found)
}

fn conditions(value: &Value) -> Result<Vec<Condition>, Malformed> {
    let operators = value
        .as_object()
        .ok_or(Malformed("a Condition that is not an object"))?;
    let mut found = Vec::new();
    for (operator, keys) in operators {
        let keys = keys
            .as_object()
            .ok_or(Malformed("a condition operator without keys"))?;
        let operator = operator.to_ascii_lowercase();
        let (quantifier, operator) = match operator.split_once(':') {
            Some(("forallvalues", rest)) => (Some(Quantifier::All), rest),
            Some(("foranyvalue", rest)) => (Some(Quantifier::Any), rest),
            Some(_) => return Err(Malformed("an unknown condition operator")),
            None => (None, operator.as_str()),
        };
        let without_suffix = operator.strip_suffix("ifexists");
        for (key, values) in keys {
            found.push(Condition {
                operator: without_suffix.unwrap_or(operator).to_owned(),
                quantifier,
                if_exists: without_suffix.is_some(),
                key: key.to_ascii_lowercase(),
                values: texts(values)?,
            });
        }
    }
    Ok(found)
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
