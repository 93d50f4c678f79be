use super::users;
use crate::derive::GLOBAL;
use crate::derive::access::DERIVATIONS;
use crate::derive::access::principals::DETAILS;
use crate::derive::access::principals::tests::{EVERYTHING, HOME, add, inline, role, user, world};
use crate::model::kinds::iam::Takeover;
use crate::model::{Cause, Gap, Part};
use serde_json::{Value, json};

/// Whom a user with these permissions can act as, in an account with some users and roles.
fn takeover(action: &str, hide: Option<&str>) -> Takeover {
    let mut world = world();
    let may = json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}});
    let mut ana = user(&[], Vec::new(), None);
    ana.inline_policies = inline(&may.to_string());
    add(&mut world, "user", "ana", &ana);
    add(
        &mut world,
        "user",
        "root-like",
        &user(&["admins"], Vec::new(), None),
    );
    let trusts = |principal: Value| {
        json!({"Statement": {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}})
            .to_string()
    };
    for (name, principal, document) in [
        ("function", json!({"Service": "lambda.amazonaws.com"}), None),
        (
            "server",
            json!({"Service": "ec2.amazonaws.com"}),
            Some(EVERYTHING),
        ),
        ("open", json!({"AWS": HOME}), Some(EVERYTHING)),
        (
            "elsewhere",
            json!({"AWS": "444455556666"}),
            Some(EVERYTHING),
        ),
    ] {
        let policies = document.map(inline).unwrap_or_default();
        add(
            &mut world,
            "role",
            name,
            &role(&trusts(principal), policies),
        );
    }
    for derivation in DERIVATIONS {
        let of_principals = ["iam.user", "iam.role"].contains(&derivation.kind);
        if of_principals && ["access", "escalation"].contains(&derivation.part) {
            let values = (derivation.run)(&world, GLOBAL);
            world.derive(derivation.kind, GLOBAL, derivation.part, values);
        }
    }
    if let Some(kind) = hide {
        world.missing(
            kind,
            GLOBAL,
            Gap::new(DETAILS, Cause::Denied, "AccessDenied"),
        );
    }
    let Part::Read(value) = &users(&world, GLOBAL)["ana"] else {
        panic!("read");
    };
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn whom_one_can_act_as_depends_on_who_is_there() {
    for (action, principals, administrators) in [
        (
            "iam:CreateAccessKey",
            vec!["user/root-like"],
            vec!["user/root-like"],
        ),
        ("lambda:UpdateFunctionCode", vec!["role/function"], vec![]),
        ("ssm:StartSession", vec!["role/server"], vec!["role/server"]),
        ("glue:UpdateDevEndpoint", vec![], vec![]),
        ("sts:AssumeRole", vec!["role/open"], vec!["role/open"]),
        ("s3:GetObject", vec![], vec![]),
    ] {
        let found = takeover(action, None);
        assert_eq!(found.principals.get().unwrap(), &principals, "{action}");
        assert_eq!(
            found.administrators.get().unwrap(),
            &administrators,
            "{action}"
        );
        assert_eq!(found.ways.is_empty(), action == "s3:GetObject");
    }
    // Who was not listed may be there.
    let hidden = takeover("ssm:StartSession", Some("iam.role"));
    assert!(hidden.principals.get().is_err() && hidden.administrators.get().is_err());
}
