//! What requests cannot name, and what no log contains.

use super::description::{example, operations};
use super::token;
use crate::endpoint::Endpoint;
use crate::provider::{Browser, Provider};
use crate::server::{Place, audit, small};

#[tokio::test(flavor = "multi_thread")]
async fn no_request_names_a_role_an_address_or_a_path() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let description = server.get("/api/openapi.json").await.with(200).json();
    let mut places = Vec::new();
    for operation in operations(&description) {
        let body = &operation.description["requestBody"]["content"]["application/json"]["schema"];
        if !body.is_null() {
            example(body, &description, &operation.path, &mut places);
        }
        for name in operation.parameters("query") {
            places.push(format!("{}/{name}", operation.path));
        }
    }
    assert!(places.len() > 20, "{places:?}");
    let forbidden = [
        "role",
        "role_arn",
        "arn",
        "external_id",
        "profile",
        "endpoint",
        "url",
        "address",
        "host",
        "path",
        "file",
        "folder",
        "command",
        "policy",
        "checks_dir",
        "webhook",
        "slack",
        "database",
        "store",
        "secret",
    ];
    for place in places {
        let name = place
            .split('/')
            .rfind(|name| name.parse::<usize>().is_err())
            .unwrap();
        assert!(!forbidden.contains(&name), "{place}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_no_secrets() {
    let Some(provider) = Provider::start(true).await else {
        return;
    };
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let hook = "notify:\n  hook:\n    webhook: {url: \"https://127.0.0.1:1/hidden-path\", secret: \
                hidden-secret}\n    allow_private: true\n";
    place.configure(&provider.configuration(place.folder.path(), hook));
    let token = token(&place, &endpoint, "admin", &[]).await;
    let log = place.folder.path().join("log");
    let mut server = place.serve_logged(&endpoint, &log).await;
    let mut browser = Browser::new();
    let address = browser.begin(&server, "/").await;
    let back = browser.pass(&server, &address, "admin").await;
    browser.get(&back).await.with(303);
    let me = browser.me(&server).await.with(200).json();
    let mut secrets = vec![
        token.clone(),
        "hidden-path".to_owned(),
        "hidden-secret".to_owned(),
    ];
    secrets.push("a-secret-of-the-tests".to_owned());
    secrets.push(me["csrf"].as_str().unwrap().to_owned());
    secrets.extend(browser.of(&server.address).values().cloned());
    for pair in back.split_once('?').unwrap().1.split('&') {
        if let Some(secret) = pair.strip_prefix("code=").or(pair.strip_prefix("state=")) {
            secrets.push(secret.to_owned());
        }
    }
    assert!(secrets.len() >= 9, "{secrets:?}");
    // Refused ones too, and what fails.
    browser.get(&back).await.with(400);
    Browser::new()
        .log_in(&server, "wrong-nonce")
        .await
        .with(403);
    server.token = Some("sixpillars_refused-token".to_owned());
    secrets.push("refused-token".to_owned());
    server.get("/api/v1/me").await.with(401);
    server.token = Some(token);
    server
        .get("/api/v1/me?token=hidden-in-address")
        .await
        .with(400);
    secrets.push("hidden-in-address".to_owned());
    let id = server.start(&audit()).await;
    server.over(&id).await;
    server.signal("TERM");
    assert_eq!(server.end().await, Some(0));
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("a token was refused"), "{log}");
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} in {log}");
    }
}
