//! Stopping a scan at a point that a test chooses, and what must hold of it then.

use crate::endpoint::{Effect, Endpoint, Rule};
use crate::scan::{Ended, Running, Scan, small};
use crate::verdicts::{self, Verdicts};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Notify;

/// What happens to the calls after the one that somebody waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// They are answered as ever.
    Answer,
    /// None is answered any more: what is finished stays finished, and nothing else finishes.
    Hang,
}

/// Starts a scan and waits until this many calls have arrived.
pub(crate) async fn until(endpoint: &Endpoint, calls: u64, then: Then, scan: Scan) -> Running {
    let arrived = Arc::new(Notify::new());
    endpoint.rule(Rule::new(Effect::Tell(Arc::clone(&arrived))).nth(calls));
    if then == Then::Hang {
        endpoint.rule(Rule::new(Effect::Hang).after(calls));
    }
    let running = scan.spawn();
    arrived.notified().await;
    running
}

/// The report without times, and without what differs in a scan that was cut in two: the counts of
/// calls, and what was spent, since what was lost is paid for again. The limit holds all the same.
#[track_caller]
pub(crate) fn but_for_calls(ended: &Ended) -> Value {
    comparable(ended.report())
}

/// The same of a report that was printed.
#[track_caller]
pub(crate) fn comparable(mut report: Value) -> Value {
    verdicts::strip_times(&mut report);
    report["calls"] = Value::Null;
    let amount = |name: &str| report["cost"][name].as_f64().expect("an amount");
    let (spent, limit) = (amount("spent_usd"), amount("limit_usd"));
    assert!(spent <= limit, "{spent} spent of {limit}");
    report["cost"]["spent_usd"] = Value::Null;
    report
}

/// How many calls an undisturbed scan makes, and what it reports.
pub(crate) async fn undisturbed() -> (u64, Value) {
    let endpoint = Endpoint::start(small()).await;
    let ended = Scan::of(&endpoint).run().await.with(0);
    assert!(ended.journals().is_empty(), "{:?}", ended.journals());
    (endpoint.counts().calls() as u64, but_for_calls(&ended))
}

/// Asserts that a report is valid, owns up to what it lacks, and judges nothing wrongly.
#[track_caller]
pub(crate) fn is_partial(ended: &Ended, whole: &Value) {
    let report = ended.report();
    assert_eq!(report["scan"]["complete"], false);
    sixpillars::report::read(&report.to_string()).expect("a valid report");
    let whole = Verdicts::of(whole);
    let wrong = whole.flipped(&ended.verdicts());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let gaps = report["gaps"].as_array().unwrap();
    assert!(
        gaps.iter().any(|gap| gap["cause"] == "uncollected"),
        "{gaps:?}"
    );
}
