//! What an answer means for those who come after: go on, slow down, or stay away.
//!
//! The SDK reads the same answer again, in the operation's own terms; see `error`.

use super::door::Knock;
use super::error::{CLOSED, EXPIRED, THROTTLED};
use super::gate::Refused;
use super::ledger::Outcome;
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
        let text = text(response);
        let says = |codes: &[&str]| {
            let code = codes.iter().find(|code| text.contains(**code));
            code.map(|code| (*code).to_owned())
        };
        let refused = matches!(status, 400 | 401 | 403);
        match status {
            429 => Self::Throttled(retry_after(response)),
            400 | 403 | 503 if says(THROTTLED).is_some() => Self::Throttled(retry_after(response)),
            _ if refused && says(EXPIRED).is_some() => Self::Expired,
            _ if refused && text.contains(BY_ORGANISATION) => {
                let code = says(&["UnauthorizedOperation", "AccessDeniedException"]);
                Self::Closed(code.unwrap_or_else(|| "AccessDenied".to_owned()))
            }
            _ if refused && says(CLOSED).is_some() => {
                Self::Closed(says(CLOSED).unwrap_or_default())
            }
            401 | 403 => Self::Denied,
            400 if says(&["AccessDenied", "UnauthorizedOperation"]).is_some() => Self::Denied,
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

/// The headers that may name an error, and the body.
fn text(response: &HttpResponse) -> String {
    let header = response.headers().get("x-amzn-errortype");
    let body = response.body().bytes().unwrap_or_default();
    format!(
        "{}\n{}",
        header.unwrap_or_default(),
        String::from_utf8_lossy(body)
    )
}

/// Seconds, as HTTP says (RFC 9110, section 10.2.3); a date in their place is not read.
fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let seconds: u64 = response.headers().get("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
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
    fn a_region_may_be_closed_by_an_organisation_or_not_enabled() {
        let scp = "<Code>UnauthorizedOperation</Code><Message>You are not authorized, with an \
                   explicit deny in a service control policy</Message>";
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
