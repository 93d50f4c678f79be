//! A finished run: its findings become the target's current ones, and what changed is kept.
//!
//! All of it is one transaction under the run's lease: a run is either finished with everything it
//! found, or not at all, and never twice.

use super::StoreError;
use super::database::{Database, ms};
use super::findings::severity as severity_of;
use super::notices::{self, NewNotice};
use super::runs::Lease;
use crate::model::{Finding, Pillar, Severity, Verdict};
use crate::report::{CallRow, PillarReport, Report};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{Any, AssertSqlSafe, Row, Transaction};
use std::collections::{HashMap, HashSet};

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The exit code that `scan` would have ended with.
    pub status: i64,
    /// What a reader of the run should know.
    pub notes: Vec<String>,
    /// The folder of the attempt.
    pub folder: String,
    /// How many lists the scan had to read. A short one ends before a beat tells.
    pub lists: i64,
}

/// How findings changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Fail, and did not before.
    pub new_fails: i64,
    /// Failed, and pass, do not apply any more, or are gone with their resource.
    pub fixed: i64,
    /// What to tell of them, at most a hundred thousand.
    pub news: Vec<News>,
}

/// A finding that began to fail, became more severe, or does not fail any more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in a finding")]
pub struct News {
    pub id: String,
    pub check: String,
    pub title: String,
    pub pillar: Pillar,
    pub severity: Severity,
    pub account: String,
    pub region: String,
    pub resource: String,
    /// The severity with which it failed before; none if it did not.
    pub was: Option<Severity>,
    /// Whether it fails now.
    pub fails: bool,
}

/// News of one run that are kept: messages name a few and count the rest.
const MOST_NEWS: usize = 100_000;

/// Verdict of a finding whose resource is not there any more.
pub(super) const GONE: &str = "gone";

/// Rows of one statement. SQLite looks a numbered value up among all of the statement, so statements of a
/// thousand rows took minutes for what these do in seconds.
const BATCH: usize = 25;

/// Statements with a share that may be missing are prepared each time. sqlx 0.9.0 takes a missing
/// `f64` for an `f32` (`sqlx-core/src/any/arguments.rs`), so PostgreSQL would refuse the next one that is
/// there in a statement that was prepared with one that was not.
const KEEP_PREPARED: bool = false;

/// What is known of a finding from earlier runs.
struct Known {
    digest: i64,
    verdict: String,
    severity: i64,
    failing: bool,
}

/// A finding that is new or differs from what is known.
struct Changed {
    finding: Finding,
    digest: i64,
    is_change: bool,
    failing: Failing,
}

/// What becomes of `failing_since`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failing {
    Begins,
    GoesOn,
    Ends,
}

impl Database {
    /// Finishes a run. `tell` makes what its changes are to be told of.
    ///
    /// # Errors
    /// When the lease is lost or the database fails. Nothing is written then.
    pub async fn finish(
        &self,
        lease: &Lease,
        report: &Report,
        outcome: &Outcome,
        tell: impl FnOnce(&Changes) -> Vec<NewNotice> + Send,
    ) -> Result<Changes, StoreError> {
        let mut transaction = self.write().await?;
        let run = &lease.run;
        let at = ms(report.scan.started);
        let totals = Totals::of(report);
        // First, so that nobody else finishes it in the meantime.
        let done = sqlx::query(
            "UPDATE runs SET state = 'finished', ended = $1, worker = NULL, notes = $2, \
             status = $3, scan = $4, complete = $5, coverage = $6, fails = $7, unknown = $8, \
             spent_usd = $9, folder = $10, calls = $11, throttled = $12, denied = $13, \
             lists_read = $16, lists_all = $16 \
             WHERE id = $14 AND token = $15 AND state = 'running'",
        )
        .bind(ms(report.scan.finished))
        .bind(serde_json::to_string(&outcome.notes)?)
        .bind(outcome.status)
        .bind(&report.scan.id)
        .bind(i64::from(report.scan.complete))
        .bind(totals.coverage)
        .bind(totals.fails)
        .bind(totals.unknown)
        .bind(report.cost.spent_usd)
        .bind(&outcome.folder)
        .bind(asked(report, |row| row.calls))
        .bind(asked(report, |row| row.throttled))
        .bind(asked(report, |row| row.denied))
        .bind(&run.id)
        .bind(lease.token)
        .bind(outcome.lists)
        .persistent(KEEP_PREPARED)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::LeaseLost(run.id.clone()));
        }
        let place = Place {
            target: &run.target,
            run: &run.id,
            at,
        };
        pillars(&mut transaction, &place, &report.pillars).await?;
        let changes = findings(&mut transaction, &place, report).await?;
        sqlx::query("UPDATE runs SET new_fails = $1, fixed = $2 WHERE id = $3")
            .bind(changes.new_fails)
            .bind(changes.fixed)
            .bind(&run.id)
            .execute(&mut *transaction)
            .await?;
        notices::write(&mut transaction, &run.id, &tell(&changes), Timestamp::now()).await?;
        transaction.commit().await?;
        Ok(changes)
    }
}

