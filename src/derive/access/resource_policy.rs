//! Who outside the account may use a resource, by the policy of the resource. It works for every kind
//! of resource.
//!
//! A request is allowed when a statement allows it and none denies it. This module only answers for
//! callers outside the account that owns the resource: strangers, other accounts, members of an
//! organization, and AWS services on behalf of any of them. For these the policy of the resource
//! alone decides what the owner allows. What the caller's own account allows is up to that account.

use super::caller::{Applies, Caller, CallerScope};
use super::document::{Condition, Effect, Malformed, Policy, Principal, Set, Statement};
use super::keys::{Class, class};
use super::principal_match::account_of;
use crate::kinds::endpoints::canonical_principal;
use crate::model::kinds::policy_access::PolicyAccess;
use crate::model::{Cause, Gap, Part};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The resource that a policy belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// The prefix of its service in actions, such as `sns`.
    pub service: &'a str,
    /// Its ARN, where it has one.
    pub arn: Option<&'a str>,
    /// The account that owns it.
    pub account: &'a str,
}

/// The condition keys of a caller outside of any organization.
const WITHOUT_ORGANIZATION: &[(&str, Option<&str>)] = &[
    ("aws:principalorgid", None),
    ("aws:principalorgpaths", None),
    ("aws:sourceorgid", None),
    ("aws:sourceorgpaths", None),
];

/// The id of an account that no policy mentions.
const OTHER_ACCOUNT: &str = "zq7-account";

/// Evaluates the policy of a resource; `document` is `None` if it has none.
///
/// # Errors
/// If the text is not a policy.
pub fn resource_access(
    document: Option<&str>,
    owner: &Owner<'_>,
) -> Result<PolicyAccess, Malformed> {
    let policy = match document {
        None => Policy::default(),
        Some(text) => Policy::parse(text)?,
    };
    Ok(PolicyAccess {
        policy: document.is_some(),
        ..ResourcePolicy::new(&policy, owner).access()
    })
}

/// A policy together with the resource that it belongs to.
#[derive(Clone, Copy)]
pub(in crate::derive) struct ResourcePolicy<'a> {
    pub(super) policy: &'a Policy,
    pub(super) owner: &'a Owner<'a>,
    /// The only action to evaluate, in lower case; `None` for all.
    pub(super) action: Option<&'a str>,
}

/// The organizations that a condition names.
fn organizations_of(condition: &Condition) -> impl Iterator<Item = &str> {
    let is_about_them = class(&condition.key) == Class::Organization;
    let values = condition.values.iter().filter(move |_| is_about_them);
    values
        .map(|value| value.split('/').next().unwrap_or_default())
        .filter(|id| id.starts_with("o-") || id.eq_ignore_ascii_case("${aws:ResourceOrgID}"))
}

impl<'a> ResourcePolicy<'a> {
    pub(in crate::derive) fn new(policy: &'a Policy, owner: &'a Owner<'a>) -> Self {
        Self {
            policy,
            owner,
            action: None,
        }
    }

    /// The same policy as far as it is about one action, in lower case.
    pub(super) fn about(self, action: &'a str) -> Self {
        Self {
            action: Some(action),
            ..self
        }
    }

