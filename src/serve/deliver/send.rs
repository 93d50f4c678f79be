//! Sends one message by its channel.

use super::signature::signature;
use crate::aws::http::{Network, Reach};
use crate::aws::session::{self, Regions, Session};
use crate::model::Call;
use crate::report::sanitize::clean;
use crate::send::webhook::Webhook;
use crate::send::{event_bridge, mail, ses, sns};
use crate::serve::notify::change_message::ChangeMessage;
use crate::serve::notify::channel::{Access, Channel, Kind};
use crate::serve::notify::render::{slack, subject, text};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The type of an event, by which rules of EventBridge select.
const DETAIL_TYPE: &str = "Findings changed";
/// The same for a test of the channel.
const TEST_DETAIL_TYPE: &str = "Channel tested";

/// Sends a message once.
///
/// # Errors
/// Why it did not arrive, in one line without secrets.
pub(super) async fn send(
    channel: &Channel,
    network: &Network,
    (id, payload): (&str, &str),
) -> Result<(), String> {
    let changes: ChangeMessage = serde_json::from_str(payload)
        .map_err(|error| format!("the message cannot be read: {error}"))?;
    let reach = if channel.allow_private {
        Reach::Anywhere
    } else {
        Reach::Public
    };
    match &channel.kind {
        Kind::Webhook { address, secret } => {
            let now = Timestamp::now().as_second();
            let signed = ("sixpillars-signature", signature(secret, now, payload));
            let headers = [("sixpillars-delivery", id.to_owned()), signed];
            post(address, (network, reach), payload, &headers).await
        }
        Kind::Slack { address } => {
            let body = slack(&changes).to_string();
            post(address, (network, reach), &body, &[]).await
        }
        Kind::Sns { topic, access } => {
            let session = open(access, network, &sns::PUBLISH, &topic.region).await?;
            let message =
                sns::Message::new(id, &subject(&changes), attributes(&changes), text(&changes));
            let published = sns::publish(&session, topic, &message).await;
            published.map_err(|gap| gap.to_string())
        }
        Kind::EventBridge { bus, access } => {
            let session = open(access, network, &event_bridge::PUT_EVENTS, &bus.region).await?;
            let detail = serde_json::to_value(&changes).map_err(|error| error.to_string())?;
            let kind = if changes.test {
                TEST_DETAIL_TYPE
            } else {
                DETAIL_TYPE
            };
            event_bridge::put(&session, bus, kind, &detail).await
        }
        Kind::Smtp { envelope, server } => {
            let mail = mail::message(envelope, id, &subject(&changes), &text(&changes))?;
            server.send(&mail, reach).await
        }
        Kind::Ses {
            envelope,
            region,
            access,
        } => {
            let mail = mail::message(envelope, id, &subject(&changes), &text(&changes))?;
            let session = open(access, network, &ses::SEND_EMAIL, region).await?;
            let sent = ses::send(&session, region, envelope, &mail).await;
            sent.map_err(|gap| gap.to_string())
        }
    }
}

async fn post(
    address: &str,
    way: (&Network, Reach),
    body: &str,
    headers: &[(&'static str, String)],
) -> Result<(), String> {
    let webhook = Webhook::parse(address).map_err(|error| format!("the address {error}"))?;
    let posted = webhook.post_once(way, body, headers).await;
    posted.map_err(|error| error.to_string())
}

/// A session that may make one call, and nothing else.
async fn open(
    access: &Access,
    network: &Network,
    call: &'static Call,
    region: &str,
) -> Result<Session, String> {
    let gate = session::gate(None, [call]);
    let regions = Regions::Named(vec![region.to_owned()]);
    let session = Box::pin(session::open(&access.login(call), &regions, network, &gate)).await;
    let session = session.and_then(|session| session.in_partition().map(|()| session));
    session.map_err(|error| clean(&error.one_line()))
}

/// What subscribers of a topic can filter by.
fn attributes(changes: &ChangeMessage) -> BTreeMap<&'static str, (&'static str, String)> {
    let number = |count: usize| ("Number", count.to_string());
    let targets = serde_json::to_string(&changes.targets()).unwrap_or_default();
    let mut attributes = BTreeMap::from([
        ("delivery", ("String", changes.id.clone())),
        ("new", number(changes.new.count)),
        ("worse", number(changes.worse.count)),
        ("fixed", number(changes.fixed.count)),
    ]);
    if !changes.targets().is_empty() {
        attributes.insert("targets", ("String.Array", targets));
    }
    let named = changes.new.first.iter().chain(&changes.worse.first);
    if let Some(severity) = named.map(|named| named.severity).max() {
        attributes.insert("severity", ("String", severity.to_string()));
    }
    attributes
}
