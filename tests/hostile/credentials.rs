//! Credentials that expire while a scan is at work.

use crate::endpoint::{ACCOUNT, Effect, Ending, Endpoint, Refusal, Rule};
use crate::scan::{Scan, assert_same, small};
use sixpillars::aws::throttle::gate::IN_FLIGHT;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A program that gives credentials, as an AWS profile may name one. It counts how often it is
/// asked. The access keys of an account have its id and one more digit: 1 at first, and then 2.
struct Process {
    folder: PathBuf,
}

impl Process {
    /// A program that gives the second key when it was requested the first this often.
    fn new(folder: &Path, first: u32) -> Self {
        let folder = folder.join("credentials");
        std::fs::create_dir_all(&folder).unwrap();
        // Shell built-ins only: the scan has no PATH.
        let script = format!(
            r#"#!/bin/sh
read asked < {folder}/asked
asked=$((asked + 1))
echo $asked > {folder}/asked
key=1
test $asked -gt {first} && key=2
printf '{{"Version":1,"AccessKeyId":"{ACCOUNT}%s","SecretAccessKey":"test","SessionToken":"t","Expiration":"2099-01-01T00:00:00Z"}}' $key
"#,
            folder = folder.display()
        );
        std::fs::write(folder.join("asked"), "0\n").unwrap();
        std::fs::write(folder.join("process"), script).unwrap();
        let executable = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder.join("process"), executable).unwrap();
        let config = format!(
            "[default]\nregion = eu-west-1\ncredential_process = {}\n",
            folder.join("process").display()
        );
        std::fs::write(folder.join("config"), config).unwrap();
        Self { folder }
    }

    /// How often it was asked.
    fn asked(&self) -> u32 {
        let text = std::fs::read_to_string(self.folder.join("asked")).unwrap();
        text.trim().parse().unwrap()
    }

    /// Lets a scan use it.
    fn of(&self, scan: Scan) -> Scan {
        scan.without_variable("AWS_ACCESS_KEY_ID")
            .without_variable("AWS_SECRET_ACCESS_KEY")
            .variable(
                "AWS_CONFIG_FILE",
                self.folder.join("config").to_str().unwrap(),
            )
    }
}

/// After this many calls the first key is worth nothing.
const HALF_WAY: u64 = 60;

fn expired() -> Rule {
    let expired = Effect::Refuse(Refusal::Expired);
    let first = format!("{ACCOUNT}1");
    Rule::new(expired).access_key(&first).after(HALF_WAY)
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_expire_are_asked_for_once_more() {
    let endpoint = Endpoint::start(small()).await;
    let scan = Scan::of(&endpoint);
    let process = Process::new(scan.folder(), u32::MAX >> 1);
    let whole = process.of(scan).run().await.with(0);
    let to_begin = process.asked();

    endpoint.take_counts();
    endpoint.rule(expired());
    let scan = Scan::of(&endpoint);
    let process = Process::new(scan.folder(), to_begin);
    let found = process.of(scan).run().await.with(0);
    assert!(endpoint.counts().ended(Ending::Refused) > 0);
    assert_same(&whole.report()["findings"], &found.report()["findings"]);
    assert_eq!(process.asked(), to_begin + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_credentials_stay_expired_is_paused_and_can_be_resumed() {
    let endpoint = Endpoint::start(small()).await;
    let scan = Scan::of(&endpoint);
    let process = Process::new(scan.folder(), u32::MAX >> 1);
    let whole = process.of(scan).run().await.with(0);
    let to_begin = process.asked();

    endpoint.take_counts();
    endpoint.rule(expired());
    let scan = Scan::of(&endpoint);
    let process = Process::new(scan.folder(), u32::MAX >> 1);
    let ended = process.of(scan).run().await.with(3);
    let report = ended.report();
    assert_eq!(report["scan"]["complete"], false);
    let hint = format!("--resume {}", ended.id());
    assert!(ended.stderr.contains(&hint), "{}", ended.stderr);
    let problems = report["problems"].to_string();
    assert!(problems.contains(&hint), "{problems}");

    // Nothing is judged from what an expired credential was refused.
    let wrong = whole.verdicts().flipped(&ended.verdicts());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let gaps = report["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["cause"] == "expired"), "{gaps:?}");
    assert!(gaps.iter().all(|gap| gap["cause"] != "denied"), "{gaps:?}");
    // What was in flight is refused, and what follows the one renewal.
    let refused = endpoint.counts().ended(Ending::Refused);
    assert!(refused <= 2 * IN_FLIGHT, "{refused} requests after the end");
    assert_eq!(process.asked(), to_begin + 1);

    endpoint.without_rules();
    let resumed = process
        .of(Scan::resume(&endpoint, &ended))
        .run()
        .await
        .with(0);
    assert_same(&whole.report()["findings"], &resumed.report()["findings"]);
    assert!(resumed.journals().is_empty());
}

/// Credentials that were never any good are no reason to keep a journal.
#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_never_worked_end_the_scan_at_once() {
    let endpoint = Endpoint::start(small()).await;
    endpoint.rule(Rule::new(Effect::Refuse(Refusal::Expired)));
    let ended = Scan::of(&endpoint).run().await.with(3);
    assert!(
        ended.stderr.contains("no account can be read"),
        "{}",
        ended.stderr
    );
    assert!(
        endpoint.counts().calls() <= 4,
        "{}",
        endpoint.counts().calls()
    );
}
