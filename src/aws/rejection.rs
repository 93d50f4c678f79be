//! Why a request was not sent, or its answer not taken.

use super::throttle::circuit_breaker::Unavailable;
use crate::model::Cause;
use aws_smithy_runtime_api::client::result::ConnectorError;

/// Why the gate did not send a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The operation is not on the read-only list.
    #[error("{0} is not on the list of read-only operations")]
    NotAllowed(String),
    /// The endpoint gave no answer before.
    #[error("the endpoint gave no answer before")]
    Unreachable,
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
    #[error("half an answer")]
    Truncated,
    /// The page that was asked for is one that the same list had before.
    #[error("a page leads to itself")]
    PageLoop,
}

impl Rejection {
    pub(crate) fn as_gap_parts(&self) -> (Cause, String) {
        match self {
            Rejection::NotAllowed(_) => (Cause::Failed, "not a read-only operation".to_owned()),
            Rejection::Unreachable => (Cause::Unreachable, "no connection".to_owned()),
            Rejection::RegionDenied(code) => (Cause::Denied, format!("closed region: {code}")),
            Rejection::Expired => (Cause::Expired, "ExpiredToken".to_owned()),
            Rejection::TimedOut => (Cause::Unreachable, "timed out".to_owned()),
            Rejection::Truncated => (Cause::Failed, "half an answer".to_owned()),
            Rejection::PageLoop => (Cause::Failed, "a page leads to itself".to_owned()),
        }
    }
}

impl From<Unavailable> for Rejection {
    fn from(unavailable: Unavailable) -> Self {
        match unavailable {
            Unavailable::RegionDenied(code) => Self::RegionDenied(code),
            Unavailable::Unreachable => Self::Unreachable,
        }
    }
}

/// A refusal is of kind "other", which the SDK does not retry.
pub(super) fn reject(rejection: Rejection) -> ConnectorError {
    ConnectorError::other(rejection.into(), None)
}
