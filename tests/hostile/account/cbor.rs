//! Smithy RPC v2 CBOR, which CloudWatch speaks.

use super::Answer;
use super::answer;
use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::{Decoder, Encoder};
use axum::http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// An answer: a map that `fill` writes the fields of.
pub(super) fn respond(status: StatusCode, fill: impl FnOnce(&mut Encoder)) -> Answer {
    let mut encoder = Encoder::new(Vec::new());
    encoder.begin_map();
    fill(&mut encoder);
    encoder.end();
    let mut answer = answer(status, "application/cbor", encoder.into_writer());
    answer
        .headers
        .insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    answer
}

/// A field that holds a time.
pub(super) fn time(encoder: &mut Encoder, name: &str, time: Timestamp) {
    let time = aws_smithy_types::DateTime::from_secs(time.as_second());
    encoder.str(name).timestamp(&time);
}

/// A field that holds a list of texts.
pub(super) fn texts(encoder: &mut Encoder, name: &str, texts: &[String]) {
    encoder.str(name).array(texts.len());
    for text in texts {
        encoder.str(text);
    }
}

/// A request as a tree. Times are seconds since 1970.
pub(super) fn read(body: &[u8]) -> Option<Value> {
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
