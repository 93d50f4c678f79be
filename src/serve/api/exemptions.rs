//! Exemptions: requested by one person, approved by another, and limited in time.

use super::body::{Body, Params, tagged};
use super::context::{AppState, Caller};
use super::guard::{require_role, require_target};
use super::problem::{FieldProblem, Problem};
use super::time::{maybe, text};
use crate::serve::auth::{Actor, Role};
use crate::serve::state::Service;
use crate::store::{ExemptionRow, new_id};
use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The longest reason, comment and owner, in characters.
const LONGEST: usize = 2000;

/// A failed finding that is accepted for a while, or that somebody wants accepted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Exemption {
    id: String,
    target: String,
    /// The finding's id.
    finding: String,
    /// The check's id.
    check: String,
    /// Why it is accepted.
    reason: String,
    /// Who is responsible for it.
    owner: String,
    /// The last day it holds.
    #[schema(format = Date)]
    expires: String,
    /// `requested`, `approved`, `refused`, `revoked`, or `expired` once its last day is over.
    state: String,
    requested_by: String,
    #[schema(format = DateTime)]
    requested: String,
    /// Who approved, refused or revoked it.
    decided_by: Option<String>,
    #[schema(format = DateTime)]
    decided: Option<String>,
    /// What they said.
    comment: Option<String>,
}

impl Exemption {
    fn of(row: ExemptionRow, today: Date) -> Self {
        let over = row
            .expires
            .parse::<Date>()
            .is_ok_and(|expires| expires < today);
        Self {
            state: if over && row.state == "approved" {
                "expired".to_owned()
            } else {
                row.state
            },
            id: row.id,
            target: row.target,
            finding: row.finding,
            check: row.check,
            reason: row.reason,
            owner: row.owner,
            expires: row.expires,
            requested_by: row.requested_by,
            requested: text(row.requested),
            decided_by: row.decided_by,
            decided: maybe(row.decided),
            comment: row.comment,
        }
    }
}

/// Exemptions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Exemptions {
    items: Vec<Exemption>,
}

/// Which exemptions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// In this state
    state: Option<String>,
    /// Of this target
    target: Option<String>,
}

/// A request for an exemption.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewExemption {
    target: String,
    /// The finding's id.
    finding: String,
    /// Why it is to be accepted.
    reason: String,
    /// Who is responsible for it.
    owner: String,
    /// The last day it is to hold, `2027-03-31`.
    #[schema(value_type = String, format = Date)]
    expires: Date,
}

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Decision {
    /// Accept what was requested.
    Approve,
    /// Do not.
    Refuse,
    /// Take an approval back.
    Revoke,
}

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decide {
    decision: Decision,
    /// Why.
    #[serde(default)]
    comment: Option<String>,
}

pub(super) fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// Exemptions, the newest first
#[utoipa::path(get, path = "/api/v1/exemptions", operation_id = "listExemptions", tag = "decisions",
    params(Which),
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = Exemptions), (status = "4XX", body = Problem)))]
pub(super) async fn list(
    service: AppState,
    by: Caller,
    Params(which): Params<Which>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(target) = &which.target {
        require_target(&by, target)?;
    }
    let today = today();
    let rows = service.database.exemptions().await?;
    let items = rows
        .into_iter()
        .filter(|row| by.sees(&row.target))
        .filter(|row| {
            which
                .target
                .as_ref()
                .is_none_or(|target| row.target == *target)
        })
        .map(|row| Exemption::of(row, today))
        .filter(|item| {
            which
                .state
                .as_ref()
                .is_none_or(|state| item.state == *state)
        });
    tagged(
        &headers,
        &Exemptions {
            items: items.collect(),
        },
    )
}

/// Ask for an exemption of a finding
///
/// It counts from the first audit that begins after it is approved.
#[utoipa::path(post, path = "/api/v1/exemptions", operation_id = "requestExemption",
    tag = "decisions", request_body = NewExemption,
    security(("token" = ["operator"]), ("session" = ["operator"])),
    responses((status = 201, body = Exemption), (status = "4XX", body = Problem)))]
