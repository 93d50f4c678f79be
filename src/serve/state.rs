//! What the parts of the service share.

use super::compared::Comparisons;
use super::config::Config;
use super::looks::Looks;
use super::progress::Board;
use super::requests::Requests;
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
    pub(super) board: Board,
    /// What is watched.
    pub(super) looks: Looks,
    /// How audits differ.
    pub(super) comparisons: Comparisons,
    /// What this process was asked.
    pub(super) requests: Requests,
    /// The process ends.
    pub(super) stop: CancellationToken,
    /// Something was queued or cancelled.
    pub(super) wake: Notify,
    /// The name of this process among the workers.
    pub(super) worker: String,
}
