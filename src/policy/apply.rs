//! How a policy affects a check: whether it runs, and with which parameters and severity.

use super::glob::{Glob, any};
use super::merged::{CheckInfo, Policy, Setting};
use crate::model::{Gap, Resource, Severity};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Whether a setting applies to a resource.
enum Applies {
    Yes,
    No,
    /// That depends on tags, which could not be read.
    Unknown(Gap),
}

impl Setting {
    /// Whether it applies to every resource of the checks it names.
    fn is_general(&self) -> bool {
        self.accounts.is_empty() && self.tags.is_empty()
    }

    fn severity_of(&self, check: &str) -> Option<Severity> {
        let mut levels = self.severity.iter();
        levels
            .find(|(glob, _)| glob.matches(check))
            .map(|(_, level)| *level)
    }

    fn touches(&self, check: &str) -> bool {
        any(&self.checks, check)
            && (self.parameters.contains_key(check) || self.severity_of(check).is_some())
    }

    fn applies(&self, check: &str, resource: &Resource) -> Applies {
        if !any(&self.checks, check) || !any(&self.accounts, &resource.account) {
            return Applies::No;
        }
        if self.tags.is_empty() {
            return Applies::Yes;
        }
        match resource.tags.get() {
            Ok(tags) if self.tags.iter().all(|tag| tag.matches(tags)) => Applies::Yes,
            Ok(_) => Applies::No,
            Err(gap) => Applies::Unknown(gap),
        }
    }
}

impl Policy {
    /// Whether the check runs at all.
    #[must_use]
    pub fn selects(&self, check: &CheckInfo<'_>) -> bool {
        any(&self.include, check.id)
            && !self.exclude.iter().any(|glob| glob.matches(check.id))
            && (self.pillars.is_empty() || self.pillars.contains(&check.pillar))
            && self
                .min_severity
                .is_none_or(|least| self.general_severity(check) >= least)
    }

    /// The check's severity where no override by account or tag applies.
    #[must_use]
    pub fn general_severity(&self, check: &CheckInfo<'_>) -> Severity {
        self.settings
            .iter()
            .filter(|setting| setting.is_general() && any(&setting.checks, check.id))
            .filter_map(|setting| setting.severity_of(check.id))
            .next_back()
            .unwrap_or(check.severity)
    }

    /// The parameters of a check where no override by account or tag applies.
    #[must_use]
    pub fn general_parameters(&self, check: &CheckInfo<'_>) -> Map<String, Value> {
        let mut values = check.parameters.clone();
        let general = self.settings.iter().filter(|setting| setting.is_general());
        for setting in general.filter(|setting| any(&setting.checks, check.id)) {
            let changes = setting.parameters.get(check.id).into_iter().flatten();
            values.extend(changes.map(|(name, value)| (name.clone(), value.clone())));
        }
        values
    }

    /// Everything that changes the parameters of a check, for all resources or for some. It is
    /// equal for two policies that change them in the same way.
    #[must_use]
    pub fn parameter_changes(&self, check: &str) -> Value {
        let texts = |globs: &[Glob]| globs.iter().map(|glob| glob.text.clone()).collect();
        let changes = self.settings.iter().filter(|s| any(&s.checks, check));
        let changes = changes.filter_map(|setting| {
            let parameters = setting.parameters.get(check)?;
            let accounts: Vec<String> = texts(&setting.accounts);
            let tags: BTreeMap<&str, &str> = setting
                .tags
                .iter()
                .map(|tag| (tag.key.as_str(), tag.value.text.as_str()))
                .collect();
            Some(json!({"accounts": accounts, "tags": tags, "parameters": parameters}))
        });
        changes.collect()
    }

    /// Whether the policy depends on the tags of the resources that the check judges, so that a
    /// scan has to read them.
    #[must_use]
    pub fn needs_tags(&self, check: &str) -> bool {
        let by_setting = self
            .settings
            .iter()
            .any(|setting| !setting.tags.is_empty() && setting.touches(check));
        by_setting
            || self
                .exemptions
                .iter()
                .any(|rule| !rule.tags.is_empty() && any(&rule.checks, check))
    }

    /// The parameters that hold for a resource.
    ///
    /// # Errors
    /// The gap in the resource's tags where an override by tag would change a parameter: the
    /// verdict is then unknown.
    pub fn parameters_for(
        &self,
        check: &CheckInfo<'_>,
        resource: &Resource,
    ) -> Result<Map<String, Value>, Gap> {
        let mut values = check.parameters.clone();
        let mut unsure: BTreeMap<&str, Gap> = BTreeMap::new();
        for setting in &self.settings {
            let Some(changes) = setting.parameters.get(check.id) else {
                continue;
            };
            match setting.applies(check.id, resource) {
                Applies::No => {}
                Applies::Yes => {
                    for (name, value) in changes {
                        unsure.remove(name.as_str());
                        values.insert(name.clone(), value.clone());
                    }
                }
                Applies::Unknown(gap) => {
                    let differing = changes
                        .iter()
                        .filter(|(name, v)| values.get(*name) != Some(v));
                    unsure.extend(differing.map(|(name, _)| (name.as_str(), gap.clone())));
                }
            }
        }
        match unsure.into_values().next() {
            Some(gap) => Err(gap),
            None => Ok(values),
        }
    }

    /// The severity that holds for a resource. If it depends on tags that could not be read, the
    /// higher one.
    #[must_use]
    pub fn severity_for(&self, check: &CheckInfo<'_>, resource: &Resource) -> Severity {
        let mut severity = check.severity;
        for setting in &self.settings {
            let Some(level) = setting.severity_of(check.id) else {
                continue;
            };
            match setting.applies(check.id, resource) {
                Applies::No => {}
                Applies::Yes => severity = level,
                Applies::Unknown(_) => severity = severity.max(level),
            }
        }
        severity
    }
}
