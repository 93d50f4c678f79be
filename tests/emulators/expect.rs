//! What a report says, and what `localstack/expect.yaml` expects of it.

use crate::verdicts::Verdicts;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What one check has to say of resources, by name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expectation {
    check: String,
    #[serde(default)]
    fail: Vec<String>,
    #[serde(default)]
    pass: Vec<String>,
    #[serde(default)]
    not_applicable: Vec<String>,
    #[serde(default)]
    unknown: Vec<String>,
    #[serde(default)]
    exempt: Vec<String>,
}

impl Expectation {
    /// The expectations that lie beside the seed.
    pub(crate) fn all() -> Vec<Self> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/localstack/expect.yaml");
        let text = std::fs::read_to_string(path).expect("expectations");
        yaml_serde::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// Where the report says otherwise.
    pub(crate) fn disagreements(&self, found: &Verdicts) -> Vec<String> {
        [
            ("fail", &self.fail),
            ("pass", &self.pass),
            ("not_applicable", &self.not_applicable),
            ("unknown", &self.unknown),
            ("exempt", &self.exempt),
        ]
        .into_iter()
        .flat_map(|(verdict, names)| names.iter().map(move |name| (verdict, name)))
        .filter_map(|(verdict, name)| {
            let is = found.named(&self.check, name);
            (is != BTreeSet::from([verdict]))
                .then(|| format!("{} on {name}: expected {verdict}, found {is:?}", self.check))
        })
        .collect()
    }
}

/// The pillars in which no planted flaw is found, or no sound twin passes.
pub(crate) fn pillars_without(expectations: &[Expectation], report: &Value) -> Vec<String> {
    let mut missing: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in report["findings"].as_array().expect("findings") {
        let pillar = finding["pillar"].as_str().expect("a pillar");
        let check = finding["check"].as_str().expect("a check");
        let missing = missing
            .entry(pillar)
            .or_insert_with(|| BTreeSet::from(["fail", "pass"]));
        for expectation in expectations.iter().filter(|e| e.check == check) {
            if !expectation.fail.is_empty() {
                missing.remove("fail");
            }
            if !expectation.pass.is_empty() {
                missing.remove("pass");
            }
        }
    }
    let mut wrong: Vec<String> = missing
        .iter()
        .filter(|(_, verdicts)| !verdicts.is_empty())
        .map(|(pillar, verdicts)| format!("{pillar}: nothing planted to {verdicts:?}"))
        .collect();
    if missing.len() != 6 {
        wrong.push(format!("findings in {} pillars of 6", missing.len()));
    }
    wrong
}
