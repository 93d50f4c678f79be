//! Exemptions and attestations, which apply to the next audit.

use crate::endpoint::Endpoint;
use crate::server::{Place, audit, small};
use hyper::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_exemption_and_an_attestation_count_from_the_next_audit() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let before = server.start(&audit()).await;
    let before = server.over(&before).await;
    let failing = server
        .get("/api/v1/findings?verdict=fail&limit=1")
        .await
        .with(200)
        .json();
    let finding = failing["items"][0]["id"].as_str().unwrap().to_owned();
    let ask = |finding: &str, expires: &str| {
        json!({"target": "shop", "finding": finding, "reason": "<b>planned</b>: \"later\"",
            "owner": "payments", "expires": expires})
    };
    let path = "/api/v1/exemptions";
    let problem = server
        .post(path, &ask("nothing", "2020-01-01"))
        .await
        .with(422)
        .json();
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2);
    let asked = server
        .post(path, &ask(&finding, "2999-12-31"))
        .await
        .with(201)
        .json();
    assert_eq!(asked["state"], "requested");
    let decide = async |decision: &str| {
        let path = format!("{path}/{}/decision", asked["id"].as_str().unwrap());
        server
            .post(&path, &json!({"decision": decision, "comment": "fine"}))
            .await
    };
    decide("revoke").await.with(409);
    decide("approve").await.with(200);
    decide("approve").await.with(409);
    let attest = json!({"target": "shop", "practice": "OPS01-BP01", "status": "met",
        "owner": "payments", "expires": "2999-12-31", "link": "https://wiki.example/ops"});
    let attested = server
        .post("/api/v1/attestations", &attest)
        .await
        .with(201)
        .json();
    let bad = json!({"target": "shop", "practice": "OPS99-BP99", "status": "met", "owner": "",
        "expires": "2020-01-01", "link": "javascript:alert(1)"});
    let problem = server
        .post("/api/v1/attestations", &bad)
        .await
        .with(422)
        .json();
    assert_eq!(problem["errors"].as_array().unwrap().len(), 4);

    let after = server.start(&audit()).await;
    let after = server.over(&after).await;
    assert_eq!(after["state"], "finished", "{after}");
    let fails = |audit: &Value| audit["result"]["fails"].as_i64().unwrap();
    assert_eq!(fails(&after), fails(&before) - 1);
    let shown = format!("/api/v1/findings/shop/{finding}");
    let shown = server.get(&shown).await.with(200).json();
    assert_eq!(shown["verdict"], "exempt");
    // It is accepted, not fixed.
    assert_eq!(after["result"]["fixed"], 0);
    let verdicts: Vec<&str> = shown["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["fail", "exempt"]);
    let report = format!("/api/v1/audits/{}/report", after["id"].as_str().unwrap());
    let report = server.get(&report).await.with(200).json();
    let practices = report["practices"].as_array().unwrap();
    let practice = practices.iter().find(|p| p["id"] == "OPS01-BP01").unwrap();
    assert_eq!(practice["attestation"]["owner"], "payments");

    let withdraw = format!("/api/v1/attestations/{}", attested["id"].as_str().unwrap());
    server
        .ask(Method::DELETE, &withdraw, &[], None)
        .await
        .with(204);
    server
        .ask(Method::DELETE, &withdraw, &[], None)
        .await
        .with(404);
    decide("revoke").await.with(200);
    let list = server
        .get("/api/v1/exemptions?state=revoked")
        .await
        .with(200)
        .json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let again = server.start(&audit()).await;
    assert_eq!(fails(&server.over(&again).await), fails(&before));
}
