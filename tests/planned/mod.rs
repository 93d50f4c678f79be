//! Holds the calls of a scan to what `plan` and `permissions` named. Tests share it.

use crate::endpoint::Operation;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How often each operation was called.
pub(crate) type Made = BTreeMap<Operation, usize>;

/// The operations of a log, counted.
pub(crate) fn made(log: Vec<Operation>) -> Made {
    let mut made = Made::new();
    for operation in log {
        *made.entry(operation).or_default() += 1;
    }
    made
}

/// Asserts that a scan called the operations that the plan has and no other, each at least as often as the
/// plan is certain of, and that the permissions allow these operations and no other. In an account that has
/// something of everything, every planned operation is called.
#[track_caller]
pub(crate) fn assert_made(made: &Made, plan: &Value, permissions: &Value, has_everything: bool) {
    let calls = plan["calls"].as_array().expect("calls");
    let operation = |call: &Value| Operation::new(text(&call["service"]), text(&call["operation"]));
    let names = |all: Vec<&Operation>| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    let planned: BTreeSet<Operation> = calls.iter().map(operation).collect();
    let is_expected = |call: &&Operation| {
        made.contains_key(call) || has_everything && !is_for_other_servers(call)
    };
    assert_eq!(
        names(made.keys().collect()),
        names(planned.iter().filter(is_expected).collect())
    );

    for call in calls {
        let operation = operation(call);
        let made = made.get(&operation).copied().unwrap_or_default();
        let certain = call["at_least"].as_u64().expect("a number");
        let certain = usize::try_from(certain).expect("a small number");
        assert!(
            made >= certain,
            "{operation}: {made} calls, {certain} planned"
        );
    }

    let statements = permissions["Statement"].as_array().expect("statements");
    let allowed: BTreeSet<&str> = statements
        .iter()
        .flat_map(|s| s["Action"].as_array().expect("a list of actions"))
        .map(text)
        .collect();
    // GetCallerIdentity takes no permission.
    let needed = calls.iter().filter(|call| call["service"] != "sts");
    let needed: BTreeSet<&str> = needed.map(|call| text(&call["action"])).collect();
    assert_eq!(allowed, needed);
}

/// Whether a call is for servers that leave out what AWS gives.
fn is_for_other_servers(operation: &Operation) -> bool {
    *operation == Operation::new("s3", "GetBucketLocation")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
