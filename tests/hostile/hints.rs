//! What a scan that came to no end says of how to go on: the way if there is one, and nothing that
//! is not so.

use crate::account::{Account, Size};
use crate::endpoint::{Endpoint, Source};
use crate::halt::{Then, undisturbed, until};
use crate::scan::{Ended, Scan, small};

/// The words after the program's name of the command that it says to go on with.
fn told(ended: &Ended) -> Vec<&str> {
    let told = ended.stderr.split("resume with: sixpillars ").nth(1);
    let told = told.unwrap_or_else(|| panic!("no way to go on: {}", ended.stderr));
    told.split_whitespace().collect()
}

/// The hint of a scan with `--quiet`, typed as it is printed.
#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_scan_says_how_to_go_on_though_it_is_quiet() {
    let (calls, _) = undisturbed().await;
    let endpoint = Endpoint::start(small()).await;
    let running = until(&endpoint, calls / 2, Then::Hang, Scan::of(&endpoint)).await;
    running.signal("TERM");
    let ended = running.end().await.with(3);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    endpoint.without_rules();
    let scan = Scan::typed(&endpoint, &told(&ended));
    scan.without_variable("SIXPILLARS_STATE_DIR")
        .run()
        .await
        .with(0);
    assert!(ended.journals().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_journal_no_way_to_go_on_is_promised() {
    let (calls, _) = undisturbed().await;
    let endpoint = Endpoint::start(small()).await;
    let scan = Scan::of(&endpoint).arguments(["--no-journal"]);
    let running = until(&endpoint, calls / 2, Then::Hang, scan).await;
    running.signal("TERM");
    let ended = running.end().await.with(3);
    let report = ended.report().to_string();
    for said in [&ended.stderr, &report] {
        assert!(!said.contains("--resume"), "{said}");
    }
}

/// More findings than fit into the memory that sorting may use.
fn many() -> Source {
    let account = Account::new(Size {
        regions: 1,
        volumes: 4_000,
        ..*crate::scan::account().size()
    });
    Source::memory(move |call| account.answer(call))
}

fn of_volumes(endpoint: &Endpoint) -> Scan {
    let scan = Scan::of(endpoint).regions(&["eu-west-1"]);
    scan.arguments(["--checks", "ec2/volume-*"])
}

/// Findings are kept in the temporary folder when they are many. There is no room in one that is not
/// there.
#[tokio::test(flavor = "multi_thread")]
async fn a_scan_whose_findings_find_no_room_goes_on_with_room() {
    let endpoint = Endpoint::start(many()).await;
    let whole = of_volumes(&endpoint).run().await.with(0).verdicts();
    let nowhere = ["TMPDIR", "/nowhere/to/be/found"];
    let ended = of_volumes(&endpoint).variable(nowhere[0], nowhere[1]);
    let ended = ended.run().await.with(4);
    assert!(ended.stderr.contains(nowhere[1]), "{}", ended.stderr);
    assert!(told(&ended).contains(&ended.id().as_str()));
    endpoint.take_counts();
    let resumed = Scan::resume(&endpoint, &ended).run().await.with(0);
    let found = resumed.verdicts();
    assert!(whole.in_region("eu-west-1") == found.in_region("eu-west-1"));
    assert!(resumed.journals().is_empty());
    let counts = endpoint.counts();
    let asked = counts.of(|call_key| !call_key.is("sts", "GetCallerIdentity"));
    assert_eq!(asked, 0, "what was read is read again");
}
