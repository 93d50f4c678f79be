//! Who may assume a role, by its trust policy.

use super::caller::{Applies, Caller, CallerScope};
use super::document::{Condition, Effect, Malformed, Policy, Principal, Set, Statement};
use super::issuers::{Tenancy, audience_identifies, tenancy};
use super::keys::{Class, class};
use super::named_values::names_something;
use super::resource_policy::{Owner, ResourcePolicy, by_service};
use crate::model::kinds::iam::Trust;
use crate::model::{Cause, Gap, Part};
use std::collections::{BTreeMap, BTreeSet};

/// Claims besides the subject that identify the customer (GitHub, GitLab, Terraform Cloud).
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

/// Claims whose values any customer of a shared issuer can have: what is built, and how.
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

/// Prefixes of subjects that come before the name of the customer.
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

/// The condition keys of callers outside any organization, without an external id or with a wrong one.
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

/// Evaluates a trust policy; `account` is the one that the role is in.
///
/// # Errors
/// If the text is not a policy.
pub fn trust(document: &str, account: &str) -> Result<Trust, Malformed> {
    let policy = Policy::parse(document)?;
    let owner = Owner {
        service: "sts",
        arn: None,
        account,
    };
    let resource = ResourcePolicy::new(&policy, &owner).about(ASSUME);
    let stranger = Caller::stranger(account);
    let accounts = resource.accounts(false);
    let unproven = accounts.iter().map(|(id, let_in)| {
        let caller = stranger.of(CallerScope::Account(id));
        let answers = UNPROVEN
            .iter()
            .map(|known| resource.lets_in(&caller.knowing(known)));
        (*id, answers.max().unwrap_or(Applies::No).min(*let_in))
    });
    let unproven: BTreeMap<&str, Applies> = unproven.collect();
    let services = resource.services();
    let sourceless: BTreeMap<&str, Applies> = services
        .iter()
        .map(|service| (*service, resource.lets_in(&stranger.through(service))))
        .collect();
    let sourceless = by_service(&sourceless);
    let tokens = tokens(&policy);
    Ok(Trust {
        anyone: resource.verdict(resource.lets_in(&stranger)),
        external_accounts: resource.listed(&accounts),
        external_without_external_id: resource.listed(&unproven),
        federated: tokens.keys().cloned().collect(),
        unbounded_oidc: unbounded(&tokens),
        passing_without_claim: tokens
            .iter()
            .filter(|(_, scope)| scope.passes_without_claim)
            .map(|(name, _)| name.clone())
            .collect(),
        services: sourceless.keys().cloned().collect(),
        services_without_source: resource.listed(&sourceless),
    })
}

/// How far the tokens of a provider are limited.
#[derive(Debug, Clone, Copy)]
struct Scope {
    /// Whether tokens of any customer are accepted.
    unbounded: Applies,
    /// Whether a condition on a claim that identifies the customer also passes tokens without the claim.
    passes_without_claim: bool,
}

/// The providers whose tokens are accepted, by name.
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

/// The action that exchanges the tokens of a provider, and its name: the host in lower case, or `saml`.
fn provider_of(provider: &str) -> (&'static str, String) {
    match provider.split_once(":oidc-provider/") {
        Some((_, name)) => (ASSUME_BY_TOKEN, name.to_ascii_lowercase()),
        None if provider.contains(":saml-provider/") => (ASSUME_BY_SAML, "saml".to_owned()),
        None => (ASSUME_BY_TOKEN, provider.to_ascii_lowercase()),
    }
}

/// The providers of which tokens of any customer are certainly accepted. If there is none but it is
/// possible for one, the gap.
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
            let detail = format!("it is not known whether {name} issues tokens to other customers");
            Part::Gap(Gap::new("", Cause::Undecided, detail))
        }
        _ => Part::Read(certain),
    }
}

/// Whether an action is denied to everyone, without conditions.
fn denied(policy: &Policy, action: &str) -> bool {
    let everyone = |s: &Statement| matches!(&s.principals, Some(Set::These(p)) if p.contains(&Principal::Anyone));
    policy.statements.iter().any(|s| {
        s.effect == Effect::Deny && everyone(s) && s.covers(action) && s.conditions.is_empty()
    })
}

/// Which tokens of a provider a statement accepts.
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
            // All tokens belong to one customer; of an unknown issuer, those for this audience do.
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

/// Whether a condition identifies the customer of a shared provider.
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

/// Whether a subject identifies the customer: `repo:my-org/*`, but not `repo:*` or `repo:my-*/app`.
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
