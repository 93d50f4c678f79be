//! What anyone on the internet can do with a bucket: by its policy and its ACL, as far as the public
//! access blocks of bucket and account allow it.

use super::caller::{Applies, Caller};
use super::document::{Malformed, Policy};
use super::resource_policy::{Owner, ResourcePolicy, resource_access};
use crate::derive::{World, part};
use crate::model::kinds::account::Account;
use crate::model::kinds::s3::{Acl, Bucket, PublicAccessBlock, Publicness};
use crate::model::{Cause, Gap, Part, Resource};
use serde_json::Value;
use std::collections::BTreeMap;

/// The groups of S3 that strangers belong to: everyone, and everyone with an AWS account.
const STRANGERS: &[&str] = &["/global/AllUsers", "/global/AuthenticatedUsers"];

/// Actions that read or list objects, in lower case.
const READ: &[&str] = &[
    "s3:getobject",
    "s3:getobjectversion",
    "s3:listbucket",
    "s3:listbucketversions",
];

/// Actions that change objects, or the permissions of a bucket.
const WRITE: &[&str] = &[
    "s3:bypassgovernanceretention",
    "s3:deletebucket",
    "s3:deleteobject",
    "s3:deleteobjectversion",
    "s3:putbucketacl",
    "s3:putbucketpolicy",
    "s3:putobject",
    "s3:putobjectacl",
    "s3:replicateobject",
];

/// An answer, or the gap that leaves it open.
type Known = Result<bool, Gap>;

/// The settings that decide whether a bucket is public, each with its gap if it could not be read.
pub struct Settings<'a> {
    /// The bucket.
    pub owner: Owner<'a>,
    /// The text of its policy, if it has one.
    pub policy: Result<Option<&'a str>, Gap>,
    /// What S3 itself calls the policy, if there is one.
    pub policy_is_public: Result<Option<bool>, Gap>,
    /// Its access control list.
    pub acl: Result<&'a Acl, Gap>,
    /// Its object ownership, if ever set.
    pub ownership: Result<Option<&'a str>, Gap>,
    /// Its own public access block, if it has one.
    pub own_block: Result<Option<&'a PublicAccessBlock>, Gap>,
    /// The account's public access block, if it has one.
    pub account_block: Result<Option<&'a PublicAccessBlock>, Gap>,
}

/// What the policy, or the ACL, grants to strangers.
struct Grants {
    public: Known,
    read: Known,
    write: Known,
}

impl Grants {
    fn none() -> Self {
        Self {
            public: Ok(false),
            read: Ok(false),
            write: Ok(false),
        }
    }

    fn unknown(public: Known, gap: &Gap) -> Self {
        Self {
            public,
            read: Err(gap.clone()),
            write: Err(gap.clone()),
        }
    }

    /// The grants that remain if they only count where `open` is true.
    fn where_open(self, open: &Known) -> Self {
        Self {
            public: and(self.public, open.clone()),
            read: and(self.read, open.clone()),
            write: and(self.write, open.clone()),
        }
    }
}

/// What strangers can do.
///
/// # Errors
/// The gap that leaves it open whether they can do anything. One setting can decide it alone: a public
/// ACL that nothing blocks makes a bucket public whatever its policy, and a block keeps it closed even
/// if the policy could not be read.
pub fn publicness(settings: &Settings) -> Result<Publicness, Gap> {
    let switch = |on: fn(&PublicAccessBlock) -> bool| {
        let of = |block: &Result<Option<&PublicAccessBlock>, Gap>| -> Known {
            // Without a block nothing is blocked.
            block.clone().map(|block| block.is_some_and(on))
        };
        or(of(&settings.own_block), of(&settings.account_block))
    };
    let restricted = switch(|block| block.restrict_public_buckets);
    let policy = policy_grants(settings).where_open(&not(restricted));

    let enforced = settings.ownership.clone();
    let switched_off = enforced.map(|o| o == Some("BucketOwnerEnforced"));
    let ignored = or(switch(|block| block.ignore_public_acls), switched_off);
    let acl = acl_grants(settings).where_open(&not(ignored));

    let mut by = Vec::new();
    for (name, grants) in [("policy", &policy), ("acl", &acl)] {
        if grants.public == Ok(true) {
            by.push(name.to_owned());
        }
    }
    Ok(Publicness {
        public: or(policy.public, acl.public)?,
        by,
        read: or(policy.read, acl.read).ok(),
        write: or(policy.write, acl.write).ok(),
    })
}

