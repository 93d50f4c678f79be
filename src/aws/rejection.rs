//! Why a request was not sent, or why its answer was discarded.

use super::connection_error::ConnectionError;
use super::throttle::circuit_breaker::{Reason, Unavailable};
use super::throttle::operation_breaker::GivenUp;
use crate::model::Cause;
use aws_smithy_runtime_api::client::result::ConnectorError;

/// What a gap says of an answer without its end, and of none in time.
pub(super) const TRUNCATED: &str = "an answer without its end; given up";
pub(super) const TIMED_OUT: &str = "timed out";

/// Why the gate did not send a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The operation is not on the read-only list.
    #[error("{0} is not on the list of read-only operations")]
    NotAllowed(String),
    /// The endpoint gave no answer before.
    #[error("the endpoint gave no answer before")]
    Unreachable(Reason),
    /// The operation failed for several resources in a row.
    #[error("the operation failed before: {}", .0.detail)]
    GivenUp(GivenUp),
    /// AWS refuses every call in the region, with this code.
    #[error("the region is closed: {0}")]
    RegionDenied(String),
    /// The account's credentials have expired, and there are no others.
    #[error("the credentials have expired")]
    Expired,
    /// No answer in time, as often as that is waited for.
    #[error("no answer in time")]
    TimedOut,
    /// The answer's XML has no end.
    #[error("an answer without its end")]
    Truncated,
    /// The page that was requested is one that the same list had before.
    #[error("a page leads to itself")]
    PageLoop,
    /// The answer says that there is more, and not where.
    #[error("an answer goes on nowhere")]
    NoNextPage,
}

impl Rejection {
    pub(crate) fn as_gap_parts(&self) -> (Cause, String) {
        match self {
            Rejection::NotAllowed(_) => (Cause::Failed, "not a read-only operation".to_owned()),
            Rejection::Unreachable(reason) => unreachable(reason.as_deref()),
            Rejection::GivenUp(GivenUp { cause, detail }) => (*cause, detail.clone()),
            Rejection::RegionDenied(code) => (Cause::Denied, format!("closed region: {code}")),
            Rejection::Expired => (Cause::Expired, "ExpiredToken".to_owned()),
            Rejection::TimedOut => (Cause::Unreachable, TIMED_OUT.to_owned()),
            Rejection::Truncated => (Cause::Failed, TRUNCATED.to_owned()),
            Rejection::PageLoop => (Cause::Failed, "a page leads to itself".to_owned()),
            Rejection::NoNextPage => (Cause::Failed, "an answer goes on nowhere".to_owned()),
        }
    }
}

impl From<Unavailable> for Rejection {
    fn from(unavailable: Unavailable) -> Self {
        match unavailable {
            Unavailable::RegionDenied(code) => Self::RegionDenied(code),
            Unavailable::Unreachable(reason) => Self::Unreachable(reason),
        }
    }
}

/// Cause and detail of what no connection leads to.
pub(super) fn unreachable(reason: Option<&ConnectionError>) -> (Cause, String) {
    let detail = reason.map_or_else(|| "no connection".to_owned(), ConnectionError::detail);
    (Cause::Unreachable, detail)
}

/// A refusal is of kind "other", which the SDK does not retry.
pub(super) fn reject(rejection: Rejection) -> ConnectorError {
    ConnectorError::other(rejection.into(), None)
}
