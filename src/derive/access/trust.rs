//! Whom a role's trust policy lets in.

use super::condition::names_something;
use super::document::{Condition, Effect, Malformed, Policy, Principal, Set, Statement};
use crate::kinds::endpoints::{ServicePrincipal, canonical_principal};
use crate::model::kinds::iam::Trust;
use std::collections::BTreeSet;

/// Identity providers that give each application an audience of its own, so that the audience says
/// whose tokens are meant. For all others it is the same for every customer of the provider.
const AUDIENCE_IDENTIFIES: &[&str] = &[
    "accounts.google.com",
    "graph.facebook.com",
    "www.amazon.com",
];

/// Amazon Cognito, for which that holds too: its name without region and DNS suffix of a partition, in
/// <https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-cog.html> another.
const COGNITO: &[&str] = &["cognito-identity", "cognito-identity-us-gov"];

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

/// Keys that tie a service to the resource, account or organization that it acts for.
const SOURCE_KEYS: &[&str] = &[
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

/// In lower case, as parsed actions are.
const ASSUME: &str = "sts:assumerole";
const ASSUME_BY_TOKEN: &str = "sts:assumerolewithwebidentity";
const ASSUME_BY_SAML: &str = "sts:assumerolewithsaml";

/// Reads a trust policy; `account` is the one that the role is in.
///
/// # Errors
/// When the text is not a policy.
pub fn trust(document: &str, account: &str) -> Result<Trust, Malformed> {
    let policy = Policy::parse(document)?;
    let mut found = Found::default();
    for statement in &policy.statements {
        if statement.effect == Effect::Allow {
            found.add(statement, &policy, account);
        }
    }
    Ok(Trust {
        anyone: found.anyone,
        external_accounts: found.accounts.into_iter().collect(),
        external_without_external_id: found.unproven_accounts.into_iter().collect(),
        federated: found.federated.into_iter().collect(),
        unbounded_oidc: found.unbounded_oidc.into_iter().collect(),
        services: found.services.into_iter().collect(),
        services_without_source: found.unsourced_services.into_iter().collect(),
    })
}

#[derive(Default)]
struct Found {
    anyone: bool,
    accounts: BTreeSet<String>,
    unproven_accounts: BTreeSet<String>,
    federated: BTreeSet<String>,
    unbounded_oidc: BTreeSet<String>,
    services: BTreeSet<String>,
    unsourced_services: BTreeSet<String>,
}

impl Found {
    fn add(&mut self, statement: &Statement, policy: &Policy, account: &str) {
        let allows = |action| statement.covers(action) && !denied(policy, action);
        let principals = match &statement.principals {
            // All but some is nearly everyone.
            Some(Set::AllBut(_)) => &[Principal::Anyone][..],
            Some(Set::These(principals)) => principals,
            None => &[],
        };
        for principal in principals {
            match principal {
                Principal::Anyone if allows(ASSUME) => self.add_anyone(statement, policy, account),
                Principal::Aws(who) if allows(ASSUME) => {
                    if let Some(other) = account_of(who).filter(|other| *other != account) {
                        self.add_account(other, statement);
                    }
                }
                Principal::Service(name) if allows(ASSUME) => {
                    let service = canonical_principal(name).into_owned();
                    self.services.insert(service.clone());
                    let sourced = |c: &Condition| {
                        SOURCE_KEYS.contains(&c.key.as_str()) && c.demands_a_value() && c.narrows()
                    };
                    if !statement.conditions.iter().any(sourced) {
                        self.unsourced_services.insert(service);
                    }
                }
                Principal::Federated(provider) => {
                    let (action, name) = match provider.split_once(":oidc-provider/") {
                        Some((_, name)) => (ASSUME_BY_TOKEN, name.to_ascii_lowercase()),
                        None if provider.contains(":saml-provider/") => {
                            (ASSUME_BY_SAML, "saml".to_owned())
                        }
                        None => (ASSUME_BY_TOKEN, provider.to_ascii_lowercase()),
                    };
                    if allows(action) {
                        let oidc = action == ASSUME_BY_TOKEN;
                        if oidc && !statement.conditions.iter().any(|c| scopes(c, &name)) {
                            self.unbounded_oidc.insert(name.clone());
                        }
                        self.federated.insert(name);
                    }
                }
                _ => {}
            }
        }
    }

    fn add_anyone(&mut self, statement: &Statement, policy: &Policy, account: &str) {
        let narrowed = statement.conditions.iter().any(Condition::narrows);
        if !narrowed && !spared_few(policy, ASSUME) {
            self.anyone = true;
        }
        // Everyone under a condition that names accounts is those accounts.
        for condition in &statement.conditions {
            let names_accounts =
                ["aws:principalaccount", "aws:principalarn"].contains(&condition.key.as_str());
            if names_accounts && condition.narrows() {
                for other in condition.values.iter().filter_map(|v| account_of(v)) {
                    if other != account {
                        self.add_account(other, statement);
                    }
                }
            }
        }
    }

    fn add_account(&mut self, account: &str, statement: &Statement) {
        self.accounts.insert(account.to_owned());
        let proves = |c: &Condition| match c.key.as_str() {
            "sts:externalid" => {
                c.demands_a_value()
                    && c.values
                        .iter()
                        .all(|v| !c.has_wildcards() || v.chars().any(|c| !"*?".contains(c)))
            }
            "aws:principalorgid" | "aws:principalorgpaths" => c.narrows(),
            _ => false,
        };
        if !statement.conditions.iter().any(proves) {
            self.unproven_accounts.insert(account.to_owned());
        }
    }
}

/// The account of a principal: of its ARN, or itself. `None` for the unique id that is left of a
/// deleted principal, which nobody can be any more.
fn account_of(principal: &str) -> Option<&str> {
    let account = if principal.starts_with("arn:") {
        principal.split(':').nth(4)?
    } else {
        principal
    };
    (account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())).then_some(account)
}

