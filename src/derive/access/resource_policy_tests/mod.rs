mod examples;
mod laws;
mod tls;

use super::*;
use serde_json::{Value, json};

const HOME: &str = "111122223333";
const OTHER: &str = "444455556666";
const QUEUE: Owner<'_> = Owner {
    service: "sqs",
    arn: Some("arn:aws:sqs:eu-west-1:111122223333:orders"),
    account: HOME,
};
const BUCKET: Owner<'_> = Owner {
    service: "s3",
    arn: Some("arn:aws:s3:::amzn-s3-demo-bucket"),
    account: HOME,
};
const KEY: Owner<'_> = Owner {
    service: "kms",
    arn: Some("arn:aws:kms:eu-west-1:111122223333:key/1"),
    account: HOME,
};
const TOPIC: Owner<'_> = Owner {
    service: "sns",
    arn: Some("arn:aws:sns:eu-west-1:111122223333:orders"),
    account: HOME,
};

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn of(owner: &Owner<'_>, statements: Value) -> PolicyAccess {
    let text = json!({ "Statement": statements }).to_string();
    resource_access(Some(&text), owner).unwrap()
}

fn read<T: Clone>(part: &Part<T>) -> Option<T> {
    part.get().ok().cloned()
}

/// The answers of an example.
#[derive(Debug, PartialEq)]
struct Answers {
    public: Option<bool>,
    accounts: Option<Vec<String>>,
    organizations: Option<Vec<String>>,
    organization_only: Option<bool>,
    deputies: Option<Vec<String>>,
}

fn answers(access: &PolicyAccess) -> Answers {
    Answers {
        public: read(&access.public),
        accounts: read(&access.external_accounts),
        organizations: read(&access.organizations),
        organization_only: read(&access.organization_only),
        deputies: read(&access.services_without_source),
    }
}

fn closed() -> Answers {
    Answers {
        public: Some(false),
        accounts: Some(Vec::new()),
        organizations: Some(Vec::new()),
        organization_only: Some(true),
        deputies: Some(Vec::new()),
    }
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "compared with what may be unknown"
)]
fn named(names: &[&str]) -> Option<Vec<String>> {
    Some(names.iter().map(|n| (*n).to_owned()).collect())
}

#[test]
fn without_a_policy_nobody_outside_is_let_in() {
    let access = resource_access(None, &TOPIC).unwrap();
    assert!(!access.policy);
    assert_eq!(answers(&access), closed());
    assert_eq!(read(&access.tls_required), Some(false));
    assert_eq!(read(&access.open_without_tls), named(&["sns:Publish"]));
    assert!(resource_access(Some("{"), &TOPIC).is_err());
}

#[test]
fn what_anyone_may_do() {
    let access = of(
        &QUEUE,
        json!([
            {"Effect": "Allow", "Principal": "*", "Action": ["sqs:Send*", "sqs:GetQueueUrl"], "Resource": "*"},
            {"Effect": "Deny", "Principal": "*", "Action": "sqs:GetQueue*", "Resource": "*"},
        ]),
    );
    assert_eq!(read(&access.public_actions), named(&["sqs:send*"]));
    let nearly_all = of(
        &QUEUE,
        json!({"Effect": "Allow", "Principal": "*", "NotAction": "sqs:DeleteQueue", "Resource": "*"}),
    );
    assert_eq!(read(&nearly_all.public_actions), named(&["sqs:*"]));
}

