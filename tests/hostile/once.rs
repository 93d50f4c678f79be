//! What belongs to the account as a whole: asked once, whoever needs it.

use crate::endpoint::{Effect, Endpoint, Refusal, Rule};
use crate::scan::{Scan, assert_same, small};

#[tokio::test(flavor = "multi_thread")]
async fn the_credential_report_is_made_and_fetched_once() {
    let endpoint = Endpoint::start(small()).await;
    Scan::of(&endpoint).run().await.with(0);
    let counts = endpoint.counts();
    for operation in ["GenerateCredentialReport", "GetCredentialReport"] {
        let calls = counts.of(|call_key| call_key.is("iam", operation));
        assert_eq!(calls, 1, "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_a_known_alias_is_audited_all_the_same() {
    let endpoint = Endpoint::start(small()).await;
    let named = Scan::of(&endpoint).run().await.with(0).report();
    assert_eq!(named["scan"]["accounts"][0]["alias"], "acme-shop");

    endpoint
        .rule(Rule::new(Effect::Refuse(Refusal::Denied)).operation("iam", "ListAccountAliases"));
    let refused = Scan::of(&endpoint).run().await.with(0).report();
    assert!(refused["scan"]["accounts"][0]["alias"].is_null());
    assert_same(&named["findings"], &refused["findings"]);
    let gaps = refused["gaps"].as_array().unwrap();
    let missed = gaps
        .iter()
        .find(|gap| gap["action"] == "iam:ListAccountAliases");
    assert!(
        missed.is_some_and(|gap| gap["statement"].is_object()),
        "{gaps:?}"
    );
}
