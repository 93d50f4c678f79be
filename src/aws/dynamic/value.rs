//! From Rust to JSON and back, for callers of operations by their model.

use crate::aws::error::malformed;
use crate::model::{Call, Gap};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The members of a request.
#[must_use]
pub fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    let members = members.into_iter();
    members
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Decodes a field of an answer into a Rust type.
///
/// # Errors
/// The gap of an answer in which the field is missing or has another form.
pub fn decode<T: DeserializeOwned>(call: &Call, field: &str, answer: Value) -> Result<T, Gap> {
    serde_json::from_value(answer).map_err(|_| malformed(call, field))
}
