//! Whatever is in a file that somebody else wrote, it gives an answer or a list of problems, and
//! never a panic.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use clap::Parser;
use proptest::prelude::*;
use sixpillars::check::Origin;
use sixpillars::check::check::compile;
use sixpillars::check::expr::Expr;
use sixpillars::check::practices::Practices;
use sixpillars::check::{Kinds, kinds};
use sixpillars::cli::{Cli, Command};
use sixpillars::collect::registry;
use sixpillars::derive::GLOBAL;
use sixpillars::derive::access::caller::{Applies, Caller};
use sixpillars::derive::access::document::Condition;
use sixpillars::derive::access::trust::trust;
use sixpillars::model::shape::Shape;
use sixpillars::policy::{self, PolicySource};
use sixpillars::scan::{journal, snapshot};
use sixpillars::send::sns::Topic;
use sixpillars::yaml::Document;
use sixpillars::{model, report};
use std::io::Write;
use std::sync::LazyLock;

static KINDS: LazyLock<Kinds> = LazyLock::new(|| kinds(registry().into_iter().map(|c| c.kind)));
static PRACTICES: LazyLock<Practices> = LazyLock::new(|| Practices::embedded().unwrap());

const CHECK: &str = include_str!("../checks/ec2/volume-unattached.yaml");
const POLICY: &str = include_str!("../policies/regulated.yaml");

fn volume() -> &'static Shape {
    &KINDS["ec2.volume"].shape
}

/// A well-formed text with a piece of it replaced: gets further into the code than noise does.
fn damaged(text: &'static str) -> impl Strategy<Value = String> {
    let ends = (0..text.len(), 0..40usize, "[ -~\\n\\t{}\\[\\]:é]{0,20}");
    ends.prop_map(move |(start, length, with)| {
        let clamp = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (start, end) = (clamp(start), clamp(start + length));
        format!("{}{with}{}", &text[..start], &text[end.max(start)..])
    })
}

fn load_check(text: &str) {
    if let Ok(source) = Document::parse("check.yaml", text) {
        let _ = compile("ec2/fuzz", &source, &KINDS, &PRACTICES, Origin::File);
    }
}

fn load_policy(text: String) {
    let source = PolicySource {
        name: "policy.yaml".to_owned(),
        text,
    };
    let _ = policy::load(
        &[source],
        &[],
        &["SEC01-BP01"],
        "2026-01-01".parse().unwrap(),
    );
}

/// Something between an ARN and anything.
fn nearly_an_arn() -> impl Strategy<Value = String> {
    let piece = "[a-z0-9é*?/:._-]{0,12}|[0-9]{12}|aws|iam|sns|s3|role/[a-z]{1,5}";
    let pieces = proptest::collection::vec(piece, 0..8);
    (any::<bool>(), pieces).prop_map(|(arn, pieces)| {
        let start = if arn { "arn:" } else { "" };
        format!("{start}{}", pieces.join(":"))
    })
}

/// The roles that a scan assumes, as the user typed them.
fn role_arn(text: &str) -> Option<Vec<String>> {
    let typed = ["sixpillars", "scan", &format!("--role-arn={text}")];
    match Cli::try_parse_from(typed).ok()?.command {
        Command::Scan(scan) => Some(scan.target.role_arn),
        other => panic!("{other:?}"),
    }
}

/// The accounts that a trust policy lets in, without external id.
fn trusted(principal: &str) -> Vec<String> {
    let policy = serde_json::json!({"Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": [principal]}
    }]});
    let trust = trust(&policy.to_string(), "999999999999").unwrap();
    trust.external_without_external_id.get().unwrap().clone()
}

/// Whether a condition on this source keeps strangers out.
fn narrows(operator: &str, arn: &str) -> bool {
    let condition = Condition {
        operator: operator.to_owned(),
        quantifier: None,
        if_exists: false,
        key: "aws:sourcearn".to_owned(),
        values: vec![arn.to_owned()],
    };
    condition.can_hold(&Caller::stranger("999999999999")) == Applies::No
}

