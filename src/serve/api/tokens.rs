//! Tokens. Only the command line shows their secret part.

use super::body::tagged;
use super::context::{AppState, Caller};
use super::guard::{SessionSecret, admin_of_all};
use super::problem::Problem;
use super::time::{maybe, text};
use crate::serve::auth::{How, Role};
use crate::serve::session::csrf;
use crate::store::TokenRow;
use axum::Extension;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    /// Their name in the audit log.
    name: String,
    /// What they may do.
    role: Role,
    /// The targets that they may see; all where the list is empty.
    targets: Vec<String>,
    /// How they are identified.
    how: How,
    /// What a page sends along with every change, in the header `x-csrf-token`; null without a
    /// session.
    csrf: Option<String>,
}

/// One token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Token {
    id: String,
    /// What it is for.
    name: String,
    /// What it may do.
    role: String,
    /// The targets it is for; all where the list is empty.
    targets: Vec<String>,
    made_by: String,
    #[schema(format = DateTime)]
    made: String,
    #[schema(format = DateTime)]
    expires: String,
    #[schema(format = DateTime)]
    revoked: Option<String>,
}

impl From<TokenRow> for Token {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            role: row.role,
            targets: row.targets,
            made_by: row.made_by,
            made: text(row.made),
            expires: text(row.expires),
            revoked: maybe(row.revoked),
        }
    }
}

/// All tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tokens {
    items: Vec<Token>,
}

/// Who asks, and what they may do
#[utoipa::path(get, path = "/api/v1/me", operation_id = "getMe", tag = "access",
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = Me), (status = "4XX", body = Problem)))]
pub(super) async fn me(
    by: Caller,
    held: Option<Extension<SessionSecret>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let me = Me {
        name: by.name.clone(),
        role: by.role,
        targets: by.targets.clone(),
        how: by.how,
        csrf: held.map(|Extension(SessionSecret(held))| csrf(&held)),
    };
    tagged(&headers, &me)
}

/// All tokens, without their secrets
#[utoipa::path(get, path = "/api/v1/tokens", operation_id = "listTokens", tag = "access",
    security(("token" = ["admin"]), ("session" = ["admin"])),
    responses((status = 200, body = Tokens), (status = "4XX", body = Problem)))]
pub(super) async fn list(
    service: AppState,
    by: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    admin_of_all(&by, "tokens are")?;
    let rows = service.database.tokens().await?;
    let items = rows.into_iter().map(Token::from).collect();
    tagged(&headers, &Tokens { items })
}

/// Revoke a token
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", operation_id = "revokeToken", tag = "access",
    params(("id" = String, Path, description = "The token's id")),
    security(("token" = ["admin"]), ("session" = ["admin"])),
    responses((status = 204, description = "It is revoked"), (status = "4XX", body = Problem)))]
pub(super) async fn revoke(
    service: AppState,
    by: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    admin_of_all(&by, "tokens are")?;
    let now = Timestamp::now();
    if !service.database.revoke_token(&id, now).await? {
        return Err(Problem::missing("there is no such valid token"));
    }
    let detail = serde_json::json!({});
    service
        .database
        .log(&by.name, ("token.revoke", &id), &detail, now)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
