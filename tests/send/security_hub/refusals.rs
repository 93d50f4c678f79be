//! What Security Hub refuses, and what the program may not do itself.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn every_finding_that_the_hub_refuses_is_named() {
    let (_hub, endpoint) = Hub::start().await;
    let refused =
        |id: &str| json!({"Id": id, "ErrorCode": "InvalidInput", "ErrorMessage": "\u{1b}[31mno"});
    let answer = json!({
        "SuccessCount": 8, "FailedCount": 2,
        "FailedFindings": [refused("sixpillars/one"), refused("sixpillars/two")],
    });
    let edit = Effect::Edit(Arc::new(move |_, mut given| {
        given.body = answer.to_string().into();
        given
    }));
    endpoint.rule(Rule::new(edit).operation("securityhub", IMPORT));
    let ended = send_report(&endpoint, &golden(), &[]).await.with(3);
    for id in ["one", "two"] {
        let line = format!(
            "account {ACCOUNT} in eu-west-1: sixpillars/{id} not imported: InvalidInput: no\n"
        );
        assert!(ended.stderr.contains(&line), "{}", ended.stderr);
    }
    assert!(
        says(&ended, "eu-west-1").ends_with("; only 8 imported"),
        "{}",
        ended.stdout
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_cannot_be_read_gets_nothing_and_one_that_refuses_is_named() {
    for (operation, says) in [
        (
            "GetFindings",
            "the findings in the hub cannot be read: securityhub:GetFindings denied",
        ),
        (
            IMPORT,
            "10 findings not imported: securityhub:BatchImportFindings denied",
        ),
    ] {
        let (hub, endpoint) = Hub::start().await;
        endpoint
            .rule(Rule::new(Effect::Refuse(Refusal::Denied)).operation("securityhub", operation));
        let ended = send_report(&endpoint, &golden(), &[]).await.with(3);
        assert!(ended.stderr.contains(says), "{}", ended.stderr);
        assert_eq!(hub.take_imports(), [0; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_security_hub_is_not_enabled_the_message_says_what_to_do() {
    let (_hub, endpoint) = Hub::start().await;
    let refusal = Effect::Edit(Arc::new(|_, mut given| {
        given.status = StatusCode::UNAUTHORIZED;
        given.headers.insert(
            "x-amzn-errortype",
            "InvalidAccessException".parse().unwrap(),
        );
        given.body = r#"{"Code":"InvalidAccessException","Message":"not subscribed"}"#.into();
        given
    }));
    endpoint.rule(
        Rule::new(refusal)
            .services(["securityhub"])
            .region("eu-west-1"),
    );
    let ended = send_report(&endpoint, &golden(), &[]).await.with(3);
    let why = "in eu-west-1: 10 findings not imported: Security Hub is not enabled";
    assert!(ended.stderr.contains(why), "{}", ended.stderr);
    assert!(ended.stderr.contains("--region"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_of_another_account_are_not_imported() {
    let (hub, endpoint) = Hub::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (_, file) = report(&folder);
    let arguments = ["security-hub", file.to_str().unwrap()];
    let ended = send_as("999999999999", &endpoint, &arguments).await.with(3);
    assert!(
        ended
            .stderr
            .contains("no credentials were given for this account"),
        "{}",
        ended.stderr
    );
    assert_eq!(hub.take_imports(), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_are_two_actions() {
    let of = |region: &'static [&'static str]| async move {
        let arguments = [&["security-hub", "--permissions"], region].concat();
        let printed = send(&arguments, &[]).await.with(0).stdout;
        serde_json::from_str::<Value>(&printed).unwrap()["Statement"].clone()
    };
    let statements = |product: &str| {
        json!([
            {"Effect": "Allow", "Action": ["securityhub:GetFindings"], "Resource": "*"},
            {"Effect": "Allow", "Action": ["securityhub:BatchImportFindings"], "Resource": product},
        ])
    };
    assert_eq!(
        of(&[]).await,
        statements("arn:*:securityhub:*:*:product/*/default")
    );
    let china = "arn:aws-cn:securityhub:cn-north-1:*:product/*/default";
    assert_eq!(of(&["--region", "cn-north-1"]).await, statements(china));
    let europe = "arn:aws-eusc:securityhub:eusc-de-east-1:*:product/*/default";
    assert_eq!(
        of(&["--region", "eusc-de-east-1"]).await,
        statements(europe)
    );
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

/// What `send` may, a scan still may not.
#[tokio::test(flavor = "multi_thread")]
async fn a_scan_can_neither_import_nor_publish() {
    let (_hub, endpoint) = Hub::start().await;
    let kinds = sixpillars::collect::registry().into_iter().map(|c| c.kind);
    let reads = kinds.flat_map(sixpillars::model::Kind::calls);
    let reads: Vec<&'static sixpillars::model::Call> = reads.collect();
    let gate = session::gate(None, reads);
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .endpoint_url(endpoint.url())
        .credentials_provider(aws_credential_types::Credentials::for_tests())
        .load()
        .await;
    let clients = Clients::new(config, ACCOUNT, gate, true);
    let call = async |service: &str, operation: &str, input: Value| {
        let client = clients.modelled(service, "eu-west-1").unwrap();
        let input = input.as_object().unwrap().clone();
        let answer = client.call(operation, input, &Projection::All).await;
        Box::<dyn Error>::from(answer.unwrap_err())
    };
    let errors = [
        call("securityhub", IMPORT, json!({"Findings": []})).await,
        call("sns", "Publish", json!({"TopicArn": "t", "Message": "m"})).await,
    ];
    for error in errors {
        assert!(is_refused(error.as_ref()), "{error:?}");
    }
    assert_eq!(endpoint.counts().calls(), 0);
}
