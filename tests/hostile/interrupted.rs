//! Scans that are stopped, killed or out of room, and go on where they were.

use crate::endpoint::{CallKey, Effect, Endpoint, Rule};
use crate::halt::{Then, but_for_calls, is_partial, undisturbed, until};
use crate::scan::{Ended, REGIONS, Scan, assert_same, small};
use futures::StreamExt;
use serde_json::Value;
use sixpillars::model::Scope;
use std::time::{Duration, Instant};

const AT_ONCE: usize = 3;

/// Kills a scan once this many calls have arrived, and resumes it.
async fn killed(calls: u64, then: Then, whole: &Value) {
    let endpoint = Endpoint::start(small()).await;
    let running = until(&endpoint, calls, then, Scan::of(&endpoint)).await;
    running.signal("KILL");
    let ended = running.end().await;
    assert_eq!(ended.code, None);
    endpoint.without_rules();
    let resumed = Scan::resume(&endpoint, &ended).run().await.with(0);
    assert_same(whole, &but_for_calls(&resumed));
    assert!(resumed.journals().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_scan_resumed_gives_the_same_report() {
    let (calls, whole) = undisturbed().await;
    // The first calls find out who is calling; before that there is nothing to resume.
    let points = (1..=9).map(|tenth| calls * tenth / 10);
    futures::stream::iter(points)
        .for_each_concurrent(AT_ONCE, |point| {
            let whole = &whole;
            async move {
                killed(point, Then::Answer, whole).await;
                killed(point, Then::Hang, whole).await;
            }
        })
        .await;
}

/// One list never ends and all others do. A scan that is killed then and resumed asks for that list
/// and for nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn finished_jobs_are_not_repeated() {
    let (_, whole) = undisturbed().await;
    // Its service has no other list that could wait for the answer to its first call.
    let kind = "lambda.function";
    let registry = sixpillars::collect::registry();
    // The report has a row for each region of buckets, which are one list all the same.
    let rows = whole["reads"].as_array().unwrap();
    let is_read = |kind| rows.iter().any(|row| row["kind"] == kind);
    let kinds = registry.iter().map(|collector| collector.kind);
    let lists = kinds.filter(|k| is_read(k.name)).map(|k| match k.scope {
        Scope::Account => 1,
        Scope::Region => REGIONS.len(),
    });
    // The alarms on what is in no region are listed in a region that is not scanned.
    let lists = lists.sum::<usize>() + 1;
    let endpoint = Endpoint::start(small()).await;
    let hang = Rule::new(Effect::Hang).operation("lambda", "ListFunctions");
    endpoint.rule(hang.region(REGIONS[0]));
    let scan = Scan::of(&endpoint).variable("SIXPILLARS_LOG", "sixpillars::scan::progress=debug");
    let mut running = scan.spawn();
    running.says("list read", lists - 1).await;
    running.signal("KILL");
    let ended = running.end().await;
    endpoint.without_rules();
    endpoint.take_counts();
    let resumed = Scan::resume(&endpoint, &ended).run().await.with(0);
    assert_same(&whole, &but_for_calls(&resumed));

    let unread = registry.iter().find(|c| c.kind.name == kind).unwrap().kind;
    let parts = unread.parts.iter().flat_map(|part| part.calls);
    let asked: Vec<_> = unread.list.iter().chain(parts).collect();
    let counts = endpoint.take_counts();
    let repeated = counts.by_call.keys().filter(|call_key| {
        let wanted = asked.iter().any(|c| call_key.is(c.service, c.operation));
        let who =
            call_key.is("sts", "GetCallerIdentity") || call_key.is("iam", "ListAccountAliases");
        !(who || wanted && call_key.region == REGIONS[0])
    });
    assert_eq!(repeated.collect::<Vec<_>>(), Vec::<&CallKey>::new());
    assert!(counts.of(|call_key| call_key.is("lambda", "ListFunctions")) > 0);
}

/// Killed again and again, a scan still comes to its end.
#[tokio::test(flavor = "multi_thread")]
async fn a_scan_can_be_killed_more_than_once() {
    let (calls, whole) = undisturbed().await;
    let endpoint = Endpoint::start(small()).await;
    let running = until(&endpoint, calls / 2, Then::Hang, Scan::of(&endpoint)).await;
    running.signal("KILL");
    let mut ended = running.end().await;
    for _ in 0..3 {
        endpoint.without_rules();
        let scan = Scan::resume(&endpoint, &ended);
        let running = until(&endpoint, calls / 10, Then::Answer, scan).await;
        running.signal("KILL");
        ended = running.end().await;
        if ended.journals().is_empty() {
            break;
        }
    }
    endpoint.without_rules();
    let resumed = Scan::resume(&endpoint, &ended).run().await.with(0);
    assert_same(&whole, &but_for_calls(&resumed));
}

/// A kill may leave half a record at the end of the journal.
#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_ends_in_the_middle_of_a_record_is_used_up_to_there() {
    let (calls, whole) = undisturbed().await;
    let endpoint = Endpoint::start(small()).await;
    let running = until(&endpoint, calls / 2, Then::Hang, Scan::of(&endpoint)).await;
    running.signal("KILL");
    let ended = running.end().await;
    endpoint.without_rules();
    let journal = std::fs::read(ended.journal()).unwrap();
    std::fs::write(ended.journal(), &journal[..journal.len() - 7]).unwrap();
    let resumed = Scan::resume(&endpoint, &ended).run().await.with(0);
    assert_same(&whole, &but_for_calls(&resumed));
}

