//! Amazon SNS: the topics that alarms notify.

use super::xml::Xml;
use super::{Account, Answer, Call, error};
use crate::account::form::Form;
use axum::http::StatusCode;

/// A topic that somebody listens to, one that nobody does, and one that is gone.
pub(super) const TOPICS: &[&str] = &["ops", "deaf", "gone"];

pub(super) fn answer(_: &Account, call: &Call<'_>) -> Option<Answer> {
    if call.operation != "GetTopicAttributes" {
        return None;
    }
    let form = Form::of(call.body);
    let topic = form.get("TopicArn").unwrap_or_default();
    let confirmed = match topic.rsplit(':').next() {
        Some("ops") => 2,
        Some("deaf") => 0,
        Some("gone") => return Some(error::respond(call, StatusCode::NOT_FOUND, "NotFound")),
        _ => return None,
    };
    let namespace = "http://sns.amazonaws.com/doc/2010-03-31/";
    Some(Xml::answer(
        "GetTopicAttributesResponse",
        namespace,
        |xml| {
            xml.within("GetTopicAttributesResult", |xml| {
                let attributes = [("SubscriptionsConfirmed", confirmed)];
                xml.list("Attributes", "entry", attributes, |xml, (key, value)| {
                    xml.text("key", key).text("value", value);
                });
            });
        },
    ))
}
