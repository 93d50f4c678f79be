//! CBOR, as Smithy RPC v2 uses it.

use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::{Decoder, Encoder};
use serde_json::{Map, Value};
use sixpillars::kinds::model::{ServiceModel, ShapeIndex, ShapeKind};

/// A request as a tree. Times are seconds since 1970.
pub(crate) fn read(body: &[u8]) -> Option<Value> {
    value(&mut Decoder::new(body))
}

fn value(decoder: &mut Decoder<'_>) -> Option<Value> {
    Some(match decoder.datatype().ok()? {
        Type::Map | Type::MapIndef => {
            let mut fields = Map::new();
            let mut left = decoder.map().ok()?;
            while another(decoder, &mut left)? {
                let name = decoder.string().ok()?;
                fields.insert(name, value(decoder)?);
            }
            Value::Object(fields)
        }
        Type::Array | Type::ArrayIndef => {
            let mut items = Vec::new();
            let mut left = decoder.list().ok()?;
            while another(decoder, &mut left)? {
                items.push(value(decoder)?);
            }
            Value::Array(items)
        }
        Type::String | Type::StringIndef => decoder.string().ok()?.into(),
        Type::Bool => decoder.boolean().ok()?.into(),
        Type::Tag => decoder.timestamp().ok()?.secs().into(),
        Type::F16 | Type::F32 | Type::F64 => decoder.double().ok()?.into(),
        Type::Null => {
            decoder.null().ok()?;
            Value::Null
        }
        _ => decoder.long().ok()?.into(),
    })
}

/// Whether a list goes on: so many are left, or its end is not here yet.
fn another(decoder: &mut Decoder<'_>, left: &mut Option<u64>) -> Option<bool> {
    match left {
        Some(0) => Some(false),
        Some(left) => {
            *left -= 1;
            Some(true)
        }
        None if decoder.datatype().ok()? == Type::Break => {
            decoder.skip().ok()?;
            Some(false)
        }
        None => Some(true),
    }
}

/// An answer of a shape.
pub(super) fn write(model: &ServiceModel, shape: Option<ShapeIndex>, value: &Value) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    one(&mut encoder, model, shape, value);
    encoder.into_writer()
}

fn one(encoder: &mut Encoder, model: &ServiceModel, shape: Option<ShapeIndex>, value: &Value) {
    let kind = shape.map(|shape| &model.shape(shape).kind);
    match value {
        Value::Null => _ = encoder.null(),
        Value::Bool(value) => _ = encoder.boolean(*value),
        Value::Number(number) => {
            _ = match number
                .as_i64()
                .filter(|_| !matches!(kind, Some(ShapeKind::Float | ShapeKind::Double)))
            {
                Some(whole) => encoder.long(whole),
                None => encoder.double(number.as_f64().unwrap_or_default()),
            }
        }
        Value::String(text) => {
            _ = match kind {
                Some(ShapeKind::Timestamp) => {
                    let moment: jiff::Timestamp = text.parse().expect("a moment");
                    let seconds = moment.as_second();
                    encoder.timestamp(&aws_smithy_types::DateTime::from_secs(seconds))
                }
                _ => encoder.str(text),
            }
        }
        Value::Array(items) => {
            let item = match kind {
                Some(ShapeKind::List(item)) => Some(item.shape),
                _ => None,
            };
            encoder.array(items.len());
            for value in items {
                one(encoder, model, item, value);
            }
        }
        Value::Object(members) => {
            encoder.begin_map();
            for (name, value) in members {
                let of = match kind {
                    Some(ShapeKind::Structure(structure)) => {
                        structure.member(name).map(|m| m.shape)
                    }
                    Some(ShapeKind::Map { value, .. }) => Some(value.shape),
                    _ => None,
                };
                encoder.str(name);
                one(encoder, model, of, value);
            }
            encoder.end();
        }
    }
}
