//! How text becomes what it means, as a kind's file says it.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// How text becomes what it means.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum As {
    /// All of what was taken, at once.
    Whole(Conversion),
    /// Of members, or of attributes.
    Members(AsMembers),
}

/// Conversions of members, or of attributes by their keys.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AsMembers {
    /// What was taken is a map of texts, or a list of keys and values. These keys are kept, as fields.
    pub attributes: Option<BTreeMap<String, Conversion>>,
    /// Members, by their paths.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldConversion>,
}

/// What a member becomes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FieldConversion {
    /// One value.
    One(Conversion),
    /// A map of texts, or a list of keys and values, of which these keys are kept.
    Attributes(AttributesFile),
}

/// Attributes of a member.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributesFile {
    /// The keys that are kept, as fields.
    pub attributes: BTreeMap<String, Conversion>,
}

/// JSON in a text.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonFile {
    /// The keys that are kept, as fields.
    pub json: BTreeMap<String, ScalarName>,
}

/// What a text becomes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Conversion {
    /// A value of one type.
    Scalar(ScalarName),
    /// JSON, of which these keys are kept.
    Json(JsonFile),
}

/// The type of a value in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScalarName {
    /// Text, as it is.
    Text,
    /// A resource policy: JSON text, URL-encoded or not. It stays text.
    Policy,
    /// JSON of any form; expressions cannot look into it.
    Json,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A moment, in seconds since 1970.
    Seconds,
    /// A moment, in milliseconds since 1970.
    Milliseconds,
    /// A moment, in RFC 3339 or ISO 8601.
    Time,
}

/// A field whose value a table gives.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookupFile {
    /// The member to look up; it is one of `fields`.
    pub from: String,
    /// What it gives. Null for what is not in the table.
    pub values: BTreeMap<String, String>,
    /// What the texts of the table are.
    #[serde(rename = "as", default = "text")]
    pub scalar: ScalarName,
    /// Where the table is from.
    #[schemars(length(min = 1))]
    pub source: String,
}

fn text() -> ScalarName {
    ScalarName::Text
}
