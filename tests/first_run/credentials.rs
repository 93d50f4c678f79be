//! Credentials: none, half of them, unknown, wrong, expired, and a clock that is wrong.

use crate::aws::{ACCOUNT, refusing, times};
use crate::network::fails_soon;
use crate::person::Person;
use crate::report;
use crate::stand_in::{Answer, StandIn};
use jiff::{SignedDuration, Timestamp};

const SCAN: &str = "scan --regions eu-west-1 --format json";

#[tokio::test(flavor = "multi_thread")]
async fn without_credentials_each_place_of_the_chain_is_named() {
    let aws = StandIn::start(|_| Answer::new(500, "nobody asks")).await;
    let person = Person::new().endpoint(&aws.url());
    let config = person.path(".aws/config").display().to_string();
    let credentials = person.path(".aws/credentials").display().to_string();
    let ended = fails_soon(&person, SCAN, 3).await.says(&[
        "sixpillars: no account can be read: no credentials were found",
        "\n  tried, in this order:",
        "\n    environment ",
        "AWS_ACCESS_KEY_ID is not set",
        "\n    profile `default` ",
        &format!("{config} does not exist"),
        &format!("{credentials} does not exist"),
        "\n    SSO ",
        "\n    credential_process ",
        "\n    web identity ",
        "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
        "\n    ECS container ",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "\n    EC2 instance metadata ",
        "switched off by AWS_EC2_METADATA_DISABLED",
        "\n  help: ",
        "aws configure sso",
        "--profile",
    ]);
    assert_eq!(ended.stdout, "");
    assert!(aws.asked().is_empty());
}

