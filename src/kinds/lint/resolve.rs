//! Resolves kinds: first each by itself, then the references between them.

use super::context::{Lint, leak};
use super::facts::Resolved;
use super::schema::{Fields, Properties};
use crate::kinds::declared::Service;
use crate::kinds::file::{BesideFile, JoinFile, KindFile};
use crate::kinds::name::snake_case;
use crate::model::Scope;
use crate::yaml::{Document as Source, PathSeg, Problem, did_you_mean};
use std::collections::{BTreeMap, BTreeSet};

/// Resolves a kind's file.
///
/// # Errors
/// Every problem, with its place.
pub(in crate::kinds) fn resolve(
    noun: &str,
    source: &Source,
    file: &KindFile,
    service: &'static Service,
    services: &BTreeMap<&'static str, &'static Service>,
) -> Result<Resolved, Vec<Problem>> {
    let named = file.noun.is_some();
    let noun = file.noun.as_deref().unwrap_or(noun);
    let own = noun == service.name && (noun == "account" || noun == "region");
    let name = if own {
        noun.to_owned()
    } else {
        format!("{}.{noun}", service.name)
    };
    let mut lint = Lint {
        source,
        file,
        service,
        services,
        name: leak(&name),
        variables: BTreeSet::new(),
        document_call: None,
        problems: Vec::new(),
    };
    if snake_case(noun) != noun {
        let message = format!("`{noun}` is not a kind's name");
        let (at, help) = if named {
            (
                &["noun".into()][..],
                "a noun in small letters: load_balancer",
            )
        } else {
            let help = "file names are nouns in small letters: load_balancer.yaml";
            (&[][..], help)
        };
        lint.problems
            .push(source.problem(at, message).with_help(help));
    }
    let kind = lint.kind();
    if lint.problems.is_empty() {
        return Ok(kind);
    }
    lint.problems.sort();
    lint.problems.dedup();
    Err(lint.problems)
}

/// What must be known of a kind to validate references to it.
#[derive(Debug, Clone, Copy)]
pub(in crate::kinds) struct Facts {
    /// Where its resources are.
    pub scope: Scope,
    /// Whether it is declared and listed by itself, so that others can be listed within its resources.
    pub holds_others: bool,
}

/// What is wrong with references to other kinds.
pub(in crate::kinds) fn references(
    source: &Source,
    file: &KindFile,
    fields: &Fields<'_>,
    own: Scope,
    facts: &BTreeMap<&str, Facts>,
) -> Vec<Problem> {
    let others = Others {
        source,
        fields,
        own,
        facts,
    };
    let mut problems = Vec::new();
    problems.extend(file.each.iter().filter_map(|parent| others.parent(parent)));
    if file.derived.coverage.is_some() {
        problems.extend(others.coverage());
    }
    for (part, beside) in &file.beside {
        problems.extend(others.beside(part, beside));
    }
    for (part, join) in &file.join {
        problems.extend(others.join(part, join));
    }
    problems
}

/// Validates one kind's references against all kinds.
struct Others<'a> {
    /// The file of the one kind.
    source: &'a Source,
    /// The fields of each.
    fields: &'a Fields<'a>,
    /// Where resources of the one kind are.
    own: Scope,
    facts: &'a BTreeMap<&'a str, Facts>,
}

impl Others<'_> {
    /// What is wrong with `each`.
    fn parent(&self, parent: &str) -> Option<Problem> {
        let at = [PathSeg::from("each")];
        match self.facts.get(parent) {
            Some(facts) if facts.holds_others => None,
            None if !self.fields.contains_key(parent) => Some(self.unknown(&at, parent)),
            _ => {
                let message = format!("`{parent}` is no declared kind that is listed by itself");
                Some(self.source.problem(&at, message))
            }
        }
    }

    /// What is wrong with `derived.coverage`.
    fn coverage(&self) -> Option<Problem> {
        if self.fields.contains_key(PROTECTED) {
            return None;
        }
        let message =
            format!("what AWS Backup protects is the kind `{PROTECTED}`, which is missing");
        let at = ["derived".into(), "coverage".into()];
        Some(self.source.problem(&at, message))
    }

    /// What is wrong with a part of `beside`: its resources must be in the same places.
    fn beside(&self, part: &str, file: &BesideFile) -> Vec<Problem> {
        let at = |key: &str| vec!["beside".into(), part.into(), PathSeg::from(key)];
        let kind = file.kind.as_str();
        let Some(of) = self.fields.get(kind) else {
            return vec![self.unknown(&at("kind"), kind)];
        };
        let mut problems = Vec::new();
        if self.scope(kind) != Some(self.own) {
            let message = format!("{kind} is not in the same places");
            problems.push(self.source.problem(&at("kind"), message));
        }
        problems.extend(self.unknown_fields(&at("fields"), kind, &file.fields, of));
        problems
    }

    /// What is wrong with a part of `join`: this kind must be able to refer to its resources.
    fn join(&self, part: &str, file: &JoinFile) -> Vec<Problem> {
        let at = |key: &str| vec!["join".into(), part.into(), PathSeg::from(key)];
        let kind = file.kind.as_str();
        let Some(of) = self.fields.get(kind) else {
            return vec![self.unknown(&at("kind"), kind)];
        };
        let mut problems = Vec::new();
        if self.own == Scope::Account && self.scope(kind) == Some(Scope::Region) {
            let message = format!(
                "{kind} is in each region, and what is read once for the account cannot refer to it"
            );
            problems.push(self.source.problem(&at("kind"), message));
        }
        problems.extend(self.unknown_fields(&at("fields"), kind, &file.fields, of));
        problems
    }

    fn scope(&self, kind: &str) -> Option<Scope> {
        self.facts.get(kind).map(|facts| facts.scope)
    }

    fn unknown(&self, at: &[PathSeg], kind: &str) -> Problem {
        let help = did_you_mean(kind, self.fields.keys().copied());
        let message = format!("there is no kind `{kind}`");
        self.source.problem(at, message).with_maybe_help(help)
    }

    /// The fields that a kind does not have.
    fn unknown_fields(
        &self,
        at: &[PathSeg],
        kind: &str,
        wanted: &[String],
        of: &Properties,
    ) -> Vec<Problem> {
        let unknown = wanted
            .iter()
            .enumerate()
            .filter(|(_, field)| !of.contains_key(*field));
        let problem = |(index, field): (usize, &String)| {
            let at = [at, &[PathSeg::from(index)]].concat();
            let help = did_you_mean(field, of.keys().map(String::as_str));
            let message = format!("{kind} has no field `{field}`");
            self.source.problem(&at, message).with_maybe_help(help)
        };
        unknown.map(problem).collect()
    }
}

/// The kind that lists what AWS Backup protects.
const PROTECTED: &str = "backup.protected_resource";
