use super::*;
use crate::derive::access::document::Policy;
use serde_json::{Value, json};

const HOME: &str = "111122223333";

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn condition(operator: &str, key: &str, value: Value) -> Condition {
    let text = json!({"Statement": {
        "Effect": "Allow", "Action": "*", "Condition": {operator: {key: value}},
    }})
    .to_string();
    Policy::parse(&text).unwrap().statements[0].conditions[0].clone()
}

fn stranger() -> Caller<'static> {
    Caller::stranger(HOME)
}

#[test]
fn someone_in_particular() {
    for (operator, key, value) in [
        ("StringEquals", "aws:PrincipalOrgID", json!("o-1a2b3c")),
        (
            "StringEquals",
            "aws:PrincipalOrgID",
            json!("${aws:ResourceOrgID}"),
        ),
        (
            "StringEquals",
            "aws:PrincipalAccount",
            json!("${aws:ResourceAccount}"),
        ),
        (
            "ForAnyValue:StringLike",
            "aws:PrincipalOrgPaths",
            json!("o-1a2b3c/*"),
        ),
        ("StringEquals", "AWS:SourceAccount", json!(["111122223333"])),
        (
            "ArnLike",
            "aws:SourceArn",
            json!("arn:aws:sns:*:111122223333:*"),
        ),
        ("ArnLike", "aws:SourceArn", json!("arn:aws:s3:::my-bucket")),
        ("StringLike", "aws:userid", json!("AROAEXAMPLE:*")),
        ("StringEquals", "aws:SourceVpce", json!("vpce-1")),
        (
            "ArnLike",
            "aws:SourceVpcArn",
            json!("arn:aws:ec2:*:111122223333:vpc/*"),
        ),
        (
            "IpAddress",
            "aws:SourceIp",
            json!(["203.0.113.0/24", "2001:db8::/32"]),
        ),
        ("IpAddress", "aws:SourceIp", json!("203.0.113.7")),
        ("Bool", "aws:PrincipalIsAWSService", json!("true")),
        (
            "Bool",
            "elasticfilesystem:AccessedViaMountTarget",
            json!("true"),
        ),
        ("StringEquals", "lambda:FunctionUrlAuthType", json!("NONE")),
    ] {
        let condition = condition(operator, key, value);
        assert_eq!(
            condition.can_hold(&stranger()),
            Applies::No,
            "{operator} {key}"
        );
    }
}

#[test]
fn still_anyone() {
    for (operator, key, value) in [
        (
            "StringEqualsIfExists",
            "aws:PrincipalOrgID",
            json!("o-1a2b3c"),
        ),
        (
            "ForAllValues:StringEquals",
            "aws:PrincipalOrgPaths",
            json!("o-1a2b3c/r-1/"),
        ),
        ("StringNotEquals", "aws:PrincipalOrgID", json!("o-1a2b3c")),
        ("StringLike", "aws:PrincipalOrgID", json!("o-*")),
        ("StringLike", "aws:SourceVpc", json!("*")),
        (
            "ArnLike",
            "aws:PrincipalArn",
            json!("arn:aws:iam::*:role/deploy"),
        ),
        ("ArnLike", "aws:SourceArn", json!("*")),
        ("ArnLike", "aws:SourceArn", json!("arn:aws:s3:::*")),
        (
            "ArnLike",
            "aws:SourceVpcArn",
            json!("arn:aws:ec2:*:*:vpc/*"),
        ),
        ("IpAddress", "aws:SourceIp", json!("0.0.0.0/0")),
        (
            "IpAddress",
            "aws:SourceIp",
            json!(["203.0.113.0/24", "0.0.0.0/1"]),
        ),
        ("IpAddress", "aws:SourceIp", json!("::/0")),
        // Anyone's VPC can have these addresses.
        ("IpAddress", "aws:VpcSourceIp", json!("10.1.0.0/16")),
        ("StringEquals", "sts:ExternalId", json!("guessed")),
        ("StringEquals", "aws:Referer", json!("https://example.com/")),
        ("StringEquals", "aws:PrincipalTag/team", json!("shop")),
        ("StringEquals", "s3:x-amz-acl", json!("public-read")),
        ("Bool", "aws:SecureTransport", json!("true")),
        ("Bool", "aws:MultiFactorAuthPresent", json!("true")),
        ("NumericGreaterThan", "s3:TlsVersion", json!("1.2")),
        ("Null", "aws:PrincipalOrgID", json!("false")),
        ("Null", "aws:PrincipalOrgID", json!("true")),
        ("StringEquals", "aws:ResourceAccount", json!(HOME)),
    ] {
        let condition = condition(operator, key, value);
        assert_eq!(
            condition.can_hold(&stranger()),
            Applies::Yes,
            "{operator} {key}"
        );
    }
}

