//! The existing users and roles that the holders of permissions can act as.

use super::caller::{Applies, Caller, CallerScope};
use super::document::{Effect, Policy, Principal, Set};
use super::escalation::{TakeoverPath, TakeoverTarget};
use super::principal_match::account_of;
use super::principals;
use crate::derive::World;
use crate::kinds::endpoints::canonical_principal;
use crate::model::kinds::iam::{Access, Role, Takeover, User};
use crate::model::{Cause, Gap, Part, Resource};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const ASSUME: &str = "sts:assumerole";

type Parts = BTreeMap<String, Part<Value>>;

/// The takeovers that customer managed policies allow their holders.
pub(super) fn policies(world: &World, region: &str) -> Parts {
    let account = Account::read(world, region);
    principals::policies_with(world, region, |policies, _| {
        Ok(account.reachable(&policies.takeovers()?, None))
    })
}

/// The takeovers that roles can carry out.
pub(super) fn roles(world: &World, region: &str) -> Parts {
    let account = Account::read(world, region);
    principals::roles_with(world, region, |policies, own| {
        Ok(account.reachable(&policies.takeovers()?, own.arn.as_deref()))
    })
}

/// The takeovers that users can carry out.
pub(super) fn users(world: &World, region: &str) -> Parts {
    let account = Account::read(world, region);
    principals::users_with(world, region, |policies, own| {
        Ok(account.reachable(&policies.takeovers()?, own.arn.as_deref()))
    })
}

/// The users and roles of an account.
struct Account {
    users: Result<Vec<Candidate>, Gap>,
    roles: Result<Vec<Candidate>, Gap>,
}

/// A user or role.
struct Candidate {
    /// `user/ana`, `role/deploy`.
    name: String,
    arn: Option<String>,
    /// Whether it is an administrator, or can become one.
    administrator: Result<bool, Gap>,
    /// The trust policy of a role; `None` for a user.
    trust: Option<Result<Policy, Gap>>,
    /// Whether it is a role that only AWS can change.
    of_aws: bool,
}

impl Account {
    fn read(world: &World, region: &str) -> Self {
        let users = world.all::<User>(region).map(|users| {
            let candidate = |(resource, user): (Resource, User)| Candidate {
                name: format!("user/{}", resource.id),
                arn: resource.arn,
                administrator: administrator(&user.access, &user.escalation),
                trust: None,
                of_aws: false,
            };
            users.into_iter().map(candidate).collect()
        });
        let roles = world.all::<Role>(region).map(|roles| {
            let candidate = |(resource, role): (Resource, Role)| Candidate {
                name: format!("role/{}", resource.id),
                arn: resource.arn,
                administrator: administrator(&role.access, &role.escalation),
                trust: Some(principals::parse(&role.assume_role_policy_document)),
                of_aws: role.service_linked || role.path.starts_with("/aws-reserved/"),
            };
            roles.into_iter().map(candidate).collect()
        });
        Self { users, roles }
    }

