//! Two reports walked side by side.

use super::change::{Change, Why};
use super::scope::{FindingFields, Scope};
use crate::model::{FindingId, Verdict};
use crate::report::{Record, Report, Walk};
use std::io;
use std::iter::Peekable;

/// One evaluation that is in either report.
pub struct Difference {
    /// The finding's id.
    pub id: FindingId,
    /// How it changed, if it did.
    pub change: Option<Change>,
    /// Why, where the verdicts do not say it.
    pub why: Option<Why>,
    /// The earlier verdict, if there was one.
    pub was: Option<Verdict>,
    /// The verdict now, if there is one.
    pub is: Option<Verdict>,
    record: Option<Record>,
}

impl Difference {
    /// The finding as it is now, or as it was if it no longer exists.
    ///
    /// # Errors
    /// Never for what a walk yields.
    pub fn record(&self) -> io::Result<&Record> {
        self.record
            .as_ref()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// All evaluations of both reports in order, one in memory at a time. The first error is the last
/// item.
pub struct Differences<'a> {
    old: Side<'a>,
    new: Side<'a>,
    scope: Scope<'a>,
    ended: bool,
}

impl<'a> Differences<'a> {
    /// Those of an earlier and a later report.
    #[must_use]
    pub fn of(old: &'a Report, new: &'a Report) -> Self {
        Self {
            old: Side(old.findings.records().peekable()),
            new: Side(new.findings.records().peekable()),
            scope: Scope::of(old, new),
            ended: false,
        }
    }

    fn step(&mut self) -> io::Result<Option<Difference>> {
        let order = match (self.old.key()?, self.new.key()?) {
            (None, None) => return Ok(None),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(old), Some(new)) => old.cmp(new),
        };
        let old = if order.is_le() {
            self.old.take()?
        } else {
            None
        };
        let new = if order.is_ge() {
            self.new.take()?
        } else {
            None
        };
        let (was, is) = (old.as_ref().map(|(s, _)| s), new.as_ref().map(|(s, _)| s));
        let Some(id) = is.or(was).map(|seen| seen.id.clone()) else {
            return Ok(None);
        };
        let (change, why) = self.scope.change(was, is);
        Ok(Some(Difference {
            id,
            change,
            why,
            was: was.map(|seen| seen.verdict),
            is: is.map(|seen| seen.verdict),
            record: new.or(old).map(|(_, record)| record),
        }))
    }
}

impl Iterator for Differences<'_> {
    type Item = io::Result<Difference>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.step();
        self.ended = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}

/// One report on the walk.
struct Side<'a>(Peekable<Walk<'a>>);

impl Side<'_> {
    /// The key of the next evaluation.
    fn key(&mut self) -> io::Result<Option<&str>> {
        if let Some(error) = self.0.next_if(Result::is_err).and_then(Result::err) {
            return Err(error);
        }
        let next = self.0.peek().and_then(|record| record.as_ref().ok());
        Ok(next.map(|record| record.key.as_str()))
    }

    /// The next evaluation. AWS may list a resource twice while its list changes; then the worse
    /// verdict counts.
    fn take(&mut self) -> io::Result<Option<(FindingFields, Record)>> {
        let Some(mut record) = self.0.next().transpose()? else {
            return Ok(None);
        };
        let mut seen: FindingFields = serde_json::from_str(&record.json)?;
        while let Some(again) = self
            .0
            .next_if(|next| next.as_ref().is_ok_and(|r| r.key == record.key))
        {
            let again = again?;
            let other: FindingFields = serde_json::from_str(&again.json)?;
            if other.verdict < seen.verdict {
                (seen, record) = (other, again);
            }
        }
        Ok(Some((seen, record)))
    }
}
