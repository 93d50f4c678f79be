//! What became of a finding, and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a finding changed since an earlier report.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It fails, and did not fail before.
    New,
    /// It failed, and by the same rule it now passes or no longer applies.
    Fixed,
    /// It failed and fails.
    StillFailing,
    /// It was decided and is unknown now, or it failed and was not read again.
    BecameUnknown,
    /// It failed, and its resource is no longer in the complete list.
    Gone,
    /// It failed, and the policy, the check or the scope of the scan has changed.
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

/// Why a finding changed, if its verdicts do not show it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The check was not run before.
    CheckAdded,
    /// The check or its parameters changed.
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
    /// The list of the resource could not be read completely.
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
