//! What a request asks with.

use super::{cbor, labels, pairs};
use crate::endpoint::Call;
use serde_json::{Map, Value};
use sixpillars::kinds::model::{Location, Operation, Protocol, ServiceModel};

/// The members of a request, by their names in the model. Values of forms, paths and queries are texts.
pub(crate) fn input(model: &ServiceModel, operation: &Operation, call: &Call<'_>) -> Value {
    match model.protocol {
        Protocol::Json10 | Protocol::Json11 => json(call.body),
        Protocol::Cbor => cbor::read(call.body).unwrap_or_default(),
        Protocol::Query => form(call.body),
        Protocol::RestJson | Protocol::RestXml => rest(model, operation, call),
    }
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| Value::Object(Map::new()))
}

fn rest(model: &ServiceModel, operation: &Operation, call: &Call<'_>) -> Value {
    let labels = labels(operation, call.uri).map(|labels| labels.values);
    let labels = labels.unwrap_or_default();
    let query = pairs(call.uri.query().unwrap_or_default());
    let mut body = match model.protocol {
        Protocol::RestJson => json(call.body),
        _ => Value::Null,
    };
    let mut input = Map::new();
    for member in operation
        .input
        .map_or(&[][..], |input| model.members(input))
    {
        let wire = member.wire_name.as_ref().unwrap_or(&member.name);
        let text = |text: Option<&String>| text.map(|text| Value::from(text.as_str()));
        let value = match member.location {
            // A label is named as on the wire or as in the model.
            Some(Location::Uri) => text(labels.get(wire).or_else(|| labels.get(&member.name))),
            Some(Location::Query) => text(query.get(wire)),
            Some(Location::Header) => {
                let header = call.headers.get(wire.as_str());
                header
                    .and_then(|value| value.to_str().ok())
                    .map(Value::from)
            }
            _ => body.get_mut(wire).map(Value::take),
        };
        if let Some(value) = value {
            input.insert(member.name.clone(), value);
        }
    }
    Value::Object(input)
}

/// A form as a tree: `Names.member.1=a&Names.member.2=b` is a list of names.
fn form(body: &[u8]) -> Value {
    let mut tree = Value::Object(Map::new());
    for (name, value) in pairs(&String::from_utf8_lossy(body)) {
        super::set(
            &mut tree,
            &name.split('.').collect::<Vec<_>>(),
            value.into(),
        );
    }
    lists(tree)
}

fn lists(value: Value) -> Value {
    let Value::Object(members) = value else {
        return value;
    };
    let mut numbered: Vec<(usize, Value)> = Vec::new();
    let mut named = Map::new();
    for (name, value) in members {
        match name.parse() {
            Ok(number) => numbered.push((number, lists(value))),
            Err(_) => _ = named.insert(name, lists(value)),
        }
    }
    if !numbered.is_empty() {
        numbered.sort_by_key(|(number, _)| *number);
        return numbered.into_iter().map(|(_, value)| value).collect();
    }
    if named.len() == 1
        && let Some(items @ Value::Array(_)) = named.get("member")
    {
        return items.clone();
    }
    Value::Object(named)
}
