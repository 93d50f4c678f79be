//! Audits on a schedule.

use crate::endpoint::Endpoint;
use crate::server::{Place, small};
use hyper::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_starts_audits_and_shows_its_next_times() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(
        "schedules:\n  minutely:\n    cron: \"* * * * *\"\n    scope: {services: [s3]}\n",
    );
    let server = place.serve(&endpoint).await;
    let schedules = server.get("/api/v1/schedules").await.with(200).json();
    let minutely = &schedules["items"][0];
    assert_eq!(
        (&minutely["name"], &minutely["origin"]),
        (&json!("minutely"), &json!("file"))
    );
    assert_eq!(minutely["next"].as_array().unwrap().len(), 5);
    let audit = loop {
        let audits = server
            .get("/api/v1/audits?schedule=minutely")
            .await
            .with(200)
            .json();
        if let Some(audit) = audits["items"].get(0) {
            break audit.clone();
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let due: jiff::Timestamp = audit["due"].as_str().unwrap().parse().unwrap();
    assert_eq!(due.as_second() % 60, 0);
    let done = server.over(audit["id"].as_str().unwrap()).await;
    assert_eq!(done["state"], "finished", "{done}");
    assert_eq!(done["requested_by"], "schedule minutely");
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_of_the_api_are_edited_there_and_those_of_the_file_are_not() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("schedules:\n  nightly: {cron: 0 3 * * *}\n");
    let server = place.serve(&endpoint).await;
    let weekly = json!({"cron": "0 5 * * 1", "time_zone": "Europe/Berlin", "targets": ["shop"]});
    let new = |spec: &Value| json!({"name": "weekly", "spec": spec});
    let made = server
        .post("/api/v1/schedules", &new(&weekly))
        .await
        .with(201)
        .json();
    assert_eq!(made["next"].as_array().unwrap().len(), 5);
    server
        .post("/api/v1/schedules", &new(&weekly))
        .await
        .with(409);
    let bad = json!({"cron": "0 25 * * *", "targets": ["shpo"], "jitter": "x"});
    let problem = server
        .post("/api/v1/schedules", &new(&bad))
        .await
        .with(422)
        .json();
    let at: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(at, ["/spec/cron", "/spec/targets/0", "/spec/jitter"]);
    let put = async |name: &str, body: Value| {
        server
            .ask(
                Method::PUT,
                &format!("/api/v1/schedules/{name}"),
                &[],
                Some(&body),
            )
            .await
    };
    let off = put("weekly", json!({"enabled": false, "spec": weekly}))
        .await
        .with(200)
        .json();
    assert_eq!(off["next"], json!([]));
    put("nightly", json!({"spec": weekly})).await.with(409);
    put("nowhere", json!({"spec": weekly})).await.with(404);
    let delete = async |name: &str| {
        server
            .ask(
                Method::DELETE,
                &format!("/api/v1/schedules/{name}"),
                &[],
                None,
            )
            .await
    };
    delete("nightly").await.with(409);
    delete("weekly").await.with(204);
    delete("weekly").await.with(404);
    let preview = json!({"cron": "30 2 * * *", "time_zone": "Europe/Berlin"});
    let times = server
        .post("/api/v1/schedules/preview", &preview)
        .await
        .with(200)
        .json();
    assert_eq!(times["next"].as_array().unwrap().len(), 5);
}
