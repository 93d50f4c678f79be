//! One thread of the judge: judges documents and counts the findings.

use super::criteria::{Criteria, FindingSink, JudgeError, Judged, info};
use crate::check::Check;
use crate::judge::evaluate::{CheckSettings, evaluate, undecided_finding, unlisted_finding};
use crate::model::{
    Cause, Document, Finding, FindingId, Gap, Notice, Part, Resource, Severity, Tags, Verdict,
};
use crate::policy::{ExemptionUses, GateCounts, Policy};
use crate::report::{Findings, Record, Tally};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A bug in sixpillars or in the expression crate.
const PANICKED: &str = "the evaluation panicked";

/// What every thread judges by.
pub(super) struct Rules {
    by_kind: BTreeMap<String, Vec<Arc<Check>>>,
    policy: Policy,
    tags: Tags,
    now: Timestamp,
    today: Date,
    failed_before: Option<BTreeSet<FindingId>>,
}

impl Rules {
    pub(super) fn of(criteria: &Criteria<'_>) -> Self {
        let mut by_kind: BTreeMap<String, Vec<Arc<Check>>> = BTreeMap::new();
        for check in criteria.catalog.iter() {
            let kind = check.file.resource.clone();
            by_kind.entry(kind).or_default().push(Arc::clone(check));
        }
        Self {
            by_kind,
            policy: criteria.policy.clone(),
            tags: criteria.tags.clone(),
            now: criteria.now,
            today: criteria.now.to_zoned(TimeZone::UTC).date(),
            failed_before: criteria.failed_before.clone(),
        }
    }

    fn checks(&self, kind: &str) -> &[Arc<Check>] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }
}

/// One thread's judging.
pub(super) struct Worker {
    rules: Arc<Rules>,
    sink: FindingSink,
    totals: Totals,
}

/// The counts of one thread, and after [`Totals::merge`] those of all.
#[derive(Default)]
pub(super) struct Totals {
    tally: Tally,
    exemption_uses: ExemptionUses,
    gates: GateCounts,
    broken: BTreeSet<(String, String)>,
    unsure_tags: u64,
    pub(super) notices: Vec<Notice>,
    /// The first error of the store. Later findings are lost.
    store_error: Option<io::Error>,
}

impl Worker {
    pub(super) fn new(rules: Arc<Rules>, sink: FindingSink) -> Self {
        Self {
            rules,
            sink,
            totals: Totals::default(),
        }
    }

    pub(super) fn document(&mut self, document: &Document) {
        match selected(&document.resource, &self.rules.tags) {
            Selected::No => return,
            Selected::Yes => {}
            Selected::Unsure => self.totals.unsure_tags += 1,
        }
        let rules = Arc::clone(&self.rules);
        let checks = rules.checks(&document.resource.kind).iter();
        let findings = checks.map(|check| {
            let (finding, broken) = finding(check, document, &rules);
            let broken = broken.map(|message| (check.id.clone(), message));
            self.totals.broken.extend(broken);
            finding
        });
        let findings = findings.collect();
        self.store_findings(findings);
    }

    /// Makes one unknown finding of each check for a list that failed.
    pub(super) fn unlisted_finding(&mut self, kind: &str, account: &str, region: &str, gap: &Gap) {
        let rules = Arc::clone(&self.rules);
        let findings = rules.checks(kind).iter().map(|check| {
            let severity = rules.policy.general_severity(&info(check));
            unlisted_finding(check, severity, account, region, gap.clone())
        });
        self.store_findings(findings.collect());
    }

    fn store_findings(&mut self, findings: Vec<Finding>) {
        let Rules {
            policy,
            today,
            failed_before,
            ..
        } = &*self.rules;
        let totals = &mut self.totals;
        let mut records = Vec::with_capacity(findings.len());
        for mut finding in findings {
            policy.apply_exemptions(&mut finding, *today, &mut totals.exemption_uses);
            policy.count_gates(&finding, failed_before.as_ref(), &mut totals.gates);
            if let Some(on_finding) = &self.sink.on_finding {
                on_finding(&finding);
            }
            match Record::of(&finding) {
                Ok(record) => {
                    totals.tally.add(&finding, &record.key);
                    records.push(record);
                }
                Err(error) => totals.lose(error),
            }
        }
        // After the first error there is no report, so the rest is not stored.
        if totals.store_error.is_none() {
            let added = self.sink.store.add(records);
            added.unwrap_or_else(|error| totals.lose(error));
        }
    }

