//! AWS Account Management: the contacts of the account.

use super::{Account, Answer, Call, answer as respond, error};
use axum::http::StatusCode;
use serde_json::{Value, json};

pub(super) fn answer(_: &Account, call: &Call<'_>) -> Option<Answer> {
    if call.operation != "GetAlternateContact" {
        return None;
    }
    let asked: Value = serde_json::from_slice(call.body).unwrap_or_default();
    let kind = asked["AlternateContactType"].as_str().unwrap_or_default();
    if kind != "SECURITY" {
        let code = "ResourceNotFoundException";
        return Some(error::respond(call, StatusCode::NOT_FOUND, code));
    }
    let body = json!({"AlternateContact": {
        "AlternateContactType": kind,
        "EmailAddress": "security@example.com",
        "Name": "Security <team>",
        "PhoneNumber": "+1 555 0100",
        "Title": "On call",
    }});
    Some(respond(
        StatusCode::OK,
        "application/json",
        body.to_string(),
    ))
}