pub(super) async fn request(
    service: AppState,
    by: Caller,
    Body(new): Body<NewExemption>,
) -> Result<Response, Problem> {
    require_role(&by, Role::Operator)?;
    let mut problems = Vec::new();
    for (pointer, value) in [("/reason", &new.reason), ("/owner", &new.owner)] {
        if value.trim().is_empty() || value.chars().count() > LONGEST {
            problems.push(field(pointer, format!("takes 1 to {LONGEST} characters")));
        }
    }
    if new.expires < today() {
        problems.push(field("/expires", "is in the past".to_owned()));
    }
    let finding = if by.sees(&new.target) {
        service.database.finding(&new.target, &new.finding).await?
    } else {
        None
    };
    if finding.is_none() {
        problems.push(field(
            "/finding",
            "there is no such finding of this target".to_owned(),
        ));
    }
    let (true, Some(finding)) = (problems.is_empty(), finding) else {
        return Err(Problem::fields(problems));
    };
    let now = Timestamp::now();
    let row = ExemptionRow {
        id: new_id(now),
        target: new.target,
        finding: new.finding,
        check: finding.check,
        reason: new.reason,
        owner: new.owner,
        expires: new.expires.to_string(),
        state: "requested".to_owned(),
        requested_by: by.name.clone(),
        requested: now,
        decided_by: None,
        decided: None,
        comment: None,
    };
    service.database.request_exemption(&row).await?;
    let detail = serde_json::json!({
        "target": row.target, "finding": row.finding, "check": row.check, "reason": row.reason,
        "owner": row.owner, "expires": row.expires,
    });
    service
        .database
        .log(&by.name, ("exemption.request", &row.id), &detail, now)
        .await?;
    Ok((StatusCode::CREATED, Json(Exemption::of(row, today()))).into_response())
}

/// Approve, refuse or revoke an exemption
///
/// Nobody approves their own request, unless nobody has to log in.
#[utoipa::path(post, path = "/api/v1/exemptions/{id}/decision", operation_id = "decideExemption",
    tag = "decisions", params(("id" = String, Path, description = "The exemption's id")),
    request_body = Decide,
    security(("token" = ["approver"]), ("session" = ["approver"])),
    responses((status = 200, body = Exemption), (status = "4XX", body = Problem)))]
pub(super) async fn decide(
    service: AppState,
    by: Caller,
    Path(id): Path<String>,
    Body(decide): Body<Decide>,
) -> Result<Response, Problem> {
    require_role(&by, Role::Approver)?;
    let row = found(&service, &by, &id).await?;
    if decide
        .comment
        .as_ref()
        .is_some_and(|comment| comment.chars().count() > LONGEST)
    {
        let detail = format!("takes up to {LONGEST} characters");
        return Err(Problem::fields(vec![field("/comment", detail)]));
    }
    let own = service.config.has_login() && by.is(&row.requested_by);
    if own && decide.decision == Decision::Approve {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "somebody else has to approve what you requested",
        ));
    }
    let (step, action) = match decide.decision {
        Decision::Approve => (("requested", "approved"), "exemption.approve"),
        Decision::Refuse => (("requested", "refused"), "exemption.refuse"),
        Decision::Revoke => (("approved", "revoked"), "exemption.revoke"),
    };
    let now = Timestamp::now();
    let comment = decide.comment.as_deref();
    if !service
        .database
        .decide_exemption(&id, step, &by.name, comment, now)
        .await?
    {
        return Err(Problem::conflict(format!(
            "this exemption is not {}",
            step.0
        )));
    }
    let detail = serde_json::json!({
        "target": row.target, "finding": row.finding, "comment": decide.comment,
    });
    service
        .database
        .log(&by.name, (action, &id), &detail, now)
        .await?;
    let row = found(&service, &by, &id).await?;
    Ok(Json(Exemption::of(row, today())).into_response())
}

async fn found(service: &Service, actor: &Actor, id: &str) -> Result<ExemptionRow, Problem> {
    let row = service.database.exemption(id).await?;
    row.filter(|row| actor.sees(&row.target))
        .ok_or_else(|| Problem::missing("there is no such exemption"))
}

pub(super) fn field(pointer: &str, detail: String) -> FieldProblem {
    FieldProblem {
        pointer: pointer.to_owned(),
        detail,
    }
}
