//! How two audits differ, page by page.

use super::body::{Params, tagged};
use super::context::{AppState, Caller};
use super::findings::names;
use super::page::{cursor, limit, place, words};
use super::problem::Problem;
use super::reports::finished;
use crate::model::{Pillar, Severity};
use crate::report::{Change, ChangeCounts, CompareError, DiffSide, PillarDelta};
use crate::serve::compared::{Compared, NotCompared};
use crate::store::StoreError;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::io;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// With what, and which differences. Lists are separated by commas.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// The id of the earlier audit
    with: String,
    /// Findings that changed in these ways: `new`, `fixed`, `still_failing`, `became_unknown`, `gone`,
    /// `changed`
    change: Option<String>,
    /// Of these severities
    severity: Option<String>,
    /// Of these pillars
    pillar: Option<String>,
    /// Of these checks
    check: Option<String>,
    /// With this text in resource, name, title, check or what the check says; case-insensitive
    #[param(max_length = 200)]
    q: Option<String>,
    /// The cursor of the next page, from the page before
    cursor: Option<String>,
    /// Differences on a page, 50 by default
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// How an audit differs from an earlier one, one page of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DifferencesPage {
    /// The earlier audit.
    #[schema(value_type = Object)]
    old: DiffSide,
    /// The later audit.
    #[schema(value_type = Object)]
    new: DiffSide,
    /// How each pillar differs.
    #[schema(value_type = Vec<Object>)]
    pillars: Vec<PillarDelta>,
    /// How many findings changed in each way, on all pages and whatever is looked for.
    #[schema(value_type = Object)]
    counts: ChangeCounts,
    /// Findings that changed or still fail, the most severe first, as in `diff.json`.
    #[schema(value_type = Vec<Object>)]
    items: Vec<Box<RawValue>>,
    /// Give this as `cursor` to get the next page; null where this is the last.
    next: Option<String>,
}

/// How an audit differs from an earlier one, page by page
#[utoipa::path(get, path = "/api/v1/audits/{id}/differences", operation_id = "listDifferences",
    tag = "audits",
    params(("id" = String, Path, description = "The id of the later audit"), Which),
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, body = DifferencesPage), (status = "4XX", body = Problem)))]
pub(super) async fn list(
    service: AppState,
    by: Caller,
    Path(id): Path<String>,
    Params(which): Params<Which>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = limit(which.limit)?;
    let from: Option<usize> = which.cursor.as_deref().map(place).transpose()?;
    let wanted = Wanted::of(&which)?;
    let (_, new) = finished(&service, &by, &id).await?;
    let (_, old) = finished(&service, &by, &which.with).await?;
    if new == old {
        return Err(Problem::bad("these are the same audit"));
    }
    let make = async {
        let (old, new) = (
            service.files.open_report(&old),
            service.files.open_report(&new),
        );
        let (old, new) = (old.await?, new.await?);
        let compared = in_background(move || Compared::of(old, new)).await?;
        Ok::<_, Problem>(Arc::new(compared?))
    };
    let compared = service.comparisons.of(&id, &which.with, Box::pin(make));
    let compared = compared.await?;
    let reader = Arc::clone(&compared);
    let rows = in_background(move || {
        let coarse = |change: Change, severity: Severity| wanted.matches_key(change, severity);
        let fine = |json: &str| wanted.matches_json(json);
        reader.rows(from.unwrap_or(0), coarse, fine, limit + 1)
    });
    let mut rows = rows.await?.map_err(StoreError::Read)?;
    let next = (rows.len() > limit).then(|| cursor(&rows[limit].place));
    rows.truncate(limit);
    let items: Result<Vec<_>, _> = rows
        .into_iter()
        .map(|row| RawValue::from_string(row.json).map_err(StoreError::from))
        .collect();
    let head = compared.head.clone();
    let page = DifferencesPage {
        old: head.old,
        new: head.new,
        pillars: head.pillars,
        counts: head.counts,
        items: items?,
        next,
    };
    tagged(&headers, &page)
}

/// Runs work that may take a while on a blocking thread, so that other requests do not wait for it.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|error| StoreError::Read(io::Error::other(error)))?)
}

impl From<NotCompared> for Problem {
    fn from(error: NotCompared) -> Self {
        match error {
            NotCompared::Store(error) => error.into(),
            NotCompared::Compare(CompareError::Io(error)) => StoreError::Read(error).into(),
            NotCompared::Compare(error) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
            }
        }
    }
}

/// Which differences are wanted.
struct Wanted {
    changes: Vec<Change>,
    severities: Vec<Severity>,
    pillars: Vec<Pillar>,
    checks: Vec<String>,
    text: Option<String>,
}

impl Wanted {
    fn of(which: &Which) -> Result<Self, Problem> {
        let text = which.q.as_deref().filter(|text| !text.is_empty());
        Ok(Self {
            changes: names("change", which.change.as_deref())?,
            severities: names("severity", which.severity.as_deref())?,
            pillars: names("pillar", which.pillar.as_deref())?,
            checks: words(which.check.as_deref()),
            text: text.map(str::to_lowercase),
        })
    }

    /// Filters by what is known without reading the difference.
    fn matches_key(&self, change: Change, severity: Severity) -> bool {
        (self.changes.is_empty() || self.changes.contains(&change))
            && (self.severities.is_empty() || self.severities.contains(&severity))
    }

    fn matches_json(&self, json: &str) -> bool {
        if self.pillars.is_empty() && self.checks.is_empty() && self.text.is_none() {
            return true;
        }
        let Ok(row) = serde_json::from_str::<Value>(json) else {
            return false;
        };
        let of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let pillar = of(&row["pillar"]);
        let has = |text: &String| {
            let resource = &row["resource"];
            let (id, name) = (&resource["id"], &resource["name"]);
            [id, name, &row["title"], &row["check"], &row["say"]]
                .into_iter()
                .any(|value| of(value).to_lowercase().contains(text))
        };
        (self.pillars.is_empty() || self.pillars.iter().any(|wanted| wanted.id() == pillar))
            && (self.checks.is_empty() || self.checks.contains(&of(&row["check"])))
            && self.text.as_ref().is_none_or(has)
    }
}
