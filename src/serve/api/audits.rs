//! Audits: start, look, cancel.

use super::body::{Body, Params, tagged};
use super::context::{AppState, Caller};
use super::guard::{require_role, require_target};
use super::page::{Page, cursor, limit, place};
use super::problem::{FieldProblem, Problem};
use super::time::{maybe, text};
use crate::serve::auth::{Actor, Role};
use crate::serve::config::duration;
use crate::serve::file::Scope;
use crate::serve::progress::ProgressBoard;
use crate::serve::request::Request;
use crate::serve::state::Service;
use crate::store::{Cause, NewRun, Queued, RunFilter, RunRow, RunState, StoreError};
use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// One audit.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(super) struct Audit {
    /// Its id. Ids sort by the time at which audits were queued.
    pub(super) id: String,
    /// The target.
    pub(super) target: String,
    /// Its state.
    pub(super) state: RunState,
    /// The schedule that started it; null where somebody did.
    schedule: Option<String>,
    /// The time of the schedule, without jitter.
    #[schema(format = DateTime)]
    due: Option<String>,
    /// Who requested it.
    requested_by: String,
    /// What it is narrowed to.
    scope: Scope,
    /// US dollars that billed reads may cost.
    allow_paid_usd: f64,
    /// When it was queued.
    #[schema(format = DateTime)]
    queued: String,
    /// When it began.
    #[schema(format = DateTime)]
    started: Option<String>,
    /// When it was over.
    #[schema(format = DateTime)]
    ended: Option<String>,
    /// Who cancelled it.
    cancelled_by: Option<String>,
    /// How often it began or was taken over.
    attempts: i64,
    /// Lists that are read.
    lists_read: i64,
    /// All lists; 0 until they are known.
    lists_all: i64,
    /// What a reader should know.
    notes: Vec<String>,
    /// Why it failed.
    error: Option<String>,
    /// What it found; null until it is finished.
    result: Option<AuditResult>,
}

/// What a finished audit found.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(super) struct AuditResult {
    /// The exit code that `sixpillars scan` would have ended with: 0 done, 1 a gate is broken, 3
    /// incomplete.
    exit_code: i64,
    /// Whether every account, region and list was read.
    complete: bool,
    /// The share of evaluations that had an answer, from 0 to 1.
    coverage: Option<f64>,
    /// Failed evaluations.
    fails: i64,
    /// Evaluations that could not be decided.
    unknown: i64,
    /// Those that failed and did not before.
    new_fails: i64,
    /// Those that failed before and do not any more.
    fixed: i64,
    /// What billed reads cost, in US dollars.
    spent_usd: f64,
    /// Whether the report can still be read.
    has_report: bool,
}

impl Audit {
    /// The audit as it is stored, with its current progress if this process runs it.
    pub(super) fn of(row: RunRow, board: &ProgressBoard) -> Result<Self, Problem> {
        let request: Request = serde_json::from_str(&row.request).map_err(StoreError::from)?;
        let progress = board.of(&row.id).filter(|_| row.state == RunState::Running);
        let (mut read, mut all, mut notes) = (row.lists_read, row.lists_all, row.notes);
        if let Some(progress) = progress {
            let (here, of) = progress.lists();
            read = i64::try_from(here).unwrap_or(i64::MAX);
            all = i64::try_from(of).unwrap_or(i64::MAX);
            notes = progress.notes();
        }
        let finished = row.state == RunState::Finished;
        let result = row
            .status
            .filter(|_| finished)
            .map(|exit_code| AuditResult {
                exit_code,
                complete: row.complete.unwrap_or(false),
                coverage: row.coverage,
                fails: row.fails.unwrap_or(0),
                unknown: row.unknown.unwrap_or(0),
                new_fails: row.new_fails.unwrap_or(0),
                fixed: row.fixed.unwrap_or(0),
                spent_usd: row.spent_usd.unwrap_or(0.0),
                has_report: row.folder.is_some() && row.removed.is_none(),
            });
        Ok(Self {
            id: row.id,
            target: row.target,
            state: row.state,
            schedule: row.schedule,
            due: maybe(row.due),
            requested_by: row.requested_by,
            scope: request.scope,
            allow_paid_usd: request.allow_paid_usd,
            queued: text(row.queued),
            started: maybe(row.started),
            ended: maybe(row.ended),
            cancelled_by: row.cancelled_by,
            attempts: row.token,
            lists_read: read,
            lists_all: all,
            notes,
            error: row.error,
            result,
        })
    }
}

