//! The form of a check's file.

use crate::model::finding::Effort;
use crate::model::{Pillar, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A check, as it is written in `checks/<service>/<flaw>.yaml`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Six Pillars check")]
pub struct CheckFile {
    /// The flaw in a few words, as it reads in a report.
    pub title: String,
    /// The pillar that findings count under.
    pub pillar: Pillar,
    /// Ids of the framework's best practices that the check gives evidence for, `COST04-BP03`.
    pub best_practices: Vec<String>,
    /// How much a failure matters.
    pub severity: Severity,
    /// The kind it judges, `ec2.volume`.
    pub resource: String,
    /// Thresholds and lists that a policy may override; `p` in expressions.
    #[serde(default)]
    pub parameters: Map<String, Value>,
    /// Whether the check concerns a resource; a resource it does not concern is not applicable.
    #[serde(default)]
    pub when: Option<String>,
    /// True when all is well.
    pub expect: String,
    /// One line about the resource, with expressions in braces. Shown for every verdict, so it
    /// states a fact rather than a fault.
    pub say: String,
    /// What the remedy saves, in US dollars a month.
    #[serde(default)]
    pub saves: Option<String>,
    /// Why it matters, in a sentence or two.
    pub why: String,
    /// The remedy.
    pub fix: FixFile,
    /// The same check elsewhere: tool or standard to ids.
    #[serde(default)]
    pub maps: BTreeMap<String, Vec<String>>,
    /// Where to read on.
    #[serde(default)]
    pub see: Vec<String>,
    /// Documents with the verdict each must get; they are the check's tests and its documentation.
    pub examples: Examples,
}

/// The remedy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixFile {
    /// What to do.
    pub text: String,
    /// An AWS CLI command, with expressions in braces (`{{` and `}}` stand for braces).
    #[serde(default)]
    pub cli: Option<String>,
    /// A Terraform snippet, taken as it is.
    #[serde(default)]
    pub terraform: Option<String>,
    /// How long it takes.
    pub effort: Effort,
}

/// Example documents by the verdict they must get. A field that is left out is `null` where AWS may
/// leave it out, and empty where it is a list or tags. Moments may be relative: `-30d`, `+12h`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// All is well.
    #[schemars(with = "Vec<Map<String, Value>>")]
    pub pass: Vec<Example>,
    /// The flaw is there.
    #[schemars(with = "Vec<Map<String, Value>>")]
    pub fail: Vec<Example>,
    /// The check does not concern it.
    #[serde(default)]
    #[schemars(with = "Vec<Map<String, Value>>")]
    pub not_applicable: Vec<Example>,
}

/// Fields of a document, as the text of a JSON object: thousands of examples are in memory, and few of
/// them are looked at.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Example(Box<RawValue>);

impl Example {
    /// The fields.
    ///
    /// # Panics
    /// If the text is not that of an object. The schema of a check's file admits no other.
    #[must_use]
    pub fn fields(&self) -> Map<String, Value> {
        serde_json::from_str(self.0.get())
            .unwrap_or_else(|error| unreachable!("an example is an object: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::practices::Practices;
    use crate::model::kinds::FIELDS;
    use schemars::Schema;
    use serde_json::json;

    /// The schema for editors has the names too, to complete them. Loading a check says more about a
    /// name that is none than a schema could.
    #[test]
    fn the_published_schema_is_current() {
        let mut schema = schemars::schema_for!(CheckFile).to_value();
        let declared = crate::kinds::load::all().kinds.keys().copied();
        let typed = FIELDS.iter().map(|kind| kind.name);
        let mut kinds: Vec<&str> = typed.chain(declared).collect();
        kinds.sort_unstable();
        schema["properties"]["resource"]["enum"] = json!(kinds);
        let practices = Practices::embedded().unwrap();
        let items = &mut schema["properties"]["best_practices"]["items"];
        items["enum"] = practices.ids().collect();
        items["enumDescriptions"] = practices.iter().map(|p| p.title.as_str()).collect();
        let schema = Schema::try_from(schema).unwrap();
        crate::yaml::assert_schema_is_current("check", &schema);
    }
}
