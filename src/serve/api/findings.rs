//! The findings as they are now, and their history.

use super::body::{Params, tagged};
use super::context::{AppState, Caller};
use super::guard::require_target;
use super::page::{Page, cursor, limit, place, words};
use super::problem::Problem;
use super::time::{maybe, text};
use crate::serve::auth::Actor;
use crate::store::{After, Filter, FindingRow, Sort};
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// One check's verdict on one resource, as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Finding {
    /// The target.
    target: String,
    /// The same for the same check and resource in every audit.
    id: String,
    /// The check.
    check: String,
    /// The check's title.
    title: String,
    /// The pillar.
    pillar: String,
    /// The severity.
    #[schema(value_type = String)]
    severity: crate::model::Severity,
    /// `fail`, `unknown`, `exempt`, `pass`, `not_applicable`, or `gone` where the resource is not
    /// there any more.
    verdict: String,
    /// The account.
    account: String,
    /// The region.
    region: String,
    /// The kind of resource.
    kind: String,
    /// The resource's id.
    resource: String,
    /// What people call it.
    name: String,
    /// What the check says of it.
    say: String,
    /// When it was first seen, with any verdict.
    #[schema(format = DateTime)]
    first_seen: String,
    /// The audit that saw it first.
    first_audit: String,
    /// Since when verdict and severity are what they are.
    #[schema(format = DateTime)]
    since: String,
    /// The audit that first saw them so.
    since_audit: String,
    /// When it was last seen.
    #[schema(format = DateTime)]
    last_seen: String,
    /// The audit that saw it last.
    last_audit: String,
    /// When it began to fail, where it does; what is unknown or exempt meanwhile is not fixed.
    #[schema(format = DateTime)]
    failing_since: Option<String>,
}

impl From<FindingRow> for Finding {
    fn from(row: FindingRow) -> Self {
        Self {
            target: row.target,
            id: row.id,
            check: row.check,
            title: row.title,
            pillar: row.pillar,
            severity: row.severity,
            verdict: row.verdict,
            account: row.account,
            region: row.region,
            kind: row.kind,
            resource: row.resource,
            name: row.name,
            say: row.say,
            first_seen: text(row.first_seen),
            first_audit: row.first_run,
            since: text(row.since),
            since_audit: row.since_run,
            last_seen: text(row.last_seen),
            last_audit: row.last_run,
            failing_since: maybe(row.failing_since),
        }
    }
}

/// Which findings. Lists are separated by commas; a comma in a value is written `\,`.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Of these targets
    target: Option<String>,
    /// Of these accounts
    account: Option<String>,
    /// Of these regions
    region: Option<String>,
    /// Of these pillars
    pillar: Option<String>,
    /// Of these severities
    severity: Option<String>,
    /// With these verdicts; all but `gone` by default
    verdict: Option<String>,
    /// Of these services
    service: Option<String>,
    /// Of these kinds
    kind: Option<String>,
    /// Of these checks
    check: Option<String>,
    /// Of resources with any of these tags, each `key=value`
    tag: Option<String>,
    /// Of checks that give evidence for any of these best practices, such as `SEC08-BP04`
    practice: Option<String>,
    /// Of checks that are in any of these tools or standards: its name, or its name and an id
    framework: Option<String>,
    /// Of checks whose remedy takes this effort: `minutes`, `hours` or `days`
    effort: Option<String>,
    /// With this text in the resource's id, ARN, name or tags, in the check's id, title or best
    /// practices, or in what the check says; case-insensitive
    #[param(max_length = 200)]
    q: Option<String>,
    /// The sort order, `severity` by default
    #[param(inline)]
    sort: Option<Sort>,
    /// The cursor of the next page, from the page before
    cursor: Option<String>,
    /// Findings on a page, 50 by default
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// Verdicts that are stored.
const VERDICTS: [&str; 6] = [
    "fail",
    "unknown",
    "exempt",
    "pass",
    "not_applicable",
    "gone",
];

