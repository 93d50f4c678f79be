//! Attestations: what only people know.

use super::body::{Body, tagged};
use super::context::{AppState, Caller};
use super::exemptions::{field, today};
use super::guard::require_role;
use super::problem::{FieldProblem, Problem};
use super::time::{maybe, text};
use crate::check::practices::Practices;
use crate::serve::auth::Role;
use crate::store::{AttestationRow, new_id};
use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest note, link and owner, in characters.
const LONGEST: usize = 2000;

/// Whether a best practice is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    /// It is followed.
    Met,
    /// It is not, which is a risk.
    NotMet,
    /// It does not concern the workload.
    NotApplicable,
}

impl Status {
    fn id(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not_met",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// What people say of a best practice.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Attestation {
    id: String,
    target: String,
    /// The best practice, `OPS01-BP01`.
    practice: String,
    /// `met`, `not_met` or `not_applicable`.
    status: String,
    /// Who is responsible for it.
    owner: String,
    /// The day on which it was said.
    #[schema(format = Date)]
    said: String,
    /// The last day it counts.
    #[schema(format = Date)]
    expires: String,
    /// Where the proof is.
    link: Option<String>,
    note: Option<String>,
    made_by: String,
    #[schema(format = DateTime)]
    made: String,
    #[schema(format = DateTime)]
    withdrawn: Option<String>,
}

impl From<AttestationRow> for Attestation {
    fn from(row: AttestationRow) -> Self {
        Self {
            id: row.id,
            target: row.target,
            practice: row.practice,
            status: row.status,
            owner: row.owner,
            said: row.said,
            expires: row.expires,
            link: row.link,
            note: row.note,
            made_by: row.made_by,
            made: text(row.made),
            withdrawn: maybe(row.withdrawn),
        }
    }
}

/// Attestations.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Attestations {
    items: Vec<Attestation>,
}

/// A new attestation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAttestation {
    target: String,
    /// The best practice, `OPS01-BP01`.
    practice: String,
    /// Whether it is followed.
    status: Status,
    /// Who is responsible for it.
    owner: String,
    /// The last day it counts, `2027-10-01`.
    #[schema(value_type = String, format = Date)]
    expires: Date,
    /// Where the proof is, `https://…`.
    #[serde(default)]
    link: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

impl NewAttestation {
    /// What is wrong with its fields. `is_target`: the configuration has its target, and the caller sees it.
    fn problems(&self, is_target: bool) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if !is_target {
            let detail = "there is no such target in the configuration";
            problems.push(field("/target", detail.to_owned()));
        }
        let practices = Practices::embedded();
        if !practices.is_ok_and(|all| all.ids().any(|id| id == self.practice)) {
            let detail = "there is no such best practice";
            problems.push(field("/practice", detail.to_owned()));
        }
        let is_too_long = |text: &str| text.chars().count() > LONGEST;
        if self.owner.trim().is_empty() || is_too_long(&self.owner) {
            problems.push(field("/owner", format!("takes 1 to {LONGEST} characters")));
        }
        if self.expires < today() {
            problems.push(field("/expires", "is in the past".to_owned()));
        }
        let link = self.link.as_deref();
        if link.is_some_and(|link| !is_link(link) || link.len() > LONGEST) {
            problems.push(field("/link", "has to begin with https://".to_owned()));
        }
        if self.note.as_deref().is_some_and(is_too_long) {
            problems.push(field("/note", format!("takes up to {LONGEST} characters")));
        }
        problems
    }

    fn into_row(self, made_by: &str, made: Timestamp) -> AttestationRow {
        AttestationRow {
            id: new_id(made),
            target: self.target,
            practice: self.practice,
            status: self.status.id().to_owned(),
            owner: self.owner,
            said: today().to_string(),
            expires: self.expires.to_string(),
            link: self.link,
            note: self.note,
            made_by: made_by.to_owned(),
            made,
            withdrawn: None,
        }
    }
}

fn is_link(link: &str) -> bool {
    let rest = link.strip_prefix("https://").unwrap_or_default();
    rest.starts_with(char::is_alphanumeric)
        && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Attestations, the newest first
#[utoipa::path(get, path = "/api/v1/attestations", operation_id = "listAttestations",
    tag = "decisions",
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = Attestations), (status = "4XX", body = Problem)))]
pub(super) async fn list(
    service: AppState,
    by: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let rows = service.database.attestations().await?;
    let items = rows.into_iter().rev().filter(|row| by.sees(&row.target));
    let items = items.map(Attestation::from).collect();
    tagged(&headers, &Attestations { items })
}

/// Attest a best practice
///
/// It counts from the first audit that begins afterwards. The last one of a practice counts.
#[utoipa::path(post, path = "/api/v1/attestations", operation_id = "attest", tag = "decisions",
    request_body = NewAttestation,
    security(("token" = ["approver"]), ("session" = ["approver"])),
    responses((status = 201, body = Attestation), (status = "4XX", body = Problem)))]
pub(super) async fn add(
    service: AppState,
    by: Caller,
    Body(new): Body<NewAttestation>,
) -> Result<Response, Problem> {
    require_role(&by, Role::Approver)?;
    let is_target = by.sees(&new.target) && service.config.targets.contains_key(&new.target);
    let problems = new.problems(is_target);
    if !problems.is_empty() {
        return Err(Problem::fields(problems));
    }
    let now = Timestamp::now();
    let row = new.into_row(&by.name, now);
    service.database.attest(&row).await?;
    let detail = serde_json::json!({
        "target": row.target, "practice": row.practice, "status": row.status, "owner": row.owner,
        "expires": row.expires,
    });
    service
        .database
        .log(&by.name, ("attestation.make", &row.id), &detail, now)
        .await?;
    Ok((StatusCode::CREATED, Json(Attestation::from(row))).into_response())
}

/// Withdraw an attestation
#[utoipa::path(delete, path = "/api/v1/attestations/{id}", operation_id = "withdrawAttestation",
    tag = "decisions", params(("id" = String, Path, description = "The attestation's id")),
    security(("token" = ["approver"]), ("session" = ["approver"])),
    responses((status = 204, description = "It is withdrawn"), (status = "4XX", body = Problem)))]
pub(super) async fn withdraw(
    service: AppState,
    by: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    require_role(&by, Role::Approver)?;
    let row = service.database.attestation(&id).await?;
    let row = row.filter(|row| by.sees(&row.target));
    let now = Timestamp::now();
    let missing = || Problem::missing("there is no such valid attestation");
    let row = row.ok_or_else(missing)?;
    if !service.database.withdraw_attestation(&id, now).await? {
        return Err(missing());
    }
    let detail = serde_json::json!({"target": row.target, "practice": row.practice});
    service
        .database
        .log(&by.name, ("attestation.withdraw", &id), &detail, now)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
