//! Schedules: those of the configuration, and those of the API.

use super::body::{Body, tagged};
use super::context::{AppState, Caller};
use super::guard::require_role;
use super::problem::{FieldProblem, Problem};
use super::time::text;
use crate::serve::auth::{Actor, Role};
use crate::serve::config::is_name;
use crate::serve::file::ScheduleFile;
use crate::serve::schedule::Cadence;
use crate::serve::state::Service;
use crate::store::{Origin, ScheduleRow, StoreError};
use crate::yaml::PathSeg;
use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many upcoming times are shown.
const AHEAD: usize = 5;

/// When something is audited.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Schedule {
    /// Its name.
    name: String,
    /// `file` for one of the configuration, which is changed there, or `api`.
    origin: String,
    /// Whether it starts audits.
    enabled: bool,
    /// What it says.
    spec: ScheduleFile,
    /// The next five times; empty while it is not enabled.
    next: Vec<String>,
}

/// All schedules.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Schedules {
    items: Vec<Schedule>,
}

/// A changed schedule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleBody {
    /// Whether it starts audits; true by default.
    #[serde(default = "yes")]
    enabled: bool,
    /// What it says.
    spec: ScheduleFile,
}

/// A new schedule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSchedule {
    /// Its name: letters, digits, `-`, `_` and `.`.
    name: String,
    /// Whether it starts audits; true by default.
    #[serde(default = "yes")]
    enabled: bool,
    /// What it says.
    spec: ScheduleFile,
}

/// A cadence to try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Preview {
    /// Five fields as cron has them.
    cron: String,
    /// The time zone; UTC by default.
    #[serde(default)]
    time_zone: Option<String>,
}

/// The next times.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Times {
    next: Vec<String>,
}

fn yes() -> bool {
    true
}

fn next(cadence: &Cadence) -> Vec<String> {
    cadence
        .upcoming(Timestamp::now(), AHEAD)
        .into_iter()
        .map(text)
        .collect()
}

fn schedule(row: ScheduleRow) -> Result<Schedule, Problem> {
    let spec: ScheduleFile = serde_json::from_str(&row.spec).map_err(StoreError::from)?;
    let cadence = Cadence::parse(&spec.cron, spec.time_zone.as_deref()).ok();
    Ok(Schedule {
        name: row.name,
        origin: row.origin.id().to_owned(),
        enabled: row.enabled,
        next: cadence
            .filter(|_| row.enabled)
            .as_ref()
            .map(next)
            .unwrap_or_default(),
        spec,
    })
}

/// Whether a schedule is about a target that the caller sees.
fn visible(actor: &Actor, service: &Service, spec: &ScheduleFile) -> bool {
    service
        .config
        .targets_of(spec)
        .iter()
        .any(|target| actor.sees(target))
}

/// All schedules
#[utoipa::path(get, path = "/api/v1/schedules", operation_id = "listSchedules", tag = "schedules",
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = Schedules), (status = "4XX", body = Problem)))]
pub(super) async fn list(
    service: AppState,
    by: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let rows = service.database.schedules().await?;
    let items: Result<Vec<_>, Problem> = rows.into_iter().map(schedule).collect();
    let mut items = items?;
    items.retain(|item| visible(&by, &service, &item.spec));
    tagged(&headers, &Schedules { items })
}

/// One schedule
#[utoipa::path(get, path = "/api/v1/schedules/{name}", operation_id = "getSchedule",
    tag = "schedules", params(("name" = String, Path, description = "The schedule's name")),
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = Schedule), (status = "4XX", body = Problem)))]
pub(super) async fn show(
    service: AppState,
    by: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let row = service.database.schedule(&name).await?;
    let found = row.map(schedule).transpose()?;
    let found = found.filter(|found| visible(&by, &service, &found.spec));
    tagged(&headers, &found.ok_or_else(no_such)?)
}

/// Add a schedule
#[utoipa::path(post, path = "/api/v1/schedules", operation_id = "addSchedule", tag = "schedules",
    request_body = NewSchedule,
    security(("token" = ["operator"]), ("session" = ["operator"])),
    responses((status = 201, body = Schedule), (status = "4XX", body = Problem)))]
pub(super) async fn add(
    service: AppState,
    by: Caller,
    Body(new): Body<NewSchedule>,
) -> Result<Response, Problem> {
    require_role(&by, Role::Operator)?;
    let mut problems = problems(&service, &by, &new.spec);
    if !is_name(&new.name) {
        problems.push(FieldProblem {
            pointer: "/name".to_owned(),
            detail: "letters, digits, `-`, `_` and `.`, at most 64 of them".to_owned(),
        });
    }
    if !problems.is_empty() {
        return Err(Problem::fields(problems));
    }
    let spec = serde_json::to_string(&new.spec).map_err(StoreError::from)?;
    let now = Timestamp::now();
    if !service
        .database
        .add_schedule(&new.name, &spec, new.enabled, now)
        .await?
    {
        return Err(Problem::conflict(format!(
            "there is a schedule {} already",
            new.name
        )));
    }
    logged(&service, &by, "schedule.add", &new.name, &new.spec).await?;
    answer(&service, &new.name, StatusCode::CREATED).await
}

