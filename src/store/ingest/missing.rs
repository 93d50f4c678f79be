//! Findings that a report lacks although it ran their checks. If the list of their resources was read to
//! its end, the resource is gone. If not, nobody knows: the finding stays as it is, with the time at which
//! it was last seen.

use super::changes::{Changes, GONE, News};
use super::compared::Known;
use super::context::{BATCH, RunContext};
use super::write::record;
use crate::report::Report;
use crate::store::StoreError;
use crate::store::findings::severity;
use sqlx::any::AnyRow;
use sqlx::{Any, AssertSqlSafe, Row, Transaction};
use std::collections::{HashMap, HashSet};

/// Marks stored findings that the report does not have as gone or as not seen.
pub(super) async fn mark_missing(
    transaction: &mut Transaction<'static, Any>,
    context: &RunContext<'_>,
    report: &Report,
    missing: HashMap<Box<str>, Known>,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let lists = Lists::of(report);
    // In the same order each time.
    let mut missing: Vec<(Box<str>, Known)> = missing.into_iter().collect();
    missing.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    for missing in missing.chunks(BATCH) {
        let failing: HashMap<&str, bool> = missing
            .iter()
            .map(|(id, known)| (&**id, known.failing))
            .collect();
        let ids: Vec<&str> = missing.iter().map(|(id, _)| &**id).collect();
        let (mut gone, mut unseen) = (Vec::new(), Vec::new());
        for row in &rows(transaction, context, &ids).await? {
            let id: String = row.try_get("id")?;
            if lists.had_its(row)? {
                if failing.get(id.as_str()).copied().unwrap_or(false) {
                    changes.fixed += 1;
                    changes.record_news(|| news(row))?;
                }
                gone.push((id, row.try_get::<i64, _>("severity")?));
            } else if row.try_get::<Option<i64>, _>("last_seen")?.is_none() {
                unseen.push(id);
            }
        }
        mark_gone(transaction, context, &gone).await?;
        mark_unseen(transaction, context, &unseen).await?;
    }
    Ok(())
}

async fn rows(
    transaction: &mut Transaction<'static, Any>,
    context: &RunContext<'_>,
    ids: &[&str],
) -> Result<Vec<AnyRow>, StoreError> {
    let places = context.dialect.places(ids.len() + 1);
    let sql = format!(
        "SELECT id, check_id, account, region, kind, severity, last_seen, pillar, title, name \
         FROM findings WHERE target = {} AND id IN ({}) ORDER BY id",
        places[0],
        places[1..].join(", ")
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(context.target);
    for id in ids {
        query = query.bind(*id);
    }
    Ok(query.fetch_all(&mut **transaction).await?)
}

/// Lists that the report's scan read.
struct Lists<'a> {
    read: HashSet<ListKey<'a>>,
    unread: HashSet<ListKey<'a>>,
    accounts: HashSet<&'a str>,
    /// Whether only resources with certain tags were judged.
    by_tags: bool,
}

/// An account, a region and a kind.
type ListKey<'a> = (&'a str, &'a str, &'a str);

impl<'a> Lists<'a> {
    fn of(report: &'a Report) -> Self {
        let lists = |all: bool| {
            let reads = report.reads.iter();
            let reads = reads.filter(move |read| all || read.gap.is_some());
            reads
                .map(|read| {
                    let (region, kind) = (read.region.as_str(), read.kind.as_str());
                    (read.account.as_str(), region, kind)
                })
                .collect()
        };
        let accounts = report.scan.accounts.iter();
        Self {
            read: lists(true),
            unread: lists(false),
            accounts: accounts.map(|account| account.id.as_str()).collect(),
            by_tags: !report.scan.selection.tags.is_empty(),
        }
    }

    /// Whether the list that the resource of a row would be in was read to its end.
    fn had_its(&self, row: &AnyRow) -> Result<bool, StoreError> {
        let account: &str = row.try_get("account")?;
        let (region, kind) = (row.try_get("region")?, row.try_get("kind")?);
        Ok(self.accounts.contains(account)
            && !self.by_tags
            && self.was_read((account, region, kind)))
    }

    /// Whether the list was read to its end. The list of a resource with a region may be account-wide. Such a
    /// list has a row for each region in which it found something, and one for itself.
    fn was_read(&self, (account, region, kind): ListKey<'_>) -> bool {
        let has = |lists: &HashSet<ListKey<'_>>| {
            lists.contains(&(account, region, kind)) || lists.contains(&(account, "global", kind))
        };
        has(&self.read) && !has(&self.unread)
    }
}

fn news(row: &AnyRow) -> Result<News, StoreError> {
    let pillar: String = row.try_get("pillar")?;
    let severity = severity(row.try_get("severity")?)?;
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

/// Marks findings whose resources no longer exist.
async fn mark_gone(
    transaction: &mut Transaction<'static, Any>,
    context: &RunContext<'_>,
    gone: &[(String, i64)],
) -> Result<(), StoreError> {
    if gone.is_empty() {
        return Ok(());
    }
    let places = context.dialect.places(gone.len() + 4);
    let sql = format!(
        "UPDATE findings SET verdict = {}, since = {}, since_run = {}, failing_since = NULL, \
         last_seen = NULL, last_run = NULL, digest = 0 WHERE target = {} AND id IN ({})",
        places[0],
        places[1],
        places[2],
        places[3],
        places[4..].join(", ")
    );
    let mut query = sqlx::query(AssertSqlSafe(sql))
        .bind(GONE)
        .bind(context.at)
        .bind(context.run)
        .bind(context.target);
    for (id, _) in gone {
        query = query.bind(id);
    }
    query.execute(&mut **transaction).await?;
    let lost = gone.iter();
    let lost = lost.map(|(id, severity)| (id.as_str(), GONE, *severity));
    record(transaction, context, &lost.collect::<Vec<_>>()).await
}

/// Notes when findings were last seen: when their checks last judged the target before this run.
async fn mark_unseen(
    transaction: &mut Transaction<'static, Any>,
    context: &RunContext<'_>,
    unseen: &[String],
) -> Result<(), StoreError> {
    if unseen.is_empty() {
        return Ok(());
    }
    let places = context.dialect.places(unseen.len() + 1);
    let sql = format!(
        "UPDATE findings SET digest = 0, \
         last_seen = (SELECT j.at FROM judged j WHERE j.target = findings.target \
                      AND j.check_id = findings.check_id), \
         last_run = (SELECT j.run FROM judged j WHERE j.target = findings.target \
                     AND j.check_id = findings.check_id) \
         WHERE target = {} AND id IN ({})",
        places[0],
        places[1..].join(", ")
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(context.target);
    for id in unseen {
        query = query.bind(id);
    }
    query.execute(&mut **transaction).await?;
    Ok(())
}
