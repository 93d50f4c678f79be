//! Resolves kinds: each by itself, and then what refers to others.

use super::context::{Lint, leak};
use super::facts::Resolved;
use super::schema::Fields;
use crate::kinds::declared::Service;
use crate::kinds::file::KindFile;
use crate::kinds::name::snake_case;
use crate::model::Scope;
use crate::yaml::{Document as Source, PathSeg, Problem, did_you_mean};
use serde_json::{Map, Value};
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

/// What others need to know of a kind.
#[derive(Debug, Clone, Copy)]
pub(in crate::kinds) struct Facts {
    /// Where its resources are.
    pub scope: Scope,
    /// Whether it is declared, and listed by itself: others can be listed within each of its resources.
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
    let mut problems = Vec::new();
    let unknown = |at: &[PathSeg], kind: &str| {
        let help = did_you_mean(kind, fields.keys().copied());
        let problem = source.problem(at, format!("there is no kind `{kind}`"));
        problem.with_maybe_help(help)
    };
    if let Some(parent) = &file.each {
        let at = ["each".into()];
        match facts.get(parent.as_str()) {
            Some(facts) if facts.holds_others => {}
            None if !fields.contains_key(parent.as_str()) => problems.push(unknown(&at, parent)),
            _ => {
                let message = format!("`{parent}` is no declared kind that is listed by itself");
                problems.push(source.problem(&at, message));
            }
        }
    }
    if file.derived.coverage.is_some() && !fields.contains_key(PROTECTED) {
        let message =
            format!("what AWS Backup protects is the kind `{PROTECTED}`, which is missing");
        problems.push(source.problem(&["derived".into(), "coverage".into()], message));
    }
    for (part, beside) in &file.beside {
        let at = |key: &str| vec!["beside".into(), part.as_str().into(), PathSeg::from(key)];
        let Some(of) = fields.get(beside.kind.as_str()) else {
            problems.push(unknown(&at("kind"), &beside.kind));
            continue;
        };
        if facts.get(beside.kind.as_str()).map(|facts| facts.scope) != Some(own) {
            let message = format!("{} is not in the same places", beside.kind);
            problems.push(source.problem(&at("kind"), message));
        }
        problems.extend(unknown_fields(
            source,
            &at("fields"),
            &beside.kind,
            &beside.fields,
            of,
        ));
    }
    for (part, join) in &file.join {
        let at = |key: &str| vec!["join".into(), part.as_str().into(), PathSeg::from(key)];
        let Some(of) = fields.get(join.kind.as_str()) else {
            problems.push(unknown(&at("kind"), &join.kind));
            continue;
        };
        if own == Scope::Account
            && facts.get(join.kind.as_str()).map(|facts| facts.scope) == Some(Scope::Region)
        {
            let message = format!(
                "{} is in each region, and what is read once for the account cannot refer to it",
                join.kind
            );
            problems.push(source.problem(&at("kind"), message));
        }
        problems.extend(unknown_fields(
            source,
            &at("fields"),
            &join.kind,
            &join.fields,
            of,
        ));
    }
    problems
}

/// The fields that a kind does not have.
fn unknown_fields(
    source: &Source,
    at: &[PathSeg],
    kind: &str,
    wanted: &[String],
    of: &Map<String, Value>,
) -> Vec<Problem> {
    let unknown = wanted
        .iter()
        .enumerate()
        .filter(|(_, field)| !of.contains_key(*field));
    let problem = |(index, field): (usize, &String)| {
        let at = [at, &[PathSeg::from(index)]].concat();
        let help = did_you_mean(field, of.keys().map(String::as_str));
        let message = format!("{kind} has no field `{field}`");
        source.problem(&at, message).with_maybe_help(help)
    };
    unknown.map(problem).collect()
}

/// The kind of what AWS Backup protects.
const PROTECTED: &str = "backup.protected_resource";
