//! Messages of channels: what was sent, what waits, and what never arrived.

use super::body::{Params, tagged};
use super::context::{AppState, Caller};
use super::guard::require_role;
use super::page::{Page, cursor, limit, place};
use super::problem::Problem;
use super::time::{maybe, text};
use crate::serve::auth::{Actor, Role};
use crate::store::MessageRow;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// One message, without what it tells.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SentMessage {
    /// Its id, which its recipient sees too; the same for every attempt.
    id: String,
    /// The channel's name in the configuration.
    channel: String,
    /// The last audit that it tells of.
    audit: Option<String>,
    /// `waiting`, `sent` or `given-up`.
    state: String,
    #[schema(format = DateTime)]
    made: String,
    /// How often it was tried.
    attempts: i64,
    /// When it is tried next, while it waits.
    #[schema(format = DateTime)]
    next_attempt: Option<String>,
    /// When it arrived.
    #[schema(format = DateTime)]
    sent: Option<String>,
    /// Why it did not arrive.
    error: Option<String>,
}

impl From<MessageRow> for SentMessage {
    fn from(row: MessageRow) -> Self {
        let next = (row.state == "waiting").then_some(row.next_attempt);
        Self {
            id: row.id,
            channel: row.channel,
            audit: row.run,
            state: row.state,
            made: text(row.made),
            attempts: row.attempts,
            next_attempt: maybe(next),
            sent: maybe(row.sent),
            error: row.error,
        }
    }
}

/// The state of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum MessageState {
    /// It is to be sent.
    Waiting,
    /// It arrived.
    Sent,
    /// It never arrived.
    GivenUp,
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only those in this state
    #[param(inline)]
    state: Option<MessageState>,
    /// The cursor of the next page, from the page before
    cursor: Option<String>,
    /// Messages on a page, 50 by default
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// Messages to people and programs, the newest first
#[utoipa::path(get, path = "/api/v1/messages", operation_id = "listMessages", tag = "messages",
    security(("token" = ["operator"]), ("session" = ["operator"])),
    params(Which), responses((status = 200, body = Page<SentMessage>), (status = "4XX", body = Problem)))]
pub(super) async fn list(
    service: AppState,
    by: Caller,
    Params(which): Params<Which>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    of_all(&by, Role::Operator)?;
    let limit = limit(which.limit)?;
    let before: Option<String> = which.cursor.as_deref().map(place).transpose()?;
    let state = which.state.map(|state| match state {
        MessageState::Waiting => "waiting",
        MessageState::Sent => "sent",
        MessageState::GivenUp => "given-up",
    });
    let most = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let rows = service.database.messages(state, before.as_deref(), most);
    let mut rows = rows.await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| cursor(&last.id));
    let page = Page {
        items: rows.into_iter().map(SentMessage::from).collect(),
        next,
        total: None,
    };
    tagged(&headers, &page)
}

/// Try a message again that was given up
#[utoipa::path(post, path = "/api/v1/messages/{id}/send", operation_id = "sendMessage", tag = "messages",
    security(("token" = ["operator"]), ("session" = ["operator"])),
    params(("id" = String, Path, description = "The message's id")),
    responses((status = 202, description = "It is tried again"), (status = "4XX", body = Problem)))]
pub(super) async fn send(
    service: AppState,
    by: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    of_all(&by, Role::Operator)?;
    let now = Timestamp::now();
    if !service.database.send_again(&id, now).await? {
        return Err(Problem::missing(
            "there is no such message that was given up",
        ));
    }
    let detail = serde_json::json!({});
    let logged = service
        .database
        .log(&by.name, ("message.send", &id), &detail, now);
    logged.await?;
    Ok(StatusCode::ACCEPTED)
}

/// A message may be about several targets, so messages are only for callers who see all targets.
fn of_all(actor: &Actor, role: Role) -> Result<(), Problem> {
    require_role(actor, role)?;
    if actor.targets.is_empty() {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "messages are of all targets, but this token is restricted to some targets",
    ))
}
