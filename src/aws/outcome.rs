//! What an answer means for later requests: go on, slow down, or stop.
//!
//! The SDK reads the same answer again, in the operation's own terms; see `error`.

use super::connection_error::ConnectionError;
use super::error::{DENIED, EXPIRED, REGION_DENIED, THROTTLED, by_code};
use super::rejection::{Rejection, TIMED_OUT, TRUNCATED, unreachable};
use super::throttle::circuit_breaker::{CallResult, Reason};
use super::throttle::ledger::AttemptStatus;
use super::throttle::operation_breaker::{GivenUp, OperationResult};
use crate::model::Cause;
use aws_smithy_cbor::Decoder;
use aws_smithy_cbor::data::Type;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use std::sync::Arc;
use std::time::Duration;

/// The words by which AWS says that an organisation's policy refused, and not the caller's own
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>).
const BY_ORGANISATION: &str = "service control policy";
/// The longest wait that a `Retry-After` can cause.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Attempts after which a call whose answer is none of AWS's, or none in time, counts as failed. What
/// AWS says of its own failures passes more often, and is waited for to the last attempt.
pub(super) const ENOUGH: u32 = 3;

/// Which attempt of a call it is, from 1, and how many there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attempt {
    pub(super) number: u32,
    pub(super) of: u32,
}

impl Attempt {
    fn is_last(self) -> bool {
        self.number >= self.of
    }

    /// Whether others like it have failed often enough.
    pub(super) fn is_enough(self) -> bool {
        self.number >= ENOUGH.min(self.of)
    }
}

/// The errors of a call that are answers, such as "not enabled": by code, and by a fragment of the
/// message where AWS uses the code for several things.
#[derive(Debug, Clone, Default)]
pub(super) struct ExpectedErrors(pub(super) Arc<[(String, Option<String>)]>);

impl Storable for ExpectedErrors {
    type Storer = StoreReplace<Self>;
}

impl ExpectedErrors {
    fn has(&self, response: &HttpResponse) -> bool {
        let given = code(response);
        let body = response.body().bytes().unwrap_or_default();
        let body = String::from_utf8_lossy(body);
        self.0.iter().any(|(code, fragment)| {
            given.as_ref() == Some(code) && fragment.as_ref().is_none_or(|text| body.contains(text))
        })
    }
}

/// What one attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// An answer, which may be a service error such as "no such policy".
    Answered,
    /// A request to slow down, and for how long to wait where it says so.
    Throttled(Option<Duration>),
    /// A refusal of this operation.
    Denied,
    /// A refusal that may mean the whole region, with its code.
    RegionDenied(String),
    /// The credentials have expired.
    Expired,
    /// No connection within the time for it, or none that another attempt could make.
    NoConnection(Reason),
    /// A connection, but no answer within the time for it.
    NoAnswer,
    /// A 5xx, with the error code where it is an AWS error.
    ServerError { status: u16, code: Option<String> },
    /// A broken connection.
    Failed(Reason),
    /// An answer without its end.
    Truncated,
}

impl Outcome {
    /// Reads an answer whose body is in memory.
    pub(super) fn of(result: &Result<HttpResponse, ConnectorError>) -> Self {
        let response = match result {
            Ok(response) => response,
            Err(error) => return Self::of_error(error),
        };
        let status = response.status().as_u16();
        if status < 400 {
            return Self::Answered;
        }
        let code = code(response);
        let is = |codes: &[&str]| code.as_deref().is_some_and(|code| codes.contains(&code));
        let refused = matches!(status, 400 | 401 | 403);
        match status {
            429 => Self::Throttled(retry_after(response)),
            400 | 403 | 503 if is(THROTTLED) => Self::Throttled(retry_after(response)),
            _ if refused && is(EXPIRED) => Self::Expired,
            _ if refused && (is(REGION_DENIED) || is(DENIED) && by_organisation(response)) => {
                Self::RegionDenied(code.unwrap_or_default())
            }
            401 | 403 => Self::Denied,
            400 if is(DENIED) => Self::Denied,
            500.. => Self::ServerError { status, code },
            _ => Self::Answered,
        }
    }

    /// The same where the caller knows what a refusal means: services that are not enabled refuse calls
    /// as if they were not allowed.
    pub(super) fn expecting(
        self,
        expected: Option<&ExpectedErrors>,
        result: &Result<HttpResponse, ConnectorError>,
    ) -> Self {
        match (&self, expected, result) {
            (Self::Denied | Self::RegionDenied(_), Some(expected), Ok(response))
                if expected.has(response) =>
            {
                Self::Answered
            }
            _ => self,
        }
    }

    fn of_error(error: &ConnectorError) -> Self {
        let reason = reason(error);
        if reason.is_some() && (error.is_timeout() || error.is_other()) {
            Self::NoConnection(reason)
        } else if error.is_timeout() {
            Self::NoAnswer
        } else if is_truncated(error) {
            Self::Truncated
        } else {
            Self::Failed(reason)
        }
    }

