//! Targets, and their pillars over time and in one audit.

use super::audits::row;
use super::body::{Params, tagged};
use super::context::{AppState, Caller};
use super::guard::require_target;
use super::problem::Problem;
use super::time::{maybe, text};
use crate::store::TrendRow;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What is audited.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Target {
    /// Its name.
    name: String,
    /// Who is responsible for it.
    owners: Vec<String>,
    /// Its regions; `enabled` stands for all that the account has enabled.
    regions: Vec<String>,
    /// When it left the configuration; null while it is in it.
    #[schema(format = DateTime)]
    removed: Option<String>,
    /// The six pillars as its last finished audit saw them; empty before the first.
    pillars: Vec<PillarPoint>,
}

/// One pillar at one moment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PillarPoint {
    /// The audit.
    audit: String,
    /// When it began.
    #[schema(format = DateTime)]
    at: String,
    /// The pillar.
    pillar: String,
    /// From 0 to 100; null where nothing passed or failed.
    score: Option<i64>,
    /// The share of evaluations that had an answer, from 0 to 1; null where there were none.
    coverage: Option<f64>,
    /// Failed evaluations by severity.
    fails: Fails,
    /// Evaluations that could not be decided.
    unknown: i64,
    /// Questions of high risk.
    high_risk_issues: i64,
    /// Questions of medium risk.
    medium_risk_issues: i64,
}

/// Failed evaluations by severity.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Fails {
    critical: i64,
    high: i64,
    medium: i64,
    low: i64,
    info: i64,
}

impl From<TrendRow> for PillarPoint {
    fn from(row: TrendRow) -> Self {
        Self {
            audit: row.run,
            at: text(row.at),
            pillar: row.pillar,
            score: row.score,
            coverage: row.coverage,
            fails: Fails {
                critical: row.critical,
                high: row.high,
                medium: row.medium,
                low: row.low,
                info: row.info,
            },
            unknown: row.unknown,
            high_risk_issues: row.high_risk_issues,
            medium_risk_issues: row.medium_risk_issues,
        }
    }
}

/// All targets.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Targets {
    items: Vec<Target>,
}

/// All targets, with their pillars as the last audit saw them
#[utoipa::path(get, path = "/api/v1/targets", operation_id = "listTargets", tag = "targets",
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = Targets), (status = "4XX", body = Problem)))]
pub(super) async fn list(
    service: AppState,
    by: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut items = Vec::new();
    for row in service.database.targets().await? {
        if !by.sees(&row.name) {
            continue;
        }
        let pillars = service.database.latest(&row.name).await?;
        items.push(Target {
            pillars: pillars.into_iter().map(PillarPoint::from).collect(),
            name: row.name,
            owners: row.owners,
            regions: row.regions,
            removed: maybe(row.removed),
        });
    }
    tagged(&headers, &Targets { items })
}

/// Of which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Days {
    /// How many days back; 90 by default
    #[param(minimum = 1, maximum = 3660)]
    days: Option<i64>,
    /// At most this many audits, spread over the time; all by default
    #[param(minimum = 2, maximum = 1000)]
    most: Option<i64>,
}

/// A target's pillars over time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Trend {
    /// A point for each audit and pillar, oldest first.
    points: Vec<PillarPoint>,
}

/// A target's pillars over time
#[utoipa::path(get, path = "/api/v1/targets/{target}/trend", operation_id = "getTrend",
    tag = "targets", params(("target" = String, Path, description = "The target's name"), Days),
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = Trend), (status = "4XX", body = Problem)))]
pub(super) async fn trend(
    service: AppState,
    by: Caller,
    Path(target): Path<String>,
    Params(asked): Params<Days>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    require_target(&by, &target)?;
    let days = asked.days.unwrap_or(90);
    if !(1..=3660).contains(&days) {
        return Err(Problem::bad("days has to be between 1 and 3660"));
    }
    let back = SignedDuration::from_hours(24 * days);
    let since = Timestamp::now().checked_sub(back).unwrap_or(Timestamp::MIN);
    let rows = match asked.most {
        None => service.database.trend(&target, since).await?,
        Some(most) if (2..=1000).contains(&most) => {
            service.database.sampled_trend(&target, since, most).await?
        }
        Some(_) => return Err(Problem::bad("most has to be between 2 and 1000")),
    };
    let points = rows.into_iter().map(PillarPoint::from).collect();
    tagged(&headers, &Trend { points })
}

/// The six pillars as one audit saw them
#[utoipa::path(get, path = "/api/v1/audits/{id}/pillars", operation_id = "getAuditPillars",
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    tag = "audits", params(("id" = String, Path, description = "The audit's id")),
    responses((status = 200, body = Trend), (status = "4XX", body = Problem)))]
pub(super) async fn pillars(
    service: AppState,
    by: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let run = row(&service, &by, &id).await?;
    let rows = service.database.pillars_of(&run.id).await?;
    let points = rows.into_iter().map(PillarPoint::from).collect();
    tagged(&headers, &Trend { points })
}
