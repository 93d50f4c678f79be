//! The outbox: messages are stored in one transaction with what they tell, and sent afterwards.
//!
//! A message is sent at least once. The process that sends it holds it, so two processes do not send it at
//! the same time. If that process dies in the middle, the message is sent again under the same id.
//!
//! ```text
//!   waiting ── next ──▶ held ── sent ──▶ sent
//!      ▲                │ │  └─ take over, after a silence: attempts + 1
//!      └─── not sent ───┘ └─ not sent, too often ──▶ given up
//! ```
//!
//! As with runs, no clocks are compared to find a dead holder: another process takes a message over if its
//! `attempts` has not changed for a while by that process's own monotonic clock. The next attempt is due by
//! the database's clock; setting that clock can make it earlier, never later.

use super::database::{Database, at, maybe_at, ms};
use super::{Seen, StoreError};
use jiff::{SignedDuration, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

/// The wait after the first failed attempt; each further one is twice as long.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(15);
/// The longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// Attempts after which a message is given up: about a day.
const ATTEMPTS: i64 = 30;
/// A time that was stored so much later than now was stored before the clock was set back. One that is only
/// a little later was stored after this process had read the clock.
pub(crate) const CLOCK_SET_BACK: SignedDuration = SignedDuration::from_mins(1);

/// What becomes of a composed message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is sent.
    Send,
    /// It is a dead letter, because the configuration no longer has its channel.
    GiveUp,
}

/// A message that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewMessage {
    pub(super) id: String,
    pub(super) channel: String,
    pub(super) severity: i64,
    pub(super) payload: String,
}

/// A message that is being sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The same for every attempt.
    pub id: String,
    /// The channel's name in the configuration.
    pub channel: String,
    /// What it tells, in JSON.
    pub payload: String,
    /// The highest severity in it, as a number.
    pub severity: i64,
    /// This attempt, from one.
    pub attempt: i64,
    /// When it was written.
    pub made: Timestamp,
}

/// A message as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// The same for every attempt.
    pub id: String,
    /// The channel's name in the configuration.
    pub channel: String,
    /// The last run that it tells of.
    pub run: Option<String>,
    /// `waiting`, `sent` or `given-up`.
    pub state: String,
    /// When it was written.
    pub made: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, while it waits.
    pub next_attempt: Timestamp,
    /// When it arrived.
    pub sent: Option<Timestamp>,
    /// Why it did not arrive.
    pub error: Option<String>,
}

