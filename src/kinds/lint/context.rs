//! The state of linting a kind's file, and how problems are reported.

use crate::kinds::declared::Service;
use crate::kinds::file::{KindFile, ScopeName};
use crate::kinds::form::FormProblem;
use crate::kinds::name::snake_case;
use crate::kinds::template::days_ago;
use crate::model::{Call, Scope};
use crate::yaml::{Document as Source, PathSeg, Problem, did_you_mean};
use std::collections::{BTreeMap, BTreeSet};

/// The fields that every document has.
pub(crate) const COMMON: [&str; 7] = ["kind", "id", "arn", "name", "account", "region", "tags"];
/// Variables for the input of every call. Wherever `today` is allowed, so are `days_ago_30` and the like.
pub(super) const PLACE_VARIABLES: [&str; 4] = ["account", "region", "partition", "today"];
/// Variables for calls about one resource.
pub(super) const RESOURCE_VARIABLES: [&str; 8] = [
    "id",
    "last",
    "arn",
    "name",
    "account",
    "region",
    "partition",
    "today",
];
/// Variables for calls about several resources.
pub(super) const BATCH_VARIABLES: [&str; 6] =
    ["ids", "arns", "account", "region", "partition", "today"];
/// Variables that a document alone gives a value. The time of the scan is not known then.
pub(super) const DOCUMENT_VARIABLES: [&str; 6] =
    ["id", "last", "arn", "account", "region", "partition"];

/// The state of linting one file.
pub(super) struct Lint<'a> {
    pub(super) source: &'a Source,
    pub(super) file: &'a KindFile,
    pub(super) service: &'static Service,
    pub(super) services: &'a BTreeMap<&'static str, &'static Service>,
    /// `dynamodb.table`.
    pub(super) name: &'static str,
    /// The variables besides those of every resource: the members that documents keep.
    pub(super) variables: BTreeSet<String>,
    /// The call that returns documents.
    pub(super) document_call: Option<&'static Call>,
    pub(super) problems: Vec<Problem>,
}

/// Leaks a text: kinds live as long as the program, and their names are used everywhere.
pub(in crate::kinds) fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// The steps of a dotted path.
pub(super) fn steps(path: &str) -> Vec<String> {
    path.split('.').map(ToOwned::to_owned).collect()
}

/// A member's path in a document, by the names of fields.
pub(super) fn field_path(path: &str) -> Vec<String> {
    path.split('.').map(snake_case).collect()
}

impl Lint<'_> {
    pub(super) fn problem(&mut self, at: &[PathSeg], message: impl Into<String>) {
        self.problems.push(self.source.problem(at, message));
    }

    pub(super) fn problem_with_help(
        &mut self,
        at: &[PathSeg],
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.problems
            .push(self.source.problem(at, message).with_maybe_help(help));
    }

    pub(super) fn form_problems(&mut self, at: &[PathSeg], found: Vec<FormProblem>) {
        for problem in found {
            let mut path = at.to_vec();
            path.extend(problem.at);
            self.problem_with_help(&path, problem.message, problem.help);
        }
    }

    /// Where the kind's resources are, and whether there is a single document.
    pub(super) fn scope(&mut self) -> (Scope, bool) {
        let global = self.service.file.global || self.service.file.region.is_some();
        let of_service = if global {
            Scope::Account
        } else {
            Scope::Region
        };
        let (scope, single) = match self.file.scope {
            None => (of_service, false),
            Some(ScopeName::Region) => (Scope::Region, false),
            Some(ScopeName::Account) => (Scope::Account, false),
            Some(ScopeName::Single) => (of_service, true),
            Some(ScopeName::SingleAccount) => (Scope::Account, true),
        };
        let at = [PathSeg::from("scope")];
        if global && self.file.scope == Some(ScopeName::Region) {
            self.problem(
                &at,
                "the service is global, and its kinds are read once for an account",
            );
        }
        match (single, &self.file.list) {
            (true, Some(_)) => self.problem(&at, "a single document has no `list`"),
            (false, None) => {
                let help = "or say `scope: single` where there is one document, always there";
                self.problem_with_help(&[], "`list` is missing", Some(help.to_owned()));
            }
            _ => {}
        }
        if single && self.file.each.is_some() {
            self.problem(
                &[PathSeg::from("each")],
                "a single document cannot have `each`",
            );
        }
        (scope, single)
    }

    /// Reports a name that a field cannot have.
    pub(super) fn field_name(&mut self, at: &[PathSeg], name: &str, taken: &BTreeSet<String>) {
        if snake_case(name) != name {
            let help = Some(format!("write `{}`", snake_case(name)));
            self.problem_with_help(at, format!("`{name}` is not a field's name"), help);
        } else if COMMON.contains(&name) || taken.contains(name) {
            self.problem(at, format!("there is a field `{name}` already"));
        }
    }

    /// Reports variables of a text or an input that have no value there.
    pub(super) fn known_variables(
        &mut self,
        at: &[PathSeg],
        used: &BTreeSet<&str>,
        known: &[&str],
        members: bool,
    ) {
        for name in used {
            let (root, below) = name.split_once('.').unwrap_or((name, ""));
            let parent = root == "parent" && self.file.each.is_some() && !below.is_empty();
            let item = root == "item" && known.contains(&"item");
            let member = members && self.variables.contains(*name);
            let day = known.contains(&"today") && days_ago(name).is_some();
            if known.contains(name) || item || parent || member || day {
                continue;
            }
            let of_members = self
                .variables
                .iter()
                .filter(|_| members)
                .map(String::as_str);
            let help = did_you_mean(name, known.iter().copied().chain(of_members)).or_else(|| {
                let kept = "a member of the document stands for itself where `fields` keeps it";
                members.then(|| kept.to_owned())
            });
            self.problem_with_help(at, format!("`${name}` has no value here"), help);
        }
    }
}
