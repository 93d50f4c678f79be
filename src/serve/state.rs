//! What the parts of the service share.

use super::compared::Comparisons;
use super::config::Config;
use super::progress::ProgressBoard;
use super::requests::Requests;
use super::watch_cache::WatchCache;
use crate::store::{Database, Files};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// What the parts of the service share.
pub(super) struct Service {
    /// The configuration.
    pub(super) config: Config,
    /// The database.
    pub(super) database: Database,
    /// Reports and snapshots.
    pub(super) files: Files,
    /// How far the runs of this process are.
    pub(super) board: ProgressBoard,
    /// Audits that somebody watches.
    pub(super) watch_cache: WatchCache,
    /// The last comparisons of audits.
    pub(super) comparisons: Comparisons,
    /// Counts of the requests to this process.
    pub(super) requests: Requests,
    /// Cancelled when the process has to end.
    pub(super) stop: CancellationToken,
    /// Notified when a run was queued, or has ended.
    pub(super) wake: Notify,
    /// The name of this process among the workers.
    pub(super) worker: String,
}
