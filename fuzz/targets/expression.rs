//! An expression gives problems or a value, and what cannot be read never changes a value.
//!
//! The first line is a kind, the rest the expression.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Map;
use sixpillars::check::Origin;
use sixpillars::check::expr::Expr;
use sixpillars::check::{NoValue, Scope};
use sixpillars::model::Document;
use sixpillars::model::shape::{Shape, Type};
use sixpillars_fuzz::{DOCUMENTS, KINDS, now, tolerate_caught_panics};
use std::collections::BTreeMap;

fn value(expression: &Expr, document: &Document) -> Result<String, NoValue> {
    expression.text(Scope {
        document,
        parameters: &Map::new(),
        now: now(),
    })
}

fuzz_target!(
    init: tolerate_caught_panics(),
    |text: &str| {
        let (kind, source) = text.split_once('\n').unwrap_or(("ec2.instance", text));
        let (Some(fields), Some(document)) = (KINDS.get(kind), DOCUMENTS.get(kind)) else {
            return;
        };
        let parameters = Shape::of(Type::Object(BTreeMap::new().into()));
        let expression = match Expr::compile(source, Origin::File, &fields.shape, &parameters) {
            Ok(expression) => expression,
            Err(problems) => {
                assert!(!problems.is_empty(), "refused without a reason");
                return;
            }
        };
        for path in expression.paths() {
            let field = path.split('.').next().unwrap_or(path);
            assert!(expression.reads().contains(field), "reads less than it shows");
        }
        let whole = value(&expression, document);
        assert_eq!(whole, value(&expression, document), "not the same twice");
        let mut nothing = document.clone();
        for field in expression.reads() {
            let mut hidden = document.clone();
            hidden.fields.remove(field);
            nothing.fields.remove(field);
            let without = value(&expression, &hidden);
            assert!(
                without == whole || matches!(without, Err(NoValue::Gaps(_))),
                "{whole:?}, and {without:?} without {field}"
            );
        }
        // What it is said to read is all that it reads.
        let mut only = document.clone();
        only.fields.retain(|name, _| expression.reads().contains(name.as_str()));
        assert_eq!(value(&expression, &only), whole, "reads what it does not name");
    }
);