    /// As the ledger counts it.
    pub(super) fn status(&self) -> AttemptStatus {
        match self {
            Self::Answered => AttemptStatus::Answered,
            Self::Throttled(_) => AttemptStatus::Throttled,
            Self::Denied | Self::RegionDenied(_) => AttemptStatus::Denied,
            // Other credentials would do: what the caller is allowed was not even looked at.
            Self::Expired
            | Self::NoConnection(_)
            | Self::NoAnswer
            | Self::ServerError { .. }
            | Self::Failed(_)
            | Self::Truncated => AttemptStatus::Failed,
        }
    }

    /// The result for the circuit breaker. A service that throttles or fails is reachable.
    pub(super) fn call_result(&self, attempt: Attempt) -> CallResult {
        match self {
            Self::RegionDenied(code) => CallResult::RegionDenied(code.clone()),
            Self::NoConnection(reason) => CallResult::NoConnection(reason.clone()),
            Self::NoAnswer => CallResult::NoAnswer,
            Self::Failed(reason) => CallResult::Failed {
                attempt: attempt.number,
                of: attempt.of,
                reason: reason.clone(),
            },
            // Where the one operation's answer is broken, the service is there all the same.
            Self::Answered
            | Self::Throttled(_)
            | Self::Denied
            | Self::Expired
            | Self::ServerError { .. }
            | Self::Truncated => CallResult::Answered,
        }
    }

    /// As it concerns the other calls of the operation.
    pub(super) fn operation_result(&self, attempt: Attempt) -> OperationResult {
        let (cause, detail) = match self {
            Self::Answered | Self::Denied | Self::RegionDenied(_) => {
                return OperationResult::Answered;
            }
            Self::ServerError { status, code: None } if attempt.is_enough() => {
                by_code(None, *status)
            }
            Self::ServerError { status, code } if attempt.is_last() => {
                by_code(code.as_deref(), *status)
            }
            Self::Truncated if attempt.is_enough() => (Cause::Failed, TRUNCATED.to_owned()),
            Self::NoAnswer if attempt.is_enough() => (Cause::Unreachable, TIMED_OUT.to_owned()),
            Self::Failed(reason) if attempt.is_last() => unreachable(reason.as_deref()),
            _ => return OperationResult::Unclear,
        };
        OperationResult::Failed(GivenUp { cause, detail })
    }
}

/// The error code, as each of AWS's protocols gives it: in a header, or in a body of JSON, XML or
/// CBOR. Without its prefix: `Client.`, or the shape's namespace
/// (<https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization>).
pub(super) fn code(response: &HttpResponse) -> Option<String> {
    let body = response.body().bytes().unwrap_or_default();
    let header = response.headers().get("x-amzn-errortype");
    let code = header
        .map(ToOwned::to_owned)
        .or_else(|| match body.first()? {
            b'{' => in_json(body),
            b'<' => in_xml(body),
            _ => in_cbor(body),
        })?;
    let code = code.split(':').next()?.trim();
    code.rsplit(['#', '.']).next().map(ToOwned::to_owned)
}

fn in_json(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let code = ["__type", "code", "Code"].iter().find_map(|k| body.get(k));
    code?.as_str().map(ToOwned::to_owned)
}

/// A message cannot hold an element: in XML, a `<` of its own is escaped.
fn in_xml(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, after) = text.split_once("<Code>")?;
    after.split_once("</Code>").map(|(code, _)| code.to_owned())
}

fn in_cbor(body: &[u8]) -> Option<String> {
    let mut decoder = Decoder::new(body);
    let fields = decoder.map().ok()?;
    // A map of no stated length has its own end.
    for _ in 0..fields.unwrap_or(u64::MAX) {
        if decoder.datatype().ok()? == Type::Break {
            return None;
        }
        if decoder.str().ok()? == "__type" {
            return decoder.string().ok();
        }
        decoder.skip().ok()?;
    }
    None
}

/// Whether the words of a refusal are those of an organisation's policy.
fn by_organisation(response: &HttpResponse) -> bool {
    let body = response.body().bytes().unwrap_or_default();
    String::from_utf8_lossy(body).contains(BY_ORGANISATION)
}

/// AWS's own header, in milliseconds, or seconds as HTTP says (RFC 9110, section 10.2.3); a date in
/// their place is not read.
fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let number = |name| {
        let header = response.headers().get(name)?;
        header.trim().parse::<u64>().ok()
    };
    let wait = number("x-amz-retry-after")
        .map(Duration::from_millis)
        .or_else(|| number("retry-after").map(Duration::from_secs))?;
    Some(wait.min(LONGEST_WAIT))
}

fn is_truncated(error: &ConnectorError) -> bool {
    let source = std::error::Error::source(error);
    matches!(
        source.and_then(|s| s.downcast_ref()),
        Some(Rejection::Truncated)
    )
}

/// Why there is no connection, if known.
fn reason(error: &ConnectorError) -> Reason {
    let source = std::error::Error::source(error)?;
    let known: &ConnectionError = source.downcast_ref()?;
    Some(Arc::new(known.clone()))
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;
