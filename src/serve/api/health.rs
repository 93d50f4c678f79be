//! Health, readiness and metrics.

use super::context::{AppState, Caller};
use super::problem::Problem;
use crate::serve::metrics::exposition;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Whether the process runs
#[utoipa::path(get, path = "/healthz", operation_id = "getHealth", tag = "health", security(()),
    responses((status = 200, description = "It does", content_type = "text/plain", body = String)))]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether it takes requests: the database answers, and the process is not stopping
#[utoipa::path(get, path = "/readyz", operation_id = "getReadiness", tag = "health", security(()),
    responses((status = 200, description = "It does", content_type = "text/plain", body = String),
        (status = 503, body = Problem)))]
pub(super) async fn readyz(service: AppState) -> Result<&'static str, Problem> {
    if service.stop.is_cancelled() {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the service is stopping",
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
pub(super) async fn metrics(service: AppState, by: Caller) -> Result<Response, Problem> {
    let text = exposition(&service, &by).await?;
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}
