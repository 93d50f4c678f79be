//! Exemptions: failed findings that are accepted for a while.

use super::glob::any;
use super::merged::{Policy, Rule};
use crate::model::{Exemption, Finding, Notice, Part, Verdict};
use jiff::civil::Date;

impl Rule {
    fn matches(&self, finding: &Finding) -> bool {
        let resource = &finding.resource;
        let resource_matches = self.resources.is_empty()
            || [
                Some(&resource.id),
                resource.arn.as_ref(),
                Some(&resource.name),
            ]
            .into_iter()
            .flatten()
            .any(|text| any(&self.resources, text));
        // Tags that could not be read exempt nothing.
        let tags_match = self.tags.is_empty()
            || matches!(&resource.tags, Part::Read(tags) if self.tags.iter().all(|t| t.matches(tags)));
        let finding_matches = self.findings.is_empty() || self.findings.contains(&finding.id.0);
        resource_matches
            && tags_match
            && finding_matches
            && any(&self.checks, &finding.check)
            && any(&self.accounts, &resource.account)
            && any(&self.regions, &resource.region)
    }

    fn holds(&self, today: Date) -> bool {
        today <= self.exemption.expires
    }
}

impl Policy {
    /// The exemption of a failed finding, if one holds today. Nothing but a failure is ever
    /// exempted: what could not be judged stays unknown.
    #[must_use]
    pub fn exempt(&self, finding: &Finding, today: Date) -> Option<&Exemption> {
        if finding.verdict != Verdict::Fail {
            return None;
        }
        self.exemptions
            .iter()
            .find(|rule| rule.holds(today) && rule.matches(finding))
            .map(|rule| &rule.exemption)
    }

    /// Turns a failed finding that is exempt into an exempt one, and notes what became of the
    /// exemptions that mean it.
    pub fn apply_exemptions(&self, finding: &mut Finding, today: Date, fates: &mut Fates) {
        if !matches!(finding.verdict, Verdict::Fail | Verdict::Unknown) {
            return;
        }
        fates.0.resize(self.exemptions.len(), Fate::default());
        let mut exemption = None;
        for (rule, fate) in self.exemptions.iter().zip(&mut fates.0) {
            if !rule.matches(finding) {
                continue;
            }
            if finding.verdict == Verdict::Unknown {
                fate.unknown += 1;
                continue;
            }
            fate.failed += 1;
            if rule.holds(today) {
                exemption = exemption.or(Some(&rule.exemption));
            }
        }
        if let Some(exemption) = exemption {
            finding.verdict = Verdict::Exempt;
            finding.exemption = Some(exemption.clone());
        }
    }

    /// Which exemptions have expired and which no longer match any failure, once all findings have
    /// been through [`Self::apply_exemptions`].
    #[must_use]
    pub fn exemption_notices(&self, fates: &Fates, today: Date) -> Vec<Notice> {
        let fates = fates
            .0
            .iter()
            .copied()
            .chain(std::iter::repeat(Fate::default()));
        let rules = self.exemptions.iter().zip(fates);
        rules
            .filter_map(|(rule, fate)| fate.notice(rule, today))
            .collect()
    }
}

/// What became of each exemption of a policy.
#[derive(Debug, Clone, Default)]
pub struct Fates(Vec<Fate>);

impl Fates {
    /// Adds what was noted elsewhere under the same policy.
    pub fn merge(&mut self, other: &Fates) {
        let most = self.0.len().max(other.0.len());
        self.0.resize(most, Fate::default());
        for (fate, more) in self.0.iter_mut().zip(&other.0) {
            fate.failed += more.failed;
            fate.unknown += more.unknown;
        }
    }
}

/// What became of an exemption.
#[derive(Debug, Clone, Copy, Default)]
struct Fate {
    failed: usize,
    unknown: usize,
}

impl Fate {
    fn notice(self, rule: &Rule, today: Date) -> Option<Notice> {
        let Exemption { owner, expires, .. } = &rule.exemption;
        if !rule.holds(today) {
            let message = format!(
                "the exemption by {owner} expired on {expires}; findings it would cover: {}",
                self.failed
            );
            return Some(Notice::new("exemption_expired", message).at(&rule.place));
        }
        // Where a finding it covers could not be judged, it may still be needed.
        if self.failed == 0 && self.unknown == 0 {
            let message =
                format!("the exemption by {owner} matches no failed finding of this scan");
            return Some(Notice::new("exemption_unused", message).at(&rule.place));
        }
        None
    }
}
