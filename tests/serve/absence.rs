//! The database is away for longer than anything waits for it, while an audit reads and while it is stored:
//! usually for ten seconds, and for a whole minute in `make soak`.

use crate::endpoint::{Effect, Endpoint, Rule};
use crate::notify::receiver;
use crate::postgres::Postgres;
use crate::server::{Place, Server, audit, small};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

fn absence() -> Duration {
    let soak = std::env::var_os("SIXPILLARS_SOAK").is_some();
    Duration::from_secs(if soak { 60 } else { 10 })
}

/// All findings, each with its history.
async fn findings(server: &Server) -> BTreeMap<String, Value> {
    let page = server.get("/api/v1/findings?limit=500").await.with(200);
    let mut all = BTreeMap::new();
    for item in page.json()["items"].as_array().unwrap() {
        let id = item["id"].as_str().unwrap();
        let one = server.get(&format!("/api/v1/findings/shop/{id}")).await;
        all.insert(id.to_owned(), one.with(200).json()["history"].clone());
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_gone_loses_and_repeats_nothing() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let endpoint = Endpoint::start(small()).await;
    let (told, address) = receiver().await;
    let place = Place::new("");
    place.write(&format!(
        "listen: 127.0.0.1:0\nstore: store\nlease: 5s\ndatabase: {}\n\
         targets:\n  shop: {{regions: [eu-west-1]}}\n\
         notify:\n  hook:\n    webhook: {{url: \"{address}\", secret: key}}\n    \
         allow_private: true\n    burst: 0s\n",
        postgres.url()
    ));
    let server = place.serve(&endpoint).await;

    // While it reads: its lease is over before the database is back.
    endpoint.rule(Rule::new(Effect::Hang).operation("lambda", "ListFunctions"));
    let first = server.start(&audit()).await;
    let reads =
        |audit: &Value| audit["state"] == "running" && audit["lists_read"].as_i64().unwrap() > 2;
    server.audit_until(&first, reads).await;
    postgres.crash();
    endpoint.without_rules();
    tokio::time::sleep(absence()).await;
    postgres.begin();
    server.until_ready().await;
    let done = server.over(&first).await;
    assert_eq!(done["state"], "finished", "{done}");
    let known = findings(&server).await;
    assert!(known.len() > 10);

    // While it is stored: what it read is there, and waits for the database.
    let second = server.start(&audit()).await;
    let runs = place.folder.path().join("store/runs").join(&second);
    let begun = Instant::now();
    while !runs.join("1/report.json.zst").exists() {
        assert!(begun.elapsed() < Duration::from_mins(1), "it reads");
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    postgres.crash();
    tokio::time::sleep(absence()).await;
    postgres.begin();
    server.until_ready().await;
    let done = server.over(&second).await;
    assert_eq!(done["state"], "finished", "{done}");
    let trend = server.get("/api/v1/targets/shop/trend").await.with(200);
    assert_eq!(trend.json()["points"].as_array().unwrap().len(), 12);
    assert_eq!(findings(&server).await, known);

    // One message is about the first audit, and arrives; the second audit changed nothing.
    let begun = Instant::now();
    let waiting = "SELECT count(*) FROM outbox WHERE state = 'waiting'";
    while postgres.ask(waiting) != "0" || postgres.ask("SELECT count(*) FROM notices") != "0" {
        assert!(begun.elapsed() < Duration::from_mins(5), "it arrives");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(
        postgres.ask("SELECT state, count(*) FROM outbox GROUP BY state"),
        "sent|1"
    );
    let told = told.lock().unwrap();
    let ids: Vec<_> = told
        .iter()
        .map(|(headers, _)| &headers["sixpillars-delivery"])
        .collect();
    assert!(
        ids.len() >= 2 && ids.iter().all(|id| *id == ids[0]),
        "{ids:?}"
    );
    let body: Value = serde_json::from_str(&told[0].1).unwrap();
    let count = body["new"]["count"].as_u64().unwrap();
    assert!(count > 0, "{body}");
}
