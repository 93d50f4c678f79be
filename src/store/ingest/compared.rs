//! Compares the findings of a report with those that are stored.

use super::changes::{Changes, GONE, News};
use crate::model::{Finding, Severity, Verdict};
use crate::store::StoreError;
use crate::store::findings::severity;
use crate::store::texts;
use futures::StreamExt;
use sha2::{Digest, Sha256};
use sqlx::{Any, Row, Transaction};
use std::collections::{HashMap, HashSet};

/// What is known of a finding from earlier runs: a few bytes, as there may be a hundred thousand.
pub(super) struct Known {
    digest: i64,
    verdict: Verdict,
    severity: Severity,
    pub(super) failing: bool,
}

/// A finding that is new or differs from what is known.
pub(super) struct Changed {
    pub(super) finding: Finding,
    pub(super) tags: Option<String>,
    pub(super) digest: i64,
    /// Whether verdict or severity differ.
    pub(super) is_change: bool,
    pub(super) failing: Failing,
}

/// What becomes of `failing_since`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Failing {
    Begins,
    GoesOn,
    Ends,
}

/// The stored findings of a target and some checks. Those that are gone are left out: one that comes back
/// is new.
pub(super) async fn known(
    transaction: &mut Transaction<'static, Any>,
    target: &str,
    checks: &HashSet<&str>,
) -> Result<HashMap<Box<str>, Known>, StoreError> {
    let mut rows = sqlx::query(
        "SELECT id, check_id, digest, verdict, severity, \
         CASE WHEN failing_since IS NULL THEN 0 ELSE 1 END AS failing \
         FROM findings WHERE target = $1 AND verdict <> $2",
    )
    .bind(target)
    .bind(GONE)
    .fetch(&mut **transaction);
    let mut all = HashMap::new();
    while let Some(row) = rows.next().await {
        let row = row?;
        if !checks.contains(row.try_get::<&str, _>(1)?) {
            continue;
        }
        let known = Known {
            digest: row.try_get(2)?,
            verdict: verdict(row.try_get(3)?)?,
            severity: severity(row.try_get(4)?)?,
            failing: row.try_get::<i64, _>(5)? != 0,
        };
        all.insert(row.try_get::<&str, _>(0)?.into(), known);
    }
    Ok(all)
}

fn verdict(text: &str) -> Result<Verdict, StoreError> {
    let mut all = Verdict::ALL.into_iter();
    let found = all.find(|verdict| verdict.id() == text);
    found.ok_or_else(|| StoreError::Malformed(format!("a finding is `{text}`")))
}

/// The row to write; `None` if the stored one is the same.
pub(super) fn compared(
    finding: Finding,
    before: Option<&Known>,
    changes: &mut Changes,
) -> Result<Option<Changed>, StoreError> {
    let tags = texts::tags(&finding);
    let digest = digest(&finding, tags.as_deref());
    if before.is_some_and(|before| before.digest == digest) {
        return Ok(None);
    }
    let is_change = before.is_none_or(|before| {
        before.verdict != finding.verdict || before.severity != finding.severity
    });
    let was_failing = before.is_some_and(|before| before.failing);
    let failing = match finding.verdict {
        Verdict::Fail if was_failing => Failing::GoesOn,
        Verdict::Fail => Failing::Begins,
        // It is not known, or it is accepted: neither means that it is fixed.
        Verdict::Unknown | Verdict::Exempt => Failing::GoesOn,
        Verdict::Pass | Verdict::NotApplicable => Failing::Ends,
    };
    let ends = failing == Failing::Ends && was_failing;
    changes.new_fails += i64::from(failing == Failing::Begins);
    changes.fixed += i64::from(ends);
    // A finding that is no longer accepted is as new to people as one that began to fail.
    let accepted = before.is_some_and(|before| before.verdict == Verdict::Exempt);
    let was = before
        .filter(|before| before.failing && !accepted)
        .map(|before| before.severity);
    let is_worse = was.is_none_or(|was| finding.severity > was);
    if ends || (finding.verdict == Verdict::Fail && is_worse) {
        changes.record_news(|| Ok(news(&finding, was, !ends)))?;
    }
    Ok(Some(Changed {
        finding,
        tags,
        digest,
        is_change,
        failing,
    }))
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

/// A hash of everything of a finding that is stored and may change. It is signed because the database has
/// no unsigned numbers.
fn digest(finding: &Finding, tags: Option<&str>) -> i64 {
    let mut hash = Sha256::new();
    let severity = [finding.severity as u8];
    for piece in [
        finding.verdict.id().as_bytes(),
        &severity,
        finding.title.as_bytes(),
        finding.pillar.id().as_bytes(),
        finding.resource.name.as_bytes(),
        finding
            .resource
            .arn
            .as_deref()
            .unwrap_or_default()
            .as_bytes(),
        finding.say.as_bytes(),
        // A resource without tags differs from one whose tags could not be read.
        tags.unwrap_or("?").as_bytes(),
    ] {
        hash.update(piece);
        hash.update([0]);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hash.finalize()[..8]);
    i64::from_be_bytes(first)
}
