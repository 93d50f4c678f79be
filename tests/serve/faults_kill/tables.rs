//! The server killed while it makes its tables, and while it brings those of an earlier version up to
//! date: the next start finishes them, and nothing that was there is lost.

use super::{Dice, LONG, is_soak, kill, soon};
use crate::endpoint::Endpoint;
use crate::server::{Place, small};
use serde_json::json;
use sqlx::AnyPool;
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A kill comes within this time of the first sign of the database: by then the tables are there.
const WHILE_TABLES_ARE_MADE: Duration = Duration::from_millis(15);

/// The service works.
async fn works(place: &Place, endpoint: &Endpoint) {
    let server = place.serve(endpoint).await;
    server.get("/readyz").await.with(200);
    let asked = json!({"target": "shop", "scope": {"services": ["s3"]}});
    let id = server.start(&asked).await;
    assert_eq!(server.over(&id).await["state"], "finished");
    kill(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_while_it_makes_its_tables_starts_again() {
    let mut dice = Dice::new();
    let endpoint = Endpoint::start(small()).await;
    for _ in 0..if is_soak() { 10 } else { 2 } {
        let place = Place::new("");
        let database = place.folder.path().join("store/service.db");
        let mut child = place.spawn(&endpoint, |_| {});
        soon("it makes its database", LONG, || database.exists()).await;
        dice.moment(WHILE_TABLES_ARE_MADE).await;
        child.kill().await.unwrap();
        works(&place, &endpoint).await;
    }
}

/// The statements of every version of the tables, oldest first.
fn versions() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/migrations");
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// A database as an earlier version left it: a finished audit, a finding, and a message to send.
async fn left_by(versions: &[PathBuf], place: &Place) -> PathBuf {
    let path = place.folder.path().join("store/service.db");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    install_default_drivers();
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let pool: AnyPool = AnyPoolOptions::new().connect(&url).await.unwrap();
    let migrations = versions.iter().map(|file| {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let (version, name) = name.split_once('_').unwrap();
        let sql = sqlx::AssertSqlSafe(std::fs::read_to_string(file).unwrap());
        let sql = sqlx::SqlSafeStr::into_sql_str(sql);
        let version = version.parse().unwrap();
        Migration::new(
            version,
            name.to_owned().into(),
            MigrationType::Simple,
            sql,
            false,
        )
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    migrator.run(&pool).await.unwrap();
    for statement in [
        "INSERT INTO targets (name, added, accounts, owners, regions) \
         VALUES ('shop', 1, '[\"111122223333\"]', '[]', '[]')",
        "INSERT INTO runs (id, target, cause, requested_by, request, state, queued, not_before, started, \
         ended, token, beat, lists_read, lists_all, notes, status, complete, coverage, fails, unknown, \
         new_fails, fixed, spent_usd, removed) \
         VALUES ('0old', 'shop', 'request', 'ada', '{}', 'finished', 1, 1, 1, 2, 1, 1, 3, 3, '[]', 0, 1, \
         1.0, 1, 0, 1, 0, 0.0, 3)",
        "INSERT INTO findings (target, id, check_id, service, pillar, severity, verdict, account, region, \
         kind, resource, name, title, say, first_seen, first_run, since, since_run, failing_since, digest) \
         VALUES ('shop', 'f0', 'sqs/queue-public', 'sqs', 'security', 3, 'fail', '111122223333', \
         'eu-west-1', 'sqs.queue', 'arn', 'orders', 'Anyone can send', 'it is public', 2, '0old', 2, \
         '0old', 2, 7)",
        "INSERT INTO outbox (id, channel, run, payload, state, made, attempts, next_attempt) \
         VALUES ('m0', 'gone', '0old', '{}', 'sent', 2, 1, 2)",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    pool.close().await;
    path
}

/// What the log of SQLite grows by is what a migration writes.
fn written(database: &Path) -> u64 {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).map_or(0, |log| log.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_while_it_brings_its_tables_up_to_date_loses_nothing() {
    let mut dice = Dice::new();
    let endpoint = Endpoint::start(small()).await;
    let versions = versions();
    for earlier in 1..versions.len() {
        for _ in 0..if is_soak() { 5 } else { 1 } {
            let place = Place::new("");
            let database = left_by(&versions[..earlier], &place).await;
            let before = written(&database);
            let mut child = place.spawn(&endpoint, |_| {});
            let begun = Instant::now();
            // The first statement is written, or it was done before anybody looked.
            while written(&database) == before && begun.elapsed() < Duration::from_secs(20) {
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
            dice.moment(WHILE_TABLES_ARE_MADE).await;
            child.kill().await.unwrap();
            let server = place.serve(&endpoint).await;
            let audits = server.get("/api/v1/audits").await.with(200).json();
            let audit = &audits["items"][0];
            assert_eq!(
                (&audit["id"], &audit["state"]),
                (&json!("0old"), &json!("finished"))
            );
            let failing = server.get("/api/v1/findings?verdict=fail").await;
            let failing = failing.with(200).json();
            assert_eq!(
                failing["items"][0]["id"], "f0",
                "version {earlier}: {failing}"
            );
            kill(server).await;
            works(&place, &endpoint).await;
        }
    }
}