/// Writes a message about a run.
pub(super) async fn write(
    transaction: &mut Transaction<'static, Any>,
    run: &str,
    message: &NewMessage,
    fate: Fate,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (state, error) = match fate {
        Fate::Send => ("waiting", None),
        Fate::GiveUp => (
            "given-up",
            Some("the configuration has no such channel any more"),
        ),
    };
    sqlx::query(
        "INSERT INTO outbox (id, channel, run, payload, state, made, attempts, next_attempt, noted, \
         severity, error) VALUES ($1, $2, $3, $4, $5, $6, 0, $6, $6, $7, $8)",
    )
    .bind(&message.id)
    .bind(&message.channel)
    .bind(run)
    .bind(&message.payload)
    .bind(state)
    .bind(ms(now))
    .bind(message.severity)
    .bind(error)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl Database {
    /// The next message to send, if there is one. The caller then holds it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next_message(&self, now: Timestamp) -> Result<Option<Message>, StoreError> {
        let rows = sqlx::query(
            "UPDATE outbox SET attempts = attempts + 1, held = 1 \
             WHERE state = 'waiting' AND held = 0 AND id = (\
                 SELECT next.id FROM outbox next WHERE next.state = 'waiting' AND next.held = 0 \
                 AND (next.next_attempt <= $1 OR next.noted > $2) \
                 ORDER BY next.next_attempt, next.id LIMIT 1) \
             RETURNING id, channel, payload, severity, attempts, made",
        )
        .bind(ms(now))
        .bind(ms(now
            .checked_add(CLOCK_SET_BACK)
            .unwrap_or(Timestamp::MAX)))
        .fetch_all(&self.pool)
        .await?;
        rows.first().map(Message::of).transpose()
    }

    /// Every message that somebody holds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn held_messages(&self) -> Result<Vec<Seen>, StoreError> {
        let rows =
            sqlx::query("SELECT id, attempts FROM outbox WHERE state = 'waiting' AND held = 1")
                .fetch_all(&self.pool)
                .await?;
        rows.iter()
            .map(|row| {
                Ok(Seen {
                    id: row.try_get("id")?,
                    token: row.try_get("attempts")?,
                    beat: 0,
                })
            })
            .collect()
    }

    /// Takes over a message that is held and has had no attempt since it was seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_message(&self, seen: &Seen) -> Result<Option<Message>, StoreError> {
        let rows = sqlx::query(
            "UPDATE outbox SET attempts = attempts + 1 \
             WHERE id = $1 AND attempts = $2 AND state = 'waiting' AND held = 1 \
             RETURNING id, channel, payload, severity, attempts, made",
        )
        .bind(&seen.id)
        .bind(seen.token)
        .fetch_all(&self.pool)
        .await?;
        rows.first().map(Message::of).transpose()
    }

    /// Marks a message as sent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sent(&self, message: &Message, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET state = 'sent', sent = $1, error = NULL, held = 0 WHERE id = $2",
        )
        .bind(ms(now))
        .bind(&message.id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes that a message has not arrived. Returns whether it will be tried again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn not_sent(
        &self,
        message: &Message,
        why: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let again = message.attempt < ATTEMPTS;
        let next = now
            .checked_add(wait(&message.id, message.attempt))
            .unwrap_or(Timestamp::MAX);
        sqlx::query(
            "UPDATE outbox SET state = $1, next_attempt = $2, noted = $6, error = $3, held = 0 \
             WHERE id = $4 AND attempts = $5 AND state = 'waiting' AND held = 1",
        )
        .bind(if again { "waiting" } else { "given-up" })
        .bind(ms(next))
        .bind(why)
        .bind(&message.id)
        .bind(message.attempt)
        .bind(ms(now))
        .execute(&self.pool)
        .await?;
        Ok(again)
    }

    /// Puts a message off until a time. This attempt does not count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn postpone(
        &self,
        message: &Message,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET next_attempt = $1, noted = $4, attempts = attempts - 1, held = 0 \
             WHERE id = $2 AND attempts = $3 AND state = 'waiting' AND held = 1",
        )
        .bind(ms(until))
        .bind(&message.id)
        .bind(message.attempt)
        .bind(ms(now))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Queues a message again that was given up. Returns whether there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn send_again(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE outbox SET state = 'waiting', attempts = 0, next_attempt = $1, noted = $1, held = 0 \
             WHERE id = $2 AND state = 'given-up'",
        )
        .bind(ms(now))
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Messages older than one, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn messages(
        &self,
        state: Option<&str>,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, channel, run, state, made, attempts, next_attempt, sent, error FROM outbox \
             WHERE ($1 = '' OR state = $1) AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3",
        )
        .bind(state.unwrap_or_default())
        .bind(before.unwrap_or_default())
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(MessageRow {
                    id: row.try_get("id")?,
                    channel: row.try_get("channel")?,
                    run: row.try_get("run")?,
                    state: row.try_get("state")?,
                    made: at(row.try_get("made")?)?,
                    attempts: row.try_get("attempts")?,
                    next_attempt: at(row.try_get("next_attempt")?)?,
                    sent: maybe_at(row.try_get("sent")?)?,
                    error: row.try_get("error")?,
                })
            })
            .collect()
    }

    /// Removes messages that were written before a time and no longer wait.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_messages(&self, before: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM outbox WHERE state <> 'waiting' AND made < $1")
            .bind(ms(before))
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }

    /// How many messages wait, and how many were given up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_length(&self) -> Result<(i64, i64), StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(CASE WHEN state = 'waiting' THEN 1 END) AS waiting, \
             COUNT(CASE WHEN state = 'given-up' THEN 1 END) AS given_up FROM outbox \
             WHERE state <> 'sent'",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((row.try_get("waiting")?, row.try_get("given_up")?))
    }
}

impl Message {
    fn of(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.try_get("id")?,
            channel: row.try_get("channel")?,
            payload: row.try_get("payload")?,
            severity: row.try_get("severity")?,
            attempt: row.try_get("attempts")?,
            made: at(row.try_get("made")?)?,
        })
    }
}

/// How long to wait after an attempt: twice as long each time, and up to a quarter more, so that messages
/// that failed together are not retried together.
fn wait(id: &str, attempt: i64) -> SignedDuration {
    let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(16);
    let wait = FIRST_WAIT
        .checked_mul(1 << doublings)
        .unwrap_or(LONGEST_WAIT)
        .min(LONGEST_WAIT);
    // The end of an id is random, and the same for every process, so tests can predict the wait.
    let random = id.get(id.len().saturating_sub(8)..).unwrap_or_default();
    let random = u32::from_str_radix(random, 16).unwrap_or(0);
    let share = f64::from(random.rotate_left(5 * doublings)) / f64::from(u32::MAX);
    wait + wait.mul_f64(share / 4.0)
}

#[cfg(test)]
mod tests;
