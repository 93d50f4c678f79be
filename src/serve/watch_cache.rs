//! Watched audits: one query serves all clients that watch the same audit.

use crate::store::{Database, RunRow};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long the result of a query serves other clients.
const MAX_AGE: Duration = Duration::from_millis(250);

/// The last results, by the run's id.
#[derive(Debug, Default)]
pub(super) struct WatchCache(Mutex<HashMap<String, (Instant, Option<RunRow>)>>);

impl WatchCache {
    /// A run as it was at most a moment ago; `None` if there is no such run or the database does not
    /// answer.
    pub(super) async fn run(&self, database: &Database, id: &str) -> Option<RunRow> {
        // The lock is held during the query, so that all who wait for it get the same answer.
        let mut cache = self.0.lock().await;
        if let Some((at, row)) = cache.get(id)
            && at.elapsed() < MAX_AGE
        {
            return row.clone();
        }
        let row = match database.run(id).await {
            Ok(row) => row,
            Err(error) => {
                tracing::warn!(%error, "a watched audit cannot be looked at");
                None
            }
        };
        cache.retain(|_, (at, _)| at.elapsed() < MAX_AGE);
        cache.insert(id.to_owned(), (Instant::now(), row.clone()));
        row
    }
}
