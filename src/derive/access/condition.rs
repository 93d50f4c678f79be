//! What a condition does to a statement about everyone.

use super::document::{Condition, Quantifier};
use ipnet::IpNet;
use std::net::IpAddr;

/// Keys whose values name an organization, an account, a principal, a network of the account's own
/// or a service. One fixed value of them keeps strangers out.
const IDENTIFYING: &[&str] = &[
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
];

/// The same for keys whose values are ARNs.
const IDENTIFYING_ARN: &[&str] = &[
    "aws:principalarn",
    "aws:sourcearn",
    "lambda:sourcefunctionarn",
    "s3:dataaccesspointarn",
];

/// The same for keys whose values are addresses.
const IDENTIFYING_IP: &[&str] = &["aws:sourceip", "aws:vpcsourceip"];

impl Condition {
    /// Whether a request passes only with a value that fits: false for the negated operators, and
    /// for those that a request without the key passes.
    #[must_use]
    pub fn demands_a_value(&self) -> bool {
        !self.if_exists
            && self.quantifier != Some(Quantifier::All)
            && !self.values.is_empty()
            && matches!(
                self.operator.as_str(),
                "stringequals"
                    | "stringequalsignorecase"
                    | "stringlike"
                    | "arnequals"
                    | "arnlike"
                    | "ipaddress"
            )
    }

    /// Whether `*` and `?` in its values are wildcards; elsewhere they are only characters.
    #[must_use]
    pub fn has_wildcards(&self) -> bool {
        self.operator.ends_with("like") || self.operator.starts_with("arn")
    }

    /// Whether an allowance for everyone is limited by it to someone in particular.
    #[must_use]
    pub fn narrows(&self) -> bool {
        let one_service =
            self.key == "aws:principalisawsservice" && !self.if_exists && self.is_bool(true);
        one_service || (self.demands_a_value() && self.values_identify())
    }

    /// Whether a denial under it leaves only someone in particular out: the mirror of
    /// [`Condition::narrows`], as in *deny all who are not of this organization*.
    #[must_use]
    pub fn spares_only_the_identified(&self) -> bool {
        // A request without the key passes a negated test, and so is denied.
        let negated = matches!(
            self.operator.as_str(),
            "stringnotequals"
                | "stringnotequalsignorecase"
                | "stringnotlike"
                | "arnnotequals"
                | "arnnotlike"
                | "notipaddress"
        );
        negated
            && self.quantifier != Some(Quantifier::Any)
            && !self.values.is_empty()
            && self.values_identify()
    }

    /// Whether it is the test of a truth value.
    #[must_use]
    pub fn is_bool(&self, expected: bool) -> bool {
        let expected = if expected { "true" } else { "false" };
        self.operator == "bool"
            && !self.values.is_empty()
            && self.values.iter().all(|v| v.eq_ignore_ascii_case(expected))
    }

    fn values_identify(&self) -> bool {
        let key = self.key.as_str();
        let wild = self.has_wildcards();
        let all = |test: fn(&str, bool) -> bool| self.values.iter().all(|v| test(v, wild));
        if IDENTIFYING.contains(&key) {
            all(names_something)
        } else if IDENTIFYING_ARN.contains(&key) {
            all(names_owner)
        } else if IDENTIFYING_IP.contains(&key) {
            all(|value, _| is_small_network(value))
        } else {
            false
        }
    }
}

/// Whether the first segment of a value (up to `/` or `:`) is fixed: `o-1a2b/ou-*` but not `vpc-*`.
pub fn names_something(value: &str, wildcards: bool) -> bool {
    let first = value.split(['/', ':']).next().unwrap_or_default();
    let wild = wildcards && first.contains(['*', '?']);
    !first.is_empty() && !wild
}

/// Whether an ARN says whose it is: a fixed account or, for buckets, whose ARNs have none, a fixed
/// name.
fn names_owner(arn: &str, wildcards: bool) -> bool {
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, service, _, account, resource] = fields[..] else {
        // Without wildcards it can only be that text, which no stranger has.
        return !wildcards;
    };
    match (service, account) {
        ("s3", "") => names_something(resource, wildcards),
        _ => names_something(account, wildcards),
    }
}

/// Whether a range of addresses can be someone's in particular. S3 draws the line at /8 and, for
/// IPv6, /32 (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>,
/// the meaning of "public").
fn is_small_network(range: &str) -> bool {
    let net = range
        .parse::<IpNet>()
        .or_else(|_| range.parse::<IpAddr>().map(IpNet::from));
    match net {
        Ok(IpNet::V4(net)) => net.prefix_len() >= 8,
        Ok(IpNet::V6(net)) => net.prefix_len() >= 32,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::access::document::Policy;
    use serde_json::{Value, json};

    #[allow(clippy::needless_pass_by_value, reason = "made on the spot")]
    fn condition(operator: &str, key: &str, value: Value) -> Condition {
        let text = json!({"Statement": {
            "Effect": "Allow", "Action": "*", "Condition": {operator: {key: value}},
        }})
        .to_string();
        Policy::parse(&text).unwrap().statements[0].conditions[0].clone()
    }

    #[test]
    fn someone_in_particular() {
        for (operator, key, value) in [
            ("StringEquals", "aws:PrincipalOrgID", json!("o-1a2b3c")),
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
                "IpAddress",
                "aws:SourceIp",
                json!(["203.0.113.0/24", "2001:db8::/32"]),
            ),
            ("IpAddress", "aws:SourceIp", json!("203.0.113.7")),
            ("Bool", "aws:PrincipalIsAWSService", json!("true")),
        ] {
            assert!(
                condition(operator, key, value).narrows(),
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
            ("IpAddress", "aws:SourceIp", json!("0.0.0.0/0")),
            (
                "IpAddress",
                "aws:SourceIp",
                json!(["203.0.113.0/24", "0.0.0.0/1"]),
            ),
            ("IpAddress", "aws:SourceIp", json!("::/0")),
            ("StringEquals", "sts:ExternalId", json!("guessed")),
            ("StringEquals", "aws:Referer", json!("https://example.com/")),
            ("StringEquals", "s3:x-amz-acl", json!("public-read")),
            ("Bool", "aws:SecureTransport", json!("true")),
            ("Bool", "aws:MultiFactorAuthPresent", json!("true")),
            ("StringEquals", "aws:PrincipalOrgID", json!([])),
            ("Null", "aws:PrincipalOrgID", json!("false")),
        ] {
            assert!(
                !condition(operator, key, value).narrows(),
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
        ] {
            let condition = condition(operator, key, value);
            assert_eq!(
                condition.spares_only_the_identified(),
                expected,
                "{operator} {key}"
            );
        }
    }
}
