//! Delivery with times that are given, to a listener on this machine.

use super::*;
use crate::model::Severity;
use crate::serve::notify::channel::Kind;
use crate::serve::notify::timing::{Quiet, Timing};
use crate::serve::notify::{About, notices};
use crate::store::{Changes, News};
use axum::http::{HeaderMap, StatusCode};
use jiff::civil::time;
use jiff::tz::TimeZone;
use std::sync::Mutex;

type Got = Arc<Mutex<Vec<(String, String)>>>;

/// A webhook: what it received, by delivery, and its address.
async fn receiver() -> (Got, String) {
    let got = Got::default();
    let seen = Arc::clone(&got);
    let take = move |headers: HeaderMap, body: String| {
        let id = headers["sixpillars-delivery"].to_str().unwrap().to_owned();
        seen.lock().unwrap().push((id, body));
        async { StatusCode::OK }
    };
    let app = axum::Router::new().route("/hook", axum::routing::post(take));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (got, address)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn channel(address: &str) -> Channel {
    let night = Quiet {
        from: time(22, 0, 0, 0),
        to: time(7, 0, 0, 0),
        days: Vec::new(),
        zone: TimeZone::UTC,
    };
    Channel {
        kind: Kind::Webhook {
            address: address.to_owned(),
            secret: "key".to_owned(),
        },
        severity: None,
        pillars: Vec::new(),
        targets: Vec::new(),
        owners: Vec::new(),
        changes: Vec::new(),
        timing: Timing {
            burst: SignedDuration::from_mins(1),
            digest: None,
            quiet: vec![night],
            urgent: Some(Severity::Critical),
        },
        allow_private: true,
    }
}

async fn courier(channel: Channel) -> (Courier, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/test.db?mode=rwc", folder.path().display());
    let database = Database::open(&url).await.unwrap();
    let channels = BTreeMap::from([("hook".to_owned(), channel)]);
    (Courier::new(&database, &channels, None).unwrap(), folder)
}

/// Notes that a finding of a run fails.
async fn note(courier: &Courier, finding: &str, severity: Severity, now: Timestamp) {
    let news = News {
        id: finding.to_owned(),
        check: "s3/bucket-public".to_owned(),
        title: "Public".to_owned(),
        pillar: crate::model::Pillar::Security,
        severity,
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        resource: "logs".to_owned(),
        was: None,
        fails: true,
    };
    let about = About {
        target: "shop",
        owners: &[],
        run: "r",
    };
    let changes = Changes {
        news: vec![news],
        ..Changes::default()
    };
    let notices = notices(&courier.channels, &about, &changes);
    courier.database.note("r", &notices, now).await.unwrap();
}

/// Combines the notices that are due, and sends what waits. Returns how many messages were sent.
async fn round(courier: &Courier, now: Timestamp) -> usize {
    courier.compose(now).await.unwrap();
    let mut sent = 0;
    while let Some(message) = courier.database.next_message(now).await.unwrap() {
        courier.deliver_one(&message, now).await;
        sent += 1;
    }
    sent
}

#[tokio::test]
async fn a_process_that_dies_before_it_notes_what_it_sent_leaves_it_to_be_sent_again() {
    let (got, address) = receiver().await;
    let (courier, _folder) = courier(channel(&address)).await;
    let noon = at("2026-11-28T12:00:00Z");
    let after = |seconds| noon + SignedDuration::from_secs(seconds);
    note(&courier, "f", Severity::Low, noon).await;
    courier.compose(after(60)).await.unwrap();
    let message = courier
        .database
        .next_message(after(60))
        .await
        .unwrap()
        .unwrap();
    let channel = &courier.channels["hook"];
    let sent = courier.send(channel, &message.id, &message.payload).await;
    assert_eq!(sent, Ok(()));
    // It dies here. The next process, whatever its clock says, waits until nobody holds the message.
    assert_eq!(round(&courier, after(100_000)).await, 0);
    let mut next = Sending::default();
    let begin = Instant::now();
    let later = |seconds| begin + Duration::from_secs(seconds);
    assert_eq!(next.silent(&courier, later(0)).await.unwrap(), None);
    assert_eq!(next.silent(&courier, later(119)).await.unwrap(), None);
    let again = next.silent(&courier, later(120)).await.unwrap().unwrap();
    courier.deliver_one(&again, after(181)).await;
    assert_eq!(next.silent(&courier, later(1_000)).await.unwrap(), None);
    assert_eq!(round(&courier, after(100_000)).await, 0);
    let got = got.lock().unwrap().clone();
    assert_eq!(got.len(), 2);
    // The same to the byte, under one id.
    assert_eq!(got[0], got[1]);
    assert_eq!(got[0].0, message.id);
}

#[tokio::test]
async fn a_burst_is_one_message_and_the_night_is_quiet() {
    let (got, address) = receiver().await;
    let (courier, _folder) = courier(channel(&address)).await;
    note(&courier, "a", Severity::Low, at("2026-11-28T21:58:30Z")).await;
    assert_eq!(round(&courier, at("2026-11-28T21:59:00Z")).await, 0);
    note(&courier, "b", Severity::High, at("2026-11-28T21:59:10Z")).await;
    assert_eq!(round(&courier, at("2026-11-28T21:59:31Z")).await, 1);
    note(&courier, "c", Severity::High, at("2026-11-28T21:59:40Z")).await;
    // A minute later the night has begun.
    assert_eq!(round(&courier, at("2026-11-28T22:01:00Z")).await, 0);
    assert_eq!(round(&courier, at("2026-11-29T06:59:59Z")).await, 0);
    assert_eq!(round(&courier, at("2026-11-29T07:00:00Z")).await, 1);
    // An urgent notice takes those that wait along.
    note(&courier, "d", Severity::Low, at("2026-11-29T23:00:00Z")).await;
    note(
        &courier,
        "e",
        Severity::Critical,
        at("2026-11-29T23:00:00Z"),
    )
    .await;
    assert_eq!(round(&courier, at("2026-11-29T23:01:00Z")).await, 1);
    let bodies: Vec<ChangeMessage> = got
        .lock()
        .unwrap()
        .iter()
        .map(|(_, body)| serde_json::from_str(body).unwrap())
        .collect();
    let counts: Vec<usize> = bodies.iter().map(|body| body.new.count).collect();
    assert_eq!(counts, [2, 1, 2]);
}

#[tokio::test]
async fn a_message_that_failed_is_not_tried_in_the_night() {
    let (got, address) = receiver().await;
    let (courier, _folder) = courier(channel(&address)).await;
    note(&courier, "a", Severity::Low, at("2026-11-28T21:58:00Z")).await;
    let now = at("2026-11-28T21:59:30Z");
    courier.compose(now).await.unwrap();
    let message = courier.database.next_message(now).await.unwrap().unwrap();
    courier
        .database
        .not_sent(&message, "gone", now)
        .await
        .unwrap();
    assert_eq!(round(&courier, at("2026-11-28T23:00:00Z")).await, 1);
    assert!(got.lock().unwrap().is_empty());
    assert_eq!(round(&courier, at("2026-11-29T06:59:59Z")).await, 0);
    assert_eq!(round(&courier, at("2026-11-29T07:00:00Z")).await, 1);
    assert_eq!(got.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn private_addresses_are_refused_unless_they_are_allowed() {
    let (got, address) = receiver().await;
    let port = address.rsplit(':').next().unwrap();
    for host in ["127.0.0.1", "localhost", "shop.localhost", "[::1]"] {
        let strict = Channel {
            allow_private: false,
            ..channel(&format!("http://{host}:{port}"))
        };
        let why = try_out(&strict).await.unwrap_err();
        assert!(why.contains("allow_private"), "{why}");
    }
    // Other forms of such addresses. Numbers cannot be names in a certificate, so they fail before
    // that.
    for (host, words) in [
        ("169.254.169.254", "allow_private"),
        ("[::ffff:169.254.169.254]", "allow_private"),
        ("[fd00:ec2::254]", "allow_private"),
        ("2130706433", "cannot be reached"),
        ("0x7f000001", "cannot be reached"),
        ("127.1", "cannot be reached"),
    ] {
        let strict = Channel {
            allow_private: false,
            ..channel(&format!("https://{host}:{port}"))
        };
        let why = try_out(&strict).await.unwrap_err();
        assert!(why.contains(words), "{host}: {why}");
    }
    assert!(got.lock().unwrap().is_empty());
    try_out(&channel(&address)).await.unwrap();
    assert_eq!(got.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (got, target) = receiver().await;
    let location = target.clone();
    let redirect = move || {
        let location = location.clone();
        async move { axum::response::Redirect::temporary(&location) }
    };
    let app = axum::Router::new().route("/", axum::routing::post(redirect));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let why = try_out(&channel(&address)).await.unwrap_err();
    assert!(why.contains("redirect"), "{why}");
    assert!(got.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_was_noted_before_the_clock_was_set_back_does_not_wait_for_it() {
    let (got, address) = receiver().await;
    let (courier, _folder) = courier(channel(&address)).await;
    let noon = at("2026-11-28T12:00:00Z");
    let ahead = noon + SignedDuration::from_hours(1);
    note(&courier, "f", Severity::Low, ahead).await;
    assert_eq!(round(&courier, noon).await, 1);
    assert_eq!(round(&courier, ahead).await, 0);
    assert_eq!(got.lock().unwrap().len(), 1);
    // A notice from after the clock was read waits for its burst.
    let later = noon + SignedDuration::from_millis(5);
    note(&courier, "g", Severity::Low, later).await;
    assert_eq!(round(&courier, noon).await, 0);
    assert_eq!(
        round(&courier, noon + SignedDuration::from_secs(61)).await,
        1
    );
}