/// Which audits.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Of this target
    target: Option<String>,
    /// In this state
    #[param(inline)]
    state: Option<RunState>,
    /// Of this schedule
    schedule: Option<String>,
    /// The cursor of the next page, from the page before
    cursor: Option<String>,
    /// Audits on a page, 50 by default
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// Audits, the newest first
#[utoipa::path(get, path = "/api/v1/audits", operation_id = "listAudits", tag = "audits",
    params(Which),
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = Page<Audit>), (status = "4XX", body = Problem)))]
pub(super) async fn list(
    service: AppState,
    by: Caller,
    Params(which): Params<Which>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = limit(which.limit)?;
    let targets = match which.target {
        Some(target) => {
            require_target(&by, &target)?;
            vec![target]
        }
        None => by.targets.clone(),
    };
    let filter = RunFilter {
        targets,
        state: which.state,
        schedule: which.schedule,
        before: which.cursor.as_deref().map(place).transpose()?,
        limit: i64::try_from(limit + 1).unwrap_or(i64::MAX),
    };
    let mut rows = service.database.runs(&filter).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| cursor(&last.id));
    let items: Result<Vec<Audit>, Problem> = rows
        .into_iter()
        .map(|row| Audit::of(row, &service.board))
        .collect();
    let page = Page {
        items: items?,
        next,
        total: None,
    };
    tagged(&headers, &page)
}

/// What is to be audited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAudit {
    /// A target of the configuration.
    target: String,
    /// What it is narrowed to.
    #[serde(default)]
    scope: Scope,
    /// US dollars that billed reads may cost; 0 by default.
    #[serde(default)]
    allow_paid_usd: f64,
    /// Ends the reading after this time, such as `30m`.
    #[serde(default)]
    deadline: Option<String>,
}

/// The header of the key.
const KEY: &str = "idempotency-key";
/// The longest key.
const LONGEST_KEY: usize = 200;

/// Start an audit, or queue it while its target is being audited
///
/// Two requests with the same key are one: the second gets the audit that the first started.
#[utoipa::path(post, path = "/api/v1/audits", operation_id = "startAudit", tag = "audits",
    params(("Idempotency-Key" = Option<String>, Header,
        description = "Makes this request safe to repeat; at most 200 characters")),
    request_body = NewAudit,
    security(("token" = ["operator"]), ("session" = ["operator"])),
    responses((status = 202, body = Audit, description = "It is queued"),
        (status = 200, body = Audit, description = "It was queued by an earlier request"),
        (status = "4XX", body = Problem)))]
pub(super) async fn start(
    service: AppState,
    by: Caller,
    headers: HeaderMap,
    Body(new): Body<NewAudit>,
) -> Result<Response, Problem> {
    require_role(&by, Role::Operator)?;
    let request = request(&service, &by, &new)?;
    let key = key(&headers, &by)?;
    let now = Timestamp::now();
    let run = NewRun {
        target: new.target.clone(),
        cause: Cause::Request {
            idempotency_key: key,
        },
        requested_by: by.name.clone(),
        request: request.text(),
        scope: request.scope_text(),
        // At once, even if the clock is set back afterwards.
        not_before: Timestamp::UNIX_EPOCH,
    };
    let (id, status) = match service.database.enqueue(&run, now).await? {
        Queued::New(id) => {
            let detail = serde_json::json!({"target": new.target, "request": request});
            service
                .database
                .log(&by.name, ("audit.start", &id), &detail, now)
                .await?;
            service.wake.notify_waiters();
            (id, StatusCode::ACCEPTED)
        }
        Queued::Known(id) => (id, StatusCode::OK),
        Queued::OtherRequest => {
            return Err(Problem::conflict(
                "this Idempotency-Key belongs to another request; give every request its own",
            ));
        }
    };
    let audit = found(&service, &by, &id).await?;
    let place = format!("/api/v1/audits/{id}");
    Ok((status, [(header::LOCATION, place)], Json(audit)).into_response())
}

