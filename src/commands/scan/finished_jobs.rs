//! The jobs that a resumed scan finished before it was stopped.

use super::record::Recorder;
use crate::commands::CommandError;
use crate::config::Selected;
use crate::derive::GLOBAL;
use crate::judge::Judge;
use crate::model::{Document, Scope};
use crate::plan::{JobResult, Plan, PlannedJob};
use crate::scan::journal::Resumed;
use std::collections::BTreeMap;

/// Passes what was read before the scan was resumed to the recorder and the judge.
pub(super) fn take_over(
    resumed: Resumed,
    selected: &Selected,
    recorder: &mut Recorder,
    judge: &mut Judge,
) -> Result<FinishedJobs, CommandError> {
    // Resources of account-scoped kinds may have a region too.
    let region = |document: &Document| {
        let kind = selected.kinds.get(document.resource.kind.as_str());
        match kind.map(|kind| kind.kind.scope) {
            Some(Scope::Account) => GLOBAL.to_owned(),
            _ => document.resource.region.clone(),
        }
    };
    let (journal, results) = resumed.go_on(&selected.kinds, region, |document| {
        // A snapshot that cannot be written stops the scan at its next document.
        let _ = recorder.known(&document);
        judge.document(document);
    })?;
    recorder.journal = Some(journal);
    for result in &results {
        judge.list_ended(result);
    }
    Ok(results.into_iter().map(|r| (key(&r), r)).collect())
}

/// Results by account, region and kind.
pub(super) type FinishedJobs = BTreeMap<(String, String, &'static str), JobResult>;

fn key(result: &JobResult) -> (String, String, &'static str) {
    let job = &result.job;
    (job.account.clone(), job.region.clone(), job.kind)
}

/// The jobs of a plan that are not finished.
pub(super) fn remaining_jobs(plan: &Plan, done: &FinishedJobs) -> Vec<PlannedJob> {
    let left = plan
        .jobs
        .iter()
        .filter(|job| !done.contains_key(&(job.account.clone(), job.region.clone(), job.kind)));
    left.cloned().collect()
}

/// All results in the order of the plan.
pub(super) fn in_order(plan: &Plan, mut done: FinishedJobs, now: Vec<JobResult>) -> Vec<JobResult> {
    done.extend(now.into_iter().map(|result| (key(&result), result)));
    let jobs = plan.jobs.iter();
    jobs.filter_map(|job| done.remove(&(job.account.clone(), job.region.clone(), job.kind)))
        .collect()
}
