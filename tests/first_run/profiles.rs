//! Profiles: that do not exist, that sign in somewhere, that run a program, that take a role.

use crate::accounts::{QUICK, account, keys};
use crate::aws::{ACCOUNT, refusing, times, without_role};
use crate::network::fails_soon;
use crate::person::Person;
use crate::stand_in::{Answer, StandIn};
use serde_json::Value;

const SCAN: &str = "scan --regions eu-west-1 --format json";

const THREE: &str =
    "[profile audit]\nregion = eu-west-1\n[profile production]\n[profile staging]\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_does_not_exist_is_told_with_those_that_do() {
    let person = Person::new().config(THREE);
    let config = person.path(".aws/config").display().to_string();
    let ended = fails_soon(&person, &format!("{SCAN} --profile prodution"), 3).await;
    ended.says(&[
        "profile `prodution` (--profile) does not exist",
        &config,
        "help: did you mean `production`? there are: audit, production, staging",
    ]);
    let person = person.variable("AWS_PROFILE", "nothing-like-it");
    let ended = fails_soon(&person, SCAN, 3).await;
    ended.says(&[
        "profile `nothing-like-it` (AWS_PROFILE) does not exist",
        "help: there are: audit, production, staging",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_where_there_are_none_is_told_how_to_make_one() {
    let ended = Person::new()
        .types(&format!("{SCAN} --profile audit"))
        .await;
    ended.with(3).says(&[
        "profile `audit` (--profile) does not exist",
        ".aws/config does not exist",
        "help: there are no profiles; make one with `aws configure sso`",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_parsed_is_named_with_its_line() {
    let person = Person::new().config("[default]\nregion = eu-west-1\n[profile audit\n");
    let ended = fails_soon(&person, SCAN, 3).await;
    ended.says(&[
        "the AWS configuration files cannot be used",
        ".aws/config",
        "3",
        "help: ",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_of_profiles_that_breaks_is_told_where() {
    let person = Person::new().config(
        "[profile audit]\nrole_arn = arn:aws:iam::111122223333:role/audit\nsource_profile = bse\n\
         [profile base]\n\
         [profile one]\nrole_arn = arn:aws:iam::111122223333:role/a\nsource_profile = two\n\
         [profile two]\nrole_arn = arn:aws:iam::111122223333:role/b\nsource_profile = one\n\
         [profile corp]\nsso_session = crop\nsso_account_id = 111122223333\nsso_role_name = Audit\n\
         [sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n",
    );
    for (profile, said) in [
        (
            "audit",
            [
                "source_profile `bse`, which does not exist",
                "did you mean `base`?",
            ],
        ),
        ("one", ["in a circle: one → two → one", "help: "]),
        (
            "corp",
            [
                "sso-session `crop`, which is not in",
                "did you mean `corp`?",
            ],
        ),
    ] {
        let ended = fails_soon(&person, &format!("{SCAN} --profile {profile}"), 3).await;
        ended.says(&said);
    }
}

/// A profile that signs in with the SSO session `corp`.
const SSO: &str = "[profile corp]\nsso_session = corp\nsso_account_id = 111122223333\n\
                   sso_role_name = Audit\nregion = eu-west-1\n\
                   [sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n\
                   sso_region = eu-west-1\n";
/// Where the AWS CLI keeps the token of a session called `corp`: its name's SHA-1.
const TOKEN: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

/// The token of a sign-in that lasts until then.
fn token(until: &str) -> String {
    format!(r#"{{"accessToken": "aoaAAAAEXAMPLETOKEN0123", "expiresAt": "{until}"}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_never_signed_in_is_told_how() {
    let aws = StandIn::start(|_| Answer::new(500, "nobody asks")).await;
    let person = Person::new().endpoint(&aws.url()).config(SSO);
    let ended = fails_soon(&person, &format!("{SCAN} --profile corp"), 3).await;
    ended.says(&[
        "nobody has signed in to the SSO session `corp` of profile `corp` on this machine",
        "help: sign in with `aws sso login --profile corp`",
    ]);
    assert!(aws.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_has_expired_is_told_before_anything_is_asked() {
    let aws = StandIn::start(|_| Answer::new(500, "nobody asks")).await;
    let person = Person::new().endpoint(&aws.url()).config(SSO);
    let person = person.file(TOKEN, &token("2026-01-01T00:00:00Z"));
    let ended = person.types(&format!("{SCAN} --profile corp")).await;
    let ended = ended.with(3).says(&[
        "the SSO session `corp` of profile `corp` has expired",
        "help: sign in with `aws sso login --profile corp`",
    ]);
    ended.never_says("aoaAAAA");
    assert!(aws.asked().is_empty());
}

/// The portal knows better than the file: an administrator ended the session, or never gave the role.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_portal_refuses_is_told_apart() {
    for (status, code, said) in [
        (401, "UnauthorizedException", "has expired or was ended"),
        (
            403,
            "ForbiddenException",
            "SSO does not give profile `corp` its role",
        ),
        (
            404,
            "ResourceNotFoundException",
            "SSO knows no such role or account",
        ),
    ] {
        let portal = StandIn::start(move |_| {
            Answer::new(
                status,
                r#"{"message": "Session token not found or invalid"}"#,
            )
            .with("x-amzn-errortype", code)
        })
        .await;
        let person = Person::new().endpoint(&portal.url()).config(SSO);
        let person = person.file(TOKEN, &token("2099-01-01T00:00:00Z"));
        let ended = fails_soon(&person, &format!("{SCAN} --profile corp"), 3).await;
        ended.says(&[said, "help: "]).never_says("aoaAAAA");
        assert_eq!(portal.asked().len(), 1, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_fails_is_told_with_its_own_words_but_no_secrets() {
    let person = Person::new().program(
        "creds",
        "echo 'vault: permission denied for role audit' >&2\n\
         echo 'token=s.Q7x2EXAMPLE key AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' >&2\n\
         exit 7",
    );
    let program = person.path("creds").display().to_string();
    let config =
        format!("[profile vault]\nregion = eu-west-1\ncredential_process = {program} --pin 1234\n");
    let person = person.config(&config);
    let ended = person.types(&format!("{SCAN} --profile vault")).await;
    let ended = ended.with(3).says(&[
        &format!("the credential_process of profile `vault` ({program}) failed with exit code 7"),
        "it said: vault: permission denied for role audit token=[hidden] key [hidden] [hidden]",
        "help: ",
    ]);
    for secret in ["Q7x2", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI", "1234"] {
        assert!(!ended.stderr.contains(secret), "{secret}: {}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_not_there_or_says_something_else() {
    let person = Person::new().program("creds", "echo '{\"Version\": 1}'");
    let program = person.path("creds").display().to_string();
    let person = person.config(&format!(
        "[profile gone]\ncredential_process = /nowhere/creds\n\
         [profile other]\ncredential_process = {program}\n"
    ));
    let ended = fails_soon(&person, &format!("{SCAN} --profile gone"), 3).await;
    ended.says(&[
        "profile `gone` (/nowhere/creds)",
        "exit code 127",
        "not found",
    ]);
    let ended = person.types(&format!("{SCAN} --profile other")).await;
    ended
        .with(3)
        .says(&["profile `other`", "gave no credentials", "help: "]);
}

pub(crate) const DENIED: &str = "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: \
                      sts:AssumeRole on resource: arn:aws:iam::444455556666:role/audit because no \
                      identity-based policy allows the sts:AssumeRole action";

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_be_assumed() {
    let aws = without_role(DENIED).await;
    let person = Person::new()
        .endpoint(&aws.url())
        .access_key("AKIAIOSFODNN7EXAMPLE");
    let role = "arn:aws:iam::444455556666:role/audit";
    let file = crate::report::write(&person);
    let topic = format!("arn:aws:sns:eu-west-1:{ACCOUNT}:audits");
    for command in [SCAN.to_owned(), format!("send sns {topic} {file}")] {
        let ended = fails_soon(&person, &format!("{command} --role-arn {role}"), 3).await;
        ended.says(&[
            &format!("arn:aws:iam::111122223333:user/alice may not assume role {role}"),
            "because no identity-based policy allows the sts:AssumeRole action",
            "help: the role's trust policy has to name arn:aws:iam::111122223333:user/alice",
            "--external-id",
        ]);
    }
    assert_eq!(times(&aws, "AssumeRole"), 2);
    assert_eq!(times(&aws, "GetCallerIdentity"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_of_a_profile_that_may_not_be_assumed() {
    let aws = without_role("Access denied").await;
    let role = "arn:aws:iam::444455556666:role/audit";
    let person = Person::new().endpoint(&aws.url()).config(&format!(
        "[profile base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n\
         [profile audit]\nrole_arn = {role}\nsource_profile = base\nregion = eu-west-1\n"
    ));
    let ended = fails_soon(&person, &format!("{SCAN} --profile audit"), 3).await;
    ended.says(&[
        &format!("whoever has the credentials of profile `base` may not assume role {role}"),
        "(AccessDenied)",
        "help: ",
    ]);
    assert_eq!(times(&aws, "AssumeRole"), 1);
}

/// A code of a second factor cannot be typed here, so a role that needs one is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_whose_role_needs_a_second_factor() {
    let aws = without_role("Access denied").await;
    let role = "arn:aws:iam::444455556666:role/audit";
    let person = Person::new().endpoint(&aws.url()).config(&format!(
        "[profile base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n\
         [profile audit]\nrole_arn = {role}\nsource_profile = base\nregion = eu-west-1\n\
         mfa_serial = arn:aws:iam::111122223333:mfa/alice\n"
    ));
    let ended = fails_soon(&person, &format!("{SCAN} --profile audit"), 3).await;
    ended.says(&[
        &format!("may not assume role {role}"),
        "profile `audit` has mfa_serial",
        "aws configure export-credentials --profile audit --format env",
    ]);
    assert_eq!(times(&aws, "AssumeRole"), 1);
}

/// The access keys that assume a role may be what is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn keys_that_no_role_is_given_for() {
    let aws = refusing(403, "InvalidClientTokenId", "invalid").await;
    let person = Person::new()
        .endpoint(&aws.url())
        .access_key("AKIAIOSFODNN7EXAMPLE");
    let role = "--role-arn arn:aws:iam::444455556666:role/audit";
    let ended = fails_soon(&person, &format!("{SCAN} {role}"), 3).await;
    ended.says(&["AWS does not know the access key that ends in MPLE"]);
    assert_eq!(times(&aws, "AssumeRole"), 1);
}

/// As in the AWS CLI: a profile on the command line comes before keys in the environment.
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_on_the_command_line_comes_before_the_environment() {
    let endpoint = account().await;
    let person = Person::new()
        .endpoint(&endpoint.url())
        .access_key("999999999999")
        .credentials(&keys(&[("one", ACCOUNT)]));
    let scanned = |stdout: &str| {
        let report: Value = serde_json::from_str(stdout).unwrap();
        report["scan"]["accounts"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let ended = person
        .types(&format!("{QUICK} --format json --profile one"))
        .await;
    assert_eq!(scanned(&ended.with(0).stdout), ACCOUNT);
    // A profile of the environment comes after them.
    let person = person.variable("AWS_PROFILE", "one");
    let ended = person.types(&format!("{QUICK} --format json")).await;
    assert_eq!(scanned(&ended.with(0).stdout), "999999999999");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_scan_prints_what_was_requested_and_nothing_else() {
    let endpoint = account().await;
    let person = Person::new().endpoint(&endpoint.url()).access_key(ACCOUNT);
    let ended = person
        .types(&format!("{QUICK} --quiet --output out"))
        .await
        .with(0);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
    assert!(person.path("out/report.txt").exists());
    let ended = person
        .types(&format!("{QUICK} --quiet --format json"))
        .await
        .with(0);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["scan"]["complete"], true);
    assert_eq!(ended.stderr, "");
    // Aloud it says where the files are.
    let ended = person.types(&format!("{QUICK} --output out")).await.with(0);
    assert!(
        ended.stdout.contains("Reports are in out"),
        "{}",
        ended.stdout
    );
}
