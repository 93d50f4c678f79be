//! Filters for findings, and their order.

use crate::model::finding::Effort;
use crate::model::{Pillar, Severity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The sort order of findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// The most severe first.
    #[default]
    Severity,
    /// What changed last first.
    Since,
    /// By check.
    Check,
    /// By resource.
    Resource,
}

impl Sort {
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Since => "since",
            Self::Check => "check_id",
            Self::Resource => "resource",
        }
    }

    /// Whether the greatest is first.
    pub(super) fn descends(self) -> bool {
        matches!(self, Self::Severity | Self::Since)
    }
}

/// A cursor: the last finding of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// How the page is sorted.
    pub sort: Sort,
    pub(super) number: Option<i64>,
    pub(super) text: Option<String>,
    pub(super) target: String,
    pub(super) id: String,
}

/// Which findings to return. Empty lists do not restrict them.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of these targets.
    pub targets: Vec<String>,
    /// Of these accounts.
    pub accounts: Vec<String>,
    /// Of these regions.
    pub regions: Vec<String>,
    /// Of these pillars.
    pub pillars: Vec<Pillar>,
    /// Of these severities.
    pub severities: Vec<Severity>,
    /// With these verdicts, including `gone`. An empty list means all but `gone`.
    pub verdicts: Vec<String>,
    /// Of these services.
    pub services: Vec<String>,
    /// Of these kinds.
    pub kinds: Vec<String>,
    /// Of these checks.
    pub checks: Vec<String>,
    /// With any of these tags, `key=value`.
    pub tags: Vec<String>,
    /// Of checks that give evidence for any of these best practices.
    pub practices: Vec<String>,
    /// Of checks that belong to any of these tools or standards, each given by its name, or its name and an
    /// id.
    pub frameworks: Vec<String>,
    /// Of checks whose remedy takes this much effort.
    pub efforts: Vec<Effort>,
    /// With this text in the resource's id, ARN, name or tags, in the check's id, title or best
    /// practices, or in what the check says. Capital letters do not matter.
    pub text: Option<String>,
}

impl Filter {
    /// Whether the database has to scan every finding, because no index answers the filter.
    pub(super) fn looks_into_all(&self) -> bool {
        self.text.is_some() || !self.tags.is_empty()
    }
}
