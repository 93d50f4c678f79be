//! Evaluates the conditions of a statement for a set of callers.
//!
//! A [`Caller`] stands for many requests, so there are two questions: can such a caller meet the
//! condition ([`Condition::can_hold`], for allowing statements), and does every such caller meet it
//! ([`Condition::must_hold`], for denials). If the meaning of a key is unknown, both answers are
//! [`Applies::Perhaps`].

use super::caller::{Applies, Caller, CallerScope, Presence, ValueMatch};
use super::document::{Condition, Quantifier};
use super::keys::{Class, class};
use super::named_values::{
    Owner, can_be_of, is_small_network, names_endpoint, names_something, owner_of,
};
use super::pattern::fits;

/// Operators that hold if the request has one of the values.
const POSITIVE: &[&str] = &[
    "stringequals",
    "stringequalsignorecase",
    "stringlike",
    "arnequals",
    "arnlike",
    "ipaddress",
];

/// Their negations, which also hold for a request without the key.
const NEGATED: &[&str] = &[
    "stringnotequals",
    "stringnotequalsignorecase",
    "stringnotlike",
    "arnnotequals",
    "arnnotlike",
    "notipaddress",
];

impl Condition {
    /// Whether only a request with a matching value passes: false for negated operators, and for those
    /// that a request without the key passes.
    #[must_use]
    pub fn demands_a_value(&self) -> bool {
        !self.passes_without_key() && !self.values.is_empty() && self.is_positive()
    }

