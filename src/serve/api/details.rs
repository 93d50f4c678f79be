//! What the report of an audit says of one finding.

use super::body::tagged;
use super::context::{AppState, Caller};
use super::guard::require_target;
use super::problem::Problem;
use super::reports::finished;
use crate::model::Finding;
use crate::report::CheckReport;
use crate::store::StoreError;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use std::io;
use utoipa::ToSchema;

/// What the report of an audit says of one finding.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FindingDetails {
    /// The audit.
    audit: String,
    /// The finding, as the report has it: evidence, gaps, remedy.
    #[schema(value_type = Object)]
    finding: Finding,
    /// The check, as the report has it; null where the report does not list it.
    #[schema(value_type = Option<Object>)]
    check: Option<CheckReport>,
}

/// What the last audit that judged a finding says of it: evidence, gaps, remedy
#[utoipa::path(get, path = "/api/v1/findings/{target}/{id}/details",
    operation_id = "getFindingDetails", tag = "findings",
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    params(("target" = String, Path, description = "The target's name"),
        ("id" = String, Path, description = "The finding's id")),
    responses((status = 200, body = FindingDetails), (status = "4XX", body = Problem)))]
pub(super) async fn details(
    service: AppState,
    by: Caller,
    Path((target, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    require_target(&by, &target)?;
    let missing = || Problem::missing("there is no such finding");
    let row = service.database.finding(&target, &id).await?;
    let row = row.ok_or_else(missing)?;
    // The audit that found it gone has no details of it. The audit of the change before has.
    let audit = if row.verdict == "gone" {
        let history = service.database.history(&target, &id).await?;
        let mut judged = history.into_iter().rev().filter(|c| c.verdict != "gone");
        judged.next().map_or(row.last_run, |change| change.run)
    } else {
        row.last_run
    };
    let (_, folder) = finished(&service, &by, &audit).await?;
    let stored = service.files.open_report(&folder).await?;
    let check = row.check;
    let found = tokio::task::spawn_blocking(move || stored.finding(&check, &id)).await;
    let found = found.map_err(|error| StoreError::Read(io::Error::other(error)))??;
    let (finding, check) = found.ok_or_else(|| {
        Problem::missing("the report of the last audit that judged this finding does not have it")
    })?;
    let details = FindingDetails {
        audit,
        finding,
        check,
    };
    tagged(&headers, &details)
}