fn about_everyone(statement: &Statement) -> bool {
    matches!(&statement.principals, Some(Set::These(p)) if p.contains(&Principal::Anyone))
}

/// Whether an action is denied to everyone, whatever the conditions of the request.
fn denied(policy: &Policy, action: &str) -> bool {
    policy.statements.iter().any(|s| {
        s.effect == Effect::Deny && about_everyone(s) && s.covers(action) && s.conditions.is_empty()
    })
}

/// Whether an action is denied to all but someone in particular.
fn spared_few(policy: &Policy, action: &str) -> bool {
    policy.statements.iter().any(|s| {
        let all_but = matches!(&s.principals, Some(Set::AllBut(_))) && s.conditions.is_empty();
        let conditions = about_everyone(s) && spares_few(&s.conditions);
        s.effect == Effect::Deny && s.covers(action) && (all_but || conditions)
    })
}

/// Whether a denial under these conditions together spares only someone in particular. AWS's own
/// services may be spared besides.
pub fn spares_few(conditions: &[Condition]) -> bool {
    let services = |c: &Condition| {
        ["aws:principalisawsservice", "aws:viaawsservice"].contains(&c.key.as_str())
            && c.is_bool(false)
    };
    conditions.iter().any(Condition::spares_only_the_identified)
        && conditions
            .iter()
            .all(|c| c.spares_only_the_identified() || services(c))
}

/// Whether a condition says whose tokens of a provider are meant.
fn scopes(condition: &Condition, provider: &str) -> bool {
    let claim = condition
        .key
        .strip_prefix(provider)
        .and_then(|rest| rest.strip_prefix(':'));
    let Some(claim) = claim.filter(|_| condition.demands_a_value()) else {
        return false;
    };
    let wild = condition.has_wildcards();
    match claim {
        "sub" => condition.values.iter().all(|v| is_narrow_subject(v, wild)),
        "aud" | "app_id" => {
            (AUDIENCE_IDENTIFIES.contains(&provider) || is_cognito(provider))
                && condition.values.iter().all(|v| names_something(v, wild))
        }
        claim => {
            IDENTIFYING_CLAIMS.contains(&claim)
                && condition.values.iter().all(|v| names_something(v, wild))
        }
    }
}

fn is_cognito(provider: &str) -> bool {
    ServicePrincipal::parse(provider).is_some_and(|name| COGNITO.contains(&name.service))
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
