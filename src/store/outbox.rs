//! Messages: written together with what they tell, and sent afterwards.
//!
//! A message is sent at least once. Whoever sends it holds it for a while, so two processes do not
//! send it at the same time; one that dies in the middle leaves it to be sent again under the same id.

use super::StoreError;
use super::database::{Database, at, maybe_at, ms};
use jiff::{SignedDuration, Timestamp};
use sqlx::{Any, Row, Transaction};

/// So long a message belongs to whoever is sending it.
const HOLD: SignedDuration = SignedDuration::from_mins(2);
/// The wait after the first failed attempt; each further one is twice as long.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(15);
/// The longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// Attempts after which a message is given up: about a day.
const ATTEMPTS: i64 = 30;

/// What becomes of a composed message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is sent.
    Send,
    /// It is a dead letter, since nobody knows its channel any more.
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
    /// The worst of it, as a number.
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
        "INSERT INTO outbox (id, channel, run, payload, state, made, attempts, next_attempt, \
         severity, error) VALUES ($1, $2, $3, $4, $5, $6, 0, $6, $7, $8)",
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
    /// The next message to send, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next_message(&self, now: Timestamp) -> Result<Option<Message>, StoreError> {
        let until = now.checked_add(HOLD).unwrap_or(Timestamp::MAX);
        let rows = sqlx::query(
            "UPDATE outbox SET attempts = attempts + 1, next_attempt = $1 \
             WHERE state = 'waiting' AND next_attempt <= $2 AND id = (\
                 SELECT next.id FROM outbox next WHERE next.state = 'waiting' \
                 AND next.next_attempt <= $2 ORDER BY next.next_attempt, next.id LIMIT 1) \
             RETURNING id, channel, payload, severity, attempts, made",
        )
        .bind(ms(until))
        .bind(ms(now))
        .fetch_all(&self.pool)
        .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(Message {
            id: row.try_get("id")?,
            channel: row.try_get("channel")?,
            payload: row.try_get("payload")?,
            severity: row.try_get("severity")?,
            attempt: row.try_get("attempts")?,
            made: at(row.try_get("made")?)?,
        }))
    }

    /// A message has arrived.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sent(&self, message: &Message, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET state = 'sent', sent = $1, error = NULL WHERE id = $2")
            .bind(ms(now))
            .bind(&message.id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// A message has not arrived. Returns whether it will be tried again.
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
            "UPDATE outbox SET state = $1, next_attempt = $2, error = $3 \
             WHERE id = $4 AND attempts = $5 AND state = 'waiting'",
        )
        .bind(if again { "waiting" } else { "given-up" })
        .bind(ms(next))
        .bind(why)
        .bind(&message.id)
        .bind(message.attempt)
        .execute(&self.pool)
        .await?;
        Ok(again)
    }

    /// A message is not to be sent before a time. That was no attempt.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn postpone(&self, message: &Message, until: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET next_attempt = $1, attempts = attempts - 1 \
             WHERE id = $2 AND attempts = $3 AND state = 'waiting'",
        )
        .bind(ms(until))
        .bind(&message.id)
        .bind(message.attempt)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// A message that was given up is tried again from now on. Returns whether there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn send_again(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE outbox SET state = 'waiting', attempts = 0, next_attempt = $1 \
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

    /// Forgets messages that were written before a time and are not going to be sent.
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

/// How long to wait after an attempt: twice as long each time, and up to a quarter more, by which
/// messages that failed together do not come back together.
fn wait(id: &str, attempt: i64) -> SignedDuration {
    let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(16);
    let wait = FIRST_WAIT
        .checked_mul(1 << doublings)
        .unwrap_or(LONGEST_WAIT)
        .min(LONGEST_WAIT);
    // The end of an id is random. The same for every process, so a test can tell it.
    let random = id.get(id.len().saturating_sub(8)..).unwrap_or_default();
    let random = u32::from_str_radix(random, 16).unwrap_or(0);
    let share = f64::from(random.rotate_left(5 * doublings)) / f64::from(u32::MAX);
    wait + wait.mul_f64(share / 4.0)
}

