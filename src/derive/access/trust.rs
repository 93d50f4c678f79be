//! Whom a role's trust policy lets in.

use super::caller::{Applies, Caller, CallerScope};
use super::document::{Condition, Effect, Malformed, Policy, Principal, Set, Statement};
use super::issuers::{Tenancy, audience_identifies, tenancy};
use super::keys::{Class, class};
use super::named_values::names_something;
use super::resource_policy::{Owner, Reading, by_service};
use crate::model::kinds::iam::Trust;
use crate::model::{Cause, Gap, Part};
use std::collections::{BTreeMap, BTreeSet};

/// Claims besides the subject that say whose tokens they are (GitHub, GitLab, Terraform Cloud).
const IDENTIFYING_CLAIMS: &[&str] = &[
    "actor",
    "actor_id",
    "email",
    "enterprise_id",
    "job_workflow_ref",
    "namespace_id",
    "namespace_path",
    "oaud",
    "project_id",
    "project_path",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "terraform_organization_id",
    "terraform_organization_name",
    "terraform_workspace_id",
];

/// Claims that every customer of a shared issuer can have alike: what is built, and how.
const COMMON_CLAIMS: &[&str] = &[
    "amr",
    "base_ref",
    "environment",
    "event_name",
    "head_ref",
    "ref",
    "ref_path",
    "ref_protected",
    "ref_type",
    "runner_environment",
    "workflow",
];

/// What subjects begin with before they say whose they are.
const LABELS: &[&str] = &[
    "organization:",
    "org/",
    "project_path:",
    "repo:",
    "repository:",
    "repository_owner:",
    "system:serviceaccount:",
];

/// In lower case, as parsed actions are.
const ASSUME: &str = "sts:assumerole";
const ASSUME_BY_TOKEN: &str = "sts:assumerolewithwebidentity";
const ASSUME_BY_SAML: &str = "sts:assumerolewithsaml";

/// Someone of no organization who has no external id, or one that is nobody's.
const UNPROVEN: [[(&str, Option<&str>); 3]; 2] = [
    [
        ("aws:principalorgid", None),
        ("aws:principalorgpaths", None),
        ("sts:externalid", None),
    ],
    [
        ("aws:principalorgid", None),
        ("aws:principalorgpaths", None),
        ("sts:externalid", Some("\u{0}")),
    ],
];

/// Reads a trust policy; `account` is the one that the role is in.
///
/// # Errors
/// When the text is not a policy.
pub fn trust(document: &str, account: &str) -> Result<Trust, Malformed> {
    let policy = Policy::parse(document)?;
    let owner = Owner {
        service: "sts",
        arn: None,
        account,
    };
    let reading = Reading {
        policy: &policy,
        owner: &owner,
        action: Some(ASSUME),
    };
    let stranger = Caller::stranger(account);
    let accounts = reading.accounts(false);
    let unproven = accounts.iter().map(|(id, let_in)| {
        let caller = stranger.of(CallerScope::Account(id));
        let answers = UNPROVEN
            .iter()
            .map(|known| reading.lets_in(&caller.knowing(known)));
        (*id, answers.max().unwrap_or(Applies::No).min(*let_in))
    });
    let unproven: BTreeMap<&str, Applies> = unproven.collect();
    let services = reading.services();
    let sourceless: BTreeMap<&str, Applies> = services
        .iter()
        .map(|service| (*service, reading.lets_in(&stranger.through(service))))
        .collect();
    let sourceless = by_service(&sourceless);
    let tokens = tokens(&policy);
    Ok(Trust {
        anyone: reading.verdict(reading.lets_in(&stranger)),
        external_accounts: reading.listed(&accounts),
        external_without_external_id: reading.listed(&unproven),
        federated: tokens.keys().cloned().collect(),
        unbounded_oidc: unbounded(&tokens),
        passing_without_claim: tokens
            .iter()
            .filter(|(_, scope)| scope.passes_without_claim)
            .map(|(name, _)| name.clone())
            .collect(),
        services: sourceless.keys().cloned().collect(),
        services_without_source: reading.listed(&sourceless),
    })
}

/// What is said of the tokens of one provider.
#[derive(Debug, Clone, Copy)]
struct Scope {
    /// Whether they can be anyone's.
    unbounded: Applies,
    /// Whether a condition on a claim that says whose they are also passes tokens without the claim.
    passes_without_claim: bool,
}

/// The providers whose tokens are let in, by name.
fn tokens(policy: &Policy) -> BTreeMap<String, Scope> {
    let mut found: BTreeMap<String, Scope> = BTreeMap::new();
    for statement in policy
        .statements
        .iter()
        .filter(|s| s.effect == Effect::Allow)
    {
        let Some(Set::These(principals)) = &statement.principals else {
            continue;
        };
        let named: BTreeSet<&str> = principals
            .iter()
            .filter_map(|principal| match principal {
                Principal::Federated(provider) => Some(provider.as_str()),
                _ => None,
            })
            .collect();
        for provider in named {
            let (action, name) = provider_of(provider);
            if !statement.covers(action) || denied(policy, action) {
                continue;
            }
            let scope = if action == ASSUME_BY_TOKEN {
                scope(statement, &name)
            } else {
                Scope {
                    unbounded: Applies::No,
                    passes_without_claim: false,
                }
            };
            let known = found.entry(name).or_insert(scope);
            known.unbounded = known.unbounded.max(scope.unbounded);
            known.passes_without_claim |= scope.passes_without_claim;
        }
    }
    found
}

