//! How an answer is written.

use super::{cbor, model, xml};
use crate::endpoint::Answer;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value};
use sixpillars::kinds::model::{
    Location, Member, Operation, Protocol, ServiceModel, ShapeIndex, ShapeKind, TimestampFormat,
};

/// An answer of an operation, of members by their names in the model. Moments are texts; members that
/// the model does not have are written too.
pub(crate) fn answer(service: &str, operation: &str, value: &Value) -> Option<Answer> {
    let model = model(service)?;
    let operation = model.operation(operation)?;
    let members = operation
        .output
        .map_or(&[][..], |output| model.members(output));
    let (kind, body) = match model.protocol {
        Protocol::Cbor => (
            "application/cbor",
            cbor::write(model, operation.output, value),
        ),
        Protocol::Query => (
            "text/xml",
            query(model, operation, members, value).into_bytes(),
        ),
        Protocol::RestXml => (
            "text/xml",
            rest_xml(model, operation, members, value).into_bytes(),
        ),
        Protocol::Json10 => (
            "application/x-amz-json-1.0",
            json_body(model, operation, value),
        ),
        Protocol::Json11 => (
            "application/x-amz-json-1.1",
            json_body(model, operation, value),
        ),
        Protocol::RestJson => ("application/json", json_body(model, operation, value)),
    };
    let mut answer = Answer::new(StatusCode::OK, kind, body);
    if model.protocol == Protocol::Cbor {
        answer = answer.with("smithy-protocol", "rpc-v2-cbor");
    }
    for member in members
        .iter()
        .filter(|m| m.location == Some(Location::Header))
    {
        let name = member.wire_name.as_ref().unwrap_or(&member.name);
        let text = value.get(&member.name).and_then(Value::as_str);
        let value = text.and_then(|text| text.parse().ok());
        if let (Some(value), Ok(name)) = (value, name.parse::<axum::http::HeaderName>()) {
            answer.headers.insert(name, value);
        }
    }
    Some(answer)
}

fn query(model: &ServiceModel, operation: &Operation, members: &[Member], value: &Value) -> String {
    let mut body = String::new();
    let response = format!("{}Response", operation.name);
    xml::within(&mut body, &response, true, |body| {
        let wrapper = operation.result_wrapper.as_deref();
        xml::within(
            body,
            wrapper.unwrap_or_default(),
            wrapper.is_some(),
            |body| {
                xml::members(body, model, members, value);
            },
        );
        *body += "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>";
    });
    body
}

fn rest_xml(
    model: &ServiceModel,
    operation: &Operation,
    members: &[Member],
    value: &Value,
) -> String {
    let mut body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let payload = payload(model, operation);
    if let Some((member, value)) =
        payload.and_then(|member| Some((member, value.get(&member.name)?)))
    {
        xml::element(&mut body, model, member, value);
    } else {
        let name = operation
            .output
            .map(|output| model.shape(output).name.as_str());
        xml::within(&mut body, name.unwrap_or("Answer"), true, |body| {
            xml::members(body, model, members, value);
        });
    }
    body
}

/// The member that is the whole body.
fn payload<'m>(model: &'m ServiceModel, operation: &Operation) -> Option<&'m Member> {
    let output = model.structure(operation.output?)?;
    output.member(output.payload.as_deref()?)
}

fn json_body(model: &ServiceModel, operation: &Operation, value: &Value) -> Vec<u8> {
    let body = match (payload(model, operation), operation.output) {
        (Some(member), _) => json(
            model,
            member,
            value.get(&member.name).unwrap_or(&Value::Null),
        ),
        (None, Some(output)) => structure(model, output, value),
        (None, None) => Value::Object(Map::new()),
    };
    body.to_string().into_bytes()
}

fn structure(model: &ServiceModel, shape: ShapeIndex, value: &Value) -> Value {
    let members = model.members(shape);
    let mut written = Map::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        match members.iter().find(|member| member.name == *name) {
            Some(member) if member.location.is_some() => {}
            Some(member) => {
                let name = member.wire_name.as_ref().unwrap_or(name);
                written.insert(name.clone(), json(model, member, value));
            }
            None => _ = written.insert(name.clone(), value.clone()),
        }
    }
    Value::Object(written)
}

fn json(model: &ServiceModel, member: &Member, value: &Value) -> Value {
    let shape = model.shape(member.shape);
    match (&shape.kind, value) {
        (ShapeKind::Structure(_), Value::Object(_)) => structure(model, member.shape, value),
        (ShapeKind::List(item), Value::Array(items)) => {
            items.iter().map(|value| json(model, item, value)).collect()
        }
        (ShapeKind::Map { value: of, .. }, Value::Object(entries)) => {
            let entries = entries.iter();
            let entries = entries.map(|(key, value)| (key.clone(), json(model, of, value)));
            Value::Object(entries.collect())
        }
        (ShapeKind::Timestamp, Value::String(text)) => {
            let format = member.timestamp_format.or(shape.timestamp_format);
            moment(text, format.unwrap_or(TimestampFormat::EpochSeconds))
        }
        (_, value) => value.clone(),
    }
}

/// A moment as it is written.
pub(super) fn moment(text: &str, format: TimestampFormat) -> Value {
    let moment: Timestamp = text.parse().expect("a moment");
    match format {
        TimestampFormat::DateTime => text.into(),
        TimestampFormat::EpochSeconds => moment.as_second().into(),
        TimestampFormat::HttpDate => moment
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
            .into(),
    }
}
