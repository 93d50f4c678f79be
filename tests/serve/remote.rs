//! `sixpillars remote`, the real program against the real server.

use crate::endpoint::{Effect, Endpoint, Rule};
use crate::server::{Place, Server, audit, small};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::process::Command;

fn remote(address: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sixpillars"));
    command
        .env_clear()
        .env("SIXPILLARS_URL", address)
        .arg("remote")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

async fn ask(server: &Server, words: &[&str]) -> (Option<i32>, String, String) {
    let mut command = remote(&server.address);
    if let Some(token) = &server.token {
        command.env("SIXPILLARS_TOKEN", token);
    }
    told(command.args(words).output().await.unwrap())
}

fn told(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_starts_an_audit_and_ends_as_a_scan_would() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let start = "audits start --target shop --services s3,iam --wait";
    let start: Vec<&str> = start.split(' ').collect();
    let (code, out, err) = ask(&server, &start).await;
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(
        out.contains("of shop: finished\n") && out.contains("failed"),
        "{out}"
    );
    assert!(
        err.contains(": finished\n") && err.contains("lists read\n"),
        "{err}"
    );
    // The same with a gate.
    let gate = [
        &start[..],
        &["--fail-on", "low", "--format", "json", "--quiet"],
    ]
    .concat();
    let (code, out, err) = ask(&server, &gate).await;
    assert_eq!((code, err.as_str()), (Some(1), ""), "{out}");
    let audit: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(audit["state"], "finished");
    let id = audit["id"].as_str().unwrap();
    let gate = ["--fail-on", "critical", "--severity", "critical", "--quiet"];
    let only = ["--checks", "iam/user-*"];
    let (code, out, _) = ask(&server, &[&start[..], &gate, &only].concat()).await;
    let critical = out.contains("failed         0 ");
    assert_eq!(code, Some(i32::from(!critical)), "{out}");
    let covered = [&start[..], &["--min-coverage", "100", "--quiet"]].concat();
    let (code, out, _) = ask(&server, &covered).await;
    let whole = out.contains("unknown        0\n");
    assert_eq!(code, Some(if whole { 0 } else { 3 }), "{out}");

    // Lists and reports.
    let (code, out, _) = ask(
        &server,
        &["audits", "list", "--target", "shop", "--limit", "2"],
    )
    .await;
    assert_eq!(code, Some(0));
    assert!(out.contains("there are more: --limit"), "{out}");
    let (code, out, _) = ask(&server, &["audits", "show", id]).await;
    assert_eq!(code, Some(0));
    assert!(
        out.starts_with(&format!("audit {id} of shop: finished\n")),
        "{out}"
    );
    let list = ["findings", "list", "--format", "json", "--limit", "1000"];
    let (_, out, _) = ask(&server, &list).await;
    let findings: Vec<Value> = serde_json::from_str(&out).unwrap();
    let fails = server
        .get("/api/v1/findings?verdict=fail&limit=1")
        .await
        .json();
    assert_eq!(fails["total"], findings.len());
    let (_, out, _) = ask(&server, &["findings", "list", "--limit", "1"]).await;
    assert!(
        out.contains(&format!("1 of {} findings", findings.len())),
        "{out}"
    );
    let (_, out, _) = ask(&server, &["targets", "list"]).await;
    assert!(
        out.contains("payments") && out.contains("security "),
        "{out}"
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let fetch = ["report", id, "--format", "json,csv,text", "--output", path];
    let (code, out, err) = ask(&server, &fetch).await;
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let report = std::fs::read(folder.path().join("report.json")).unwrap();
    let same = server
        .get(&format!("/api/v1/audits/{id}/report"))
        .await
        .with(200);
    assert_eq!(report, same.body);
    let (code, out, _) = ask(&server, &["report", "--target", "shop", "--format", "csv"]).await;
    assert_eq!(code, Some(0));
    assert!(out.lines().count() > 10, "{out}");
    let (code, _, err) = ask(&server, &["report", id, "--format", "csv,json"]).await;
    assert_eq!(code, Some(2));
    assert!(err.contains("--output DIR"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_is_started_once_for_a_key_waited_for_and_cancelled() {
    let endpoint = Endpoint::start(small()).await;
    endpoint.rule(Rule::new(Effect::Hang));
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let start = [
        "audits",
        "start",
        "--target",
        "shop",
        "--idempotency-key",
        "commit-7",
    ];
    let (code, first, _) = ask(&server, &start).await;
    assert_eq!(code, Some(0));
    let (_, again, _) = ask(&server, &start).await;
    assert_eq!(first, again);
    let id = first.trim();
    let other = [&start[..], &["--services", "s3"]].concat();
    let (code, _, err) = ask(&server, &other).await;
    assert_eq!(code, Some(2));
    assert!(
        err.contains("answered 409 (conflict): this Idempotency-Key"),
        "{err}"
    );
    let (code, _, err) = ask(&server, &["audits", "wait", id, "--timeout", "1s"]).await;
    assert_eq!(code, Some(3));
    assert!(
        err.contains("is not over in time") && err.contains("wait again with"),
        "{err}"
    );
    // Somebody waits for it while it is cancelled.
    let wait = ["audits", "wait", id];
    let waiting = ask(&server, &wait);
    let cancelled = async {
        server
            .audit_until(id, |audit| audit["state"] == "running")
            .await;
        ask(&server, &["audits", "cancel", id]).await
    };
    let ((code, out, err), (cancel, said, _)) = tokio::join!(waiting, cancelled);
    assert_eq!((code, cancel), (Some(3), Some(0)), "{out}{err}");
    assert!(
        out.contains(": cancelled\n") && said.starts_with(id),
        "{out}{said}"
    );
    let (code, _, err) = ask(&server, &["audits", "cancel", id]).await;
    assert_eq!(code, Some(2));
    assert!(err.contains("409 (conflict): this audit is over"), "{err}");
    // A gate without waiting would always be passed.
    let (code, _, err) = ask(&server, &[&start[..], &["--fail-on", "high"]].concat()).await;
    assert_eq!(code, Some(2));
    assert!(err.contains("help: add --wait"), "{err}");
}

/// The server is replaced while somebody waits: the wait goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_wait_outlives_the_server() {
    let endpoint = Endpoint::start(small()).await;
    endpoint.rule(Rule::new(Effect::Hang).operation("lambda", "ListFunctions"));
    let place = Place::new("");
    // A port that the second server has too.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    place.write(&format!(
        "listen: 127.0.0.1:{port}\nstore: store\nlease: 1s\ntargets:\n  shop: {{regions: [eu-west-1]}}\n"
    ));
    let server = place.serve(&endpoint).await;
    let id = server.start(&audit()).await;
    let waiting = remote(&server.address)
        .args(["audits", "wait", &id])
        .output();
    let replaced = async {
        let middle = |audit: &Value| audit["lists_read"].as_i64().unwrap() > 2;
        server.audit_until(&id, middle).await;
        server.signal("KILL");
        server.end().await;
        endpoint.without_rules();
        place.serve(&endpoint).await
    };
    let (output, server) = tokio::join!(waiting, replaced);
    let (code, out, err) = told(output.unwrap());
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains(": finished\n"), "{out}");
    server.signal("TERM");
    assert_eq!(server.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_said_with_what_helps() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("login: {tokens: true}\n");
    let token = async |role: &str| {
        let words = ["serve", "token", "--name", role, "--role", role];
        let (code, text) = place.run(&endpoint, &words).await;
        assert_eq!(code, Some(0), "{text}");
        text.trim().to_owned()
    };
    let (viewer, operator) = (token("viewer").await, token("operator").await);
    let mut server = place.serve(&endpoint).await;
    let list = ["targets", "list"];
    let start = ["audits", "start", "--target", "shop"];
    let (code, _, err) = ask(&server, &list).await;
    assert_eq!(code, Some(2));
    assert!(
        err.contains("answered 401 (not logged in)") && err.contains("SIXPILLARS_TOKEN"),
        "{err}"
    );
    server.token = Some("sixpillars_wrong".to_owned());
    let (code, _, err) = ask(&server, &list).await;
    assert_eq!(code, Some(2));
    assert!(
        err.contains("not valid") && !err.contains("sixpillars_wrong"),
        "{err}"
    );
    server.token = Some(viewer);
    let (code, _, err) = ask(&server, &start).await;
    assert_eq!(code, Some(2));
    assert!(err.contains("answered 403 (not allowed)"), "{err}");
    let (code, ..) = ask(&server, &list).await;
    assert_eq!(code, Some(0));
    let (code, _, err) = ask(&server, &["audits", "show", "../../healthz"]).await;
    assert_eq!(code, Some(2));
    assert!(err.contains("answered 404 (not found)"), "{err}");
    server.token = Some(operator.clone());
    let (code, _, err) = ask(&server, &["audits", "start", "--target", "shpo"]).await;
    assert_eq!(code, Some(2));
    assert!(err.contains("/target: there is no such target"), "{err}");
    // A file with the token wins over the environment.
    let file = place.folder.path().join("token");
    std::fs::write(&file, format!("{operator}\n")).unwrap();
    server.token = Some("sixpillars_wrong".to_owned());
    let file = file.to_str().unwrap();
    let (code, _, err) = ask(&server, &["targets", "list", "--token-file", file]).await;
    assert_eq!(code, Some(0), "{err}");
    // Every problem at once, before anything is sent.
    let words = [
        "--url",
        "http://audits.example.com",
        "--token-file",
        "/nowhere",
        "targets",
        "list",
    ];
    let (code, _, err) = ask(&server, &words).await;
    assert_eq!(code, Some(2));
    assert!(
        err.contains("http is for this machine only") && err.contains("/nowhere cannot be read"),
        "{err}"
    );
    // A token is no argument.
    let (code, _, err) = ask(&server, &["targets", "list", "--token", "x"]).await;
    assert_eq!(code, Some(2));
    assert!(err.contains("unexpected argument '--token'"), "{err}");
    // Nobody is there.
    let address = server.address.clone();
    server.signal("TERM");
    server.end().await;
    let (code, _, err) = told(remote(&address).args(list).output().await.unwrap());
    assert_eq!(code, Some(3));
    assert!(
        err.contains("cannot be reached") && err.contains("--url"),
        "{err}"
    );
}

/// Too many requests: the answer says how long to wait, and it is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_told_to_wait_waits() {
    use axum::http::StatusCode;
    use axum::response::IntoResponse;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let asked = std::sync::Arc::new(AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&asked);
    let busy = move || {
        let turn = count.fetch_add(1, Ordering::Relaxed);
        async move {
            if turn % 5 < 1 {
                let wait = [("retry-after", "1")];
                let body = json!({"detail": "too many requests"}).to_string();
                (StatusCode::TOO_MANY_REQUESTS, wait, body).into_response()
            } else {
                json!({"items": []}).to_string().into_response()
            }
        }
    };
    let app = axum::Router::new()
        .route("/api/v1/targets", axum::routing::get(busy))
        .route(
            "/api/v1/findings",
            axum::routing::get(|| async {
                let wait = [("retry-after", "0")];
                (StatusCode::TOO_MANY_REQUESTS, wait, "slow down")
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let begun = std::time::Instant::now();
    let (code, _, err) = told(
        remote(&address)
            .args(["targets", "list"])
            .output()
            .await
            .unwrap(),
    );
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    let output = remote(&address).args(["findings", "list"]).output().await;
    let (code, _, err) = told(output.unwrap());
    assert_eq!(code, Some(3));
    assert!(
        err.contains("answered 429 (too many requests): slow down"),
        "{err}"
    );
}

/// A certificate of its own authority.
fn certificate(folder: &Path) -> (String, String, String) {
    let signed = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let write = |name: &str, text: String| {
        std::fs::write(folder.join(name), text).unwrap();
        folder.join(name).to_str().unwrap().to_owned()
    };
    let certificate = signed.cert.pem();
    (
        write("tls.crt", certificate.clone()),
        write("tls.key", signed.signing_key.serialize_pem()),
        write("ca.pem", certificate),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_trusted_by_the_authority_that_is_named() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let (crt, key, ca) = certificate(place.folder.path());
    place.write(&format!(
        "listen: 127.0.0.1:0\nstore: store\ntls: {{certificate: {crt}, key: {key}}}\n\
         targets:\n  shop: {{regions: [eu-west-1]}}\n"
    ));
    let server = place.serve(&endpoint).await;
    assert!(server.address.starts_with("https://"), "{}", server.address);
    let list = |more: &[&str]| {
        let mut command = remote(&server.address);
        command.args(["targets", "list"]).args(more);
        async move { told(command.output().await.unwrap()) }
    };
    let (code, _, err) = list(&[]).await;
    assert_eq!(code, Some(3));
    assert!(err.contains("cannot be reached"), "{err}");
    let (code, out, err) = list(&["--ca-file", &ca]).await;
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("shop"), "{out}");
    let (code, _, err) = list(&["--ca-file", &key]).await;
    assert_eq!(code, Some(2));
    assert!(err.contains("--ca-file names"), "{err}");
}