/// What each place lacks is said where it lacks something else than in an empty home.
#[tokio::test(flavor = "multi_thread")]
async fn half_of_what_a_place_needs_is_said() {
    let person = Person::new()
        .config("[default]\nregion = eu-west-1\n")
        .variable("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .variable("AWS_WEB_IDENTITY_TOKEN_FILE", "/tmp/token");
    fails_soon(&person, SCAN, 3).await.says(&[
        "no credentials were found",
        "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not",
        "profile `default`",
        "neither access keys nor a role",
        "AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not",
    ]);
}

/// The metadata service of a machine that is no instance: it takes the connection and never answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_metadata_service_that_does_not_answer_is_asked_once() {
    let metadata = StandIn::silent().await;
    let person = Person::new()
        .without("AWS_EC2_METADATA_DISABLED")
        .variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url());
    fails_soon(&person, SCAN, 3).await.says(&[
        "no credentials were found",
        "EC2 instance metadata",
        "does not answer; this is no EC2 instance",
    ]);
    assert_eq!(metadata.connections(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_without_a_role_is_told_so() {
    let metadata = StandIn::start(|asked| match asked.uri.path() {
        "/latest/api/token" => {
            Answer::new(200, "token").with("x-aws-ec2-metadata-token-ttl-seconds", "21600")
        }
        _ => Answer::new(404, "not found"),
    })
    .await;
    let person = Person::new()
        .without("AWS_EC2_METADATA_DISABLED")
        .variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url());
    let ended = fails_soon(&person, SCAN, 3).await;
    ended.says(&["EC2 instance metadata", "the instance has no role"]);
    assert_eq!(metadata.asked().len(), 2);
}

/// The program only looks for credentials.
#[tokio::test(flavor = "multi_thread")]
async fn a_container_without_its_credentials_is_told_so() {
    let service = StandIn::start(|_| Answer::new(403, "no")).await;
    let url = format!("{}/credentials", service.url());
    let person = Person::new().variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url);
    fails_soon(&person, SCAN, 3).await.says(&[
        "the container's credentials service, which AWS_CONTAINER_CREDENTIALS_FULL_URI names, gave no \
         credentials",
        "answers HTTP 403",
        "help: ",
    ]);
    assert_eq!(service.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_service_that_nobody_offers_is_not_asked_again() {
    let service = StandIn::silent().await;
    let url = format!("{}/credentials", service.closed().await);
    let person = Person::new().variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url);
    let ended = fails_soon(&person, SCAN, 3).await;
    ended.says(&["AWS_CONTAINER_CREDENTIALS_FULL_URI", "does not answer"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_file_that_is_not_there_is_named() {
    let person = Person::new()
        .variable("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token")
        .variable("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/audit");
    fails_soon(&person, SCAN, 3).await.says(&[
        "the web identity token in /nowhere/token",
        "cannot be read: No such file",
        "help: ",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_sts_does_not_take_is_explained() {
    let message = "No OpenIDConnect provider found in your account for https://token.example";
    let sts = refusing(400, "InvalidIdentityToken", message).await;
    let person = Person::new().endpoint(&sts.url()).file("token", "a.b.c");
    let token = person.path("token").display().to_string();
    let person = person
        .variable("AWS_WEB_IDENTITY_TOKEN_FILE", &token)
        .variable("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/audit");
    fails_soon(&person, SCAN, 3).await.says(&[
        "role arn:aws:iam::111122223333:role/audit was not given for the web identity token \
         (InvalidIdentityToken)",
        "help: the account has no identity provider for the token's issuer",
    ]);
    assert_eq!(times(&sts, "AssumeRoleWithWebIdentity"), 1);
}

/// The keys are those of AWS's documentation.
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";

#[tokio::test(flavor = "multi_thread")]
async fn an_access_key_that_aws_does_not_know() {
    let message = "The security token included in the request is invalid.";
    let aws = refusing(403, "InvalidClientTokenId", message).await;
    let person = Person::new().endpoint(&aws.url()).access_key(KEY);
    let ended = fails_soon(&person, SCAN, 3).await.says(&[
        "AWS does not know the access key that ends in MPLE, from AWS_ACCESS_KEY_ID in the environment",
        "(InvalidClientTokenId)",
        "help: it may be deleted, inactive, or of another partition",
    ]);
    ended.never_says(KEY).never_says("wJalrXUtnFEMI");
    assert_eq!(times(&aws, "GetCallerIdentity"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_key_of_a_profile_that_aws_does_not_know() {
    let aws = refusing(403, "InvalidClientTokenId", "invalid").await;
    let keys = format!("[audit]\naws_access_key_id = {KEY}\naws_secret_access_key = x\n");
    let person = Person::new().endpoint(&aws.url()).credentials(&keys);
    let ended = fails_soon(&person, &format!("{SCAN} --profile audit"), 3).await;
    ended.says(&[
        "AWS does not know the access key that ends in MPLE, of profile `audit`",
        "aws configure --profile audit",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_not_that_of_the_key() {
    let message = "The request signature we calculated does not match the signature you provided.";
    let aws = refusing(403, "SignatureDoesNotMatch", message).await;
    let person = Person::new().endpoint(&aws.url()).access_key(KEY);
    fails_soon(&person, SCAN, 3).await.says(&[
        "the secret does not belong to the access key that ends in MPLE",
        "(SignatureDoesNotMatch)",
        "help: look for a character",
    ]);
    assert_eq!(times(&aws, "GetCallerIdentity"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_token_that_has_expired() {
    let message = "The security token included in the request is expired";
    let aws = refusing(403, "ExpiredToken", message).await;
    let person = Person::new()
        .endpoint(&aws.url())
        .access_key("ASIAIOSFODNN7EXAMPLE")
        .variable("AWS_SESSION_TOKEN", "FwoGZXIvYXdzEXAMPLETOKEN");
    let ended = fails_soon(&person, SCAN, 3).await.says(&[
        "the credentials from AWS_ACCESS_KEY_ID in the environment have expired (ExpiredToken)",
        "help: set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN anew",
    ]);
    ended.never_says("FwoGZXIvYXdz");
    assert_eq!(times(&aws, "GetCallerIdentity"), 1);
}

fn in_basic_format(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// AWS's clock is two hours and a quarter ahead of this one's, and its message says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_behind_is_told_by_how_much() {
    let aws = StandIn::start(|_| {
        let ours = Timestamp::now();
        let theirs = ours + SignedDuration::from_mins(135);
        let least = theirs - SignedDuration::from_mins(5);
        let [ours, theirs, least] = [ours, theirs, least].map(in_basic_format);
        let message =
            format!("Signature expired: {ours} is now earlier than {least} ({theirs} - 5 min.)");
        crate::aws::error(403, "SignatureDoesNotMatch", &message)
    })
    .await;
    let person = Person::new().endpoint(&aws.url()).access_key(KEY);
    fails_soon(&person, SCAN, 3).await.says(&[
        "the clock of this machine is 2 h 15 min behind AWS's",
        "help: set the clock",
    ]);
    assert_eq!(times(&aws, "GetCallerIdentity"), 1);
}

/// Where the message does not say it, the answer's own date does.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_ahead_is_told_from_the_date_of_the_answer() {
    let aws = StandIn::start(|_| {
        let theirs = Timestamp::now() - SignedDuration::from_hours(50);
        let date = theirs.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        crate::aws::error(403, "RequestTimeTooSkewed", "too large").with("date", date)
    })
    .await;
    let person = Person::new().endpoint(&aws.url()).access_key(KEY);
    let ended = fails_soon(&person, SCAN, 3).await;
    ended.says(&["the clock of this machine is 2 days 2 h ahead of AWS's"]);
}

/// A plan that asks for the regions, and what sends a report, say the same.
#[tokio::test(flavor = "multi_thread")]
async fn every_command_that_asks_aws_says_it() {
    let aws = refusing(403, "InvalidClientTokenId", "invalid").await;
    let person = Person::new().endpoint(&aws.url()).access_key(KEY);
    let file = report::write(&person);
    let topic = format!("arn:aws:sns:eu-west-1:{ACCOUNT}:audits");
    for command in [
        "plan".to_owned(),
        format!("send sns {topic} {file}"),
        format!("send security-hub {file}"),
    ] {
        let ended = person.types(&command).await.with(3);
        ended.says(&[
            "AWS does not know the access key that ends in MPLE",
            "help: ",
        ]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sends_a_report_names_the_places_that_were_tried() {
    let person = Person::new();
    let file = report::write(&person);
    let topic = format!("arn:aws:sns:eu-west-1:{ACCOUNT}:audits");
    let sns = format!("send sns {topic} {file}");
    for command in [sns, format!("send security-hub {file}")] {
        let ended = person.types(&command).await.with(3);
        ended.says(&[
            "no credentials were found",
            "tried, in this order:",
            "help: ",
        ]);
    }
}
