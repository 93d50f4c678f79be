//! Several accounts in one scan, and several profiles or roles that lead to the same one.

use crate::account::{Account, Size};
use crate::aws::{ACCOUNT, SMALL, error, identity};
use crate::endpoint::{Effect, Endpoint, Refusal, Rule, Source};
use crate::network::fails_soon;
use crate::person::{Ended, Person};
use crate::profiles::DENIED;
use crate::roles::assumable;
use crate::stand_in::StandIn;
use serde_json::Value;
use std::sync::{Arc, Mutex};

const SCAN: &str = "scan --regions eu-west-1 --format json";

/// One role may not be assumed and the other two for another reason: each cause is reported once.
#[tokio::test(flavor = "multi_thread")]
async fn several_accounts_that_cannot_be_read_are_told_by_cause() {
    let aws = StandIn::start(|asked| match asked.action() {
        "AssumeRole" if asked.body.contains("444455556666") => error(403, "AccessDenied", DENIED),
        "AssumeRole" => error(403, "RegionDisabledException", "STS is not activated"),
        _ => identity(),
    })
    .await;
    let person = Person::new()
        .endpoint(&aws.url())
        .access_key("AKIAIOSFODNN7EXAMPLE");
    let role = |account: &str| format!("--role-arn arn:aws:iam::{account}:role/audit");
    let roles = ["444455556666", "777788889999"].map(role).join(" ");
    let ended = fails_soon(&person, &format!("{SCAN} {roles}"), 3).await;
    ended.says(&[
        "no account can be read\n",
        "arn:aws:iam::444455556666:role/audit: ",
        "may not assume role",
        "help: ",
        "arn:aws:iam::777788889999:role/audit: ",
        "RegionDisabledException",
        "help: ",
    ]);
}

/// Profiles with access keys of these accounts.
pub(crate) fn keys(profiles: &[(&str, &str)]) -> String {
    let section = |(name, account): &(&str, &str)| {
        format!("[{name}]\naws_access_key_id = {account}\naws_secret_access_key = test\n")
    };
    profiles.iter().map(section).collect()
}

/// A small account.
fn small() -> Account {
    Account::new(Size {
        regions: 1,
        users: 3,
        buckets: 0,
        ..SMALL
    })
}

/// A small account, whoever asks.
pub(crate) async fn account() -> Endpoint {
    let account = small();
    Endpoint::start(Source::memory(move |call| account.answer(call))).await
}

/// One quick check, in one region.
pub(crate) const QUICK: &str =
    "scan --regions eu-west-1 --checks ec2/volume-unattached --no-journal";

#[tokio::test(flavor = "multi_thread")]
async fn profiles_that_lead_to_one_account_are_read_once_and_the_report_says_so() {
    let endpoint = account().await;
    let person = Person::new().endpoint(&endpoint.url()).credentials(&keys(&[
        ("one", ACCOUNT),
        ("two", ACCOUNT),
        ("three", "444455556666"),
    ]));
    let profiles = "--profile one --profile two --profile three";
    let command = format!("{QUICK} --format text,json,markdown --output out {profiles}");
    let ended = person.types(&command).await.with(0);
    let said = format!(
        "profile `one`, profile `two` lead to account {ACCOUNT}; it was read once, with profile `one`"
    );
    assert_read_once(&person, &ended, &endpoint, &said);
}

/// Each role is assumed, since only its session shows that AWS gives it. The account is read once.
#[tokio::test(flavor = "multi_thread")]
async fn roles_that_lead_to_one_account_are_read_once_and_the_report_says_so() {
    let assumed = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&assumed);
    let source = assumable(small(), move |request| {
        seen.lock().unwrap().push(request["RoleArn"].clone());
    });
    let endpoint = Endpoint::start(source).await;
    let person = Person::new()
        .endpoint(&endpoint.url())
        .access_key("999900001111");
    let roles = [
        format!("arn:aws:iam::{ACCOUNT}:role/audit"),
        format!("arn:aws:iam::{ACCOUNT}:role/security/read-only"),
        "arn:aws:iam::444455556666:role/audit".to_owned(),
    ];
    let arguments = roles.each_ref().map(|role| format!("--role-arn {role}"));
    let arguments = arguments.join(" ");
    let command = format!("{QUICK} --format text,json,markdown --output out {arguments}");
    let ended = person.types(&command).await.with(0);
    let said = format!(
        "{0}, {1} lead to account {ACCOUNT}; it was read once, with {0}",
        roles[0], roles[1]
    );
    assert_read_once(&person, &ended, &endpoint, &said);
    let mut assumed = assumed.lock().unwrap().clone();
    assumed.sort();
    assert_eq!(assumed, roles);
}

/// Asserts that two accounts were read once each, and that every format says of [`ACCOUNT`] what
/// led to it.
fn assert_read_once(person: &Person, ended: &Ended, endpoint: &Endpoint, said: &str) {
    let unwrapped: Vec<&str> = ended.stdout.split_whitespace().collect();
    let unwrapped = unwrapped.join(" ");
    assert!(unwrapped.contains(said), "{unwrapped}");
    let read = |name: &str| std::fs::read_to_string(person.path(name)).unwrap();
    let report: Value = serde_json::from_str(&read("out/report.json")).unwrap();
    let problems = report["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0]["kind"], "account_repeated");
    assert_eq!(problems[0]["message"], said);
    assert_eq!(problems[0]["where"], ACCOUNT);
    // The notice does not make the report incomplete.
    assert_eq!(report["scan"]["complete"], true);
    assert_eq!(report["scan"]["accounts"].as_array().unwrap().len(), 2);
    assert!(read("out/report.md").contains("it was read once"));
    let counts = endpoint.counts();
    let volumes =
        |account: &str| counts.of(|key| key.is("ec2", "DescribeVolumes") && key.account == account);
    assert_eq!((volumes(ACCOUNT), volumes("444455556666")), (1, 1));
}

/// The other accounts are read; what is wrong with the one is said at once, and in the report.
#[tokio::test(flavor = "multi_thread")]
async fn one_profile_that_fails_does_not_keep_the_others_from_being_read() {
    let endpoint = account().await;
    let expired = Rule::new(Effect::Refuse(Refusal::Expired));
    endpoint.rule(expired.account("444455556666"));
    let person = Person::new()
        .endpoint(&endpoint.url())
        .credentials(&keys(&[("good", ACCOUNT), ("bad", "444455556666")]));
    let profiles = "--profile bad --profile gone --profile good";
    let command = format!("{QUICK} --format json {profiles}");
    let ended = person.types(&command).await.with(3).says(&[
        "not read: profile `bad`: the credentials of profile `bad` have expired (ExpiredToken)",
        "help: ",
        "not read: profile `gone`: profile `gone` (--profile) does not exist",
        "help: did you mean `good`? there are: bad, good",
    ]);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["scan"]["complete"], false);
    assert_eq!(report["scan"]["accounts"][0]["id"], ACCOUNT);
    let problems = report["problems"].as_array().unwrap();
    let kinds: Vec<&str> = problems
        .iter()
        .map(|p| p["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["account_unreadable", "account_unreadable"]);
    let bad = problems.iter().find(|p| p["where"] == "profile `bad`");
    let message = bad.unwrap()["message"].as_str().unwrap();
    assert!(
        message.contains("have expired") && !message.contains('\n'),
        "{message}"
    );
}
