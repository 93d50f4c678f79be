//! Audits on demand, and what the API says about them.

use crate::endpoint::{Effect, Endpoint, Rule};
use crate::server::{Place, Server, audit, files, only_attempt, small};
use hyper::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_on_demand_fills_reports_findings_and_trends() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let id = server.start(&audit()).await;
    let done = server.over(&id).await;
    assert_eq!(done["state"], "finished", "{done}");
    assert_eq!(done["attempts"], 1);
    assert!(done["lists_all"].as_i64().unwrap() > 0);
    assert_eq!(done["lists_read"], done["lists_all"]);

    let report = whole_report(&server, &id).await;
    let folder = place.folder.path().join("store/runs").join(&id).join("1");
    assert_eq!(files(&folder), ["report.json.zst", "snapshot.zst"]);
    findings_are_those_of(&server, &report, &done).await;
    pages_join_to_the_whole(&server, report["findings"].as_array().unwrap().len()).await;

    // A second audit of the unchanged account changes nothing.
    let second = server.start(&audit()).await;
    let result = &server.over(&second).await["result"];
    assert_eq!(
        (&result["new_fails"], &result["fixed"]),
        (&json!(0), &json!(0))
    );
    let trend = server
        .get("/api/v1/targets/shop/trend")
        .await
        .with(200)
        .json();
    assert_eq!(trend["points"].as_array().unwrap().len(), 12);
    let targets = server.get("/api/v1/targets").await.with(200).json();
    assert_eq!(targets["items"][0]["owners"], json!(["payments"]));
    assert_eq!(targets["items"][0]["pillars"][0]["audit"], json!(second));
    let diff = server
        .get(&format!("/api/v1/audits/{second}/diff?with={id}"))
        .await
        .with(200);
    assert_eq!(
        diff.json()["counts"]["new"],
        Value::from(0),
        "{}",
        diff.json()
    );

    // A milestone keeps one.
    let milestone = json!({"name": "before the move", "audit": id});
    server
        .post("/api/v1/milestones", &milestone)
        .await
        .with(201);
    server
        .post("/api/v1/milestones", &milestone)
        .await
        .with(409);
    let log = server.get("/api/v1/audit-log").await.with(200).json();
    let actions: Vec<&str> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["milestone.make", "audit.start", "audit.start"]);
    let metrics = server.get("/metrics").await.with(200);
    let metrics = String::from_utf8(metrics.body).unwrap();
    assert!(
        metrics.contains("sixpillars_audits_queued 0\n"),
        "{metrics}"
    );
    assert!(
        metrics.contains("sixpillars_findings{target=\"shop\",pillar=\"security\""),
        "{metrics}"
    );
    server.signal("TERM");
    assert_eq!(server.end().await, Some(0));
}

/// The report is complete, and available in every format of `scan`.
async fn whole_report(server: &Server, id: &str) -> Value {
    let report = format!("/api/v1/audits/{id}/report");
    let answer = server.get(&report).await.with(200);
    let json = answer.json();
    assert_eq!(json["schema"], "sixpillars/report/1");
    let tag = answer.headers["etag"].to_str().unwrap();
    let again = server
        .ask(Method::GET, &report, &[("if-none-match", tag)], None)
        .await;
    assert!(again.with(304).body.is_empty());
    for format in [
        "text",
        "ndjson",
        "markdown",
        "csv",
        "ocsf",
        "asff",
        "sarif",
        "junit",
        "prometheus",
    ] {
        let answer = server
            .get(&format!("{report}?format={format}"))
            .await
            .with(200);
        assert!(!answer.body.is_empty(), "{format}");
    }
    json
}

