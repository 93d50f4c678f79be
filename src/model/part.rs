//! A field group that costs its own API call, in its three states.

use super::Gap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;

/// The key that marks a gap in a serialised document: `{"$gap": {…}}`.
pub(crate) const GAP_KEY: &str = "$gap";

/// A group of fields that costs its own API call.
///
/// *Absent* is a value inside `Read` (`Read(None)`, an empty list); *unreadable* is `Gap`; *not
/// requested* is `Unread`. There is no default that stands in for any of them.
///
/// Every field of this type in a document carries
/// `#[serde(default, skip_serializing_if = "Part::is_unread")]`.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Part<T> {
    /// No selected check needs it, so it was not read.
    #[default]
    Unread,
    /// It was read.
    Read(T),
    /// It could not be read.
    Gap(Gap),
}

impl<T> Part<T> {
    /// Whether the part was not read because nothing needs it.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        matches!(self, Part::Unread)
    }

    /// The value, or the gap that stands for it. A part that was not read is a gap too
    /// ([`super::Cause::Uncollected`]), so that nothing can pass for read that was not.
    ///
    /// # Errors
    /// The gap.
    pub fn get(&self) -> Result<&T, Gap> {
        match self {
            Part::Read(value) => Ok(value),
            Part::Gap(gap) => Err(gap.clone()),
            Part::Unread => Err(Gap::new(
                "",
                super::Cause::Uncollected,
                "not collected in this scan",
            )),
        }
    }
}

impl<T> From<Result<T, Gap>> for Part<T> {
    fn from(result: Result<T, Gap>) -> Self {
        match result {
            Ok(value) => Part::Read(value),
            Err(gap) => Part::Gap(gap),
        }
    }
}

impl<T: Serialize> Serialize for Part<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Part::Unread => serializer.serialize_none(),
            Part::Read(value) => value.serialize(serializer),
            Part::Gap(gap) => serializer.collect_map(std::iter::once((GAP_KEY, gap))),
        }
    }
}

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if let Some(gap) = value.get(GAP_KEY) {
            return Gap::deserialize(gap)
                .map(Part::Gap)
                .map_err(D::Error::custom);
        }
        serde_json::from_value(value)
            .map(Part::Read)
            .map_err(D::Error::custom)
    }
}

impl<T: JsonSchema> JsonSchema for Part<T> {
    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("PartOf{}", T::schema_name()))
    }

    fn inline_schema() -> bool {
        true
    }

    /// The schema of the value: whether a part was read is not visible to a check's author, who
    /// writes `r.policy` and gets *unknown* where it could not be read.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let inner = generator.subschema_for::<T>();
        let mut schema = schemars::json_schema!({ "allOf": [inner] });
        schema.insert("x-part".to_owned(), Value::Bool(true));
        schema
    }
}
