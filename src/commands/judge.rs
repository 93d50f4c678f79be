//! `judge`: reports again from a snapshot, without AWS.

use super::baseline::Baseline;
use super::results::{build, conclude, start_judging, today};
use super::{CommandError, ExitStatus};
use crate::cli::JudgeArgs;
use crate::config::{self, Selected};
use crate::derive::GLOBAL;
use crate::model::{Cause, Gap, Scope};
use crate::plan::{JobResult, Parts, PlannedJob};
use crate::scan::snapshot::{self, Contents};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// `judge`: reports again from a snapshot, without AWS.
///
/// # Errors
/// [`CommandError`].
pub fn run(args: &JudgeArgs) -> Result<ExitStatus, CommandError> {
    let today = today(Timestamp::now());
    let selected = config::select(&args.select, &args.tags, today)?;
    let baseline = Baseline::read(&args.output)?;
    let parts = selected.parts();
    let snapshot = snapshot::Reader::open(&args.snapshot)?;
    // Ages are relative to the time when the documents were read.
    let started = snapshot.header().started;
    let accounts = snapshot.header().accounts.iter();
    baseline.suits(started, accounts.map(|account| account.id.as_str()))?;
    let scanned = (snapshot.header().accounts.as_slice(), started);
    let mut judge = start_judging(&selected, &parts, scanned, &baseline, None)?;
    let mut contents = snapshot.read(&selected.kinds, |document| judge.document(document))?;
    contents
        .jobs
        .extend(uncollected(&selected, &parts, &contents));
    let judged = judge.finish(&contents.jobs)?;
    let report = build(&selected, contents, judged, Vec::new(), Vec::new());
    let report = baseline.compare(report)?;
    conclude(&report, &args.output)
}

/// Lists that the selected checks need and the snapshot lacks.
fn uncollected(selected: &Selected, parts: &Parts, contents: &Contents) -> Vec<JobResult> {
    let have: BTreeSet<(&str, &str)> = contents
        .jobs
        .iter()
        .map(|r| (r.job.account.as_str(), r.job.kind))
        .collect();
    let mut missing = Vec::new();
    for account in &contents.header.accounts {
        for kind in parts
            .keys()
            .filter(|k| !have.contains(&(account.id.as_str(), **k)))
        {
            let scope = selected.kinds.get(kind).map(|k| k.kind.scope);
            let regions = match scope {
                Some(Scope::Region) => account.regions.clone(),
                _ => vec![GLOBAL.to_owned()],
            };
            missing.extend(regions.into_iter().map(|region| JobResult {
                job: PlannedJob {
                    account: account.id.clone(),
                    region,
                    kind,
                    parts: BTreeSet::new(),
                },
                listed: Err(Gap::new(
                    "",
                    Cause::Uncollected,
                    "the snapshot does not have it",
                )),
            }));
        }
    }
    missing
}