async fn stopped_by(signal: &str) {
    let (calls, whole) = undisturbed().await;
    let endpoint = Endpoint::start(small()).await;
    let running = until(&endpoint, calls / 2, Then::Hang, Scan::of(&endpoint)).await;
    let began = Instant::now();
    running.signal(signal);
    let ended = running.end().await.with(3);
    assert!(began.elapsed() < Duration::from_secs(15));
    is_partial(&ended, &whole);
    endpoint.without_rules();
    let resumed = Scan::resume(&endpoint, &ended).run().await.with(0);
    assert_same(&whole, &but_for_calls(&resumed));
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_leaves_a_partial_report_and_a_journal() {
    stopped_by("INT").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_leaves_a_partial_report_and_a_journal() {
    stopped_by("TERM").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_leaves_a_partial_report_and_a_journal() {
    let (calls, whole) = undisturbed().await;
    let endpoint = Endpoint::start(small()).await;
    endpoint.rule(Rule::new(Effect::Hang).after(calls / 2));
    let scan = Scan::of(&endpoint).arguments(["--deadline", "8s"]);
    let began = Instant::now();
    let ended = scan.run().await.with(3);
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    is_partial(&ended, &whole);
    endpoint.without_rules();
    let resumed = Scan::resume(&endpoint, &ended).run().await.with(0);
    assert_same(&whole, &but_for_calls(&resumed));
}

/// A scan that was killed half-way, ready to be resumed.
async fn half(endpoint: &Endpoint, scan: Scan) -> Ended {
    let running = until(endpoint, 60, Then::Hang, scan).await;
    running.signal("KILL");
    let ended = running.end().await;
    endpoint.without_rules();
    endpoint.take_counts();
    ended
}

/// Asserts that a journal is refused for a reason, before anything is asked.
async fn is_refused(endpoint: &Endpoint, ended: &Ended, why: &str) {
    let journal = std::fs::read(ended.journal()).unwrap();
    let refused = Scan::resume(endpoint, ended).run().await.with(2);
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
    assert_eq!(endpoint.counts().calls(), 0);
    let after = std::fs::read(ended.journal()).unwrap();
    assert!(journal == after, "the refused journal was changed");
}

/// The journal as another version of the program would have begun it.
fn of_version(journal: &[u8], version: &str) -> Vec<u8> {
    let lines = String::from_utf8(zstd::decode_all(journal).unwrap()).unwrap();
    let said = |version| format!(r#""version":"{version}""#);
    let ours = said(env!("CARGO_PKG_VERSION"));
    assert!(lines.contains(&ours));
    zstd::encode_all(lines.replace(&ours, &said(version)).as_bytes(), 1).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_of_another_version_is_refused() {
    let endpoint = Endpoint::start(small()).await;
    let ended = half(&endpoint, Scan::of(&endpoint)).await;
    let journal = std::fs::read(ended.journal()).unwrap();
    std::fs::write(ended.journal(), of_version(&journal, "9.9.9")).unwrap();
    is_refused(&endpoint, &ended, "version").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_of_another_policy_is_refused() {
    let endpoint = Endpoint::start(small()).await;
    let scan = Scan::of(&endpoint);
    let policy = scan.folder().join("policy.yaml");
    std::fs::write(&policy, "name: ours\n").unwrap();
    let scan = scan.arguments(["--policy", policy.to_str().unwrap()]);
    let ended = half(&endpoint, scan).await;
    std::fs::write(&policy, "name: theirs\n").unwrap();
    is_refused(&endpoint, &ended, "policy.yaml").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_not_there_is_said_to_be_missing() {
    let endpoint = Endpoint::start(small()).await;
    let ended = Scan::resume_id(&endpoint, "no-such-scan")
        .run()
        .await
        .with(2);
    assert!(ended.stderr.contains("no-such-scan"), "{}", ended.stderr);
}

/// The user's other programs must not read what a journal holds of the account.
#[tokio::test(flavor = "multi_thread")]
async fn a_journal_is_the_users_own() {
    use std::os::unix::fs::PermissionsExt;
    let endpoint = Endpoint::start(small()).await;
    let ended = half(&endpoint, Scan::of(&endpoint)).await;
    let mode = std::fs::metadata(ended.journal())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// No file may grow past a few kilobytes: the same to the program as a disk that is full.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_ends_with_an_error_and_loses_nothing_written_before() {
    let (_, whole) = undisturbed().await;
    let endpoint = Endpoint::start(small()).await;
    let scan = Scan::of(&endpoint).before("trap '' XFSZ; ulimit -f 32");
    let ended = scan.run().await.with(4);
    assert!(ended.stderr.contains("--resume"), "{}", ended.stderr);
    let resumed = Scan::resume(&endpoint, &ended).run().await.with(0);
    assert_same(&whole, &but_for_calls(&resumed));
}