    fn access(&self) -> PolicyAccess {
        let stranger = Caller::stranger(self.owner.account);
        let public = self.open_actions(&stranger);
        let is_public = public.values().copied().max().unwrap_or(Applies::No);
        let services = self.services();
        let without_source: BTreeMap<&str, Applies> = services
            .iter()
            .map(|s| (*s, self.lets_in(&stranger.through(s))))
            // A public policy lets in every service too. That is reported as `public` already.
            .chain((is_public != Applies::Yes).then(|| ("*", self.lets_in(&stranger.through("*")))))
            .collect();
        let accounts = self.accounts(true);
        let organizations = self.organizations();
        let open = self.open_without_tls();
        let any = |answers: &BTreeMap<&str, Applies>| {
            answers.values().copied().max().unwrap_or(Applies::No)
        };
        let any_service = without_source.get("*").copied().unwrap_or(Applies::No);
        let named = services.iter().map(|name| canonical_principal(name));
        let mut services: BTreeSet<String> = named.map(Cow::into_owned).collect();
        if any_service != Applies::No {
            services.insert("*".to_owned());
        }
        let outsiders = [
            is_public,
            any(&without_source),
            self.without_organization(accounts.keys().copied()),
        ];
        let outsiders = outsiders.into_iter().max().unwrap_or(Applies::No);
        PolicyAccess {
            policy: true,
            public: self.verdict(is_public),
            public_actions: self.listed(&public),
            external_accounts: self.listed(&accounts),
            organizations: self.listed(&organizations),
            organization_only: self.verdict(outsiders.inverse()),
            services: services.into_iter().collect(),
            services_without_source: self.listed(&by_service(&without_source)),
            tls_required: self.verdict(any(&open).inverse()),
            open_without_tls: self.listed(&open),
        }
    }

    /// Whether a caller may do anything.
    pub(in crate::derive) fn lets_in(&self, caller: &Caller<'_>) -> Applies {
        let actions = self.open_actions(caller);
        actions.into_values().max().unwrap_or(Applies::No)
    }

    /// Whether a caller may take an action on the resource or a part of it.
    pub(in crate::derive) fn allows(&self, caller: &Caller<'_>, action: &str) -> Applies {
        self.about(action).lets_in(caller)
    }

    /// The AWS services that allowing statements name.
    pub(super) fn services(&self) -> BTreeSet<&'a str> {
        let allowing = self.allowing().filter_map(|s| s.principals.as_ref());
        let named = allowing.flat_map(|principals| match principals {
            Set::These(principals) => principals.as_slice(),
            Set::AllBut(_) => &[],
        });
        named
            .filter_map(|principal| match principal {
                Principal::Service(name) => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The other accounts that allowing statements mention, and whether the policy lets them in: their
    /// principals and, with `by_services`, services that act on their behalf.
    pub(super) fn accounts(&self, by_services: bool) -> BTreeMap<&'a str, Applies> {
        let mut mentioned = BTreeSet::new();
        for statement in self.allowing() {
            if let Some(Set::These(principals)) = &statement.principals {
                mentioned.extend(principals.iter().filter_map(|principal| match principal {
                    Principal::Aws(who) => account_of(who),
                    _ => None,
                }));
            }
            for condition in statement.conditions.iter().filter(|c| c.is_positive()) {
                let class = class(&condition.key);
                let names = [
                    Class::Account,
                    Class::PrincipalArn,
                    Class::SourceAccount,
                    Class::SourceArn,
                ];
                if names.contains(&class) {
                    mentioned.extend(condition.values.iter().filter_map(|v| account_of(v)));
                }
            }
        }
        mentioned.remove(self.owner.account);
        let services = self.services();
        let answer = |id: &'a str| {
            let caller = Caller::stranger(self.owner.account).of(CallerScope::Account(id));
            let answer = if by_services {
                self.lets_in_any_way(&caller, &services)
            } else {
                self.lets_in(&caller)
            };
            (id, answer)
        };
        mentioned.into_iter().map(answer).collect()
    }

