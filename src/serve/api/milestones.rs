//! Milestones: audits that are kept for ever.

use super::audits::row;
use super::body::{Body, tagged};
use super::context::{AppState, Caller};
use super::guard::require_role;
use super::problem::{FieldProblem, Problem};
use super::time::text;
use crate::serve::auth::Role;
use crate::store::{Milestone as Row, RunState};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest name, and the longest note, in characters.
const LONGEST_NAME: usize = 100;
const LONGEST_NOTE: usize = 2000;

/// An audit that is kept for ever, under a name.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Milestone {
    name: String,
    target: String,
    /// The audit.
    audit: String,
    note: String,
    made_by: String,
    #[schema(format = DateTime)]
    made: String,
}

impl From<Row> for Milestone {
    fn from(row: Row) -> Self {
        Self {
            name: row.name,
            target: row.target,
            audit: row.run,
            note: row.note,
            made_by: row.made_by,
            made: text(row.made),
        }
    }
}

/// All milestones.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Milestones {
    items: Vec<Milestone>,
}

/// A new milestone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMilestone {
    /// Its name, which no other has.
    name: String,
    /// A finished audit.
    audit: String,
    /// What to know of it.
    #[serde(default)]
    note: String,
}

/// All milestones, the newest first
#[utoipa::path(get, path = "/api/v1/milestones", operation_id = "listMilestones",
    tag = "milestones",
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = Milestones), (status = "4XX", body = Problem)))]
pub(super) async fn list(
    service: AppState,
    by: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let rows = service.database.milestones().await?;
    let items = rows.into_iter().filter(|row| by.sees(&row.target));
    let items = items.map(Milestone::from).collect();
    tagged(&headers, &Milestones { items })
}

/// Make a finished audit a milestone
#[utoipa::path(post, path = "/api/v1/milestones", operation_id = "addMilestone",
    tag = "milestones", request_body = NewMilestone,
    security(("token" = ["operator"]), ("session" = ["operator"])),
    responses((status = 201, body = Milestone), (status = "4XX", body = Problem)))]
pub(super) async fn add(
    service: AppState,
    by: Caller,
    Body(new): Body<NewMilestone>,
) -> Result<Response, Problem> {
    require_role(&by, Role::Operator)?;
    let name = new.name.trim();
    let mut problems = Vec::new();
    for (pointer, length, most) in [
        ("/name", name.chars().count(), LONGEST_NAME),
        ("/note", new.note.chars().count(), LONGEST_NOTE),
    ] {
        if length > most || (pointer == "/name" && length == 0) {
            problems.push(FieldProblem {
                pointer: pointer.to_owned(),
                detail: format!("takes up to {most} characters, and a name at least one"),
            });
        }
    }
    if !problems.is_empty() {
        return Err(Problem::fields(problems));
    }
    let run = row(&service, &by, &new.audit).await?;
    if run.state != RunState::Finished || run.removed.is_some() {
        return Err(Problem::conflict(
            "this audit has no report that could be kept",
        ));
    }
    let milestone = Row {
        name: name.to_owned(),
        target: run.target,
        run: run.id,
        note: new.note,
        made_by: by.name.clone(),
        made: Timestamp::now(),
    };
    if !service.database.add_milestone(&milestone).await? {
        return Err(Problem::conflict(
            "there is a milestone of this name already",
        ));
    }
    let detail = serde_json::json!({"audit": milestone.run, "target": milestone.target});
    let what = ("milestone.make", milestone.name.as_str());
    service
        .database
        .log(&by.name, what, &detail, milestone.made)
        .await?;
    Ok((StatusCode::CREATED, Json(Milestone::from(milestone))).into_response())
}