#[test]
fn what_is_not_known_is_neither() {
    for (operator, key, value) in [
        ("StringEquals", "aws:KeyOfTomorrow", json!("x")),
        ("Null", "aws:KeyOfTomorrow", json!("true")),
        ("StringMatches", "aws:PrincipalOrgID", json!("o-1")),
        ("StringEquals", "aws:PrincipalOrgID", json!([])),
        (
            "StringEquals",
            "aws:PrincipalOrgID",
            json!("${aws:PrincipalTag/org}"),
        ),
        ("StringEquals", "aws:ResourceTag/stage", json!("test")),
        ("StringEquals", "aws:ResourceAccount", json!("444455556666")),
        (
            "DateLessThan",
            "aws:CurrentTime",
            json!("2020-01-01T00:00:00Z"),
        ),
    ] {
        let condition = condition(operator, key, value);
        assert_eq!(
            condition.can_hold(&stranger()),
            Applies::Perhaps,
            "{operator} {key}"
        );
        assert_ne!(
            condition.must_hold(&stranger()),
            Applies::Yes,
            "{operator} {key}"
        );
    }
}

#[test]
fn denials_that_spare_someone_in_particular() {
    for (operator, key, value, expected) in [
        ("StringNotEquals", "aws:PrincipalOrgID", json!("o-1"), true),
        (
            "StringNotEqualsIfExists",
            "aws:SourceVpce",
            json!("vpce-1"),
            true,
        ),
        (
            "NotIpAddress",
            "aws:SourceIp",
            json!("203.0.113.0/24"),
            true,
        ),
        ("NotIpAddress", "aws:SourceIp", json!("0.0.0.0/0"), false),
        (
            "ForAnyValue:StringNotEquals",
            "aws:PrincipalOrgPaths",
            json!("o-1/"),
            false,
        ),
        (
            "StringNotLike",
            "aws:PrincipalArn",
            json!("arn:aws:iam::*:role/x"),
            false,
        ),
        ("Bool", "aws:SecureTransport", json!("false"), false),
        (
            "BoolIfExists",
            "aws:PrincipalIsAWSService",
            json!("false"),
            true,
        ),
        ("Null", "aws:SourceAccount", json!("true"), true),
    ] {
        let condition = condition(operator, key, value);
        assert_eq!(
            condition.must_hold(&stranger()) == Applies::Yes,
            expected,
            "{operator} {key}"
        );
    }
}