/// Change a schedule that the API made
#[utoipa::path(put, path = "/api/v1/schedules/{name}", operation_id = "changeSchedule",
    tag = "schedules", params(("name" = String, Path, description = "The schedule's name")),
    request_body = ScheduleBody,
    security(("token" = ["operator"]), ("session" = ["operator"])),
    responses((status = 200, body = Schedule), (status = "4XX", body = Problem)))]
pub(super) async fn change(
    service: AppState,
    by: Caller,
    Path(name): Path<String>,
    Body(body): Body<ScheduleBody>,
) -> Result<Response, Problem> {
    require_role(&by, Role::Operator)?;
    own(&service, &by, &name).await?;
    let problems = problems(&service, &by, &body.spec);
    if !problems.is_empty() {
        return Err(Problem::fields(problems));
    }
    let spec = serde_json::to_string(&body.spec).map_err(StoreError::from)?;
    let now = Timestamp::now();
    if !service
        .database
        .change_schedule(&name, &spec, body.enabled, now)
        .await?
    {
        return Err(no_such());
    }
    logged(&service, &by, "schedule.change", &name, &body.spec).await?;
    answer(&service, &name, StatusCode::OK).await
}

/// Remove a schedule that the API made
#[utoipa::path(delete, path = "/api/v1/schedules/{name}", operation_id = "removeSchedule",
    tag = "schedules", params(("name" = String, Path, description = "The schedule's name")),
    security(("token" = ["operator"]), ("session" = ["operator"])),
    responses((status = 204, description = "It is removed"), (status = "4XX", body = Problem)))]
pub(super) async fn remove(
    service: AppState,
    by: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    require_role(&by, Role::Operator)?;
    let spec = own(&service, &by, &name).await?;
    if !service.database.remove_schedule(&name).await? {
        return Err(no_such());
    }
    logged(&service, &by, "schedule.remove", &name, &spec).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Show when a cadence would be due, without keeping it
#[utoipa::path(post, path = "/api/v1/schedules/preview", operation_id = "previewSchedule",
    tag = "schedules", request_body = Preview,
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = Times), (status = "4XX", body = Problem)))]
pub(super) async fn preview(Body(body): Body<Preview>) -> Result<Json<Times>, Problem> {
    match Cadence::parse(&body.cron, body.time_zone.as_deref()) {
        Ok(cadence) => Ok(Json(Times {
            next: next(&cadence),
        })),
        Err((is_cron, detail)) => Err(Problem::fields(vec![FieldProblem {
            pointer: if is_cron { "/cron" } else { "/time_zone" }.to_owned(),
            detail,
        }])),
    }
}

fn no_such() -> Problem {
    Problem::missing("there is no such schedule")
}

/// A schedule that the API may change, for a caller who sees all of its targets.
async fn own(service: &Service, actor: &Actor, name: &str) -> Result<ScheduleFile, Problem> {
    let row = service.database.schedule(name).await?.ok_or_else(no_such)?;
    let spec: ScheduleFile = serde_json::from_str(&row.spec).map_err(StoreError::from)?;
    if !visible(actor, service, &spec) {
        return Err(no_such());
    }
    if row.origin == Origin::File {
        return Err(Problem::conflict(
            "this schedule is in the configuration; change it there",
        ));
    }
    if service
        .config
        .targets_of(&spec)
        .iter()
        .any(|target| !actor.sees(target))
    {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "this schedule has targets that this token is not for",
        ));
    }
    Ok(spec)
}

fn problems(service: &Service, actor: &Actor, spec: &ScheduleFile) -> Vec<FieldProblem> {
    let found = service.config.schedule_problems(spec).into_iter();
    let mut problems: Vec<FieldProblem> = found
        .map(|(path, message, help)| FieldProblem {
            pointer: path
                .iter()
                .fold("/spec".to_owned(), |pointer, seg| match seg {
                    PathSeg::Key(key) => format!("{pointer}/{key}"),
                    PathSeg::Index(index) => format!("{pointer}/{index}"),
                }),
            detail: match help {
                Some(help) => format!("{message}: {help}"),
                None => message,
            },
        })
        .collect();
    if service
        .config
        .targets_of(spec)
        .iter()
        .any(|target| !actor.sees(target))
    {
        problems.push(FieldProblem {
            pointer: "/spec/targets".to_owned(),
            detail: "names targets that this token is not for".to_owned(),
        });
    }
    problems
}

async fn logged(
    service: &Service,
    actor: &Actor,
    action: &str,
    name: &str,
    spec: &ScheduleFile,
) -> Result<(), Problem> {
    let detail = serde_json::to_value(spec).map_err(StoreError::from)?;
    service
        .database
        .log(&actor.name, (action, name), &detail, Timestamp::now())
        .await?;
    Ok(())
}

async fn answer(service: &Service, name: &str, status: StatusCode) -> Result<Response, Problem> {
    let row = service.database.schedule(name).await?.ok_or_else(no_such)?;
    Ok((status, Json(schedule(row)?)).into_response())
}
