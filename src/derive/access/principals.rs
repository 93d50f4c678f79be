//! The derived parts of IAM users, groups, roles and policies.

use super::document::{Malformed, Policy};
use super::privilege::{PrincipalPolicies, denies_everything};
use super::trust::trust;
use crate::derive::{World, part};
use crate::model::kinds::iam::{
    self as kinds, Access, AttachedPolicy, AwsManagedPolicy, Group, InlinePolicy, Role, User,
};
use crate::model::{Cause, Gap, Part, Resource, TypedDocument};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// The action that reads all IAM documents.
pub(super) const DETAILS: &str = "iam:GetAccountAuthorizationDetails";

type Parts = BTreeMap<String, Part<Value>>;
pub(super) type Read = Result<Policy, Gap>;

/// The names of a group's users.
pub(super) fn members(world: &World, region: &str) -> Parts {
    let users = world.all::<User>(region);
    derive_each::<Group, _>(world, region, |resource, _| {
        let mut members: Vec<String> = users
            .as_ref()
            .map_err(Clone::clone)?
            .iter()
            .filter(|(_, user)| user.groups.contains(&resource.id))
            .map(|(user, _)| user.id.clone())
            .collect();
        members.sort();
        Ok(members)
    })
}

/// The trust of roles.
pub(super) fn role_trust(world: &World, region: &str) -> Parts {
    derive_each::<Role, _>(world, region, |resource, role| {
        trust(&role.assume_role_policy_document, &resource.account)
            .map_err(|reason| malformed("AssumeRolePolicyDocument", reason))
    })
}

