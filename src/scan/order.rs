//! The order in which jobs start: what takes longest first, so that it does not run alone at the end.

use crate::aws::throttle::limits;
use crate::collect::Collector;
use crate::model::{Kind, Per, Scope};
use crate::plan::PlannedJob;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The indices of jobs in the order in which they should start. Jobs of whole accounts come first, above all
/// buckets; then those whose resources AWS's rates let through slowest, and of these the ones with most calls
/// that wait for each other.
pub(super) fn start_order(
    collectors: &BTreeMap<&'static str, &'static Collector>,
    jobs: &[PlannedJob],
) -> Vec<usize> {
    let mut order: Vec<(bool, f64, Reverse<usize>, usize)> = jobs
        .iter()
        .enumerate()
        .map(|(index, job)| match collectors.get(job.kind) {
            Some(Collector { kind, .. }) => {
                let is_regional = kind.scope == Scope::Region;
                let rate = resources_per_second(kind, job);
                let steps = Reverse(steps(collectors, kind, job));
                (is_regional, rate, steps, index)
            }
            None => (true, f64::INFINITY, Reverse(0), index),
        })
        .collect();
    order.sort_by(|a, b| {
        let by_rate = a.0.cmp(&b.0).then(a.1.total_cmp(&b.1));
        by_rate.then(a.2.cmp(&b.2))
    });
    order.into_iter().map(|(.., index)| index).collect()
}

/// How many resources of a kind can be read a second at AWS's documented rates; infinite where the list says
/// everything. A list within each resource of another kind counts for each of what it lists: there may be one
/// in each.
fn resources_per_second(kind: &Kind, job: &PlannedJob) -> f64 {
    let parts = kind.parts.iter().filter(|p| job.parts.contains(p.name));
    let declaration = kind.declaration();
    let describe = declaration.and_then(|d| d.describe.as_ref());
    let of_each = parts.chain(describe).filter(|p| p.per == Per::Resource);
    let of_parent = declaration.and_then(|d| d.parent).map(|_| kind.list);
    let mut buckets: BTreeMap<(&str, &str), (f64, f64)> = BTreeMap::new();
    let calls = of_each.flat_map(|part| part.calls);
    for call in calls.chain(of_parent.into_iter().flatten()) {
        let limit = limits::limit(call.service, call.operation);
        let is_own = limit.per_operation || limit.operation.is_some();
        let operation = if is_own { call.operation } else { "" };
        let bucket = buckets.entry((call.service, operation));
        bucket.or_insert((limit.rate, 0.0)).1 += 1.0;
    }
    let rates = buckets.into_values().map(|(rate, calls)| rate / calls);
    rates.fold(f64::INFINITY, f64::min)
}

/// How many calls of a job wait for each other, one after the other, where no list has a second page.
fn steps(
    collectors: &BTreeMap<&'static str, &'static Collector>,
    kind: &Kind,
    job: &PlannedJob,
) -> usize {
    let declaration = kind.declaration();
    let parent = declaration.and_then(|d| Some(collectors.get(d.parent?)?.kind));
    let ancestors = std::iter::successors(parent, |kind| {
        Some(collectors.get(kind.declaration()?.parent?)?.kind)
    });
    let has_describe = declaration.is_some_and(|d| d.describe.is_some());
    let mut parts = kind.parts.iter().filter(|p| job.parts.contains(p.name));
    let has_parts = parts.any(|part| !matches!(part.per, Per::List | Per::Derived));
    1 + ancestors.count() + usize::from(has_describe) + usize::from(has_parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::registry;

    /// The kinds of jobs for all parts, in the order in which they start.
    fn started<const N: usize>(kinds: [&str; N]) -> Vec<&'static str> {
        let collectors: BTreeMap<_, _> = registry().into_iter().map(|c| (c.kind.name, c)).collect();
        let jobs = kinds.map(|kind| {
            let kind = collectors[kind].kind;
            PlannedJob {
                account: "111122223333".to_owned(),
                region: "eu-west-1".to_owned(),
                kind: kind.name,
                parts: kind.parts.iter().map(|part| part.name).collect(),
            }
        });
        let order = start_order(&collectors, &jobs);
        order.into_iter().map(|index| jobs[index].kind).collect()
    }

    #[test]
    fn accounts_come_first_and_then_what_is_read_slowest() {
        // A queue takes three calls at 10 a second, a function four at 15. Volumes are read by lists.
        assert_eq!(
            started(["ec2.volume", "sqs.queue", "lambda.function", "s3.bucket"]),
            ["s3.bucket", "sqs.queue", "lambda.function", "ec2.volume"]
        );
    }

    #[test]
    fn of_what_lists_say_the_longest_chain_comes_first() {
        // Addresses are all in one answer; the policies of groups take another call.
        assert_eq!(
            started(["ec2.address", "autoscaling.group"]),
            ["autoscaling.group", "ec2.address"]
        );
        // Rules are listed for each bus, and their targets for each rule.
        assert_eq!(
            started(["ec2.address", "events.rule"]),
            ["events.rule", "ec2.address"]
        );
    }
}
