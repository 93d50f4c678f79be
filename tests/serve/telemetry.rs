//! What the service tells those who watch it: metrics, traces and logs.

use crate::endpoint::Endpoint;
use crate::server::{Place, audit, small};
use axum::http::{HeaderMap, StatusCode};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// Samples by name and labels, and the type of each metric.
fn parse(text: &str) -> (BTreeMap<String, f64>, BTreeMap<String, String>) {
    let (mut samples, mut types) = (BTreeMap::new(), BTreeMap::new());
    let mut helped = BTreeSet::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect("a help");
            assert!(!help.is_empty() && helped.insert(name.to_owned()), "{line}");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type");
            assert!(
                types.insert(name.to_owned(), kind.to_owned()).is_none(),
                "{line}"
            );
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a sample");
            let value: f64 = value.parse().expect(line);
            assert!(samples.insert(name.to_owned(), value).is_none(), "{line}");
            let metric = name.split('{').next().unwrap();
            let base = ["_sum", "_count", "_bucket"].iter().find_map(|end| {
                metric
                    .strip_suffix(end)
                    .filter(|base| types.contains_key(*base))
            });
            assert!(
                types.contains_key(base.unwrap_or(metric)),
                "{line} has no type"
            );
        }
    }
    assert_eq!(helped.len(), types.len());
    (samples, types)
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_complete_and_name_no_resource() {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new("");
    let server = place.serve(&endpoint).await;
    let empty = server.get("/metrics").await.with(200);
    parse(&String::from_utf8(empty.body).unwrap());
    let id = server.start(&audit()).await;
    let done = server.over(&id).await;
    server.get("/api/v1/nowhere").await.with(404);
    let report = server
        .get(&format!("/api/v1/audits/{id}/report"))
        .await
        .with(200)
        .json();
    let text = server.get("/metrics").await.with(200);
    assert_eq!(
        text.headers["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let text = String::from_utf8(text.body).unwrap();
    let (samples, types) = parse(&text);
    let of = |name: &str| samples.get(&format!("sixpillars_{name}")).copied();
    assert_eq!(
        of("audits_total{target=\"shop\",state=\"finished\"}"),
        Some(1.0)
    );
    assert_eq!(
        of("audit_attempts_total{target=\"shop\",state=\"finished\"}"),
        Some(1.0)
    );
    assert_eq!(
        of("audit_duration_seconds_count{target=\"shop\"}"),
        Some(1.0)
    );
    assert!(of("audit_duration_seconds_sum{target=\"shop\"}").unwrap() > 0.0);
    for (name, field) in [
        ("aws_calls_total", "calls"),
        ("aws_throttled_total", "throttled"),
        ("aws_denied_total", "denied"),
    ] {
        let rows = report["calls"].as_array().unwrap();
        let all: f64 = rows.iter().map(|row| row[field].as_f64().unwrap()).sum();
        let sample = of(&format!("{name}{{target=\"shop\"}}"));
        assert_eq!(sample, Some(all), "{name}");
    }
    assert_eq!(of("audits_queued"), Some(0.0));
    assert_eq!(of("audits_oldest_queued_seconds"), Some(0.0));
    assert_eq!(of("messages_waiting"), Some(0.0));
    assert_eq!(of("messages_given_up"), Some(0.0));
    assert!(of("http_requests_total{status=\"4xx\"}").unwrap() >= 1.0);
    let fails: f64 = samples
        .iter()
        .filter(|(name, _)| {
            name.starts_with("sixpillars_findings{") && name.contains("verdict=\"fail\"")
        })
        .map(|(_, value)| value)
        .sum();
    assert_eq!(Some(fails), done["result"]["fails"].as_f64());
    assert_eq!(
        types["sixpillars_http_request_duration_seconds"],
        "histogram"
    );
    for finding in report["findings"].as_array().unwrap() {
        let resource = &finding["resource"];
        // `account` and `region` are kinds and words, not names.
        for name in [&resource["arn"], &resource["id"]] {
            if let Some(name) = name.as_str().filter(|name| name.len() > 6) {
                assert!(!text.contains(name), "{name}");
            }
        }
    }
    checked_by_promtool(&text);
}

fn checked_by_promtool(text: &str) {
    let tool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut tool) = tool else {
        eprintln!("NOT CHECKED: metrics by promtool; install the package prometheus");
        return;
    };
    tool.stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = tool.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(output.status.success() && said.is_empty(), "{said}");
}

type Received = Arc<Mutex<Vec<(HeaderMap, ExportTraceServiceRequest)>>>;

/// A collector, and its address.
async fn collector() -> (Received, String) {
    let received = Received::default();
    let seen = Arc::clone(&received);
    let take = move |headers: HeaderMap, body: axum::body::Bytes| {
        let request = ExportTraceServiceRequest::decode(body).expect("it is OTLP");
        seen.lock().unwrap().push((headers, request));
        async { StatusCode::OK }
    };
    let app = axum::Router::new().route("/v1/traces", axum::routing::post(take));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (received, address)
}

fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span
        .attributes
        .iter()
        .find(|attribute| attribute.key == key)?;
    Some(match found.value.as_ref()?.value.as_ref()? {
        Any::StringValue(text) => text.clone(),
        Any::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_of_audits_and_requests_arrive_before_the_service_ends() {
    let (received, address) = collector().await;
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(&format!(
        "otlp: {{endpoint: \"{address}\", headers_file: otlp.headers}}\n"
    ));
    let headers = place.folder.path().join("otlp.headers");
    std::fs::write(headers, "# of the collector\nx-api-key: top-secret\n").unwrap();
    let server = place.serve(&endpoint).await;
    let id = server.start(&audit()).await;
    server.over(&id).await;
    let report = server
        .get(&format!("/api/v1/audits/{id}/report"))
        .await
        .with(200)
        .json();
    server.get("/api/v1/findings?q=needle").await.with(200);
    server.get("/healthz").await.with(200);
    server.signal("TERM");
    assert_eq!(server.end().await, Some(0));
    let received = received.lock().unwrap();
    assert!(!received.is_empty());
    let mut spans = Vec::new();
    for (headers, request) in received.iter() {
        assert_eq!(headers["x-api-key"], "top-secret");
        assert_eq!(headers["content-type"], "application/x-protobuf");
        for resource in &request.resource_spans {
            let own = &resource.resource.as_ref().unwrap().attributes;
            assert!(own.iter().any(|attribute| attribute.key == "service.name"
                && format!("{attribute:?}").contains("sixpillars")));
            spans.extend(
                resource
                    .scope_spans
                    .iter()
                    .flat_map(|scope| scope.spans.clone()),
            );
        }
    }
    let named = |name: &str| {
        let found = spans.iter().find(|span| span.name == name);
        found.unwrap_or_else(|| {
            let names: BTreeSet<_> = spans.iter().map(|span| &span.name).collect();
            panic!("no span {name}, but {names:?}")
        })
    };
    let run = named("audit");
    assert_eq!(attribute(run, "audit.id"), Some(id));
    assert_eq!(attribute(run, "audit.target").as_deref(), Some("shop"));
    assert_eq!(attribute(run, "audit.outcome").as_deref(), Some("finished"));
    // The phases are parts of the run, one after the other.
    let mut last = run.start_time_unix_nano;
    for phase in ["select and log in", "read", "judge and report", "store"] {
        let span = named(phase);
        assert_eq!(
            (&span.trace_id, &span.parent_span_id),
            (&run.trace_id, &run.span_id),
            "{phase}"
        );
        assert!(span.start_time_unix_nano >= last, "{phase}");
        assert!(span.end_time_unix_nano <= run.end_time_unix_nano, "{phase}");
        last = span.start_time_unix_nano;
    }
    let request = named("GET /api/v1/findings");
    assert_eq!(
        attribute(request, "http.response.status_code").as_deref(),
        Some("200")
    );
    assert!(!spans.iter().any(|span| span.name.contains("/healthz")));
    // Nothing of the account, of what was searched for, or of the collector's key.
    let all = format!("{spans:?}");
    assert!(!all.contains("needle") && !all.contains("top-secret"));
    for finding in report["findings"].as_array().unwrap() {
        for name in [&finding["resource"]["arn"], &finding["resource"]["id"]] {
            if let Some(name) = name.as_str().filter(|name| name.len() > 6) {
                assert!(!all.contains(name), "{name}");
            }
        }
    }
}

/// The log is JSON for programs, or lines for people.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_the_form_that_is_asked_for() {
    let endpoint = Endpoint::start(small()).await;
    for (form, json) in [("", true), ("log: json\n", true), ("log: text\n", false)] {
        let place = Place::new(form);
        let file = place.folder.path().join("log");
        let log = std::fs::File::create(&file).unwrap();
        let server = place.serve_with(&endpoint, |command| {
            command.stderr(Stdio::from(log));
        });
        let server = server.await;
        server.signal("TERM");
        assert_eq!(server.end().await, Some(0));
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("service begins"), "{text}");
        for line in text.lines() {
            let parsed = serde_json::from_str::<serde_json::Value>(line);
            assert_eq!(parsed.is_ok(), json, "{line}");
        }
    }
}
