//! Who is told, of what, and how often.

use crate::endpoint::Endpoint;
use crate::server::{Place, audit, small};
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub(crate) type Told = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// A webhook that is broken at first, and its address.
pub(crate) async fn receiver() -> (Told, String) {
    let told = Told::default();
    let (seen, asked) = (Arc::clone(&told), Arc::new(AtomicUsize::new(0)));
    let take = move |headers: HeaderMap, body: String| {
        let broken = asked.fetch_add(1, Ordering::Relaxed) == 0;
        seen.lock().unwrap().push((headers, body));
        async move {
            if broken {
                StatusCode::BAD_GATEWAY
            } else {
                StatusCode::OK
            }
        }
    };
    let app = axum::Router::new().route("/hook", axum::routing::post(take));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (told, address)
}

async fn until(told: &Told, count: usize) -> Vec<(HeaderMap, String)> {
    let begun = Instant::now();
    loop {
        let now = told.lock().unwrap().clone();
        if now.len() >= count {
            return now;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(90),
            "{} messages",
            now.len()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_once_signed_and_again_until_it_arrives() {
    let (told, address) = receiver().await;
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(&format!(
        "notify:\n  hook:\n    webhook: {{url: \"{address}\", secret: key}}\n    allow_private: true\n    \
         burst: 0s\n  private:\n    webhook: {{url: \"{address}\", secret: key}}\n    burst: 0s\n  \
         others:\n    slack: \"{address}\"\n    allow_private: true\n    owners: [nobody]\n"
    ));
    let server = place.serve(&endpoint).await;
    let id = server.start(&audit()).await;
    let done = server.over(&id).await;
    let messages = until(&told, 2).await;
    let delivery = |message: &(HeaderMap, String)| message.0["sixpillars-delivery"].clone();
    assert_eq!(delivery(&messages[0]), delivery(&messages[1]));
    let body: Value = serde_json::from_str(&messages[1].1).unwrap();
    assert_eq!(body["schema"], "sixpillars/changes/1");
    assert_eq!(body["new"]["count"], done["result"]["fails"]);
    assert_eq!(
        body["id"],
        messages[1].0["sixpillars-delivery"].to_str().unwrap()
    );
    assert_eq!(body["audits"][0]["audit"], id);
    let signature = messages[1].0["sixpillars-signature"].to_str().unwrap();
    assert!(
        signature.starts_with("t=") && signature.contains(",v1="),
        "{signature}"
    );
    // Nothing changes, so nothing is told.
    let again = server.start(&audit()).await;
    assert_eq!(server.over(&again).await["state"], "finished");
    let metrics = server.get("/metrics").await.with(200);
    let metrics = String::from_utf8(metrics.body).unwrap();
    // What may not be sent to this machine waits.
    assert!(
        metrics.contains("sixpillars_messages_waiting 1\n"),
        "{metrics}"
    );
    assert_eq!(told.lock().unwrap().len(), 2);
    let sent = server
        .get("/api/v1/messages?state=sent")
        .await
        .with(200)
        .json();
    assert_eq!(sent["items"][0]["id"], body["id"]);
    assert_eq!(sent["items"][0]["attempts"], 2);
    let waiting = server
        .get("/api/v1/messages?state=waiting")
        .await
        .with(200)
        .json();
    let error = waiting["items"][0]["error"].as_str().unwrap();
    assert!(error.contains("allow_private"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_can_be_tried_out() {
    let (told, address) = receiver().await;
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(&format!(
        "notify:\n  chat:\n    slack: \"{address}\"\n    allow_private: true\n"
    ));
    let words = |name| ["serve", "test-channel", name];
    let (code, printed) = place.run(&endpoint, &words("chat")).await;
    assert_ne!(code, Some(0), "{printed}");
    assert!(
        printed.contains("not sent") && printed.contains("502"),
        "{printed}"
    );
    assert!(!printed.contains("/hook"), "{printed}");
    let (code, printed) = place.run(&endpoint, &words("chat")).await;
    assert_eq!(code, Some(0), "{printed}");
    let (code, printed) = place.run(&endpoint, &words("caht")).await;
    assert!(
        code == Some(2) && printed.contains("did you mean `chat`?"),
        "{printed}"
    );
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 2);
    let body: Value = serde_json::from_str(&told[1].1).unwrap();
    assert!(body["text"].as_str().unwrap().contains("test"), "{body}");
}
