//! The database goes away, a server is paused at the worst moment, and the disk is full.

use crate::endpoint::{Effect, Endpoint, Rule};
use crate::notify::receiver;
use crate::postgres::{Postgres, holds};
use crate::server::{Place, audit, small};
use serde_json::json;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A list that does not end until the rules are gone.
fn hang(endpoint: &Endpoint) {
    endpoint.rule(Rule::new(Effect::Hang).operation("lambda", "ListFunctions"));
}

fn in_the_middle(audit: &serde_json::Value) -> bool {
    audit["state"] == "running" && audit["lists_read"].as_i64().unwrap() > 2
}

/// With a long lease the audit goes on and is stored once the database is back; with a short one it is
/// taken up again from its journal.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_gone_for_a_while_costs_no_audit() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    for lease in ["60s", "1s"] {
        let endpoint = Endpoint::start(small()).await;
        hang(&endpoint);
        let place = Place::new("");
        place.write(&format!(
            "listen: 127.0.0.1:0\nstore: store\nlease: {lease}\ndatabase: {}\n\
             targets:\n  shop: {{regions: [eu-west-1]}}\n",
            postgres.url()
        ));
        let server = place.serve(&endpoint).await;
        let id = server.start(&audit()).await;
        server.audit_until(&id, in_the_middle).await;
        postgres.crash();
        server.get("/healthz").await.with(200);
        let away = server.get("/readyz").await.with(503);
        assert_eq!(away.headers["content-type"], "application/problem+json");
        // Nobody is told where the database is.
        let text = String::from_utf8_lossy(&away.body).into_owned();
        assert!(!text.contains("sock") && !text.contains("/tmp"), "{text}");
        // Read to its end meanwhile, if the lease lets it.
        endpoint.without_rules();
        if lease == "60s" {
            let report = place
                .folder
                .path()
                .join(format!("store/runs/{id}/1/report.json.zst"));
            let begun = Instant::now();
            while !report.exists() {
                assert!(
                    begun.elapsed() < Duration::from_mins(1),
                    "it is read to its end"
                );
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        postgres.begin();
        server.until_ready().await;
        let done = server.over(&id).await;
        assert_eq!(done["state"], "finished", "{done}");
        let took = done["attempts"].as_i64().unwrap();
        // Under a short lease it may begin anew, and need not.
        assert!(took == 1 || lease == "1s", "{done}");
        server.signal("TERM");
        assert_eq!(server.end().await, Some(0));
    }
}

/// Paused after it wrote its report and before it stored what it found: another one has finished the
/// audit when it wakes, and it must write nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_sleeps_through_its_lease_writes_nothing_when_it_wakes() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let endpoint = Endpoint::start(small()).await;
    let (told, address) = receiver().await;
    let place = Place::new(&format!(
        "database: {}\nnotify:\n  hook:\n    webhook: {{url: \"{address}\", secret: key}}\n    \
         allow_private: true\n    burst: 0s\n",
        postgres.url()
    ));
    let (first, second) = (place.serve(&endpoint).await, place.serve(&endpoint).await);
    hang(&endpoint);
    let id = first.start(&audit()).await;
    first.audit_until(&id, in_the_middle).await;
    let (holder, other) = if holds(&first, &postgres, &id) {
        (&first, &second)
    } else {
        (&second, &first)
    };
    // It reads to the end, and is stopped as soon as its report is there.
    endpoint.without_rules();
    let report = place
        .folder
        .path()
        .join(format!("store/runs/{id}/1/report.json.zst"));
    let begun = Instant::now();
    while !report.exists() {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "it is read to its end"
        );
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    holder.signal("STOP");
    let done = other.over(&id).await;
    assert_eq!(done["state"], "finished", "{done}");
    let pillars = |id: &str| {
        postgres.ask(&format!(
            "SELECT count(*), (SELECT count(*) FROM changes WHERE run = '{id}'), \
             (SELECT folder FROM runs WHERE id = '{id}') FROM run_pillars WHERE run = '{id}'"
        ))
    };
    let stored = pillars(&id);
    holder.signal("CONT");
    let again = holder.audit_until(&id, |audit| audit["state"] == "finished");
    assert_eq!(again.await, done);
    // The next audit runs, which its own silent worker could not keep from it.
    let next = holder.start(&audit()).await;
    let next = holder.over(&next).await;
    assert_eq!(
        (&next["state"], &next["result"]["new_fails"]),
        (&json!("finished"), &json!(0)),
        "{next}"
    );
    assert_eq!(pillars(&id), stored);
    let path = format!("/api/v1/audits/{id}/report");
    holder.get(&path).await.with(200);
    other.get(&path).await.with(200);
    // One message, however often it was sent.
    let told = told.lock().unwrap();
    let mut ids: Vec<_> = told
        .iter()
        .map(|(headers, _)| &headers["sixpillars-delivery"])
        .collect();
    ids.dedup();
    assert!(ids.len() <= 1, "{ids:?}");
}

/// A small file system, which is unmounted when it is dropped.
struct Small(tempfile::TempDir);

impl Small {
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        eprintln!("NOT CHECKED: a full disk; mounting a small file system takes root");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// Fills the space that is left.
fn fill(path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    let block = vec![0_u8; 1 << 16];
    while std::io::Write::write_all(&mut file, &block).is_ok() {}
    while std::io::Write::write_all(&mut file, &[0]).is_ok() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_costs_no_finished_audit_and_no_finding() {
    let Some(disk) = Small::mount("24m") else {
        return;
    };
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    place.write(&format!(
        "listen: 127.0.0.1:0\nstore: {}\nlease: 1s\ntargets:\n  shop: {{regions: [eu-west-1]}}\n",
        disk.path().join("store").display()
    ));
    let server = place.serve(&endpoint).await;
    let before = server.start(&audit()).await;
    let finished = server.over(&before).await;
    assert_eq!(finished["state"], "finished", "{finished}");
    hang(&endpoint);
    let id = server.start(&audit()).await;
    server.audit_until(&id, in_the_middle).await;
    let filler = disk.path().join("filler");
    fill(&filler);
    endpoint.without_rules();
    // What was finished can be read while there is no room.
    let path = format!("/api/v1/audits/{before}");
    assert_eq!(server.get(&path).await.with(200).json(), finished);
    server.get(&format!("{path}/report")).await.with(200);
    server.get("/healthz").await.with(200);
    let refused = server.post("/api/v1/audits", &audit()).await;
    assert!(refused.status.is_server_error(), "{refused:?}");
    // Long enough for several attempts to be given up.
    tokio::time::sleep(Duration::from_secs(3)).await;
    std::fs::remove_file(&filler).unwrap();
    let done = server.over(&id).await;
    if done["state"] != "finished" {
        let why = done["error"].as_str().unwrap();
        assert!(
            why.contains("o space left") || why.contains("full"),
            "{why}"
        );
    }
    let next = server.start(&audit()).await;
    let next = server.over(&next).await;
    assert_eq!(next["state"], "finished", "{next}");
    for field in ["fails", "unknown", "coverage"] {
        assert_eq!(next["result"][field], finished["result"][field], "{field}");
    }
    assert_eq!(next["result"]["new_fails"], 0);
    assert_eq!(server.get(&path).await.with(200).json(), finished);
    server.signal("TERM");
    assert_eq!(server.end().await, Some(0));
}
