//! What a condition does to requests of which only some things are known.
//!
//! Two questions are asked of a condition, both about everyone who is a [`Caller`]: can such a caller
//! meet it ([`Condition::can_hold`], for allowances), and does every such caller meet it
//! ([`Condition::must_hold`], for denials). Where nobody here knows what a key tells, both answers are
//! [`Applies::Perhaps`].

use super::caller::{Applies, Caller, CallerScope, Presence, ValueMatch};
use super::document::{Condition, Quantifier};
use super::keys::{Class, class};
use super::named_values::{
    Owner, can_be_of, is_small_network, names_endpoint, names_something, owner_of,
};
use super::pattern::fits;

/// Operators that demand a value that fits one of theirs.
const POSITIVE: &[&str] = &[
    "stringequals",
    "stringequalsignorecase",
    "stringlike",
    "arnequals",
    "arnlike",
    "ipaddress",
];

/// Their opposites, which a request without the key passes.
const NEGATED: &[&str] = &[
    "stringnotequals",
    "stringnotequalsignorecase",
    "stringnotlike",
    "arnnotequals",
    "arnnotlike",
    "notipaddress",
];

impl Condition {
    /// Whether a request passes only with a value that fits: false for the negated operators, and
    /// for those that a request without the key passes.
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

    /// Whether it is the test of a truth value.
    #[must_use]
    pub fn is_bool(&self, expected: bool) -> bool {
        let expected = if expected { "true" } else { "false" };
        self.operator == "bool"
            && !self.values.is_empty()
            && self.values.iter().all(|v| v.eq_ignore_ascii_case(expected))
    }

    /// Whether it holds for a request with a value, or without the key; `None` if that is not
    /// plain: a variable of the policy, an operator that is not known here.
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
            // An end may have passed; a beginning comes.
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
            // Dates and numbers of how and when a request is made.
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
        // Of a key that is not there, no value differs.
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

    /// Whether callers have a value that fits one of the condition's.
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
            Class::SourceArn | Class::SourceContext => match (caller.who, caller.service) {
                (CallerScope::Account(id), Some(_)) => ValueMatch::some(can_be_of(value, wild, id)),
                // Where no account is in it, any can have the resource.
                (_, Some(_)) => ValueMatch::some(owner_of(value, wild) != Owner::Fixed),
                (_, None) => ValueMatch::some(owner_of(value, wild) == Owner::Anyone),
            },
            Class::UserId => match caller.who {
                CallerScope::Account(_) => ValueMatch::UNKNOWN,
                _ => ValueMatch::some(!fixed()),
            },
            Class::Organization => match caller.who {
                CallerScope::Account(_) => ValueMatch::CALLER_CHOOSES,
                CallerScope::Member(id) => {
                    let organization = value.split('/').next().unwrap_or_default();
                    let granted = self.is_for(organization, id);
                    ValueMatch {
                        some: granted.into(),
                        all: (granted && organization == value).into(),
                    }
                }
                CallerScope::Stranger | CallerScope::Everyone => ValueMatch::some(!fixed()),
            },
            Class::SourceOrganization => match caller.who {
                CallerScope::Account(_) => ValueMatch::CALLER_CHOOSES,
                _ => ValueMatch::some(!fixed()),
            },
            Class::SourceToken => ValueMatch::some(!fixed()),
            Class::Network if self.operator == "bool" => {
                ValueMatch::some(!value.eq_ignore_ascii_case("true") || caller.is_someone())
            }
            Class::Network => {
                let fixed = if value.starts_with("arn:") {
                    owner_of(value, wild) == Owner::Fixed
                } else {
                    fixed()
                };
                ValueMatch::some(!fixed || caller.is_someone())
            }
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