/// How the tokens of a provider are exchanged, and its name: that of its host in lower case, `saml`
/// for one of SAML.
fn provider_of(provider: &str) -> (&'static str, String) {
    match provider.split_once(":oidc-provider/") {
        Some((_, name)) => (ASSUME_BY_TOKEN, name.to_ascii_lowercase()),
        None if provider.contains(":saml-provider/") => (ASSUME_BY_SAML, "saml".to_owned()),
        None => (ASSUME_BY_TOKEN, provider.to_ascii_lowercase()),
    }
}

/// The providers whose tokens can be anyone's: those of which that is certain or, where it is of none
/// and may be of some, the gap.
fn unbounded(tokens: &BTreeMap<String, Scope>) -> Part<Vec<String>> {
    let of = |answer: Applies| {
        let names = tokens
            .iter()
            .filter(move |(_, scope)| scope.unbounded == answer);
        names.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let certain = of(Applies::Yes);
    match of(Applies::Perhaps).first() {
        Some(name) if certain.is_empty() => {
            let detail = format!("whether {name} issues tokens to others too is not known here");
            Part::Gap(Gap::new("", Cause::Undecided, detail))
        }
        _ => Part::Read(certain),
    }
}

/// Whether an action is denied to everyone, whatever the conditions of the request.
fn denied(policy: &Policy, action: &str) -> bool {
    let everyone = |s: &Statement| matches!(&s.principals, Some(Set::These(p)) if p.contains(&Principal::Anyone));
    policy.statements.iter().any(|s| {
        s.effect == Effect::Deny && everyone(s) && s.covers(action) && s.conditions.is_empty()
    })
}

/// Whose tokens of a provider a statement lets in.
fn scope(statement: &Statement, provider: &str) -> Scope {
    let claims: Vec<(&str, &Condition)> = statement
        .conditions
        .iter()
        .filter_map(|condition| {
            let claim = condition.key.strip_prefix(provider)?.strip_prefix(':')?;
            Some((claim, condition))
        })
        .collect();
    let tenancy = tenancy(provider);
    let identified = claims
        .iter()
        .filter(|(_, condition)| condition.demands_a_value())
        .map(|(claim, condition)| match tenancy {
            Tenancy::Many => identifies(claim, condition, provider),
            // All tokens are the one customer's; of an issuer that is not known, those for this
            // audience are.
            Tenancy::One | Tenancy::Unknown => Applies::Yes,
        });
    let elsewhere = statement.conditions.iter().any(|condition| {
        let claim = claims.iter().any(|(_, c)| std::ptr::eq(*c, condition));
        !claim && class(&condition.key) == Class::Unknown
    });
    let otherwise = match tenancy {
        Tenancy::One => Applies::Yes,
        Tenancy::Unknown => Applies::Perhaps,
        Tenancy::Many if elsewhere => Applies::Perhaps,
        Tenancy::Many => Applies::No,
    };
    let identified = identified.max().unwrap_or(Applies::No).max(otherwise);
    let passes = claims.iter().any(|(claim, condition)| {
        let demanding = Condition {
            if_exists: false,
            quantifier: None,
            ..(*condition).clone()
        };
        condition.passes_without_key()
            && demanding.demands_a_value()
            && identifies(claim, &demanding, provider) == Applies::Yes
    });
    Scope {
        unbounded: identified.inverse(),
        passes_without_claim: passes && identified != Applies::Yes,
    }
}

/// Whether a condition says whose tokens of a shared provider are meant.
fn identifies(claim: &str, condition: &Condition, provider: &str) -> Applies {
    let wild = condition.has_wildcards();
    let all = |test: &dyn Fn(&str) -> bool| condition.values.iter().all(|v| test(v)).into();
    match claim {
        "sub" => all(&|v| is_narrow_subject(v, wild)),
        "aud" | "app_id" if audience_identifies(provider) => all(&|v| names_something(v, wild)),
        "aud" | "app_id" => Applies::No,
        claim if IDENTIFYING_CLAIMS.contains(&claim) => all(&|v| names_something(v, wild)),
        claim if COMMON_CLAIMS.contains(&claim) => Applies::No,
        _ => Applies::Perhaps,
    }
}

/// Whether a subject says whose it is: `repo:my-org/*`, but not `repo:*` or `repo:my-*/app`.
fn is_narrow_subject(subject: &str, wildcards: bool) -> bool {
    if !wildcards || !subject.contains(['*', '?']) {
        return true;
    }
    let owner = LABELS
        .iter()
        .find_map(|label| subject.strip_prefix(label))
        .unwrap_or(subject);
    names_something(owner, true)
}

#[cfg(test)]
#[path = "trust_tests.rs"]
mod tests;