    pub(super) fn finish(self) -> Totals {
        self.totals
    }
}

impl Totals {
    fn lose(&mut self, error: io::Error) {
        self.store_error.get_or_insert(error);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.tally.merge(other.tally);
        self.exemption_uses.merge(&other.exemption_uses);
        self.gates.merge(&other.gates);
        self.broken.extend(other.broken);
        self.unsure_tags += other.unsure_tags;
        self.notices.extend(other.notices);
        self.store_error = self.store_error.take().or(other.store_error);
    }

    /// The outcome of all threads together.
    pub(super) fn conclude(
        self,
        rules: &Rules,
        sink: &FindingSink,
        resources: BTreeMap<(String, String, String), u64>,
    ) -> Result<Judged, JudgeError> {
        if let Some(error) = self.store_error {
            return Err(error.into());
        }
        let mut notices = rules
            .policy
            .exemption_notices(&self.exemption_uses, rules.today);
        notices.extend(self.notices);
        notices.extend(self.broken.into_iter().map(|(check, message)| {
            let message = format!("{check} could not be evaluated: {message}");
            Notice::new("check_broken", message).at(check)
        }));
        if self.unsure_tags > 0 {
            let message = format!(
                "the tags of {} resources could not be read; they are judged although they may \
                 not match --tags",
                self.unsure_tags
            );
            notices.push(Notice::new("tags_unreadable", message));
        }
        Ok(Judged {
            findings: Findings::new(sink.store.close()?, self.tally),
            gates: rules.policy.gate_results(&self.gates),
            notices,
            resources,
        })
    }
}

/// One finding. A broken check says nothing about the resource, so its finding is unknown, with a
/// message.
fn finding(check: &Check, document: &Document, rules: &Rules) -> (Finding, Option<String>) {
    let Rules { policy, now, .. } = rules;
    let info = info(check);
    let severity = policy.severity_for(&info, &document.resource);
    let unknown = |gaps: Vec<Gap>| {
        let settings = CheckSettings {
            parameters: &check.file.parameters,
            severity,
        };
        let mut finding = undecided_finding(check, document, &settings, *now);
        finding.verdict = Verdict::Unknown;
        finding.gaps = gaps;
        finding
    };
    let parameters: Map<String, Value> = match policy.parameters_for(&info, &document.resource) {
        Ok(parameters) => parameters,
        Err(gap) => return (unknown(vec![gap]), None),
    };
    let settings = CheckSettings {
        parameters: &parameters,
        severity,
    };
    // The expression crate and our functions process untrusted data. A panic in one evaluation must
    // not end the others. Its message may contain values, so it is not kept; the panic hook shows
    // only the location.
    let judged = catch_unwind(AssertUnwindSafe(|| {
        evaluate(check, document, &settings, *now)
    }));
    match judged {
        Ok(Ok(finding)) => (finding, None),
        Ok(Err(broken)) => (unknown(Vec::new()), Some(broken.message)),
        Err(_) => {
            let finding = panicked(check, severity, &document.resource);
            (finding, Some(PANICKED.to_owned()))
        }
    }
}

/// What can be said of a resource without evaluating anything.
fn panicked(check: &Check, severity: Severity, resource: &Resource) -> Finding {
    let gap = Gap::new("", Cause::Failed, PANICKED);
    Finding {
        id: FindingId::of(&check.id, resource),
        resource: resource.clone(),
        say: "could not be judged".to_owned(),
        ..unlisted_finding(check, severity, &resource.account, &resource.region, gap)
    }
}

enum Selected {
    Yes,
    No,
    Unsure,
}

/// Whether a resource has all the wanted tags. A kind without tags has none of them.
fn selected(resource: &Resource, wanted: &Tags) -> Selected {
    if wanted.is_empty() {
        return Selected::Yes;
    }
    match &resource.tags {
        Part::Read(tags) if wanted.iter().all(|(k, v)| tags.get(k) == Some(v)) => Selected::Yes,
        Part::Read(_) | Part::Unread => Selected::No,
        Part::Gap(_) => Selected::Unsure,
    }
}
