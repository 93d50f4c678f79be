//! A finished run: its findings become the target's current ones, and what changed is kept.
//!
//! ```text
//! what is known of the target ─┐
//!                              ├─ compared ─ differs: written ─ history
//! findings of the report ──────┘            └ not in the report: missing ─ gone, or not seen
//! ```
//!
//! All of it is one transaction under the run's lease: a run is either finished with everything it
//! found, or not at all, and never twice.

mod changes;
mod compared;
mod context;
mod judged;
mod missing;
#[cfg(test)]
mod tests;
mod write;

pub use changes::{Changes, News};

use super::StoreError;
use super::database::{Database, ms};
use super::notices::{self, NewNotice};
use super::runs::Lease;
use crate::report::{CallRow, PillarReport, Report};
use context::{BATCH, RunContext};
use sqlx::{Any, Transaction};
use std::collections::HashSet;

/// The result of a run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The exit code that `scan` would have ended with.
    pub status: i64,
    /// Notes for readers of the run.
    pub notes: Vec<String>,
    /// The folder of the attempt.
    pub folder: String,
    /// How many lists the scan had to read. A short scan ends before its first beat stores it.
    pub lists: i64,
}

/// Statements with an optional `f64` are prepared each time. sqlx 0.9.0 binds a missing `f64` as an `f32`
/// (`sqlx-core/src/any/arguments.rs`). If PostgreSQL prepared the statement with such a value, it would
/// refuse the next `f64` that is not missing.
const KEEP_PREPARED: bool = false;

impl Database {
    /// Finishes a run. `tell` turns its changes into notices for channels.
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
        let now = self.clock().await?;
        let mut transaction = self.write().await?;
        let run = &lease.run;
        // First, so that nobody else finishes it in the meantime.
        finished(&mut transaction, lease, report, outcome).await?;
        let context = RunContext {
            target: &run.target,
            run: &run.id,
            at: ms(report.scan.started),
            dialect: self.dialect(),
        };
        pillars(&mut transaction, &context, &report.pillars).await?;
        let changes = findings(&mut transaction, &context, report).await?;
        sqlx::query("UPDATE runs SET new_fails = $1, fixed = $2 WHERE id = $3")
            .bind(changes.new_fails)
            .bind(changes.fixed)
            .bind(&run.id)
            .execute(&mut *transaction)
            .await?;
        notices::write(&mut transaction, &run.id, &tell(&changes), now).await?;
        transaction.commit().await?;
        Ok(changes)
    }
}

/// Stores the result of a run, if the lease still holds.
async fn finished(
    transaction: &mut Transaction<'static, Any>,
    lease: &Lease,
    report: &Report,
    outcome: &Outcome,
) -> Result<(), StoreError> {
    let totals = Totals::of(report);
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
    .bind(&lease.run.id)
    .bind(lease.token)
    .bind(outcome.lists)
    .persistent(KEEP_PREPARED)
    .execute(&mut **transaction)
    .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::LeaseLost(lease.run.id.clone()))
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

/// A count, added up over all calls of a report.
fn asked(report: &Report, of: fn(&CallRow) -> u64) -> i64 {
    count(report.calls.iter().map(of).sum())
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

async fn pillars(
    transaction: &mut Transaction<'static, Any>,
    context: &RunContext<'_>,
    pillars: &[PillarReport],
) -> Result<(), StoreError> {
    for pillar in pillars {
        sqlx::query(
            "INSERT INTO run_pillars (run, target, at, pillar, score, coverage, critical, high, \
             medium, low, info, unknown, high_risk_issues, medium_risk_issues) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(context.run)
        .bind(context.target)
        .bind(context.at)
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
    context: &RunContext<'_>,
    report: &Report,
) -> Result<Changes, StoreError> {
    let checks: HashSet<&str> = report
        .checks
        .iter()
        .map(|check| check.id.as_str())
        .collect();
    let mut known = compared::known(transaction, context.target, &checks).await?;
    let mut changes = Changes::default();
    let mut batch = Vec::with_capacity(BATCH);
    for finding in report.findings.iter() {
        let finding = finding?;
        let before = known.remove(finding.id.0.as_str());
        batch.extend(compared::compared(finding, before.as_ref(), &mut changes)?);
        if batch.len() == BATCH {
            write::upsert(transaction, context, &batch).await?;
            batch.clear();
        }
    }
    write::upsert(transaction, context, &batch).await?;
    missing::mark_missing(transaction, context, report, known, &mut changes).await?;
    judged::record_judged(transaction, context, report).await?;
    Ok(changes)
}
