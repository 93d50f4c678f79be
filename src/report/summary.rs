//! What the text and Markdown formats share.

use super::tally::Failed;
use super::text::paint::count;
use super::{Attestation, AttestationState, PracticeReport, Report};
use crate::model::AttestationStatus;

/// What a report with a baseline leaves out.
pub(super) const NEW_ONLY: &str = "Only new failures are shown below. Scores, coverage and what \
                                   was not seen are those of the whole scan; report.json has every finding.";

/// Failed checks, the most severe and most frequent first.
pub(super) fn by_urgency(report: &Report) -> Vec<(&str, &Failed)> {
    let failed = report.findings.shown().failed().iter();
    let mut failed: Vec<(&str, &Failed)> = failed.map(|(id, f)| (id.as_str(), f)).collect();
    failed.sort_by_key(|(_, failed)| {
        let worst = failed.examples.first().map(|example| example.severity);
        std::cmp::Reverse((worst, failed.count))
    });
    failed
}

/// How many best practices people answered, in one line; none if they answered none.
pub(super) fn attested(report: &Report) -> Option<String> {
    let attested = || {
        report
            .practices
            .iter()
            .filter_map(|p| p.attestation.as_ref())
    };
    let valid = |status| {
        let counts = |a: &&Attestation| a.state == AttestationState::Valid && a.status == status;
        attested().filter(counts).count()
    };
    let in_state = |state| attested().filter(|a| a.state == state).count();
    let counts = [
        (valid(AttestationStatus::Met), "met"),
        (valid(AttestationStatus::NotMet), "not met"),
        (valid(AttestationStatus::NotApplicable), "not applicable"),
        (in_state(AttestationState::Expired), "expired"),
        (in_state(AttestationState::Contradicted), "contradicted"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let all = count(attested().count() as u64, "best practice");
    (!counts.is_empty()).then(|| format!("Attested: {all} ({})", counts.join(", ")))
}

/// Best practices that people call not met, those of high risk first.
pub(super) fn not_met(report: &Report) -> Vec<(&PracticeReport, &Attestation)> {
    let practices = report.practices.iter();
    let mut not_met: Vec<_> = practices
        .filter_map(|practice| Some((practice, practice.attestation.as_ref()?)))
        .filter(|(_, attested)| {
            attested.state == AttestationState::Valid
                && attested.status == AttestationStatus::NotMet
        })
        .collect();
    not_met.sort_by_key(|(practice, _)| std::cmp::Reverse(practice.risk));
    not_met
}
