//! One call of one operation, as the SDK's runtime takes it: writes the request, reads the answer.

#![allow(clippy::format_collect, reason = "sixteen bytes")]

use super::error::ServiceError;
use super::input::{self, Structure};
use super::output::{self, Kept};
use super::schema::{Field, Form, OperationSchema};
use super::service::DynamicService;
use super::xml_reader::XmlReader;
use crate::kinds::model::{Operation, Protocol};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::endpoint::EndpointPrefix;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output, OutputOrError};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SerializeRequest};
use aws_smithy_schema::http_protocol::http_output_deserializer;
use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::{Map, Value};
use std::fmt;

/// The input. `Debug` does not show it, because parts of it may be confidential.
pub(super) struct Request(pub(super) Map<String, Value>);

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request")
    }
}

/// The output. `Debug` does not show it either.
pub(super) struct Answer(pub(super) Value);

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer")
    }
}

/// One operation and what is kept of its answer.
#[derive(Debug, Clone)]
pub(super) struct Codec {
    pub(super) service: &'static DynamicService,
    pub(super) operation: &'static Operation,
    pub(super) schema: &'static OperationSchema,
    pub(super) kept: Kept,
    /// Whether the endpoint has host names with prefixes. Emulators have a single host name.
    pub(super) host_prefix: bool,
}

impl Codec {
    fn fields(&self) -> &'static [Field] {
        let shape = self.schema.input_shape;
        match shape.map(|place| &self.service.schemas.node(place).form) {
            Some(Form::Structure(fields)) => fields,
            _ => &[],
        }
    }

    /// The content type of a body that is a single plain member.
    fn payload_type(&self, fields: &[Field]) -> Option<&'static str> {
        let mut payload = fields
            .iter()
            .filter(|field| field.schema.http_payload().is_some());
        match self.service.schemas.node(payload.next()?.target).form {
            Form::Blob => Some("application/octet-stream"),
            Form::Text => Some("text/plain"),
            Form::Document => Some("application/json"),
            _ => None,
        }
    }

    /// The prefix of the host name, filled in: `{AccountId}.` with the account.
    fn prefix(&self, input: &Map<String, Value>) -> Result<Option<EndpointPrefix>, BoxError> {
        let Some(template) = self
            .operation
            .host_prefix
            .as_ref()
            .filter(|_| self.host_prefix)
        else {
            return Ok(None);
        };
        let mut prefix = template.clone();
        for field in self.fields().iter().filter(|field| field.host_label) {
            let value = input
                .get(field.name)
                .and_then(Value::as_str)
                .unwrap_or_default();
            // With any other character, the name could be that of somebody else's host.
            let label = |c: char| c.is_ascii_alphanumeric() || c == '-';
            if value.is_empty() || value.len() > 63 || !value.chars().all(label) {
                return Err(format!("{} cannot be part of a host name", field.name).into());
            }
            prefix = prefix.replace(&format!("{{{}}}", field.name), value);
        }
        Ok(Some(EndpointPrefix::new(prefix)?))
    }

    fn read(&self, response: &HttpResponse, cfg: &ConfigBag) -> Result<Value, SerdeError> {
        let model = &self.service.model;
        let has_members =
            (self.operation.output).is_some_and(|output| !model.members(output).is_empty());
        let place = self.schema.output_shape.filter(|_| has_members);
        let Some(place) = place else {
            return Ok(Value::Object(Map::new()));
        };
        let mut from = self.reader(response, cfg)?;
        let schemas = &self.service.schemas;
        output::read(schemas, place, self.schema.output, &self.kept, &mut *from)
    }

    /// What reads an answer. The SDK's own reader of XML goes through an answer many times.
    fn reader<'r>(
        &self,
        response: &'r HttpResponse,
        cfg: &'r ConfigBag,
    ) -> Result<Box<dyn ShapeDeserializer + 'r>, SerdeError> {
        let body = response.body().bytes().unwrap_or_default();
        let schema = self.schema.output;
        match self.service.model.protocol {
            Protocol::Query => {
                let wrapper = self.operation.result_wrapper.as_deref();
                let reader = XmlReader::of_query(body, &self.operation.name, wrapper)?;
                Ok(Box::new(reader))
            }
            Protocol::RestXml => {
                let reader = XmlReader::new(body);
                Ok(http_output_deserializer(reader, response, schema, cfg))
            }
            _ => (self.service.protocol).deserialize_response(response, schema, cfg),
        }
    }
}

impl SerializeRequest for Codec {
    fn serialize_input(&self, input: Input, cfg: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        let input = input.downcast::<Request>();
        let mut value = input.map_err(|_| "another client's request")?.0;
        let (schemas, fields) = (&self.service.schemas, self.fields());
        for field in fields.iter().filter(|field| field.idempotency_token) {
            if value.get(field.name).is_none_or(Value::is_null) {
                value.insert(field.name.to_owned(), token()?.into());
            }
        }
        // A JSON body is an object, even if it is empty.
        if self
            .schema
            .payload
            .is_some_and(aws_smithy_schema::Schema::is_structure)
        {
            let payload = fields
                .iter()
                .find(|field| field.schema.http_payload().is_some());
            if let Some(payload) = payload.filter(|field| !value.contains_key(field.name)) {
                value.insert(payload.name.to_owned(), Value::Object(Map::new()));
            }
        }
        if let Some(problem) = input::problem(schemas, fields, &value) {
            return Err(problem.into());
        }
        if let Some(prefix) = self.prefix(&value)? {
            cfg.interceptor_state().store_put(prefix);
        }
        let schema = self.schema.input;
        let structure = Structure {
            schemas,
            schema,
            fields,
            value: &value,
            payload: self.schema.payload,
        };
        let protocol = &self.service.protocol;
        let mut request = protocol.serialize_request(&structure, schema, "", cfg)?;
        if self.operation.input.is_none() && self.service.model.protocol == Protocol::Cbor {
            *request.body_mut() = SdkBody::empty();
            request.headers_mut().remove("content-type");
            request.headers_mut().remove("content-length");
        }
        if let Some(kind) = self.payload_type(fields)
            && request.headers().get("content-type").is_none()
            && request.body().content_length() != Some(0)
        {
            request.headers_mut().insert("content-type", kind);
        }
        if self.service.model.query_compatible {
            request.headers_mut().insert("x-amzn-query-mode", "true");
        }
        Ok(request)
    }
}

impl DeserializeResponse for Codec {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        cfg: &ConfigBag,
    ) -> OutputOrError {
        if !response.status().is_success() {
            let error = ServiceError::read(self.service, self.operation, response, cfg);
            return Err(OrchestratorError::operation(Error::erase(error)));
        }
        match self.read(response, cfg) {
            Ok(value) => Ok(Output::erase(Answer(value))),
            Err(error) => Err(OrchestratorError::other(error)),
        }
    }
}

/// A random UUID, by which AWS recognises a repeated request
/// (<https://www.rfc-editor.org/rfc/rfc9562#section-5.4>).
fn token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    Ok(parts.join("-"))
}
