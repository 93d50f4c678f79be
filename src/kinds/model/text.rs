//! The JSON of botocore's models, as serde reads it.

use super::types::XmlNamespace;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

#[derive(Deserialize)]
pub(super) struct Document {
    #[serde(default)]
    pub(super) service: String,
    pub(super) metadata: Metadata,
    pub(super) operations: BTreeMap<String, OperationText>,
    pub(super) shapes: BTreeMap<String, ShapeText>,
    #[serde(default)]
    pub(super) pagination: BTreeMap<String, PaginatorText>,
}

#[derive(Deserialize)]
pub(super) struct Pages {
    pub(super) pagination: BTreeMap<String, PaginatorText>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) api_version: String,
    pub(super) aws_query_compatible: Option<serde::de::IgnoredAny>,
    pub(super) endpoint_prefix: String,
    pub(super) json_version: Option<String>,
    pub(super) protocol: String,
    #[serde(default)]
    pub(super) protocols: Vec<String>,
    #[serde(default)]
    pub(super) service_full_name: String,
    pub(super) service_id: String,
    #[serde(default)]
    pub(super) signature_version: String,
    pub(super) signing_name: Option<String>,
    pub(super) target_prefix: Option<String>,
    #[serde(default)]
    pub(super) uid: String,
    pub(super) xml_namespace: Option<NamespaceText>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum NamespaceText {
    Uri(String),
    Full { uri: String, prefix: Option<String> },
}

impl From<NamespaceText> for XmlNamespace {
    fn from(text: NamespaceText) -> Self {
        match text {
            NamespaceText::Uri(uri) => Self { uri, prefix: None },
            NamespaceText::Full { uri, prefix } => Self { uri, prefix },
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OperationText {
    pub(super) http: Option<HttpText>,
    pub(super) input: Option<SideText>,
    pub(super) output: Option<SideText>,
    #[serde(default)]
    pub(super) errors: Vec<SideText>,
    pub(super) endpoint: Option<EndpointText>,
    pub(super) authtype: Option<String>,
    #[serde(default)]
    pub(super) auth: Vec<String>,
    #[serde(default)]
    pub(super) http_checksum_required: bool,
    pub(super) http_checksum: Option<ChecksumText>,
    #[serde(default)]
    pub(super) static_context_params: BTreeMap<String, ParameterText>,
}

#[derive(Deserialize)]
pub(super) struct ParameterText {
    pub(super) value: serde_json::Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChecksumText {
    #[serde(default)]
    pub(super) request_checksum_required: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HttpText {
    pub(super) method: String,
    pub(super) request_uri: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SideText {
    pub(super) shape: String,
    pub(super) location_name: Option<String>,
    pub(super) xml_namespace: Option<NamespaceText>,
    pub(super) result_wrapper: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EndpointText {
    pub(super) host_prefix: Option<String>,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent traits of a shape in the model"
)]
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShapeText {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) members: Ordered<MemberText>,
    #[serde(default)]
    pub(super) required: Vec<String>,
    pub(super) payload: Option<String>,
    pub(super) member: Option<MemberText>,
    pub(super) key: Option<MemberText>,
    pub(super) value: Option<MemberText>,
    #[serde(default)]
    pub(super) flattened: bool,
    #[serde(default)]
    pub(super) sparse: bool,
    pub(super) location_name: Option<String>,
    pub(super) xml_namespace: Option<NamespaceText>,
    pub(super) timestamp_format: Option<String>,
    #[serde(default, rename = "enum")]
    pub(super) values: Vec<String>,
    #[serde(default)]
    pub(super) sensitive: bool,
    pub(super) error: Option<ErrorText>,
    #[serde(default)]
    pub(super) exception: bool,
    #[serde(default)]
    pub(super) union: bool,
    #[serde(default)]
    pub(super) document: bool,
    #[serde(default)]
    pub(super) eventstream: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorText {
    pub(super) code: Option<String>,
    pub(super) http_status_code: Option<u16>,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent traits of a member in the model"
)]
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MemberText {
    pub(super) shape: String,
    pub(super) location: Option<String>,
    pub(super) location_name: Option<String>,
    #[serde(default)]
    pub(super) flattened: bool,
    #[serde(default)]
    pub(super) xml_attribute: bool,
    pub(super) xml_namespace: Option<NamespaceText>,
    pub(super) timestamp_format: Option<String>,
    #[serde(default)]
    pub(super) idempotency_token: bool,
    #[serde(default)]
    pub(super) host_label: bool,
    #[serde(default)]
    pub(super) jsonvalue: bool,
}

#[derive(Deserialize)]
pub(super) struct PaginatorText {
    #[serde(default)]
    pub(super) input_token: Several,
    #[serde(default)]
    pub(super) output_token: Several,
    pub(super) limit_key: Option<String>,
    pub(super) more_results: Option<String>,
    #[serde(default)]
    pub(super) result_key: Several,
}

/// One text, or a list of them.
#[derive(Deserialize, Default)]
#[serde(untagged)]
pub(super) enum Several {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl From<Several> for Vec<String> {
    fn from(several: Several) -> Self {
        match several {
            Several::None => Vec::new(),
            Several::One(one) => vec![one],
            Several::Many(many) => many,
        }
    }
}

/// A JSON object with its members in the order of the file.
pub(super) struct Ordered<T>(pub(super) Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Ordered<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}
