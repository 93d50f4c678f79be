//! What an answer means for those who come after: go on, slow down, or stay away.
//!
//! The SDK reads the same answer again, in the operation's own terms; see `error`.

use super::door::Knock;
use super::error::{CLOSED, DENIED, EXPIRED, THROTTLED};
use super::ledger::Outcome;
use super::refused::Refused;
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
pub(super) enum Reply {
    /// An answer, which may be an error of the service's own such as "no such policy".
    Answered,
    /// A request to slow down, and for how long to wait where it says so.
    Throttled(Option<Duration>),
    /// A refusal of this operation.
    Denied,
    /// A refusal that may mean the whole region, with its code.
    Closed(String),
    /// The credentials have expired.
    Expired,
    /// No connection within the time for it.
    NoConnection,
    /// A connection, but no answer within the time for it.
    NoAnswer,
    /// 5xx, or a broken connection.
    Failed,
    /// An answer without its end.
    Half,
}

impl Reply {
    /// Reads an answer whose body is in memory.
    pub(super) fn of(result: &Result<HttpResponse, ConnectorError>) -> Self {
        let response = match result {
            Ok(response) => response,
            Err(error) if no_connection(error) => return Self::NoConnection,
            Err(error) if error.is_timeout() => return Self::NoAnswer,
            Err(error) if is_half(error) => return Self::Half,
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
            _ if refused && (is(CLOSED) || is(DENIED) && by_organisation(response)) => {
                Self::Closed(code.unwrap_or_default())
            }
            401 | 403 => Self::Denied,
            400 if is(DENIED) => Self::Denied,
            500.. => Self::Failed,
            _ => Self::Answered,
        }
    }

