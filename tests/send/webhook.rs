//! `send webhook` against a server of this machine.

use crate::server::{Answer, Server, nobody};
use crate::{Ended, report, send};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::AsyncWriteExt;

const SECRET: &str = "/services/T000/B000/s3cr3t-p4th?key=s3cr3t";

/// Posts the golden report to a server, by the variable.
async fn post(server: &Server) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let (_, file) = report(&folder);
    let arguments = ["webhook", file.to_str().unwrap()];
    let ended = send(
        &arguments,
        &[
            ("SIXPILLARS_WEBHOOK_URL", &server.url(SECRET)),
            ("SIXPILLARS_LOG", "trace"),
        ],
    )
    .await;
    for printed in [&ended.stdout, &ended.stderr] {
        assert!(!printed.contains("s3cr3t"), "{printed}");
    }
    ended
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_is_posted_as_json() {
    let server = Server::start([]).await;
    post(&server).await.with(0);
    let [arrived] = &server.arrived()[..] else {
        panic!("{:?}", server.arrived());
    };
    assert_eq!(
        (arrived.method.as_str(), arrived.path.as_str()),
        ("POST", SECRET)
    );
    assert_eq!(arrived.headers["content-type"], "application/json");
    let message: Value = serde_json::from_slice(&arrived.body).unwrap();
    let text = message["text"].as_str().unwrap();
    assert!(
        text.starts_with("Six Pillars: account 111122223333"),
        "{text}"
    );
    assert!(message["blocks"].as_array().unwrap().len() > 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_may_be_typed_and_what_would_be_posted_printed() {
    let server = Server::start([]).await;
    let folder = tempfile::tempdir().unwrap();
    let (_, file) = report(&folder);
    let file = file.to_str().unwrap();
    let dry = send(&["webhook", &server.url("/x"), file, "--dry-run"], &[]).await;
    let printed: Value = serde_json::from_str(&dry.with(0).stdout).unwrap();
    assert!(server.arrived().is_empty());
    send(&["webhook", &server.url("/x"), file], &[])
        .await
        .with(0);
    let posted: Value = serde_json::from_slice(&server.arrived()[0].body).unwrap();
    assert_eq!(posted, printed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_or_broken_server_is_asked_again() {
    let busy = Answer::Say(
        429,
        vec![("retry-after", "0".to_owned())],
        "slow".to_owned(),
    );
    let broken = Answer::Say(503, vec![("retry-after", "0".to_owned())], String::new());
    let server = Server::start([busy, broken, Answer::Close]).await;
    post(&server).await.with(0);
    let bodies: Vec<_> = server.arrived().into_iter().map(|a| a.body).collect();
    assert_eq!(bodies.len(), 4);
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stays_broken_is_given_up() {
    let broken = Answer::Say(500, vec![("retry-after", "0".to_owned())], String::new());
    let server = Server::start(vec![broken; 9]).await;
    let ended = post(&server).await.with(3);
    assert_eq!(server.arrived().len(), 5);
    assert!(
        ended.stderr.contains("127.0.0.1 answered 500"),
        "{}",
        ended.stderr
    );
}

/// What no further attempt mends is not tried again: here a server that does not speak TLS.
#[tokio::test(flavor = "multi_thread")]
async fn a_final_failure_is_not_tried_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}{SECRET}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let (_, file) = report(&folder);
    let ended = send(&["webhook", &url, file.to_str().unwrap()], &[]).await;
    let stderr = ended.with(3).stderr;
    assert!(stderr.contains("does not speak TLS"), "{stderr}");
    assert!(!stderr.contains("s3cr3t"), "{stderr}");
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_final_and_its_words_are_shown_without_the_address() {
    let said = format!("no such hook: {SECRET}\u{1b}[31m\u{202e}");
    let server = Server::start([Answer::Say(404, Vec::new(), said)]).await;
    let ended = post(&server).await.with(3);
    assert_eq!(server.arrived().len(), 1);
    let said = "not posted: 127.0.0.1 answered 404: no such hook: …\n";
    assert!(ended.stderr.ends_with(said), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start([]).await;
    let there = vec![("location", elsewhere.url("/gone"))];
    let server = Server::start([Answer::Say(307, there, String::new())]).await;
    let ended = post(&server).await.with(3);
    assert!(ended.stderr.contains("redirect"), "{}", ended.stderr);
    assert!(elsewhere.arrived().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_wrong_is_said_at_once_and_never_the_address() {
    let plain = "http://hooks.example.com/s3cr3t";
    let variables = [("SIXPILLARS_WEBHOOK_URL", plain)];
    let ended = send(&["webhook", "no-such.json"], &variables).await.with(2);
    assert!(ended.stderr.contains("no-such.json"), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("SIXPILLARS_WEBHOOK_URL is not https"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("s3cr3t"), "{}", ended.stderr);
    // An address without its beginning might be taken for a file.
    let ended = send(&["webhook", "hooks.example.com/s3cr3t"], &[])
        .await
        .with(2);
    assert!(!ended.stderr.contains("s3cr3t"), "{}", ended.stderr);
    let ended = send(&["webhook"], &[]).await.with(2);
    assert!(
        ended.stderr.contains("no address to post to was given"),
        "{}",
        ended.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_named_by_its_host() {
    let folder = tempfile::tempdir().unwrap();
    let (_, file) = report(&folder);
    let url = format!("{}{SECRET}", nobody().await);
    let ended = send(&["webhook", &url, file.to_str().unwrap()], &[])
        .await
        .with(3);
    assert!(
        ended.stderr.contains("127.0.0.1 cannot be reached: "),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("s3cr3t"), "{}", ended.stderr);
}
