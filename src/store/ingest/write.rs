//! Writes findings and their history.

use super::compared::{Changed, Failing};
use super::context::{BATCH, RunContext};
use crate::store::StoreError;
use crate::store::texts::{storable, words};
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, Transaction};

/// Columns that are written of a finding.
const COLUMNS: usize = 22;

/// Adds findings, or brings them up to date.
pub(super) async fn upsert(
    transaction: &mut Transaction<'static, Any>,
    context: &RunContext<'_>,
    rows: &[Changed],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO findings (target, id, check_id, service, pillar, severity, verdict, account, \
         region, kind, resource, name, title, say, first_seen, first_run, since, since_run, \
         failing_since, digest, tags, words) VALUES {} \
         ON CONFLICT (target, id) DO UPDATE SET severity = excluded.severity, \
         verdict = excluded.verdict, pillar = excluded.pillar, name = excluded.name, \
         title = excluded.title, say = excluded.say, digest = excluded.digest, \
         tags = excluded.tags, words = excluded.words, last_seen = NULL, last_run = NULL, \
         since = CASE WHEN findings.verdict = excluded.verdict \
             AND findings.severity = excluded.severity THEN findings.since ELSE excluded.since END, \
         since_run = CASE WHEN findings.verdict = excluded.verdict \
             AND findings.severity = excluded.severity THEN findings.since_run \
             ELSE excluded.since_run END, \
         failing_since = CASE WHEN excluded.verdict IN ('unknown', 'exempt') \
             THEN findings.failing_since WHEN excluded.verdict = 'fail' \
             THEN COALESCE(findings.failing_since, excluded.failing_since) END",
        context.dialect.rows(rows.len(), COLUMNS)
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for changed in rows {
        query = bound(query, context, changed);
    }
    query.execute(&mut **transaction).await?;
    let history: Vec<_> = rows
        .iter()
        .filter(|row| row.is_change)
        .map(|Changed { finding, .. }| {
            let (id, verdict) = (finding.id.0.as_str(), finding.verdict.id());
            (id, verdict, finding.severity as i64)
        })
        .collect();
    record(transaction, context, &history).await
}

/// Binds the columns of one finding.
fn bound<'q>(
    query: Query<'q, Any, AnyArguments>,
    context: &RunContext<'_>,
    changed: &Changed,
) -> Query<'q, Any, AnyArguments> {
    let finding = &changed.finding;
    let resource = &finding.resource;
    let begins = changed.failing == Failing::Begins;
    query
        .bind(context.target)
        .bind(&finding.id.0)
        .bind(&finding.check)
        .bind(finding.check.split('/').next().unwrap_or_default())
        .bind(finding.pillar.id())
        .bind(finding.severity as i64)
        .bind(finding.verdict.id())
        .bind(&resource.account)
        .bind(&resource.region)
        .bind(&resource.kind)
        .bind(storable(&resource.id))
        .bind(storable(&resource.name))
        .bind(&finding.title)
        .bind(storable(&finding.say))
        .bind(context.at)
        .bind(context.run)
        .bind(context.at)
        .bind(context.run)
        .bind(begins.then_some(context.at))
        .bind(changed.digest)
        .bind(changed.tags.as_deref())
        .bind(words(finding, changed.tags.as_deref()))
}

/// Adds to the history of findings: id, verdict and severity of each.
pub(super) async fn record(
    transaction: &mut Transaction<'static, Any>,
    context: &RunContext<'_>,
    changed: &[(&str, &str, i64)],
) -> Result<(), StoreError> {
    for changed in changed.chunks(BATCH) {
        let sql = format!(
            "INSERT INTO changes (target, finding, at, run, verdict, severity) VALUES {}",
            context.dialect.rows(changed.len(), 6)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (finding, verdict, severity) in changed {
            query = query
                .bind(context.target)
                .bind(*finding)
                .bind(context.at)
                .bind(context.run)
                .bind(*verdict)
                .bind(*severity);
        }
        query.execute(&mut **transaction).await?;
    }
    Ok(())
}
