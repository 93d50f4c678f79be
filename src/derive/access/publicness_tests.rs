use super::*;
use crate::kinds::endpoints::partitions;
use crate::model::kinds::s3::Grant;
use serde_json::json;

fn gap() -> Gap {
    Gap::new("s3:X", Cause::Denied, "AccessDenied")
}

fn acl(group: Option<(&str, &str)>) -> Acl {
    let mut grants = vec![Grant {
        id: Some("owner".into()),
        permission: Some("FULL_CONTROL".into()),
        ..Grant::default()
    }];
    grants.extend(group.map(|(group, permission)| Grant {
        uri: Some(format!("http://acs.amazonaws.com/groups/{group}")),
        permission: Some(permission.into()),
        ..Grant::default()
    }));
    Acl {
        owner_id: None,
        grants,
    }
}

fn policy(statements: &Value) -> String {
    json!({ "Statement": statements }).to_string()
}

fn open_policy() -> String {
    policy(&json!({
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
    }))
}

const CLOSED: PublicAccessBlock = PublicAccessBlock {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: true,
};

const B: Owner<'_> = Owner {
    service: "s3",
    arn: Some("arn:aws:s3:::b"),
    account: "111122223333",
};

/// Nothing is public and everything was read.
fn private(acl: &Acl) -> Settings<'_> {
    Settings {
        owner: B,
        policy: Ok(None),
        policy_is_public: Ok(None),
        acl: Ok(acl),
        ownership: Ok(None),
        own_block: Ok(None),
        account_block: Ok(None),
    }
}

#[test]
fn a_private_bucket() {
    let acl = acl(None);
    let answer = publicness(&private(&acl)).unwrap();
    assert_eq!(
        (answer.public, answer.read, answer.write),
        (false, Some(false), Some(false))
    );
}

#[test]
fn each_way_in_and_what_closes_it() {
    let public_acl = acl(Some(("global/AllUsers", "READ")));
    let plain_acl = acl(None);
    let text = open_policy();
    let only = |change: fn(&mut PublicAccessBlock)| {
        let mut block = PublicAccessBlock::default();
        change(&mut block);
        block
    };
    let restrict = only(|b| b.restrict_public_buckets = true);
    let ignore = only(|b| b.ignore_public_acls = true);
    // These two concern only what is set later.
    let future = only(|b| (b.block_public_acls, b.block_public_policy) = (true, true));
    for (block, policy_open, acl_open) in [
        (None, true, true),
        (Some(&future), true, true),
        (Some(&restrict), false, true),
        (Some(&ignore), true, false),
        (Some(&CLOSED), false, false),
    ] {
        for at_account in [false, true] {
            let (own, account) = if at_account {
                (None, block)
            } else {
                (block, None)
            };
            let settings = |acl, policy: Option<&'static str>| Settings {
                policy: Ok(policy),
                policy_is_public: Ok(policy.map(|_| true)),
                own_block: Ok(own),
                account_block: Ok(account),
                ..private(acl)
            };
            let leaked: &'static str = Box::leak(text.clone().into_boxed_str());
            let by_policy = publicness(&settings(&plain_acl, Some(leaked))).unwrap();
            assert_eq!(by_policy.public, policy_open, "{block:?}");
            let by_acl = publicness(&settings(&public_acl, None)).unwrap();
            assert_eq!(by_acl.public, acl_open, "{block:?}");
            let both = publicness(&settings(&public_acl, Some(leaked))).unwrap();
            assert_eq!(
                both.by.len(),
                usize::from(policy_open) + usize::from(acl_open)
            );
        }
    }
}

#[test]
fn acls_and_who_owns() {
    for (group, permission, expected) in [
        ("global/AllUsers", "READ", (true, Some(true), Some(false))),
        (
            "global/AuthenticatedUsers",
            "WRITE",
            (true, Some(false), Some(true)),
        ),
        (
            "global/AllUsers",
            "FULL_CONTROL",
            (true, Some(true), Some(true)),
        ),
        (
            "global/AllUsers",
            "READ_ACP",
            (true, Some(false), Some(false)),
        ),
        ("s3/LogDelivery", "WRITE", (false, Some(false), Some(false))),
    ] {
        let acl = acl(Some((group, permission)));
        let mut settings = private(&acl);
        let answer = publicness(&settings).unwrap();
        assert_eq!(
            (answer.public, answer.read, answer.write),
            expected,
            "{group}"
        );
        settings.ownership = Ok(Some("BucketOwnerEnforced"));
        assert!(!publicness(&settings).unwrap().public, "{group}");
    }
}