    /// The organizations that statements mention, and whether these statements let them in. A statement
    /// that lets in everyone does not count: it is not about the organization.
    fn organizations(&self) -> BTreeMap<&'a str, Applies> {
        let conditions = self.allowing().flat_map(|s| &s.conditions);
        let ids: BTreeSet<&str> = conditions.flat_map(organizations_of).collect();
        let answer = |id: &'a str| {
            let statements = self.policy.statements.iter().filter(|s| {
                let mut named = s.conditions.iter().flat_map(organizations_of);
                s.effect == Effect::Deny || named.any(|named| named == id)
            });
            let policy = Policy {
                statements: statements.cloned().collect(),
            };
            let about_it = ResourcePolicy {
                policy: &policy,
                ..*self
            };
            let caller = Caller::stranger(self.owner.account).of(CallerScope::Member(id));
            (id, about_it.lets_in(&caller))
        };
        ids.into_iter().map(answer).collect()
    }

    /// Whether the policy lets in a caller outside the account who is in no organization.
    fn without_organization(&self, accounts: impl Iterator<Item = &'a str>) -> Applies {
        let caller = Caller::stranger(self.owner.account).knowing(WITHOUT_ORGANIZATION);
        let services = self.services();
        let all = accounts.chain([OTHER_ACCOUNT]);
        let answers =
            all.map(|id| self.lets_in_any_way(&caller.of(CallerScope::Account(id)), &services));
        answers.max().unwrap_or(Applies::No)
    }

    /// Whether the policy lets in a caller, directly or through a service.
    fn lets_in_any_way(&self, caller: &Caller<'_>, services: &BTreeSet<&str>) -> Applies {
        let through = services.iter().copied().chain(["*"]);
        let through = through.map(|service| self.lets_in(&caller.through(service)));
        through
            .chain([self.lets_in(caller)])
            .max()
            .unwrap_or(Applies::No)
    }

    fn allowing(&self) -> impl Iterator<Item = &'a Statement> + use<'a> {
        let (statements, action) = (self.policy.statements.iter(), self.action);
        let applies = move |s: &Statement| action.is_none_or(|action| s.covers(action));
        statements.filter(move |s| s.effect == Effect::Allow && applies(s))
    }

    /// An answer, or the gap of the condition on which it depends.
    pub(in crate::derive) fn verdict(&self, answer: Applies) -> Part<bool> {
        match answer {
            Applies::Yes => Part::Read(true),
            Applies::No => Part::Read(false),
            Applies::Perhaps => Part::Gap(self.undecided_gap()),
        }
    }

    /// The names whose answer is yes, or the gap of the condition on which one of them depends.
    pub(super) fn listed<K: AsRef<str>>(
        &self,
        answers: &BTreeMap<K, Applies>,
    ) -> Part<Vec<String>> {
        if answers.values().any(|answer| *answer == Applies::Perhaps) {
            return Part::Gap(self.undecided_gap());
        }
        let names = answers
            .iter()
            .filter(|(_, answer)| **answer == Applies::Yes);
        Part::Read(names.map(|(name, _)| name.as_ref().to_owned()).collect())
    }

    /// The gap of a condition that cannot be evaluated: the same one whatever the order of conditions.
    fn undecided_gap(&self) -> Gap {
        let conditions = self.policy.statements.iter().flat_map(|s| &s.conditions);
        let (unknown, other): (Vec<_>, Vec<_>) = conditions
            .map(|c| (class(&c.key), c.key.split('/').next().unwrap_or_default()))
            .partition(|(class, _)| *class == Class::Unknown);
        let first = |keys: Vec<(Class, &'a str)>| keys.into_iter().map(|(_, key)| key).min();
        let key = first(unknown).or_else(|| first(other)).unwrap_or_default();
        let detail = format!("depends on a condition on {key}");
        Gap::new("", Cause::Undecided, detail)
    }
}

/// Answers by the name that a service has in all regions and partitions.
pub(super) fn by_service(answers: &BTreeMap<&str, Applies>) -> BTreeMap<String, Applies> {
    let mut by_name: BTreeMap<String, Applies> = BTreeMap::new();
    for (name, answer) in answers {
        let known = by_name.entry(canonical_principal(name).into_owned());
        let known = known.or_insert(*answer);
        *known = (*known).max(*answer);
    }
    by_name
}

#[cfg(test)]
#[path = "resource_policy_tests/mod.rs"]
mod tests;
