//! The verdicts of a report, to compare those of two scans of one account. Tests share it.

#![allow(dead_code, reason = "none of those who share it uses all of it")]

use serde_json::Value;
use sixpillars::model::{Call, Kind};
use std::collections::{BTreeMap, BTreeSet};

/// Verdicts of a report: by check, region, kind and resource id.
pub(crate) struct Verdicts(BTreeMap<Subject, Verdict>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Subject {
    check: String,
    region: String,
    kind: String,
    id: String,
}

#[derive(Debug, Clone)]
#[allow(clippy::struct_field_names, reason = "the report's own name")]
struct Verdict {
    verdict: String,
    name: String,
    actions: BTreeSet<String>,
}

impl Verdicts {
    /// Those of a report.
    ///
    /// # Panics
    /// When the report has two findings for one check and resource.
    pub(crate) fn of(report: &Value) -> Self {
        let mut all = BTreeMap::new();
        for finding in report["findings"].as_array().expect("findings") {
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let resource = &finding["resource"];
            let subject = Subject {
                check: text(&finding["check"]),
                region: text(&resource["region"]),
                kind: text(&resource["kind"]),
                id: text(&resource["id"]),
            };
            let gaps = finding["gaps"].as_array().expect("gaps");
            let verdict = Verdict {
                verdict: text(&finding["verdict"]),
                name: text(&resource["name"]),
                actions: gaps.iter().map(|gap| text(&gap["action"])).collect(),
            };
            let before = all.insert(subject.clone(), verdict);
            assert!(before.is_none(), "two findings for {subject:?}");
        }
        Self(all)
    }

    /// The verdicts of a check on resources of a name or id, in all regions.
    pub(crate) fn named(&self, check: &str, name: &str) -> BTreeSet<&str> {
        self.0
            .iter()
            .filter(|(s, v)| s.check == check && (v.name == name || s.id == name))
            .map(|(_, v)| v.verdict.as_str())
            .collect()
    }

    /// The verdicts in a region, by check, kind and resource id.
    pub(crate) fn in_region(&self, region: &str) -> BTreeMap<(String, String, String), String> {
        let here = self.0.iter().filter(|(s, _)| s.region == region);
        here.map(|(s, v)| {
            let key = (s.check.clone(), s.kind.clone(), s.id.clone());
            (key, v.verdict.clone())
        })
        .collect()
    }

    /// The kinds that are judged.
    pub(crate) fn kinds(&self) -> BTreeSet<String> {
        self.0.keys().map(|subject| subject.kind.clone()).collect()
    }

    /// How many verdicts are not unknown.
    pub(crate) fn decided(&self) -> usize {
        let decided = self.0.values().filter(|v| v.verdict != "unknown");
        decided.count()
    }

    /// How many verdicts are unknown for want of one of these actions.
    pub(crate) fn unknown_for(&self, actions: &BTreeSet<&str>) -> usize {
        let lacks = |v: &&Verdict| {
            let mut missed = v.actions.iter();
            v.verdict == "unknown" && missed.any(|action| actions.contains(action.as_str()))
        };
        self.0.values().filter(lacks).count()
    }

    /// The verdicts that are something else in `other`, where that is not unknown, and those that
    /// are only there.
    pub(crate) fn flipped(&self, other: &Self) -> Vec<String> {
        let decided = other.0.iter().filter(|(_, v)| v.verdict != "unknown");
        decided
            .filter_map(|(subject, after)| match self.0.get(subject) {
                Some(before) if before.verdict == after.verdict => None,
                Some(before) => Some(format!(
                    "{subject:?} turned from {} to {}",
                    before.verdict, after.verdict
                )),
                None => Some(format!("{subject:?} ({}) is new", after.verdict)),
            })
            .collect()
    }

    /// What is wrong with the verdicts `other` of the same account when some IAM actions are refused, and
    /// with them the lists of some kinds. Every finding hangs on one of them at most.
    pub(crate) fn without(
        &self,
        other: &Self,
        lists: &BTreeSet<String>,
        actions: &BTreeSet<&str>,
    ) -> Vec<String> {
        let is_for_want = |after: &Verdict| {
            let mut missed = after.actions.iter();
            after.verdict == "unknown" && missed.any(|action| actions.contains(action.as_str()))
        };
        let mut wrong = Vec::new();
        for (subject, before) in &self.0 {
            match other.0.get(subject) {
                Some(after) if after.verdict == before.verdict => {}
                Some(after) if is_for_want(after) => {}
                Some(after) => wrong.push(format!(
                    "{subject:?} turned from {} to {} with gaps {:?}",
                    before.verdict, after.verdict, after.actions
                )),
                None if lists.contains(&subject.kind) && other.says_unlisted(subject, actions) => {}
                None => wrong.push(format!("{subject:?} ({}) is missing", before.verdict)),
            }
        }
        for (subject, after) in &other.0 {
            if after.verdict != "unknown" && !self.0.contains_key(subject) {
                wrong.push(format!("{subject:?} ({}) is new", after.verdict));
            }
        }
        wrong
    }

    /// Whether one unknown finding stands for all resources that could not be listed.
    fn says_unlisted(&self, subject: &Subject, actions: &BTreeSet<&str>) -> bool {
        self.0.iter().any(|(s, v)| {
            s.check == subject.check
                && s.kind == subject.kind
                // Buckets live in regions and are listed once for all.
                && (s.region == subject.region || s.region == "global")
                && v.verdict == "unknown"
                && v.actions.iter().any(|action| actions.contains(action.as_str()))
        })
    }
}

/// What an IAM action of the registry allows.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// Services and operations.
    pub(crate) operations: BTreeSet<(&'static str, &'static str)>,
    /// The kinds whose lists it allows.
    pub(crate) lists: BTreeSet<String>,
}

