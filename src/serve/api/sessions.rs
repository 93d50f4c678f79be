//! Sessions of people who are logged in, and their end: by an admin, or by the person in every browser.

use super::body::tagged;
use super::context::{AppState, Caller};
use super::guard::{Guard, SessionSecret, admin_of_all};
use super::login::{LogoutTarget, logged_out};
use super::problem::Problem;
use super::time::text;
use crate::serve::session::kept;
use crate::serve::state::Service;
use crate::store::{Session as Row, StoreError};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A browser in which somebody is logged in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Session {
    /// The provider's name for the person, which stays the same; spaces, brackets, `%` and what is not
    /// printable ASCII are percent-encoded.
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
    params(("subject" = String, Path, description = "The person, as `subject` of a session names them")),
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
    note(&service, &by.name, &subject, sessions).await?;
    Ok((StatusCode::OK, Json(Ended { sessions })))
}

/// End all sessions of the caller, in every browser
///
/// A caller with a token, or without login, has no session to end.
#[utoipa::path(delete, path = "/api/v1/me/sessions", operation_id = "endOwnSessions",
    tag = "access",
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = LogoutTarget), (status = "4XX", body = Problem)))]
pub(super) async fn end_own(
    service: AppState,
    Extension(guard): Extension<Arc<Guard>>,
    by: Caller,
    held: Option<Extension<SessionSecret>>,
) -> Result<Response, Problem> {
    let (Some(Extension(SessionSecret(held))), Some(oidc), Some(subject)) =
        (held, &guard.oidc, &by.subject)
    else {
        return Ok(Json(LogoutTarget::default()).into_response());
    };
    // This browser's own one by itself: the provider's logout needs its ID token.
    let own = service.database.end_session(&kept(&held)).await?;
    let others = service.database.end_sessions_of(subject).await?;
    let sessions = others + u64::from(own.is_some());
    note(&service, &by.name, subject, sessions).await?;
    Ok(logged_out(&guard, oidc, own.as_ref()).await)
}

/// Writes into the audit log who ended all sessions of whom.
async fn note(service: &Service, by: &str, subject: &str, sessions: u64) -> Result<(), StoreError> {
    let detail = serde_json::json!({"sessions": sessions});
    let what = ("session.end", subject);
    let log = service.database.log(by, what, &detail, Timestamp::now());
    log.await
}
