//! What an answer means for those who come after: go on, slow down, or stay away.
//!
//! The SDK reads the same answer again, in the operation's own terms; see `error`.

use super::error::{DENIED, EXPIRED, REGION_DENIED, THROTTLED};
use super::rejection::Rejection;
use super::throttle::circuit_breaker::CallResult;
use super::throttle::ledger::AttemptStatus;
use aws_smithy_cbor::Decoder;
use aws_smithy_cbor::data::Type;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use std::error::Error;
use std::time::Duration;

/// The words by which AWS says that an organisation's policy refused, and not the caller's own
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>).
const BY_ORGANISATION: &str = "service control policy";
/// Nobody waits longer than this because a `Retry-After` says so.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// What one attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// An answer, which may be an error of the service's own such as "no such policy".
    Answered,
    /// A request to slow down, and for how long to wait where it says so.
    Throttled(Option<Duration>),
    /// A refusal of this operation.
    Denied,
    /// A refusal that may mean the whole region, with its code.
    RegionDenied(String),
    /// The credentials have expired.
    Expired,
    /// No connection within the time for it.
    NoConnection,
    /// A connection, but no answer within the time for it.
    NoAnswer,
    /// 5xx, or a broken connection.
    Failed,
    /// An answer without its end.
    Truncated,
}

impl Outcome {
    /// Reads an answer whose body is in memory.
    pub(super) fn of(result: &Result<HttpResponse, ConnectorError>) -> Self {
        let response = match result {
            Ok(response) => response,
            Err(error) if no_connection(error) => return Self::NoConnection,
            Err(error) if error.is_timeout() => return Self::NoAnswer,
            Err(error) if is_truncated(error) => return Self::Truncated,
            Err(_) => return Self::Failed,
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
            500.. => Self::Failed,
            _ => Self::Answered,
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
            | Self::NoConnection
            | Self::NoAnswer
            | Self::Failed
            | Self::Truncated => AttemptStatus::Failed,
        }
    }

    /// As the door sees it. Who asks to slow down or says that it failed is there.
    pub(super) fn call_result(&self, answered: bool, attempt: u32) -> CallResult {
        match self {
            Self::RegionDenied(code) => CallResult::RegionDenied(code.clone()),
            Self::NoConnection => CallResult::NoConnection,
            Self::NoAnswer => CallResult::NoAnswer,
            // The one operation's answer is broken; the service is there.
            Self::Truncated => CallResult::Answered,
            _ if answered => CallResult::Answered,
            _ => CallResult::Failed { attempt },
        }
    }
}

/// The error code, as each of AWS's protocols gives it: in a header, or in a body of JSON, XML or
/// CBOR. Without its prefix: `Client.`, or the shape's namespace
/// (<https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization>).
fn code(response: &HttpResponse) -> Option<String> {
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

/// The HTTP client's timeouts share one type, which it keeps to itself: only the words differ.
fn no_connection(error: &ConnectorError) -> bool {
    let mut source: Option<&dyn Error> = error.is_timeout().then_some(error);
    while let Some(error) = source {
        if error.to_string().starts_with("HTTP connect timeout") {
            return true;
        }
        source = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert_eq!(outcome(500, "oops"), Outcome::Failed);
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

    #[test]
    fn only_a_connect_timeout_means_that_nobody_is_there() {
        let timeout = |words: &str| Err(ConnectorError::timeout(words.to_owned().into()));
        assert_eq!(
            Outcome::of(&timeout("HTTP connect timeout occurred after 3.1s")),
            Outcome::NoConnection
        );
        assert_eq!(
            Outcome::of(&timeout("HTTP read timeout occurred after 20s")),
            Outcome::NoAnswer
        );
        assert_eq!(
            Outcome::of(&Err(ConnectorError::io("reset".into()))),
            Outcome::Failed
        );
    }
}
