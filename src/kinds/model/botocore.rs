//! Reads botocore's form of a model: `service-2.json`, with or without its paginators in it.

#![allow(clippy::struct_excessive_bools, reason = "the form of the file")]

use super::infer;
use super::paginator::{Paginator, Path};
use super::types::{
    ErrorShape, Location, Member, Operation, Protocol, ServiceModel, Shape, ShapeIndex, ShapeKind,
    Structure, TimestampFormat, XmlNamespace,
};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::marker::PhantomData;

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No JSON of this form.
    #[error("no model of a service: {0}")]
    Json(#[from] serde_json::Error),
    /// A protocol that is not spoken.
    #[error("its protocol, {0}, is not spoken")]
    Protocol(String),
    /// Something names a shape that is not there.
    #[error("{from} refers to {shape}, which the model does not have")]
    Reference {
        /// What refers to it.
        from: String,
        /// The shape that is missing.
        shape: String,
    },
    /// A type that nobody has heard of.
    #[error("{shape} is of the unknown type {kind}")]
    Type {
        /// The shape.
        shape: String,
        /// What it says it is.
        kind: String,
    },
    /// A paginator that cannot be followed.
    #[error("the paginator of {operation} cannot be followed: {problem}")]
    Paginator {
        /// The operation.
        operation: String,
        /// What is wrong with it.
        problem: String,
    },
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    service: String,
    metadata: Metadata,
    operations: BTreeMap<String, OperationText>,
    shapes: BTreeMap<String, ShapeText>,
    #[serde(default)]
    pagination: BTreeMap<String, PaginatorText>,
}

