//! The framework's best practices and questions, from the findings.

use super::tally::Tally;
use super::{
    Attestation, AttestationState, ByRisk, CheckReport, Counts, PracticeCounts, PracticeReport,
    PracticeStatus, QuestionReport,
};
use crate::model::{AttestationStatus, Evidence, Notice, Pillar, Practice, Risk};
use crate::policy::Statement;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Every best practice with its status, in the framework's order.
pub(super) fn practices(
    framework: &[Practice],
    checks: &[CheckReport],
    tally: &Tally,
) -> Vec<PracticeReport> {
    let mut reports: Vec<PracticeReport> = framework
        .iter()
        .map(|practice| {
            let counts = tally.practice(&practice.id);
            let checks = checks.iter();
            let checks = checks.filter(|check| check.best_practices.contains(&practice.id));
            PracticeReport {
                id: practice.id.clone(),
                pillar: practice.pillar,
                question: practice.question.clone(),
                title: practice.title.clone(),
                risk: practice.risk,
                evidence: practice.evidence,
                status: status(practice.evidence, counts),
                checks: checks.map(|check| check.id.clone()).collect(),
                counts,
                attestation: None,
            }
        })
        .collect();
    reports.sort_by(|a, b| (a.pillar, &a.id).cmp(&(b.pillar, &b.id)));
    reports
}

/// Adds the attestations as of the day of the scan, with notices for those that do not count.
pub(super) fn attest(
    practices: &mut [PracticeReport],
    attestation: Vec<Statement>,
    today: Date,
) -> Vec<Notice> {
    let mut notices = Vec::new();
    for statement in attestation {
        let of = |p: &&mut PracticeReport| p.id == statement.practice;
        let Some(practice) = practices.iter_mut().find(of) else {
            continue;
        };
        let state = state(practice, &statement, today);
        let (id, owner) = (&practice.id, &statement.owner);
        let notice = match state {
            AttestationState::Valid => None,
            AttestationState::Expired => Some(Notice::new(
                "attestation_expired",
                format!(
                    "the attestation of {id} by {owner} expired on {} and does not count",
                    statement.expires
                ),
            )),
            AttestationState::Contradicted => Some(Notice::new(
                "attestation_contradicted",
                format!(
                    "the attestation of {id} by {owner} as {} does not count: the evidence says \
                     otherwise",
                    statement.status.words()
                ),
            )),
        };
        notices.extend(notice.map(|notice| notice.at(&statement.place)));
        practice.attestation = Some(Attestation {
            status: statement.status,
            owner: statement.owner,
            date: statement.date,
            expires: statement.expires,
            link: statement.link,
            note: statement.note,
            state,
        });
    }
    notices
}

fn state(practice: &PracticeReport, attestation: &Statement, today: Date) -> AttestationState {
    let contradicted = match attestation.status {
        AttestationStatus::Met | AttestationStatus::NotApplicable => {
            practice.status == PracticeStatus::AtRisk
        }
        // Only decisive facts outweigh what people admit.
        AttestationStatus::NotMet => {
            practice.status == PracticeStatus::Met && practice.evidence == Evidence::Api
        }
    };
    match (attestation.holds(today), contradicted) {
        (false, _) => AttestationState::Expired,
        (true, true) => AttestationState::Contradicted,
        (true, false) => AttestationState::Valid,
    }
}

fn status(evidence: Evidence, counts: Counts) -> PracticeStatus {
    if counts.fail > 0 {
        return PracticeStatus::AtRisk;
    }
    // Facts can contradict an attestation, but never prove it.
    if evidence == Evidence::Human {
        return PracticeStatus::NoEvidence;
    }
    if counts.unknown > 0 {
        return PracticeStatus::Unknown;
    }
    if counts.exempt > 0 {
        return PracticeStatus::Exempt;
    }
    if counts.pass > 0 {
        return PracticeStatus::Met;
    }
    PracticeStatus::NoEvidence
}

/// Every question with the risk that its practices leave, in the framework's order.
pub(super) fn questions(
    framework: &[Practice],
    practices: &[PracticeReport],
) -> Vec<QuestionReport> {
    let titles: BTreeMap<&str, &str> = framework
        .iter()
        .map(|practice| (practice.question.as_str(), practice.question_title.as_str()))
        .collect();
    let mut questions: Vec<QuestionReport> = Vec::new();
    // The practices are sorted, so those of a question stand together.
    for practice in practices {
        if questions
            .last()
            .is_none_or(|last| last.id != practice.question)
        {
            let title = titles.get(practice.question.as_str()).copied();
            questions.push(QuestionReport {
                id: practice.question.clone(),
                pillar: practice.pillar,
                title: title.unwrap_or_default().to_owned(),
                risk: None,
                practices: PracticeCounts::default(),
            });
        }
        if let Some(question) = questions.last_mut() {
            question.practices.add(practice.status);
            if practice.is_at_risk() {
                question.risk = question.risk.max(Some(practice.risk));
            }
        }
    }
    questions
}

/// The practices of one pillar by status, and those at risk by risk.
pub(super) fn of_pillar(pillar: Pillar, practices: &[PracticeReport]) -> (PracticeCounts, ByRisk) {
    let mut counts = PracticeCounts::default();
    let mut at_risk = ByRisk::default();
    for practice in practices.iter().filter(|p| p.pillar == pillar) {
        counts.add(practice.status);
        if practice.status == PracticeStatus::AtRisk {
            at_risk.add(practice.risk);
        }
    }
    (counts, at_risk)
}

/// How many questions of a pillar are left at a risk.
pub(super) fn issues(pillar: Pillar, risk: Risk, questions: &[QuestionReport]) -> u64 {
    let questions = questions.iter();
    questions
        .filter(|question| question.pillar == pillar && question.risk == Some(risk))
        .count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(fail: u64, unknown: u64, exempt: u64, pass: u64) -> Counts {
        Counts {
            fail,
            unknown,
            exempt,
            pass,
            not_applicable: 3,
        }
    }

    #[test]
    fn the_worst_evidence_decides_and_nothing_is_no_evidence() {
        let status = |evidence, (fail, unknown, exempt, pass)| {
            super::status(evidence, counts(fail, unknown, exempt, pass))
        };
        assert_eq!(status(Evidence::Api, (1, 1, 1, 1)), PracticeStatus::AtRisk);
        assert_eq!(status(Evidence::Api, (0, 1, 1, 1)), PracticeStatus::Unknown);
        assert_eq!(status(Evidence::Api, (0, 0, 1, 1)), PracticeStatus::Exempt);
        assert_eq!(status(Evidence::Partial, (0, 0, 0, 1)), PracticeStatus::Met);
        assert_eq!(
            status(Evidence::Api, (0, 0, 0, 0)),
            PracticeStatus::NoEvidence
        );
        assert_eq!(
            status(Evidence::Human, (0, 0, 0, 1)),
            PracticeStatus::NoEvidence
        );
        assert_eq!(
            status(Evidence::Human, (1, 0, 0, 1)),
            PracticeStatus::AtRisk
        );
    }
}
