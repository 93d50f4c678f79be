//! What the fuzz targets share: the kinds and checks of the binary, and the laws of judging.

use jiff::Timestamp;
use serde_json::{Map, Value};
use sixpillars::check::practices::Practices;
use sixpillars::check::{Catalog, Check, Kinds, example, kinds};
use sixpillars::judge::evaluate::{CheckSettings, evaluate};
use sixpillars::model::{Cause, Document, Gap, Verdict};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The kinds, by their fields.
pub static KINDS: LazyLock<Kinds> = LazyLock::new(|| kinds(sixpillars::kinds::load::fields()));

/// The framework's best practices.
pub static PRACTICES: LazyLock<Practices> =
    LazyLock::new(|| Practices::embedded().expect("they are tested"));

/// The checks of the binary.
pub static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::embedded(&KINDS, &PRACTICES).expect("they are tested"));

/// Of each kind one document whose fields the examples of its checks have filled in.
pub static DOCUMENTS: LazyLock<BTreeMap<String, Document>> = LazyLock::new(|| {
    let mut given: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for check in CATALOG.iter() {
        let fields = given.entry(check.file.resource.clone()).or_default();
        for example in check
            .file
            .examples
            .fail
            .iter()
            .chain(&check.file.examples.pass)
        {
            for (name, value) in example.fields() {
                fields.entry(name).or_insert(value);
            }
        }
    }
    given
        .into_iter()
        .map(|(kind, fields)| {
            let shape = &KINDS[kind.as_str()].shape;
            let document = example::document(&kind, shape, &fields, now());
            (kind, document.expect("examples are tested"))
        })
        .collect()
});

/// The time of every judgement.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_second(1_780_000_000).expect("a time of this century")
}

/// Lets a panic that the code under test catches pass: the parser of expressions has some, and
/// turns them into problems. One that nobody catches still ends the target.
pub fn tolerate_caught_panics() {
    let _ = std::panic::take_hook();
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let file = panic.location().map_or("", |at| at.file());
        if !file.contains("antlr4rust") && !file.contains("/cel-") {
            print(panic);
        }
    }));
}

/// A verdict by the check's own parameters, or why there is none.
fn verdict(check: &Check, document: &Document) -> Result<Verdict, String> {
    let settings = CheckSettings {
        parameters: &check.file.parameters,
        severity: check.file.severity,
    };
    evaluate(check, document, &settings, now())
        .map(|finding| finding.verdict)
        .map_err(|broken| broken.message)
}

/// Judges a document, twice alike, and once more without each field that the check reads: what is
/// hidden may turn the outcome into unknown, and into nothing else.
pub fn hold_to_laws(check: &Check, document: &Document) {
    let whole = verdict(check, document);
    assert_eq!(
        whole,
        verdict(check, document),
        "{}: not the same twice",
        check.id
    );
    for field in check.reads() {
        let mut hidden = document.clone();
        hidden.fields.remove(&field);
        let gap = Gap::new("fuzz:Deny", Cause::Denied, "AccessDenied");
        hidden.gaps.insert(field.clone(), gap);
        let without = verdict(check, &hidden);
        assert!(
            without == whole || without == Ok(Verdict::Unknown),
            "{}: {whole:?}, and {without:?} without {field}",
            check.id
        );
    }
}
