//! `send sns` against topics in memory.

use crate::aws::{ACCOUNT, identity, send_as};
use crate::endpoint::{Answer, Call, Cut, Effect, Endpoint, Refusal, Rule, Source, Wait};
use crate::{Ended, report, send};
use axum::http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const TOPIC: &str = "arn:aws:sns:eu-central-1:444455556666:audits";

type Published = Arc<Mutex<Vec<BTreeMap<String, String>>>>;

/// The forms that were posted, and an endpoint that takes them.
async fn topics() -> (Published, Endpoint) {
    let published = Published::default();
    let kept = Arc::clone(&published);
    let answer = move |call: &Call<'_>| {
        if call.operation != "Publish" {
            return identity(call);
        }
        assert_eq!(call.region, "eu-central-1");
        let form = std::str::from_utf8(call.body).unwrap();
        let decoded = |text: &str| {
            let text = text.replace('+', " ");
            percent_decode_str(&text)
                .decode_utf8()
                .unwrap()
                .into_owned()
        };
        let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
        let pairs = pairs.map(|(name, value)| (decoded(name), decoded(value)));
        kept.lock().unwrap().push(pairs.collect());
        let body = "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>";
        Answer::new(StatusCode::OK, "text/xml", body)
    };
    (published, Endpoint::start(Source::memory(answer)).await)
}

async fn publish(endpoint: &Endpoint, topic: &str, more: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let (_, file) = report(&folder);
    let arguments = [&["sns", topic, file.to_str().unwrap()], more].concat();
    send_as(ACCOUNT, endpoint, &arguments).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_is_what_a_dry_run_prints() {
    let (published, endpoint) = topics().await;
    let dry = publish(&endpoint, TOPIC, &["--dry-run"]).await.with(0);
    let printed: Value = serde_json::from_str(&dry.stdout).unwrap();
    assert!(published.lock().unwrap().is_empty());
    publish(&endpoint, TOPIC, &[]).await.with(0);
    let [form] = &published.lock().unwrap()[..] else {
        panic!("{published:?}");
    };
    assert_eq!(form["TopicArn"], TOPIC);
    assert_eq!(form["Subject"], printed["subject"]);
    assert_eq!(form["Message"], printed["text"]);
    assert!(!form.contains_key("MessageGroupId"));
    let names = form
        .iter()
        .filter(|(key, _)| key.ends_with(".Name"))
        .count();
    assert_eq!(names, printed["attributes"].as_object().unwrap().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_in_order_is_told_a_group_and_an_id() {
    let (published, endpoint) = topics().await;
    publish(&endpoint, &format!("{TOPIC}.fifo"), &[])
        .await
        .with(0);
    let published = published.lock().unwrap();
    assert_eq!(published[0]["MessageGroupId"], "sixpillars");
    assert_eq!(
        published[0]["MessageDeduplicationId"],
        "01890a5d-ac96-774b-bcce-b302099a8057"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_service_is_asked_again() {
    let (published, endpoint) = topics().await;
    let throttled = Effect::Refuse(Refusal::Throttled(Wait::RetryAfter(0)));
    endpoint.rule(Rule::new(throttled).operation("sns", "Publish").first(2));
    endpoint.rule(
        Rule::new(Effect::Cut(Cut::Before))
            .operation("sns", "Publish")
            .nth(0),
    );
    publish(&endpoint, TOPIC, &[]).await.with(0);
    let published = published.lock().unwrap();
    // The one whose answer was cut off may have arrived.
    assert!(!published.is_empty() && published.iter().all(|form| *form == published[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_action() {
    let (_, endpoint) = topics().await;
    endpoint.rule(Rule::new(Effect::Refuse(Refusal::Denied)).operation("sns", "Publish"));
    let ended = publish(&endpoint, TOPIC, &[]).await.with(3);
    assert!(
        ended
            .stderr
            .contains("not published: sns:Publish denied (AccessDenied)"),
        "{}",
        ended.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_arguments_are_all_named() {
    let ended = send(&["sns", "audits", "no-such.json"], &[]).await.with(2);
    assert!(
        ended.stderr.contains("TOPIC_ARN is not the ARN of a topic"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("no-such.json"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_are_one_action_on_one_topic() {
    let printed = send(&["sns", TOPIC, "--permissions"], &[])
        .await
        .with(0)
        .stdout;
    let policy: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(policy["Statement"][0]["Action"][0], "sns:Publish");
    assert_eq!(policy["Statement"][0]["Resource"], TOPIC);
}
