//! What could not be read, from the findings that it left undecided.

use super::tally::Tally;
use super::{CallRow, GapReport};
use crate::model::{Cause, LACKS_OPERATION};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The IAM action of each operation, by service and operation.
pub type Actions = BTreeMap<(&'static str, &'static str), &'static str>;

/// Every gap with what it affects, by action, cause, detail, account and region.
pub(super) fn gaps(tally: &Tally, calls: &[CallRow], actions: &Actions) -> Vec<GapReport> {
    let mut gaps = of_findings(tally);
    let missed = without_effect(&gaps, calls, actions);
    gaps.extend(missed);
    let place = |g: &GapReport| (g.account.clone(), g.region.clone());
    gaps.sort_by_cached_key(|g| (g.action.clone(), g.cause, g.detail.clone(), place(g)));
    gaps
}

/// Denied calls that made no verdict unknown. What they would have returned was not decisive this
/// time, but may be the next time.
fn without_effect(known: &[GapReport], calls: &[CallRow], actions: &Actions) -> Vec<GapReport> {
    let mut missed: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
    for call in calls.iter().filter(|call| call.denied > 0) {
        let operation = (call.service.as_str(), call.operation.as_str());
        let Some(action) = actions.get(&operation) else {
            continue;
        };
        let is_known = |gap: &GapReport| gap.account == call.account && gap.action == *action;
        if !known.iter().any(is_known) {
            missed.insert((action, &call.account, &call.region));
        }
    }
    let gap = |(action, account, region): (&str, &str, &str)| GapReport {
        action: action.to_owned(),
        cause: Cause::Denied,
        detail: "denied; no verdict depends on it".to_owned(),
        account: account.to_owned(),
        region: region.to_owned(),
        evaluations: 0,
        resources: 0,
        checks: Vec::new(),
        statement: Some(statement([action])),
        advice: advice(Cause::Denied, "").to_owned(),
    };
    missed.into_iter().map(gap).collect()
}

fn of_findings(tally: &Tally) -> Vec<GapReport> {
    let gaps = tally.gaps().iter();
    gaps.map(|((gap, account, region), affected)| GapReport {
        action: gap.action.clone(),
        cause: gap.cause,
        detail: gap.detail.clone(),
        account: account.clone(),
        region: region.clone(),
        evaluations: affected.evaluations,
        resources: affected.resources(),
        checks: affected.checks.iter().cloned().collect(),
        statement: (gap.cause == Cause::Denied && is_action(&gap.action))
            .then(|| statement([gap.action.as_str()])),
        advice: advice(gap.cause, &gap.detail).to_owned(),
    })
    .collect()
}

/// Whether the text is the name of an IAM action, `s3:GetBucketPolicy`.
fn is_action(text: &str) -> bool {
    text.contains(':')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '-'))
}

/// An IAM statement that allows the actions. Reads of configuration cannot be narrowed to resources
/// that are not known before the scan.
pub(super) fn statement<'a>(actions: impl IntoIterator<Item = &'a str>) -> Value {
    let actions: BTreeSet<&str> = actions.into_iter().filter(|a| is_action(a)).collect();
    json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
}

/// What to do about a gap.
pub(super) fn advice(cause: Cause, detail: &str) -> &'static str {
    match cause {
        Cause::Denied => {
            "Allow the action to the identity that scans; where it is allowed already, a service \
             control policy, a permissions boundary or a resource policy denies it."
        }
        Cause::Throttled => "Scan again when the account is quieter, or with a lower --max-rate.",
        Cause::Unreachable => {
            "Check that the network lets this machine reach the service's endpoint in the region."
        }
        Cause::Unsupported if detail.contains(LACKS_OPERATION) => {
            "The endpoint that is configured lacks this operation: use one that has it, or leave out \
             the checks that need it."
        }
        Cause::Unsupported => "The region does not offer this; leave it out with --regions.",
        Cause::Failed => "Scan again; if it still fails, the detail says why.",
        Cause::Unpaid => "The read costs money: allow it with --allow-paid.",
        Cause::Expired => "Renew the credentials and go on with the scan: scan --resume.",
        Cause::Uncollected => "The saved data does not hold this; scan again.",
        Cause::Off => "Nothing is missing: the service is not enabled here.",
        Cause::Undecided => {
            "No permission is missing: look at what the detail names, and exempt the resource if \
             it is intended."
        }
    }
}
