//! Secrets that AWS's answers hold are nowhere in what the program writes.

use crate::account::{PLANTED, PLANTED_IN_TAGS};
use crate::endpoint::{Effect, Endpoint, Protocol, Rule, error};
use crate::scan::{Ended, Scan, small, text};
use std::path::Path;
use std::sync::Arc;

/// In the text of an error that a service answers with.
const IN_ERRORS: &str = "correct-horse-battery-staple";

/// All files below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").path())
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// Asserts that no secret is in what the scan wrote, and names where one is.
#[track_caller]
fn are_nowhere_in(ended: &Ended) {
    let mut written = vec![
        (
            "standard output".to_owned(),
            ended.stdout.clone().into_bytes(),
        ),
        (
            "standard error".to_owned(),
            ended.stderr.clone().into_bytes(),
        ),
    ];
    for file in files(ended.folder()) {
        let bytes = std::fs::read(&file).expect("a file");
        let bytes = zstd::decode_all(bytes.as_slice()).unwrap_or(bytes);
        written.push((text(&file), bytes));
    }
    let secrets = PLANTED.iter().chain(PLANTED_IN_TAGS).chain([&IN_ERRORS]);
    let mut found = Vec::new();
    for secret in secrets {
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, secret);
        for form in [secret, encoded.trim_end_matches('=')] {
            for (place, bytes) in &written {
                if bytes.windows(form.len()).any(|w| w == form.as_bytes()) {
                    found.push(format!("{form} in {place}"));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Refuses some calls of each protocol with a secret in the message.
fn with_talkative_errors(endpoint: &Endpoint) {
    let operations = [
        ("ec2", "DescribeAddresses"),
        ("iam", "GetAccountPasswordPolicy"),
        ("s3", "GetBucketPolicyStatus"),
        ("ssm", "DescribeInstanceInformation"),
        ("account", "GetAlternateContact"),
        ("cloudwatch", "DescribeAlarms"),
    ];
    for (service, operation) in operations {
        let effect = Effect::Edit(Arc::new(|call, _| {
            let message = format!("no access with password={IN_ERRORS}");
            error(Protocol::of(call.service), 403, "AccessDenied", &message)
        }));
        endpoint.rule(Rule::new(effect).operation(service, operation));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_report_snapshot_or_log_holds_a_secret() {
    let endpoint = Endpoint::start(small()).await;
    with_talkative_errors(&endpoint);
    let scan = Scan::of(&endpoint).variable("SIXPILLARS_LOG", "trace");
    let snapshot = text(&scan.folder().join("account.snapshot"));
    let formats = if sixpillars::report::has_page() {
        "html,text,json,ndjson,markdown,csv,ocsf,asff,sarif,junit,prometheus"
    } else {
        "text,json,ndjson,markdown,csv,ocsf,asff,sarif,junit,prometheus"
    };
    let scan = scan.arguments(["--format", formats, "--save-snapshot", &snapshot]);
    let ended = scan.run().await.with(0);
    assert!(files(ended.folder()).len() > formats.split(',').count());
    assert!(ended.stderr.len() > 10_000, "the log says nothing");
    are_nowhere_in(&ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_journal_holds_a_secret() {
    let endpoint = Endpoint::start(small()).await;
    let whole = Scan::of(&endpoint).run().await.with(0);
    let calls = endpoint.take_counts().calls() as u64;
    drop(whole);
    with_talkative_errors(&endpoint);
    endpoint.rule(Rule::new(Effect::Hang).after(calls / 2));
    let scan = Scan::of(&endpoint).arguments(["--deadline", "5s"]);
    let ended = scan.run().await.with(3);
    assert!(std::fs::metadata(ended.journal()).unwrap().len() > 1_000);
    are_nowhere_in(&ended);
}
