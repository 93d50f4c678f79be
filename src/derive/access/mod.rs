//! Who may do what: bucket publicness, role trust, privileges that policies give.

pub mod condition;
pub mod document;
pub mod escalation;
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
        needs: &[POLICY],
        run: principals::policy_access,
    },
    Derivation {
        kind: "iam.group",
        part: "access",
        needs: &[GROUP, POLICY, AWS_MANAGED_POLICY],
        run: principals::group_access,
    },
    Derivation {
        kind: "iam.role",
        part: "access",
        needs: &[ROLE, POLICY, AWS_MANAGED_POLICY],
        run: principals::role_access,
    },
    Derivation {
        kind: "iam.user",
        part: "access",
        needs: &[USER, GROUP, POLICY, AWS_MANAGED_POLICY],
        run: principals::user_access,
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
