//! What anyone on the internet can do with a bucket: its policy and its ACL, less what the public
//! access blocks of bucket and account take away.

use super::document::{Effect, Policy, Principal, Set, Statement, fits};
use super::trust::spares_few;
use crate::derive::{World, part};
use crate::kinds::endpoints::partitions;
use crate::model::kinds::account::Account;
use crate::model::kinds::s3::{Acl, Bucket, PublicAccessBlock, Publicness};
use crate::model::{Cause, Gap, Part, Resource};
use serde_json::Value;
use std::collections::BTreeMap;

/// The groups of S3 that strangers belong to: everyone, and everyone with an AWS account.
const STRANGERS: &[&str] = &["/global/AllUsers", "/global/AuthenticatedUsers"];

/// Actions that show what is in a bucket, in lower case.
const READ: &[&str] = &[
    "s3:getobject",
    "s3:getobjectversion",
    "s3:listbucket",
    "s3:listbucketversions",
];

/// Actions that change what is in a bucket, or who may.
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

/// An answer, or what hides it.
type Known = Result<bool, Gap>;

/// Everything that decides whether a bucket is public, as far as it could be read.
pub struct Settings<'a> {
    /// The bucket's name.
    pub bucket: &'a str,
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

/// What one of the two ways to grant gives to strangers.
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

    /// What is left of them where `open` holds.
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
/// The gap that hides whether they can do anything. What decides is enough: a public ACL that
/// nothing blocks makes a bucket public whatever its policy, and a block keeps it closed whatever
/// the policy that could not be read.
pub fn publicness(settings: &Settings) -> Result<Publicness, Gap> {
    let switch = |on: fn(&PublicAccessBlock) -> bool| {
        let of = |block: &Result<Option<&PublicAccessBlock>, Gap>| -> Known {
            // No block blocks nothing.
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
        Some(text) => parse(text).map(Some),
    });
    match (&settings.policy_is_public, ours) {
        // S3 is the authority on whether its policies are public; ours tells how.
        (Ok(None | Some(false)), _) | (Err(_), Ok(None)) => Grants::none(),
        (Ok(Some(true)), Ok(Some(policy))) => {
            let read = allows_strangers(&policy, settings.bucket, READ);
            let write = allows_strangers(&policy, settings.bucket, WRITE);
            if read || write {
                Grants {
                    public: Ok(true),
                    read: Ok(read),
                    write: Ok(write),
                }
            } else {
                let gap = unread("S3 calls the policy public, for a reason not seen here");
                Grants::unknown(Ok(true), &gap)
            }
        }
        (Ok(Some(true)), Ok(None)) => {
            Grants::unknown(Ok(true), &unread("the policy changed while it was read"))
        }
        (Ok(Some(true)), Err(gap)) => Grants::unknown(Ok(true), &gap),
        (Err(_), Ok(Some(policy))) => Grants {
            public: Ok(is_public(&policy, settings.bucket)),
            read: Ok(allows_strangers(&policy, settings.bucket, READ)),
            write: Ok(allows_strangers(&policy, settings.bucket, WRITE)),
        },
        (Err(status), Err(policy)) => {
            // One of the two would do: name the one that a permission brings.
            let gap = if policy.cause == Cause::Denied {
                &policy
            } else {
                status
            };
            Grants::unknown(Err(gap.clone()), gap)
        }
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

/// Whether a statement of the policy lets strangers do anything at all.
fn is_public(policy: &Policy, bucket: &str) -> bool {
    policy.statements.iter().any(|s| {
        let tried: Vec<&str> = match &s.actions {
            Set::These(actions) => actions.iter().map(String::as_str).collect(),
            Set::AllBut(_) => vec!["s3:zq7-action"],
        };
        tried
            .iter()
            .any(|action| lets_strangers(s, policy, bucket, action))
    })
}

fn allows_strangers(policy: &Policy, bucket: &str, actions: &[&str]) -> bool {
    actions.iter().any(|action| {
        let mut statements = policy.statements.iter();
        statements.any(|s| s.covers(action) && lets_strangers(s, policy, bucket, action))
    })
}

fn lets_strangers(statement: &Statement, policy: &Policy, bucket: &str, action: &str) -> bool {
    let denied = policy.statements.iter().any(|s| {
        s.effect == Effect::Deny
            && s.covers(action)
            && about_all_of(s, bucket, action)
            && match &s.principals {
                Some(Set::These(who)) if who.contains(&Principal::Anyone) => {
                    s.conditions.is_empty() || spares_few(&s.conditions)
                }
                // All but some, as a denial, leaves only those some.
                Some(Set::AllBut(_)) => s.conditions.is_empty(),
                _ => false,
            }
    });
    let anyone = match &statement.principals {
        Some(Set::These(who)) => who.contains(&Principal::Anyone),
        Some(Set::AllBut(_)) => true,
        None => false,
    };
    statement.effect == Effect::Allow
        && anyone
        && !denied
        && !statement
            .conditions
            .iter()
            .any(super::document::Condition::narrows)
}

/// Whether a statement is about the whole bucket, or every object in it, as the action has it.
fn about_all_of(statement: &Statement, bucket: &str, action: &str) -> bool {
    let object = format!("/{bucket}/zq7-object");
    let name = if action.contains("object") || action.contains("retention") {
        object.trim_start_matches('/')
    } else {
        bucket
    };
    // The partition is the bucket's own, whichever that is.
    let arns = || {
        partitions()
            .iter()
            .map(|p| format!("arn:{}:s3:::{name}", p.id))
    };
    statement
        .resources
        .as_ref()
        .is_some_and(|r| arns().any(|arn| r.has(|pattern| fits(pattern, &arn))))
}

/// Whether a policy refuses to list, read and write over a connection without TLS.
fn enforces_tls(policy: &Policy, bucket: &str) -> bool {
    let refuses = |s: &Statement| {
        let everyone =
            matches!(&s.principals, Some(Set::These(p)) if p.contains(&Principal::Anyone));
        let plain = s.conditions.iter().all(|c| match c.key.as_str() {
            "aws:securetransport" => c.is_bool(false),
            // Without TLS there is no version of it.
            "s3:tlsversion" => c.operator == "numericlessthan" && c.if_exists,
            _ => false,
        });
        s.effect == Effect::Deny && everyone && plain
    };
    ["s3:listbucket", "s3:getobject", "s3:putobject"]
        .iter()
        .all(|action| {
            let mut statements = policy.statements.iter();
            statements.any(|s| refuses(s) && s.covers(action) && about_all_of(s, bucket, action))
        })
}

fn parse(text: &str) -> Result<Policy, Gap> {
    Policy::parse(text).map_err(|malformed| unread(malformed.0))
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
            bucket: &resource.id,
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

/// Whether each bucket's policy enforces TLS.
pub(super) fn tls(world: &World, region: &str) -> BTreeMap<String, Part<Value>> {
    each(world, region, |resource, bucket| {
        match bucket.policy.get()?.as_deref() {
            None => Ok(false),
            Some(text) => Ok(enforces_tls(&parse(text)?, &resource.id)),
        }
    })
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
