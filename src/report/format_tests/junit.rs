//! JUnit XML, read by another library than the one that writes it, and held to a schema.

use super::*;
use crate::report::sanitize::clean;
use roxmltree::{Document, Node};

/// An element of the schema that the xUnit plugin of Jenkins holds files to (`junit-10.xsd`), as far as
/// reports use it: its name, the attributes it must have, those it may have, and what may be in it.
type Element = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const SCHEMA: [Element; 6] = [
    (
        "testsuites",
        &[],
        &["name", "time", "tests", "failures", "errors"],
        &["testsuite"],
    ),
    (
        "testsuite",
        &["name", "tests", "failures", "errors"],
        &[
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
        ],
        &["testcase"],
    ),
    (
        "testcase",
        &["name"],
        &["time", "classname", "group"],
        &["skipped", "error", "failure"],
    ),
    ("skipped", &[], &["type", "message"], &[]),
    ("error", &[], &["type", "message"], &[]),
    ("failure", &[], &["type", "message"], &[]),
];

/// Every problem of an element and what is in it.
fn problems(element: Node) -> Vec<String> {
    let name = element.tag_name().name();
    let Some((_, must, may, inside)) = SCHEMA.iter().find(|(known, ..)| *known == name) else {
        return vec![format!("there is no element {name}")];
    };
    let mut problems = Vec::new();
    let missing = must.iter().filter(|must| !element.has_attribute(**must));
    problems.extend(missing.map(|must| format!("{name} has no {must}")));
    for attribute in element.attributes() {
        if !must.contains(&attribute.name()) && !may.contains(&attribute.name()) {
            problems.push(format!("{name} must not have {}", attribute.name()));
        }
    }
    for child in element.children().filter(Node::is_element) {
        if !inside.contains(&child.tag_name().name()) {
            problems.push(format!("{} in {name}", child.tag_name().name()));
        }
        problems.extend(self::problems(child));
    }
    let texts = element.children().filter(Node::is_text);
    if !inside.is_empty()
        && texts
            .clone()
            .any(|text| !text.text().unwrap_or_default().trim().is_empty())
    {
        problems.push(format!("text in {name}"));
    }
    problems.extend(counts(element));
    problems
}

/// What an element counts is what is in it, and a case has one result.
fn counts(element: Node) -> Vec<String> {
    let within = |name: &str| {
        element
            .descendants()
            .filter(|node| node.has_tag_name(name))
            .count()
    };
    let name = element.tag_name().name();
    let mut problems = Vec::new();
    for (count, of) in [
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ] {
        let attribute = element.attribute(count);
        if attribute.is_some_and(|attribute| attribute != within(of).to_string()) {
            problems.push(format!(
                "{name} counts {} {count}",
                attribute.unwrap_or_default()
            ));
        }
    }
    let time = element.attribute("time").unwrap_or("0");
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    if time.is_empty() || !time.chars().all(digits) || time.matches('.').count() > 1 {
        problems.push(format!("{name} took {time}"));
    }
    if name == "testcase" && element.children().filter(Node::is_element).count() > 1 {
        problems.push("a case with two results".to_owned());
    }
    problems
}

/// A case: its suite, class and name, and its result: the element, its message, and its text.
pub(super) type Case = ([String; 3], Option<[String; 3]>);

/// The cases of a text, which is what the schema asks for.
pub(super) fn cases(text: &str) -> Vec<Case> {
    let document = Document::parse(text).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    assert_eq!(problems(root), NO_PROBLEMS);
    let attribute = |node: Node, name: &str| node.attribute(name).unwrap_or_default().to_owned();
    let cases = root
        .descendants()
        .filter(|node| node.has_tag_name("testcase"));
    cases
        .map(|case| {
            let suite = case.parent_element().unwrap();
            let names = [
                attribute(suite, "name"),
                attribute(case, "classname"),
                attribute(case, "name"),
            ];
            let end = case.first_element_child().map(|end| {
                let text = end.text().unwrap_or_default().to_owned();
                [
                    end.tag_name().name().to_owned(),
                    attribute(end, "message"),
                    text,
                ]
            });
            (names, end)
        })
        .collect()
}

fn with_result<'a>(cases: &'a [Case], suite: &str, how: &str) -> Vec<&'a Case> {
    let of = cases.iter().filter(|(names, end)| {
        names[0] == suite && end.as_ref().map_or("passed", |end| end[0].as_str()) == how
    });
    of.collect()
}

#[test]
fn junit_counts_and_survives_hostile_text() {
    let text = written(write_junit, &hostile_report());
    let cases = cases(&text);
    let mut suites: Vec<&str> = cases.iter().map(|(names, _)| names[0].as_str()).collect();
    suites.dedup();
    assert_eq!(suites, ["Security", "Reliability", "Cost Optimization"]);
    let count = |suite: &str, how: &str| with_result(&cases, suite, how).len();
    assert_eq!(count("Security", "failure"), 2);
    assert_eq!(count("Security", "error"), 3);
    assert_eq!(
        cases
            .iter()
            .filter(|(names, _)| names[0] == "Security")
            .count(),
        9
    );
    assert_eq!(count("Cost Optimization", "skipped"), 1);
    // The resource's id and name are the same here, so it stands there once.
    let name = format!("{} in 111122223333 global", clean(QUOTED));
    assert!(cases.iter().any(|(names, _)| names[2] == name));
    assert!(!text.contains("<script>"));
}

#[test]
fn junit_that_is_not_is_found_out() {
    let good = written(write_junit, &report());
    cases(&good);
    for (part, bad) in [
        (" failures=\"", " failurs=\""),
        ("<testcase name=", "<testcase nam="),
        (
            "<testsuite name=\"Security\" tests=\"",
            "<testsuite name=\"Security\" tests=\"1",
        ),
        ("<failure ", "<failure line=\"1\" "),
        ("<testsuites ", "<testsuites skipped=\"4\" "),
    ] {
        let other = good.replacen(part, bad, 1);
        assert_ne!(good, other, "{part}");
        let document = Document::parse(&other).unwrap();
        assert_ne!(problems(document.root_element()), NO_PROBLEMS, "{bad}");
    }
}

/// With a baseline a build breaks for what fails newly, and never again for what failed before. What could not
/// be decided is an error as ever: a list that can be read no more has no finding in the baseline.
#[test]
fn junit_skips_what_failed_before_and_says_so() {
    let report = report().since(&earlier()).unwrap();
    let cases = cases(&written(write_junit, &report));
    let of = |how: &str| -> Vec<String> {
        let with_result = cases
            .iter()
            .filter(|(_, end)| end.as_ref().is_some_and(|end| end[0] == how));
        let name =
            |(names, _): &Case| format!("{} {}", names[1], names[2].split(' ').next().unwrap());
        let mut names: Vec<String> = with_result.map(name).collect();
        names.sort();
        names
    };
    let new = ["vol-2", "vol-3", "vol-4", "vol-5"].map(|id| format!("ec2/volume-unattached {id}"));
    assert_eq!(of("failure")[..4], new);
    assert_eq!(of("failure")[4..], ["s3/bucket-public open"]);
    assert_eq!(of("error").len(), 3);
    let old = cases
        .iter()
        .find(|(names, _)| names[2].starts_with("vol-1 "));
    let [how, message, text] = old.unwrap().1.as_ref().unwrap();
    assert_eq!(how, "skipped");
    assert!(
        message.starts_with("still failing, first seen 2026-10-01: "),
        "{message}"
    );
    assert!(text.contains("Flaw of ec2/volume-unattached"), "{text}");
}
