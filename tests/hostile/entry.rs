//! Getting in: AWS, or the source of the credentials, gives no answer.

use crate::endpoint::{Effect, Endpoint, Rule};
use crate::halt::{Then, until};
use crate::scan::{Scan, small};
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// A call that hangs would be given up after three times 20 seconds, and a source of credentials
/// after a minute.
const SOON: Duration = Duration::from_secs(15);

fn nobody_is_told_who_calls() -> Rule {
    Rule::new(Effect::Hang).operation("sts", "GetCallerIdentity")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_holds_while_aws_does_not_say_who_calls() {
    let endpoint = Endpoint::start(small()).await;
    endpoint.rule(nobody_is_told_who_calls());
    let began = Instant::now();
    let scan = Scan::of(&endpoint).arguments(["--deadline", "2s"]);
    let ended = scan.run().await.with(3);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    for said in ["deadline", "aws sts get-caller-identity"] {
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
    assert!(!ended.stderr.contains("--resume"), "{}", ended.stderr);
    assert!(ended.journals().is_empty());
    // Who calls and what the account is called are asked at the same time, each once.
    let asked = ["GetCallerIdentity", "ListAccountAliases"];
    let counts = endpoint.counts();
    let of = |operation| counts.of(|call_key| call_key.operation == operation);
    assert_eq!(asked.map(of), [1, 1]);
    assert_eq!(counts.calls(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_is_heard_while_aws_does_not_say_who_calls() {
    let endpoint = Endpoint::start(small()).await;
    let running = until(&endpoint, 0, Then::Hang, Scan::of(&endpoint)).await;
    let began = Instant::now();
    running.signal("INT");
    let ended = running.end().await.with(3);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(ended.stderr.contains("stopped"), "{}", ended.stderr);
}

/// The journal of a scan that could not even enter again is as good as before.
#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_holds_for_a_scan_that_goes_on() {
    let endpoint = Endpoint::start(small()).await;
    let running = until(&endpoint, 60, Then::Hang, Scan::of(&endpoint)).await;
    running.signal("KILL");
    let killed = running.end().await;
    endpoint.without_rules();
    endpoint.rule(nobody_is_told_who_calls());
    let journal = std::fs::read(killed.journal()).unwrap();
    let scan = Scan::resume(&endpoint, &killed).arguments(["--deadline", "2s"]);
    let ended = scan.run().await.with(3);
    let hint = format!("--resume {}", killed.id());
    assert!(ended.stderr.contains(&hint), "{}", ended.stderr);
    assert!(journal == std::fs::read(killed.journal()).unwrap());
    endpoint.without_rules();
    Scan::resume(&endpoint, &killed).run().await.with(0);
}

/// A program that an AWS profile names and that waits to be let go before it gives credentials.
fn hanging_process(folder: &Path) -> File {
    let (fifo, process) = (folder.join("fifo"), folder.join("process"));
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.expect("mkfifo runs").success());
    let script = format!("#!/bin/sh\nread go < {}\n", fifo.display());
    std::fs::write(&process, script).unwrap();
    std::fs::set_permissions(&process, Permissions::from_mode(0o700)).unwrap();
    let profile = format!("[default]\ncredential_process = {}\n", process.display());
    std::fs::write(folder.join("config"), profile).unwrap();
    // Open at both ends it neither waits for the other one here, nor ends there before it is closed.
    let both = File::options().read(true).write(true).open(fifo);
    both.expect("a pipe")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_holds_while_a_source_of_credentials_hangs() {
    let endpoint = Endpoint::start(small()).await;
    let scan = Scan::of(&endpoint).arguments(["--deadline", "2s"]);
    let held = hanging_process(scan.folder());
    let config = crate::scan::text(&scan.folder().join("config"));
    let scan = scan
        .without_variable("AWS_ACCESS_KEY_ID")
        .without_variable("AWS_SECRET_ACCESS_KEY")
        .variable("AWS_CONFIG_FILE", &config);
    let began = Instant::now();
    let ended = scan.run().await.with(3);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert!(ended.stderr.contains("credentials"), "{}", ended.stderr);
    assert_eq!(endpoint.counts().calls(), 0);
    // Lets the program end, if it did not with the scan.
    drop(held);
}
