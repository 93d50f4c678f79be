//! People who log in with a provider of OpenID Connect.

use crate::endpoint::Endpoint;
use crate::postgres::Postgres;
use crate::provider::{Browser, Provider, between, location};
use crate::server::{Place, Server, small};
use hyper::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls;

/// A provider, and a service that people log in to with it.
pub(crate) async fn started(
    in_token: bool,
    more: &str,
) -> Option<(Provider, Endpoint, Place, Server)> {
    let provider = Provider::start(in_token).await?;
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    place.configure(&provider.configuration(place.folder.path(), more));
    let server = place.serve(&endpoint).await;
    Some((provider, endpoint, place, server))
}

/// The cookie of those who logged in.
pub(crate) const SESSION: &str = "sixpillars-session";

fn schedule(name: &str) -> Value {
    json!({"name": name, "enabled": false, "spec": {"cron": "0 5 * * 1", "targets": ["shop"]}})
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_logs_in_does_what_it_may_and_logs_out() {
    let Some((provider, _endpoint, _place, server)) = started(false, "").await else {
        return;
    };
    for (user, may_change, may_read_log) in [
        ("viewer", false, false),
        ("operator", true, false),
        ("approver", true, false),
        ("admin", true, true),
    ] {
        let mut browser = Browser::new();
        comes_in(&mut browser, &server, &provider, user).await;
        // A page of another site cannot read the token, so it sends none, or a wrong one.
        let url = format!("{}/api/v1/schedules", server.address);
        let json = ("content-type", "application/json");
        let body = schedule(user).to_string();
        for csrf in [None, Some("0".repeat(64)), Some(String::new())] {
            let mut headers = vec![json];
            headers.extend(csrf.as_ref().map(|csrf| ("x-csrf-token", csrf.as_str())));
            let answer = browser
                .ask(Method::POST, &url, &headers, body.clone())
                .await;
            assert!(
                answer.with(403).json()["detail"]
                    .as_str()
                    .unwrap()
                    .contains("x-csrf-token")
            );
        }
        let added = (Method::POST, "/api/v1/schedules");
        let added = browser.change(&server, added, &schedule(user)).await;
        assert_eq!(added.status == 201, may_change, "{user}: {}", added.status);
        let log = format!("{}/api/v1/audit-log", server.address);
        let log = browser.get(&log).await;
        assert_eq!(log.status == 200, may_read_log, "{user}");
        if may_read_log {
            tells_who_did_what(&log.json());
        }
        goes_out(&mut browser, &server, &provider).await;
    }
}

/// Logs in by a link to a page, and is led there.
async fn comes_in(browser: &mut Browser, server: &Server, provider: &Provider, user: &str) {
    browser.me(server).await.with(401);
    let address = browser.begin(server, "/targets/shop?x=1%23y").await;
    assert!(address.starts_with(&provider.issuer), "{address}");
    for part in [
        "response_type=code",
        "code_challenge_method=S256",
        "nonce=",
        "state=",
    ] {
        assert!(address.contains(part), "{address}");
    }
    let back = browser.pass(server, &address, user).await;
    let answer = browser.get(&back).await.with(303);
    assert_eq!(location(&answer), "/targets/shop?x=1#y");
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("sixpillars-session=")
            && cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/"),
        "{cookie}"
    );
    let me = browser.me(server).await.with(200).json();
    let name = json!(format!("The {user} ({user})"));
    assert_eq!(
        (&me["name"], &me["role"], &me["how"]),
        (&name, &json!(user), &json!("session"))
    );
}

/// The log as the last of four sees it.
fn tells_who_did_what(log: &Value) {
    let did: Vec<(&str, &str)> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["action"].as_str().unwrap(), e["actor"].as_str().unwrap()))
        .collect();
    assert_eq!(did[0], ("schedule.add", "The admin (admin)"));
    assert_eq!(did[1], ("login", "The admin (admin)"));
    assert!(
        did.contains(&("logout", "The operator (operator)")),
        "{did:?}"
    );
}