/// Findings as they are now
#[utoipa::path(get, path = "/api/v1/findings", operation_id = "listFindings", tag = "findings",
    params(Which),
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = Page<Finding>), (status = "4XX", body = Problem)))]
pub(super) async fn list(
    service: AppState,
    by: Caller,
    Params(which): Params<Which>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = limit(which.limit)?;
    let filter = filter(&by, &which)?;
    let after: Option<After> = which.cursor.as_deref().map(place).transpose()?;
    let sort = which
        .sort
        .or(after.as_ref().map(|after| after.sort))
        .unwrap_or_default();
    if after.as_ref().is_some_and(|after| after.sort != sort) {
        return Err(Problem::bad("cursor belongs to another order"));
    }
    let found = service
        .database
        .findings(&filter, sort, after.as_ref(), limit)
        .await?;
    let page = Page {
        items: found.rows.into_iter().map(Finding::from).collect(),
        next: found.next.as_ref().map(cursor),
        total: found.total,
    };
    tagged(&headers, &page)
}

fn filter(actor: &Actor, which: &Which) -> Result<Filter, Problem> {
    let mut targets = words(which.target.as_deref());
    for target in &targets {
        require_target(actor, target)?;
    }
    if targets.is_empty() {
        targets.clone_from(&actor.targets);
    }
    let verdicts = words(which.verdict.as_deref());
    if let Some(bad) = verdicts
        .iter()
        .find(|verdict| !VERDICTS.contains(&verdict.as_str()))
    {
        return Err(Problem::bad(format!(
            "`{bad}` is not one of {}",
            VERDICTS.join(", ")
        )));
    }
    Ok(Filter {
        targets,
        accounts: words(which.account.as_deref()),
        regions: words(which.region.as_deref()),
        pillars: names("pillar", which.pillar.as_deref())?,
        severities: names("severity", which.severity.as_deref())?,
        verdicts,
        services: words(which.service.as_deref()),
        kinds: words(which.kind.as_deref()),
        checks: words(which.check.as_deref()),
        tags: words(which.tag.as_deref()),
        practices: words(which.practice.as_deref()),
        frameworks: words(which.framework.as_deref()),
        efforts: names("effort", which.effort.as_deref())?,
        text: which.q.clone().filter(|text| !text.is_empty()),
    })
}

/// Parses a list of names of an enumeration.
pub(super) fn names<T: DeserializeOwned>(
    field: &str,
    text: Option<&str>,
) -> Result<Vec<T>, Problem> {
    let parse = |word: String| {
        let value = serde_json::Value::String(word);
        serde_json::from_value(value).map_err(|error| Problem::bad(format!("{field}: {error}")))
    };
    words(text).into_iter().map(parse).collect()
}

/// One finding, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FindingWithHistory {
    /// Its current state.
    #[serde(flatten)]
    finding: Finding,
    /// Its changes of verdict or severity, oldest first.
    history: Vec<Change>,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Change {
    /// When the audit began that saw it.
    #[schema(format = DateTime)]
    at: String,
    /// That audit.
    audit: String,
    /// The verdict from then on.
    verdict: String,
    /// The severity from then on.
    #[schema(value_type = String)]
    severity: crate::model::Severity,
}

/// One finding, with its history
#[utoipa::path(get, path = "/api/v1/findings/{target}/{id}", operation_id = "getFinding",
    tag = "findings", params(("target" = String, Path, description = "The target's name"),
        ("id" = String, Path, description = "The finding's id")),
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = FindingWithHistory), (status = "4XX", body = Problem)))]
pub(super) async fn show(
    service: AppState,
    by: Caller,
    Path((target, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    require_target(&by, &target)?;
    let row = service.database.finding(&target, &id).await?;
    let row = row.ok_or_else(|| Problem::missing("there is no such finding"))?;
    let history = service.database.history(&target, &id).await?;
    let history = history.into_iter().map(|change| Change {
        at: text(change.at),
        audit: change.run,
        verdict: change.verdict,
        severity: change.severity,
    });
    let found = FindingWithHistory {
        finding: row.into(),
        history: history.collect(),
    };
    tagged(&headers, &found)
}
