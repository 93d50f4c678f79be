//! Reads requests, and answers with an `ETag`.

use super::problem::{FieldProblem, Problem};
use crate::report::sanitize::{clean_short, is_unseen};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Json, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The longest name of a field that a message repeats, in characters.
const LONGEST_NAME: usize = 100;

/// A body in JSON.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the body has to be JSON, with `Content-Type: application/json`",
            ));
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes =
            bytes.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
        // First, so that no message repeats such a text.
        let hostile = hostile(&bytes);
        if !hostile.is_empty() {
            return Err(Problem::fields(hostile));
        }
        match Json::<T>::from_bytes(&bytes) {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(Problem::new(rejection.status(), rejection.body_text())),
        }
    }
}

/// Whether a body is JSON. Forms of other sites cannot send this type, so no other type is accepted.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Finds texts in JSON that would not be shown as they are: with control characters, invisible characters,
/// or characters that reorder their neighbours. Line feeds and tabs are allowed.
pub(super) fn hostile(json: &[u8]) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if let Ok(value) = serde_json::from_slice::<Value>(json) {
        find_hostile(&value, &mut String::new(), &mut problems);
    }
    problems
}

fn find_hostile(value: &Value, at: &mut String, problems: &mut Vec<FieldProblem>) {
    let length = at.len();
    match value {
        Value::String(text) => {
            let bad = |c: char| is_unseen(c) && c != '\n' && c != '\t';
            if let Some(c) = text.chars().find(|c| bad(*c)) {
                problems.push(FieldProblem {
                    pointer: at.clone(),
                    detail: format!(
                        "has the character U+{:04X}, which is not shown",
                        u32::from(c)
                    ),
                });
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                let _ = write!(at, "/{index}");
                find_hostile(value, at, problems);
                at.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let _ = write!(at, "/{}", clean_short(name, LONGEST_NAME));
                find_hostile(value, at, problems);
                at.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The query of an address.
pub(super) struct Params<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(rejection) => Err(Problem::bad(rejection.body_text())),
        }
    }
}

/// JSON with a tag of its content. A client that has it already gets 304 and no body.
pub(super) fn tagged(request: &HeaderMap, value: &impl Serialize) -> Result<Response, Problem> {
    let text = serde_json::to_string(value).map_err(|error| {
        tracing::warn!(%error, "an answer cannot be written");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal error; the log has more",
        )
    })?;
    let mut tag = String::from("W/\"");
    for byte in Sha256::digest(&text).iter().take(12) {
        // Writing to a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    let mut response = if has(request, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "application/json")], text).into_response()
    };
    set_tag(&mut response, &tag);
    Ok(response)
}

/// Whether the client has the answer with this tag.
pub(super) fn has(request: &HeaderMap, tag: &str) -> bool {
    let known = request
        .get(header::IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok());
    known.is_some_and(|known| {
        known
            .split(',')
            .any(|known| known.trim() == "*" || known.trim() == tag)
    })
}

/// Adds a tag to an answer. Clients may keep the answer, but have to ask each time whether it changed.
pub(super) fn set_tag(response: &mut Response, tag: &str) {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        let headers = response.headers_mut();
        headers.insert(header::ETAG, tag);
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_would_not_be_shown_as_they_are_are_named_by_their_place() {
        let found = |json: &str| -> Vec<String> {
            let problems = hostile(json.as_bytes());
            problems
                .into_iter()
                .map(|problem| problem.pointer)
                .collect()
        };
        assert!(found(r#"{"a": "x\n\ty <script> é ' \"", "b": [1, null, "z"]}"#).is_empty());
        for bad in [
            r"\u0000",
            r"\r",
            r"\u001b[31m",
            r"\u0085",
            "\u{202e}",
            "\u{200b}",
            "\u{feff}",
        ] {
            let json = format!(r#"{{"a": "fine", "b": [{{"c": "x{bad}y"}}]}}"#);
            assert_eq!(found(&json), ["/b/0/c"], "{bad:?}");
        }
    }

    #[test]
    fn only_json_is_json() {
        let kind = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(text));
            is_json(&headers)
        };
        assert!(kind("application/json") && kind("Application/JSON; charset=utf-8"));
        for other in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "text/plain;application/json",
        ] {
            assert!(!kind(other), "{other}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
