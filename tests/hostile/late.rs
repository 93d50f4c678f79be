//! Scans that are killed when all is read: while they judge, while they report, and when they take
//! their journal away.

use crate::endpoint::Endpoint;
use crate::halt::{comparable, undisturbed};
use crate::scan::{Ended, Running, Scan, assert_same, small};
use serde_json::Value;

/// A scan whose report is more than the pipe takes that it is printed to. As long as nobody reads,
/// it comes to no end.
fn blocked(endpoint: &Endpoint) -> Running {
    Scan::of(endpoint).printed("json").aloud().spawn()
}

fn printed(ended: &Ended) -> Value {
    comparable(serde_json::from_str(&ended.stdout).expect("a report in JSON"))
}

/// Asserts that a scan that was killed then goes on without a call but to ask who it is, and reports
/// what an undisturbed one does.
async fn goes_on(endpoint: &Endpoint, killed: &Ended, whole: &Value) {
    assert_eq!(killed.code, None, "{}", killed.stderr);
    endpoint.take_counts();
    let resumed = Scan::resume(endpoint, killed).run().await.with(0);
    assert_same(whole, &printed(&resumed));
    assert!(resumed.journals().is_empty());
    let counts = endpoint.counts();
    let asked = counts.of(|call_key| !call_key.is("sts", "GetCallerIdentity"));
    assert_eq!(asked, 0, "what was read is read again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_that_is_killed_while_it_judges_goes_on() {
    let (_, whole) = undisturbed().await;
    let endpoint = Endpoint::start(small()).await;
    let mut running = blocked(&endpoint);
    running.has_read_all().await;
    running.signal("KILL");
    goes_on(&endpoint, &running.end().await, &whole).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_that_is_killed_in_the_middle_of_its_report_goes_on() {
    let (_, whole) = undisturbed().await;
    let endpoint = Endpoint::start(small()).await;
    let mut running = blocked(&endpoint);
    running.prints_until(|line| line == "{").await;
    running.signal("KILL");
    goes_on(&endpoint, &running.end().await, &whole).await;
}

/// Between the last line of the report and the end of the program the journal is taken away. Either
/// it is still there, or nobody needs it.
#[tokio::test(flavor = "multi_thread")]
async fn a_scan_that_is_killed_after_its_report_goes_on_or_is_done() {
    let (_, whole) = undisturbed().await;
    for _ in 0..3 {
        let endpoint = Endpoint::start(small()).await;
        let mut running = blocked(&endpoint);
        let report = running.prints_until(|line| line == "}").await;
        running.signal("KILL");
        let ended = running.end().await;
        if ended.journals().is_empty() {
            let report = serde_json::from_str(&report).expect("a report in JSON");
            assert_same(&whole, &comparable(report));
        } else {
            goes_on(&endpoint, &ended, &whole).await;
        }
    }
}
