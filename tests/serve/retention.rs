//! Audits that are older than they are to be kept.

use crate::endpoint::Endpoint;
use crate::server::{PATIENCE, Place, Server, audit, files, small};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn old_audits_are_removed_while_the_service_runs() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("keep: 1s\n");
    let server = place.serve(&endpoint).await;
    let mut audits = Vec::new();
    for _ in 0..3 {
        let id = server.start(&audit()).await;
        assert_eq!(server.over(&id).await["state"], "finished");
        audits.push(id);
    }
    let last = audits.pop().unwrap();
    for id in &audits {
        until_removed(&server, &place, id).await;
        // Its numbers stay.
        let old = server.get(&format!("/api/v1/audits/{id}")).await.with(200);
        assert!(old.json()["result"]["new_fails"].is_i64());
    }
    // The next audit is compared with the last one, however old that is.
    let report = format!("/api/v1/audits/{last}/report");
    server.get(&report).await.with(200);
    assert_eq!(files(&place.folder.path().join("store/runs")), [last]);
}

/// Waits until the report of an audit is said to be removed, and its files are.
async fn until_removed(server: &Server, place: &Place, id: &str) {
    let path = format!("/api/v1/audits/{id}/report");
    let folder = place.folder.path().join("store/runs").join(id);
    let begun = Instant::now();
    loop {
        let status = server.get(&path).await.status.as_u16();
        if status == 410 && !folder.exists() {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{id}: {status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