    /// Whether a request that has the key passes only with one of the values.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        POSITIVE.contains(&self.operator.as_str())
    }

    /// Whether a request without the key passes although the operator demands a value:
    /// `…IfExists` and `ForAllValues:`.
    #[must_use]
    pub fn passes_without_key(&self) -> bool {
        self.if_exists || self.quantifier == Some(Quantifier::All)
    }

    /// Whether `*` and `?` in its values are wildcards; elsewhere they are only characters.
    #[must_use]
    pub fn has_wildcards(&self) -> bool {
        self.operator.ends_with("like") || self.operator.starts_with("arn")
    }

    /// Whether it tests for this truth value.
    #[must_use]
    pub fn is_bool(&self, expected: bool) -> bool {
        let expected = if expected { "true" } else { "false" };
        self.operator == "bool"
            && !self.values.is_empty()
            && self.values.iter().all(|v| v.eq_ignore_ascii_case(expected))
    }

    /// Whether it holds for a request with this value, or without the key; `None` if that is not known,
    /// because of a policy variable or an unknown operator.
    #[must_use]
    pub fn holds_for(&self, value: Option<&str>) -> Option<bool> {
        if self.values.is_empty() {
            return None;
        }
        let operator = self.operator.as_str();
        if operator == "null" {
            return Some(self.is_null(true) == value.is_none());
        }
        let negated = NEGATED.contains(&operator);
        let Some(value) = value else {
            // The absent key: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition_operators.html>
            let passes = self.passes_without_key() || negated;
            return Some(passes && self.quantifier != Some(Quantifier::Any));
        };
        if self.values.iter().any(|v| v.contains("${")) {
            return None;
        }
        let any = |test: fn(&str, &str) -> bool| self.values.iter().any(|v| test(v, value));
        let found = match operator {
            "stringequals" | "stringnotequals" => any(|v, value| v == value),
            "stringequalsignorecase" | "stringnotequalsignorecase" | "bool" => {
                any(str::eq_ignore_ascii_case)
            }
            "stringlike" | "stringnotlike" | "arnlike" | "arnnotlike" | "arnequals"
            | "arnnotequals" => any(fits),
            _ => return None,
        };
        Some(found != negated)
    }

    /// Whether some such caller can meet it.
    #[must_use]
    pub fn can_hold(&self, caller: &Caller<'_>) -> Applies {
        self.held_by(caller).some
    }

    /// Whether every such caller meets it.
    #[must_use]
    pub fn must_hold(&self, caller: &Caller<'_>) -> Applies {
        self.held_by(caller).all
    }

    fn held_by(&self, caller: &Caller<'_>) -> ValueMatch {
        if let Some((_, value)) = caller.known.iter().find(|(key, _)| *key == self.key) {
            return self
                .holds_for(*value)
                .map_or(ValueMatch::UNKNOWN, ValueMatch::exactly);
        }
        let class = class(&self.key);
        if class == Class::Unknown || self.values.is_empty() {
            return ValueMatch::UNKNOWN;
        }
        let presence = caller.presence(class);
        let operator = self.operator.as_str();
        if operator == "null" {
            return ValueMatch {
                some: (presence == Presence::Sometimes
                    || (presence == Presence::Never) == self.is_null(true))
                .into(),
                all: match presence {
                    Presence::Sometimes => Applies::No,
                    Presence::Never => self.is_null(true).into(),
                    Presence::Always => self.is_null(false).into(),
                },
            };
        }
        if class == Class::Clock {
            // A start time has passed or will pass. An end time may have passed already.
            return ValueMatch {
                some: if operator.contains("greaterthan") {
                    Applies::Yes
                } else {
                    Applies::Perhaps
                },
                all: Applies::Perhaps,
            };
        }
        if NEGATED.contains(&operator) {
            return self.negated(caller, class, presence);
        }
        if POSITIVE.contains(&operator) || operator == "bool" {
            return self.positive(caller, class, presence);
        }
        match class {
            // Dates and numbers that describe the request.
            Class::Circumstance | Class::Chosen => ValueMatch::CALLER_CHOOSES,
            _ => ValueMatch::UNKNOWN,
        }
    }

    fn positive(&self, caller: &Caller<'_>, class: Class, presence: Presence) -> ValueMatch {
        let without = self.passes_without_key();
        if presence == Presence::Never {
            return ValueMatch::exactly(without);
        }
        let values = || self.values.iter().map(|v| self.having(caller, class, v));
        let some = values().map(|h| h.some).max().unwrap_or(Applies::No);
        let all = values().map(|h| h.all).max().unwrap_or(Applies::No);
        if presence == Presence::Always {
            return ValueMatch { some, all };
        }
        ValueMatch {
            some: some.max(without.into()),
            all: all.min(without.into()),
        }
    }

    fn negated(&self, caller: &Caller<'_>, class: Class, presence: Presence) -> ValueMatch {
        // A negated operator holds without the key, except with `ForAnyValue:`.
        let without = self.quantifier != Some(Quantifier::Any);
        if presence == Presence::Never {
            return ValueMatch::exactly(without);
        }
        let values = || self.values.iter().map(|v| self.having(caller, class, v));
        let some = values()
            .map(|h| h.all)
            .max()
            .unwrap_or(Applies::No)
            .inverse();
        let all = values()
            .map(|h| h.some)
            .max()
            .unwrap_or(Applies::No)
            .inverse();
        if presence == Presence::Always {
            return ValueMatch { some, all };
        }
        ValueMatch {
            some: some.max(without.into()),
            all: all.min(without.into()),
        }
    }

    /// Whether callers have a value that matches this value of the condition.
    fn having(&self, caller: &Caller<'_>, class: Class, value: &str) -> ValueMatch {
        let wild = self.has_wildcards();
        if caller.who == CallerScope::Everyone {
            return ValueMatch::CALLER_CHOOSES;
        }
        if value.contains("${") {
            return caller.variable(class, value);
        }
        let fixed = || names_something(value, wild);
        match class {
            Class::Circumstance | Class::Chosen => ValueMatch::CALLER_CHOOSES,
            Class::Account => match caller.who {
                CallerScope::Account(id) => ValueMatch::exactly(self.is_for(value, id)),
                _ => ValueMatch::some(!fixed()),
            },
            Class::SourceAccount => match (caller.who, caller.service) {
                (CallerScope::Account(id), Some(_)) => ValueMatch::exactly(self.is_for(value, id)),
                _ => ValueMatch::some(!fixed()),
            },
            Class::PrincipalArn => match caller.who {
                CallerScope::Account(id) => ValueMatch::some(can_be_of(value, wild, id)),
                _ => ValueMatch::some(owner_of(value, wild) != Owner::Fixed),
            },
            Class::SourceContext if caller.service.is_none() => ValueMatch::CALLER_CHOOSES,
            Class::SourceArn | Class::SourceContext => self.source_arn(caller, value),
            Class::UserId => match caller.who {
                CallerScope::Account(_) => ValueMatch::UNKNOWN,
                _ => ValueMatch::some(!fixed()),
            },
            Class::Organization => self.organization(caller, value),
            Class::SourceOrganization => match caller.who {
                CallerScope::Account(_) => ValueMatch::CALLER_CHOOSES,
                _ => ValueMatch::some(!fixed()),
            },
            Class::SourceToken => ValueMatch::some(!fixed()),
            Class::Network if self.operator == "bool" => {
                ValueMatch::some(!value.eq_ignore_ascii_case("true") || caller.is_someone())
            }
            Class::Network if value.starts_with("arn:") => {
                let fixed = owner_of(value, wild) == Owner::Fixed;
                ValueMatch::some(!fixed || caller.is_someone())
            }
            Class::Network => ValueMatch::some(!fixed() || caller.is_someone()),
            Class::Address => ValueMatch::some(!is_small_network(value) || caller.is_someone()),
            Class::ByService => {
                let service = value.eq_ignore_ascii_case("true");
                ValueMatch::exactly(service == caller.service.is_some())
            }
            Class::ServiceName => match caller.service {
                Some("*") => ValueMatch::some(true),
                Some(service) => ValueMatch::exactly(self.is_for(value, service)),
                None => ValueMatch::some(false),
            },
            Class::OwnAccount if self.is_for(value, caller.owner) => ValueMatch::exactly(true),
            Class::FunctionUrl => ValueMatch::exactly(value.eq_ignore_ascii_case("false")),
            Class::Endpoint => ValueMatch::some(!names_endpoint(value, wild)),
            Class::OwnAccount | Class::Clock | Class::Unknown => ValueMatch::UNKNOWN,
        }
    }

    /// Whether the resource on whose behalf a service calls can have this ARN.
    fn source_arn(&self, caller: &Caller<'_>, value: &str) -> ValueMatch {
        let wild = self.has_wildcards();
        match (caller.who, caller.service) {
            (CallerScope::Account(id), Some(_)) => ValueMatch::some(can_be_of(value, wild, id)),
            // An ARN without an account can be anybody's.
            (_, Some(_)) => ValueMatch::some(owner_of(value, wild) != Owner::Fixed),
            (_, None) => ValueMatch::some(owner_of(value, wild) == Owner::Anyone),
        }
    }

    /// Whether callers are of this organization, or at this path of it.
    fn organization(&self, caller: &Caller<'_>, value: &str) -> ValueMatch {
        match caller.who {
            CallerScope::Account(_) => ValueMatch::CALLER_CHOOSES,
            CallerScope::Member(id) => {
                let organization = value.split('/').next().unwrap_or_default();
                let granted = self.is_for(organization, id);
                ValueMatch {
                    some: granted.into(),
                    all: (granted && organization == value).into(),
                }
            }
            CallerScope::Stranger | CallerScope::Everyone => {
                ValueMatch::some(!names_something(value, self.has_wildcards()))
            }
        }
    }

    fn is_for(&self, value: &str, is: &str) -> bool {
        if self.has_wildcards() {
            fits(value, is)
        } else {
            value.eq_ignore_ascii_case(is)
        }
    }

    fn is_null(&self, expected: bool) -> bool {
        let expected = if expected { "true" } else { "false" };
        self.values.iter().all(|v| v.eq_ignore_ascii_case(expected))
    }
}

#[cfg(test)]
#[path = "condition_tests.rs"]
mod tests;
