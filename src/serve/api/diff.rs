//! How two audits differ.

use super::body::Params;
use super::context::{AppState, Caller};
use super::problem::Problem;
use super::reports::{PAGE, finished, written};
use crate::cli::DiffFormat;
use crate::commands::output;
use crate::report::{CompareError, Diff, has_page};
use crate::store::StoreError;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::io;
use utoipa::{IntoParams, ToSchema};

/// A format of a diff.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    /// Complete and versioned.
    #[default]
    Json,
    /// For people.
    Text,
    /// For pull requests.
    Markdown,
    /// One page.
    Html,
}

/// With what, and in which format.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct With {
    /// The id of the earlier audit
    with: String,
    /// The format, `json` by default
    #[param(inline)]
    #[serde(default)]
    format: Form,
}

/// How an audit differs from an earlier one
#[utoipa::path(get, path = "/api/v1/audits/{id}/diff", operation_id = "getDiff", tag = "audits",
    params(("id" = String, Path, description = "The id of the later audit"), With),
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, description = "The diff", content_type = "application/json"),
        (status = "4XX", body = Problem)))]
pub(super) async fn diff(
    service: AppState,
    by: Caller,
    Path(id): Path<String>,
    Params(with): Params<With>,
) -> Result<Response, Problem> {
    let (_, new) = finished(&service, &by, &id).await?;
    let (_, old) = finished(&service, &by, &with.with).await?;
    if new == old {
        return Err(Problem::bad("these are the same audit"));
    }
    let (format, media_type) = match with.format {
        Form::Json => (DiffFormat::Json, "application/json"),
        Form::Text => (DiffFormat::Text, "text/plain; charset=utf-8"),
        Form::Markdown => (DiffFormat::Markdown, "text/markdown; charset=utf-8"),
        Form::Html => (DiffFormat::Html, "text/html; charset=utf-8"),
    };
    if with.format == Form::Html && !has_page() {
        return Err(Problem::missing(
            "this build of the program has no report page",
        ));
    }
    let old = service.files.open_report(&old).await?;
    let new = service.files.open_report(&new).await?;
    let compare = move || {
        let old = old.report()?;
        let compared = new.report()?.since(&old);
        Ok::<_, StoreError>(compared.map(|new| Diff { old, new }))
    };
    let compared = tokio::task::spawn_blocking(compare).await;
    let compared = compared.map_err(|error| StoreError::Read(io::Error::other(error)))??;
    let diff = compared.map_err(|error| match error {
        CompareError::Io(error) => Problem::from(StoreError::Read(error)),
        error => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
    })?;
    let (_, fill) = output::diff_form(format);
    let body = written(move |out| Ok(fill(&diff, out)?)).await?;
    let mut response = ([(header::CONTENT_TYPE, media_type)], body).into_response();
    if with.format == Form::Html {
        let policy = header::HeaderValue::from_static(PAGE);
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}
