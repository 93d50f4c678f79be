//! Callers without a token, with a lesser role, or with a token for something else.

use super::description::operations;
use super::{Clients, HOST, PROXIED, token};
use crate::endpoint::Endpoint;
use crate::server::{Place, Server, audit, small};
use hyper::Method;
use serde_json::{Value, json};

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
    let mut clients = Clients::new(1);
    for operation in &operations {
        let (method, path) = (&operation.method, operation.filled("x"));
        let mut ask = async |token: Option<&str>, method: &Method| {
            let from = clients.next();
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
    server.token = Some(tokens[0].1.clone());
    no_other_way_around(&server).await;
}

/// Neither another method nor another way to write an address gets around the roles.
async fn no_other_way_around(viewer: &Server) {
    for (name, value) in [
        ("x-http-method-override", "DELETE"),
        ("x-original-url", "/api/v1/audit-log"),
        ("x-rewrite-url", "/api/v1/audit-log"),
        ("x-forwarded-prefix", "/api/v1/audit-log"),
    ] {
        let me = viewer
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
        viewer.ask(Method::GET, path, &[HOST], None).await.with(404);
    }
}

/// One of everything that the target `shop` can have.
struct OfShop {
    audit: String,
    later_audit: String,
    finding: String,
    /// The cursor of the next page of failing findings.
    cursor: String,
    exemption: String,
    attestation: String,
    /// A token for all targets.
    token: String,
}

fn exemption(finding: &str) -> Value {
    json!({"target": "shop", "finding": finding, "reason": "r", "owner": "o", "expires": "2999-12-31"})
}

fn attestation() -> Value {
    json!({"target": "shop", "practice": "OPS01-BP01", "status": "met", "owner": "o",
        "expires": "2999-12-31"})
}

impl OfShop {
    /// Makes it, with a token for all targets.
    async fn make(server: &Server) -> Self {
        let made = async |path: &str, body: &Value| {
            let answer = server.post(path, body).await.with(201).json();
            answer["id"].as_str().unwrap_or_default().to_owned()
        };
        let audits = [server.start(&audit()).await, server.start(&audit()).await];
        for id in &audits {
            assert_eq!(server.over(id).await["state"], "finished");
        }
        let [audit, later_audit] = audits;
        let failing = server.get("/api/v1/findings?verdict=fail&limit=1").await;
        let failing = failing.with(200).json();
        let finding = failing["items"][0]["id"].as_str().unwrap().to_owned();
        made(
            "/api/v1/milestones",
            &json!({"name": "kept", "audit": audit}),
        )
        .await;
        let spec = json!({"name": "shops", "spec": {"cron": "0 5 * * 1", "targets": ["shop"]}});
        made("/api/v1/schedules", &spec).await;
        let tokens = server.get("/api/v1/tokens").await.json();
        Self {
            exemption: made("/api/v1/exemptions", &exemption(&finding)).await,
            attestation: made("/api/v1/attestations", &attestation()).await,
            token: tokens["items"][0]["id"].as_str().unwrap().to_owned(),
            cursor: failing["next"].as_str().unwrap().to_owned(),
            audit,
            later_audit,
            finding,
        }
    }

    /// Nothing of it can be read.
    async fn is_hidden(&self, server: &Server) {
        let (audit, finding) = (self.audit.as_str(), self.finding.as_str());
        for path in [
            format!("/api/v1/audits/{audit}"),
            format!("/api/v1/audits/{audit}/events"),
            format!("/api/v1/audits/{audit}/report"),
            format!("/api/v1/audits/{audit}/report?format=html"),
            format!("/api/v1/audits/{}/diff?with={audit}", self.later_audit),
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
        let next = format!(
            "/api/v1/findings?verdict=fail&limit=1&cursor={}",
            self.cursor
        );
        for path in [
            "/api/v1/targets",
            "/api/v1/audits",
            "/api/v1/findings",
            next.as_str(),
            "/api/v1/milestones",
            "/api/v1/exemptions",
            "/api/v1/attestations",
            "/api/v1/schedules",
            "/metrics",
        ] {
            let text = String::from_utf8(server.get(path).await.with(200).body).unwrap();
            for part in ["shop", audit, finding, &self.exemption, &self.attestation] {
                assert!(!text.contains(part), "{path} tells of {part}: {text}");
            }
        }
    }

    /// Nothing of it can be changed, and nothing made for its target.
    async fn is_out_of_reach(&self, server: &Server) {
        let cancel = format!("/api/v1/audits/{}/cancel", self.audit);
        let decide = format!("/api/v1/exemptions/{}/decision", self.exemption);
        let milestone = json!({"name": "mine", "audit": self.audit});
        let spec = json!({"cron": "0 5 * * 1", "targets": ["shop"]});
        let schedule = json!({"name": "mine", "spec": spec});
        for (path, body, status) in [
            ("/api/v1/audits", json!({"target": "shop"}), 422),
            (cancel.as_str(), json!({}), 404),
            (decide.as_str(), json!({"decision": "approve"}), 404),
            ("/api/v1/exemptions", exemption(&self.finding), 422),
            ("/api/v1/milestones", milestone, 404),
            ("/api/v1/attestations", attestation(), 422),
            ("/api/v1/schedules", schedule, 422),
        ] {
            let answer = server.post(path, &body).await;
            assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.json());
        }
        let bank = json!({"spec": {"cron": "0 5 * * 1", "targets": ["bank"]}});
        let attestation = format!("/api/v1/attestations/{}", self.attestation);
        let token = format!("/api/v1/tokens/{}", self.token);
        for (method, path, body, status) in [
            (Method::PUT, "/api/v1/schedules/shops", Some(&bank), 404),
            (Method::DELETE, "/api/v1/schedules/shops", None, 404),
            (Method::DELETE, attestation.as_str(), None, 404),
            (Method::DELETE, token.as_str(), None, 403),
        ] {
            server.ask(method, path, &[], body).await.with(status);
        }
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
    let shop = OfShop::make(&server).await;
    let last = async |server: &Server| {
        let log = server.get("/api/v1/audit-log?limit=1").await;
        log.with(200).json()["items"][0].clone()
    };
    let before = last(&server).await;
    server.token = Some(some);
    shop.is_hidden(&server).await;
    shop.is_out_of_reach(&server).await;
    // None of all that had any effect.
    server.token = Some(all);
    assert_eq!(last(&server).await, before);
}
