//! Secrets that AWS's answers hold are nowhere in what the program writes.

use crate::account::{PLANTED, PLANTED_IN_TAGS};
use crate::endpoint::{Effect, Endpoint, Protocol, Rule, error};
use crate::scan::{Ended, REGIONS, Scan, small, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Read;
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

/// How a file begins that is compressed with zstd (RFC 8878, section 3.1.1).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// What a file holds, once all that is packed in it is unpacked.
fn unpacked(file: &Path) -> Vec<u8> {
    let name = file.display();
    let mut bytes = std::fs::read(file).expect("a file");
    let is = |end: &str| file.extension().is_some_and(|e| e == end);
    if bytes.starts_with(&ZSTD) || is("journal") || is("snapshot") {
        bytes = zstd::decode_all(bytes.as_slice())
            .unwrap_or_else(|e| panic!("{name} cannot be searched: {e}"));
    }
    if is("html") {
        let page = String::from_utf8(bytes.clone()).expect("UTF-8");
        let parts: Vec<&str> = page
            .split(r#"type="application/octet-stream;base64""#)
            .collect();
        assert!(parts.len() > 2, "{name} has no report in it");
        for part in &parts[1..] {
            let (_, part) = part.split_once('>').expect("the end of a tag");
            let (part, _) = part.split_once('<').expect("the end of an element");
            let part = STANDARD.decode(part.trim()).expect("base64");
            let mut gzip = flate2::read::GzDecoder::new(part.as_slice());
            gzip.read_to_end(&mut bytes).expect("gzip");
        }
    }
    bytes
}

/// How a secret looks where it stands as it is, and within what is in base64, where it may begin at
/// any of three bytes: the letters at either end that hold a part of something else are left out.
fn forms(secret: &str) -> Vec<String> {
    let aligned = (0..3).map(|before| {
        let bytes = [&vec![0; before], secret.as_bytes()].concat();
        let letters = STANDARD.encode(&bytes);
        letters[(before * 8).div_ceil(6)..bytes.len() * 8 / 6].to_owned()
    });
    std::iter::once(secret.to_owned()).chain(aligned).collect()
}

#[test]
fn a_secret_is_found_wherever_it_stands_in_base64() {
    let secret = PLANTED[0];
    for before in 0..7 {
        for after in 0..4 {
            let text = format!("{}{secret}{}", "x".repeat(before), "y".repeat(after));
            let text = STANDARD.encode(text);
            let found = forms(secret).iter().filter(|f| text.contains(*f)).count();
            assert_eq!(found, 1, "{before} bytes before, {after} after");
        }
    }
}

/// Asserts that no secret is in what the scan wrote, and names where one is.
#[track_caller]
fn are_nowhere_in(ended: &Ended) {
    let output = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
    let mut written = vec![
        output("standard output", &ended.stdout),
        output("standard error", &ended.stderr),
    ];
    let files = files(ended.folder()).into_iter();
    written.extend(files.map(|file| (text(&file), unpacked(&file))));
    let secrets = PLANTED.iter().chain(PLANTED_IN_TAGS).chain([&IN_ERRORS]);
    let mut found = Vec::new();
    for form in secrets.flat_map(|secret| forms(secret)) {
        for (place, bytes) in &written {
            if bytes.windows(form.len()).any(|w| w == form.as_bytes()) {
                found.push(format!("{form} in {place}"));
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
    let mut formats = vec![
        "text",
        "json",
        "ndjson",
        "markdown",
        "csv",
        "ocsf",
        "asff",
        "sarif",
        "junit",
        "prometheus",
    ];
    if sixpillars::report::has_page() {
        formats.push("html");
    }
    let names = formats.join(",");
    let scan = scan.arguments(["--format", &names, "--save-snapshot", &snapshot]);
    let ended = scan.run().await.with(0);
    assert!(files(ended.folder()).len() > formats.len());
    assert!(ended.stderr.len() > 10_000, "the log says nothing");
    are_nowhere_in(&ended);
}

/// The kinds that secrets are planted in, beside tags, which are everywhere.
const KINDS: [&str; 2] = ["ec2.instance", "lambda.function"];

/// One list never ends, so that the journal stays; the scan is stopped when it has those with secrets.
#[tokio::test(flavor = "multi_thread")]
async fn no_journal_holds_a_secret() {
    let endpoint = Endpoint::start(small()).await;
    with_talkative_errors(&endpoint);
    endpoint.rule(Rule::new(Effect::Hang).operation("rds", "DescribeDBInstances"));
    let scan = Scan::of(&endpoint).variable("SIXPILLARS_LOG", "sixpillars::scan::progress=debug");
    let mut running = scan.spawn();
    let mut left = KINDS.len() * REGIONS.len();
    running
        .says_until(|line| {
            let is_read = line.contains("list read");
            let is_of = |kind: &str| line.contains(&format!("\"{kind}\""));
            left -= usize::from(is_read && KINDS.into_iter().any(is_of));
            left == 0
        })
        .await;
    running.signal("TERM");
    let ended = running.end().await.with(3);
    let journal = String::from_utf8(unpacked(&ended.journal())).expect("JSON");
    for kind in KINDS {
        assert!(journal.contains(kind), "no {kind}");
    }
    are_nowhere_in(&ended);
}
