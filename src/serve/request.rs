//! The request of a run, as the database stores it.

use super::config::duration;
use super::file::{ScheduleFile, Scope};
use serde::{Deserialize, Serialize};

/// What a run has to do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Request {
    /// What it is narrowed to.
    #[serde(default)]
    pub(super) scope: Scope,
    /// US dollars that billed reads may cost.
    #[serde(default)]
    pub(super) allow_paid_usd: f64,
    /// Ends the reading after this time, in seconds.
    #[serde(default)]
    pub(super) deadline_seconds: Option<u64>,
}

impl Request {
    /// The request of a schedule.
    #[must_use]
    pub(super) fn of(schedule: &ScheduleFile) -> Self {
        let deadline = schedule.deadline.as_deref().map(duration);
        Self {
            scope: schedule.scope.clone(),
            allow_paid_usd: schedule.allow_paid_usd,
            deadline_seconds: deadline
                .and_then(Result::ok)
                .map(|time| time.as_secs().unsigned_abs()),
        }
    }

    /// The scope as it is stored. Equal scopes have the same text.
    #[must_use]
    pub(super) fn scope_text(&self) -> String {
        // This cannot fail: there are only lists and texts.
        serde_json::to_string(&self.scope).unwrap_or_default()
    }

    /// As it is stored. Equal requests have the same text.
    #[must_use]
    pub(super) fn text(&self) -> String {
        // This cannot fail: there are only lists, texts and numbers.
        serde_json::to_string(self).unwrap_or_default()
    }
}
