#![allow(clippy::needless_pass_by_value, reason = "values are made on the spot")]

use super::*;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
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

fn of(owner: &Owner<'_>, statements: Value) -> PolicyAccess {
    let text = json!({ "Statement": statements }).to_string();
    resource_access(Some(&text), owner).unwrap()
}

fn read<T: Clone>(part: &Part<T>) -> Option<T> {
    part.get().ok().cloned()
}

/// What is asked of each example.
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

/// Policies of the forms that AWS's own pages show, and what they let others do.
#[test]
fn examples_of_the_documentation() {
    let examples: Vec<(&str, &Owner<'_>, Value, Answers)> = vec![
        // AmazonS3/latest/userguide/example-bucket-policies.html: read access for everyone.
        (
            "a public website",
            &BUCKET,
            json!({
                "Sid": "PublicRead", "Effect": "Allow", "Principal": "*",
                "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                "Resource": ["arn:aws:s3:::amzn-s3-demo-bucket/*"],
            }),
            Answers {
                public: Some(true),
                organization_only: Some(false),
                ..closed()
            },
        ),
        // The same page: limited to addresses.
        (
            "a company's addresses",
            &BUCKET,
            json!({
                "Effect": "Allow", "Principal": "*", "Action": "s3:*",
                "Resource": ["arn:aws:s3:::amzn-s3-demo-bucket/*"],
                "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
            }),
            Answers {
                organization_only: Some(false),
                ..closed()
            },
        ),
        // IAM/latest/UserGuide/reference_policies_condition-keys.html, aws:PrincipalOrgID.
        (
            "an organization",
            &BUCKET,
            json!({
                "Sid": "AllowPutObject", "Effect": "Allow", "Principal": "*", "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-xxxxxxxxxxx"}},
            }),
            Answers {
                organizations: named(&["o-xxxxxxxxxxx"]),
                ..closed()
            },
        ),
        // IAM/latest/UserGuide/confused-deputy.html: CloudTrail for one trail.
        (
            "a trail of the account",
            &BUCKET,
            json!({
                "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:PutObject", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/AWSLogs/*",
                "Condition": {"StringEquals": {
                    "aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/one",
                    "s3:x-amz-acl": "bucket-owner-full-control",
                }},
            }),
            closed(),
        ),
        // The policy that CloudTrail wrote before it had those keys.
        (
            "anyone's trail",
            &BUCKET,
            json!({
                "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:PutObject", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/AWSLogs/*",
                "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
            }),
            Answers {
                deputies: named(&["cloudtrail.amazonaws.com"]),
                organization_only: Some(false),
                ..closed()
            },
        ),
        // AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html: both keys.
        (
            "events of a bucket of the account",
            &QUEUE,
            json!({
                "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
                "Action": ["SQS:SendMessage"], "Resource": "arn:aws:sqs:eu-west-1:111122223333:orders",
                "Condition": {
                    "ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:amzn-s3-demo-bucket"},
                    "StringEquals": {"aws:SourceAccount": "111122223333"},
                },
            }),
            closed(),
        ),
        // The same without the account: whoever has the bucket's name.
        (
            "events of whoever has a bucket's name",
            &QUEUE,
            json!({
                "Effect": "Allow", "Principal": "*",
                "Action": ["SQS:SendMessage"], "Resource": "arn:aws:sqs:eu-west-1:111122223333:orders",
                "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::amzn-s3-demo-bucket"}},
            }),
            Answers {
                deputies: named(&["*"]),
                organization_only: Some(false),
                ..closed()
            },
        ),
        // AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html.
        (
            "two accounts",
            &QUEUE,
            json!({
                "Effect": "Allow",
                "Principal": {"AWS": ["444455556666", "arn:aws:iam::111122223333:role/worker"]},
                "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"],
                "Resource": "arn:aws:sqs:eu-west-1:111122223333:orders",
            }),
            Answers {
                accounts: named(&[OTHER]),
                organization_only: Some(false),
                ..closed()
            },
        ),
        // kms/latest/developerguide/key-policy-default.html.
        (
            "a key's own account",
            &KEY,
            json!({
                "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                "Action": "kms:*", "Resource": "*",
            }),
            closed(),
        ),
        // AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html.
        (
            "log groups of the account",
            &KEY,
            json!({
                "Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
                "Action": ["kms:Encrypt*", "kms:Decrypt*"], "Resource": "*",
                "Condition": {"ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111122223333:*",
                }},
            }),
            closed(),
        ),
        // Keys that AWS manages: everyone of the account, through one service.
        (
            "through a service only",
            &KEY,
            json!({
                "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*",
                "Condition": {"StringEquals": {
                    "kms:ViaService": "sqs.eu-west-1.amazonaws.com", "kms:CallerAccount": "111122223333",
                }},
            }),
            closed(),
        ),
        // sns/latest/dg/sns-access-policy-use-cases.html: any resource of the account.
        (
            "what SNS writes by default",
            &TOPIC,
            json!({
                "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["SNS:Publish", "SNS:Subscribe"],
                "Resource": "arn:aws:sns:eu-west-1:111122223333:orders",
                "Condition": {"StringEquals": {"AWS:SourceOwner": "111122223333"}},
            }),
            closed(),
        ),
        // apigateway/latest/developerguide/apigateway-resource-policies-examples.html: a range is denied.
        (
            "everyone but",
            &Owner {
                service: "execute-api",
                arn: None,
                account: HOME,
            },
            json!([
                {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
                 "Resource": ["execute-api:/stage/GET/pets"]},
                {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke",
                 "Resource": ["execute-api:/stage/GET/pets"],
                 "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}},
            ]),
            Answers {
                public: Some(true),
                organization_only: Some(false),
                ..closed()
            },
        ),
        // The same page: only a VPC endpoint.
        (
            "one VPC endpoint",
            &Owner {
                service: "execute-api",
                arn: None,
                account: HOME,
            },
            json!([
                {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke",
                 "Resource": "execute-api:/*",
                 "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}},
                {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
                 "Resource": "execute-api:/*"},
            ]),
            Answers {
                organization_only: Some(false),
                ..closed()
            },
        ),
        // An image repository: statements name no resource.
        (
            "a repository for another account",
            &Owner {
                service: "ecr",
                arn: Some("arn:aws:ecr:eu-west-1:111122223333:repository/app"),
                account: HOME,
            },
            json!({
                "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            }),
            Answers {
                accounts: named(&[OTHER]),
                organization_only: Some(false),
                ..closed()
            },
        ),
        // secretsmanager/latest/userguide/auth-and-access_examples_cross.html, within an organization.
        (
            "another account as long as it is of the organization",
            &Owner {
                service: "secretsmanager",
                arn: None,
                account: HOME,
            },
            json!({
                "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
                "Action": "secretsmanager:GetSecretValue", "Resource": "*",
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}},
            }),
            Answers {
                accounts: named(&[OTHER]),
                ..closed()
            },
        ),
    ];
    for (name, owner, statements, expected) in examples {
        assert_eq!(answers(&of(owner, statements)), expected, "{name}");
    }
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

#[test]
fn tls() {
    let open = |owner: &Owner<'_>, action: Value, resource: Value, condition: Value| {
        let access = of(
            owner,
            json!({
                "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource,
                "Condition": condition,
            }),
        );
        let open = read(&access.open_without_tls);
        let required = read(&access.tls_required);
        assert_eq!(required, open.as_ref().map(Vec::is_empty));
        open
    };
    let plain = || json!({"Bool": {"aws:SecureTransport": "false"}});
    let whole = || {
        json!([
            "arn:aws:s3:::amzn-s3-demo-bucket",
            "arn:aws:s3:::amzn-s3-demo-bucket/*"
        ])
    };
    let none = named(&[]);
    assert_eq!(open(&BUCKET, json!("s3:*"), whole(), plain()), none);
    assert_eq!(open(&BUCKET, json!("*"), json!("*"), plain()), none);
    assert_eq!(
        open(
            &BUCKET,
            json!("s3:*"),
            json!("arn:aws:s3:::amzn-s3-demo-bucket*"),
            plain()
        ),
        none
    );
    let version = json!({"NumericLessThanIfExists": {"s3:TlsVersion": "1.2"}});
    assert_eq!(open(&BUCKET, json!("s3:*"), whole(), version), none);
    let of_bucket = named(&["s3:GetBucketPolicy", "s3:ListBucket", "s3:PutBucketPolicy"]);
    let objects = || json!("arn:aws:s3:::amzn-s3-demo-bucket/*");
    assert_eq!(open(&BUCKET, json!("s3:*"), objects(), plain()), of_bucket);
    let all = named(&[
        "s3:DeleteObject",
        "s3:GetBucketPolicy",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutBucketPolicy",
        "s3:PutObject",
    ]);
    assert_eq!(
        open(
            &BUCKET,
            json!("s3:*"),
            json!("arn:aws:s3:::other/*"),
            plain()
        ),
        all
    );
    let with = json!({"Bool": {"aws:SecureTransport": "true"}});
    assert_eq!(open(&BUCKET, json!("s3:*"), whole(), with), all);
    let absent = json!({"NumericLessThan": {"s3:TlsVersion": "1.2"}});
    assert_eq!(open(&BUCKET, json!("s3:*"), whole(), absent), all);
    // A second test weakens a denial: here it spares all others.
    let both = json!({
        "Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalOrgID": "o-1"},
    });
    assert_eq!(open(&BUCKET, json!("s3:*"), whole(), both), all);
    let unknown = json!({
        "Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:KeyOfTomorrow": "x"},
    });
    assert_eq!(open(&BUCKET, json!("s3:*"), whole(), unknown), None);
    assert_eq!(
        open(&TOPIC, json!("sns:Publish"), json!("*"), plain()),
        none
    );
    assert_eq!(
        open(&KEY, json!("kms:Decrypt"), json!("*"), plain()),
        named(&["*"])
    );
    assert_eq!(open(&KEY, json!("kms:*"), json!("*"), plain()), none);
}

/// Statements in which many of the ways to be let in, or kept out, meet.
fn statement() -> impl Strategy<Value = Value> {
    let principal = prop::sample::select(vec![
        json!("*"),
        json!({"AWS": OTHER}),
        json!({"AWS": HOME}),
        json!({"Service": "sns.amazonaws.com"}),
    ]);
    let action = prop::sample::select(vec!["sqs:*", "sqs:SendMessage", "sqs:Send*", "*"]);
    let resource = prop::sample::select(vec!["*", "arn:aws:sqs:eu-west-1:111122223333:orders"]);
    let conditions = prop::collection::vec(condition(), 0..3);
    let names = (any::<bool>(), any::<bool>());
    (
        any::<bool>(),
        principal,
        action,
        resource,
        conditions,
        names,
    )
        .prop_map(
            |(allow, principal, action, resource, conditions, (not_principal, not_action))| {
                let mut statement = json!({
                    "Effect": if allow { "Allow" } else { "Deny" },
                    "Resource": resource,
                    "Condition": merged(conditions),
                });
                let key = if not_principal && !allow {
                    "NotPrincipal"
                } else {
                    "Principal"
                };
                statement[key] = principal;
                statement[if not_action { "NotAction" } else { "Action" }] = json!(action);
                statement
            },
        )
}

fn condition() -> impl Strategy<Value = (String, String, Value)> {
    let operator = prop::sample::select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringEqualsIfExists",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringNotEquals",
        "Bool",
        "Null",
        "StringMatches",
    ]);
    let key = prop::sample::select(vec![
        "aws:PrincipalOrgID",
        "aws:PrincipalAccount",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:PrincipalArn",
        "aws:SourceVpce",
        "aws:SecureTransport",
        "aws:PrincipalIsAWSService",
        "aws:userid",
        "aws:KeyOfTomorrow",
        "aws:Referer",
    ]);
    let value = prop::sample::select(vec![
        "*",
        "o-1",
        HOME,
        OTHER,
        "true",
        "false",
        "arn:aws:s3:::uploads",
        "arn:aws:iam::444455556666:root",
        "${aws:ResourceAccount}",
    ]);
    (operator, key, value)
        .prop_map(|(operator, key, value)| (operator.to_owned(), key.to_owned(), json!(value)))
}

/// Conditions as a policy has them. Of two with the same operator and key the later stays.
fn merged(conditions: Vec<(String, String, Value)>) -> Value {
    let mut merged = json!({});
    for (operator, key, value) in conditions {
        merged[operator][key] = value;
    }
    merged
}

/// Which of [`openness`] is about an organization.
const ORGANIZATION: usize = 1;

/// How far each question is open, from closed (0) over unknown (1) to open (2): of strangers, an
/// organization and a service that acts for whomever. Other accounts are told by name only.
fn openness(statements: &[Value]) -> [u8; 3] {
    let access = of(&QUEUE, json!(statements));
    let truth = |part: &Part<bool>| match part {
        Part::Read(false) => 0,
        Part::Read(true) => 2,
        _ => 1,
    };
    let has = |part: &Part<Vec<String>>, names: &[&str]| match part {
        Part::Read(list) if list.iter().any(|item| names.contains(&item.as_str())) => 2,
        Part::Read(_) => 0,
        _ => 1,
    };
    let public = truth(&access.public);
    // Who is let in as anyone is let in as the others too.
    let deputies = has(&access.services_without_source, &["*", "sns.amazonaws.com"]);
    [
        public,
        has(&access.organizations, &["o-1"]).max(public),
        deputies.max(public),
    ]
}

/// Whether each of many callers is let in.
fn let_in(statements: &[Value]) -> Vec<Applies> {
    let text = json!({ "Statement": statements }).to_string();
    let policy = Policy::parse(&text).unwrap();
    let reading = Reading {
        policy: &policy,
        owner: &QUEUE,
        action: None,
    };
    let stranger = Caller::stranger(HOME);
    let whos = [
        CallerScope::Stranger,
        CallerScope::Account(OTHER),
        CallerScope::Account(HOME),
        CallerScope::Member("o-1"),
        CallerScope::Everyone,
    ];
    let callers = whos.iter().flat_map(|who| {
        let caller = stranger.of(*who);
        [
            caller,
            caller.through("sns.amazonaws.com"),
            caller.through("*"),
            caller.knowing(ALONE),
        ]
    });
    callers.map(|caller| reading.lets_in(&caller)).collect()
}

/// What is certain to be closed stays closed, and nobody is let in further than before.
fn assert_no_wider(before: &[Value], after: &[Value]) -> Result<(), TestCaseError> {
    for (before, after) in let_in(before).iter().zip(let_in(after)) {
        prop_assert!(after <= *before, "{before:?} {after:?}");
    }
    // A list of which one entry is unknown is unknown as a whole, so it may become certain.
    // An organization that no statement mentioned was not asked about; its members are compared above.
    let is_asked = |question| question != ORGANIZATION || json!(before).to_string().contains("o-1");
    let both = openness(before).into_iter().zip(openness(after));
    for (question, (before, after)) in both.enumerate().filter(|(question, _)| is_asked(*question))
    {
        prop_assert!(before > 0 || after == 0, "{question}: {before} {after}");
    }
    Ok(())
}

/// What a condition on an endpoint leaves open to members of an organization is not told of the
/// organization that another statement asks a named account to be of.
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

proptest! {
    #[test]
    fn a_denial_never_widens(
        statements in prop::collection::vec(statement(), 1..4), mut denial in statement(),
    ) {
        denial["Effect"] = json!("Deny");
        let after = [statements.as_slice(), &[denial]].concat();
        assert_no_wider(&statements, &after)?;
    }

    #[test]
    fn a_condition_never_widens(
        statements in prop::collection::vec(statement(), 0..3),
        mut allowance in statement(),
        (operator, key, value) in condition(),
    ) {
        allowance["Effect"] = json!("Allow");
        prop_assume!(allowance["Condition"][&operator].get(&key).is_none());
        if allowance.get("NotPrincipal").is_some() {
            let principal = allowance["NotPrincipal"].take();
            allowance.as_object_mut().unwrap().remove("NotPrincipal");
            allowance["Principal"] = principal;
        }
        let before = [statements.as_slice(), &[allowance.clone()]].concat();
        allowance["Condition"][operator][key] = value;
        let after = [statements.as_slice(), &[allowance]].concat();
        assert_no_wider(&before, &after)?;
    }

    #[test]
    fn an_unknown_key_is_never_public_and_never_safe(key in "[a-z]{2,8}:zq7[a-zA-Z]{0,8}") {
        let statement = |effect: &str| json!({
            "Effect": effect, "Principal": "*", "Action": "sqs:*", "Resource": "*",
            "Condition": {"StringEquals": {key.as_str(): "x"}},
        });
        prop_assert_eq!(openness(&[statement("Allow")])[0], 1);
        let open = json!({"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"});
        prop_assert_eq!(openness(&[open.clone(), statement("Deny")])[0], 1);
        // Beside an allowance without it, it does not matter.
        prop_assert_eq!(openness(&[open, statement("Allow")])[0], 2);
    }

    #[test]
    fn the_order_of_statements_means_nothing(statements in prop::collection::vec(statement(), 1..5)) {
        let mut reversed = statements.clone();
        reversed.reverse();
        prop_assert_eq!(of(&QUEUE, json!(statements)), of(&QUEUE, json!(reversed)));
    }
}