/// Findings are those of the report of an audit.
async fn findings_are_those_of(server: &Server, report: &Value, done: &Value) {
    let findings = report["findings"].as_array().unwrap();
    let page = server
        .get("/api/v1/findings?limit=500")
        .await
        .with(200)
        .json();
    assert_eq!(page["total"], findings.len());
    let fails = findings
        .iter()
        .filter(|finding| finding["verdict"] == "fail")
        .count();
    let failing = server
        .get("/api/v1/findings?verdict=fail&limit=1")
        .await
        .with(200)
        .json();
    assert_eq!(failing["total"], fails);
    assert_eq!(done["result"]["fails"], fails);
    assert_eq!(done["result"]["new_fails"], fails);
    let first = &failing["items"][0];
    let shown = format!("/api/v1/findings/shop/{}", first["id"].as_str().unwrap());
    let shown = server.get(&shown).await.with(200).json();
    assert_eq!(
        shown["history"],
        json!([{
            "at": report["scan"]["started"].as_str().unwrap().split_once('.').map_or("", |_| shown["first_seen"].as_str().unwrap()),
            "audit": done["id"], "verdict": "fail", "severity": first["severity"],
        }])
    );
}

/// All pages together are the whole list, without a gap or a repetition.
async fn pages_join_to_the_whole(server: &Server, findings: usize) {
    let mut ids: Vec<String> = Vec::new();
    let mut next = String::new();
    loop {
        let page = server
            .get(&format!("/api/v1/findings?limit=37{next}"))
            .await
            .with(200)
            .json();
        let items = page["items"].as_array().unwrap();
        ids.extend(
            items
                .iter()
                .map(|item| item["id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), all), (findings, findings));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_makes_two_requests_one() {
    let endpoint = Endpoint::start(small()).await;
    endpoint.rule(Rule::new(Effect::Hang));
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let ask = async |key: &str, body: Value| {
        server
            .ask(
                Method::POST,
                "/api/v1/audits",
                &[("idempotency-key", key)],
                Some(&body),
            )
            .await
    };
    let first = ask("deploy-7", audit()).await.with(202).json();
    let again = ask("deploy-7", audit()).await.with(200).json();
    assert_eq!(first["id"], again["id"]);
    ask("deploy-7", json!({"target": "shop"})).await.with(409);
    // Values have to make sense, and the API accepts no role of AWS.
    let bad = json!({"target": "bank", "deadline": "soon", "allow_paid_usd": -1});
    let problem = ask("x", bad).await.with(422);
    assert_eq!(problem.headers["content-type"], "application/problem+json");
    assert_eq!(problem.json()["errors"].as_array().unwrap().len(), 3);
    let role = json!({"target": "shop", "role": "arn:aws:iam::111122223333:role/admin"});
    ask("y", role).await.with(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_audit_ends_at_once_and_the_next_one_begins() {
    let endpoint = Endpoint::start(small()).await;
    endpoint.rule(Rule::new(Effect::Hang).operation("lambda", "ListFunctions"));
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let running = server.start(&audit()).await;
    let waiting = server.start(&audit()).await;
    let progress = |audit: &Value| audit["lists_read"].as_i64().unwrap() > 2;
    server.audit_until(&running, progress).await;
    let queued = server
        .get(&format!("/api/v1/audits/{waiting}"))
        .await
        .with(200)
        .json();
    assert_eq!(queued["state"], "queued");
    let cancel = |id: &str| format!("/api/v1/audits/{id}/cancel");
    server.post(&cancel(&running), &json!({})).await.with(202);
    let cancelled = server.over(&running).await;
    assert_eq!(
        (&cancelled["state"], &cancelled["cancelled_by"]),
        (&json!("cancelled"), &json!("local"))
    );
    server.post(&cancel(&running), &json!({})).await.with(409);
    server
        .audit_until(&waiting, |audit| audit["state"] == "running")
        .await;
    server.post(&cancel(&waiting), &json!({})).await.with(202);
    assert_eq!(server.over(&waiting).await["state"], "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_progress_of_an_audit_is_told_as_it_happens() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let id = server.start(&audit()).await;
    let events = server
        .get(&format!("/api/v1/audits/{id}/events"))
        .await
        .with(200);
    assert_eq!(events.headers["content-type"], "text/event-stream");
    let text = String::from_utf8(events.body).unwrap();
    let told: Vec<Value> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    let last = told.last().unwrap();
    assert_eq!(
        (&last["id"], &last["state"]),
        (&json!(id), &json!("finished"))
    );
    assert_eq!(only_attempt(&place, &id).await, "1");
}