    /// As the ledger counts it.
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Answered => Outcome::Answered,
            Self::Throttled(_) => Outcome::Throttled,
            Self::Denied | Self::Closed(_) => Outcome::Denied,
            // Other credentials would do: what the caller is allowed was not even looked at.
            Self::Expired | Self::NoConnection | Self::NoAnswer | Self::Failed | Self::Half => {
                Outcome::Failed
            }
        }
    }

    /// As the door sees it. Who asks to slow down or says that it failed is there.
    pub(super) fn knock(&self, answered: bool, attempt: u32) -> Knock {
        match self {
            Self::Closed(code) => Knock::Closed(code.clone()),
            Self::NoConnection => Knock::NoConnection,
            Self::NoAnswer => Knock::NoAnswer,
            // The one operation's answer is broken; the service is there.
            Self::Half => Knock::Answered,
            _ if answered => Knock::Answered,
            _ => Knock::Failed { attempt },
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

fn is_half(error: &ConnectorError) -> bool {
    let source = std::error::Error::source(error);
    matches!(source.and_then(|s| s.downcast_ref()), Some(Refused::Half))
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

    fn reply(status: u16, body: &str) -> Reply {
        let status = status.try_into().expect("a status");
        Reply::of(&Ok(HttpResponse::new(status, SdkBody::from(body))))
    }

    #[test]
    fn each_service_has_its_own_words() {
        let code = |code: &str| format!("<Error><Code>{code}</Code></Error>");
        let slow = Reply::Throttled(None);
        assert_eq!(reply(503, &code("RequestLimitExceeded")), slow);
        assert_eq!(reply(503, &code("SlowDown")), slow);
        assert_eq!(reply(400, r#"{"__type":"ThrottlingException"}"#), slow);
        assert_eq!(reply(400, &code("ExpiredToken")), Reply::Expired);
        assert_eq!(reply(403, &code("ExpiredTokenException")), Reply::Expired);
        assert_eq!(reply(403, &code("AccessDenied")), Reply::Denied);
        assert_eq!(reply(500, "oops"), Reply::Failed);
        assert_eq!(reply(404, &code("NoSuchBucketPolicy")), Reply::Answered);
        assert_eq!(reply(200, ""), Reply::Answered);
    }

    #[test]
    fn cbor_has_its_code_among_its_fields() {
        // {"message": "slow", "__type": "com.amazonaws.cloudwatch#ThrottlingException"}
        let mut body = b"\xa2\x67message\x64slow\x66__type\x78\x2c".to_vec();
        body.extend(b"com.amazonaws.cloudwatch#ThrottlingException");
        let answer = |body: Vec<u8>| {
            let status = 400.try_into().expect("a status");
            Reply::of(&Ok(HttpResponse::new(status, SdkBody::from(body))))
        };
        assert_eq!(answer(body.clone()), Reply::Throttled(None));
        body.truncate(20);
        assert_eq!(answer(body.clone()), Reply::Answered);
        let mut endless = b"\xbf\x66__type\x6cExpiredToken\xff".to_vec();
        assert_eq!(answer(endless.clone()), Reply::Expired);
        endless.splice(1.., *b"\xff");
        assert_eq!(answer(endless), Reply::Answered);
    }

    /// Names of resources and people are in messages.
    #[test]
    fn only_a_code_is_a_code() {
        let denied = "<Error><Code>AccessDenied</Code><Message>User: \
                      arn:aws:iam::111122223333:user/ExpiredToken is not authorized to perform: \
                      s3:GetBucketPolicy on SlowDown-Throttling-AuthFailure</Message></Error>";
        assert_eq!(reply(403, denied), Reply::Denied);
        let denied = r#"{"__type":"AccessDeniedException","message":"ExpiredTokenException"}"#;
        assert_eq!(reply(400, denied), Reply::Denied);
        assert_eq!(reply(403, "<html>ExpiredToken</html>"), Reply::Denied);
        assert_eq!(reply(400, "ExpiredToken"), Reply::Answered);
    }

    #[test]
    fn the_wait_is_in_seconds_or_in_milliseconds() {
        let slow = |name: &'static str, value: &'static str| {
            let status = 429.try_into().expect("a status");
            let mut response = HttpResponse::new(status, SdkBody::empty());
            response.headers_mut().insert(name, value);
            Reply::of(&Ok(response))
        };
        let wait = |ms| Reply::Throttled(Some(Duration::from_millis(ms)));
        assert_eq!(slow("retry-after", "2"), wait(2_000));
        assert_eq!(slow("x-amz-retry-after", "1900"), wait(1_900));
        assert_eq!(slow("retry-after", "86400"), wait(60_000));
        assert_eq!(slow("retry-after", "soon"), Reply::Throttled(None));
    }

    #[test]
    fn a_region_may_be_closed_by_an_organisation_or_not_enabled() {
        let scp = "<Error><Code>UnauthorizedOperation</Code><Message>You are not authorized, with an \
                   explicit deny in a service control policy</Message></Error>";
        let closed = |code: &str| Reply::Closed(code.to_owned());
        assert_eq!(reply(403, scp), closed("UnauthorizedOperation"));
        let scp = r#"{"__type":"AccessDeniedException","message":"with an explicit deny in a service control policy"}"#;
        assert_eq!(reply(400, scp), closed("AccessDeniedException"));
        assert_eq!(
            reply(401, "<Code>AuthFailure</Code>"),
            closed("AuthFailure")
        );
        assert_eq!(
            reply(400, r#"{"__type":"UnrecognizedClientException"}"#),
            closed("UnrecognizedClientException")
        );
    }

    #[test]
    fn only_a_connect_timeout_means_that_nobody_is_there() {
        let timeout = |words: &str| Err(ConnectorError::timeout(words.to_owned().into()));
        assert_eq!(
            Reply::of(&timeout("HTTP connect timeout occurred after 3.1s")),
            Reply::NoConnection
        );
        assert_eq!(
            Reply::of(&timeout("HTTP read timeout occurred after 20s")),
            Reply::NoAnswer
        );
        assert_eq!(
            Reply::of(&Err(ConnectorError::io("reset".into()))),
            Reply::Failed
        );
    }
}
