//! The audit log: who did what.

use super::body::{Params, tagged};
use super::context::{AppState, Caller};
use super::guard::admin_of_all;
use super::page::{Page, cursor, limit, place};
use super::problem::Problem;
use super::time::text;
use crate::store::StoreError;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// One line of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LogEntry {
    id: String,
    #[schema(format = DateTime)]
    at: String,
    /// Who.
    actor: String,
    /// What, such as `audit.start`.
    action: String,
    /// To what.
    object: String,
    /// What else a reader should know.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// The cursor of the next page, from the page before
    cursor: Option<String>,
    /// Lines on a page, 50 by default
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// The audit log, the newest first
#[utoipa::path(get, path = "/api/v1/audit-log", operation_id = "listAuditLog", tag = "access",
    params(Which),
    security(("token" = ["admin"]), ("session" = ["admin"])),
    responses((status = 200, body = Page<LogEntry>), (status = "4XX", body = Problem)))]
pub(super) async fn list(
    service: AppState,
    by: Caller,
    Params(which): Params<Which>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    admin_of_all(&by, "the audit log is")?;
    let limit = limit(which.limit)?;
    let before: Option<String> = which.cursor.as_deref().map(place).transpose()?;
    let most = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut rows = service.database.audit_log(before.as_deref(), most).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| cursor(&last.id));
    let items: Result<Vec<LogEntry>, StoreError> = rows
        .into_iter()
        .map(|row| {
            Ok(LogEntry {
                id: row.id,
                at: text(row.at),
                actor: row.actor,
                action: row.action,
                object: row.object,
                detail: serde_json::from_str(&row.detail)?,
            })
        })
        .collect();
    let page = Page {
        items: items?,
        next,
        total: None,
    };
    tagged(&headers, &page)
}