#[test]
fn services_on_behalf_of_a_stranger() {
    use Applies::{No, Perhaps, Yes};
    let caller = stranger().through("s3.amazonaws.com");
    for (operator, key, value, expected) in [
        ("StringEquals", "aws:SourceAccount", HOME, No),
        ("StringEqualsIfExists", "aws:SourceAccount", HOME, Yes),
        ("StringEquals", "aws:SourceOrgID", "o-1", No),
        (
            "ArnLike",
            "aws:SourceArn",
            "arn:aws:sns:*:111122223333:*",
            No,
        ),
        ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:orders", Yes),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::uploads", Yes),
        (
            "StringEquals",
            "lambda:EventSourceToken",
            "amzn1.ask.skill.x",
            No,
        ),
        // A service has no organization, no account and no network.
        ("StringEquals", "aws:PrincipalOrgID", "o-1", No),
        ("StringEquals", "aws:SourceVpce", "vpce-1", No),
        ("StringNotEquals", "aws:PrincipalOrgID", "o-1", Yes),
        ("Bool", "aws:PrincipalIsAWSService", "true", Yes),
        (
            "StringEquals",
            "aws:PrincipalServiceName",
            "s3.amazonaws.com",
            Yes,
        ),
        (
            "StringEquals",
            "aws:PrincipalServiceName",
            "sns.amazonaws.com",
            No,
        ),
        (
            "ArnEquals",
            "kms:EncryptionContext:aws:logs:arn",
            "arn:aws:logs:eu-west-1:111122223333:log-group:app",
            No,
        ),
        ("StringEquals", "aws:KeyOfTomorrow", "x", Perhaps),
    ] {
        let condition = condition(operator, key, json!(value));
        assert_eq!(condition.can_hold(&caller), expected, "{operator} {key}");
    }
}

#[test]
fn principals_of_an_account() {
    let caller = stranger().of(CallerScope::Account("444455556666"));
    for (operator, key, value, expected) in [
        (
            "StringEquals",
            "aws:PrincipalAccount",
            json!("444455556666"),
            Applies::Yes,
        ),
        (
            "StringEquals",
            "aws:PrincipalAccount",
            json!(HOME),
            Applies::No,
        ),
        (
            "StringNotEquals",
            "aws:PrincipalAccount",
            json!("444455556666"),
            Applies::No,
        ),
        (
            "ArnLike",
            "aws:PrincipalArn",
            json!("arn:aws:iam::444455556666:role/*"),
            Applies::Yes,
        ),
        (
            "ArnLike",
            "aws:PrincipalArn",
            json!("arn:aws:iam::111122223333:role/*"),
            Applies::No,
        ),
        (
            "StringEquals",
            "aws:PrincipalOrgID",
            json!("o-1"),
            Applies::Yes,
        ),
        (
            "StringEquals",
            "aws:SourceVpce",
            json!("vpce-1"),
            Applies::Yes,
        ),
        (
            "StringEquals",
            "aws:SourceAccount",
            json!("444455556666"),
            Applies::No,
        ),
    ] {
        let condition = condition(operator, key, value);
        assert_eq!(condition.can_hold(&caller), expected, "{operator} {key}");
    }
}

#[test]
fn a_request_of_which_the_value_is_known() {
    for (operator, values, present, absent) in [
        ("StringEquals", json!("a"), Some(true), Some(false)),
        ("StringEquals", json!(["b", "c"]), Some(false), Some(false)),
        ("StringNotEquals", json!("b"), Some(true), Some(true)),
        ("StringNotLike", json!("*"), Some(false), Some(true)),
        ("StringLike", json!("?"), Some(true), Some(false)),
        ("StringEqualsIfExists", json!("b"), Some(false), Some(true)),
        (
            "ForAllValues:StringEquals",
            json!("b"),
            Some(false),
            Some(true),
        ),
        (
            "ForAnyValue:StringNotEquals",
            json!("b"),
            Some(true),
            Some(false),
        ),
        ("Null", json!("true"), Some(false), Some(true)),
        ("Null", json!("false"), Some(true), Some(false)),
        ("StringEquals", json!("${aws:username}"), None, Some(false)),
        ("NumericLessThan", json!("1"), None, Some(false)),
    ] {
        let condition = condition(operator, "k", values);
        assert_eq!(condition.holds_for(Some("a")), present, "{operator}");
        assert_eq!(condition.holds_for(None), absent, "{operator}");
    }
}
