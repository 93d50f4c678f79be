//! Errors, in the form of each service's protocol.

use super::{Answer, Call};
use crate::endpoint::{Protocol, error};
use axum::http::StatusCode;

/// An error with this code.
pub(super) fn respond(call: &Call<'_>, status: StatusCode, code: &str) -> Answer {
    let protocol = Protocol::of(call.service);
    error(
        protocol,
        status.as_u16(),
        code,
        "The generated account says no.",
    )
}
