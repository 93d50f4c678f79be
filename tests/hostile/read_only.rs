//! The program reads, whatever it is asked to do.

use crate::endpoint::{Endpoint, Operation};
use crate::roles::assumable;
use crate::scan::{Scan, small};
use serde_json::Value;
use sixpillars::aws::dynamic::object;
use sixpillars::aws::session;
use sixpillars::aws::{Clients, Rejection};
use sixpillars::kinds::model::Projection;
use std::collections::BTreeSet;
use std::error::Error;
use std::sync::{Arc, Mutex};

/// All operations that any collector may call.
fn registry() -> Vec<&'static sixpillars::model::Call> {
    let kinds = sixpillars::collect::registry().into_iter().map(|c| c.kind);
    let calls = kinds.flat_map(sixpillars::model::Kind::calls);
    calls.collect()
}

/// The clients that collectors are given, with the allow-list of the whole registry.
async fn clients(endpoint: &Endpoint) -> Clients {
    let gate = session::gate(None, registry());
    let credentials = aws_credential_types::Credentials::for_tests();
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .endpoint_url(endpoint.url())
        .credentials_provider(credentials)
        .load()
        .await;
    Clients::new(config, "123456789012", gate, true)
}

/// Whether the connector itself refused, before anything was sent.
fn is_refused(error: &(dyn Error + 'static)) -> bool {
    let mut error = Some(error);
    while let Some(e) = error {
        if let Some(Rejection::NotAllowed(_)) = e.downcast_ref() {
            return true;
        }
        error = e.source();
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_an_account_is_refused_before_it_is_sent() {
    let endpoint = Endpoint::start(small()).await;
    let clients = clients(&endpoint).await;
    let region = "eu-west-1";
    let terminate = clients
        .ec2(region)
        .terminate_instances()
        .instance_ids("i-1");
    let delete_bucket = clients.s3(region).delete_bucket().bucket("b");
    let delete_user = clients.iam(region).delete_user().user_name("u");
    let delete_database = clients.rds(region).delete_db_instance();
    let publish = clients.modelled("sns", region).unwrap();
    let message = object([("TopicArn", "t".into()), ("Message", "m".into())]);
    let put_alarm = clients.cloudwatch(region).delete_alarms().alarm_names("a");
    let errors: [Box<dyn Error>; 6] = [
        terminate.send().await.unwrap_err().into(),
        delete_bucket.send().await.unwrap_err().into(),
        delete_user.send().await.unwrap_err().into(),
        delete_database
            .db_instance_identifier("d")
            .send()
            .await
            .unwrap_err()
            .into(),
        publish
            .call("Publish", message, &Projection::All)
            .await
            .unwrap_err()
            .into(),
        put_alarm.send().await.unwrap_err().into(),
    ];
    for error in errors {
        assert!(is_refused(error.as_ref()), "{error:?}");
    }
    assert_eq!(endpoint.counts().calls(), 0);

    // Reads that no check needs are refused too: these tell what objects and functions hold.
    let object = clients.s3(region).get_object().bucket("b").key("k").send();
    let error: Box<dyn Error> = object.await.unwrap_err().into();
    assert!(is_refused(error.as_ref()), "{error:?}");
    assert_eq!(endpoint.counts().calls(), 0);
}

#[test]
fn every_operation_of_the_registry_is_a_read() {
    for call in registry() {
        let reads = ["Describe", "Get", "List", "BatchGet", "Lookup"];
        // It writes a report for whoever asks next, and changes nothing of the account.
        let is_read = reads.iter().any(|verb| call.operation.starts_with(verb))
            || call.operation == "GenerateCredentialReport";
        assert!(is_read, "{}:{}", call.service, call.operation);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_sends_nothing_that_the_registry_does_not_name() {
    let endpoint = Endpoint::start(small()).await;
    Scan::of(&endpoint).run().await.with(0);
    let mut allowed: BTreeSet<Operation> = registry()
        .into_iter()
        .map(|call| Operation::new(call.service, call.operation))
        .collect();
    allowed.insert(Operation::new("sts", "GetCallerIdentity"));
    allowed.insert(Operation::new("iam", "ListAccountAliases"));
    let sent: BTreeSet<Operation> = endpoint.counts().log.into_iter().collect();
    let others: Vec<_> = sent.difference(&allowed).collect();
    assert!(others.is_empty(), "{others:?}");
}

/// The actions of a policy; `*` at the end of one stands for anything.
fn actions(policy: &str) -> BTreeSet<String> {
    let policy: Value = serde_json::from_str(policy).unwrap_or_else(|e| panic!("{e}: {policy}"));
    let statements = policy["Statement"].as_array().expect("statements").iter();
    statements
        .inspect(|statement| assert_eq!(statement["Effect"], "Allow"))
        .flat_map(|statement| match &statement["Action"] {
            Value::Array(actions) => actions.clone(),
            action => vec![action.clone()],
        })
        .map(|action| action.as_str().expect("an action").to_owned())
        .collect()
}

fn allows(actions: &BTreeSet<String>, action: &str) -> bool {
    let matches = |pattern: &String| match pattern.strip_suffix('*') {
        Some(start) => action.starts_with(start),
        None => pattern == action,
    };
    actions.iter().any(matches)
}

/// The actions of the session's own policy, and the ARN of AWS's beside it.
async fn session_policy(scan: impl FnOnce(Scan) -> Scan) -> (BTreeSet<String>, Option<String>) {
    let policies = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&policies);
    let source = assumable(crate::scan::account(), move |asked| {
        let policy = asked.get("Policy").cloned().unwrap_or_default();
        let managed = asked.get("PolicyArns.member.1.arn").cloned();
        seen.lock().unwrap().push((policy, managed));
    });
    let endpoint = Endpoint::start(source).await;
    let role = ["--role-arn", "arn:aws:iam::222222222222:role/audit"];
    scan(Scan::of(&endpoint).arguments(role))
        .run()
        .await
        .with(0);
    let policies = policies.lock().unwrap();
    assert!(!policies.is_empty(), "no role was assumed");
    for (policy, managed) in policies.iter() {
        // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
        let length = policy.len() + managed.as_ref().map_or(0, String::len);
        assert!(length <= 2_048, "{length} characters");
        assert_eq!((policy, managed), (&policies[0].0, &policies[0].1));
    }
    let (policy, managed) = &policies[0];
    (actions(policy), managed.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assumed_role_is_cut_to_what_the_scan_reads() {
    let (allowed, managed) = session_policy(Scan::by_tags).await;
    // All of it is too long for a session policy; AWS's policy for auditors allows most of it.
    let audit = "arn:aws:iam::aws:policy/SecurityAudit";
    assert_eq!(managed.as_deref(), Some(audit));
    let asked: BTreeSet<&str> = registry().iter().map(|call| call.action).collect();
    for action in &allowed {
        assert!(asked.contains(action.as_str()), "{action} is not requested");
    }
    // Which it does not allow.
    assert!(allows(&allowed, "budgets:ViewBudget"), "{allowed:?}");
    for write in [
        "ec2:TerminateInstances",
        "iam:CreateAccessKey",
        "s3:GetObject",
        "s3:PutBucketPolicy",
        "sts:AssumeRole",
        "lambda:InvokeFunction",
        "secretsmanager:GetSecretValue",
    ] {
        assert!(!allows(&allowed, write), "{write} of {allowed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrow_scan_assumes_a_narrow_role() {
    let (allowed, managed) =
        session_policy(|scan| scan.arguments(["--checks", "ec2/volume-*"])).await;
    assert_eq!(managed, None);
    assert!(allows(&allowed, "ec2:DescribeVolumes"));
    for other in [
        "s3:GetBucketPolicy",
        "iam:GetAccountSummary",
        "rds:DescribeDBInstances",
    ] {
        assert!(!allows(&allowed, other), "{other} of {allowed:?}");
    }
}
