//! Who may do what: bucket publicness, role trust, privileges that policies give.

pub mod condition;
pub mod document;
pub mod escalation;
mod grant;
mod principals;
pub mod privilege;
pub mod publicness;
pub mod trust;

use super::{Derivation, Need};

const USER: Need = list("iam.user");
const GROUP: Need = list("iam.group");
const ROLE: Need = list("iam.role");
const POLICY: Need = list("iam.policy");
const AWS_MANAGED_POLICY: Need = list("iam.aws_managed_policy");

const OF_POLICY: &[Need] = &[POLICY];
const OF_GROUP: &[Need] = &[GROUP, POLICY, AWS_MANAGED_POLICY];
const OF_ROLE: &[Need] = &[ROLE, POLICY, AWS_MANAGED_POLICY];
const OF_USER: &[Need] = &[USER, GROUP, POLICY, AWS_MANAGED_POLICY];

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
        run: principals::members,
    },
    Derivation {
        kind: "iam.role",
        part: "trust",
        needs: &[ROLE],
        run: principals::role_trust,
    },
    Derivation {
        kind: "iam.policy",
        part: "access",
        needs: OF_POLICY,
        run: |w, r| principals::policies(w, r, |held| held.access()),
    },
    Derivation {
        kind: "iam.policy",
        part: "escalation",
        needs: OF_POLICY,
        run: |w, r| principals::policies(w, r, |held| held.escalation()),
    },
    Derivation {
        kind: "iam.policy",
        part: "full_services",
        needs: OF_POLICY,
        run: |w, r| principals::policies(w, r, |held| held.full_services()),
    },
    Derivation {
        kind: "iam.policy",
        part: "unbounded_actions",
        needs: OF_POLICY,
        run: |w, r| principals::policies(w, r, |held| held.unbounded_actions()),
    },
    Derivation {
        kind: "iam.group",
        part: "access",
        needs: OF_GROUP,
        run: |w, r| principals::groups(w, r, |held| held.access()),
    },
    Derivation {
        kind: "iam.group",
        part: "escalation",
        needs: OF_GROUP,
        run: |w, r| principals::groups(w, r, |held| held.escalation()),
    },
    Derivation {
        kind: "iam.group",
        part: "full_services",
        needs: OF_GROUP,
        run: |w, r| principals::groups(w, r, |held| held.full_services()),
    },
    Derivation {
        kind: "iam.group",
        part: "unbounded_actions",
        needs: OF_GROUP,
        run: |w, r| principals::groups(w, r, |held| held.unbounded_actions()),
    },
    Derivation {
        kind: "iam.role",
        part: "access",
        needs: OF_ROLE,
        run: |w, r| principals::roles(w, r, |held| held.access()),
    },
    Derivation {
        kind: "iam.role",
        part: "escalation",
        needs: OF_ROLE,
        run: |w, r| principals::roles(w, r, |held| held.escalation()),
    },
    Derivation {
        kind: "iam.role",
        part: "full_services",
        needs: OF_ROLE,
        run: |w, r| principals::roles(w, r, |held| held.full_services()),
    },
    Derivation {
        kind: "iam.role",
        part: "unbounded_actions",
        needs: OF_ROLE,
        run: |w, r| principals::roles(w, r, |held| held.unbounded_actions()),
    },
    Derivation {
        kind: "iam.user",
        part: "access",
        needs: OF_USER,
        run: |w, r| principals::users(w, r, |held| held.access()),
    },
    Derivation {
        kind: "iam.user",
        part: "escalation",
        needs: OF_USER,
        run: |w, r| principals::users(w, r, |held| held.escalation()),
    },
    Derivation {
        kind: "iam.user",
        part: "full_services",
        needs: OF_USER,
        run: |w, r| principals::users(w, r, |held| held.full_services()),
    },
    Derivation {
        kind: "iam.user",
        part: "unbounded_actions",
        needs: OF_USER,
        run: |w, r| principals::users(w, r, |held| held.unbounded_actions()),
    },
    Derivation {
        kind: "s3.bucket",
        part: "publicness",
        needs: &[BUCKET, ACCOUNT],
        run: publicness::buckets,
    },
    Derivation {
        kind: "s3.bucket",
        part: "tls_enforced",
        needs: &[BUCKET_POLICY],
        run: publicness::tls,
    },
];
