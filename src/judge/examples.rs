//! `checks test`: runs the examples of checks, and tests that a gap never flips a verdict.

use crate::check::{Catalog, Check, Kinds, example};
use crate::judge::evaluate::{CheckSettings, evaluate};
use crate::model::{Cause, Document, Gap, Verdict};
use jiff::Timestamp;

/// The problems, by check, and the number of examples that were run.
#[must_use]
pub fn test(catalog: &Catalog, kinds: &Kinds, now: Timestamp) -> (Vec<String>, usize) {
    let mut problems = Vec::new();
    let mut run = 0;
    for check in catalog.iter() {
        let Some(fields) = kinds.get(check.file.resource.as_str()) else {
            continue;
        };
        let examples = [
            (Verdict::Pass, &check.file.examples.pass),
            (Verdict::Fail, &check.file.examples.fail),
            (Verdict::NotApplicable, &check.file.examples.not_applicable),
        ];
        for (expected, group) in examples {
            for (index, given) in group.iter().enumerate() {
                run += 1;
                let name = format!("{} examples.{expected}[{index}]", check.id);
                match example::document(&check.file.resource, &fields.shape, &given.fields(), now) {
                    Ok(document) => {
                        problems.extend(one(check, &document, expected, now, &name));
                    }
                    Err(found) => problems.extend(
                        found
                            .into_iter()
                            .map(|(path, what)| format!("{name}.{}: {what}", path.join("."))),
                    ),
                }
            }
        }
    }
    (problems, run)
}

fn one(
    check: &Check,
    document: &Document,
    expected: Verdict,
    now: Timestamp,
    name: &str,
) -> Vec<String> {
    let settings = CheckSettings {
        parameters: &check.file.parameters,
        severity: check.file.severity,
    };
    let verdict = |document: &Document| {
        evaluate(check, document, &settings, now).map(|f| (f.verdict, f.gaps))
    };
    let mut problems = Vec::new();
    match verdict(document) {
        Ok((got, _)) if got == expected => {}
        Ok((Verdict::Unknown, gaps)) => {
            let missing: Vec<&str> = gaps.iter().map(|gap| gap.detail.as_str()).collect();
            problems.push(format!(
                "{name}: the example lacks a field: {}",
                missing.join(", ")
            ));
        }
        Ok((got, _)) => problems.push(format!("{name}: the verdict is {got}")),
        Err(broken) => problems.push(format!("{name}: {}", broken.message)),
    }
    for field in check.reads() {
        let mut hidden = document.clone();
        hidden.fields.remove(&field);
        hidden
            .gaps
            .insert(field.clone(), Gap::new("", Cause::Denied, "AccessDenied"));
        match verdict(&hidden) {
            Ok((got, _)) if got == expected || got == Verdict::Unknown => {}
            Ok((got, _)) => problems.push(format!(
                "{name}: without {field} the verdict turns to {got}"
            )),
            Err(broken) => problems.push(format!("{name}: without {field}: {}", broken.message)),
        }
    }
    problems
}
