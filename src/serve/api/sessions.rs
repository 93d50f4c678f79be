//! Sessions of people who are logged in, and their end by an admin.

use super::body::tagged;
use super::context::{AppState, Caller};
use super::guard::{Guard, admin_of_all};
use super::problem::Problem;
use super::time::text;
use crate::store::Session as Row;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, Json};
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A browser in which somebody is logged in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Session {
    /// The provider's name for the person, which stays the same.
    subject: String,
    /// The display name.
    name: String,
    /// What they may do.
    role: String,
    /// When they logged in.
    #[schema(format = DateTime)]
    made: String,
    /// The last request, to the minute.
    #[schema(format = DateTime)]
    seen: String,
    /// When they have to log in again.
    #[schema(format = DateTime)]
    expires: String,
}

impl From<Row> for Session {
    fn from(row: Row) -> Self {
        Self {
            subject: row.subject,
            name: row.name,
            role: row.role,
            made: text(row.made),
            seen: text(row.seen),
            expires: text(row.expires),
        }
    }
}

/// All sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sessions {
    items: Vec<Session>,
}

/// How many sessions were ended.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ended {
    sessions: u64,
}

/// Who is logged in, by person, the newest login first
#[utoipa::path(get, path = "/api/v1/sessions", operation_id = "listSessions", tag = "access",
    security(("token" = ["admin"]), ("session" = ["admin"])),
    responses((status = 200, body = Sessions), (status = "4XX", body = Problem)))]
pub(super) async fn list(
    service: AppState,
    Extension(guard): Extension<Arc<Guard>>,
    by: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    admin_of_all(&by, "sessions are")?;
    let rows = match &guard.oidc {
        Some(oidc) => {
            let (_, idle) = oidc.lasts();
            let login = oidc.fingerprint();
            let sessions = service.database.sessions(&login, idle, Timestamp::now());
            sessions.await?
        }
        None => Vec::new(),
    };
    let items = rows.into_iter().map(Session::from).collect();
    tagged(&headers, &Sessions { items })
}

/// End all sessions of a person, whose next request has to log in again
#[utoipa::path(delete, path = "/api/v1/sessions/{subject}", operation_id = "endSessions",
    tag = "access",
    params(("subject" = String, Path, description = "The provider's name for the person, `sub`")),
    security(("token" = ["admin"]), ("session" = ["admin"])),
    responses((status = 200, body = Ended), (status = "4XX", body = Problem)))]
pub(super) async fn end(
    service: AppState,
    by: Caller,
    Path(subject): Path<String>,
) -> Result<(StatusCode, Json<Ended>), Problem> {
    admin_of_all(&by, "sessions are")?;
    let sessions = service.database.end_sessions_of(&subject).await?;
    if sessions == 0 {
        return Err(Problem::missing("nobody with this subject is logged in"));
    }
    let detail = serde_json::json!({"sessions": sessions});
    let what = ("session.end", subject.as_str());
    let log = service
        .database
        .log(&by.name, what, &detail, Timestamp::now());
    log.await?;
    Ok((StatusCode::OK, Json(Ended { sessions })))
}
