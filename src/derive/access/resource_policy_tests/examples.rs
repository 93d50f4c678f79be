//! Policies of AWS's documentation.

use super::*;

#[test]
fn examples_of_the_documentation() {
    for (name, owner, statements, expected) in examples() {
        assert_eq!(answers(&of(owner, statements)), expected, "{name}");
    }
}

/// The resource of an example, its statements and the answers.
type Example = (&'static str, &'static Owner<'static>, Value, Answers);

/// Policies of the forms that AWS's own pages show, and what they let others do.
fn examples() -> Vec<Example> {
    vec![
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
        // The same without the account: anyone who has a bucket of this name.
        (
            "events of anyone with a bucket of this name",
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
    ]
}
