//! Reads IAM: users, groups, roles and managed policies with their documents in one call that is
//! paged, and passwords and keys from the credential report.

mod answer;
mod policies;
mod roles;
mod users;

use super::{Collector, credential_report};
use crate::model::kinds::iam::{AccessKey, AwsManagedPolicy, Group, Policy, Role, User};
use crate::model::{Definition, Kind, PartSpec, Per, Scope, TypedDocument};
use answer::{DETAILS, LIST_ROLES, POLICY_TAGS};

static USER: Kind = Kind {
    name: User::KIND,
    scope: Scope::Account,
    list: &[&DETAILS],
    parts: &[
        PartSpec {
            name: "credentials",
            calls: &[&credential_report::GENERATE, &credential_report::GET],
            per: Per::Kind,
        },
        derived("access"),
        derived("escalation"),
        derived("takeover"),
        derived("full_services"),
        derived("unbounded_actions"),
    ],
    definition: Definition::Typed(User::schema),
};

static ACCESS_KEY: Kind = Kind {
    name: AccessKey::KIND,
    scope: Scope::Account,
    list: &[&credential_report::GENERATE, &credential_report::GET],
    parts: &[],
    definition: Definition::Typed(AccessKey::schema),
};

static GROUP: Kind = Kind {
    name: Group::KIND,
    scope: Scope::Account,
    list: &[&DETAILS],
    parts: &[
        derived("members"),
        derived("access"),
        derived("escalation"),
        derived("full_services"),
        derived("unbounded_actions"),
    ],
    definition: Definition::Typed(Group::schema),
};

static ROLE: Kind = Kind {
    name: Role::KIND,
    scope: Scope::Account,
    list: &[&DETAILS],
    parts: &[
        PartSpec {
            name: "max_session_duration",
            calls: &[&LIST_ROLES],
            per: Per::Kind,
        },
        derived("trust"),
        derived("access"),
        derived("escalation"),
        derived("takeover"),
        derived("full_services"),
        derived("unbounded_actions"),
    ],
    definition: Definition::Typed(Role::schema),
};

static POLICY: Kind = Kind {
    name: Policy::KIND,
    scope: Scope::Account,
    list: &[&DETAILS],
    parts: &[
        PartSpec {
            name: "tags",
            calls: &[&POLICY_TAGS],
            per: Per::Resource,
        },
        derived("access"),
        derived("escalation"),
        derived("takeover"),
        derived("full_services"),
        derived("unbounded_actions"),
    ],
    definition: Definition::Typed(Policy::schema),
};

static AWS_MANAGED_POLICY: Kind = Kind {
    name: AwsManagedPolicy::KIND,
    scope: Scope::Account,
    list: &[&DETAILS],
    parts: &[],
    definition: Definition::Typed(AwsManagedPolicy::schema),
};

/// The kinds read here.
pub const COLLECTORS: &[Collector] = &[
    Collector {
        kind: &USER,
        read: |job| Box::pin(users::read_users(job)),
    },
    Collector {
        kind: &ACCESS_KEY,
        read: |job| Box::pin(users::read_access_keys(job)),
    },
    Collector {
        kind: &GROUP,
        read: |job| Box::pin(users::read_groups(job)),
    },
    Collector {
        kind: &ROLE,
        read: |job| Box::pin(roles::read_roles(job)),
    },
    Collector {
        kind: &POLICY,
        read: |job| Box::pin(policies::read_policies(job)),
    },
    Collector {
        kind: &AWS_MANAGED_POLICY,
        read: |job| Box::pin(policies::read_aws_managed(job)),
    },
];

const fn derived(name: &'static str) -> PartSpec {
    PartSpec {
        name,
        calls: &[],
        per: Per::Derived,
    }
}