fn policy_grants(settings: &Settings) -> Grants {
    let ours = settings.policy.clone().and_then(|text| match text {
        None => Ok(None),
        Some(text) => parse(text).map(|policy| Some(by_policy(&policy, &settings.owner))),
    });
    match (&settings.policy_is_public, ours) {
        // S3 decides whether a policy is public; our evaluation says what it allows.
        (Ok(None | Some(false)), _) | (Err(_), Ok(None)) => Grants::none(),
        (Ok(Some(true)), Ok(Some(ours))) => {
            let nothing = [&ours.read, &ours.write]
                .iter()
                .all(|known| **known == Ok(false));
            if nothing {
                let gap = unread("S3 calls the policy public, for a reason not seen here");
                Grants::unknown(Ok(true), &gap)
            } else {
                Grants {
                    public: Ok(true),
                    ..ours
                }
            }
        }
        (Ok(Some(true)), Ok(None)) => {
            Grants::unknown(Ok(true), &unread("the policy changed while it was read"))
        }
        (Ok(Some(true)), Err(gap)) => Grants::unknown(Ok(true), &gap),
        (Err(_), Ok(Some(ours))) => ours,
        (Err(status), Err(policy)) => {
            // Either of the two would decide it. Report the one that a permission makes readable.
            let gap = if policy.cause == Cause::Denied {
                &policy
            } else {
                status
            };
            Grants::unknown(Err(gap.clone()), gap)
        }
    }
}

/// What a policy grants to strangers, by our evaluation.
fn by_policy(policy: &Policy, owner: &Owner<'_>) -> Grants {
    let resource = ResourcePolicy::new(policy, owner);
    let stranger = Caller::stranger(owner.account);
    let verdict = |answer: Applies| resource.verdict(answer).get().copied();
    let one_of = |actions: &[&str]| {
        let answers = actions
            .iter()
            .map(|action| resource.allows(&stranger, action));
        verdict(answers.max().unwrap_or(Applies::No))
    };
    Grants {
        public: verdict(resource.lets_in(&stranger)),
        read: one_of(READ),
        write: one_of(WRITE),
    }
}

fn acl_grants(settings: &Settings) -> Grants {
    let acl = match &settings.acl {
        Ok(acl) => acl,
        Err(gap) => return Grants::unknown(Err(gap.clone()), gap),
    };
    let strangers = acl.grants.iter().filter(|grant| {
        let uri = grant.uri.as_deref().unwrap_or_default();
        STRANGERS.iter().any(|group| uri.ends_with(group))
    });
    let mut grants = Grants::none();
    for grant in strangers {
        grants.public = Ok(true);
        match grant.permission.as_deref() {
            Some("READ") => grants.read = Ok(true),
            Some("WRITE" | "WRITE_ACP") => grants.write = Ok(true),
            Some("FULL_CONTROL") => {
                grants.read = Ok(true);
                grants.write = Ok(true);
            }
            _ => {}
        }
    }
    grants
}

fn parse(text: &str) -> Result<Policy, Gap> {
    Policy::parse(text).map_err(malformed)
}

fn malformed(Malformed(reason): Malformed) -> Gap {
    Gap::malformed_because("s3:GetBucketPolicy", "GetBucketPolicy", "Policy", reason)
}

fn unread(what: &str) -> Gap {
    Gap::new("s3:GetBucketPolicy", Cause::Failed, what)
}

fn and(a: Known, b: Known) -> Known {
    match (a, b) {
        (Ok(false), _) | (_, Ok(false)) => Ok(false),
        (Ok(true), Ok(true)) => Ok(true),
        (Err(gap), _) | (_, Err(gap)) => Err(gap),
    }
}

fn or(a: Known, b: Known) -> Known {
    not(and(not(a), not(b)))
}

fn not(a: Known) -> Known {
    a.map(|a| !a)
}

/// The publicness of every bucket.
pub(super) fn buckets(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    let account = world.all::<Account>(region).and_then(|accounts| {
        let account = accounts.into_iter().next();
        let (_, account) = account
            .ok_or_else(|| Gap::new("", Cause::Uncollected, "the account was not collected"))?;
        account.public_access_block.get().cloned()
    });
    each(world, region, |resource, bucket| {
        publicness(&Settings {
            owner: owner(resource),
            policy: bucket.policy.get().map(Option::as_deref),
            policy_is_public: bucket
                .policy_status
                .get()
                .map(|status| status.as_ref().map(|s| s.is_public)),
            acl: bucket.acl.get(),
            ownership: bucket.object_ownership.get().map(Option::as_deref),
            own_block: bucket.public_access_block.get().map(Option::as_ref),
            account_block: account.as_ref().map(Option::as_ref).map_err(Clone::clone),
        })
    })
}

/// What each bucket's policy lets others do.
pub(super) fn access(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    each(world, region, |resource, bucket| {
        let document = bucket.policy.get()?.as_deref();
        resource_access(document, &owner(resource)).map_err(malformed)
    })
}

fn owner(resource: &Resource) -> Owner<'_> {
    Owner {
        service: "s3",
        arn: resource.arn.as_deref(),
        account: &resource.account,
    }
}

fn each<T: serde::Serialize>(
    world: &World,
    region: &str,
    derive: impl Fn(&Resource, &Bucket) -> Result<T, Gap>,
) -> BTreeMap<String, Part<Value>> {
    let buckets = world.known::<Bucket>(region).unwrap_or_default();
    buckets
        .into_iter()
        .map(|(resource, bucket)| (resource.id.clone(), part(derive(&resource, &bucket))))
        .collect()
}

#[cfg(test)]
#[path = "publicness_tests.rs"]
mod tests;