/// The calls that find the resources within which those of a kind are listed.
pub(crate) fn of_parents(kind: &'static Kind) -> Vec<&'static Call> {
    let Some(parent) = kind
        .declaration()
        .and_then(|declaration| declaration.parent)
    else {
        return Vec::new();
    };
    let kinds = sixpillars::collect::registry().into_iter().map(|c| c.kind);
    let parents = kinds.filter(|kind| kind.name == parent);
    let calls = parents.flat_map(|parent| {
        let describe = parent.declaration().and_then(|d| d.describe.as_ref());
        let describe = describe.into_iter().flat_map(|part| part.calls);
        let own = parent.list.iter().chain(describe).copied();
        own.chain(of_parents(parent))
    });
    calls.collect()
}

/// Every IAM action of the registry.
pub(crate) fn reads() -> BTreeMap<&'static str, Reads> {
    let mut all: BTreeMap<&'static str, Reads> = BTreeMap::new();
    for collector in sixpillars::collect::registry() {
        let kind = collector.kind;
        for call in of_parents(kind) {
            let reads = all.entry(call.action).or_default();
            reads.lists.insert(kind.name.to_owned());
        }
        for call in kind.list {
            let reads = all.entry(call.action).or_default();
            reads.operations.insert((call.service, call.operation));
            reads.lists.insert(kind.name.to_owned());
        }
        for call in kind.calls() {
            let reads = all.entry(call.action).or_default();
            reads.operations.insert((call.service, call.operation));
        }
    }
    all
}

/// Removes what differs from scan to scan: when it was, how it is called, how long calls took.
pub(crate) fn strip_times(report: &mut Value) {
    if let Some(scan) = report["scan"].as_object_mut() {
        for key in ["id", "started", "finished", "seconds", "duration_ms"] {
            scan.remove(key);
        }
    }
    for call in report["calls"].as_array_mut().into_iter().flatten() {
        if let Some(call) = call.as_object_mut() {
            call.remove("ms");
            // How often one that fails is tried hangs on what else is under way when it is given up.
            if call["failed"] != 0 {
                call.remove("attempts");
                call.remove("failed");
            }
        }
    }
}