/// A question about the permissions that policies grant together.
type Query<T> = fn(&PrincipalPolicies<'_>) -> Result<T, Gap>;

/// The answers for customer managed policies.
pub(super) fn policies<T: Answer>(world: &World, region: &str, query: Query<T>) -> Parts {
    policies_with(world, region, |policies, _| query(policies))
}

/// The same, for a question that also depends on the resource.
pub(super) fn policies_with<T: Answer>(
    world: &World,
    region: &str,
    query: impl Fn(&PrincipalPolicies<'_>, &Resource) -> Result<T, Gap>,
) -> Parts {
    derive_each::<kinds::Policy, _>(world, region, |resource, policy| {
        let read = parse(&policy.document);
        let policies = vec![(resource.id.as_str(), as_ref(&read))];
        answer(
            |policies| query(policies, resource),
            resource,
            Vec::new(),
            policies,
            None,
        )
    })
}

/// The answers for groups.
pub(super) fn groups<T: Answer>(world: &World, region: &str, query: Query<T>) -> Parts {
    let managed = Managed::read(world, region);
    derive_each::<Group, _>(world, region, |resource, group| {
        let inline = parse_inline(&group.inline_policies);
        let policies = managed.with(&inline, &group.attached_policies);
        let own = resource.arn.as_deref().into_iter().collect();
        answer(query, resource, own, policies, None)
    })
}

/// The answers for roles.
pub(super) fn roles<T: Answer>(world: &World, region: &str, query: Query<T>) -> Parts {
    roles_with(world, region, |policies, _| query(policies))
}

/// The same, for a question that also depends on the resource.
pub(super) fn roles_with<T: Answer>(
    world: &World,
    region: &str,
    query: impl Fn(&PrincipalPolicies<'_>, &Resource) -> Result<T, Gap>,
) -> Parts {
    let managed = Managed::read(world, region);
    derive_each::<Role, _>(world, region, |resource, role| {
        let inline = parse_inline(&role.inline_policies);
        let policies = managed.with(&inline, &role.attached_policies);
        let own = resource.arn.as_deref().into_iter().collect();
        let boundary = managed.boundary(role.permissions_boundary.as_deref());
        answer(
            |policies| query(policies, resource),
            resource,
            own,
            policies,
            boundary,
        )
    })
}

/// The answers for users, including the policies of their groups.
pub(super) fn users<T: Answer>(world: &World, region: &str, query: Query<T>) -> Parts {
    users_with(world, region, |policies, _| query(policies))
}

/// The same, for a question that also depends on the resource.
pub(super) fn users_with<T: Answer>(
    world: &World,
    region: &str,
    query: impl Fn(&PrincipalPolicies<'_>, &Resource) -> Result<T, Gap>,
) -> Parts {
    let managed = Managed::read(world, region);
    let groups = world.all::<Group>(region);
    let groups: Result<HashMap<String, _>, Gap> = groups.map(|groups| {
        let parsed = groups.into_iter().map(|(resource, group)| {
            let inline = parse_inline(&group.inline_policies);
            (resource.id.clone(), (resource, group, inline))
        });
        parsed.collect()
    });
    derive_each::<User, _>(world, region, |resource, user| {
        let inline = parse_inline(&user.inline_policies);
        let mut policies = managed.with(&inline, &user.attached_policies);
        let mut own: Vec<&str> = resource.arn.as_deref().into_iter().collect();
        for name in &user.groups {
            let found = match &groups {
                Ok(groups) => groups
                    .get(name.as_str())
                    .ok_or_else(|| unread("a group that the list does not name")),
                Err(gap) => Err(gap.clone()),
            };
            match found {
                Ok((group_resource, group, inline)) => {
                    policies.extend(managed.with(inline, &group.attached_policies));
                    own.extend(group_resource.arn.as_deref());
                }
                Err(gap) => policies.push(("", Err(gap))),
            }
        }
        let boundary = managed.boundary(user.permissions_boundary.as_deref());
        answer(
            |policies| query(policies, resource),
            resource,
            own,
            policies,
            boundary,
        )
    })
}

/// The type of an answer. Its default is the answer if nothing is allowed.
pub(super) trait Answer: Default + PartialEq + serde::Serialize {}
impl<T: Default + PartialEq + serde::Serialize> Answer for T {}

/// The answer for some policies together, or the gap of a policy that was not read.
fn answer<T: Answer>(
    query: impl Fn(&PrincipalPolicies<'_>) -> Result<T, Gap>,
    resource: &Resource,
    own: Vec<&str>,
    policies: Vec<(&str, Result<&Policy, Gap>)>,
    boundary: Option<Result<&Policy, Gap>>,
) -> Result<T, Gap> {
    let known = policies.iter().filter_map(|(_, p)| p.as_ref().ok());
    // A policy that was not read can allow or deny anything. It only does not matter if another policy
    // denies everything.
    if known.into_iter().any(|policy| denies_everything(policy)) {
        return Ok(T::default());
    }
    let policies = policies
        .into_iter()
        .map(|(name, policy)| policy.map(|policy| (name, policy)))
        .collect::<Result<Vec<_>, Gap>>()?;
    let arn = resource.arn.as_deref().unwrap_or_default();
    let policies = PrincipalPolicies {
        policies,
        boundary: None,
        own,
        partition: arn.split(':').nth(1).unwrap_or("aws"),
        account: &resource.account,
    };
    match boundary {
        None => query(&policies),
        Some(Ok(boundary)) => query(&PrincipalPolicies {
            boundary: Some(boundary),
            ..policies
        }),
        // A boundary grants nothing, so it does not matter if nothing is allowed.
        Some(Err(gap)) => {
            let nothing =
                policies.access()? == Access::default() && query(&policies)? == T::default();
            if nothing { Ok(T::default()) } else { Err(gap) }
        }
    }
}

/// Managed policies by ARN, or the gap of an incomplete list.
struct Managed {
    /// Those of the account.
    own: Listed,
    /// Those of AWS that are attached in the account.
    of_aws: Listed,
}

type Listed = Result<HashMap<String, Read>, Gap>;

impl Managed {
    fn read(world: &World, region: &str) -> Self {
        Self {
            own: listed(world, region, |policy: &kinds::Policy| &policy.document),
            of_aws: listed(world, region, |policy: &AwsManagedPolicy| &policy.document),
        }
    }

    /// A policy by ARN. An AWS managed policy without a document is as unknown as any other: its name
    /// guarantees nothing.
    fn get(&self, arn: &str) -> Result<&Policy, Gap> {
        let list = if arn.contains(":iam::aws:policy/") {
            &self.of_aws
        } else {
            &self.own
        };
        match list.as_ref().map_err(Clone::clone)?.get(arn) {
            Some(read) => as_ref(read),
            None => Err(unread("a policy that the list does not name")),
        }
    }

    /// The permissions boundary of a principal, if it has one.
    fn boundary(&self, arn: Option<&str>) -> Option<Result<&Policy, Gap>> {
        arn.map(|arn| self.get(arn))
    }

    /// The inline and the attached policies of a principal, by name or ARN.
    fn with<'a>(
        &'a self,
        inline: &'a [(String, Read)],
        attached: &'a [AttachedPolicy],
    ) -> Vec<(&'a str, Result<&'a Policy, Gap>)> {
        let inline = inline.iter();
        let inline = inline.map(|(name, policy)| (name.as_str(), as_ref(policy)));
        let attached = attached.iter().map(|policy| policy.policy_arn.as_str());
        inline
            .chain(attached.map(|arn| (arn, self.get(arn))))
            .collect()
    }
}

/// The policies of a kind by ARN.
fn listed<K: TypedDocument>(world: &World, region: &str, document: fn(&K) -> &String) -> Listed {
    let policies = world.all::<K>(region)?.into_iter();
    let parsed = policies
        .filter_map(|(resource, policy)| Some((resource.arn.clone()?, parse(document(&policy)))));
    Ok(parsed.collect())
}

pub(super) fn parse(text: &str) -> Read {
    Policy::parse(text).map_err(|reason| malformed("Document", reason))
}

fn parse_inline(policies: &[InlinePolicy]) -> Vec<(String, Read)> {
    let parsed = policies.iter();
    parsed
        .map(|p| (p.policy_name.clone(), parse(&p.document)))
        .collect()
}

fn as_ref(read: &Read) -> Result<&Policy, Gap> {
    read.as_ref().map_err(Clone::clone)
}

fn malformed(field: &str, Malformed(reason): Malformed) -> Gap {
    Gap::malformed_because(DETAILS, "GetAccountAuthorizationDetails", field, reason)
}

fn unread(what: &str) -> Gap {
    Gap::new(DETAILS, Cause::Failed, what)
}

/// A part of every known document of a kind.
fn derive_each<K: TypedDocument, T: serde::Serialize>(
    world: &World,
    region: &str,
    derive: impl Fn(&Resource, &K) -> Result<T, Gap>,
) -> Parts {
    // Without documents there are no parts.
    let documents = world.known::<K>(region).unwrap_or_default();
    documents
        .into_iter()
        .map(|(resource, own)| (resource.id.clone(), part(derive(&resource, &own))))
        .collect()
}

#[cfg(test)]
#[path = "principals_tests.rs"]
pub(super) mod tests;
