//! What no program could be faster than.

use crate::DELAY;
use crate::endpoint::{CallKey, Counts, Documented, documented};
use sixpillars::aws::throttle::gate::IN_FLIGHT;
use std::collections::BTreeMap;
use std::time::Duration;

/// Calls that need each other's answers: which regions are there, a list, and a part of
/// what it lists. Further pages come on top.
const CHAIN: usize = 3;

/// The least time a scan can take, and why.
pub(crate) struct Bound {
    pub(crate) time: Duration,
    pub(crate) by: String,
}

impl Bound {
    fn of(time: Duration, by: String) -> Self {
        Self { time, by }
    }

    /// Without limits on rates: the longer of the longest chain and all calls in rounds of as many
    /// as are in flight at once.
    pub(crate) fn of_rounds(counts: &Counts) -> Self {
        let chain = CHAIN + pages(counts);
        let rounds = counts.calls().div_ceil(IN_FLIGHT);
        let (rounds, by) = if rounds > chain {
            (rounds, format!("{rounds} rounds of {IN_FLIGHT} calls"))
        } else {
            (chain, format!("a chain of {chain} calls"))
        };
        let rounds = u32::try_from(rounds).expect("not that many calls");
        Self::of(DELAY * rounds, by)
    }

    /// At a share of AWS's documented rates: the time that the tightest token bucket needs for its
    /// calls, with all its tokens in hand at first.
    pub(crate) fn of_rates(counts: &Counts, share: f64) -> Self {
        let mut buckets: BTreeMap<CallKey, (Documented, usize)> = BTreeMap::new();
        for (call_key, count) in &counts.by_call {
            let (name, bucket) = documented(call_key);
            buckets.entry(name).or_insert((bucket, 0)).1 += count.calls();
        }
        let times = buckets.into_iter().map(|(call_key, (bucket, calls))| {
            #[allow(clippy::cast_precision_loss, reason = "calls are counted in thousands")]
            let seconds = (calls as f64 / share - bucket.burst) / bucket.rate;
            let name = [call_key.service, call_key.operation]
                .join(" ")
                .trim_end()
                .to_owned();
            (
                seconds.max(0.0),
                format!("{calls} calls of {name} in {}", call_key.region),
            )
        });
        let tightest = times.max_by(|a, b| a.0.total_cmp(&b.0));
        let (seconds, by) = tightest.expect("a scan makes calls");
        let rounds = Self::of_rounds(counts);
        let rates = Self::of(Duration::from_secs_f64(seconds), by);
        if rates.time > rounds.time {
            rates
        } else {
            rounds
        }
    }
}

/// The pages of the longest list but its first: the most calls of a listing operation in a region.
fn pages(counts: &Counts) -> usize {
    const LISTS: [&str; 5] = [
        "DescribeAlarms",
        "DescribeDBInstances",
        "DescribeInstanceInformation",
        "DescribeRouteTables",
        "ListFunctions",
    ];
    let lists = counts
        .by_call
        .iter()
        .filter(|(call_key, _)| LISTS.contains(&call_key.operation.as_str()));
    let longest = lists.map(|(_, count)| count.calls()).max();
    longest.unwrap_or(1) - 1
}
