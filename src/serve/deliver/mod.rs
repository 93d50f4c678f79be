//! Combines notices into messages when they are due, and sends the messages until they arrive.
//!
//! A message is sent at least once: it is only marked as sent afterwards, so if the process dies in
//! between, it is sent again under the same id.

mod send;
mod signature;

use super::lease::Silence;
use super::notify::change_message::{ChangeMessage, RunChanges};
use super::notify::channel::Channel;
use super::state::Service;
use crate::aws::http::Network;
use crate::store::{CLOCK_SET_BACK, Database, Fate, Message, StoreError, Waiting, new_id};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How often the outbox is polled.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How many messages are sent at the same time, so that one that hangs does not delay the others.
const AT_ONCE: usize = 8;
/// How long sending one may take. This is less than [`HOLD_TIMEOUT`].
const SEND_TIMEOUT: Duration = Duration::from_secs(90);
/// How long a message stays with the process that sends it, before another one takes it over.
const HOLD_TIMEOUT: Duration = Duration::from_mins(2);
/// How long messages in progress may take when the process ends.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long notices for an unknown channel wait: another process may have a newer configuration that
/// contains it.
const UNKNOWN_CHANNEL_TIMEOUT: SignedDuration = SignedDuration::from_hours(24);
/// The service's name in the audit log.
const ACTOR: &str = "service";

/// Sends messages.
#[derive(Clone)]
pub(super) struct Courier {
    database: Database,
    channels: Arc<BTreeMap<String, Channel>>,
    network: Arc<Network>,
    url: Option<String>,
}

