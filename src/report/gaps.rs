//! What could not be read, gathered from the findings it left undecided.

use super::GapReport;
use super::tally::Tally;
use crate::model::Cause;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every gap with what it affects, by action, cause, detail, account and region.
pub(super) fn gaps(tally: &Tally) -> Vec<GapReport> {
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
        advice: advice(gap.cause).to_owned(),
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
pub(super) fn advice(cause: Cause) -> &'static str {
    match cause {
        Cause::Denied => {
            "Allow the action to the identity that scans; where it is allowed already, a service \
             control policy, a permissions boundary or a resource policy denies it."
        }
        Cause::Throttled => "Scan again when the account is quieter, or with a lower --max-rate.",
        Cause::Unreachable => {
            "Check that the network lets this machine reach the service's endpoint in the region."
        }
        Cause::Unsupported => "The region does not offer this; leave it out with --regions.",
        Cause::Failed => "Scan again; if it fails again, the detail says what AWS answered.",
        Cause::Unpaid => "The read costs money: allow it with --allow-paid.",
        Cause::Expired => "Renew the credentials and go on with the scan: scan --resume.",
        Cause::Uncollected => "The saved data does not hold this; scan again.",
    }
}
