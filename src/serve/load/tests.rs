//! Configurations that can be used, and the messages about those that cannot.

use super::*;

const SAMPLE: &str = include_str!("../../../policies/samples/service.yaml");

pub(in crate::serve) fn parse_text(text: &str) -> Result<Config, Vec<String>> {
    let config = super::parse(
        "service.yaml",
        text,
        Path::new("/etc/sixpillars"),
        &|name| (name == "PASSWORD").then(|| "secret".to_owned()),
    );
    config.map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

#[test]
fn the_sample_can_be_used() {
    let config = parse_text(SAMPLE).unwrap();
    assert!(config.listen.ip().is_loopback());
    assert!(!config.targets.is_empty() && !config.schedules.is_empty());
    config.check_selections().unwrap();
}

#[test]
fn what_the_sample_shows_as_a_comment_can_be_used() {
    let (before, rest) = SAMPLE.split_once("# url: ").unwrap();
    let (comment, after) = rest.split_once("\n\n").unwrap();
    let mut text = format!("{before}url: {}\n\n{after}", comment.replace("\n# ", "\n"));
    let secret = "client_secret: ${PASSWORD} #";
    text = text.replace("client_secret_file: /run/secrets/oidc", secret);
    let config = parse_text(&text).unwrap();
    let oidc = config.oidc.unwrap();
    assert!(config.tokens && config.behind_proxy && config.tls.is_some());
    assert_eq!((oidc.roles.len(), oidc.role_claim.as_str()), (4, "groups"));
}

#[test]
fn the_schema_in_the_repository_is_current() {
    yaml::assert_schema_is_current("serve", &schemars::schema_for!(ServiceFile));
}

#[test]
fn what_is_left_out_has_a_default() {
    let config = parse_text("store: data\ntargets: {shop: {}}\n").unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:7317");
    assert_eq!(config.store, Path::new("/etc/sixpillars/data"));
    assert_eq!(
        config.database,
        "sqlite:///etc/sixpillars/data/service.db?mode=rwc"
    );
    assert_eq!(config.targets["shop"].access.regions, ["enabled"]);
    assert_eq!(
        (config.concurrency, config.lease),
        (2, Duration::from_secs(30))
    );
}

#[test]
fn every_problem_is_reported_at_once() {
    let text = "store: data\nlisten: here\nlaese: 1m\nlease: 10ms\ndatabase: mysql://${NO}\n\
                url: audits\n\
                targets:\n  a/b: {}\n  shop:\n    role: admin\n    regions: [us-eats-1]\n\
                schedules:\n  nightly:\n    cron: 0 25 * * *\n    targets: [shpo]\n    jitter: soon\n";
    let problems = parse_text(text).unwrap_err();
    let places: Vec<&str> = problems
        .iter()
        .filter_map(|p| p.split(": ").next())
        .collect();
    assert_eq!(
        places,
        [
            "service.yaml:2:9",
            "service.yaml:3:1",
            "service.yaml:4:8",
            "service.yaml:5:11",
            "service.yaml:5:11",
            "service.yaml:6:6",
            "service.yaml:8:3",
            "service.yaml:10:11",
            "service.yaml:11:15",
            "service.yaml:14:11",
            "service.yaml:15:15",
            "service.yaml:16:13",
        ],
        "{problems:#?}"
    );
    assert!(problems.iter().any(|p| p.contains("did you mean `lease`?")));
    assert!(problems.iter().any(|p| p.contains("did you mean `shop`?")));
}

/// A configuration with the channels that the sample has in comments.
fn uncommented() -> String {
    let lines = SAMPLE.lines().skip_while(|line| *line != "# notify:");
    let lines = lines.map(|line| line.strip_prefix("# ").unwrap_or(line));
    let notify: Vec<&str> = lines.collect();
    format!("store: s\ntargets: {{shop: {{}}}}\n{}\n", notify.join("\n"))
}

#[test]
fn the_channels_of_the_sample_can_be_used() {
    let all = |_: &str| Some("https://hooks.example.com/x".to_owned());
    let config = super::parse("service.yaml", &uncommented(), Path::new("/"), &all).unwrap();
    assert_eq!(config.channels.len(), 5);
    let shown = format!("{:?}", config.channels);
    assert!(!shown.contains("hooks.example.com"), "{shown}");
}

#[test]
fn every_problem_of_a_channel_is_reported_with_its_place() {
    let text = "store: s\ntargets: {shop: {}}\nnotify:\n  a: {}\n  b:\n    slack: x\n    burst: 2h\n    \
                targets: [shpo]\n    quiet: [{from: \"25:00\", to: \"07:00\", time_zone: Mars}]\n    \
                digest: {at: noon}\n  c:\n    sns: {topic: audits, external_id: x}\n  d:\n    \
                eventbridge: {bus: \"arn:aws:events:eu-wset-1:111122223333:event-bus/a\", role: x}\n  \
                e:\n    email:\n      from: nobody\n      to: [a@example.com, b]\n      \
                smtp: {host: mail.example.com, tls: none, user: x}\n  \
                f:\n    email: {from: a@example.com, to: [a@example.com]}\n  \
                g:\n    webhook: {url: \"http://hooks.example.com\", secret: \"${NO}\"}\n    slack: y\n";
    let problems = parse_text(text).unwrap_err();
    let has = |place: &str, words: &str| {
        problems
            .iter()
            .any(|p| p.starts_with(&format!("service.yaml:{place}")) && p.contains(words))
    };
    for (place, words) in [
        ("4:6", "does not say where messages go"),
        ("6:12", "is not an address"),
        ("7:12", "too long"),
        ("8:15", "did you mean `shop`?"),
        ("9:20", "not a time of the day"),
        ("9:53", "`Mars`"),
        ("10:18", "not a time of the day"),
        ("12:18", "not the ARN of a topic"),
        ("12:39", "belongs to a `role`"),
        ("14:24", "eu-west-1"),
        ("14:83", "role"),
        ("17:13", "`nobody`"),
        ("18:27", "`b`"),
        ("19:43", "in the clear"),
        ("19:55", "has no password"),
        ("21:12", "does not say how it is sent"),
        ("23:", "does not say where messages go"),
    ] {
        assert!(has(place, words), "{place} {words}: {problems:#?}");
    }
}

#[test]
fn a_store_in_s3_takes_a_database_and_a_folder() {
    let text = "store: s3://audits/x?region=eu-wset-1\ntargets: {shop: {}}\n";
    let problems = parse_text(text).unwrap_err().join("\n");
    for words in [
        "name one with `database`",
        "`work: /var",
        "did you mean `eu-west-1`?",
    ] {
        assert!(problems.contains(words), "{problems}");
    }
    let text = "store: s3://audits/x\nwork: w\ndatabase: postgres://h/d\ntargets: {shop: {}}\n";
    let config = parse_text(text).unwrap();
    assert_eq!(config.bucket.unwrap().to_string(), "s3://audits/x");
    assert_eq!(config.store, Path::new("/etc/sixpillars/w"));
    let text = "store: data\nwork: w\ntargets: {shop: {}}\n";
    assert!(parse_text(text).unwrap_err()[0].contains("for a store in S3"));
}

#[test]
fn a_password_comes_from_the_environment() {
    let text = "store: s\ntargets: {a: {}}\ndatabase: postgres://u:${PASSWORD}@db/x\n";
    assert_eq!(
        parse_text(text).unwrap().database,
        "postgres://u:secret@db/x"
    );
}
