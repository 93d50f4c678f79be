use super::*;
use crate::derive::GLOBAL;
use crate::model::{Document, Tags};
use serde_json::json;

pub(in crate::derive::access) const HOME: &str = "111122223333";
pub(in crate::derive::access) const EVERYTHING: &str =
    r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
/// The core of `PowerUserAccess`.
const POWER: &str = r#"{"Statement": {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"}}"#;
const NOTHING: &str = r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;

/// A method's own name is too general for a pointer to it.
const ACCESS: Query<Access> = |policies| {
    let access = policies.access()?;
    Ok(access)
};

fn attached(names: &[&str]) -> Vec<AttachedPolicy> {
    let policy = |name: &&str| AttachedPolicy {
        policy_name: (*name).to_owned(),
        policy_arn: arn("policy", name),
    };
    names.iter().map(policy).collect()
}

pub(in crate::derive::access) fn inline(document: &str) -> Vec<InlinePolicy> {
    vec![InlinePolicy {
        policy_name: "inline".into(),
        document: document.into(),
    }]
}

fn arn(kind: &str, name: &str) -> String {
    match name.strip_prefix("aws:") {
        Some(name) => format!("arn:aws:iam::aws:policy/{name}"),
        None => format!("arn:aws:iam::{HOME}:{kind}/{name}"),
    }
}

pub(in crate::derive::access) fn add<K: TypedDocument>(
    world: &mut World,
    kind: &str,
    name: &str,
    own: &K,
) {
    let resource = Resource {
        kind: K::KIND.into(),
        id: name.into(),
        arn: Some(arn(kind, name)),
        name: name.into(),
        account: HOME.into(),
        region: GLOBAL.into(),
        tags: Part::Read(Tags::new()),
    };
    world.add(GLOBAL, Document::new(resource, own));
}

pub(in crate::derive::access) fn user(
    groups: &[&str],
    policies: Vec<AttachedPolicy>,
    boundary: Option<&str>,
) -> User {
    User {
        path: "/".into(),
        create_date: jiff::Timestamp::UNIX_EPOCH,
        groups: groups.iter().map(|g| (*g).to_owned()).collect(),
        attached_policies: policies,
        inline_policies: Vec::new(),
        permissions_boundary: boundary.map(|b| arn("policy", b)),
        credentials: Part::Unread,
        access: Part::Unread,
        escalation: Part::Unread,
        takeover: Part::Unread,
        full_services: Part::Unread,
        unbounded_actions: Part::Unread,
    }
}

fn group(policies: Vec<AttachedPolicy>, inline_policies: Vec<InlinePolicy>) -> Group {
    Group {
        path: "/".into(),
        create_date: jiff::Timestamp::UNIX_EPOCH,
        attached_policies: policies,
        inline_policies,
        members: Part::Unread,
        access: Part::Unread,
        escalation: Part::Unread,
        full_services: Part::Unread,
        unbounded_actions: Part::Unread,
    }
}

/// What AWS sends of one of its own policies.
fn aws_managed(document: &str) -> AwsManagedPolicy {
    AwsManagedPolicy {
        update_date: None,
        default_version_id: "v1".into(),
        attachment_count: Some(1),
        document: document.into(),
    }
}

fn policy(document: &str) -> kinds::Policy {
    kinds::Policy {
        path: "/".into(),
        create_date: jiff::Timestamp::UNIX_EPOCH,
        update_date: None,
        default_version_id: "v1".into(),
        version_count: 1,
        attachment_count: 1,
        permissions_boundary_usage_count: None,
        is_attachable: true,
        document: document.into(),
        access: Part::Unread,
        escalation: Part::Unread,
        takeover: Part::Unread,
        full_services: Part::Unread,
        unbounded_actions: Part::Unread,
    }
}

/// A role with this trust policy.
pub(in crate::derive::access) fn role(trust: &str, inline_policies: Vec<InlinePolicy>) -> Role {
    Role {
        path: "/".into(),
        create_date: jiff::Timestamp::UNIX_EPOCH,
        service_linked: false,
        assume_role_policy_document: trust.into(),
        attached_policies: Vec::new(),
        inline_policies,
        permissions_boundary: None,
        instance_profiles: Vec::new(),
        last_used_date: None,
        last_used_region: None,
        max_session_duration: Part::Unread,
        trust: Part::Unread,
        access: Part::Unread,
        escalation: Part::Unread,
        takeover: Part::Unread,
        full_services: Part::Unread,
        unbounded_actions: Part::Unread,
    }
}

/// A world in which everything was listed.
pub(in crate::derive::access) fn world() -> World {
    let mut world = World::default();
    for kind in [
        "iam.user",
        "iam.group",
        "iam.role",
        "iam.policy",
        "iam.aws_managed_policy",
    ] {
        world.listed(kind, GLOBAL);
    }
    for (name, document) in [
        ("aws:AdministratorAccess", EVERYTHING),
        ("aws:AWSDenyAll", NOTHING),
        ("aws:PowerUserAccess", POWER),
    ] {
        add(&mut world, "policy", name, &aws_managed(document));
    }
    add(&mut world, "policy", "all", &policy(EVERYTHING));
    add(&mut world, "policy", "none", &policy(NOTHING));
    add(&mut world, "policy", "broken", &policy("{"));
    add(
        &mut world,
        "group",
        "admins",
        &group(attached(&["all"]), Vec::new()),
    );
    add(
        &mut world,
        "group",
        "inliners",
        &group(Vec::new(), inline(EVERYTHING)),
    );
    world
}

