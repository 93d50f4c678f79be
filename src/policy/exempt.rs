//! Exemptions: failed findings that are accepted for a limited time.

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
    /// The exemption of a failed finding, if one is valid today. Only failures are exempted:
    /// unknown findings stay unknown.
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

    /// Marks a failed finding as exempt if an exemption applies, and records the use of exemptions.
    pub fn apply_exemptions(&self, finding: &mut Finding, today: Date, uses: &mut ExemptionUses) {
        if !matches!(finding.verdict, Verdict::Fail | Verdict::Unknown) {
            return;
        }
        uses.0
            .resize(self.exemptions.len(), ExemptionUse::default());
        let mut exemption = None;
        for (rule, count) in self.exemptions.iter().zip(&mut uses.0) {
            if !rule.matches(finding) {
                continue;
            }
            if finding.verdict == Verdict::Unknown {
                count.unknown += 1;
                continue;
            }
            count.failed += 1;
            if rule.holds(today) {
                exemption = exemption.or(Some(&rule.exemption));
            }
        }
        if let Some(exemption) = exemption {
            finding.verdict = Verdict::Exempt;
            finding.exemption = Some(exemption.clone());
        }
    }

    /// Which exemptions have expired and which match no failure, after [`Self::apply_exemptions`]
    /// has processed all findings.
    #[must_use]
    pub fn exemption_notices(&self, uses: &ExemptionUses, today: Date) -> Vec<Notice> {
        let uses = uses
            .0
            .iter()
            .copied()
            .chain(std::iter::repeat(ExemptionUse::default()));
        let rules = self.exemptions.iter().zip(uses);
        rules
            .filter_map(|(rule, count)| count.notice(rule, today))
            .collect()
    }
}

/// How each exemption of a policy was used.
#[derive(Debug, Clone, Default)]
pub struct ExemptionUses(Vec<ExemptionUse>);

impl ExemptionUses {
    /// Adds what another thread recorded for the same policy.
    pub fn merge(&mut self, other: &ExemptionUses) {
        let most = self.0.len().max(other.0.len());
        self.0.resize(most, ExemptionUse::default());
        for (count, more) in self.0.iter_mut().zip(&other.0) {
            count.failed += more.failed;
            count.unknown += more.unknown;
        }
    }
}

/// What became of an exemption.
#[derive(Debug, Clone, Copy, Default)]
struct ExemptionUse {
    failed: usize,
    unknown: usize,
}

impl ExemptionUse {
    fn notice(self, rule: &Rule, today: Date) -> Option<Notice> {
        let Exemption { owner, expires, .. } = &rule.exemption;
        if !rule.holds(today) {
            let message = format!(
                "the exemption by {owner} expired on {expires}; findings it would cover: {}",
                self.failed
            );
            return Some(Notice::new("exemption_expired", message).at(&rule.place));
        }
        // If a finding that it covers is unknown, it may still be needed.
        if self.failed == 0 && self.unknown == 0 {
            let message =
                format!("the exemption by {owner} matches no failed finding of this scan");
            return Some(Notice::new("exemption_unused", message).at(&rule.place));
        }
        None
    }
}
