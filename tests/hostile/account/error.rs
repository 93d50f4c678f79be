//! Errors, in the form of each service's protocol.

use super::{Answer, Call, answer, cbor};
use axum::http::{HeaderValue, StatusCode};

/// An error with this code.
pub(super) fn respond(call: &Call<'_>, status: StatusCode, code: &'static str) -> Answer {
    let message = "The generated account says no.";
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    match call.service {
        "ec2" => {
            let body = format!("<Response><Errors>{error}</Errors></Response>");
            answer(status, "text/xml", body)
        }
        "s3" => answer(status, "application/xml", error),
        "cloudwatch" => cbor::respond(status, |map| {
            map.str("__type").str(code);
            map.str("message").str(message);
        }),
        "account" | "lambda" | "ssm" => {
            let body = format!(r#"{{"__type":"{code}","message":"{message}"}}"#);
            let mut answer = answer(status, "application/json", body);
            answer
                .headers
                .insert("x-amzn-errortype", HeaderValue::from_static(code));
            answer
        }
        _ => {
            let body = format!("<ErrorResponse>{error}</ErrorResponse>");
            answer(status, "text/xml", body)
        }
    }
}
