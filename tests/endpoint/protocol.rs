//! How each of AWS's protocols says no, and how it says that there is more.

use super::call::{Answer, Call};
use super::modelled;
use axum::http::StatusCode;
use sixpillars::kinds::model;
use std::time::Duration;

/// The protocols of the services that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Ec2,
    Query,
    S3,
    /// JSON 1.0 and 1.1, where a header names the operation.
    Json,
    RestJson,
    /// Smithy RPC v2.
    Cbor,
}

impl Protocol {
    pub(crate) fn of(service: &str) -> Self {
        match modelled::model(service).map(|model| model.protocol) {
            Some(model::Protocol::Json10 | model::Protocol::Json11) => Self::Json,
            Some(model::Protocol::RestJson) => Self::RestJson,
            Some(model::Protocol::Cbor) => Self::Cbor,
            // Errors of REST XML are those of the query protocol; S3 alone has its own.
            Some(model::Protocol::Query | model::Protocol::RestXml) => Self::Query,
            None => match service {
                "ec2" => Self::Ec2,
                "s3" => Self::S3,
                "cloudwatch" => Self::Cbor,
                _ => Self::Query,
            },
        }
    }
}

/// How long AWS asks to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    Unsaid,
    /// The header of HTTP, in seconds.
    RetryAfter(u32),
    /// AWS's own header, to the millisecond.
    AmzRetryAfter(Duration),
}

/// An error that AWS may answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No policy of the identity allows it.
    Denied,
    /// A service control policy denies it.
    DeniedByScp,
    /// The account has not enabled the region.
    RegionOff,
    /// The credentials were good once.
    Expired,
    Throttled(Wait),
    /// 500.
    Internal,
    /// 503.
    Unavailable,
}

impl Refusal {
    /// The answer in the protocol of the service that was called.
    pub(crate) fn answer(self, call: &Call<'_>) -> Answer {
        let protocol = Protocol::of(call.service);
        let (status, code) = self.code(protocol);
        let answer = error(protocol, status, code, &self.message(call));
        match self {
            Self::Throttled(Wait::RetryAfter(seconds)) => {
                answer.with("retry-after", &seconds.to_string())
            }
            Self::Throttled(Wait::AmzRetryAfter(wait)) => {
                answer.with("x-amz-retry-after", &wait.as_millis().to_string())
            }
            _ => answer,
        }
    }

    /// HTTP status and code, as AWS documents them for each service under "Common errors".
    fn code(self, protocol: Protocol) -> (u16, &'static str) {
        use Protocol::{Cbor, Ec2, Json, Query, RestJson, S3};
        match (self, protocol) {
            (Self::Denied | Self::DeniedByScp, Ec2) => (403, "UnauthorizedOperation"),
            (Self::Denied | Self::DeniedByScp, Json) => (400, "AccessDeniedException"),
            (Self::Denied | Self::DeniedByScp, RestJson) => (403, "AccessDeniedException"),
            (Self::Denied | Self::DeniedByScp, Query | S3 | Cbor) => (403, "AccessDenied"),
            (Self::RegionOff, Ec2) => (401, "AuthFailure"),
            (Self::RegionOff, Query | Cbor) => (403, "InvalidClientTokenId"),
            (Self::RegionOff, Json) => (400, "UnrecognizedClientException"),
            (Self::RegionOff, RestJson) => (403, "UnrecognizedClientException"),
            (Self::RegionOff, S3) => (403, "InvalidAccessKeyId"),
            (Self::Expired, Ec2) => (400, "RequestExpired"),
            (Self::Expired, Query | Cbor) => (403, "ExpiredToken"),
            (Self::Expired, S3) => (400, "ExpiredToken"),
            (Self::Expired, Json) => (400, "ExpiredTokenException"),
            (Self::Expired, RestJson) => (403, "ExpiredTokenException"),
            (Self::Throttled(_), Ec2) => (503, "RequestLimitExceeded"),
            (Self::Throttled(_), S3) => (503, "SlowDown"),
            (Self::Throttled(_), Query) => (400, "Throttling"),
            (Self::Throttled(_), Json | Cbor) => (400, "ThrottlingException"),
            (Self::Throttled(_), RestJson) => (429, "TooManyRequestsException"),
            (Self::Internal, Ec2 | S3) => (500, "InternalError"),
            (Self::Internal, Query | Json | Cbor) => (500, "InternalFailure"),
            (Self::Internal, RestJson) => (500, "InternalServerException"),
            (Self::Unavailable, Ec2) => (503, "Unavailable"),
            (Self::Unavailable, _) => (503, "ServiceUnavailable"),
        }
    }

