//! What of an earlier report was looked at again.

use super::change::{Change, Why};
use crate::model::{FindingId, Resource, Verdict};
use crate::report::{CheckReport, Report};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The region under which what belongs to no region is listed.
const GLOBAL: &str = "global";

/// What a comparison goes by of a finding; the rest is not read.
#[derive(Deserialize)]
pub(super) struct Seen {
    pub(super) id: FindingId,
    pub(super) check: String,
    pub(super) verdict: Verdict,
    pub(super) resource: Resource,
}

/// What either report held its resources to, and what the later one read.
pub(super) struct Scope<'a> {
    old: BTreeMap<&'a str, &'a CheckReport>,
    new: BTreeMap<&'a str, &'a CheckReport>,
    /// The version of the program, before and now.
    versions: [&'a str; 2],
    report: &'a Report,
    /// Whether a list was read to its end, by account, region and kind.
    lists: BTreeMap<(&'a str, &'a str, &'a str), bool>,
}

impl<'a> Scope<'a> {
    pub(super) fn of(old: &'a Report, new: &'a Report) -> Self {
        let lists = new.reads.iter().map(|read| {
            let place = (&*read.account, &*read.region, &*read.kind);
            (place, read.gap.is_none())
        });
        Self {
            old: old.checks_by_id(),
            new: new.checks_by_id(),
            versions: [&old.scan.tool.version, &new.scan.tool.version],
            report: new,
            lists: lists.collect(),
        }
    }

    /// What became of a finding, from what it was and what it is.
    pub(super) fn change(
        &self,
        was: Option<&Seen>,
        is: Option<&Seen>,
    ) -> (Option<Change>, Option<Why>) {
        let now = is.map(|seen| seen.verdict);
        let (change, why) = match (was, now) {
            (Some(was), now) if was.verdict == Verdict::Fail => match now {
                Some(Verdict::Fail) => (Change::StillFailing, None),
                Some(Verdict::Unknown) => (Change::BecameUnknown, None),
                Some(Verdict::Exempt) => (Change::Changed, Some(Why::Exempted)),
                Some(Verdict::Pass | Verdict::NotApplicable) if self.same_rule(&was.check) => {
                    (Change::Fixed, None)
                }
                Some(Verdict::Pass | Verdict::NotApplicable) => {
                    (Change::Changed, Some(Why::RuleChanged))
                }
                None => self.missing(was),
            },
            (_, Some(Verdict::Fail)) => (Change::New, is.and_then(|seen| self.new_rule(seen))),
            (Some(was), Some(Verdict::Unknown)) if was.verdict != Verdict::Unknown => {
                (Change::BecameUnknown, None)
            }
            _ => return (None, None),
        };
        (Some(change), why)
    }

    /// Whether a check judged alike in both reports.
    fn same_rule(&self, check: &str) -> bool {
        let (Some(old), Some(new)) = (self.old.get(check), self.new.get(check)) else {
            return false;
        };
        match (&old.rule, &new.rule) {
            (Some(old), Some(new)) => old == new,
            // A report of before there were rules in reports.
            _ => old.parameters == new.parameters && self.versions[0] == self.versions[1],
        }
    }

    fn new_rule(&self, is: &Seen) -> Option<Why> {
        if !self.old.contains_key(is.check.as_str()) {
            return Some(Why::CheckAdded);
        }
        (!self.same_rule(&is.check)).then_some(Why::RuleChanged)
    }

    /// What became of a failed finding that is not in the later report. It is gone only where the
    /// list that it would be in was read to its end.
    fn missing(&self, was: &Seen) -> (Change, Option<Why>) {
        let Resource {
            account,
            region,
            kind,
            ..
        } = &was.resource;
        let scan = &self.report.scan;
        if !self.new.contains_key(was.check.as_str()) {
            return (Change::Changed, Some(Why::CheckNotRun));
        }
        let Some(scanned) = self.report.account(account) else {
            // Which account it is that could not be entered is not always known.
            let out = |kind: &str| {
                self.report
                    .problems
                    .iter()
                    .any(|notice| notice.kind == kind)
            };
            return if out("account_unreadable") {
                (Change::BecameUnknown, Some(Why::AccountNotRead))
            } else {
                (Change::Changed, Some(Why::AccountNotScanned))
            };
        };
        if region != GLOBAL && !scanned.regions.contains(region) {
            return (Change::Changed, Some(Why::RegionNotScanned));
        }
        if !scan.selection.tags.is_empty() {
            return (Change::Changed, Some(Why::TagsNotSelected));
        }
        // Some kinds are listed once for the account and live in regions all the same.
        let mut lists = [region.as_str(), GLOBAL]
            .into_iter()
            .filter_map(|region| self.lists.get(&(account.as_str(), region, kind.as_str())))
            .peekable();
        if lists.peek().is_some() && lists.all(|whole| *whole) {
            (Change::Gone, None)
        } else {
            (Change::BecameUnknown, Some(Why::ListNotRead))
        }
    }
}