#[test]
fn a_denial_of_less_than_all_leaves_the_rest() {
    let public = |deny: Value| {
        let allow = json!({
            "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE.arn,
        });
        read(&of(&QUEUE, json!([allow, deny])).public)
    };
    let deny = |rest: Value| {
        let mut statement = json!({"Effect": "Deny", "Principal": "*"});
        for (key, value) in rest.as_object().unwrap() {
            statement[key] = value.clone();
        }
        statement
    };
    assert_eq!(
        public(deny(json!({"Action": "sqs:*", "Resource": "*"}))),
        Some(false)
    );
    assert_eq!(
        public(deny(json!({"Action": "*", "Resource": QUEUE.arn}))),
        Some(false)
    );
    assert_eq!(
        public(deny(json!({"Action": "sqs:Send*", "Resource": "*"}))),
        Some(true)
    );
    assert_eq!(
        public(deny(
            json!({"NotAction": "sqs:SendMessage", "Resource": "*"})
        )),
        Some(true)
    );
    assert_eq!(
        public(deny(json!({"NotAction": "sns:*", "Resource": "*"}))),
        Some(false)
    );
    assert_eq!(
        public(deny(json!({"Action": "sqs:*", "NotResource": QUEUE.arn}))),
        Some(true)
    );
    let spared = json!({
        "Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "sqs:*", "Resource": "*",
    });
    assert_eq!(public(spared), Some(false));
    // Who is denied by name is not everyone.
    let named =
        json!({"Effect": "Deny", "Principal": {"AWS": OTHER}, "Action": "sqs:*", "Resource": "*"});
    assert_eq!(public(named), Some(true));
    let unknown = deny(json!({
        "Action": "sqs:*", "Resource": "*", "Condition": {"StringEquals": {"aws:KeyOfTomorrow": "x"}},
    }));
    assert_eq!(public(unknown), None);
}

#[test]
fn an_unknown_key_is_named() {
    let access = of(
        &QUEUE,
        json!({
            "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:KeyOfTomorrow/x": "x", "aws:SourceVpce": "vpce-1"}},
        }),
    );
    // That it is not public does not depend on it.
    assert_eq!(read(&access.public), Some(false));
    let access = of(
        &QUEUE,
        json!({
            "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:KeyOfTomorrow/x": "x"}, "Bool": {"aws:SecureTransport": true}},
        }),
    );
    let gap = access.public.get().unwrap_err();
    assert_eq!(gap.cause, Cause::Undecided);
    assert_eq!(gap.detail, "depends on a condition on aws:keyoftomorrow");
    assert_eq!(read(&access.tls_required), Some(false));
}

#[test]
fn other_accounts_directly_and_through_services() {
    let by_service = |condition: Value| {
        let statement = json!({
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": "*", "Condition": condition,
        });
        answers(&of(&QUEUE, statement))
    };
    let source = json!({"StringEquals": {"aws:SourceAccount": [HOME, OTHER]}});
    let expected = Answers {
        accounts: named(&[OTHER]),
        organization_only: Some(false),
        ..closed()
    };
    assert_eq!(by_service(source), expected);
    let topic =
        json!({"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-west-1:444455556666:orders"}});
    assert_eq!(by_service(topic), expected);
    let organization = json!({"StringEquals": {"aws:SourceOrgID": "o-1"}});
    assert_eq!(by_service(organization), closed());
    let account = json!([
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:user/ana"}, "Action": "sqs:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": {"AWS": OTHER}, "Action": "sqs:*", "Resource": "*"},
    ]);
    assert_eq!(answers(&of(&QUEUE, account)), closed());
    let id = json!({
        "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*",
        "Condition": {"StringLike": {"aws:userid": "AROAEXAMPLE:*"}},
    });
    // The unique id of a principal tells no account.
    assert_eq!(
        answers(&of(&QUEUE, id)),
        Answers {
            organization_only: None,
            ..closed()
        }
    );
}

/// An organization is not reported if members only have access by a statement that does not name it.
#[test]
fn an_account_by_name_lets_in_no_organization() {
    let statement = |principal: Value, condition: Value| {
        json!({"Effect": "Allow", "Principal": principal, "Action": "sqs:*", "Resource": "*",
            "Condition": condition})
    };
    let of_organization = json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}});
    let through_endpoint = json!({"StringEquals": {"aws:SourceVpce": "*"}});
    let access = of(
        &QUEUE,
        json!([
            statement(json!("*"), through_endpoint),
            statement(json!({"AWS": "444455556666"}), of_organization.clone()),
        ]),
    );
    assert_eq!(access.organizations, Part::Read(Vec::new()));
    let access = of(&QUEUE, json!([statement(json!("*"), of_organization)]));
    assert_eq!(access.organizations, Part::Read(vec!["o-1".to_owned()]));
}
