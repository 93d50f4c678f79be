//! Regions: that do not exist, that the account has not enabled, of another partition; and what asks
//! nothing of AWS.

use crate::account::Account;
use crate::aws::{ACCOUNT, SMALL};
use crate::endpoint::{Cut, Effect, Endpoint, Refusal, Rule, Source};
use crate::network::fails_soon;
use crate::person::Person;
use crate::stand_in::{Answer, StandIn};
use serde_json::Value;

async fn nobody() -> StandIn {
    StandIn::start(|_| Answer::new(500, "nobody asks")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_and_a_plan_of_named_regions_ask_nothing_of_aws() {
    let aws = nobody().await;
    let person = Person::new().endpoint(&aws.url());
    let ended = person.types("permissions --regions eu-west-1").await;
    assert!(ended.with(0).stdout.contains("\"Version\""));
    let ended = person.types("plan --regions us-east-1,eu-west-1").await;
    assert!(ended.with(0).stdout.contains("1 accounts, 2 regions"));

    let role = |account: &str| format!("--role-arn arn:aws:iam::{account}:role/audit");
    let roles = ["444455556666", "111122223333", "444455556666"].map(role);
    let command = format!("plan --regions eu-west-1 --format json {}", roles.join(" "));
    let ended = person.types(&command).await.with(0);
    let plan: Value = serde_json::from_str(&ended.stdout).unwrap();
    let accounts = plan["targets"].as_array().unwrap().iter();
    let accounts: Vec<&str> = accounts.map(|t| t["account"].as_str().unwrap()).collect();
    assert_eq!(accounts, ["111122223333", "444455556666"]);

    let command = "plan --regions eu-west-1 --format json --profile audit";
    let ended = person.types(command).await.with(0);
    let plan: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(plan["targets"][0]["account"], "profile audit");
    assert!(aws.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_does_not_exist_is_told_with_the_nearest() {
    let aws = nobody().await;
    let person = Person::new().endpoint(&aws.url());
    for command in ["scan", "plan", "permissions"] {
        let ended = person
            .types(&format!("{command} --regions us-eats-1,eu-west-1"))
            .await;
        ended.with(2).says(&[
            "--regions",
            "there is no region `us-eats-1`",
            "help: did you mean `us-east-1`?",
        ]);
    }
    // All problems at once.
    let ended = person
        .types("scan --regions eu-wset-1 --services nothing")
        .await;
    ended.with(2).says(&[
        "did you mean `eu-west-1`?",
        "`nothing` has no checks",
        "2 problems",
    ]);
    let file = crate::report::write(&person);
    let topic = format!("arn:aws:sns:us-eats-1:{ACCOUNT}:audits");
    let ended = person.types(&format!("send sns {topic} {file}")).await;
    ended.with(2).says(&[
        "there is no region `us-eats-1`",
        "did you mean `us-east-1`?",
    ]);
    let ended = person
        .types(&format!("send security-hub {file} --region us-eats-1"))
        .await;
    ended.with(2).says(&[
        "there is no region `us-eats-1`",
        "did you mean `us-east-1`?",
    ]);
    assert!(aws.asked().is_empty());
}

/// The region of the environment or of the profile is where AWS is asked who is calling.
#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_the_environment_or_the_profile_misspells() {
    // Without an endpoint of its own it would look for the region's.
    let person = Person::new()
        .without("AWS_ENDPOINT_URL")
        .access_key(ACCOUNT);
    let person = person.variable("AWS_REGION", "us-eats-1");
    let ended = fails_soon(&person, "scan --regions eu-west-1", 3).await;
    ended.says(&[
        "region `us-eats-1`, which AWS_REGION names, does not exist",
        "help: did you mean `us-east-1`?",
    ]);
    let person = Person::new()
        .without("AWS_ENDPOINT_URL")
        .config("[default]\nregion = eu-wset-1\n")
        .access_key(ACCOUNT);
    let ended = fails_soon(&person, "scan", 3).await;
    ended.says(&[
        "region `eu-wset-1`, which profile `default` names,",
        "did you mean `eu-west-1`?",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn regions_of_two_partitions_are_refused() {
    let ended = Person::new()
        .types("scan --regions eu-west-1,cn-north-1")
        .await;
    ended.with(2).says(&[
        "eu-west-1 is in partition aws, and cn-north-1 in aws-cn",
        "help: an account is in one partition",
    ]);
}

/// A small account, whoever asks.
async fn account() -> Endpoint {
    let account = Account::new(SMALL);
    Endpoint::start(Source::memory(move |call| account.answer(call))).await
}

/// One quick check.
const QUICK: &str = "scan --checks ec2/volume-unattached --no-journal --format json";

#[tokio::test(flavor = "multi_thread")]
async fn a_region_of_another_partition_than_the_account() {
    let endpoint = account().await;
    let person = Person::new()
        .endpoint(&endpoint.url())
        .access_key(ACCOUNT)
        .variable("AWS_REGION", "eu-west-1");
    let ended = fails_soon(&person, &format!("{QUICK} --regions cn-north-1"), 3).await;
    ended.says(&[
        &format!("region cn-north-1 is in partition aws-cn, and account {ACCOUNT} is in aws"),
        "help: ",
    ]);
    assert_eq!(endpoint.counts().of(|key| key.service == "ec2"), 0);
}

/// STS does not know the account's keys in a region that is not enabled.
fn not_enabled(region: &str) -> Rule {
    let refusal = Rule::new(Effect::Refuse(Refusal::RegionOff));
    refusal.region(region)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_is_not_enabled_is_left_out_and_named() {
    let endpoint = account().await;
    endpoint.rule(not_enabled("af-south-1"));
    let person = Person::new().endpoint(&endpoint.url()).access_key(ACCOUNT);
    let regions = "--regions eu-west-1,af-south-1,me-south-1";
    let ended = person.types(&format!("{QUICK} {regions}")).await.with(3);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let problems = report["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0]["kind"], "region_not_enabled");
    let message = problems[0]["message"].as_str().unwrap();
    for said in [
        &format!("region af-south-1 is not enabled in account {ACCOUNT}"),
        "aws account enable-region --region-name af-south-1",
    ] {
        assert!(message.contains(said), "{message}");
    }
    assert_eq!(report["scan"]["complete"], false);
    let read = &report["scan"]["accounts"][0]["regions"];
    assert_eq!(*read, serde_json::json!(["eu-west-1", "me-south-1"]));
    // Every call is counted for the account.
    let calls = report["calls"].as_array().unwrap().iter();
    assert!(calls.clone().all(|call| call["account"] == ACCOUNT));
    let counts = endpoint.counts();
    let asked = |service: &str, region: &str| {
        counts.of(|key| key.service == service && key.region == region)
    };
    assert_eq!(asked("sts", "af-south-1"), 1);
    assert_eq!(asked("ec2", "af-south-1"), 0);
    assert!(asked("ec2", "me-south-1") > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_region_is_enabled_nothing_is_read() {
    let endpoint = account().await;
    endpoint.rule(not_enabled("af-south-1"));
    let person = Person::new().endpoint(&endpoint.url()).access_key(ACCOUNT);
    let home = person.variable("AWS_REGION", "eu-west-1");
    let ended = home.types(&format!("{QUICK} --regions af-south-1")).await;
    let said = format!("region af-south-1 is not enabled in account {ACCOUNT}");
    ended
        .with(3)
        .says(&[&said, "help: enable it with `aws account enable-region"]);

    // Where AWS is asked who is calling in that region, the key is not to be blamed.
    let home = home.variable("AWS_REGION", "af-south-1");
    let ended = home.types(&format!("{QUICK} --regions eu-west-1")).await;
    ended.with(3).says(&[
        "region af-south-1, which AWS_REGION names, is not enabled in the account",
        "help: ",
    ]);
}

/// A region that is newer than this version is tried; where nobody answers it may not exist.
#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_this_version_does_not_know_is_tried() {
    let endpoint = account().await;
    let person = Person::new().endpoint(&endpoint.url()).access_key(ACCOUNT);
    let command = format!("{QUICK} --regions eu-west-1,eu-east-9");
    let ended = person.types(&command).await.with(0);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let read = &report["scan"]["accounts"][0]["regions"];
    assert_eq!(*read, serde_json::json!(["eu-east-9", "eu-west-1"]));

    endpoint.rule(Rule::new(Effect::Cut(Cut::Reset)).region("eu-east-9"));
    let ended = person.types(&command).await.with(3);
    ended.says(&[
        "there seems to be no region `eu-east-9`",
        "help: did you mean `eu-",
    ]);
}
