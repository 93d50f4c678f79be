//! Runs that are old enough to be removed.

use super::StoreError;
use super::database::{Database, ms};
use jiff::Timestamp;
use sqlx::Row;

/// The most runs of one page.
const PAGE: i64 = 100;

impl Database {
    /// A page of the runs that ended before a time and whose files may be removed, in the order of their
    /// ids, from the first one behind `after`; empty after the last one. Milestones stay, and so does the
    /// last finished run of each target and scope, with which the next one is compared.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn removable_runs(
        &self,
        before: Timestamp,
        after: &str,
    ) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM runs WHERE id > $2 \
             AND (removed IS NULL AND ended < $1 \
             AND state IN ('finished', 'failed', 'cancelled') \
             AND id NOT IN (SELECT run FROM milestones) \
             AND id NOT IN (SELECT MAX(id) FROM runs WHERE state = 'finished' GROUP BY target, scope) \
             OR removed IS NOT NULL AND folder IS NOT NULL) \
             ORDER BY id LIMIT $3",
        )
        .bind(ms(before))
        .bind(after)
        .bind(PAGE)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
    }

    /// Marks a run's files as removed, unless it became a milestone meanwhile. Returns whether they may be
    /// removed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_run(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE runs SET removed = COALESCE(removed, $1) WHERE id = $2 \
             AND id NOT IN (SELECT run FROM milestones)",
        )
        .bind(ms(now))
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The files of a run that is marked as removed are gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn files_removed(&self, id: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE runs SET folder = NULL WHERE id = $1 AND removed IS NOT NULL")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::store::database::tests::empty;
    use jiff::{SignedDuration, Timestamp};

    #[tokio::test]
    async fn files_that_could_not_be_removed_are_tried_again() {
        let (database, _folder) = empty().await;
        let begin = Timestamp::from_second(1_800_000_000).unwrap();
        for (id, ended) in [("a", 0), ("b", 1), ("c", 2)] {
            let sql = "INSERT INTO runs (id, target, cause, requested_by, request, state, queued, \
                 not_before, ended, token, beat, lists_read, lists_all, notes, folder) \
                 VALUES ($1, 'shop', 'request', 'x', '{}', 'finished', 0, 0, $2, 1, 0, 0, 0, '[]', $1)";
            let ended = begin + SignedDuration::from_secs(ended);
            let insert = sqlx::query(sql).bind(id).bind(ended.as_millisecond());
            insert.execute(&database.pool).await.unwrap();
        }
        let later = begin + SignedDuration::from_hours(1);
        let removable = async || database.removable_runs(later, "").await.unwrap();
        // The last one of the target stays.
        assert_eq!(removable().await, ["a", "b"]);
        assert!(database.remove_run("a", later).await.unwrap());
        // Marked, but its files are still there.
        assert_eq!(removable().await, ["a", "b"]);
        assert!(database.remove_run("a", later).await.unwrap());
        database.files_removed("a").await.unwrap();
        assert_eq!(removable().await, ["b"]);
        let run = database.run("a").await.unwrap().unwrap();
        assert_eq!((run.removed, run.folder), (Some(later), None));
        // Files of a run that is not marked stay known.
        database.files_removed("b").await.unwrap();
        assert_eq!(removable().await, ["b"]);
    }

    #[tokio::test]
    async fn runs_whose_files_stay_do_not_hide_those_behind_them() {
        let (database, _folder) = empty().await;
        let runs = 2 * super::PAGE + 50;
        for number in 0..runs {
            let sql = "INSERT INTO runs (id, target, cause, requested_by, request, state, queued, \
                 not_before, ended, token, beat, lists_read, lists_all, notes, folder) \
                 VALUES ($1, 'shop', 'request', 'x', '{}', 'failed', 0, 0, 1, 1, 0, 0, 0, '[]', $1)";
            let insert = sqlx::query(sql).bind(format!("{number:04}"));
            insert.execute(&database.pool).await.unwrap();
        }
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let (mut all, mut last) = (Vec::new(), String::new());
        loop {
            let page = database.removable_runs(now, &last).await.unwrap();
            let Some(id) = page.last() else { break };
            last.clone_from(id);
            all.extend(page);
        }
        let expected: Vec<_> = (0..runs).map(|number| format!("{number:04}")).collect();
        assert_eq!(all, expected);
    }

    #[tokio::test]
    async fn the_last_run_of_each_scope_stays_as_the_next_one_is_compared_with_it() {
        let (database, _folder) = empty().await;
        let all = r#"{"services":[]}"#;
        let narrow = r#"{"services":["s3"]}"#;
        for (id, target, scope, state) in [
            ("a", "shop", all, "finished"),
            ("b", "shop", all, "finished"),
            ("c", "bank", all, "finished"),
            ("d", "shop", narrow, "finished"),
            ("e", "shop", narrow, "finished"),
            ("f", "shop", all, "failed"),
        ] {
            let sql = "INSERT INTO runs (id, target, cause, requested_by, request, scope, state, \
                 queued, not_before, ended, token, beat, lists_read, lists_all, notes, folder) \
                 VALUES ($1, $2, 'request', 'x', '{}', $3, $4, 0, 0, 1, 1, 0, 0, 0, '[]', $1)";
            let insert = sqlx::query(sql).bind(id).bind(target).bind(scope);
            insert.bind(state).execute(&database.pool).await.unwrap();
        }
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let removable = database.removable_runs(now, "").await.unwrap();
        assert_eq!(removable, ["a", "d", "f"]);
        let last = async |target, scope| {
            let run = database.last_finished(target, scope).await.unwrap();
            run.map(|run| run.id)
        };
        assert_eq!(last("shop", all).await.as_deref(), Some("b"));
        assert_eq!(last("shop", narrow).await.as_deref(), Some("e"));
        assert_eq!(last("bank", all).await.as_deref(), Some("c"));
        assert_eq!(last("bank", narrow).await, None);
    }
}
