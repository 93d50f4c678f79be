//! The framework's best practices, from the file that is built into the binary.

use crate::model::{Evidence, Pillar, Practice, Risk};
use crate::yaml::{self, Document, PathSeg, Problem};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

const FILE: &str = "checks/best-practices.yaml";
const TEXT: &str = include_str!("../../checks/best-practices.yaml");

/// A question of the framework, as in the file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Question {
    title: String,
    /// By the second half of the id, `BP02`.
    practices: BTreeMap<String, Entry>,
}

/// A best practice, as in the file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Entry {
    title: String,
    risk: Risk,
    evidence: Evidence,
    note: Option<String>,
}

/// All best practices of the framework.
#[derive(Debug, Clone, Default)]
pub struct Practices {
    by_id: BTreeMap<String, Practice>,
}

impl Practices {
    /// The framework as it is built into the binary.
    ///
    /// # Errors
    /// What is wrong with the built-in file; never in a build whose tests passed.
    pub fn embedded() -> Result<Self, Vec<Problem>> {
        Self::parse(FILE, TEXT)
    }

    /// One by id, `REL09-BP02`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Practice> {
        self.by_id.get(id)
    }

    /// All ids, in the order of the alphabet.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_id.keys().map(String::as_str)
    }

    /// All of them, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = &Practice> {
        self.by_id.values()
    }

    fn parse(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let document = Document::parse(file, text)?;
        let questions: BTreeMap<String, Question> = yaml::decode(&document)?;
        let mut by_id = BTreeMap::new();
        let mut problems = Vec::new();
        for (question, content) in questions {
            let letters = question.trim_end_matches(|c: char| c.is_ascii_digit());
            let Some(pillar) = Pillar::ALL.into_iter().find(|p| p.prefix() == letters) else {
                let path = [PathSeg::from(question.as_str())];
                problems.push(document.problem_with_key(&path, "no pillar has this prefix"));
                continue;
            };
            for (number, entry) in content.practices {
                let id = format!("{question}-{number}");
                let practice = Practice {
                    id: id.clone(),
                    pillar,
                    question: question.clone(),
                    question_title: content.title.clone(),
                    title: entry.title,
                    risk: entry.risk,
                    evidence: entry.evidence,
                    note: entry.note,
                };
                by_id.insert(id, practice);
            }
        }
        if problems.is_empty() {
            Ok(Self { by_id })
        } else {
            Err(problems)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_file_holds_the_whole_framework() {
        let practices = Practices::embedded().unwrap();
        assert_eq!(practices.ids().count(), 307);
        assert_eq!(
            practices.get("REL10-BP01").map(|p| p.risk),
            Some(Risk::High)
        );
        let questions: BTreeSet<_> = practices.iter().map(|p| &p.question).collect();
        assert_eq!(questions.len(), 57);
        let count = |pillar| practices.iter().filter(|p| p.pillar == pillar).count();
        assert_eq!(Pillar::ALL.map(count), [68, 63, 65, 32, 50, 29]);
        assert!(
            practices
                .iter()
                .all(|p| (p.evidence == Evidence::Human) == p.note.is_none())
        );
    }

    #[test]
    fn a_question_of_no_pillar_is_refused_with_its_place() {
        let problems =
            Practices::parse("f.yaml", "ABC01:\n  title: x\n  practices: {}\n").unwrap_err();
        assert_eq!(
            problems[0].to_string(),
            "f.yaml:1:1: no pillar has this prefix"
        );
    }
}
