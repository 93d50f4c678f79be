//! What findings can be filtered by.

use super::body::tagged;
use super::context::{AppState, Caller};
use super::problem::Problem;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// The values of the findings that the caller may see; each list is sorted, and cut after a thousand.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FindingValues {
    accounts: Vec<String>,
    regions: Vec<String>,
    services: Vec<String>,
    /// Kinds of resources.
    kinds: Vec<String>,
    /// Ids of checks.
    checks: Vec<String>,
    /// Tags of resources, `key=value`.
    tags: Vec<String>,
    /// Best practices that the checks give evidence for.
    practices: Vec<String>,
    /// Tools and standards that the checks are in.
    frameworks: Vec<String>,
}

/// Values that findings can be filtered by
#[utoipa::path(get, path = "/api/v1/findings/values", operation_id = "listFindingValues",
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    tag = "findings",
    responses((status = 200, body = FindingValues), (status = "4XX", body = Problem)))]
pub(super) async fn values(
    service: AppState,
    by: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = service.database.finding_values(&by.targets).await?;
    let values = FindingValues {
        accounts: found.accounts,
        regions: found.regions,
        services: found.services,
        kinds: found.kinds,
        checks: found.checks,
        tags: found.tags,
        practices: found.practices,
        frameworks: found.frameworks,
    };
    tagged(&headers, &values)
}
