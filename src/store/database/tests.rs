//! The tables of every version.

use super::*;
use crate::store::{Filter, Sort};

/// An empty SQLite database, and the temporary folder that holds it.
pub(crate) async fn empty() -> (Database, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/test.db?mode=rwc", folder.path().display());
    (Database::open(&url).await.unwrap(), folder)
}

#[tokio::test]
async fn tables_are_made_once_and_an_open_database_answers() {
    let (database, folder) = empty().await;
    database.ping().await.unwrap();
    database.close().await;
    let url = format!("sqlite://{}/test.db", folder.path().display());
    let again = Database::open(&url).await.unwrap();
    let row: (i64,) = sqlx::query_as("SELECT count(*) FROM runs")
        .fetch_one(&again.pool)
        .await
        .unwrap();
    assert_eq!(row.0, 0);
}

#[tokio::test]
async fn all_tables_are_known() {
    let (database, _folder) = empty().await;
    let mut found: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
         AND name <> '_sqlx_migrations'",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    found.sort();
    let mut known = tables();
    known.sort_unstable();
    let found: Vec<&str> = found.iter().map(|(name,)| name.as_str()).collect();
    assert_eq!(found, known);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_a_database_that_is_made() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let database = Database::open(&url).await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", entry.path().display());
    }
    database.close().await;
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let (database, _folder) = empty().await;
    let later = [(9999, "later", "CREATE TABLE later (id TEXT)")];
    let newer: Vec<_> = MIGRATIONS.iter().copied().chain(later).collect();
    migrator(newer.leak()).run(&database.pool).await.unwrap();
    let error = migrator(MIGRATIONS).run(&database.pool).await.unwrap_err();
    assert!(error.to_string().contains("9999"), "{error}");
}

#[tokio::test]
async fn the_tables_of_every_earlier_version_are_brought_up_to_date() {
    for earlier in 1..MIGRATIONS.len() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/test.db?mode=rwc", folder.path().display());
        let database = Database::connect(&url, None).await.unwrap();
        migrator(&MIGRATIONS[..earlier])
            .run(&database.pool)
            .await
            .unwrap();
        let target = "INSERT INTO targets (name, added, accounts, owners, regions) \
                      VALUES ('shop', 0, '[]', '[]', '[]')";
        sqlx::query(target).execute(&database.pool).await.unwrap();
        let finding = "INSERT INTO findings (target, id, check_id, service, pillar, severity, \
             verdict, account, region, kind, resource, name, title, say, first_seen, first_run, \
             since, since_run, digest) VALUES ('shop', 'f', 's3/bucket-public', 's3', 'security', \
             3, 'fail', '1', 'eu-west-1', 's3.bucket', 'arn:aws:s3:::Logs', 'Logs', 'Public', \
             'Anybody reads it', 0, 'r', 0, 'r', 7)";
        sqlx::query(finding).execute(&database.pool).await.unwrap();
        let message = "INSERT INTO outbox (id, channel, payload, state, made, attempts, \
                       next_attempt) VALUES ('m', 'chat', '{}', 'waiting', 0, 0, 0)";
        sqlx::query(message).execute(&database.pool).await.unwrap();
        let scope = r#"{"services":["s3"],"checks":["s3/a|b"],"pillars":[],"severity":"high"}"#;
        let request =
            format!(r#"{{"scope":{scope},"allow_paid_usd":0.5,"deadline_seconds":null}}"#);
        let run = "INSERT INTO runs (id, target, cause, requested_by, request, state, queued, \
                   not_before, token, beat, lists_read, lists_all, notes) VALUES ('r', 'shop', \
                   'request', 'x', $1, 'finished', 0, 0, 1, 0, 0, 0, '[]')";
        let run = sqlx::query(run).bind(request);
        run.execute(&database.pool).await.unwrap();
        database.close().await;
        let database = Database::open(&url).await.unwrap();
        for (table, rows) in [("targets", 1), ("sessions", 0), ("logins", 0)] {
            let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
            let row: (i64,) = sqlx::query_as(sql).fetch_one(&database.pool).await.unwrap();
            assert_eq!(row.0, rows, "{table} after version {earlier}");
        }
        // Rows from before the update are found, and sent.
        let filter = Filter {
            // From version 5 on, a finding is written together with its search text, which this one lacks.
            text: (earlier < 5).then(|| "LOGS".to_owned()),
            ..Filter::default()
        };
        let found = database.findings(&filter, Sort::Severity, None, 9).await;
        assert_eq!(found.unwrap().total, Some(1), "after version {earlier}");
        // From version 7 on, a run is written together with its scope, which this one lacks.
        let scope = if earlier < 7 { scope } else { "" };
        let last = database.last_finished("shop", scope).await.unwrap();
        assert!(last.is_some(), "after version {earlier}");
        let message = database.next_message(Timestamp::now()).await.unwrap();
        assert_eq!(message.unwrap().id, "m", "after version {earlier}");
    }
}
