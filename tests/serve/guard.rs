//! Who is let in.

use crate::endpoint::Endpoint;
use crate::server::{Place, audit, small};
use hyper::Method;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;

#[tokio::test(flavor = "multi_thread")]
async fn other_hosts_and_other_sites_are_refused() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let get = async |headers: &[(&str, &str)], path: &str| {
        server
            .ask(Method::GET, path, headers, None)
            .await
            .status
            .as_u16()
    };
    assert_eq!(get(&[], "/api/v1/me").await, 200);
    // A name that somebody else has pointed at this machine.
    assert_eq!(get(&[("host", "evil.example")], "/api/v1/me").await, 421);
    assert_eq!(get(&[("host", "evil.example")], "/healthz").await, 200);
    assert_eq!(get(&[], "/api/v1/me?token=x").await, 400);
    assert_eq!(get(&[], "/api/v1/../../etc/passwd").await, 404);
    assert_eq!(get(&[], "/api/v1/findings?limit=0").await, 400);
    assert_eq!(get(&[], "/api/v1/findings?cursor=x").await, 400);
    assert_eq!(get(&[], "/api/v1/findings?nonsense=x").await, 400);
    for headers in [
        [("origin", "https://evil.example")],
        [("origin", "null")],
        [("sec-fetch-site", "cross-site")],
    ] {
        let answer = server
            .ask(Method::POST, "/api/v1/audits", &headers, Some(&audit()))
            .await;
        assert_eq!(
            answer.with(403).headers["content-type"],
            "application/problem+json"
        );
    }
    // Forms of other sites cannot send JSON.
    let text = [("content-type", "text/plain")];
    server
        .ask(Method::POST, "/api/v1/audits", &text, None)
        .await
        .with(415);
    let large = json!({"target": "x".repeat(100_000)});
    server.post("/api/v1/audits", &large).await.with(413);
    server
        .ask(Method::DELETE, "/api/v1/audits", &[], None)
        .await
        .with(405);
    let answer = server.get("/api/v1/me").await;
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert!(
        answer.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("default-src 'none'")
    );
    // Nothing was started by all that.
    let audits = server.get("/api/v1/audits").await.json();
    assert_eq!(audits["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_say_who_may_do_what() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("  bank: {regions: [eu-west-1]}\nlogin: {tokens: true}\n");
    let token = async |role: &str, more: &[&str]| {
        let words = ["serve", "token", "--name", role, "--role", role];
        let words: Vec<&str> = words.iter().chain(more).copied().collect();
        let (code, text) = place.run(&endpoint, &words).await;
        assert_eq!(code, Some(0), "{text}");
        text.trim().to_owned()
    };
    let (viewer, admin) = (token("viewer", &[]).await, token("admin", &[]).await);
    let operator = token("operator", &["--target", "bank"]).await;
    // The audit log knows a token by its name.
    let again = ["serve", "token", "--name", "viewer", "--role", "admin"];
    let (code, text) = place.run(&endpoint, &again).await;
    assert!(
        code == Some(2) && text.contains("a valid token named `viewer`"),
        "{text}"
    );
    // One for a file is not printed.
    let file = place.folder.path().join("made/token");
    let to = ["--output", file.to_str().unwrap()];
    let words = ["serve", "token", "--name", "filed", "--role", "viewer"];
    let (code, text) = place.run(&endpoint, &[&words[..], &to].concat()).await;
    assert!(code == Some(0) && !text.contains("sixpillars_"), "{text}");
    let filed = std::fs::read_to_string(&file).unwrap();
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut server = place.serve(&endpoint).await;
    for path in [
        "/api/v1/me",
        "/api/v1/audits",
        "/api/v1/findings",
        "/metrics",
        "/api/openapi.json",
    ] {
        server.get(path).await.with(401);
    }
    server.get("/healthz").await.with(200);
    server.token = Some("sixpillars_nonsense".to_owned());
    server.get("/api/v1/me").await.with(401);
    server.token = Some(filed.trim().to_owned());
    let me = server.get("/api/v1/me").await.with(200).json();
    assert_eq!(me["name"], "token filed");
    server.token = Some(viewer);
    assert_eq!(
        server.get("/api/v1/me").await.with(200).json()["role"],
        "viewer"
    );
    server.post("/api/v1/audits", &audit()).await.with(403);
    server.get("/api/v1/audit-log").await.with(403);
    server.get("/api/v1/tokens").await.with(403);
    server.token = Some(operator);
    // Of another target it learns nothing.
    server.post("/api/v1/audits", &audit()).await.with(422);
    server.get("/api/v1/findings?target=shop").await.with(404);
    server.get("/api/v1/targets/shop/trend").await.with(404);
    let targets = server.get("/api/v1/targets").await.json();
    assert_eq!(targets["items"].as_array().unwrap().len(), 1);
    server.token = Some(admin);
    let tokens = server.get("/api/v1/tokens").await.with(200);
    assert!(!String::from_utf8_lossy(&tokens.body).contains("sixpillars_"));
    let tokens = tokens.json();
    let own = tokens["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["role"] == "admin")
        .unwrap();
    let own = format!("/api/v1/tokens/{}", own["id"].as_str().unwrap());
    server.ask(Method::DELETE, &own, &[], None).await.with(204);
    server.get("/api/v1/me").await.with(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_is_open_to_others_is_refused() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let (code, text) = place.run(&endpoint, &["serve", "--check"]).await;
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.ends_with("no problems; targets: 1, schedules: 0\n"),
        "{text}"
    );
    std::fs::write(
        place.config(),
        "listen: 0.0.0.0:0\nstore: s\ntargets: {shop: {}}\n",
    )
    .unwrap();
    let (code, text) = place.run(&endpoint, &["serve"]).await;
    assert_eq!(code, Some(2));
    assert!(
        text.contains("service.yaml:1:9: 0.0.0.0:0 can be reached from elsewhere, without TLS, login and `url`"),
        "{text}"
    );
}