    /// The principals that the holder of these paths can act as; `own` is the holder, who gains
    /// nothing from themselves.
    fn reachable(&self, paths: &[&'static TakeoverPath], own: Option<&str>) -> Takeover {
        let (usable, undecided) = self.usable(paths, own);
        let mut unsure = undecided.clone();
        let mut administrators = Vec::new();
        for candidate in usable.values() {
            match &candidate.administrator {
                Ok(true) => administrators.push(candidate.name.clone()),
                Ok(false) => {}
                Err(gap) => {
                    unsure.get_or_insert_with(|| gap.clone());
                }
            }
        }
        // Known names are reported even if there may be more. That there are none must be certain.
        let known = |gap: Option<Gap>, names: Vec<String>| match gap {
            Some(gap) if names.is_empty() => Part::Gap(gap),
            _ => Part::Read(names),
        };
        let principals = usable.into_keys().map(ToOwned::to_owned).collect();
        let names: BTreeSet<String> = paths.iter().map(|path| path.name()).collect();
        Takeover {
            ways: names.into_iter().collect(),
            principals: known(undecided, principals),
            administrators: known(unsure, administrators),
        }
    }

    /// The candidates, by name, on whom one of these paths can be used, and the first gap that
    /// leaves it open for another.
    fn usable(
        &self,
        paths: &[&'static TakeoverPath],
        own: Option<&str>,
    ) -> (BTreeMap<&str, &Candidate>, Option<Gap>) {
        let mut usable: BTreeMap<&str, &Candidate> = BTreeMap::new();
        let mut undecided: Option<Gap> = None;
        for path in paths {
            let candidates = match path.target {
                TakeoverTarget::User => &self.users,
                _ => &self.roles,
            };
            let candidates = match candidates {
                Ok(candidates) => candidates,
                Err(gap) => {
                    undecided.get_or_insert_with(|| gap.clone());
                    continue;
                }
            };
            for candidate in candidates {
                if own.is_some() && candidate.arn.as_deref() == own {
                    continue;
                }
                match candidate.can_be_taken_over(path.target, own) {
                    Ok(Applies::Yes) => {
                        usable.insert(&candidate.name, candidate);
                    }
                    Ok(Applies::No) => {}
                    Ok(Applies::Perhaps) => {
                        let detail = format!(
                            "depends on the principals of the trust policy of {}",
                            candidate.name
                        );
                        undecided.get_or_insert_with(|| Gap::new("", Cause::Undecided, detail));
                    }
                    Err(gap) => {
                        undecided.get_or_insert(gap);
                    }
                }
            }
        }
        (usable, undecided)
    }
}

impl Candidate {
    fn can_be_taken_over(
        &self,
        target: TakeoverTarget,
        holder: Option<&str>,
    ) -> Result<Applies, Gap> {
        let trust = || match &self.trust {
            Some(Ok(policy)) => Ok(policy),
            Some(Err(gap)) => Err(gap.clone()),
            None => unreachable!("only roles have a trust policy"),
        };
        Ok(match target {
            TakeoverTarget::User => Applies::Yes,
            TakeoverTarget::Role => (!self.of_aws).into(),
            TakeoverTarget::AssumableRole => {
                admits(trust()?, holder, self.arn.as_deref().unwrap_or_default())
            }
            TakeoverTarget::ServiceRole(service) => serves(trust()?, service).into(),
        })
    }
}

fn administrator(access: &Part<Access>, escalation: &Part<Vec<String>>) -> Result<bool, Gap> {
    if access.get().is_ok_and(|access| access.administrator) {
        return Ok(true);
    }
    let paths = escalation.get()?;
    access.get()?;
    Ok(!paths.is_empty())
}

/// Whether a trust policy lets a service run code with the role.
fn serves(policy: &Policy, service: &str) -> bool {
    policy.statements.iter().any(|s| {
        let named =
            |p: &Principal| matches!(p, Principal::Service(n) if canonical_principal(n) == service);
        s.effect == Effect::Allow
            && s.covers(ASSUME)
            && matches!(&s.principals, Some(Set::These(who)) if who.iter().any(named))
    })
}

/// Whether a trust policy lets in a principal of the same account that has the permission to assume the
/// role: it names the account, or the principal.
fn admits(policy: &Policy, holder: Option<&str>, role: &str) -> Applies {
    let home = account_of(role).unwrap_or_default();
    let caller = Caller::stranger(home).of(CallerScope::Account(home));
    let statements = policy.statements.iter().filter(|s| s.covers(ASSUME));
    let (allowing, denying): (Vec<_>, Vec<_>) = statements.partition(|s| s.effect == Effect::Allow);
    let named = |principal: &Principal| match principal {
        Principal::Anyone => true,
        Principal::Aws(who) => {
            holder == Some(who.as_str())
                || (account_of(who) == Some(home) && (who == home || who.ends_with(":root")))
        }
        _ => false,
    };
    let allowed = allowing
        .iter()
        .filter(|s| match &s.principals {
            Some(Set::These(who)) => who.iter().any(named),
            _ => false,
        })
        .map(|s| {
            s.conditions
                .iter()
                .map(|c| c.can_hold(&caller))
                .min()
                .unwrap_or(Applies::Yes)
        })
        .max()
        .unwrap_or(Applies::No);
    // A denial may be about other principals. Whether it applies here is not known.
    if denying.is_empty() {
        allowed
    } else {
        allowed.min(Applies::Perhaps)
    }
}

#[cfg(test)]
#[path = "takeover_tests.rs"]
mod tests;
