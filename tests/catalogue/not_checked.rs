//! docs/not-checked.md says what no check looks at, and says it of nothing else.

use crate::{all_kinds, assert_none, catalog, practices};
use sixpillars::check::Catalog;
use sixpillars::model::Evidence;
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = include_str!("../../docs/not-checked.md");
const FIRST_ROWS: &str = include_str!("first_rows.yaml");

/// A section of the page.
fn section(title: &str) -> &'static str {
    let mut sections = PAGE.split("\n## ");
    sections
        .find(|section| section.starts_with(title))
        .unwrap_or_else(|| panic!("no section {title}"))
}

/// The words of a text that are made of letters, digits and these.
fn words<'t>(text: &'t str, more: &'static str) -> impl Iterator<Item = &'t str> {
    let inside = move |c: char| c.is_ascii_alphanumeric() || more.contains(c);
    text.split(move |c| !inside(c))
}

/// The best practices that a text names.
fn named(text: &str) -> BTreeSet<&str> {
    let is_id = |word: &&str| word.split_once("-BP").is_some_and(|(_, n)| n.len() == 2);
    words(text, "-").filter(is_id).collect()
}

fn practices_of(catalog: &Catalog) -> BTreeSet<&str> {
    let checks = catalog.iter();
    checks
        .flat_map(|check| check.file.best_practices.iter().map(String::as_str))
        .collect()
}

#[test]
fn each_best_practice_is_checked_or_the_page_says_why_not() {
    let (practices, catalog) = (practices(), catalog(&all_kinds()));
    let checked = practices_of(&catalog);
    let (human, others): (Vec<_>, Vec<_>) = practices
        .iter()
        .filter(|practice| !checked.contains(practice.id.as_str()))
        .partition(|practice| practice.evidence == Evidence::Human);
    let people = named(section("Only people can tell"));
    let human: BTreeSet<&str> = human.iter().map(|practice| practice.id.as_str()).collect();
    assert_eq!(people, human, "what only people can tell");
    let page = named(PAGE);
    let missing: Vec<&str> = others
        .iter()
        .map(|practice| practice.id.as_str())
        .filter(|id| !page.contains(id))
        .collect();
    assert!(
        missing.is_empty(),
        "neither checked nor on the page: {missing:?}"
    );
    let unread = named(section("Could be read, and is not yet"));
    let read: Vec<_> = unread.intersection(&checked).collect();
    assert!(read.is_empty(), "checked, and called unread: {read:?}");
    let known: BTreeSet<&str> = practices.ids().collect();
    let unknown: Vec<_> = page.difference(&known).collect();
    assert!(unknown.is_empty(), "no best practice: {unknown:?}");
}

/// `guardduty/region-…-off` stands for several.
#[test]
fn the_page_names_checks_that_exist() {
    let catalog = catalog(&all_kinds());
    let ids: BTreeSet<&str> = catalog.iter().map(|check| check.id.as_str()).collect();
    let mut problems = Vec::new();
    for word in words(PAGE, "/-…") {
        let is_check = word.contains('/') && word.chars().all(|c| !c.is_ascii_uppercase());
        let (begin, end) = word.split_once('…').unwrap_or((word, word));
        let exists = ids
            .iter()
            .any(|id| *id == word || word != begin && id.starts_with(begin) && id.ends_with(end));
        if is_check && !exists {
            problems.push(format!("there is no check {word}"));
        }
    }
    assert_none(&problems);
}

#[test]
fn what_is_missed_most_is_checked_or_the_page_says_why_not() {
    let catalog = catalog(&all_kinds());
    let rows: BTreeMap<String, Vec<String>> = yaml_serde::from_str(FIRST_ROWS).expect("rows");
    assert_eq!(rows.len(), 86);
    let on_page: BTreeSet<&str> = words(PAGE, "-").collect();
    let mut problems = Vec::new();
    for (row, checks) in &rows {
        if checks.is_empty() && !on_page.contains(row.as_str()) {
            problems.push(format!(
                "{row}: no check, and no line in docs/not-checked.md"
            ));
        }
        let missing = checks
            .iter()
            .filter(|id| !catalog.iter().any(|check| check.id == **id));
        problems.extend(missing.map(|id| format!("{row}: there is no check {id}")));
    }
    assert_none(&problems);
}
