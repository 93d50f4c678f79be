//! How a finding changed, and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of a finding since an earlier report.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It fails, and did not fail before.
    New,
    /// It failed, and by the same rule it now passes or does not concern the resource any more.
    Fixed,
    /// It failed and fails.
    StillFailing,
    /// It had an answer and has none now, or it failed and was not read again.
    BecameUnknown,
    /// It failed, and its resource is not in the list any more, which was read to its end.
    Gone,
    /// It failed, and now the policy, the check or what was scanned is another.
    Changed,
}

impl Change {
    /// All, in the order in which they are shown.
    pub const ALL: [Change; 6] = [
        Change::New,
        Change::BecameUnknown,
        Change::Fixed,
        Change::Gone,
        Change::Changed,
        Change::StillFailing,
    ];

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Change::New => "new",
            Change::Fixed => "fixed",
            Change::StillFailing => "still failing",
            Change::BecameUnknown => "became unknown",
            Change::Gone => "gone",
            Change::Changed => "changed",
        }
    }
}

/// Why a finding changed, where its verdicts alone do not say it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The check was not run before.
    CheckAdded,
    /// The check or its parameters are not what they were.
    RuleChanged,
    /// The policy exempts it now.
    Exempted,
    /// The check was not run this time.
    CheckNotRun,
    /// The account was not scanned this time.
    AccountNotScanned,
    /// The region was not scanned this time.
    RegionNotScanned,
    /// Only resources with certain tags were judged this time.
    TagsNotSelected,
    /// The account could not be entered.
    AccountNotRead,
    /// The list that the resource would be in could not be read to its end.
    ListNotRead,
}

impl Why {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Why::CheckAdded => "the check was not run before",
            Why::RuleChanged => "the check or its parameters changed",
            Why::Exempted => "the policy exempts it",
            Why::CheckNotRun => "the check was not run",
            Why::AccountNotScanned => "the account was not scanned",
            Why::RegionNotScanned => "the region was not scanned",
            Why::TagsNotSelected => "only resources with certain tags were judged",
            Why::AccountNotRead => "an account could not be accessed",
            Why::ListNotRead => "its list could not be read completely",
        }
    }
}
