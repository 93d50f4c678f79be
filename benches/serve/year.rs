//! A year of daily audits, stored as the service stores them.

use crate::account::Account;
use jiff::{SignedDuration, Timestamp};
use sixpillars::store::{Cause, Database, Files, NewRun, Outcome};
use sqlx::{AnyConnection, Connection, Row};
use std::path::Path;
use std::time::{Duration, Instant};

pub(crate) struct Year {
    pub(crate) first: Duration,
    days: Vec<Duration>,
    pub(crate) changes: i64,
    pub(crate) bytes: i64,
    /// The last audits, whose reports are stored too.
    pub(crate) last: Vec<String>,
}

impl Year {
    /// Stores it in a database, and the last two reports in the folder of a service.
    pub(crate) async fn store(url: &str, folder: &Path, findings: usize, days: usize) -> Self {
        let files = Files::open(&folder.join("store")).unwrap();
        let mut last = Vec::new();
        let database = Database::open(url).await.unwrap();
        database
            .set_targets(
                &[(
                    "shop".to_owned(),
                    vec!["web".to_owned()],
                    vec!["eu-west-1".to_owned()],
                )],
                Timestamp::now(),
            )
            .await
            .unwrap();
        let mut account = Account::new(findings);
        let mut times = Vec::new();
        let begin = Timestamp::now() - SignedDuration::from_hours(24 * days as i64);
        for day in 0..days {
            if day > 0 {
                account.next_day();
            }
            let at = begin + SignedDuration::from_hours(24 * day as i64);
            let run = NewRun {
                target: "shop".to_owned(),
                cause: Cause::Request {
                    idempotency_key: None,
                },
                requested_by: "bench".to_owned(),
                request: "{}".to_owned(),
                scope: String::new(),
                not_before: at,
            };
            database.enqueue(&run, at).await.unwrap();
            let lease = database.claim("bench", at).await.unwrap().unwrap();
            let report = account.report(at);
            let outcome = Outcome {
                status: 0,
                notes: Vec::new(),
                folder: format!("runs/{}/1", lease.run.id),
                lists: 0,
            };
            if day + 2 >= days {
                let attempt = files.attempt(&lease.run.id, lease.token).unwrap();
                attempt.write(&account.whole_report(at)).unwrap();
                last.push(lease.run.id.clone());
            }
            let begun = Instant::now();
            let stored = database.finish(&lease, &report, &outcome, |_| Vec::new());
            stored.await.unwrap();
            times.push(begun.elapsed());
            eprint!(
                "\r{}/{days} {:.1} s ",
                day + 1,
                begun.elapsed().as_secs_f64()
            );
        }
        eprintln!();
        database.close().await;
        let (changes, bytes) = Self::size(url).await;
        Self {
            first: times.remove(0),
            days: times,
            changes,
            bytes,
            last,
        }
    }

    /// Rows of the history, and bytes on the disk once nothing is left over from writing.
    async fn size(url: &str) -> (i64, i64) {
        let mut connection = AnyConnection::connect(url).await.unwrap();
        let sqlite = url.starts_with("sqlite");
        let (tidy, size) = if sqlite {
            (
                "PRAGMA wal_checkpoint(TRUNCATE)",
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
            )
        } else {
            ("CHECKPOINT", "SELECT pg_database_size(current_database())")
        };
        sqlx::raw_sql(tidy).execute(&mut connection).await.unwrap();
        let bytes = sqlx::query(size).fetch_one(&mut connection).await.unwrap();
        let changes = sqlx::query("SELECT COUNT(*) FROM changes")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        (changes.try_get(0).unwrap(), bytes.try_get(0).unwrap())
    }

    pub(crate) fn median(&self) -> Duration {
        let mut days = self.days.clone();
        days.sort();
        days.get(days.len() / 2).copied().unwrap_or_default()
    }

    pub(crate) fn slowest(&self) -> Duration {
        self.days.iter().max().copied().unwrap_or_default()
    }
}
