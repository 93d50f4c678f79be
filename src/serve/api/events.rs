//! The progress of an audit as server-sent events.

use super::audits::{Audit, row};
use super::context::{AppState, Caller};
use super::problem::Problem;
use crate::serve::auth::Actor;
use crate::serve::state::Service;
use axum::extract::Path;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::stream::{Stream, unfold};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often an audit is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// How long one stream lasts. The client then reconnects by itself, and is identified again: its session or
/// token may be over.
const MAX_STREAM_AGE: Duration = Duration::from_mins(15);

/// An audit that is watched.
struct Watched {
    service: Arc<Service>,
    actor: Actor,
    id: String,
    last: Option<Audit>,
    begun: Instant,
}

/// Watch an audit: an event `audit` with all of it whenever something changes, until it is over
#[utoipa::path(get, path = "/api/v1/audits/{id}/events", operation_id = "watchAudit",
    tag = "audits", params(("id" = String, Path, description = "The audit's id")),
    security(("token" = ["viewer"]), ("session" = ["viewer"])),
    responses((status = 200, content_type = "text/event-stream", body = Audit),
        (status = "4XX", body = Problem)))]
pub(super) async fn events(
    service: AppState,
    by: Caller,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    // Errors are reported before the stream begins.
    row(&service, &by, &id).await?;
    let watched = Watched {
        service: Arc::clone(&service),
        actor: by.0,
        id,
        last: None,
        begun: Instant::now(),
    };
    let stream = unfold(Some(watched), |watched| async {
        let mut watched = watched?;
        let audit = watched.next().await?;
        let event = Event::default().event("audit").json_data(&audit).ok()?;
        let over = audit.state.is_over();
        watched.last = Some(audit);
        Some((Ok(event), (!over).then_some(watched)))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

impl Watched {
    /// The audit, once it differs from what was sent last. `None` ends the stream.
    async fn next(&self) -> Option<Audit> {
        while self.begun.elapsed() < MAX_STREAM_AGE {
            let service = &self.service;
            let row = service.watch_cache.run(&service.database, &self.id).await;
            // Without a row the stream ends. Its client reconnects by itself, and gets an error or the audit.
            let row = row.filter(|row| self.actor.sees(&row.target))?;
            let audit = Audit::of(row, &service.board).ok()?;
            if self.last.as_ref() != Some(&audit) {
                return Some(audit);
            }
            tokio::select! {
                () = self.service.stop.cancelled() => return None,
                () = tokio::time::sleep(POLL_INTERVAL) => {}
            }
        }
        None
    }
}
