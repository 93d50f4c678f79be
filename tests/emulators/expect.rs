//! What a report says, and what `localstack/expect.yaml` expects of it.

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
    fn named(&self, check: &str, name: &str) -> BTreeSet<&str> {
        self.0
            .iter()
            .filter(|(s, v)| s.check == check && (v.name == name || s.id == name))
            .map(|(_, v)| v.verdict.as_str())
            .collect()
    }

    /// What is wrong with the verdicts `other` of the same account when `action` is refused, and
    /// with it the lists of some kinds.
    pub(crate) fn without(
        &self,
        other: &Self,
        lists: &BTreeSet<String>,
        action: &str,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        for (subject, before) in &self.0 {
            match other.0.get(subject) {
                Some(after) if after.verdict == before.verdict => {}
                Some(after) if after.verdict == "unknown" && after.actions.contains(action) => {}
                Some(after) => wrong.push(format!(
                    "{subject:?} turned from {} to {} with gaps {:?}",
                    before.verdict, after.verdict, after.actions
                )),
                None if lists.contains(&subject.kind) && other.says_unlisted(subject, action) => {}
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
    fn says_unlisted(&self, subject: &Subject, action: &str) -> bool {
        self.0.iter().any(|(s, v)| {
            s.check == subject.check
                && s.kind == subject.kind
                // Buckets live in regions and are listed once for all.
                && (s.region == subject.region || s.region == "global")
                && v.verdict == "unknown"
                && v.actions.contains(action)
        })
    }
}