/// Sends messages until the service stops.
pub(super) async fn deliver(service: Arc<Service>) {
    let config = &service.config;
    let courier = Courier::new(&service.database, &config.channels, config.url.as_deref());
    let courier = match courier {
        Ok(courier) => courier,
        Err(error) => {
            tracing::warn!(%error, "no message can be sent");
            return;
        }
    };
    let mut sending = Sending::default();
    loop {
        tokio::select! {
            biased;
            () = service.stop.cancelled() => break,
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
        if let Err(error) = sending.look(&courier).await {
            tracing::warn!(%error, "the outbox cannot be read");
        }
    }
    // What does not end in time is sent again by the next process.
    let all = async { while sending.tasks.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, all).await;
}

/// Messages that this process is sending, and those that it sees others send.
#[derive(Default)]
struct Sending {
    tasks: JoinSet<String>,
    own: HashSet<String>,
    silence: Silence,
}

impl Sending {
    /// Combines the notices that are due, and begins to send the messages that wait.
    async fn look(&mut self, courier: &Courier) -> Result<(), StoreError> {
        while let Some(ended) = self.tasks.try_join_next() {
            match ended {
                Ok(id) => self.own.remove(&id),
                // The task panicked, so the id of its message is unknown.
                Err(_) => !std::mem::take(&mut self.own).is_empty(),
            };
        }
        courier.compose(courier.database.clock().await?).await?;
        while self.tasks.len() < AT_ONCE {
            let now = courier.database.clock().await?;
            let message = match courier.database.next_message(now).await? {
                Some(message) => Some(message),
                None => self.silent(courier, Instant::now()).await?,
            };
            let Some(message) = message else { break };
            self.own.insert(message.id.clone());
            let courier = courier.clone();
            self.tasks.spawn(async move {
                courier.deliver_one(&message, now).await;
                message.id
            });
        }
        Ok(())
    }

    /// A message that another process began to send, and that has made no progress since.
    async fn silent(
        &mut self,
        courier: &Courier,
        now: Instant,
    ) -> Result<Option<Message>, StoreError> {
        let mut held = courier.database.held_messages().await?;
        held.retain(|seen| !self.own.contains(&seen.id));
        for seen in self.silence.longer_than(HOLD_TIMEOUT, held, now) {
            if let Some(message) = courier.database.take_message(&seen).await? {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }
}

impl Courier {
    /// # Errors
    /// Proxies of the environment that cannot be used.
    pub(super) fn new(
        database: &Database,
        channels: &BTreeMap<String, Channel>,
        url: Option<&str>,
    ) -> Result<Self, String> {
        Ok(Self {
            database: database.clone(),
            channels: Arc::new(channels.clone()),
            network: Arc::new(Network::from_env().map_err(|bad| bad.to_string())?),
            url: url.map(ToOwned::to_owned),
        })
    }

    /// Combines the notices of each channel whose notices are due.
    async fn compose(&self, now: Timestamp) -> Result<(), StoreError> {
        let waiting = self.database.waiting_notices().await?;
        for of_channel in waiting.chunk_by(|a, b| a.channel == b.channel) {
            let name = of_channel[0].channel.as_str();
            let fate = match self.channels.get(name) {
                Some(channel) if is_due(channel, of_channel, now) => Fate::Send,
                None if first(of_channel)
                    .is_some_and(|at| now.duration_since(at) > UNKNOWN_CHANNEL_TIMEOUT) =>
                {
                    Fate::GiveUp
                }
                Some(_) | None => continue,
            };
            self.compose_one(name, fate, now).await?;
        }
        Ok(())
    }

    async fn compose_one(&self, name: &str, fate: Fate, now: Timestamp) -> Result<(), StoreError> {
        let url = self.url.clone();
        let mut written = None;
        let make = |id: &str, payloads: Vec<String>| {
            let runs = payloads.iter().filter_map(|payload| {
                let changes = serde_json::from_str::<RunChanges>(payload);
                let changes = changes.inspect_err(|error| {
                    tracing::warn!(%error, "a notice cannot be read");
                });
                changes.ok()
            });
            let message = ChangeMessage::of(id, runs.collect(), url.as_deref())?;
            written = Some(id.to_owned());
            serde_json::to_string(&message).ok()
        };
        let is_composed = self.database.compose(name, fate, now, make).await?;
        if is_composed && fate == Fate::GiveUp {
            let id = written.unwrap_or_default();
            self.given_up(&id, name, "the configuration has no such channel", now)
                .await;
        }
        Ok(())
    }

    /// Sends one message, and stores the result.
    async fn deliver_one(&self, message: &Message, now: Timestamp) {
        let channel = self.channels.get(&message.channel);
        if let Some(until) = channel.and_then(|channel| postponed(channel, message, now)) {
            if let Err(error) = self.database.postpone(message, until, now).await {
                tracing::warn!(id = message.id, %error, "the message cannot be postponed");
            }
            return;
        }
        let result = match channel {
            Some(channel) => self.send(channel, &message.id, &message.payload).await,
            None => Err("the configuration has no such channel".to_owned()),
        };
        self.store_result(message, result).await;
    }

    async fn send(&self, channel: &Channel, id: &str, payload: &str) -> Result<(), String> {
        let sending = send::send(channel, &self.network, (id, payload));
        let sent = tokio::time::timeout(SEND_TIMEOUT, Box::pin(sending)).await;
        sent.unwrap_or_else(|_| Err("no answer in time".to_owned()))
    }

    async fn store_result(&self, message: &Message, result: Result<(), String>) {
        let (id, channel) = (message.id.as_str(), message.channel.as_str());
        // If the database is away, the result cannot be stored either.
        let now = self.database.clock().await;
        let now = now.unwrap_or_else(|_| Timestamp::now());
        let noted = match &result {
            Ok(()) => {
                tracing::info!(id, channel, "message sent");
                self.database.sent(message, now).await.map(|()| true)
            }
            Err(why) => {
                let attempt = message.attempt;
                tracing::warn!(id, channel, why, attempt, "message not sent");
                self.database.not_sent(message, why, now).await
            }
        };
        match (noted, result) {
            (Ok(false), Err(why)) => self.given_up(id, channel, &why, now).await,
            (Ok(_), _) => {}
            // It is sent again under the same id.
            (Err(error), _) => {
                tracing::warn!(id, %error, "what became of the message cannot be noted");
            }
        }
    }

    async fn given_up(&self, id: &str, channel: &str, why: &str, now: Timestamp) {
        tracing::error!(id, channel, why, "message given up");
        let detail = json!({"channel": channel, "error": why});
        let logged = self
            .database
            .log(ACTOR, ("message.give-up", id), &detail, now);
        if let Err(error) = logged.await {
            tracing::warn!(id, %error, "the audit log cannot be written");
        }
    }
}

/// Sends a message that tries a channel out. Returns its id.
///
/// # Errors
/// Why it did not arrive.
pub(super) async fn try_out(channel: &Channel) -> Result<String, String> {
    let network = Network::from_env().map_err(|error| error.to_string())?;
    let id = new_id(Timestamp::now());
    let payload =
        serde_json::to_string(&ChangeMessage::test(&id)).map_err(|error| error.to_string())?;
    let sending = send::send(channel, &network, (id.as_str(), payload.as_str()));
    let sent = tokio::time::timeout(SEND_TIMEOUT, Box::pin(sending)).await;
    sent.unwrap_or_else(|_| Err("no answer in time".to_owned()))?;
    Ok(id)
}

fn first(waiting: &[Waiting]) -> Option<Timestamp> {
    waiting.iter().map(|waiting| waiting.first).min()
}

fn is_due(channel: &Channel, waiting: &[Waiting], now: Timestamp) -> bool {
    let timing = &channel.timing;
    let urgent = waiting.iter().filter(|w| timing.is_urgent(w.severity));
    // A notice from before the clock was set back has waited long enough.
    let noted = |at: Timestamp| {
        if at.duration_since(now) <= CLOCK_SET_BACK {
            return at.min(now);
        }
        now.checked_sub(timing.burst).unwrap_or(now)
    };
    let urgent = urgent.map(|waiting| noted(waiting.first)).min();
    first(waiting).is_some_and(|first| timing.is_due(noted(first), urgent, now))
}

/// Until when a message waits that would be sent in quiet hours.
fn postponed(channel: &Channel, message: &Message, now: Timestamp) -> Option<Timestamp> {
    let timing = &channel.timing;
    let urgent = timing
        .urgent
        .is_some_and(|least| message.severity >= least as i64);
    timing.quiet_until(now).filter(|_| !urgent)
}

#[cfg(test)]
mod tests;
