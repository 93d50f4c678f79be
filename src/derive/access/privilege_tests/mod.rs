mod escalation;

use super::*;
use serde_json::{Value, json};

const ME: &str = "arn:aws:iam::111122223333:user/ana";
const MY_GROUP: &str = "arn:aws:iam::111122223333:group/devs";

fn policy(statements: &Value) -> Policy {
    Policy::parse(&json!({ "Statement": statements }).to_string()).unwrap()
}

fn principal<'a>(policies: &'a [Policy], boundary: Option<&'a Policy>) -> PrincipalPolicies<'a> {
    PrincipalPolicies {
        policies: policies.iter().map(|p| ("p", p)).collect(),
        boundary,
        own: vec![ME, MY_GROUP],
        partition: "aws",
        account: "111122223333",
    }
}

/// The answers to all questions.
#[derive(Debug, Default, PartialEq)]
struct Answers {
    administrator: bool,
    administrator_by: Vec<String>,
    escalation: Vec<String>,
    full_services: Vec<String>,
    unbounded_actions: Vec<String>,
}

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn answers(policies: PrincipalPolicies<'_>) -> Answers {
    let access = policies.access().unwrap();
    Answers {
        administrator: access.administrator,
        administrator_by: access.administrator_by,
        escalation: policies.escalation().unwrap(),
        full_services: policies.full_services().unwrap(),
        unbounded_actions: policies.unbounded_actions().unwrap(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn of(statements: Value) -> Answers {
    answers(principal(&[policy(&statements)], None))
}

/// A statement under a condition.
fn under(mut statement: Value, condition: Value) -> Value {
    statement["Condition"] = condition;
    statement
}

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn allow(action: Value, resource: Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
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
        under(
            star(),
            json!({"StringEquals": {"aws:ResourceTag/team": "shop"}}),
        ),
        under(
            star(),
            json!({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
        ),
        under(
            star(),
            json!({"StringEquals": {"aws:PrincipalAccount": "444455556666"}}),
        ),
        json!([
            star(),
            under(
                deny(json!("*"), json!("*")),
                json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}),
            ),
        ]),
    ] {
        assert!(!of(statements.clone()).administrator, "{statements}");
    }
}

#[test]
fn how_when_and_from_where_takes_nothing_away() {
    for condition in [
        json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        json!({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}),
        json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
        json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}),
        json!({"StringEquals": {"aws:ResourceAccount": "111122223333"}}),
        json!({"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}}),
        json!({
            "Bool": {"aws:MultiFactorAuthPresent": "true", "aws:SecureTransport": "true"},
            "StringLike": {"aws:UserAgent": "*"},
        }),
    ] {
        let given = of(under(star(), condition.clone()));
        assert!(given.administrator, "{condition}");
    }
    let mfa = json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}});
    let denied = under(deny(json!("iam:*"), json!("*")), mfa.clone());
    assert!(of(json!([star(), denied])).administrator);
    let decrypt = allow(json!("kms:Decrypt"), json!("*"));
    assert_eq!(of(under(decrypt, mfa)).unbounded_actions, ["kms:Decrypt"]);
}

/// Whether it is known if a policy makes an administrator.
fn is_decided(statements: &Value) -> bool {
    principal(&[policy(statements)], None).access().is_ok()
}

