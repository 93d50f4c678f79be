//! Metrics that are read for some resources of a kind only, because the others have no values.

use super::answer::silent;
use crate::collect::Job;
use crate::collect::metrics::{self, Query};
use crate::model::Part;
use crate::model::kinds::metric::Metric;

/// How far back metrics of instances and volumes go.
pub(super) const DAYS: u32 = 14;

/// Two metrics of each resource, in order. They are read for the resources with an id; the others
/// have metrics without values.
pub(super) async fn read(
    job: &Job,
    part: &'static str,
    ids: &[Option<String>],
    queries: impl Fn(&str) -> [Query; 2],
) -> Vec<Part<[Metric; 2]>> {
    let selected: Vec<&String> = ids.iter().flatten().collect();
    let read = metrics::parts(job, part, &job.region, &selected, |id| queries(id)).await;
    let mut read = read.into_iter();
    ids.iter()
        .map(|id| match id {
            Some(_) => read.next().unwrap_or_default(),
            None if job.wants(part) => Part::Read([silent(DAYS), silent(DAYS)]),
            None => Part::Unread,
        })
        .collect()
}
