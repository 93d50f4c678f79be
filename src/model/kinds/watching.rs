//! What is computed for any kind that a file declares: which alarms watch a resource, and whether
//! AWS Backup protects it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The alarms that watch a resource, of those that lead to an action.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Watching {
    /// Whether any of its metrics is watched by an alarm that leads to an action, be it through a
    /// composite alarm.
    pub watched: bool,
    /// The names of those metrics, sorted.
    pub metrics: Vec<String>,
}

/// Whether AWS Backup protects a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Whether AWS Backup has ever backed it up and still holds it as a protected resource.
    pub protected: bool,
    /// When it was last backed up; null if it is not protected.
    pub last_backup_time: Option<Timestamp>,
}
