//! Paths from some permissions to more.

use super::*;
use crate::derive::access::escalation_paths::PUBLISHED;

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

/// The names of the ways to act as someone who is there.
#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn takeovers(statements: Value) -> Vec<String> {
    let policies = [policy(&statements)];
    let ways = principal(&policies, None).takeovers().unwrap();
    ways.iter().map(|way| way.name()).collect()
}

#[test]
fn what_exists_already() {
    let run = |resource: &str| takeovers(allow(json!("ssm:SendCommand"), json!(resource)));
    assert_eq!(run("*"), ["ssm:SendCommand"]);
    assert!(run("arn:aws:ssm:*:*:document/AWS-UpdateSSMAgent").is_empty());
    let code =
        |resource: &str| takeovers(allow(json!("lambda:UpdateFunctionCode"), json!(resource)));
    assert_eq!(code("arn:aws:lambda:*:*:function:*").len(), 1);
    assert!(code("arn:aws:lambda:*:*:function:app-*").is_empty());
    let key = |resource: &str| takeovers(allow(json!("iam:CreateAccessKey"), json!(resource)));
    assert_eq!(key("arn:aws:iam::*:user/*").len(), 1);
    // On oneself it gains nothing.
    assert!(key("arn:aws:iam::*:user/${aws:username}").is_empty());
    assert!(key(ME).is_empty());
}

/// Every published way is found, and by nothing else than the actions it takes.
#[test]
fn all_published_ways_are_known() {
    let mut unknown = Vec::new();
    for (id, actions) in PUBLISHED {
        let statements = allow(json!(actions), json!("*"));
        let given = of(statements.clone());
        let found = [given.escalation, takeovers(statements)].concat();
        let only = |way: &String| way.split(" + ").all(|action| actions.contains(&action));
        if found.is_empty() || !found.iter().all(only) {
            unknown.push((id, found));
        }
    }
    assert_eq!(PUBLISHED.len(), 65);
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// Where the published list is at hand, ours is the same. It is not part of the repository.
#[test]
fn the_published_list_is_the_current_one() {
    let Ok(file) = std::env::var("SIXPILLARS_ESCALATION_PATHS") else {
        eprintln!("skipped: SIXPILLARS_ESCALATION_PATHS does not name the published list");
        return;
    };
    let text = std::fs::read_to_string(file).unwrap();
    let theirs: Vec<(&str, Vec<&str>)> = text
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.splitn(3, ',').collect();
            (fields[0], fields[2].split_whitespace().collect())
        })
        .collect();
    let ours: Vec<(&str, Vec<&str>)> = PUBLISHED
        .iter()
        .map(|(id, actions)| (*id, actions.to_vec()))
        .collect();
    assert_eq!(ours, theirs);
}

#[test]
fn a_role_is_passed_to_a_service_by_either_of_its_names() {
    let escalates = |partition: &str, effect: Value| {
        let launch = json!({"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*"});
        let mut statements = vec![launch];
        statements.extend(effect.as_array().unwrap().iter().cloned());
        let policies = [policy(&Value::Array(statements))];
        let policies = PrincipalPolicies {
            partition,
            ..principal(&policies, None)
        };
        policies.escalation().map(|ways| !ways.is_empty())
    };
    let pass = |effect: &str, operator: &str, service: &str| {
        json!({
            "Effect": effect, "Action": "iam:PassRole", "Resource": "*",
            "Condition": {operator: {"iam:PassedToService": service}},
        })
    };
    let only = |service| json!([pass("Allow", "StringEquals", service)]);
    let (standard, local) = ("ec2.amazonaws.com", "ec2.amazonaws.com.cn");
    for (partition, service, expected) in [
        ("aws", standard, true),
        ("aws", local, false),
        ("aws-cn", standard, true),
        ("aws-cn", local, true),
        ("aws-iso", "ec2.c2s.ic.gov", true),
        ("aws-us-gov", standard, true),
        ("aws-cn", "glue.amazonaws.com.cn", false),
    ] {
        let found = escalates(partition, only(service));
        assert_eq!(found, Ok(expected), "{partition} {service}");
    }
    let anything = json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"});
    let denied = json!([anything, pass("Deny", "StringEquals", local)]);
    assert_eq!(escalates("aws-cn", denied), Ok(false));
    // Whether the other name is let through, only AWS knows.
    let but = json!([pass("Allow", "StringNotEquals", local)]);
    assert!(escalates("aws-cn", but).is_err());
}
