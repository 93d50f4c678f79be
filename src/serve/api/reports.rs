//! Reports of finished audits, in every format.

use super::audits::row;
use super::body::{Params, has, set_tag};
use super::context::{AppState, Caller};
use super::problem::Problem;
use crate::cli::Format;
use crate::commands::output;
use crate::report::has_page;
use crate::serve::auth::Actor;
use crate::serve::state::Service;
use crate::store::{RunRow, StoreError, StoredReport};
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::io::{self, BufReader, BufWriter, Seek, Write};
use tokio_util::io::ReaderStream;
use utoipa::{IntoParams, ToSchema};

/// A format of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ReportFormat {
    /// Complete and versioned.
    #[default]
    Json,
    /// For people.
    Text,
    /// A finding a line.
    Ndjson,
    /// One page.
    Html,
    /// For pull requests.
    Markdown,
    /// For spreadsheets.
    Csv,
    /// Compliance Findings of OCSF.
    Ocsf,
    /// For AWS Security Hub.
    Asff,
    /// For code scanning.
    Sarif,
    /// For build servers.
    Junit,
    /// Counts as metrics.
    Prometheus,
}

impl ReportFormat {
    fn format(self) -> Format {
        match self {
            Self::Json => Format::Json,
            Self::Text => Format::Text,
            Self::Ndjson => Format::Ndjson,
            Self::Html => Format::Html,
            Self::Markdown => Format::Markdown,
            Self::Csv => Format::Csv,
            Self::Ocsf => Format::Ocsf,
            Self::Asff => Format::Asff,
            Self::Sarif => Format::Sarif,
            Self::Junit => Format::Junit,
            Self::Prometheus => Format::Prometheus,
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Json | Self::Ocsf | Self::Asff | Self::Sarif => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Html => "text/html; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Junit => "application/xml",
            Self::Text | Self::Prometheus => "text/plain; charset=utf-8",
        }
    }
}

/// The page of a report has its own scripts and styles, and loads nothing from the network.
pub(super) const PAGE: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
     img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     sandbox allow-scripts allow-popups allow-downloads";

/// In which format.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct How {
    /// The format, `json` by default
    #[param(inline)]
    #[serde(default)]
    format: ReportFormat,
}

/// The report of a finished audit
#[utoipa::path(get, path = "/api/v1/audits/{id}/report", operation_id = "getReport",
    tag = "audits", params(("id" = String, Path, description = "The audit's id"), How),
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, description = "The report", content_type = "application/json"),
        (status = "4XX", body = Problem)))]
pub(super) async fn report(
    service: AppState,
    by: Caller,
    Path(id): Path<String>,
    Params(how): Params<How>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (row, folder) = finished(&service, &by, &id).await?;
    if how.format == ReportFormat::Html && !has_page() {
        return Err(Problem::missing(
            "this build of the program has no report page",
        ));
    }
    // A finished audit does not change, and this version always writes it in the same way.
    let (format, version) = (how.format, env!("CARGO_PKG_VERSION"));
    let tag = format!(
        "W/\"{}-{}-{}-{version}\"",
        row.id,
        row.token,
        format.media_type()
    );
    let mut response = if has(&headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let stored = service.files.open_report(&folder).await?;
        let body = written(move |out| render(stored, format, out)).await?;
        ([(header::CONTENT_TYPE, format.media_type())], body).into_response()
    };
    set_tag(&mut response, &tag);
    let (name, _) = output::form(format.format());
    if let Ok(value) = HeaderValue::from_str(&format!("inline; filename=\"{name}\"")) {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, value);
    }
    if format == ReportFormat::Html {
        let policy = HeaderValue::from_static(PAGE);
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// An audit with a report that is still there, and the report's folder.
pub(super) async fn finished(
    service: &Service,
    actor: &Actor,
    id: &str,
) -> Result<(RunRow, String), Problem> {
    let row = row(service, actor, id).await?;
    match (row.removed, row.folder.clone()) {
        (None, Some(folder)) => Ok((row, folder)),
        (Some(_), _) => Err(Problem::new(
            StatusCode::GONE,
            "the report of this audit was removed; its findings and numbers are kept",
        )),
        (None, None) => Err(Problem::conflict(
            "this audit has no report: it is not finished",
        )),
    }
}

fn render(
    stored: StoredReport,
    format: ReportFormat,
    out: &mut dyn Write,
) -> Result<(), StoreError> {
    if format == ReportFormat::Json {
        io::copy(&mut BufReader::new(stored.json()?), out)?;
        return Ok(());
    }
    let (_, fill) = output::form(format.format());
    fill(&stored.report()?, out)?;
    Ok(())
}

/// A body of any size. It is written to an unnamed temporary file, and sent from there.
pub(super) async fn written(
    fill: impl FnOnce(&mut dyn Write) -> Result<(), StoreError> + Send + 'static,
) -> Result<Body, Problem> {
    let write = move || {
        let mut content = tempfile::tempfile()?;
        let mut out = BufWriter::with_capacity(1 << 16, &mut content);
        fill(&mut out)?;
        out.flush()?;
        drop(out);
        content.rewind()?;
        Ok::<_, StoreError>(content)
    };
    let content = tokio::task::spawn_blocking(write).await;
    let content = content.map_err(|error| StoreError::Read(io::Error::other(error)))??;
    let content = tokio::fs::File::from_std(content);
    Ok(Body::from_stream(ReaderStream::with_capacity(
        content,
        1 << 16,
    )))
}