fn access(world: &World, name: &str) -> Part<Access> {
    match &users(world, GLOBAL, ACCESS)[name] {
        Part::Read(value) => Part::Read(serde_json::from_value(value.clone()).unwrap()),
        Part::Gap(gap) => Part::Gap(gap.clone()),
        Part::Unread => Part::Unread,
    }
}

fn of(user: &User) -> Part<Access> {
    let mut world = world();
    add(&mut world, "user", "ana", user);
    access(&world, "ana")
}

fn is_administrator(part: &Part<Access>) -> Option<bool> {
    part.get().ok().map(|access| access.administrator)
}

#[test]
fn from_wherever_it_comes() {
    for (user, expected) in [
        (user(&[], attached(&["all"]), None), Some(true)),
        (
            user(&[], attached(&["aws:AdministratorAccess"]), None),
            Some(true),
        ),
        (user(&["admins"], Vec::new(), None), Some(true)),
        (user(&["inliners"], Vec::new(), None), Some(true)),
        (user(&[], Vec::new(), None), Some(false)),
        (user(&["admins"], attached(&["none"]), None), Some(false)),
        (
            user(&["admins"], attached(&["aws:AWSDenyAll"]), None),
            Some(false),
        ),
        (user(&["admins"], Vec::new(), Some("all")), Some(true)),
        (user(&["admins"], Vec::new(), Some("none")), Some(false)),
        (
            user(&["admins"], Vec::new(), Some("aws:PowerUserAccess")),
            Some(false),
        ),
    ] {
        assert_eq!(is_administrator(&of(&user)), expected, "{user:?}");
    }
    let by = of(&user(&["admins"], Vec::new(), None));
    assert_eq!(by.get().unwrap().administrator_by, [arn("policy", "all")]);
}

#[test]
fn what_was_not_read_is_unknown_unless_it_does_not_matter() {
    for (user, expected) in [
        (user(&[], attached(&["broken"]), None), None),
        // What was not read might deny it all.
        (user(&["admins"], attached(&["broken"]), None), None),
        (user(&["gone"], Vec::new(), None), None),
        (user(&[], attached(&["gone"]), None), None),
        (user(&["admins"], Vec::new(), Some("gone")), None),
        (user(&["admins"], Vec::new(), Some("aws:OfTomorrow")), None),
        // A name promises nothing, be it one that everybody knows.
        (user(&[], attached(&["aws:SecurityAudit"]), None), None),
        (user(&["admins"], attached(&["aws:OfTomorrow"]), None), None),
        (
            user(&["gone"], attached(&["none", "broken"]), None),
            Some(false),
        ),
        (user(&[], Vec::new(), Some("gone")), Some(false)),
    ] {
        assert_eq!(is_administrator(&of(&user)), expected, "{user:?}");
    }
}

#[test]
fn a_list_that_was_denied_hides_only_what_depends_on_it() {
    let gap = Gap::new(DETAILS, Cause::Denied, "AccessDenied");
    let mut world = world();
    add(
        &mut world,
        "user",
        "ana",
        &user(&["inliners"], Vec::new(), None),
    );
    add(
        &mut world,
        "user",
        "bob",
        &user(&[], attached(&["aws:AdministratorAccess"]), None),
    );
    world.missing("iam.group", GLOBAL, gap.clone());
    assert_eq!(is_administrator(&access(&world, "ana")), None);
    assert_eq!(is_administrator(&access(&world, "bob")), Some(true));
    world.missing("iam.policy", GLOBAL, gap.clone());
    assert_eq!(is_administrator(&access(&world, "bob")), Some(true));
    world.missing("iam.aws_managed_policy", GLOBAL, gap.clone());
    assert_eq!(is_administrator(&access(&world, "bob")), None);
    world.missing("iam.user", GLOBAL, gap.clone());
    assert_eq!(members(&world, GLOBAL)["admins"], Part::Gap(gap));
}

#[test]
fn groups_know_their_members() {
    let mut world = world();
    for name in ["zoe", "ana"] {
        add(
            &mut world,
            "user",
            name,
            &user(&["admins"], Vec::new(), None),
        );
    }
    let members = members(&world, GLOBAL);
    assert_eq!(members["admins"], Part::Read(json!(["ana", "zoe"])));
    assert_eq!(members["inliners"], Part::Read(json!([])));
}

#[test]
fn roles() {
    let mut world = world();
    let trust = json!({"Statement": {
        "Effect": "Allow", "Principal": {"AWS": HOME}, "Action": "sts:AssumeRole",
    }});
    add(
        &mut world,
        "role",
        "ours",
        &role(&trust.to_string(), inline(EVERYTHING)),
    );
    add(&mut world, "role", "odd", &role("{}", inline(EVERYTHING)));
    let trusts = role_trust(&world, GLOBAL);
    let Part::Read(ours) = &trusts["ours"] else {
        panic!("read");
    };
    assert_eq!(
        (&ours["anyone"], &ours["external_accounts"]),
        (&json!(false), &json!([]))
    );
    assert!(matches!(trusts["odd"], Part::Gap(_)));
    let Part::Read(access) = &super::roles(&world, GLOBAL, ACCESS)["ours"] else {
        panic!("read");
    };
    assert_eq!(access["administrator_by"], json!(["inline"]));
}
