//! Why a request was not sent, or its answer not taken.

use super::door::Shut;
use crate::model::Cause;
use aws_smithy_runtime_api::client::result::ConnectorError;

/// Why the gate did not send a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The operation is not on the read-only list.
    #[error("{0} is not on the list of read-only operations")]
    NotAllowed(String),
    /// The endpoint gave no answer before.
    #[error("the endpoint gave no answer before")]
    Unreachable,
    /// AWS refuses every call in the region, with this code.
    #[error("the region is closed: {0}")]
    Closed(String),
    /// The account's credentials have expired, and there are no others.
    #[error("the credentials have expired")]
    Expired,
    /// No answer in time, as often as that is waited for.
    #[error("no answer in time")]
    Unanswered,
    /// The answer's XML has no end.
    #[error("half an answer")]
    Half,
    /// The page that was asked for is one that the same list had before.
    #[error("a page leads to itself")]
    Circle,
}

impl Refused {
    pub(crate) fn as_gap_parts(&self) -> (Cause, String) {
        match self {
            Refused::NotAllowed(_) => (Cause::Failed, "not a read-only operation".to_owned()),
            Refused::Unreachable => (Cause::Unreachable, "no connection".to_owned()),
            Refused::Closed(code) => (Cause::Denied, format!("closed region: {code}")),
            Refused::Expired => (Cause::Expired, "ExpiredToken".to_owned()),
            Refused::Unanswered => (Cause::Unreachable, "timed out".to_owned()),
            Refused::Half => (Cause::Failed, "half an answer".to_owned()),
            Refused::Circle => (Cause::Failed, "a page leads to itself".to_owned()),
        }
    }
}

impl From<Shut> for Refused {
    fn from(shut: Shut) -> Self {
        match shut {
            Shut::Closed(code) => Self::Closed(code),
            Shut::Unreachable => Self::Unreachable,
        }
    }
}

/// A refusal is of kind "other", which the SDK does not retry.
pub(super) fn refuse(refused: Refused) -> ConnectorError {
    ConnectorError::other(refused.into(), None)
}
