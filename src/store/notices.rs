//! Notices for channels: written together with the run that they are about, and combined into one message
//! when it is due.
//!
//! ```text
//! run finishes ─ notices ─ compose, when due ─ outbox ─ sent
//! ```

use super::database::{Database, at, ms};
use super::findings::severity;
use super::outbox::{self, Fate};
use super::{StoreError, new_id};
use crate::model::Severity;
use jiff::Timestamp;
use sqlx::{Any, Row, Transaction};

/// A notice for a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotice {
    /// The channel's name in the configuration.
    pub channel: String,
    /// The worst of what began to fail or became worse.
    pub severity: Severity,
    /// Its content, in JSON.
    pub payload: String,
}

/// Notices of one channel and severity that wait to become a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The channel's name in the configuration.
    pub channel: String,
    /// How severe it is.
    pub severity: Severity,
    /// When the first of them was written.
    pub first: Timestamp,
}

/// Writes the notices of a run.
pub(super) async fn write(
    transaction: &mut Transaction<'static, Any>,
    run: &str,
    notices: &[NewNotice],
    now: Timestamp,
) -> Result<(), StoreError> {
    for notice in notices {
        sqlx::query(
            "INSERT INTO notices (id, channel, run, made, severity, payload) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(new_id(now))
        .bind(&notice.channel)
        .bind(run)
        .bind(ms(now))
        .bind(notice.severity as i64)
        .bind(&notice.payload)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

impl Database {
    /// The notices that wait, by channel and severity.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn waiting_notices(&self) -> Result<Vec<Waiting>, StoreError> {
        let rows = sqlx::query(
            "SELECT channel, severity, MIN(made) AS first FROM notices \
             GROUP BY channel, severity ORDER BY channel, severity",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Waiting {
                    channel: row.try_get("channel")?,
                    severity: severity(row.try_get("severity")?)?,
                    first: at(row.try_get("first")?)?,
                })
            })
            .collect()
    }

    /// Writes the notices of a run, without finishing it.
    ///
    /// # Errors
    /// [`StoreError`].
    #[cfg(test)]
    pub(crate) async fn note(
        &self,
        run: &str,
        notices: &[NewNotice],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        write(&mut transaction, run, notices, now).await?;
        Ok(transaction.commit().await?)
    }

    /// Combines all notices of a channel into one message, in one transaction: each notice ends up in exactly
    /// one message. `make` gets the message's id and the notices, oldest first, and returns `None` if they
    /// cancel each other out. Returns whether there is a message.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn compose(
        &self,
        channel: &str,
        fate: Fate,
        now: Timestamp,
        make: impl FnOnce(&str, Vec<String>) -> Option<String> + Send,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.write().await?;
        // If two processes try at the same time, only one deletes them.
        let rows = sqlx::query(
            "DELETE FROM notices WHERE channel = $1 RETURNING id, run, severity, payload",
        )
        .bind(channel)
        .fetch_all(&mut *transaction)
        .await?;
        let mut notices: Vec<(String, String, i64, String)> = rows
            .iter()
            .map(|row| {
                Ok::<_, StoreError>((
                    row.try_get("id")?,
                    row.try_get("run")?,
                    row.try_get("severity")?,
                    row.try_get("payload")?,
                ))
            })
            .collect::<Result<_, _>>()?;
        notices.sort();
        let Some((_, run, ..)) = notices.last().cloned() else {
            return Ok(false);
        };
        let severity = notices.iter().map(|notice| notice.2).max().unwrap_or(0);
        let id = new_id(now);
        let payloads = notices.into_iter().map(|notice| notice.3).collect();
        let is_written = match make(&id, payloads) {
            Some(payload) => {
                let message = outbox::NewMessage {
                    id,
                    channel: channel.to_owned(),
                    severity,
                    payload,
                };
                outbox::write(&mut transaction, &run, &message, fate, now).await?;
                true
            }
            None => false,
        };
        transaction.commit().await?;
        Ok(is_written)
    }
}

#[cfg(test)]
mod tests {
    use super::super::database::tests::empty;
    use super::*;
    use jiff::SignedDuration;

    fn begin() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    async fn note(database: &Database, channel: &str, severity: Severity, seconds: i64) {
        let mut transaction = database.write().await.unwrap();
        let notice = NewNotice {
            channel: channel.to_owned(),
            severity,
            payload: format!("{seconds}"),
        };
        let now = begin() + SignedDuration::from_secs(seconds);
        write(&mut transaction, "r", &[notice], now).await.unwrap();
        transaction.commit().await.unwrap();
    }

    #[tokio::test]
    async fn all_that_waits_for_a_channel_is_one_message() {
        let (database, _folder) = empty().await;
        note(&database, "chat", Severity::Low, 2).await;
        note(&database, "chat", Severity::High, 1).await;
        note(&database, "mail", Severity::Low, 3).await;
        let waiting = database.waiting_notices().await.unwrap();
        let of = |at: usize| (waiting[at].channel.as_str(), waiting[at].severity);
        assert_eq!(
            [of(0), of(1), of(2)],
            [
                ("chat", Severity::Low),
                ("chat", Severity::High),
                ("mail", Severity::Low)
            ]
        );
        assert_eq!(waiting[0].first, begin() + SignedDuration::from_secs(2));
        let now = begin() + SignedDuration::from_secs(60);
        let join = |id: &str, payloads: Vec<String>| Some(format!("{id}:{}", payloads.join(",")));
        assert!(
            database
                .compose("chat", Fate::Send, now, join)
                .await
                .unwrap()
        );
        // Another process comes too late.
        assert!(
            !database
                .compose("chat", Fate::Send, now, join)
                .await
                .unwrap()
        );
        let message = database.next_message(now).await.unwrap().unwrap();
        assert_eq!(message.payload, format!("{}:1,2", message.id));
        assert_eq!(message.severity, Severity::High as i64);
        assert_eq!(database.next_message(now).await.unwrap(), None);
        // Notices that cancel each other out make no message, and no longer wait.
        assert!(
            !database
                .compose("mail", Fate::Send, now, |_, _| None)
                .await
                .unwrap()
        );
        assert_eq!(database.waiting_notices().await.unwrap(), []);
    }

    #[tokio::test]
    async fn what_nobody_can_be_told_is_a_dead_letter() {
        let (database, _folder) = empty().await;
        note(&database, "gone", Severity::Low, 0).await;
        let make = |_: &str, payloads: Vec<String>| payloads.into_iter().next();
        assert!(
            database
                .compose("gone", Fate::GiveUp, begin(), make)
                .await
                .unwrap()
        );
        assert_eq!(database.outbox_length().await.unwrap(), (0, 1));
        let dead = database.messages(Some("given-up"), None, 10).await.unwrap();
        assert_eq!((dead[0].channel.as_str(), dead[0].attempts), ("gone", 0));
        // Somebody configures it again.
        assert!(database.send_again(&dead[0].id, begin()).await.unwrap());
        assert!(!database.send_again(&dead[0].id, begin()).await.unwrap());
        assert!(database.next_message(begin()).await.unwrap().is_some());
    }
}