#[derive(Deserialize)]
struct Pages {
    pagination: BTreeMap<String, PaginatorText>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    api_version: String,
    aws_query_compatible: Option<serde::de::IgnoredAny>,
    endpoint_prefix: String,
    json_version: Option<String>,
    protocol: String,
    #[serde(default)]
    protocols: Vec<String>,
    #[serde(default)]
    service_full_name: String,
    service_id: String,
    #[serde(default)]
    signature_version: String,
    signing_name: Option<String>,
    target_prefix: Option<String>,
    #[serde(default)]
    uid: String,
    xml_namespace: Option<NamespaceText>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum NamespaceText {
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
struct OperationText {
    http: Option<HttpText>,
    input: Option<SideText>,
    output: Option<SideText>,
    #[serde(default)]
    errors: Vec<SideText>,
    endpoint: Option<EndpointText>,
    authtype: Option<String>,
    #[serde(default)]
    auth: Vec<String>,
    #[serde(default)]
    http_checksum_required: bool,
    http_checksum: Option<ChecksumText>,
    #[serde(default)]
    static_context_params: BTreeMap<String, ParameterText>,
}

#[derive(Deserialize)]
struct ParameterText {
    value: serde_json::Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChecksumText {
    #[serde(default)]
    request_checksum_required: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpText {
    method: String,
    request_uri: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SideText {
    shape: String,
    location_name: Option<String>,
    xml_namespace: Option<NamespaceText>,
    result_wrapper: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EndpointText {
    host_prefix: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShapeText {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    members: Ordered<MemberText>,
    #[serde(default)]
    required: Vec<String>,
    payload: Option<String>,
    member: Option<MemberText>,
    key: Option<MemberText>,
    value: Option<MemberText>,
    #[serde(default)]
    flattened: bool,
    #[serde(default)]
    sparse: bool,
    location_name: Option<String>,
    xml_namespace: Option<NamespaceText>,
    timestamp_format: Option<String>,
    #[serde(default, rename = "enum")]
    values: Vec<String>,
    #[serde(default)]
    sensitive: bool,
    error: Option<ErrorText>,
    #[serde(default)]
    exception: bool,
    #[serde(default)]
    union: bool,
    #[serde(default)]
    document: bool,
    #[serde(default)]
    eventstream: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorText {
    code: Option<String>,
    http_status_code: Option<u16>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MemberText {
    shape: String,
    location: Option<String>,
    location_name: Option<String>,
    #[serde(default)]
    flattened: bool,
    #[serde(default)]
    xml_attribute: bool,
    xml_namespace: Option<NamespaceText>,
    timestamp_format: Option<String>,
    #[serde(default)]
    idempotency_token: bool,
    #[serde(default)]
    host_label: bool,
    #[serde(default)]
    jsonvalue: bool,
}

#[derive(Deserialize)]
struct PaginatorText {
    #[serde(default)]
    input_token: Several,
    #[serde(default)]
    output_token: Several,
    limit_key: Option<String>,
    more_results: Option<String>,
    #[serde(default)]
    result_key: Several,
}

/// One text, or a list of them.
#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Several {
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

/// A JSON object in the order in which it is written.
struct Ordered<T>(Vec<(String, T)>);

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

/// What the rules of the endpoint are told: of each parameter the value that most operations have.
fn endpoint_parameters(
    operations: &BTreeMap<String, OperationText>,
) -> serde_json::Map<String, serde_json::Value> {
    let mut counts: BTreeMap<&str, Vec<(&serde_json::Value, usize)>> = BTreeMap::new();
    for (name, parameter) in operations.values().flat_map(|o| &o.static_context_params) {
        let values = counts.entry(name).or_default();
        match values
            .iter_mut()
            .find(|(value, _)| *value == &parameter.value)
        {
            Some((_, count)) => *count += 1,
            None => values.push((&parameter.value, 1)),
        }
    }
    let most = counts.into_iter().filter_map(|(name, values)| {
        let (value, _) = values.into_iter().max_by_key(|(_, count)| *count)?;
        Some((name.to_owned(), value.clone()))
    });
    most.collect()
}

impl ServiceModel {
    /// Reads a model: the text of `model.json`, or of botocore's `service-2.json` and
    /// `paginators-1.json`.
    ///
    /// # Errors
    /// [`ModelError`].
    pub fn parse(service: &str, paginators: Option<&str>) -> Result<Self, ModelError> {
        let document: Document = serde_json::from_str(service)?;
        let mut pagination = document.pagination;
        if let Some(text) = paginators {
            pagination.extend(serde_json::from_str::<Pages>(text)?.pagination);
        }
        let names = document.shapes.keys().cloned().enumerate();
        let reader = Reader {
            index: names.map(|(at, name)| (name, ShapeIndex(at))).collect(),
            streams: document
                .shapes
                .iter()
                .filter(|(_, shape)| shape.eventstream)
                .map(|(name, _)| name.clone())
                .collect(),
        };
        let shapes = document.shapes.into_iter();
        let shapes: Vec<Shape> = shapes
            .map(|(name, text)| reader.shape(name, text))
            .collect::<Result<_, _>>()?;
        let metadata = document.metadata;
        let mut model = Self {
            service: document.service,
            protocol: protocol(&metadata)?,
            signing_name: metadata
                .signing_name
                .unwrap_or_else(|| metadata.endpoint_prefix.clone()),
            service_id: metadata.service_id,
            full_name: metadata.service_full_name,
            uid: metadata.uid,
            api_version: metadata.api_version,
            target_prefix: metadata.target_prefix,
            endpoint_prefix: metadata.endpoint_prefix,
            s3_signing: metadata.signature_version.starts_with("s3"),
            xml_namespace: metadata
                .xml_namespace
                .map(|text| XmlNamespace::from(text).uri),
            query_compatible: metadata.aws_query_compatible.is_some(),
            endpoint_parameters: endpoint_parameters(&document.operations),
            operations: BTreeMap::new(),
            shapes,
        };
        let mut operations = BTreeMap::new();
        for (name, text) in document.operations {
            let mut operation = reader.operation(&name, text, &model)?;
            operation.paginator = match pagination.remove(&name) {
                Some(text) => Some(paginator(&name, text)?),
                None => infer::inferred(&model, &operation),
            };
            operations.insert(name, operation);
        }
        model.operations = operations;
        Ok(model)
    }
}

/// Of several protocols JSON is spoken: botocore prefers it too, and emulators do not know the newer ones.
fn protocol(metadata: &Metadata) -> Result<Protocol, ModelError> {
    let json = metadata.protocols.iter().find(|name| name.contains("json"));
    Ok(match json.unwrap_or(&metadata.protocol).as_str() {
        "json" if metadata.json_version.as_deref() == Some("1.0") => Protocol::Json10,
        "json" => Protocol::Json11,
        "rest-json" => Protocol::RestJson,
        "rest-xml" => Protocol::RestXml,
        "query" => Protocol::Query,
        "smithy-rpc-v2-cbor" => Protocol::Cbor,
        other => return Err(ModelError::Protocol(other.to_owned())),
    })
}

fn paginator(operation: &str, text: PaginatorText) -> Result<Paginator, ModelError> {
    let problem = |problem: String| ModelError::Paginator {
        operation: operation.to_owned(),
        problem,
    };
    let path = |text: &String| {
        Path::parse(text).ok_or_else(|| problem(format!("`{text}` is no path of members")))
    };
    let output_tokens: Vec<String> = text.output_token.into();
    let paginator = Paginator {
        input_tokens: text.input_token.into(),
        output_tokens: output_tokens.iter().map(path).collect::<Result<_, _>>()?,
        limit_key: text.limit_key,
        more_results: text.more_results.as_ref().map(path).transpose()?,
        result_keys: text.result_key.into(),
    };
    if paginator.input_tokens.is_empty()
        || paginator.input_tokens.len() != paginator.output_tokens.len()
    {
        return Err(problem("its tokens do not pair".to_owned()));
    }
    Ok(paginator)
}

fn timestamp_format(text: Option<&String>) -> Option<TimestampFormat> {
    Some(match text?.as_str() {
        "iso8601" => TimestampFormat::DateTime,
        "rfc822" => TimestampFormat::HttpDate,
        _ => TimestampFormat::EpochSeconds,
    })
}

/// Whether the body of a request is JSON of any form.
fn is_document(model: &ServiceModel, input: ShapeIndex) -> bool {
    let payload = model
        .structure(input)
        .and_then(|input| input.member(input.payload.as_ref()?));
    payload.is_some_and(|member| matches!(model.shape(member.shape).kind, ShapeKind::Document))
}

/// Finds shapes by name.
struct Reader {
    index: HashMap<String, ShapeIndex>,
    streams: Vec<String>,
}

impl Reader {
    fn find(&self, from: &str, shape: &str) -> Result<ShapeIndex, ModelError> {
        self.index
            .get(shape)
            .copied()
            .ok_or_else(|| ModelError::Reference {
                from: from.to_owned(),
                shape: shape.to_owned(),
            })
    }

    fn shape(&self, name: String, text: ShapeText) -> Result<Shape, ModelError> {
        let part = |what: &str, part: Option<MemberText>| match part {
            Some(text) => self.member(&name, what, text),
            None => Err(ModelError::Reference {
                from: name.clone(),
                shape: format!("its {what}"),
            }),
        };
        let kind = match text.kind.as_str() {
            "structure" if text.document => ShapeKind::Document,
            "structure" => ShapeKind::Structure(Structure {
                members: (text.members.0.into_iter())
                    .map(|(member, text)| self.member(&name, &member, text))
                    .collect::<Result<_, _>>()?,
                required: text.required,
                payload: text.payload,
                union: text.union,
                error: (text.exception || text.error.is_some()).then(|| {
                    text.error
                        .map_or_else(ErrorShape::default, |error| ErrorShape {
                            code: error.code,
                            status: error.http_status_code,
                        })
                }),
            }),
            "list" => ShapeKind::List(part("member", text.member)?),
            "map" => ShapeKind::Map {
                key: part("key", text.key)?,
                value: part("value", text.value)?,
            },
            "string" | "character" => ShapeKind::String {
                values: text.values,
            },
            "boolean" => ShapeKind::Boolean,
            "integer" | "short" | "byte" => ShapeKind::Integer,
            "long" => ShapeKind::Long,
            "float" => ShapeKind::Float,
            "double" => ShapeKind::Double,
            "timestamp" => ShapeKind::Timestamp,
            "blob" => ShapeKind::Blob,
            other => {
                return Err(ModelError::Type {
                    kind: other.to_owned(),
                    shape: name,
                });
            }
        };
        Ok(Shape {
            kind,
            sensitive: text.sensitive,
            flattened: text.flattened,
            sparse: text.sparse,
            timestamp_format: timestamp_format(text.timestamp_format.as_ref()),
            xml_name: text.location_name,
            xml_namespace: text.xml_namespace.map(XmlNamespace::from),
            name,
        })
    }

    fn member(&self, shape: &str, name: &str, text: MemberText) -> Result<Member, ModelError> {
        Ok(Member {
            name: name.to_owned(),
            shape: self.find(shape, &text.shape)?,
            location: match text.location.as_deref() {
                Some("uri") => Some(Location::Uri),
                Some("querystring") => Some(Location::Query),
                Some("header") => Some(Location::Header),
                Some("headers") => Some(Location::Headers),
                Some("statusCode") => Some(Location::StatusCode),
                _ => None,
            },
            wire_name: text.location_name,
            flattened: text.flattened,
            xml_attribute: text.xml_attribute,
            xml_namespace: text.xml_namespace.map(XmlNamespace::from),
            timestamp_format: timestamp_format(text.timestamp_format.as_ref()),
            idempotency_token: text.idempotency_token,
            host_label: text.host_label,
            json_value: text.jsonvalue,
        })
    }

    fn operation(
        &self,
        name: &str,
        text: OperationText,
        model: &ServiceModel,
    ) -> Result<Operation, ModelError> {
        let side = |side: &Option<SideText>| {
            side.as_ref()
                .map(|side| self.find(name, &side.shape))
                .transpose()
        };
        let (input, output) = (side(&text.input)?, side(&text.output)?);
        let errors = text
            .errors
            .iter()
            .map(|error| self.find(name, &error.shape));
        let errors = errors.collect::<Result<_, _>>()?;
        let has_stream = |side: Option<ShapeIndex>| {
            let members = side.map_or(&[][..], |index| model.members(index));
            let mut shapes = members.iter().map(|member| &model.shape(member.shape).name);
            shapes.any(|shape| self.streams.contains(shape))
        };
        let schemes = &text.auth;
        let signed = schemes.is_empty() || schemes.iter().any(|auth| auth == "aws.auth#sigv4");
        let signed = signed && text.authtype.as_deref().is_none_or(|kind| kind == "v4");
        let checksum = text.http_checksum_required
            || (text.http_checksum.as_ref()).is_some_and(|text| text.request_checksum_required);
        let unsupported = if has_stream(input) || has_stream(output) {
            Some("it streams events")
        } else if !signed {
            Some("it does not take Signature Version 4")
        } else if checksum {
            Some("it wants a checksum of the request")
        } else if input.is_some_and(|index| is_document(model, index)) {
            Some("its request is a document of any form")
        } else {
            None
        };
        let (input_name, input_namespace) = match text.input {
            Some(side) => (side.location_name, side.xml_namespace),
            None => (None, None),
        };
        let http = text.http.map(|http| (http.method, http.request_uri));
        let (method, uri) = http.unwrap_or_else(|| ("POST".to_owned(), "/".to_owned()));
        Ok(Operation {
            name: name.to_owned(),
            method,
            uri,
            input,
            output,
            input_name,
            input_namespace: input_namespace.map(XmlNamespace::from),
            result_wrapper: text.output.and_then(|side| side.result_wrapper),
            errors,
            host_prefix: text.endpoint.and_then(|endpoint| endpoint.host_prefix),
            paginator: None,
            unsupported,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::embedded;

    fn model(service: &str) -> ServiceModel {
        let text = embedded::text(&format!("{service}/model.json")).unwrap();
        ServiceModel::parse(&text.expect("a model"), None).unwrap()
    }

    #[test]
    fn every_model_in_the_program_can_be_read_and_called() {
        let models: Vec<&str> = embedded::paths()
            .filter(|path| path.ends_with("model.json"))
            .collect();
        assert!(models.len() >= 6, "{models:?}");
        for path in models {
            let model = model(path.strip_suffix("/model.json").unwrap());
            for operation in model.operations() {
                assert_eq!(operation.unsupported, None, "{path}: {}", operation.name);
            }
        }
    }

    #[test]
    fn a_model_says_how_a_service_is_spoken_to() {
        let lambda = model("lambda");
        assert_eq!(lambda.protocol, Protocol::RestJson);
        let list = lambda.operation("ListFunctions").unwrap();
        assert_eq!(
            (list.method.as_str(), list.uri.as_str()),
            ("GET", "/2015-03-31/functions")
        );
        let paginator = list.paginator.as_ref().unwrap();
        assert_eq!(paginator.input_tokens, ["Marker"]);
        assert_eq!(paginator.result_keys, ["Functions"]);
        let functions = lambda
            .structure(list.output.unwrap())
            .unwrap()
            .member("Functions")
            .unwrap();
        let ShapeKind::List(function) = &lambda.shape(functions.shape).kind else {
            panic!("no list");
        };
        let runtime = lambda
            .structure(function.shape)
            .unwrap()
            .member("Runtime")
            .unwrap();
        assert!(matches!(
            &lambda.shape(runtime.shape).kind,
            ShapeKind::String { .. }
        ));
        assert_eq!(
            lambda.reference("ListFunctions"),
            "https://docs.aws.amazon.com/goto/WebAPI/lambda-2015-03-31/ListFunctions"
        );
    }

    #[test]
    fn an_error_has_the_code_that_is_sent_and_the_name_of_its_shape() {
        let sns = model("sns");
        let codes = sns.error_codes(sns.operation("GetTopicAttributes").unwrap());
        assert!(
            codes.contains(&"NotFound") && codes.contains(&"NotFoundException"),
            "{codes:?}"
        );
    }

    #[test]
    fn a_list_that_botocore_has_no_paginator_for_goes_on_by_its_members() {
        let text = r#"{"metadata": {"apiVersion": "1", "endpointPrefix": "x", "protocol": "rest-xml", "serviceId": "X"},
            "operations": {"ListThings": {"input": {"shape": "In"}, "output": {"shape": "Out"}}},
            "shapes": {"In": {"type": "structure", "members": {"Marker": {"shape": "S"}}},
                "Out": {"type": "structure", "members": {"ThingList": {"shape": "L"}}},
                "L": {"type": "structure", "members": {"NextMarker": {"shape": "S"}}}, "S": {"type": "string"}}}"#;
        let model = ServiceModel::parse(text, None).unwrap();
        let paginator = model
            .operation("ListThings")
            .unwrap()
            .paginator
            .as_ref()
            .unwrap();
        assert_eq!(paginator.input_tokens, ["Marker"]);
        assert_eq!(
            paginator.output_tokens,
            [Path::parse("ThingList.NextMarker").unwrap()]
        );
    }

    #[test]
    fn a_list_that_says_that_there_is_more_goes_on_after_its_last_name() {
        let firehose = model("firehose");
        let list = firehose.operation("ListDeliveryStreams").unwrap();
        let paginator = list.paginator.as_ref().unwrap();
        assert_eq!(paginator.input_tokens, ["ExclusiveStartDeliveryStreamName"]);
        let answer =
            serde_json::json!({"DeliveryStreamNames": ["a", "b"], "HasMoreDeliveryStreams": true});
        let found = paginator.output_tokens[0].find(&answer);
        assert_eq!(found.and_then(serde_json::Value::as_str), Some("b"));
    }

    #[test]
    fn what_a_model_lacks_is_named() {
        let text = r#"{"metadata": {"apiVersion": "1", "endpointPrefix": "x", "protocol": "query", "serviceId": "X"},
            "operations": {"A": {"input": {"shape": "In"}}}, "shapes": {}}"#;
        let error = ServiceModel::parse(text, None).unwrap_err().to_string();
        assert_eq!(error, "A refers to In, which the model does not have");
        let error = ServiceModel::parse(&text.replace("query", "ec2"), None)
            .unwrap_err()
            .to_string();
        assert_eq!(error, "its protocol, ec2, is not spoken");
    }
}