/// Logs out, also from the provider, which leads back.
async fn goes_out(browser: &mut Browser, server: &Server, provider: &Provider) {
    // A cookie that was kept is worthless after the logout.
    let kept = browser.of(&server.address)[SESSION].clone();
    let out = (Method::POST, "/logout");
    let answer = browser.change(server, out, &json!({})).await.with(200);
    assert_eq!(answer.headers["clear-site-data"], "\"cache\"");
    assert!(!browser.of(&server.address).contains_key(SESSION));
    browser.me(server).await.with(401);
    browser.of(&server.address).insert(SESSION.to_owned(), kept);
    browser.me(server).await.with(401);
    let to = answer.json()["to"].as_str().unwrap().to_owned();
    assert!(to.starts_with(&provider.issuer), "{to}");
    let page = browser.get(&to).await.with(200);
    let page = String::from_utf8(page.body).unwrap();
    let action = between(&page, "action=\"", "\"");
    let xsrf = between(&page, "name=\"xsrf\" value=\"", "\"");
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let form = format!("logout=yes&xsrf={xsrf}");
    let left = browser.ask(Method::POST, action, &kind, form).await;
    assert_eq!(location(&left), format!("{}/", server.address));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_another_user_gives_no_role_and_nobody_approves_their_own() {
    // On PostgreSQL, where there is one.
    let postgres = Postgres::start();
    let more = postgres.as_ref().map(Postgres::url);
    let more = more.map_or(String::new(), |url| format!("database: {url}\n"));
    let Some((provider, endpoint, place, server)) = started(false, &more).await else {
        return;
    };
    let mut browser = Browser::new();
    browser.log_in(&server, "other-user").await.with(502);
    browser.me(&server).await.with(401);
    // The provider is gone: who is logged in stays so, and nobody else comes in.
    browser.log_in(&server, "operator").await.with(303);
    let audit = json!({"target": "shop", "scope": {"services": ["s3"]}});
    let audits = (Method::POST, "/api/v1/audits");
    let audit = browser
        .change(&server, audits, &audit)
        .await
        .with(202)
        .json();
    let token = ["serve", "token", "--name", "reader", "--role", "viewer"];
    let (code, token) = place.run(&endpoint, &token).await;
    assert_eq!(code, Some(0), "{token}");
    let mut reader = server;
    reader.token = Some(token.trim().to_owned());
    reader.over(audit["id"].as_str().unwrap()).await;
    let failing = reader
        .get("/api/v1/findings?verdict=fail&limit=1")
        .await
        .with(200)
        .json();
    let ask = json!({"target": "shop", "finding": failing["items"][0]["id"], "reason": "planned",
        "owner": "payments", "expires": "2999-12-31"});
    let mut approver = Browser::new();
    approver.log_in(&reader, "approver").await.with(303);
    let asked = approver
        .change(&reader, (Method::POST, "/api/v1/exemptions"), &ask)
        .await;
    let id = asked.with(201).json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/exemptions/{id}/decision");
    let decide = (Method::POST, path.as_str());
    let yes = json!({"decision": "approve"});
    approver
        .change(&reader, decide.clone(), &yes)
        .await
        .with(403);
    browser
        .change(&reader, decide.clone(), &yes)
        .await
        .with(403);
    let mut second = Browser::new();
    second.log_in(&reader, "second-approver").await.with(303);
    let decided = second.change(&reader, decide, &yes).await.with(200).json();
    assert_eq!(
        decided["decided_by"],
        "The second-approver (second-approver)"
    );
    drop(provider);
    browser.me(&reader).await.with(200);
    // The provider's metadata is known for a while, but it gives no tokens.
    let mut late = Browser::new();
    late.get(&format!("{}/login", reader.address))
        .await
        .with(303);
    let answer = browser
        .change(&reader, (Method::POST, "/logout"), &json!({}))
        .await;
    answer.with(200);
    browser.me(&reader).await.with(401);
}

/// One request over TLS, and the answer's text.
async fn over_tls(server: &Server, certificate: &[u8], path: &str) -> String {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.to_vec().into()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let authority = server.address.strip_prefix("https://").unwrap();
    let stream = TcpStream::connect(authority).await.unwrap();
    let name = "localhost".try_into().unwrap();
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap();
    let port = authority.split(':').nth(1).unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // Some servers close without TLS's `close_notify`.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_cookies_are_held_to_this_host() {
    let Some(provider) = Provider::start(true).await else {
        return;
    };
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = place.folder.path();
    std::fs::write(folder.join("tls.crt"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("tls.key"), made.signing_key.serialize_pem()).unwrap();
    let tls = "tls: {certificate: tls.crt, key: tls.key}\n";
    place.configure(&provider.configuration(folder, tls));
    let server = place.serve(&endpoint).await;
    let certificate = made.cert.der();
    let answer = over_tls(&server, certificate, "/login").await;
    let answer = answer.to_lowercase();
    assert!(answer.starts_with("http/1.1 303"), "{answer}");
    assert!(
        answer.contains("set-cookie: __host-sixpillars-login="),
        "{answer}"
    );
    let attributes = "; httponly; samesite=lax; secure; path=/; max-age=600\r\n";
    assert!(answer.contains(attributes), "{answer}");
    assert!(
        answer.contains("strict-transport-security: max-age="),
        "{answer}"
    );
    let back = format!(
        "redirect_uri={}%2fauth%2fcallback",
        server.address.replace(':', "%3a").replace('/', "%2f")
    );
    assert!(answer.contains(&back), "{answer}");
    let me = over_tls(&server, certificate, "/api/v1/me").await;
    assert!(me.starts_with("HTTP/1.1 401"), "{me}");
}
