//! Reads botocore's form of a model: `service-2.json`, with or without its paginators in it.

use super::infer;
use super::paginator::{Paginator, Path};
use super::text::{
    Document, MemberText, Metadata, OperationText, Pages, PaginatorText, ShapeText, SideText,
};
use super::types::{
    ErrorShape, Location, Member, Operation, Protocol, ServiceModel, Shape, ShapeIndex, ShapeKind,
    Structure, TimestampFormat, XmlNamespace,
};
use std::collections::{BTreeMap, HashMap};

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Not JSON, or not of this form.
    #[error("not a model of a service: {0}")]
    Json(#[from] serde_json::Error),
    /// A protocol that is not supported.
    #[error("its protocol, {0}, is not supported")]
    Protocol(String),
    /// Something names a shape that is not there.
    #[error("{from} refers to {shape}, which the model does not have")]
    Reference {
        /// What refers to it.
        from: String,
        /// The shape that is missing.
        shape: String,
    },
    /// An unknown type.
    #[error("{shape} is of the unknown type {kind}")]
    Type {
        /// The shape.
        shape: String,
        /// Its type.
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

/// The parameters for the endpoint rules: of each, the value that most operations have.
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

/// JSON, if a service has several protocols: botocore prefers it too, and emulators do not know newer ones.
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
                key: Box::new(part("key", text.key)?),
                value: Box::new(part("value", text.value)?),
            },
            "string" | "character" => ShapeKind::String {
                values: text.values.into(),
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
            xml_namespace: text.xml_namespace.map(|text| Box::new(text.into())),
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
            xml_namespace: text.xml_namespace.map(|text| Box::new(text.into())),
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
            input_namespace: input_namespace.map(|text| Box::new(text.into())),
            result_wrapper: text.output.and_then(|side| side.result_wrapper),
            errors,
            host_prefix: text.endpoint.and_then(|endpoint| endpoint.host_prefix),
            paginator: None,
            unsupported,
        })
    }
}

#[cfg(test)]
#[path = "botocore_tests.rs"]
mod tests;