    fn message(self, call: &Call<'_>) -> String {
        let who = format!(
            "User: arn:aws:iam::{}:user/audit is not authorized to perform: {}:{}",
            call.account, call.service, call.operation
        );
        let service = call.service;
        match self {
            Self::Denied => format!("{who} because no identity-based policy allows the action"),
            Self::DeniedByScp => {
                format!("{who} with an explicit deny in a service control policy")
            }
            Self::RegionOff if service == "ec2" => {
                "AWS was not able to validate the provided access credentials".to_owned()
            }
            Self::RegionOff => "The security token included in the request is invalid.".to_owned(),
            Self::Expired => "The security token included in the request is expired".to_owned(),
            Self::Throttled(_) => "Rate exceeded".to_owned(),
            Self::Internal => "An internal error has occurred".to_owned(),
            Self::Unavailable => "The server is overloaded and cannot handle it".to_owned(),
        }
    }
}

/// An error of a service. Texts must need no escape in XML or JSON.
pub(crate) fn error(protocol: Protocol, status: u16, code: &str, message: &str) -> Answer {
    let status = StatusCode::from_u16(status).expect("a status");
    let inner = format!("<Code>{code}</Code><Message>{message}</Message>");
    let json = format!(r#"{{"__type":"{code}","message":"{message}"}}"#);
    match protocol {
        Protocol::Ec2 => Answer::new(
            status,
            "text/xml",
            format!("<Response><Errors><Error>{inner}</Error></Errors></Response>"),
        ),
        Protocol::Query => Answer::new(
            status,
            "text/xml",
            format!("<ErrorResponse><Error>{inner}</Error></ErrorResponse>"),
        ),
        Protocol::S3 => Answer::new(status, "application/xml", format!("<Error>{inner}</Error>")),
        Protocol::Json => Answer::new(status, "application/x-amz-json-1.1", json),
        Protocol::RestJson => {
            Answer::new(status, "application/json", json).with("x-amzn-errortype", code)
        }
        Protocol::Cbor => Answer::new(
            status,
            "application/cbor",
            cbor(&[("__type", code), ("message", message)]),
        )
        .with("smithy-protocol", "rpc-v2-cbor"),
    }
}

/// A page with nothing on it but the token of the next.
pub(crate) fn empty_page(call: &Call<'_>, token: &str) -> Answer {
    let operation = call.operation;
    let modelled = modelled::empty_page(call.service, operation, token)
        .and_then(|page| modelled::answer(call.service, operation, &page));
    if let Some(page) = modelled {
        return page;
    }
    let (kind, body) = match Protocol::of(call.service) {
        Protocol::Ec2 => (
            "text/xml",
            format!("<{operation}Response><nextToken>{token}</nextToken></{operation}Response>"),
        ),
        Protocol::Query => (
            "text/xml",
            format!(
                "<{operation}Response><{operation}Result><IsTruncated>true</IsTruncated>\
                 <Marker>{token}</Marker></{operation}Result></{operation}Response>"
            ),
        ),
        Protocol::S3 => (
            "application/xml",
            format!(
                "<ListAllMyBucketsResult><ContinuationToken>{token}</ContinuationToken>\
                 </ListAllMyBucketsResult>"
            ),
        ),
        Protocol::Json | Protocol::RestJson => (
            "application/json",
            format!(r#"{{"NextToken":"{token}","NextMarker":"{token}"}}"#),
        ),
        Protocol::Cbor => {
            let body = cbor(&[("NextToken", token)]);
            return Answer::new(StatusCode::OK, "application/cbor", body)
                .with("smithy-protocol", "rpc-v2-cbor");
        }
    };
    Answer::new(StatusCode::OK, kind, body)
}

/// A CBOR map of texts (RFC 8949, section 3.1: major type 5 of pairs of major type 3).
fn cbor(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = vec![0xa0 + u8::try_from(pairs.len()).expect("a small map")];
    for text in pairs.iter().flat_map(|(key, value)| [key, value]) {
        // A length of two bytes is allowed for short texts too.
        bytes.push(0x79);
        bytes.extend(
            u16::try_from(text.len())
                .expect("a short text")
                .to_be_bytes(),
        );
        bytes.extend(text.as_bytes());
    }
    bytes
}
