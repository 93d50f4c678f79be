//! What can be refused together: calls that no check needs two of. Each verdict then hangs on one of them at
//! most, as if each had been refused by itself, in a fraction of the scans.

use crate::endpoint::Operation;
use crate::verdicts::{self, Reads, of_parents};
use sixpillars::cli::SelectArgs;
use sixpillars::collect::registry;
use sixpillars::config;
use sixpillars::derive::derivations;
use sixpillars::model::{Call, Kind};
use sixpillars::plan;
use std::collections::{BTreeMap, BTreeSet};

/// Refuses one thing at a time where this is set, as `make soak` does.
const ONE_BY_ONE: &str = "SIXPILLARS_SOAK";

/// What one scan tries.
pub(crate) struct Round<T> {
    pub(crate) tried: Vec<T>,
    checks: BTreeSet<String>,
}

/// As few rounds as simple means find.
pub(crate) fn rounds<T>(
    all: impl IntoIterator<Item = T>,
    needing: impl Fn(&T) -> BTreeSet<String>,
) -> Vec<Round<T>> {
    let one_by_one = std::env::var_os(ONE_BY_ONE).is_some();
    let mut rounds: Vec<Round<T>> = Vec::new();
    for one in all {
        let checks = needing(&one);
        let fits = |round: &&mut Round<T>| !one_by_one && round.checks.is_disjoint(&checks);
        match rounds.iter_mut().find(fits) {
            Some(round) => {
                round.tried.push(one);
                round.checks.extend(checks);
            }
            None => rounds.push(Round {
                tried: vec![one],
                checks,
            }),
        }
    }
    rounds
}

/// The IAM actions that some check needs, in rounds.
pub(crate) fn of_actions() -> Vec<Round<(&'static str, Reads)>> {
    let needing = needing().actions;
    let mut reads = verdicts::reads();
    // What no check needs is not called.
    reads.retain(|action, _| needing.contains_key(action));
    assert!(reads.len() > 200, "{} actions", reads.len());
    rounds(reads, |(action, _)| needing[action].clone())
}

/// The checks that a call is made for, by its operation and by its IAM action.
pub(crate) struct Needing {
    pub(crate) operations: BTreeMap<Operation, BTreeSet<String>>,
    pub(crate) actions: BTreeMap<&'static str, BTreeSet<String>>,
}

/// What each check needs, tags included, as a policy that goes by them does.
pub(crate) fn needing() -> Needing {
    let today = "2026-01-01".parse().expect("a day");
    let selected = config::select(&SelectArgs::default(), &[], today)
        .unwrap_or_else(|problems| panic!("{problems:#?}"));
    let kinds: BTreeMap<&str, &Kind> = registry()
        .into_iter()
        .map(|c| (c.kind.name, c.kind))
        .collect();
    let mut needing = Needing {
        operations: BTreeMap::new(),
        actions: BTreeMap::new(),
    };
    for check in selected.catalog.iter() {
        let parts = plan::parts([check.as_ref()], &selected.kinds, &derivations(), &["tags"]);
        for (kind, parts) in parts {
            for call in calls(kinds[kind], &parts) {
                let operation = Operation::new(call.service, call.operation);
                let checks = needing.operations.entry(operation).or_default();
                checks.insert(check.id.clone());
                let checks = needing.actions.entry(call.action).or_default();
                checks.insert(check.id.clone());
            }
        }
    }
    needing
}

/// The calls that reading some parts of a kind takes.
fn calls(kind: &'static Kind, parts: &BTreeSet<&str>) -> impl Iterator<Item = &'static Call> {
    let describe = kind
        .declaration()
        .and_then(|declaration| declaration.describe.as_ref());
    let parts = kind.parts.iter().filter(|part| parts.contains(part.name));
    let of_parts = parts.chain(describe).flat_map(|part| part.calls);
    let own = kind.list.iter().chain(of_parts).copied();
    own.chain(of_parents(kind))
}
