//! The only reader of SDK errors: turns each into an answer (*absent*) or a [`Gap`].

use super::connection_error::ConnectionError;
use super::dynamic::DynamicError;
use super::http::AnsweredBy;
use super::rejection::{Rejection, TIMED_OUT, unreachable};
use crate::model::{Call, Cause, Gap, LACKS_OPERATION};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;
use std::future::Future;

/// Codes by which AWS services refuse a caller.
pub(crate) const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthFailure",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Forbidden",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "MissingAuthenticationToken",
    "NotAuthorized",
    "OptInRequired",
    "SignatureDoesNotMatch",
    "SubscriptionRequiredException",
    "UnauthorizedAccess",
    "UnauthorizedException",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

/// Codes by which AWS services say that the credentials have ended.
pub(crate) const EXPIRED: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "TokenRefreshRequired",
];

/// Codes by which AWS services answer in a region that is not enabled for the account.
pub(crate) const REGION_DENIED: &[&str] = &[
    "AuthFailure",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "OptInRequired",
    "UnrecognizedClientException",
];

/// Codes by which AWS services ask to slow down; the SDK's own list and the services' dialects.
pub(crate) const THROTTLED: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// Codes by which a service says that it does not have the operation here.
const UNSUPPORTED: &[&str] = &[
    "InvalidAction",
    "MethodNotAllowed",
    "NotImplemented",
    "UnknownOperation",
    "UnknownOperationException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
];

/// Makes a call whose absence is an answer: `None` if AWS answers with one of the call's `absent`
/// codes.
///
/// # Errors
/// The gap that stands for what could not be read.
pub async fn optional_answer<T, E>(
    call: &'static Call,
    response: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<Option<T>, Gap>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match response.await {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if code(&error).is_some_and(|c| call.absent.contains(&c)) => Ok(None),
        Err(error) => Err(gap(call, &error)),
    }
}

/// Makes a call that always has an answer.
///
/// # Errors
/// The gap that stands for what could not be read.
pub async fn required_answer<T, E>(
    call: &'static Call,
    response: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<T, Gap>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    response.await.map_err(|error| gap(call, &error))
}

/// The error code as the service gave it.
fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<&str> {
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
}

