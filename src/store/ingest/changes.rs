//! What a run changed, for the run itself and for messages.

use crate::model::{Pillar, Severity};
use crate::store::StoreError;

/// How findings changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Findings that fail and did not before.
    pub new_fails: i64,
    /// Findings that failed before and now pass, no longer apply, or are gone with their resource.
    pub fixed: i64,
    /// The changes that messages tell, at most a hundred thousand.
    pub news: Vec<News>,
}

/// The most news of one run that are kept: messages name a few and count the rest.
const MOST_NEWS: usize = 100_000;

impl Changes {
    /// Adds a change that messages tell, up to a limit.
    pub(super) fn record_news(
        &mut self,
        news: impl FnOnce() -> Result<News, StoreError>,
    ) -> Result<(), StoreError> {
        if self.news.len() < MOST_NEWS {
            self.news.push(news()?);
        }
        Ok(())
    }
}

/// A finding that began to fail, became more severe, or does not fail any more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in a finding")]
pub struct News {
    pub id: String,
    pub check: String,
    pub title: String,
    pub pillar: Pillar,
    pub severity: Severity,
    pub account: String,
    pub region: String,
    pub resource: String,
    /// The severity with which it failed before; none if it did not.
    pub was: Option<Severity>,
    /// Whether it fails now.
    pub fails: bool,
}

/// Verdict of a finding whose resource is not there any more.
pub(super) const GONE: &str = "gone";
