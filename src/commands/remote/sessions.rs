//! `remote sessions …`: who is logged in.

use super::lists::{cell, show};
use crate::cli::ListFormat;
use crate::commands::output::{print, print_json};
use crate::commands::{CommandError, ExitStatus};
use crate::remote::{Service, path};
use serde_json::json;

/// `remote sessions list`.
pub(super) async fn list(
    service: &Service,
    format: ListFormat,
) -> Result<ExitStatus, CommandError> {
    let answer = service.get("/api/v1/sessions").await?;
    let sessions = answer["items"].as_array();
    let sessions = sessions.ok_or_else(|| service.unexpected_answer("a list without items"))?;
    if format == ListFormat::Json {
        return print_json(&json!(sessions));
    }
    let columns = ["subject", "name", "role", "made", "seen", "expires"];
    let rows = sessions.iter();
    let rows = rows.map(|session| columns.map(|column| cell(&session[column])).to_vec());
    show(&columns, rows, None)
}

/// `remote sessions end`.
pub(super) async fn end(service: &Service, subject: &str) -> Result<ExitStatus, CommandError> {
    let ended = service.delete(&path("/api/v1/sessions", subject)).await?;
    let sessions = ended["sessions"].as_u64();
    let sessions = sessions.ok_or_else(|| service.unexpected_answer("no number of sessions"))?;
    print(&format!("ended: {sessions}\n"))
}
