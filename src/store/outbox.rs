//! Messages: written together with what they tell, and sent afterwards.
//!
//! A message is sent at least once. Whoever sends it holds it for a while, so two processes do not
//! send it at the same time; one that dies in the middle leaves it to be sent again under the same id.

use super::database::{Database, at, ms};
use super::{StoreError, new_id};
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

/// A message that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// The channel's name in the configuration.
    pub channel: String,
    /// The body.
    pub payload: String,
}

/// A message that is being sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The same for every attempt.
    pub id: String,
    /// The channel's name in the configuration.
    pub channel: String,
    /// The body.
    pub payload: String,
    /// This attempt, from one.
    pub attempt: i64,
    /// When it was written.
    pub made: Timestamp,
}

/// Writes messages of a run.
pub(super) async fn write(
    transaction: &mut Transaction<'static, Any>,
    run: &str,
    messages: &[NewMessage],
    now: Timestamp,
) -> Result<(), StoreError> {
    for message in messages {
        sqlx::query(
            "INSERT INTO outbox (id, channel, run, payload, state, made, attempts, next_attempt) \
             VALUES ($1, $2, $3, $4, 'waiting', $5, 0, $5)",
        )
        .bind(new_id(now))
        .bind(&message.channel)
        .bind(run)
        .bind(&message.payload)
        .bind(ms(now))
        .execute(&mut **transaction)
        .await?;
    }
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
             RETURNING id, channel, payload, attempts, made",
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
            .checked_add(wait(message.attempt))
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

fn wait(attempt: i64) -> SignedDuration {
    let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(16);
    let wait = FIRST_WAIT
        .checked_mul(1 << doublings)
        .unwrap_or(LONGEST_WAIT);
    wait.min(LONGEST_WAIT)
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
            channel: "chat".to_owned(),
            payload: "{}".to_owned(),
        };
        write(&mut transaction, "r", &[message], begin)
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
        database
            .not_sent(&second, "gone", after(122))
            .await
            .unwrap();
        let third = next(152).await.unwrap();
        database.sent(&third, after(153)).await.unwrap();
        assert_eq!(next(100_000).await, None);
        assert_eq!(database.outbox_length().await.unwrap(), (0, 0));
        assert_eq!(wait(1), FIRST_WAIT);
        assert_eq!(wait(40), LONGEST_WAIT);
    }
}