proptest! {
    #[test]
    fn nearly_arns(text in nearly_an_arn(), noise in "\\PC{0,60}") {
        for text in [text, noise] {
            if let Some(roles) = role_arn(&text) {
                prop_assert_eq!(roles, [text.clone()]);
                prop_assert!(text.starts_with("arn:") && text.contains(":role/"));
            }
            if let Ok(topic) = Topic::parse(&text) {
                prop_assert_eq!(text.split(':').nth(3), Some(topic.region.as_str()));
            }
            for account in trusted(&text) {
                prop_assert!(account.len() == 12 && text.contains(&account), "{}", account);
            }
            narrows("arnlike", &text);
            narrows("stringequals", &text);
        }
    }

    #[test]
    fn arns(
        partition in "aws|aws-cn|aws-us-gov",
        region in "[a-z]{2}-[a-z]{4,9}-[1-9]",
        account in "[0-8][0-9]{11}",
        name in "[A-Za-z0-9_-]{1,40}",
    ) {
        let role = format!("arn:{partition}:iam::{account}:role/{name}");
        prop_assert_eq!(role_arn(&role), Some(vec![role.clone()]));
        prop_assert!(role_arn(&role.replace(":role/", ":user/")).is_none());
        for principal in [role.as_str(), &account] {
            prop_assert_eq!(trusted(principal), [account.clone()]);
        }
        let topic = format!("arn:{partition}:sns:{region}:{account}:{name}");
        let parsed = Topic::parse(&topic);
        prop_assert_eq!(parsed.map(|t| t.region), Ok(region));
        // A fixed account is an owner, any account is none.
        prop_assert!(narrows("arnlike", &topic));
        prop_assert!(!narrows("arnlike", &topic.replace(&account, "*")));
        let bucket = format!("arn:{partition}:s3:::{name}");
        prop_assert!(narrows("arnlike", &bucket));
        prop_assert!(!narrows("arnlike", &bucket.replace(&name, "*")));
    }

    #[test]
    fn check_files(text in damaged(CHECK)) {
        load_check(&text);
    }

    #[test]
    fn noise_as_a_check(text in "\\PC{0,300}") {
        load_check(&text);
    }

    #[test]
    fn policy_files(text in damaged(POLICY)) {
        load_policy(text);
    }

    #[test]
    fn noise_as_a_policy(text in "\\PC{0,300}") {
        load_policy(text);
    }

    #[test]
    fn expressions(text in "[rp.!()\\[\\]{}&|=<>?:,'\"a-z0-9 _+*/-]{0,80}") {
        let _ = Expr::compile(&text, Origin::File, volume(), volume());
    }

    #[test]
    fn expressions_that_are_nearly_right(
        text in damaged("r.attachments.all(a, a.instance_id != null && glob(a.device, '/dev/*')) || age_days(r.create_time) < 3.0")
    ) {
        let _ = Expr::compile(&text, Origin::File, volume(), volume());
    }

    #[test]
    fn reports(text in "\\PC{0,300}") {
        prop_assert!(report::read(&text).is_err());
    }

    #[test]
    fn snapshots(bytes in proptest::collection::vec(any::<u8>(), 0..300), compress in any::<bool>()) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let bytes = if compress { zstd::encode_all(bytes.as_slice(), 1).unwrap() } else { bytes };
        file.write_all(&bytes).unwrap();
        prop_assert!(snapshot::read(file.path(), &KINDS, |_| ()).is_err());
    }
}

#[test]
fn an_expression_may_be_as_deep_as_it_likes() {
    for piece in [
        "(",
        "!",
        "-",
        "[",
        "r.",
        "a?b:",
        "size(",
        "r.attachments.all(a,",
    ] {
        let deep = piece.repeat(5_000);
        assert!(
            Expr::compile(&deep, Origin::File, volume(), volume()).is_err(),
            "{piece}"
        );
        let _ = Expr::compile(&piece.repeat(30), Origin::File, volume(), volume());
    }
}

/// Seeds that are all refused at their first line would lead the fuzzer nowhere.
#[test]
fn the_seeds_of_the_journals_can_be_resumed() {
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/journal");
    let folder = tempfile::tempdir().unwrap();
    let (mut documents, mut lists) = (0, 0);
    for seed in std::fs::read_dir(seeds).unwrap() {
        let text = std::fs::read(seed.unwrap().path()).unwrap();
        let file = folder.path().join("seed.journal");
        std::fs::write(file, zstd::encode_all(text.as_slice(), 1).unwrap()).unwrap();
        let resumed = journal::open(folder.path(), "seed").unwrap();
        let region = |document: &model::Document| match KINDS[document.resource.kind.as_str()] {
            ref fields if fields.kind.scope == model::Scope::Account => GLOBAL.to_owned(),
            _ => document.resource.region.clone(),
        };
        let went_on = resumed.go_on(&KINDS, region, |_| documents += 1);
        lists += went_on.unwrap().1.len();
    }
    assert!(documents > 10 && lists > 10, "{documents} of {lists} lists");
}
