//! Which findings of an earlier report were evaluated again.

use super::change::{Change, Why};
use crate::model::{FindingId, Gap, Resource, Verdict};
use crate::report::{CheckReport, Report};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The region of resources without a region.
const GLOBAL: &str = "global";

/// The fields of a finding that a comparison needs.
#[derive(Deserialize)]
pub(super) struct FindingFields {
    pub(super) id: FindingId,
    pub(super) check: String,
    pub(super) verdict: Verdict,
    pub(super) resource: Resource,
}

/// The rules of both reports, and what the later one read.
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
            (place, read.gap.as_ref().is_none_or(Gap::is_off))
        });
        Self {
            old: old.checks_by_id(),
            new: new.checks_by_id(),
            versions: [&old.scan.tool.version, &new.scan.tool.version],
            report: new,
            lists: lists.collect(),
        }
    }

    /// How a finding changed, from its earlier and its present state.
    pub(super) fn change(
        &self,
        was: Option<&FindingFields>,
        is: Option<&FindingFields>,
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

    /// Whether a check had the same rule in both reports.
    fn same_rule(&self, check: &str) -> bool {
        let (Some(old), Some(new)) = (self.old.get(check), self.new.get(check)) else {
            return false;
        };
        match (&old.rule, &new.rule) {
            (Some(old), Some(new)) => old == new,
            // A report from before reports had rules.
            _ => old.parameters == new.parameters && self.versions[0] == self.versions[1],
        }
    }

    fn new_rule(&self, is: &FindingFields) -> Option<Why> {
        if !self.old.contains_key(is.check.as_str()) {
            return Some(Why::CheckAdded);
        }
        (!self.same_rule(&is.check)).then_some(Why::RuleChanged)
    }

    /// How a failed finding changed that is not in the later report. It is gone only if its list
    /// was read completely.
    fn missing(&self, was: &FindingFields) -> (Change, Option<Why>) {
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
            // It is not always known which account could not be accessed.
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