struct Totals {
    fails: i64,
    unknown: i64,
    coverage: Option<f64>,
}

impl Totals {
    fn of(report: &Report) -> Self {
        let mut all = crate::report::Counts::default();
        for pillar in &report.pillars {
            all.merge(pillar.counts);
        }
        Self {
            fails: count(all.fail),
            unknown: count(all.unknown),
            coverage: all.coverage(),
        }
    }
}

/// A count of all calls of a report.
fn asked(report: &Report, of: fn(&CallRow) -> u64) -> i64 {
    count(report.calls.iter().map(of).sum())
}

struct Place<'a> {
    target: &'a str,
    run: &'a str,
    at: i64,
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

async fn pillars(
    transaction: &mut Transaction<'static, Any>,
    place: &Place<'_>,
    pillars: &[PillarReport],
) -> Result<(), StoreError> {
    for pillar in pillars {
        sqlx::query(
            "INSERT INTO run_pillars (run, target, at, pillar, score, coverage, critical, high, \
             medium, low, info, unknown, high_risk_issues, medium_risk_issues) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(place.run)
        .bind(place.target)
        .bind(place.at)
        .bind(pillar.pillar.id())
        .bind(pillar.score.map(i64::from))
        .bind(pillar.coverage)
        .bind(count(pillar.fails.critical))
        .bind(count(pillar.fails.high))
        .bind(count(pillar.fails.medium))
        .bind(count(pillar.fails.low))
        .bind(count(pillar.fails.info))
        .bind(count(pillar.counts.unknown))
        .bind(count(pillar.high_risk_issues))
        .bind(count(pillar.medium_risk_issues))
        .persistent(KEEP_PREPARED)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

/// Compares the report's findings with the known ones and writes what differs.
async fn findings(
    transaction: &mut Transaction<'static, Any>,
    place: &Place<'_>,
    report: &Report,
) -> Result<Changes, StoreError> {
    let mut known = known(transaction, place.target).await?;
    let mut changes = Changes::default();
    let mut batch = Vec::with_capacity(BATCH);
    for finding in report.findings.iter() {
        let finding = finding?;
        let before = known.remove(&finding.id.0);
        let row = compared(finding, before.as_ref(), &mut changes);
        if let Some(row) = row {
            batch.push(row);
        }
        if batch.len() == BATCH {
            upsert(transaction, place, &std::mem::take(&mut batch)).await?;
        }
    }
    upsert(transaction, place, &batch).await?;
    not_seen(transaction, place, report, &known, &mut changes).await?;
    judged(transaction, place, report).await?;
    Ok(changes)
}

async fn known(
    transaction: &mut Transaction<'static, Any>,
    target: &str,
) -> Result<HashMap<String, Known>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, digest, verdict, severity, failing_since FROM findings WHERE target = $1",
    )
    .bind(target)
    .fetch_all(&mut **transaction)
    .await?;
    rows.iter()
        .map(|row| {
            let known = Known {
                digest: row.try_get("digest")?,
                verdict: row.try_get("verdict")?,
                severity: row.try_get("severity")?,
                failing: row.try_get::<Option<i64>, _>("failing_since")?.is_some(),
            };
            Ok((row.try_get("id")?, known))
        })
        .collect()
}

/// The row to write, unless all of it is known.
fn compared(finding: Finding, before: Option<&Known>, changes: &mut Changes) -> Option<Changed> {
    let digest = digest(&finding);
    if before.is_some_and(|before| before.digest == digest) {
        return None;
    }
    let severity = finding.severity as i64;
    let is_change = before
        .is_none_or(|before| before.verdict != finding.verdict.id() || before.severity != severity);
    let was_failing = before.is_some_and(|before| before.failing);
    let failing = match finding.verdict {
        Verdict::Fail if was_failing => Failing::GoesOn,
        Verdict::Fail => Failing::Begins,
        // Nobody knows, or it is accepted: it is not fixed.
        Verdict::Unknown | Verdict::Exempt => Failing::GoesOn,
        Verdict::Pass | Verdict::NotApplicable => Failing::Ends,
    };
    let ends = failing == Failing::Ends && was_failing;
    changes.new_fails += i64::from(failing == Failing::Begins);
    changes.fixed += i64::from(ends);
    // What was accepted for a while and is not any more is as new to people as what began to fail.
    let accepted = before.is_some_and(|before| before.verdict == Verdict::Exempt.id());
    let was = before
        .filter(|before| before.failing && !accepted)
        .and_then(|before| severity_of(before.severity).ok());
    let is_worse = was.is_none_or(|was| finding.severity > was);
    let told = ends || (finding.verdict == Verdict::Fail && is_worse);
    if told && changes.news.len() < MOST_NEWS {
        changes.news.push(news(&finding, was, !ends));
    }
    Some(Changed {
        finding,
        digest,
        is_change,
        failing,
    })
}

fn news(finding: &Finding, was: Option<Severity>, fails: bool) -> News {
    News {
        id: finding.id.0.clone(),
        check: finding.check.clone(),
        title: finding.title.clone(),
        pillar: finding.pillar,
        severity: finding.severity,
        account: finding.resource.account.clone(),
        region: finding.resource.region.clone(),
        resource: finding.resource.name.clone(),
        was,
        fails,
    }
}

/// Stands for everything of a finding that is stored. The database has no unsigned numbers.
fn digest(finding: &Finding) -> i64 {
    let mut hash = Sha256::new();
    let severity = [finding.severity as u8];
    for piece in [
        finding.verdict.id().as_bytes(),
        &severity,
        finding.title.as_bytes(),
        finding.pillar.id().as_bytes(),
        finding.resource.name.as_bytes(),
        finding.say.as_bytes(),
    ] {
        hash.update(piece);
        hash.update([0]);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hash.finalize()[..8]);
    i64::from_be_bytes(first)
}

/// `($1, $2), ($3, $4)` for so many rows of so many columns.
pub(super) fn places(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let columns = (1..=columns).map(|column| format!("${}", row * columns + column));
        format!("({})", columns.collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

async fn upsert(
    transaction: &mut Transaction<'static, Any>,
    place: &Place<'_>,
    rows: &[Changed],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO findings (target, id, check_id, service, pillar, severity, verdict, account, \
         region, kind, resource, name, title, say, first_seen, first_run, since, since_run, \
         failing_since, digest) VALUES {} \
         ON CONFLICT (target, id) DO UPDATE SET severity = excluded.severity, \
         verdict = excluded.verdict, pillar = excluded.pillar, name = excluded.name, \
         title = excluded.title, say = excluded.say, digest = excluded.digest, \
         last_seen = NULL, last_run = NULL, \
         since = CASE WHEN findings.verdict = excluded.verdict \
             AND findings.severity = excluded.severity THEN findings.since ELSE excluded.since END, \
         since_run = CASE WHEN findings.verdict = excluded.verdict \
             AND findings.severity = excluded.severity THEN findings.since_run \
             ELSE excluded.since_run END, \
         failing_since = CASE WHEN excluded.verdict IN ('unknown', 'exempt') \
             THEN findings.failing_since WHEN excluded.verdict = 'fail' \
             THEN COALESCE(findings.failing_since, excluded.failing_since) END",
        places(rows.len(), 20)
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for Changed {
        finding,
        digest,
        failing,
        ..
    } in rows
    {
        let resource = &finding.resource;
        query = query
            .bind(place.target)
            .bind(&finding.id.0)
            .bind(&finding.check)
            .bind(finding.check.split('/').next().unwrap_or_default())
            .bind(finding.pillar.id())
            .bind(finding.severity as i64)
            .bind(finding.verdict.id())
            .bind(&resource.account)
            .bind(&resource.region)
            .bind(&resource.kind)
            .bind(&resource.id)
            .bind(&resource.name)
            .bind(&finding.title)
            .bind(&finding.say)
            .bind(place.at)
            .bind(place.run)
            .bind(place.at)
            .bind(place.run)
            .bind((*failing == Failing::Begins).then_some(place.at))
            .bind(*digest);
    }
    query.execute(&mut **transaction).await?;
    let changed: Vec<_> = rows
        .iter()
        .filter(|row| row.is_change)
        .map(|row| {
            let finding = &row.finding;
            (
                finding.id.0.as_str(),
                finding.verdict.id(),
                finding.severity as i64,
            )
        })
        .collect();
    record(transaction, place, &changed).await
}

/// Adds to the history of findings.
async fn record(
    transaction: &mut Transaction<'static, Any>,
    place: &Place<'_>,
    changed: &[(&str, &str, i64)],
) -> Result<(), StoreError> {
    for changed in changed.chunks(BATCH) {
        let sql = format!(
            "INSERT INTO changes (target, finding, at, run, verdict, severity) VALUES {}",
            places(changed.len(), 6)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (finding, verdict, severity) in changed {
            query = query
                .bind(place.target)
                .bind(*finding)
                .bind(place.at)
                .bind(place.run)
                .bind(*verdict)
                .bind(*severity);
        }
        query.execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Findings that the report does not have though it ran their checks. Where their list was read to
/// the end, the resource is gone; where it was not, nobody knows, and they stay as they are with the
/// time at which they were seen last.
async fn not_seen(
    transaction: &mut Transaction<'static, Any>,
    place: &Place<'_>,
    report: &Report,
    missing: &HashMap<String, Known>,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    if missing.is_empty() {
        return Ok(());
    }
    let checks: HashSet<&str> = report
        .checks
        .iter()
        .map(|check| check.id.as_str())
        .collect();
    let lists = |all: bool| -> HashSet<ListKey<'_>> {
        let reads = report.reads.iter();
        reads
            .filter(|read| all || read.gap.is_some())
            .map(|read| {
                (
                    read.account.as_str(),
                    read.region.as_str(),
                    read.kind.as_str(),
                )
            })
            .collect()
    };
    let (read, unread) = (lists(true), lists(false));
    let accounts: HashSet<&str> = report.scan.accounts.iter().map(|a| a.id.as_str()).collect();
    let by_tags = !report.scan.selection.tags.is_empty();
    let rows = sqlx::query(
        "SELECT id, check_id, account, region, kind, severity, verdict, last_seen, pillar, title, \
         name FROM findings \
         WHERE target = $1 AND verdict <> 'gone'",
    )
    .bind(place.target)
    .fetch_all(&mut **transaction)
    .await?;
    let (mut gone, mut unseen) = (Vec::new(), Vec::new());
    for row in &rows {
        let id: String = row.try_get("id")?;
        let check: String = row.try_get("check_id")?;
        let Some(known) = missing.get(&id).filter(|_| checks.contains(check.as_str())) else {
            continue;
        };
        let (account, region, kind): (String, String, String) = (
            row.try_get("account")?,
            row.try_get("region")?,
            row.try_get("kind")?,
        );
        let listed = accounts.contains(account.as_str())
            && !by_tags
            && was_listed(&read, &unread, (&account, &region, &kind));
        if listed {
            changes.fixed += i64::from(known.failing);
            if known.failing && changes.news.len() < MOST_NEWS {
                changes.news.push(gone_news(row)?);
            }
            gone.push((id, row.try_get::<i64, _>("severity")?));
        } else if row.try_get::<Option<i64>, _>("last_seen")?.is_none() {
            unseen.push(id);
        }
    }
    for gone in gone.chunks(BATCH) {
        let sql = format!(
            "UPDATE findings SET verdict = $1, since = $2, since_run = $3, failing_since = NULL, \
             last_seen = NULL, last_run = NULL, digest = 0 WHERE target = $4 AND id IN ({})",
            list(5, gone.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(sql))
            .bind(GONE)
            .bind(place.at)
            .bind(place.run)
            .bind(place.target);
        for (id, _) in gone {
            query = query.bind(id);
        }
        query.execute(&mut **transaction).await?;
        let lost: Vec<(&str, &str, i64)> = gone
            .iter()
            .map(|(id, severity)| (id.as_str(), GONE, *severity))
            .collect();
        record(transaction, place, &lost).await?;
    }
    for unseen in unseen.chunks(BATCH) {
        let sql = format!(
            "UPDATE findings SET digest = 0, \
             last_seen = (SELECT j.at FROM judged j WHERE j.target = findings.target \
                          AND j.check_id = findings.check_id), \
             last_run = (SELECT j.run FROM judged j WHERE j.target = findings.target \
                         AND j.check_id = findings.check_id) \
             WHERE target = $1 AND id IN ({})",
            list(2, unseen.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(place.target);
        for id in unseen {
            query = query.bind(id);
        }
        query.execute(&mut **transaction).await?;
    }
    Ok(())
}

/// `$5, $6, $7` for so many values from a number on.
fn list(first: usize, values: usize) -> String {
    let places = (first..first + values).map(|place| format!("${place}"));
    places.collect::<Vec<_>>().join(", ")
}

fn gone_news(row: &AnyRow) -> Result<News, StoreError> {
    let pillar: String = row.try_get("pillar")?;
    let severity = severity_of(row.try_get("severity")?)?;
    Ok(News {
        id: row.try_get("id")?,
        check: row.try_get("check_id")?,
        title: row.try_get("title")?,
        pillar: serde_json::from_value(pillar.into())?,
        severity,
        account: row.try_get("account")?,
        region: row.try_get("region")?,
        resource: row.try_get("name")?,
        was: Some(severity),
        fails: false,
    })
}

/// An account, a region and a kind.
type ListKey<'a> = (&'a str, &'a str, &'a str);

/// Whether the list that the resource would be in was read to its end. A resource of an account-wide
/// list may have a region of its own; such a list has a row for each region that it found something
/// in, and one for itself.
fn was_listed(
    read: &HashSet<ListKey<'_>>,
    unread: &HashSet<ListKey<'_>>,
    (account, region, kind): ListKey<'_>,
) -> bool {
    let has = |lists: &HashSet<ListKey<'_>>| {
        lists.contains(&(account, region, kind)) || lists.contains(&(account, "global", kind))
    };
    has(read) && !has(unread)
}

/// Notes when each check last judged the target.
async fn judged(
    transaction: &mut Transaction<'static, Any>,
    place: &Place<'_>,
    report: &Report,
) -> Result<(), StoreError> {
    for checks in report.checks.chunks(BATCH) {
        let sql = format!(
            "INSERT INTO judged (target, check_id, run, at) VALUES {} \
             ON CONFLICT (target, check_id) DO UPDATE SET run = excluded.run, at = excluded.at",
            places(checks.len(), 4)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for check in checks {
            query = query
                .bind(place.target)
                .bind(&check.id)
                .bind(place.run)
                .bind(place.at);
        }
        query.execute(&mut **transaction).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::database::tests::empty;
    use super::super::{Cause, Filter, NewRun, RunState, Sort};
    use super::*;
    use crate::model::Severity;
    use crate::report;

    /// The golden report of the report's own tests.
    fn golden() -> serde_json::Value {
        let golden = include_str!("../report/snapshots/sixpillars__report__tests__json.snap");
        let (_, json) = golden.split_once("\n---\n").unwrap();
        serde_json::from_str(json).unwrap()
    }

    fn parsed(json: &serde_json::Value) -> Report {
        report::read(&json.to_string()).unwrap()
    }

    async fn claim(database: &Database) -> Lease {
        let now = Timestamp::now();
        let run = NewRun {
            target: "shop".to_owned(),
            cause: Cause::Request {
                idempotency_key: None,
            },
            requested_by: "test".to_owned(),
            request: "{}".to_owned(),
            not_before: now,
        };
        database.enqueue(&run, now).await.unwrap();
        database.claim("w", now).await.unwrap().unwrap()
    }

    async fn finish(database: &Database, json: &serde_json::Value) -> Changes {
        let lease = claim(database).await;
        let outcome = Outcome {
            status: 0,
            notes: Vec::new(),
            folder: "runs/x/1".to_owned(),
            lists: 3,
        };
        database
            .finish(&lease, &parsed(json), &outcome, |_| Vec::new())
            .await
            .unwrap()
    }

    async fn verdicts(database: &Database) -> Vec<(String, String)> {
        let filter = Filter {
            verdicts: [
                "fail",
                "unknown",
                "exempt",
                "pass",
                "not_applicable",
                "gone",
            ]
            .map(ToOwned::to_owned)
            .into(),
            ..Filter::default()
        };
        let (rows, _) = database
            .findings(&filter, Sort::Check, None, 500)
            .await
            .unwrap();
        rows.into_iter().map(|row| (row.id, row.verdict)).collect()
    }

    #[tokio::test]
    async fn a_run_is_finished_once_with_everything() {
        let (database, _folder) = empty().await;
        let report = golden();
        let lease = claim(&database).await;
        let outcome = Outcome {
            status: 1,
            notes: vec!["note".to_owned()],
            folder: "runs/x/1".to_owned(),
            lists: 3,
        };
        let changes = database
            .finish(&lease, &parsed(&report), &outcome, |_| Vec::new())
            .await
            .unwrap();
        let findings = report["findings"].as_array().unwrap();
        let fails = findings.iter().filter(|f| f["verdict"] == "fail").count();
        assert_eq!(changes.new_fails, i64::try_from(fails).unwrap());
        assert_eq!(verdicts(&database).await.len(), findings.len());
        let again = database
            .finish(&lease, &parsed(&report), &outcome, |_| Vec::new())
            .await;
        assert!(matches!(again, Err(StoreError::LeaseLost(_))));
        let run = database.run(&lease.run.id).await.unwrap().unwrap();
        assert_eq!((run.state, run.status), (RunState::Finished, Some(1)));
        assert_eq!(database.latest("shop").await.unwrap().len(), 6);
        // The same again is no change.
        assert_eq!(finish(&database, &report).await, Changes::default());
        assert_eq!(changes.news.len(), fails);
    }

    #[tokio::test]
    async fn what_is_gone_is_fixed_and_what_was_not_read_stays() {
        let (database, _folder) = empty().await;
        let mut report = golden();
        finish(&database, &report).await;
        let failing = report["findings"].as_array().unwrap().iter();
        let failing = failing
            .clone()
            .find(|f| f["verdict"] == "fail")
            .unwrap()
            .clone();
        let id = failing["id"].as_str().unwrap().to_owned();
        let without = |report: &mut serde_json::Value| {
            let findings = report["findings"].as_array_mut().unwrap();
            findings.retain(|f| f["id"] != id.as_str());
        };
        without(&mut report);
        // Its list could not be read: nobody knows.
        let resource = &failing["resource"];
        let read = serde_json::json!({
            "account": resource["account"], "region": resource["region"],
            "kind": resource["kind"], "resources": 0,
            "gap": {"action": "x:List", "cause": "denied", "detail": "AccessDenied"},
        });
        let reads = report["reads"].clone();
        report["reads"] = serde_json::json!([read]);
        assert_eq!(finish(&database, &report).await.fixed, 0);
        let verdict =
            |all: Vec<(String, String)>| all.into_iter().find(|(known, _)| *known == id).unwrap().1;
        assert_eq!(verdict(verdicts(&database).await), "fail");
        // Its list was read, and it is not there.
        let mut read = read;
        read["gap"] = serde_json::Value::Null;
        report["reads"] = serde_json::json!([read]);
        assert_eq!(finish(&database, &report).await.fixed, 1);
        assert_eq!(verdict(verdicts(&database).await), "gone");
        // It is back.
        report["reads"] = reads;
        report["findings"].as_array_mut().unwrap().push(failing);
        assert_eq!(finish(&database, &report).await.new_fails, 1);
        let history = database.history("shop", &id).await.unwrap();
        let told: Vec<&str> = history
            .iter()
            .map(|change| change.verdict.as_str())
            .collect();
        assert_eq!(told, ["fail", "gone", "fail"]);
    }

    #[tokio::test]
    async fn a_finding_is_news_when_it_fails_gets_worse_or_is_fixed_and_not_again() {
        let (database, _folder) = empty().await;
        let mut report = golden();
        let findings = report["findings"].as_array().unwrap();
        let place = findings
            .iter()
            .position(|f| f["verdict"] == "fail")
            .unwrap();
        let step = async |report: &mut serde_json::Value, verdict: &str, severity: &str| {
            let finding = &mut report["findings"][place];
            finding["verdict"] = verdict.into();
            finding["severity"] = severity.into();
            let news = finish(&database, report).await.news;
            let told: Vec<_> = news.iter().map(|n| (n.was, n.severity, n.fails)).collect();
            assert!(told.len() <= 1, "{told:?}");
            told.first().copied()
        };
        report["findings"][place]["verdict"] = "pass".into();
        finish(&database, &report).await;
        let (low, high) = (Severity::Low, Severity::High);
        let new = step(&mut report, "fail", "low").await;
        assert_eq!(new, Some((None, low, true)));
        assert_eq!(step(&mut report, "fail", "low").await, None);
        let worse = step(&mut report, "fail", "high").await;
        assert_eq!(worse, Some((Some(low), high, true)));
        // Better is no news, and neither is what nobody could see for a while.
        assert_eq!(step(&mut report, "fail", "low").await, None);
        assert_eq!(step(&mut report, "unknown", "low").await, None);
        assert_eq!(step(&mut report, "fail", "low").await, None);
        // What is accepted is not fixed, and is news again when it is not accepted any more.
        assert_eq!(step(&mut report, "exempt", "low").await, None);
        let again = step(&mut report, "fail", "low").await;
        assert_eq!(again, Some((None, low, true)));
        let fixed = step(&mut report, "pass", "low").await;
        assert_eq!(fixed, Some((Some(low), low, false)));
        assert_eq!(step(&mut report, "pass", "low").await, None);
    }

    #[tokio::test]
    async fn findings_are_filtered_and_paged_by_the_database() {
        let (database, _folder) = empty().await;
        finish(&database, &golden()).await;
        let everything = Filter::default();
        for sort in [Sort::Severity, Sort::Since, Sort::Check, Sort::Resource] {
            let (all, next) = database
                .findings(&everything, sort, None, 500)
                .await
                .unwrap();
            assert!(next.is_none());
            let (mut paged, mut after) = (Vec::new(), None);
            loop {
                let page = database
                    .findings(&everything, sort, after.as_ref(), 2)
                    .await
                    .unwrap();
                paged.extend(page.0);
                after = page.1;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(paged, all, "{sort:?}");
        }
        let high = Filter {
            severities: vec![Severity::High, Severity::Critical],
            text: Some("%' OR 1=1 --".to_owned()),
            ..Filter::default()
        };
        assert_eq!(database.count_findings(&high).await.unwrap(), 0);
    }
}
