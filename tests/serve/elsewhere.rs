//! A run that another machine takes over, without the folder of the first one.

use crate::endpoint::{Effect, Endpoint, Rule};
use crate::server::{Place, audit, small};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn without_its_journal_a_run_begins_anew_and_comes_to_the_same() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let database = place.folder.path().join("service.db");
    let machine = |folder: &str| {
        format!(
            "listen: 127.0.0.1:0\nstore: {folder}\nlease: 3s\ndatabase: sqlite://{}?mode=rwc\n\
             targets:\n  shop: {{regions: [eu-west-1]}}\n",
            database.display()
        )
    };
    place.write(&machine("one"));
    let server = place.serve(&endpoint).await;
    endpoint.rule(Rule::new(Effect::Hang).operation("lambda", "ListFunctions"));
    let id = server.start(&audit()).await;
    let reads =
        |audit: &Value| audit["state"] == "running" && audit["lists_read"].as_i64().unwrap() > 2;
    server.audit_until(&id, reads).await;
    server.signal("KILL");
    server.end().await;
    let journals = place.folder.path().join("one/runs").join(&id).join("1");
    assert!(std::fs::read_dir(&journals).unwrap().count() > 0);

    endpoint.without_rules();
    place.write(&machine("other"));
    let server = place.serve(&endpoint).await;
    let done = server.over(&id).await;
    assert_eq!(
        (&done["state"], &done["attempts"]),
        (&json!("finished"), &json!(2)),
        "{done}"
    );
    // Everything was read again: the report is whole, as one of a run that nobody took over.
    let whole = server.start(&audit()).await;
    assert_eq!(server.over(&whole).await["state"], "finished");
    let report = async |id: &str| {
        let report = server.get(&format!("/api/v1/audits/{id}/report")).await;
        report.with(200).json()
    };
    let (again, whole) = (report(&id).await, report(&whole).await);
    assert_eq!(again["scan"]["complete"], true);
    for part in ["findings", "reads"] {
        assert_eq!(again[part], whole[part], "{part}");
    }
}
