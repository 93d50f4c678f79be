//! What an answer means for those who come after: go on, slow down, or stay away.
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

    /// As the door sees it. Who asks to slow down or says that it failed is there.
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
mod tests {
    use super::*;
    use crate::aws::connection_error;
    use aws_smithy_types::body::SdkBody;

    fn outcome(status: u16, body: &str) -> Outcome {
        let status = status.try_into().expect("a status");
        Outcome::of(&Ok(HttpResponse::new(status, SdkBody::from(body))))
    }

    #[test]
    fn each_service_has_its_own_words() {
        let code = |code: &str| format!("<Error><Code>{code}</Code></Error>");
        let slow = Outcome::Throttled(None);
        assert_eq!(outcome(503, &code("RequestLimitExceeded")), slow);
        assert_eq!(outcome(503, &code("SlowDown")), slow);
        assert_eq!(outcome(400, r#"{"__type":"ThrottlingException"}"#), slow);
        assert_eq!(outcome(400, &code("ExpiredToken")), Outcome::Expired);
        assert_eq!(
            outcome(403, &code("ExpiredTokenException")),
            Outcome::Expired
        );
        assert_eq!(outcome(403, &code("AccessDenied")), Outcome::Denied);
        let broken = outcome(500, &code("InternalError"));
        let code = Some("InternalError".to_owned());
        assert_eq!(broken, Outcome::ServerError { status: 500, code });
        let code = |code: &str| format!("<Error><Code>{code}</Code></Error>");
        assert_eq!(outcome(404, &code("NoSuchBucketPolicy")), Outcome::Answered);
        assert_eq!(outcome(200, ""), Outcome::Answered);
    }

    #[test]
    fn cbor_has_its_code_among_its_fields() {
        // {"message": "slow", "__type": "com.amazonaws.cloudwatch#ThrottlingException"}
        let mut body = b"\xa2\x67message\x64slow\x66__type\x78\x2c".to_vec();
        body.extend(b"com.amazonaws.cloudwatch#ThrottlingException");
        let answer = |body: Vec<u8>| {
            let status = 400.try_into().expect("a status");
            Outcome::of(&Ok(HttpResponse::new(status, SdkBody::from(body))))
        };
        assert_eq!(answer(body.clone()), Outcome::Throttled(None));
        body.truncate(20);
        assert_eq!(answer(body.clone()), Outcome::Answered);
        let mut endless = b"\xbf\x66__type\x6cExpiredToken\xff".to_vec();
        assert_eq!(answer(endless.clone()), Outcome::Expired);
        endless.splice(1.., *b"\xff");
        assert_eq!(answer(endless), Outcome::Answered);
    }

    /// Names of resources and people are in messages.
    #[test]
    fn only_a_code_is_a_code() {
        let denied = "<Error><Code>AccessDenied</Code><Message>User: \
                      arn:aws:iam::111122223333:user/ExpiredToken is not authorized to perform: \
                      s3:GetBucketPolicy on SlowDown-Throttling-AuthFailure</Message></Error>";
        assert_eq!(outcome(403, denied), Outcome::Denied);
        let denied = r#"{"__type":"AccessDeniedException","message":"ExpiredTokenException"}"#;
        assert_eq!(outcome(400, denied), Outcome::Denied);
        assert_eq!(outcome(403, "<html>ExpiredToken</html>"), Outcome::Denied);
        assert_eq!(outcome(400, "ExpiredToken"), Outcome::Answered);
    }

    #[test]
    fn the_wait_is_in_seconds_or_in_milliseconds() {
        let slow = |name: &'static str, value: &'static str| {
            let status = 429.try_into().expect("a status");
            let mut response = HttpResponse::new(status, SdkBody::empty());
            response.headers_mut().insert(name, value);
            Outcome::of(&Ok(response))
        };
        let wait = |ms| Outcome::Throttled(Some(Duration::from_millis(ms)));
        assert_eq!(slow("retry-after", "2"), wait(2_000));
        assert_eq!(slow("x-amz-retry-after", "1900"), wait(1_900));
        assert_eq!(slow("retry-after", "86400"), wait(60_000));
        assert_eq!(slow("retry-after", "soon"), Outcome::Throttled(None));
    }

    #[test]
    fn a_region_may_be_closed_by_an_organisation_or_not_enabled() {
        let scp = "<Error><Code>UnauthorizedOperation</Code><Message>You are not authorized, with an \
                   explicit deny in a service control policy</Message></Error>";
        let denied_region = |code: &str| Outcome::RegionDenied(code.to_owned());
        assert_eq!(outcome(403, scp), denied_region("UnauthorizedOperation"));
        let scp = r#"{"__type":"AccessDeniedException","message":"with an explicit deny in a service control policy"}"#;
        assert_eq!(outcome(400, scp), denied_region("AccessDeniedException"));
        assert_eq!(
            outcome(401, "<Code>AuthFailure</Code>"),
            denied_region("AuthFailure")
        );
        assert_eq!(
            outcome(400, r#"{"__type":"UnrecognizedClientException"}"#),
            denied_region("UnrecognizedClientException")
        );
    }

    fn failure(cause: connection_error::Cause) -> ConnectionError {
        ConnectionError {
            cause,
            target: "ec2.eu-west-1.amazonaws.com:443".to_owned(),
            proxy: None,
            at_proxy: false,
            trust: connection_error::TrustSource::System,
            is_custom: false,
        }
    }

    #[test]
    fn what_another_attempt_cannot_mend_is_no_connection() {
        let of = |error: ConnectorError| Outcome::of(&Err(error));
        let untrusted = connection_error::Untrusted::UnknownIssuer;
        let untrusted = failure(connection_error::Cause::Untrusted(untrusted));
        let reason = Some(Arc::new(untrusted.clone()));
        let error = ConnectorError::other(untrusted.into(), None);
        assert_eq!(of(error), Outcome::NoConnection(reason));
        let silent = failure(connection_error::Cause::TimedOut(None));
        let reason = Some(Arc::new(silent.clone()));
        let error = ConnectorError::timeout(silent.into());
        assert_eq!(of(error), Outcome::NoConnection(reason));
        let refused = failure(connection_error::Cause::Refused);
        let reason = Some(Arc::new(refused.clone()));
        let error = ConnectorError::io(refused.into());
        assert_eq!(of(error), Outcome::Failed(reason));
        let slow = ConnectorError::timeout("HTTP read timeout occurred after 20s".into());
        assert_eq!(of(slow), Outcome::NoAnswer);
        let reset = ConnectorError::io("reset".into());
        assert_eq!(of(reset), Outcome::Failed(None));
    }

    #[test]
    fn a_refusal_that_its_caller_expects_is_an_answer() {
        let refusal = |body: &str| {
            let status = 401.try_into().expect("a status");
            Ok(HttpResponse::new(status, SdkBody::from(body)))
        };
        let disabled =
            r#"{"__type":"InvalidAccessException","message":"Account is not subscribed"}"#;
        let outcome = |expected: &[(&str, Option<&str>)], body: &str| {
            let expected = expected
                .iter()
                .map(|(code, part)| ((*code).to_owned(), part.map(ToOwned::to_owned)));
            let (expected, result) = (ExpectedErrors(expected.collect()), refusal(body));
            Outcome::of(&result).expecting(Some(&expected), &result)
        };
        let whole = ("InvalidAccessException", None);
        let part = ("InvalidAccessException", Some("not subscribed"));
        let other = ("InvalidAccessException", Some("not allowed"));
        assert_eq!(outcome(&[whole], disabled), Outcome::Answered);
        assert_eq!(outcome(&[part], disabled), Outcome::Answered);
        assert_eq!(outcome(&[other], disabled), Outcome::Denied);
        assert_eq!(outcome(&[], disabled), Outcome::Denied);
        let denied = r#"{"__type":"AccessDeniedException","message":"not subscribed"}"#;
        assert_eq!(outcome(&[whole, part], denied), Outcome::Denied);
    }

    #[test]
    fn an_answer_that_is_none_of_awss_counts_sooner_than_awss_own_failures() {
        let page = outcome(500, "<!doctype html><title>500</title>");
        let own = outcome(500, "<Error><Code>InternalError</Code></Error>");
        let gives_up = |outcome: &Outcome, number| {
            let result = outcome.operation_result(Attempt { number, of: 8 });
            match result {
                OperationResult::Failed(given_up) => Some(given_up.detail),
                OperationResult::Answered => panic!("{outcome:?} is no answer"),
                OperationResult::Unclear => None,
            }
        };
        assert_eq!(gives_up(&page, 2), None);
        let detail = "HTTP 500 without an AWS error; given up";
        assert_eq!(gives_up(&page, 3).as_deref(), Some(detail));
        assert_eq!(gives_up(&own, 7), None);
        assert_eq!(gives_up(&own, 8).as_deref(), Some("InternalError"));
        assert_eq!(gives_up(&Outcome::Truncated, 2), None);
        assert!(gives_up(&Outcome::Truncated, 3).is_some());
        assert_eq!(gives_up(&outcome(429, ""), 8), None);
        let denied = outcome(403, "<Error><Code>AccessDenied</Code></Error>");
        let result = denied.operation_result(Attempt { number: 1, of: 8 });
        assert_eq!(result, OperationResult::Answered);
    }
}
