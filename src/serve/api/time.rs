//! Times in answers.

use jiff::Timestamp;

/// A time as answers have it, `2027-03-31T03:00:00Z`.
pub(super) fn text(at: Timestamp) -> String {
    at.to_string()
}

/// The same for an optional time.
pub(super) fn maybe(at: Option<Timestamp>) -> Option<String> {
    at.map(text)
}
