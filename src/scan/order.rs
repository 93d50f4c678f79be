//! The order in which jobs start: what takes longest first, so that it does not run alone at the end.

use crate::aws::throttle::limits;
use crate::collect::Collector;
use crate::model::{Kind, Per, Scope};
use crate::plan::PlannedJob;
use std::collections::BTreeMap;

/// The indices of jobs in the order in which they should start. Jobs of whole accounts come first, above all
/// buckets; then those whose resources AWS's rates let through slowest.
pub(super) fn start_order(
    collectors: &BTreeMap<&'static str, &'static Collector>,
    jobs: &[PlannedJob],
) -> Vec<usize> {
    let mut order: Vec<(bool, f64, usize)> = jobs
        .iter()
        .enumerate()
        .map(|(index, job)| match collectors.get(job.kind) {
            Some(Collector { kind, .. }) => {
                let is_regional = kind.scope == Scope::Region;
                (is_regional, resources_per_second(kind, job), index)
            }
            None => (true, f64::INFINITY, index),
        })
        .collect();
    order.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    order.into_iter().map(|(_, _, index)| index).collect()
}

/// How many resources of a kind can be read a second at AWS's documented rates; infinite where the list says
/// everything.
fn resources_per_second(kind: &Kind, job: &PlannedJob) -> f64 {
    let parts = kind.parts.iter().filter(|p| job.parts.contains(p.name));
    let describe = kind.declaration().and_then(|d| d.describe.as_ref());
    let each = parts.chain(describe).filter(|p| p.per == Per::Resource);
    let mut buckets: BTreeMap<(&str, &str), (f64, f64)> = BTreeMap::new();
    for call in each.flat_map(|part| part.calls) {
        let limit = limits::limit(call.service, call.operation);
        let is_own = limit.per_operation || limit.operation.is_some();
        let operation = if is_own { call.operation } else { "" };
        let bucket = buckets.entry((call.service, operation));
        bucket.or_insert((limit.rate, 0.0)).1 += 1.0;
    }
    let rates = buckets.into_values().map(|(rate, calls)| rate / calls);
    rates.fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::registry;

    #[test]
    fn accounts_come_first_and_then_what_is_read_slowest() {
        let collectors: BTreeMap<_, _> = registry().into_iter().map(|c| (c.kind.name, c)).collect();
        let job = |kind: &str| {
            let kind = collectors[kind].kind;
            PlannedJob {
                account: "111122223333".to_owned(),
                region: "eu-west-1".to_owned(),
                kind: kind.name,
                parts: kind.parts.iter().map(|part| part.name).collect(),
            }
        };
        let jobs = ["ec2.volume", "sqs.queue", "lambda.function", "s3.bucket"].map(job);
        let order = start_order(&collectors, &jobs);
        let kinds: Vec<_> = order.into_iter().map(|index| jobs[index].kind).collect();
        // A queue takes three calls at 10 a second, a function four at 15. Volumes are read by lists.
        assert_eq!(
            kinds,
            ["s3.bucket", "sqs.queue", "lambda.function", "ec2.volume"]
        );
    }
}
