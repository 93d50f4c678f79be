//! Something about a scan that its reader should know and that is no finding.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something about a scan that its reader should know: an expired exemption, a broken check, an
/// account that could not be entered.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Notice {
    /// What sort it is, in `snake_case`: `exemption_expired`, `exemption_unused`, `check_broken`,
    /// `account_unreadable` …
    pub kind: String,
    /// One or two sentences.
    pub message: String,
    /// The file and line, account, region or check it is about.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl Notice {
    /// A notice about no place in particular.
    #[must_use]
    pub fn new(kind: &str, message: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            message: message.into(),
            place: None,
        }
    }

    /// The same about a place.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }
}