#[test]
fn what_another_condition_decides_is_unknown() {
    for condition in [
        json!({"StringEquals": {"aws:PrincipalTag/team": "shop"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-1a2b3c"}}),
        json!({"StringNotEquals": {"aws:ResourceTag/team": "shop"}}),
        json!({"StringEquals": {"aws:ResourceAccount": "444455556666"}}),
        json!({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}),
        json!({"Bool": {"aws:ViaAWSService": "true"}}),
        json!({"StringEquals": {"aws:KeyOfTomorrow": "x"}}),
        json!({
            "Bool": {"aws:MultiFactorAuthPresent": "true"},
            "StringEquals": {"aws:PrincipalTag/team": "shop"},
        }),
    ] {
        let allowed = under(star(), condition.clone());
        assert!(!is_decided(&allowed), "{condition}");
        // It decides nothing where another statement does.
        assert!(of(json!([star(), allowed])).administrator, "{condition}");
        let narrow = under(allow(json!("s3:Get*"), json!("*")), condition);
        assert_eq!(of(narrow), Answers::default());
    }
    let boundary = json!({"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::1:policy/b"}});
    let delegated = under(allow(json!("iam:PutRolePolicy"), json!("*")), boundary);
    let policies = [policy(&delegated)];
    let gap = principal(&policies, None).escalation().unwrap_err();
    assert_eq!(
        gap.detail,
        "depends on a condition on iam:permissionsboundary"
    );
    // Which of several conditions is named does not depend on their order.
    let other = json!({"StringEquals": {"aws:RequestTag/team": "x", "aws:KeyOfTomorrow": "x"}});
    let other = under(allow(json!("iam:AttachRolePolicy"), json!("*")), other);
    let details: Vec<String> = [json!([delegated, other]), json!([other, delegated])]
        .iter()
        .map(|both| {
            principal(&[policy(both)], None)
                .escalation()
                .unwrap_err()
                .detail
        })
        .collect();
    assert_eq!(details[0], "depends on a condition on aws:keyoftomorrow");
    assert_eq!(details[0], details[1]);
    // Who is no administrator in any case, is none; and one certain way is enough.
    assert!(is_decided(&delegated));
    let certain = json!([delegated, allow(json!("iam:PutUserPolicy"), json!("*"))]);
    let policies = [policy(&certain)];
    let ways = principal(&policies, None).escalation();
    assert_eq!(ways, Ok(vec!["iam:PutUserPolicy".to_owned()]));
}

#[test]
fn a_denial_that_may_hold_for_good_is_unknown() {
    let denied = |condition: Value| {
        let deny = under(deny(json!("*"), json!("*")), condition);
        json!([star(), deny])
    };
    for condition in [
        json!({"StringEquals": {"aws:PrincipalTag/team": "shop"}}),
        json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1a2b3c"}}),
        json!({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}),
    ] {
        assert!(!is_decided(&denied(condition.clone())), "{condition}");
    }
    // With MFA it does not hold, whatever its other conditions.
    let either = json!({
        "Bool": {"aws:MultiFactorAuthPresent": "false"},
        "StringEquals": {"aws:PrincipalTag/team": "shop"},
    });
    assert!(of(denied(either)).administrator);
}

#[test]
fn a_boundary_under_a_condition_is_as_unknown() {
    let all = [policy(&star())];
    let condition = json!({"StringEquals": {"aws:PrincipalTag/team": "shop"}});
    let unclear = policy(&under(star(), condition));
    assert!(principal(&all, Some(&unclear)).access().is_err());
    let none = [policy(&allow(json!("ec2:Describe*"), json!("*")))];
    assert_eq!(
        answers(principal(&none, Some(&unclear))),
        Answers::default()
    );
}

#[test]
fn uses_of_a_key_are_not_all_of_them() {
    let decrypt = allow(json!("kms:Decrypt"), json!("*"));
    for condition in [
        json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
        json!({"StringEquals": {"kms:EncryptionContext:app": "shop"}}),
        json!({"StringEquals": {"aws:ResourceTag/app": "shop"}}),
    ] {
        let given = of(under(decrypt.clone(), condition));
        assert!(given.unbounded_actions.is_empty());
    }
}

#[test]
fn several_policies_together() {
    let parts = [
        policy(&json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})),
        policy(&allow(json!("iam:*"), json!("*"))),
    ];
    let access = answers(principal(&parts, None));
    assert!(access.administrator);
    assert!(access.administrator_by.is_empty());
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
    let access = answers(principal(&all, Some(&s3)));
    assert!(!access.administrator);
    assert_eq!(access.full_services, ["s3"]);
    let none = [policy(&allow(json!("ec2:Describe*"), json!("*")))];
    assert_eq!(answers(principal(&none, Some(&all[0]))), Answers::default());
    assert!(answers(principal(&all, Some(&all[0]))).administrator);
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
