//! For those who run the service.

use super::asked::{By, Shared};
use super::problem::Problem;
use crate::serve::state::Service;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::fmt::Write;

/// Whether the process runs
#[utoipa::path(get, path = "/healthz", operation_id = "getHealth", tag = "health", security(()),
    responses((status = 200, description = "It does", content_type = "text/plain", body = String)))]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether it takes requests: the database answers, and the process does not end
#[utoipa::path(get, path = "/readyz", operation_id = "getReadiness", tag = "health", security(()),
    responses((status = 200, description = "It does", content_type = "text/plain", body = String),
        (status = 503, body = Problem)))]
pub(super) async fn readyz(service: Shared) -> Result<&'static str, Problem> {
    if service.stop.is_cancelled() {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the service stops",
        ));
    }
    service.database.ping().await?;
    Ok("ok\n")
}

/// Counts for Prometheus, without names of resources
#[utoipa::path(get, path = "/metrics", operation_id = "getMetrics", tag = "health",
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, description = "In the text format", content_type = "text/plain", body = String),
        (status = "4XX", body = Problem)))]
pub(super) async fn metrics(service: Shared, by: By) -> Result<Response, Problem> {
    let text = exposition(&service, &by).await?;
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

async fn exposition(service: &Service, by: &By) -> Result<String, Problem> {
    let mut text = String::new();
    let mut metric = |name: &str, help: &str, lines: &[(String, i64)]| {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "# HELP sixpillars_{name} {help}\n# TYPE sixpillars_{name} gauge"
        );
        for (labels, value) in lines {
            let _ = writeln!(text, "sixpillars_{name}{labels} {value}");
        }
    };
    let (queued, running) = service.database.queue_length().await?;
    let none = String::new;
    metric("audits_queued", "Audits that wait.", &[(none(), queued)]);
    metric(
        "audits_running",
        "Audits that run, in all processes.",
        &[(none(), running)],
    );
    let (waiting, given_up) = service.database.outbox_length().await?;
    metric(
        "messages_waiting",
        "Messages that are to be sent.",
        &[(none(), waiting)],
    );
    metric(
        "messages_given_up",
        "Messages that never arrived.",
        &[(none(), given_up)],
    );
    let counts = service.database.finding_counts().await?;
    let lines: Vec<(String, i64)> = counts
        .into_iter()
        .filter(|(target, ..)| by.sees(target))
        .map(|(target, pillar, severity, verdict, findings)| {
            // Names of targets are letters, digits, `-`, `_` and `.`.
            let labels = format!(
                "{{target=\"{target}\",pillar=\"{pillar}\",severity=\"{severity}\",verdict=\"{verdict}\"}}"
            );
            (labels, findings)
        })
        .collect();
    metric("findings", "Findings that fail or are unknown.", &lines);
    Ok(text)
}