/// Why no connection came about, where that is why a call failed, or why its credentials did.
pub fn connection<E>(error: &SdkError<E, HttpResponse>) -> Option<&ConnectionError>
where
    E: Error + 'static,
{
    let chain = std::iter::successors(Some(error as &(dyn Error + 'static)), |&e| e.source());
    let mut chain = chain;
    chain.find_map(|error| match error.downcast_ref() {
        Some(Rejection::Unreachable(reason)) => reason.as_deref(),
        _ => error.downcast_ref::<ConnectionError>(),
    })
}

/// The gap of an answer that lacks a field which AWS always gives, or has it in a form that cannot be
/// read.
#[must_use]
pub fn malformed(call: &Call, field: &str) -> Gap {
    malformed_answer(call.action, call.operation, field)
}

/// The same for an operation that is known by its names.
#[must_use]
pub fn malformed_answer(action: &str, operation: &str, field: &str) -> Gap {
    Gap::malformed(action, operation, field)
}

/// Whether AWS answered with an error of a code, and with a fragment in its message where AWS uses the
/// code for several things.
#[must_use]
pub fn is_code(error: &DynamicError, code: &str, fragment: Option<&str>) -> bool {
    let Some(error) = error.as_service_error() else {
        return false;
    };
    let says = |fragment: &str| {
        error
            .message()
            .is_some_and(|message| message.contains(fragment))
    };
    error.is(code) && fragment.is_none_or(says)
}

/// The gap an SDK error leaves behind.
///
/// Only the code is kept. Messages repeat names, addresses and sometimes values, and belong to
/// strangers.
pub fn gap<E>(call: &Call, error: &SdkError<E, HttpResponse>) -> Gap
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let (cause, detail) = match error {
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            let code = service.err().code();
            let (mut cause, detail) = by_code(code, status);
            let by = service.raw().extension::<AnsweredBy>();
            // An emulator without the operation does not know its path either.
            if by.is_some() && code.is_none() && status == 404 {
                cause = Cause::Unsupported;
            }
            match by {
                Some(AnsweredBy(endpoint)) if cause == Cause::Unsupported => {
                    (cause, format!("{endpoint} {LACKS_OPERATION} ({detail})"))
                }
                _ => (cause, detail),
            }
        }
        SdkError::ResponseError(response) => match response.raw().status().as_u16() {
            status @ 400.. => by_code(None, status),
            status => {
                let operation = call.operation;
                let detail = format!("malformed answer: {operation}, HTTP {status}, unreadable");
                (Cause::Failed, detail)
            }
        },
        SdkError::TimeoutError(_) => (Cause::Unreachable, TIMED_OUT.to_owned()),
        SdkError::DispatchFailure(failure) => {
            let connector = failure.as_connector_error();
            let source = connector.and_then(Error::source);
            let rejection = source.and_then(<dyn Error>::downcast_ref::<Rejection>);
            match rejection {
                Some(rejection) => rejection.as_gap_parts(),
                None if connection(error).is_some() => unreachable(connection(error)),
                None if failure.is_timeout() => (Cause::Unreachable, TIMED_OUT.to_owned()),
                None if failure.is_user() => (Cause::Failed, "request not sent".to_owned()),
                None if connector.is_none() => (Cause::Failed, "request not sent".to_owned()),
                None => (Cause::Unreachable, "no connection".to_owned()),
            }
        }
        SdkError::ConstructionFailure(_) => {
            (Cause::Failed, "no credentials or bad request".to_owned())
        }
        _ => (Cause::Failed, "unrecognised SDK error".to_owned()),
    };
    Gap::new(call.action, cause, detail)
}

/// Cause and detail from an error code and the HTTP status.
pub(crate) fn by_code(code: Option<&str>, status: u16) -> (Cause, String) {
    let given = code.is_some();
    // A code is the service's own identifier; anything else in its place is a stranger's text.
    let code = code.filter(|c| {
        !c.is_empty()
            && c.len() <= 80
            && c.chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-:".contains(c))
    });
    let known = code.map(|c| c.rsplit(['.', ':']).next().unwrap_or(c));
    let cause = match known {
        Some(c) if EXPIRED.contains(&c) => Cause::Expired,
        Some(c) if DENIED.contains(&c) => Cause::Denied,
        Some(c) if THROTTLED.contains(&c) => Cause::Throttled,
        Some(c) if UNSUPPORTED.contains(&c) => Cause::Unsupported,
        _ => match status {
            401 | 403 => Cause::Denied,
            429 => Cause::Throttled,
            501 => Cause::Unsupported,
            _ => Cause::Failed,
        },
    };
    let detail = match (code, given) {
        (Some(code), _) => code.to_owned(),
        (None, true) => format!("HTTP {status}"),
        (None, false) if status >= 500 && cause == Cause::Failed => {
            format!("HTTP {status} without an AWS error; given up")
        }
        (None, false) => format!("HTTP {status} without an AWS error"),
    };
    (cause, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_decide_before_the_status() {
        assert_eq!(by_code(Some("UnauthorizedOperation"), 400).0, Cause::Denied);
        assert_eq!(
            by_code(Some("RequestLimitExceeded"), 503).0,
            Cause::Throttled
        );
        assert_eq!(by_code(Some("SlowDown"), 503).0, Cause::Throttled);
        assert_eq!(by_code(Some("InvalidAction"), 400).0, Cause::Unsupported);
        assert_eq!(by_code(Some("InternalError"), 500).0, Cause::Failed);
        assert_eq!(
            by_code(Some("Client.UnauthorizedOperation"), 400).0,
            Cause::Denied
        );
    }

    #[test]
    fn without_a_code_the_status_decides() {
        let plain = "HTTP 403 without an AWS error".to_owned();
        assert_eq!(by_code(None, 403), (Cause::Denied, plain));
        assert_eq!(by_code(None, 429).0, Cause::Throttled);
        assert_eq!(by_code(None, 501).0, Cause::Unsupported);
        assert_eq!(by_code(None, 500).0, Cause::Failed);
    }

    #[test]
    fn a_code_that_is_free_text_is_not_repeated() {
        let (cause, detail) = by_code(Some("password=hunter2 is wrong"), 500);
        assert_eq!((cause, detail.as_str()), (Cause::Failed, "HTTP 500"));
    }
}