#[cfg(test)]
mod tests {
    use super::super::database::tests::empty;
    use super::*;

    #[tokio::test]
    async fn a_message_is_tried_until_it_arrives_under_one_id() {
        let (database, _folder) = empty().await;
        let begin = Timestamp::from_second(1_800_000_000).unwrap();
        let after = |seconds| begin + SignedDuration::from_secs(seconds);
        let mut transaction = database.write().await.unwrap();
        let message = NewMessage {
            id: "0019f00000000000ffffffff".to_owned(),
            channel: "chat".to_owned(),
            severity: 2,
            payload: "{}".to_owned(),
        };
        write(&mut transaction, "r", &message, Fate::Send, begin)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        let next = async |seconds| database.next_message(after(seconds)).await.unwrap();
        let first = next(0).await.unwrap();
        assert_eq!((first.attempt, first.channel.as_str()), (1, "chat"));
        // Whoever sends it has it alone, and loses it by dying.
        assert_eq!(next(60).await, None);
        let second = next(121).await.unwrap();
        assert_eq!((&second.id, second.attempt), (&first.id, 2));
        // The first one's failure comes too late to matter.
        assert!(database.not_sent(&first, "gone", after(122)).await.unwrap());
        assert_eq!(next(140).await, None);
        // Quiet hours are no attempt.
        database.postpone(&second, after(130)).await.unwrap();
        let second = next(130).await.unwrap();
        assert_eq!(second.attempt, 2);
        database
            .not_sent(&second, "gone", after(122))
            .await
            .unwrap();
        assert_eq!(next(122 + 30).await, None);
        let third = next(122 + 38).await.unwrap();
        database.sent(&third, after(161)).await.unwrap();
        assert_eq!(next(100_000).await, None);
        assert_eq!(database.outbox_length().await.unwrap(), (0, 0));
    }

    #[test]
    fn waits_grow_and_differ() {
        let none = "0019f00000000000000000000";
        assert_eq!(wait(none, 1), FIRST_WAIT);
        assert_eq!(wait(none, 2), FIRST_WAIT * 2);
        assert_eq!(wait(none, 40), LONGEST_WAIT);
        let all = "0019f00000000000ffffffff";
        assert_eq!(wait(all, 40), LONGEST_WAIT + LONGEST_WAIT / 4);
        assert_ne!(wait("0019f0000000000012345678", 3), wait(none, 3));
    }

    #[tokio::test]
    async fn a_message_that_never_arrives_is_given_up_and_can_be_tried_again() {
        let (database, _folder) = empty().await;
        let mut now = Timestamp::from_second(1_800_000_000).unwrap();
        let mut transaction = database.write().await.unwrap();
        let message = NewMessage {
            id: "0019f0000000000012345678".to_owned(),
            channel: "chat".to_owned(),
            severity: 2,
            payload: "{}".to_owned(),
        };
        write(&mut transaction, "r", &message, Fate::Send, now)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        let begin = now;
        let mut attempts = 0;
        while let Some(message) = database.next_message(now).await.unwrap() {
            attempts += 1;
            let again = database.not_sent(&message, "gone", now).await.unwrap();
            assert_eq!(again, attempts < ATTEMPTS);
            now += LONGEST_WAIT * 2;
        }
        assert_eq!(attempts, ATTEMPTS);
        let dead = database.messages(Some("given-up"), None, 9).await.unwrap();
        assert_eq!(dead[0].error.as_deref(), Some("gone"));
        assert_eq!(dead[0].made, begin);
        assert_eq!(database.messages(Some("sent"), None, 9).await.unwrap(), []);
        assert!(database.send_again(&dead[0].id, now).await.unwrap());
        let again = database.next_message(now).await.unwrap().unwrap();
        assert_eq!((again.id, again.attempt), (dead[0].id.clone(), 1));
        assert_eq!(database.forget_messages(now).await.unwrap(), 0);
    }
}