#[test]
fn s3_says_whether_and_we_say_how() {
    let acl = acl(None);
    let text = open_policy();
    let of = |policy, status| {
        publicness(&Settings {
            policy,
            policy_is_public: status,
            ..private(&acl)
        })
    };
    assert!(!of(Ok(Some(&text)), Ok(Some(false))).unwrap().public);
    let ours = of(Ok(Some(&text)), Err(gap())).unwrap();
    assert_eq!(
        (ours.public, ours.read, ours.write),
        (true, Some(true), Some(false))
    );
    let unexplained = of(Err(gap()), Ok(Some(true))).unwrap();
    assert_eq!((unexplained.public, unexplained.read), (true, None));
    let closed = policy(&json!({
        "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*",
    }));
    let odd = of(Ok(Some(&closed)), Ok(Some(true))).unwrap();
    assert_eq!((odd.public, odd.read, odd.write), (true, None, None));
    assert!(of(Ok(Some("{")), Err(gap())).is_err());
    assert!(!of(Ok(None), Err(gap())).unwrap().public);
}

#[test]
fn what_was_read_may_be_enough() {
    let public = acl(Some(("global/AllUsers", "READ")));
    let plain = acl(None);
    let denied_policy = |acl| Settings {
        policy: Err(gap()),
        policy_is_public: Err(gap()),
        ..private(acl)
    };
    // A public ACL that nothing blocks decides it; whether strangers can write stays open.
    let answer = publicness(&denied_policy(&public)).unwrap();
    assert_eq!(
        (answer.public, answer.read, answer.write),
        (true, Some(true), None)
    );
    // With a private ACL it depends on the policy, which was not read.
    assert!(publicness(&denied_policy(&plain)).is_err());
    // A restriction at either level closes it, whatever else was denied.
    let all_denied = Settings {
        acl: Err(gap()),
        ownership: Err(gap()),
        own_block: Err(gap()),
        account_block: Ok(Some(&CLOSED)),
        ..denied_policy(&plain)
    };
    assert_eq!(publicness(&all_denied).unwrap().write, Some(false));
    // The account's block is unknown, the bucket has none, the ACL is public: unknown.
    let unsure = Settings {
        account_block: Err(gap()),
        ..private(&public)
    };
    assert!(publicness(&unsure).is_err());
    // Nothing is public, so no block matters.
    let unsure = Settings {
        account_block: Err(gap()),
        own_block: Err(gap()),
        ..private(&plain)
    };
    assert!(!publicness(&unsure).unwrap().public);
}

#[test]
fn policies_that_let_strangers_in() {
    let allow = |condition: Value| {
        json!({
            "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["s3:Get*", "s3:PutObject"],
            "Resource": "arn:aws:s3:::b/*", "Condition": condition,
        })
    };
    let deny = |condition: Value| {
        json!({
            "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": condition,
        })
    };
    let known = |statements: Value| {
        let ours = by_policy(&parse(&policy(&statements)).unwrap(), &B);
        assert_eq!(ours.read.is_ok(), ours.public.is_ok());
        if let Ok(public) = &ours.public {
            assert_eq!((&ours.read, &ours.write), (&Ok(*public), &Ok(*public)));
        }
        ours.public
    };
    let public = |statements: Value| known(statements).unwrap();
    let unknown = json!({"StringEquals": {"s3:KeyOfTomorrow": "x"}});
    assert!(known(allow(unknown)).is_err());
    assert!(public(allow(json!({}))));
    assert!(public(allow(
        json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})
    )));
    assert!(public(allow(
        json!({"StringEquals": {"s3:x-amz-acl": "private"}})
    )));
    assert!(public(json!({
        "Effect": "Allow", "NotPrincipal": {"AWS": "1"}, "NotAction": "s3:DeleteBucket",
        "Resource": "*",
    })));
    assert!(!public(allow(
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
    )));
    assert!(!public(allow(
        json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
    )));
    assert!(!public(allow(
        json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}})
    )));
    let open = allow(json!({}));
    assert!(!public(json!([open, deny(json!({}))])));
    let outside = json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}});
    assert!(!public(json!([open, deny(outside)])));
    assert!(public(json!([
        open,
        deny(json!({"Bool": {"aws:SecureTransport": "false"}}))
    ])));
}

#[test]
fn a_bucket_of_any_partition_is_known_by_its_arn() {
    for partition in partitions() {
        let bucket = format!("arn:{}:s3:::b", partition.id);
        let objects = format!("{bucket}/*");
        let owner = Owner {
            arn: Some(&bucket),
            ..B
        };
        let tls = policy(&json!({
            "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [bucket, objects],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }));
        let access = resource_access(Some(&tls), &owner).unwrap();
        assert_eq!(access.tls_required, Part::Read(true), "{bucket}");
        // A denial of all of it takes back what another statement allows.
        let closed = policy(&json!([
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": objects},
            {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [bucket, objects]},
        ]));
        assert_eq!(
            by_policy(&parse(&closed).unwrap(), &owner).read,
            Ok(false),
            "{bucket}"
        );
    }
}
