//! The texts in which findings are searched.

use crate::model::{Finding, Part};
use crate::report::CheckReport;

/// Stands between the values of a list, and at both its ends.
const BETWEEN: char = '\n';

/// A value as one line, without zero bytes, which the database does not take.
fn line(value: &str) -> String {
    value.replace([BETWEEN, '\0'], " ")
}

/// A list of values that each can be looked for with [`listed`].
fn list(values: impl IntoIterator<Item = String>) -> String {
    let mut list = String::new();
    for value in values {
        if list.is_empty() {
            list.push(BETWEEN);
        }
        list.push_str(&line(&value));
        list.push(BETWEEN);
    }
    list
}

/// The text that a list contains if it has the value.
pub(super) fn listed(value: &str) -> String {
    format!("{BETWEEN}{}{BETWEEN}", line(value))
}

/// The values of a list.
pub(super) fn values(list: &str) -> impl Iterator<Item = &str> {
    list.split(BETWEEN).filter(|value| !value.is_empty())
}

/// A text without zero bytes, which PostgreSQL does not take.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The tags of a finding's resource, `key=value`; none where they were not read.
pub(super) fn tags(finding: &Finding) -> Option<String> {
    match &finding.resource.tags {
        Part::Read(tags) => Some(list(
            tags.iter().map(|(key, value)| format!("{key}={value}")),
        )),
        Part::Unread | Part::Gap(_) => None,
    }
}

/// What a search looks through: the resource with its tags, and what the check says about it. A text that
/// is part of those before it is left out.
pub(super) fn words(finding: &Finding, tags: Option<&str>) -> String {
    let resource = &finding.resource;
    let mut words = String::new();
    let arn = resource.arn.as_deref().unwrap_or_default();
    for text in [
        arn,
        &resource.id,
        &resource.name,
        &finding.say,
        tags.unwrap_or_default(),
    ] {
        let text = storable(text).to_lowercase();
        if !words.contains(&text) {
            words.push_str(text.trim_end_matches(BETWEEN));
            words.push(BETWEEN);
        }
    }
    words
}

/// Properties of a check, as the table `judged` stores them.
pub(super) struct CheckTexts {
    pub(super) practices: String,
    pub(super) frameworks: String,
    pub(super) effort: String,
    pub(super) words: String,
}

impl CheckTexts {
    pub(super) fn of(check: &CheckReport) -> Self {
        let frameworks = check.maps.iter().flat_map(|(name, ids)| {
            let with_id = ids.iter().map(move |id| format!("{name} {id}"));
            std::iter::once(name.clone()).chain(with_id)
        });
        let words = [check.id.clone(), check.title.clone()].into_iter();
        let words = words.chain(check.best_practices.iter().cloned());
        Self {
            practices: list(check.best_practices.iter().cloned()),
            frameworks: list(frameworks),
            effort: list([check.effort.id().to_owned()]),
            words: list(words).to_lowercase(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_whole_and_no_line_of_it_passes_for_another() {
        let list = list(["team=web".to_owned(), "note=a\nteam=shop".to_owned()]);
        assert!(list.contains(&listed("team=web")));
        for other in ["team=we", "eam=web", "team=shop", "note=a"] {
            assert!(!list.contains(&listed(other)), "{other}");
        }
        assert!(list.contains(&listed("note=a\nteam=shop")));
        assert_eq!(
            values(&list).collect::<Vec<_>>(),
            ["team=web", "note=a team=shop"]
        );
        assert_eq!(values(&super::list([])).count(), 0);
    }
}