/// One audit
#[utoipa::path(get, path = "/api/v1/audits/{id}", operation_id = "getAudit", tag = "audits",
    params(("id" = String, Path, description = "The audit's id")),
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = Audit), (status = "4XX", body = Problem)))]
pub(super) async fn show(
    service: AppState,
    by: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    tagged(&headers, &found(&service, &by, &id).await?)
}

/// Cancel an audit
///
/// One that waits is cancelled at once, one that runs within two seconds.
#[utoipa::path(post, path = "/api/v1/audits/{id}/cancel", operation_id = "cancelAudit",
    tag = "audits", params(("id" = String, Path, description = "The audit's id")),
    security(("token" = ["operator"]), ("session" = ["operator"])),
    responses((status = 202, body = Audit), (status = "4XX", body = Problem)))]
pub(super) async fn cancel(
    service: AppState,
    by: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    require_role(&by, Role::Operator)?;
    let audit = found(&service, &by, &id).await?;
    if audit.state.is_over() {
        return Err(Problem::conflict("this audit is over"));
    }
    let now = Timestamp::now();
    let row = service
        .database
        .cancel(&id, &by.name, now)
        .await?
        .ok_or_else(no_such)?;
    let detail = serde_json::json!({"target": audit.target});
    service
        .database
        .log(&by.name, ("audit.cancel", &id), &detail, now)
        .await?;
    let audit = Audit::of(row, &service.board)?;
    Ok((StatusCode::ACCEPTED, Json(audit)).into_response())
}

/// An audit that the caller may see.
pub(super) async fn row(service: &Service, actor: &Actor, id: &str) -> Result<RunRow, Problem> {
    let row = service.database.run(id).await?;
    row.filter(|row| actor.sees(&row.target))
        .ok_or_else(no_such)
}

async fn found(service: &Service, actor: &Actor, id: &str) -> Result<Audit, Problem> {
    Audit::of(row(service, actor, id).await?, &service.board)
}

fn no_such() -> Problem {
    Problem::missing("there is no such audit")
}

fn request(service: &Service, actor: &Actor, new: &NewAudit) -> Result<Request, Problem> {
    let mut problems = Vec::new();
    let mut problem = |pointer: &str, detail: String| {
        problems.push(FieldProblem {
            pointer: pointer.to_owned(),
            detail,
        });
    };
    if !actor.sees(&new.target) || !service.config.targets.contains_key(&new.target) {
        problem(
            "/target",
            "there is no such target in the configuration".to_owned(),
        );
    }
    if !new.allow_paid_usd.is_finite() || new.allow_paid_usd < 0.0 {
        problem("/allow_paid_usd", "not an amount".to_owned());
    }
    let deadline = match new.deadline.as_deref().map(duration) {
        Some(Err(why)) => {
            problem("/deadline", why);
            None
        }
        Some(Ok(time)) => Some(time.as_secs().unsigned_abs()),
        None => None,
    };
    if problems.is_empty() {
        Ok(Request {
            scope: new.scope.clone(),
            allow_paid_usd: new.allow_paid_usd,
            deadline_seconds: deadline,
        })
    } else {
        Err(Problem::fields(problems))
    }
}

/// The idempotency key of a request. It contains the caller's name: callers with other names do not share it.
fn key(headers: &HeaderMap, actor: &Actor) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get(KEY) else {
        return Ok(None);
    };
    let key = key.to_str().unwrap_or_default();
    if (1..=LONGEST_KEY).contains(&key.len()) {
        Ok(Some(format!("{}\n{key}", actor.name)))
    } else {
        Err(Problem::bad(format!(
            "Idempotency-Key takes 1 to {LONGEST_KEY} characters"
        )))
    }
}
