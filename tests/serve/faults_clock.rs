//! Clocks that are set: leases do not compare them. libfaketime sets the clock of the real program;
//! without it these tests say so and pass.

use crate::endpoint::{Effect, Endpoint, Rule};
use crate::server::{PATIENCE, Place, Server, audit, small};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;

fn library() -> Option<PathBuf> {
    let places = [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
        "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    ];
    let found = places.iter().map(PathBuf::from).find(|path| path.exists());
    if found.is_none() {
        eprintln!("NOT CHECKED: clocks that are set; install the package faketime");
    }
    found
}

/// A wall clock that can be set while the program runs. Its monotonic clock does not change, as POSIX
/// requires.
struct Clock(PathBuf);

impl Clock {
    fn new(place: &Place, name: &str) -> Self {
        let clock = Self(place.folder.path().join(name));
        clock.set("+0");
        clock
    }

    /// Sets it, relative to what it is, such as `-1h`.
    fn set(&self, offset: &str) {
        let aside = self.0.with_extension("new");
        std::fs::write(&aside, offset).unwrap();
        std::fs::rename(&aside, &self.0).unwrap();
    }

    /// Sets it to a time.
    fn set_to(&self, time: &str) {
        let time: jiff::Timestamp = time.parse().unwrap();
        let ahead = time.duration_since(jiff::Timestamp::now());
        self.set(&format!("{:+}", ahead.as_secs()));
    }

    fn of(&self, library: &Path) -> impl FnOnce(&mut Command) {
        let (library, file) = (library.to_owned(), self.0.clone());
        move |command| {
            command
                .env("LD_PRELOAD", library)
                .env("FAKETIME_TIMESTAMP_FILE", file)
                .env("FAKETIME_NO_CACHE", "1")
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                .env("DONT_FAKE_MONOTONIC", "1")
                // These are compared with the times of real files.
                .env("NO_FAKE_STAT", "1");
        }
    }
}

/// A lease that a busy machine does not lose.
const LONGER_THAN_THE_LEASE: Duration = Duration::from_secs(6);

fn place() -> Place {
    let place = Place::new("");
    place.write(
        "listen: 127.0.0.1:0\nstore: store\nlease: 5s\ntargets:\n  shop: {regions: [eu-west-1]}\n",
    );
    place
}

fn in_the_middle(audit: &Value) -> bool {
    audit["state"] == "running" && audit["lists_read"].as_i64().unwrap() > 2
}

fn hang(endpoint: &Endpoint) {
    endpoint.rule(Rule::new(Effect::Hang).operation("lambda", "ListFunctions"));
}

/// The time by the clock of a server, in hours from now, read from an audit that it queues.
async fn believes(server: &Server) -> i64 {
    let id = server.start(&audit()).await;
    let path = format!("/api/v1/audits/{id}");
    let queued = server.get(&path).await.with(200).json()["queued"].clone();
    let queued: jiff::Timestamp = queued.as_str().unwrap().parse().unwrap();
    server.post(&format!("{path}/cancel"), &json!({})).await;
    server.over(&id).await;
    let ahead = queued.duration_since(jiff::Timestamp::now());
    (ahead.as_secs() + 1800).div_euclid(3600)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_takes_no_audit_away() {
    let Some(library) = library() else {
        return;
    };
    let endpoint = Endpoint::start(small()).await;
    hang(&endpoint);
    let place = place();
    let clock = Clock::new(&place, "clock");
    let server = place.serve_with(&endpoint, clock.of(&library)).await;
    let id = server.start(&audit()).await;
    server.audit_until(&id, in_the_middle).await;
    for (offset, hours) in [("+1h", 1), ("-1h", -1), ("+0", 0)] {
        clock.set(offset);
        assert_eq!(believes(&server).await, hours);
        tokio::time::sleep(LONGER_THAN_THE_LEASE).await;
        let path = format!("/api/v1/audits/{id}");
        let audit = server.get(&path).await.with(200).json();
        let now = (&audit["state"], &audit["attempts"]);
        assert_eq!(now, (&json!("running"), &json!(1)), "{audit}");
    }
    // Queued an hour ahead, and the clock is set back: it does not wait for that hour.
    clock.set("+1h");
    let next = server.start(&audit()).await;
    clock.set("-1h");
    endpoint.without_rules();
    for id in [&id, &next] {
        let done = server.over(id).await;
        assert_eq!(
            (&done["state"], &done["attempts"]),
            (&json!("finished"), &json!(1)),
            "{done}"
        );
    }
}

/// Two servers whose clocks are two hours apart neither rob each other nor wait for hours.
#[tokio::test(flavor = "multi_thread")]
async fn servers_whose_clocks_differ_share_their_audits() {
    let Some(library) = library() else {
        return;
    };
    let endpoint = Endpoint::start(small()).await;
    hang(&endpoint);
    let place = place();
    let (ahead, behind) = (Clock::new(&place, "ahead"), Clock::new(&place, "behind"));
    ahead.set("+1h");
    behind.set("-1h");
    // The only one holds the audit; the other one comes later.
    let first = place.serve_with(&endpoint, ahead.of(&library)).await;
    let id = first.start(&audit()).await;
    first.audit_until(&id, in_the_middle).await;
    let second = place.serve_with(&endpoint, behind.of(&library)).await;
    assert_eq!(believes(&second).await, -1);
    tokio::time::sleep(LONGER_THAN_THE_LEASE).await;
    let path = format!("/api/v1/audits/{id}");
    let audit = second.get(&path).await.with(200).json();
    assert_eq!(audit["attempts"], 1, "{audit}");
    first.signal("KILL");
    first.end().await;
    endpoint.without_rules();
    let done = second.over(&id).await;
    assert_eq!(
        (&done["state"], &done["attempts"]),
        (&json!("finished"), &json!(2)),
        "{done}"
    );
}

/// The audits of a schedule, once one was due at a time or later.
async fn of_schedule(server: &Server, name: &str, since: &str) -> Vec<String> {
    let since: jiff::Timestamp = since.parse().unwrap();
    let path = format!("/api/v1/audits?limit=100&schedule={name}");
    let begun = std::time::Instant::now();
    loop {
        let audits = server.get(&path).await.with(200).json();
        let audits = audits["items"].as_array().unwrap().iter();
        let due: Vec<String> = audits
            .map(|audit| audit["due"].as_str().unwrap().to_owned())
            .collect();
        let is_late = |due: &String| due.parse::<jiff::Timestamp>().unwrap() >= since;
        if due.iter().any(is_late) {
            return due;
        }
        assert!(begun.elapsed() < PATIENCE, "{name}: {due:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The night in which clocks go forward has no 2:30, and the one in which they go back has two. Each has
/// one audit.
#[tokio::test(flavor = "multi_thread")]
async fn daylight_saving_neither_loses_an_audit_nor_repeats_one() {
    let Some(library) = library() else {
        return;
    };
    for (in_the_evening, before, due, again_before, again) in [
        // What is left out in March comes as soon as it would have been over: at 3:00 by the new time.
        (
            "2027-03-27T22:00:05Z",
            "2027-03-28T00:59:55Z",
            "2027-03-28T01:00:00Z",
            "2027-03-28T01:29:55Z",
            "2027-03-28T01:30:00Z",
        ),
        (
            "2027-10-30T22:00:05Z",
            "2027-10-31T00:29:55Z",
            "2027-10-31T00:30:00Z",
            "2027-10-31T01:29:55Z",
            "2027-10-31T01:30:00Z",
        ),
    ] {
        let endpoint = Endpoint::start(small()).await;
        let place = Place::new(
            "  bank: {regions: [eu-west-1]}\nschedules:\n  nightly:\n    cron: 30 2 * * *\n    \
             time_zone: Europe/Berlin\n    targets: [shop]\n    scope: {checks: [s3/bucket-public]}\n  \
             ordinary:\n    cron: 0,30 * * * *\n    targets: [bank]\n    \
             scope: {checks: [s3/bucket-public]}\n",
        );
        let clock = Clock::new(&place, "clock");
        // However long it takes to start.
        clock.set_to(in_the_evening);
        let server = place.serve_with(&endpoint, clock.of(&library)).await;
        clock.set_to(before);
        assert_eq!(of_schedule(&server, "nightly", due).await, [due]);
        // The clock shows 2:30 again, or for the first time. A run of the other schedule shows that this one
        // has been checked.
        clock.set_to(again_before);
        of_schedule(&server, "ordinary", again).await;
        assert_eq!(of_schedule(&server, "nightly", due).await, [due]);
    }
}
