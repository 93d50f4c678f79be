#![allow(clippy::needless_pass_by_value, reason = "values are made on the spot")]

use super::*;
use serde_json::{Value, json};

const ME: &str = "arn:aws:iam::111122223333:user/ana";
const MY_GROUP: &str = "arn:aws:iam::111122223333:group/devs";

fn policy(statements: &Value) -> Policy {
    Policy::parse(&json!({ "Statement": statements }).to_string()).unwrap()
}

fn held<'a>(policies: &'a [Policy], boundary: Option<&'a Policy>) -> Held<'a> {
    Held {
        policies: policies.iter().map(|p| ("p", p)).collect(),
        boundary,
        own: vec![ME, MY_GROUP],
        partition: "aws",
        account: "111122223333",
    }
}

fn of(statements: Value) -> Access {
    held(&[policy(&statements)], None).access()
}

fn allow(action: Value, resource: Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn deny(action: Value, resource: Value) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": resource})
}

fn star() -> Value {
    allow(json!("*"), json!("*"))
}

#[test]
fn administrators() {
    for statements in [
        star(),
        allow(json!("*:*"), json!(["*"])),
        allow(json!("*"), json!("arn:aws:*")),
        json!({"Effect": "Allow", "NotAction": "aws-portal:*", "Resource": "*"}),
        json!([star(), deny(json!("organizations:*"), json!("*"))]),
        json!([star(), deny(json!("iam:AttachUserPolicy"), json!("*"))]),
        json!([star(), deny(json!("*"), json!("arn:aws:s3:::logs/*"))]),
        json!([star(), {
            "Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        }]),
    ] {
        let access = of(statements.clone());
        assert!(access.administrator, "{statements}");
        assert_eq!(access.administrator_by, ["p"]);
        assert!(access.escalation.is_empty());
    }
}

#[test]
fn no_administrators() {
    for statements in [
        allow(json!("*"), json!("arn:aws:s3:::bucket/*")),
        allow(json!("s3:*"), json!("*")),
        json!([star(), deny(json!("*"), json!("*"))]),
        json!([star(), deny(json!("iam:*"), json!("*"))]),
        json!({"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}),
        json!({
            "Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        }),
    ] {
        assert!(!of(statements.clone()).administrator, "{statements}");
    }
}

#[test]
fn several_policies_together() {
    let parts = [
        policy(&json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})),
        policy(&allow(json!("iam:*"), json!("*"))),
    ];
    let access = held(&parts, None).access();
    assert!(access.administrator);
    assert!(access.administrator_by.is_empty());
}

#[test]
fn ways_that_iam_opens() {
    let role = "arn:aws:iam::111122223333:role/*";
    for (action, resource, expected) in [
        ("iam:CreatePolicyVersion", "*", true),
        ("IAM:createpolicyversion", "*", true),
        (
            "iam:CreatePolicyVersion",
            "arn:aws:iam::111122223333:policy/*",
            true,
        ),
        (
            "iam:CreatePolicyVersion",
            "arn:aws:iam::111122223333:policy/app-*",
            false,
        ),
        ("iam:Put*", role, true),
        (
            "iam:PutRolePolicy",
            "arn:aws:iam::111122223333:role/app",
            false,
        ),
        ("iam:Get*", "*", false),
        // On oneself some gain everything and some gain nothing.
        (
            "iam:AttachUserPolicy",
            "arn:aws:iam::*:user/${aws:username}",
            true,
        ),
        ("iam:AttachUserPolicy", ME, true),
        ("iam:PutGroupPolicy", MY_GROUP, true),
        (
            "iam:CreateAccessKey",
            "arn:aws:iam::*:user/${aws:username}",
            false,
        ),
        ("iam:CreateAccessKey", ME, false),
        ("iam:CreateAccessKey", "*", true),
        ("iam:UpdateLoginProfile", "arn:aws:iam::*:user/*", true),
    ] {
        let access = of(allow(json!(action), json!(resource)));
        assert_eq!(
            !access.escalation.is_empty(),
            expected,
            "{action} {resource}"
        );
    }
}

#[test]
fn roles_handed_to_services() {
    let name = "iam:PassRole + lambda:CreateFunction + lambda:InvokeFunction";
    let code = allow(
        json!(["lambda:CreateFunction", "lambda:InvokeFunction"]),
        json!("arn:aws:lambda:*:*:function:app-*"),
    );
    let pass = |resource: &str| allow(json!("iam:PassRole"), json!(resource));
    assert_eq!(of(json!([code, pass("*")])).escalation, [name]);
    assert!(
        of(json!([code, pass("arn:aws:iam::*:role/app")]))
            .escalation
            .is_empty()
    );
    assert!(of(json!([pass("*")])).escalation.is_empty());
    let to = |service: &str| {
        let mut pass = pass("*");
        pass["Condition"] = json!({"StringEquals": {"iam:PassedToService": service}});
        of(json!([code, pass])).escalation
    };
    assert_eq!(to("lambda.amazonaws.com"), [name]);
    assert!(to("glue.amazonaws.com").is_empty());
    let denied = json!([code, pass("*"), deny(json!("iam:PassRole"), json!("*"))]);
    assert!(of(denied).escalation.is_empty());
}

#[test]
fn what_exists_already() {
    let run = |resource: &str| of(allow(json!("ssm:SendCommand"), json!(resource))).escalation;
    assert_eq!(run("*"), ["ssm:SendCommand"]);
    assert!(run("arn:aws:ssm:*:*:document/AWS-UpdateSSMAgent").is_empty());
    let code = |resource: &str| of(allow(json!("lambda:UpdateFunctionCode"), json!(resource)));
    assert_eq!(code("arn:aws:lambda:*:*:function:*").escalation.len(), 1);
    assert!(
        code("arn:aws:lambda:*:*:function:app-*")
            .escalation
            .is_empty()
    );
}

#[test]
fn whole_services_and_sensitive_actions() {
    let access = of(json!([
        allow(json!(["s3:*", "sqs:Get*"]), json!("*")),
        allow(json!("dynamodb:*"), json!("arn:aws:dynamodb:*:*:table/app")),
        allow(
            json!("kms:Decrypt"),
            json!("arn:aws:kms:*:111122223333:key/*")
        ),
        allow(json!("sts:AssumeRole"), json!("arn:aws:iam::*:role/app-*")),
    ]));
    assert_eq!(access.full_services, ["s3"]);
    assert_eq!(access.unbounded_actions, ["kms:Decrypt", "s3:DeleteBucket"]);
    let objects = of(allow(json!("*"), json!("arn:aws:s3:::*")));
    assert_eq!(objects.unbounded_actions, ["s3:DeleteBucket"]);
    assert!(objects.full_services.is_empty());
    let anyone = of(allow(json!("sts:*"), json!("arn:aws:iam::*:role/*")));
    assert_eq!(anyone.unbounded_actions, ["sts:AssumeRole"]);
    let power = of(json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}));
    assert_eq!(power.full_services, ["*"]);
    assert_eq!(of(star()).full_services, Vec::<String>::new());
}

#[test]
fn a_boundary_limits_and_never_gives() {
    let all = [policy(&star())];
    let s3 = policy(&allow(json!("s3:*"), json!("*")));
    let access = held(&all, Some(&s3)).access();
    assert!(!access.administrator);
    assert_eq!(access.full_services, ["s3"]);
    let none = [policy(&allow(json!("ec2:Describe*"), json!("*")))];
    assert_eq!(held(&none, Some(&all[0])).access(), Access::default());
    assert!(held(&all, Some(&all[0])).access().administrator);
}

#[test]
fn only_a_total_denial_settles_the_matter() {
    for (statement, expected) in [
        (deny(json!("*"), json!("*")), true),
        (deny(json!("*"), json!("arn:aws:s3:::*")), false),
        (deny(json!("iam:*"), json!("*")), false),
        (
            json!({"Effect": "Deny", "NotAction": "sts:*", "Resource": "*"}),
            false,
        ),
        (
            json!({"Effect": "Deny", "Action": "*", "NotResource": "a"}),
            false,
        ),
        (star(), false),
    ] {
        assert_eq!(
            denies_everything(&policy(&statement)),
            expected,
            "{statement}"
        );
    }
}
