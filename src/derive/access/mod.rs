//! The IAM evaluator: who may do what, according to identity policies and resource policies.
//!
//! # How a request is decided
//!
//! AWS decides a request in this order
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>).
//! This module follows it, as far as it reads the policies:
//!
//! 1. **An explicit denial in any policy denies the request.** A statement applies if its principal,
//!    action and resource match and *all* of its conditions hold.
//! 2. **Policies of the organization** (service and resource control policies) must allow it. The
//!    program does not read them: the results only cover the account's own policies.
//! 3. **The resource policy.** Within the account it suffices to allow the request. For a caller from
//!    outside it is the owner's half of the decision, and the only half that is evaluated here
//!    ([`resource_policy`]; [`trust`] for roles; [`publicness`] for buckets, with their ACLs and public
//!    access blocks).
//! 4. **The permissions boundary** must allow it too. A boundary grants nothing ([`privilege`]).
//! 5. **An identity policy**, of the principal or its groups, must allow it ([`privilege`]).
//! 6. **Otherwise it is denied.**
//!
//! # What is not known
//!
//! A policy is evaluated without a request, so a condition can hold for some requests and not for
//! others. Answers therefore have three values ([`caller::Applies`]): yes, no, and perhaps. It is
//! perhaps if the answer depends on a key that is not in [`keys`], on a policy variable, or on the time.
//! An allowing statement applies if some caller can meet its conditions, a denying one only if every
//! caller meets them.
//!
//! The tests check what follows from this: a denial never widens access, nor does a condition on an
//! allowing statement, and an unknown key makes an answer unknown, never open and never closed.

pub mod caller;
pub mod condition;
pub mod document;
pub mod escalation;
#[cfg(test)]
mod escalation_paths;
mod grant;
mod issuers;
pub mod keys;
mod named_values;
mod open_actions;
pub mod pattern;
mod principal_match;
mod principals;
pub mod privilege;
pub mod publicness;
pub mod resource_policy;
mod takeover;
mod tls;
pub mod trust;

pub use resource_policy::{Owner, resource_access};

use super::{Derivation, Need};
use crate::model::kinds::policy_access::PolicyAccess;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

/// The JSON schema of the result of [`resource_access`], without references, for kinds that have it as
/// a derived part.
#[must_use]
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    let mut schema = SchemaGenerator::new(settings).into_root_schema_for::<PolicyAccess>();
    schema.remove("$schema");
    schema.to_value()
}

const USER: Need = list("iam.user");
const GROUP: Need = list("iam.group");
const ROLE: Need = list("iam.role");
const POLICY: Need = list("iam.policy");
const AWS_MANAGED_POLICY: Need = list("iam.aws_managed_policy");

const OF_POLICY: &[Need] = &[POLICY];
const OF_GROUP: &[Need] = &[GROUP, POLICY, AWS_MANAGED_POLICY];
const OF_ROLE: &[Need] = &[ROLE, POLICY, AWS_MANAGED_POLICY];
const OF_USER: &[Need] = &[USER, GROUP, POLICY, AWS_MANAGED_POLICY];

/// The principals that can be taken over, and their permissions.
const TAKEOVER: &[Need] = &[
    Need {
        kind: "iam.user",
        parts: &["access", "escalation"],
    },
    Need {
        kind: "iam.role",
        parts: &["access", "escalation"],
    },
    GROUP,
    POLICY,
    AWS_MANAGED_POLICY,
];

const BUCKET: Need = Need {
    kind: "s3.bucket",
    parts: &[
        "policy",
        "policy_status",
        "acl",
        "object_ownership",
        "public_access_block",
    ],
};
const ACCOUNT: Need = Need {
    kind: "account",
    parts: &["public_access_block"],
};
const BUCKET_POLICY: Need = Need {
    kind: "s3.bucket",
    parts: &["policy"],
};

const fn list(kind: &'static str) -> Need {
    Need { kind, parts: &[] }
}

