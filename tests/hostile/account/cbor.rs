//! Smithy RPC v2 CBOR, which CloudWatch speaks.

use super::Answer;
use super::answer;
pub(super) use crate::endpoint::modelled::read_cbor as read;
use aws_smithy_cbor::Encoder;
use axum::http::{HeaderValue, StatusCode};
use jiff::Timestamp;

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
