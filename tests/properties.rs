//! Whatever is in a file that somebody else wrote, it gives an answer or a list of problems, and
//! never a panic.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use proptest::prelude::*;
use sixpillars::check::check::compile;
use sixpillars::check::expr::Expr;
use sixpillars::check::practices::Practices;
use sixpillars::check::schema::Shape;
use sixpillars::check::{Kinds, kinds};
use sixpillars::collect::registry;
use sixpillars::policy::{self, PolicySource};
use sixpillars::source::Document;
use sixpillars::{report, snapshot};
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
        let _ = compile("ec2/fuzz", &source, &KINDS, &PRACTICES);
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

proptest! {
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
        let _ = Expr::compile(&text, volume(), volume());
    }

    #[test]
    fn expressions_that_are_nearly_right(
        text in damaged("r.attachments.all(a, a.instance_id != null && glob(a.device, '/dev/*')) || age_days(r.create_time) < 3.0")
    ) {
        let _ = Expr::compile(&text, volume(), volume());
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
        assert!(Expr::compile(&deep, volume(), volume()).is_err(), "{piece}");
        let _ = Expr::compile(&piece.repeat(30), volume(), volume());
    }
}
