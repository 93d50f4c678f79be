//! A check file gives problems or a check, and a check judges every document of its kind.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sixpillars::check::Origin;
use sixpillars::check::check::compile;
use sixpillars::check::example;
use sixpillars::yaml::Document as Source;
use sixpillars_fuzz::{DOCUMENTS, KINDS, PRACTICES, hold_to_laws, now, tolerate_caught_panics};

fuzz_target!(
    init: tolerate_caught_panics(),
    |text: &str| {
        let Ok(source) = Source::parse("check.yaml", text) else {
            return;
        };
        let check = match compile("ec2/fuzz", &source, &KINDS, &PRACTICES, Origin::File) {
            Ok(check) => check,
            Err(problems) => {
                assert!(!problems.is_empty(), "refused without a reason");
                return;
            }
        };
        let again = compile("ec2/fuzz", &source, &KINDS, &PRACTICES, Origin::File).expect("it did load");
        assert_eq!(format!("{again:?}"), format!("{check:?}"), "not the same twice");

        if let Some(document) = DOCUMENTS.get(&check.file.resource) {
            hold_to_laws(&check, document);
        }
        let shape = &KINDS[check.file.resource.as_str()].shape;
        let examples = &check.file.examples;
        for given in examples.pass.iter().chain(&examples.fail).take(4) {
            // What fits at one time may be out of the calendar at another.
            if let Ok(document) = example::document(&check.file.resource, shape, &given.fields(), now()) {
                hold_to_laws(&check, &document);
            }
        }
    }
);