/// The derivations of this file.
#[allow(
    clippy::redundant_closure_for_method_calls,
    reason = "the path of a method is one for a single lifetime"
)]
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        kind: "iam.group",
        part: "members",
        needs: &[GROUP, USER],
        run: &principals::members,
    },
    Derivation {
        kind: "iam.role",
        part: "trust",
        needs: &[ROLE],
        run: &principals::role_trust,
    },
    Derivation {
        kind: "iam.policy",
        part: "access",
        needs: OF_POLICY,
        run: &|w, r| principals::policies(w, r, |held| held.access()),
    },
    Derivation {
        kind: "iam.policy",
        part: "escalation",
        needs: OF_POLICY,
        run: &|w, r| principals::policies(w, r, |held| held.escalation()),
    },
    Derivation {
        kind: "iam.policy",
        part: "full_services",
        needs: OF_POLICY,
        run: &|w, r| principals::policies(w, r, |held| held.full_services()),
    },
    Derivation {
        kind: "iam.policy",
        part: "unbounded_actions",
        needs: OF_POLICY,
        run: &|w, r| principals::policies(w, r, |held| held.unbounded_actions()),
    },
    Derivation {
        kind: "iam.group",
        part: "access",
        needs: OF_GROUP,
        run: &|w, r| principals::groups(w, r, |held| held.access()),
    },
    Derivation {
        kind: "iam.group",
        part: "escalation",
        needs: OF_GROUP,
        run: &|w, r| principals::groups(w, r, |held| held.escalation()),
    },
    Derivation {
        kind: "iam.group",
        part: "full_services",
        needs: OF_GROUP,
        run: &|w, r| principals::groups(w, r, |held| held.full_services()),
    },
    Derivation {
        kind: "iam.group",
        part: "unbounded_actions",
        needs: OF_GROUP,
        run: &|w, r| principals::groups(w, r, |held| held.unbounded_actions()),
    },
    Derivation {
        kind: "iam.role",
        part: "access",
        needs: OF_ROLE,
        run: &|w, r| principals::roles(w, r, |held| held.access()),
    },
    Derivation {
        kind: "iam.role",
        part: "escalation",
        needs: OF_ROLE,
        run: &|w, r| principals::roles(w, r, |held| held.escalation()),
    },
    Derivation {
        kind: "iam.role",
        part: "full_services",
        needs: OF_ROLE,
        run: &|w, r| principals::roles(w, r, |held| held.full_services()),
    },
    Derivation {
        kind: "iam.role",
        part: "unbounded_actions",
        needs: OF_ROLE,
        run: &|w, r| principals::roles(w, r, |held| held.unbounded_actions()),
    },
    Derivation {
        kind: "iam.user",
        part: "access",
        needs: OF_USER,
        run: &|w, r| principals::users(w, r, |held| held.access()),
    },
    Derivation {
        kind: "iam.user",
        part: "escalation",
        needs: OF_USER,
        run: &|w, r| principals::users(w, r, |held| held.escalation()),
    },
    Derivation {
        kind: "iam.user",
        part: "full_services",
        needs: OF_USER,
        run: &|w, r| principals::users(w, r, |held| held.full_services()),
    },
    Derivation {
        kind: "iam.user",
        part: "unbounded_actions",
        needs: OF_USER,
        run: &|w, r| principals::users(w, r, |held| held.unbounded_actions()),
    },
    Derivation {
        kind: "iam.policy",
        part: "takeover",
        needs: TAKEOVER,
        run: &takeover::policies,
    },
    Derivation {
        kind: "iam.role",
        part: "takeover",
        needs: TAKEOVER,
        run: &takeover::roles,
    },
    Derivation {
        kind: "iam.user",
        part: "takeover",
        needs: TAKEOVER,
        run: &takeover::users,
    },
    Derivation {
        kind: "s3.bucket",
        part: "publicness",
        needs: &[BUCKET, ACCOUNT],
        run: &publicness::buckets,
    },
    Derivation {
        kind: "s3.bucket",
        part: "access",
        needs: &[BUCKET_POLICY],
        run: &publicness::access,
    },
];
