//! "Did you mean …?"

/// The candidate that `given` is most likely a misspelling of, if any is near enough.
pub fn suggest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = normal(given);
    // A third of the word may differ, and at least two letters of words longer than three.
    let limit = (wanted.chars().count() / 3).max(usize::from(wanted.len() > 3) + 1);
    candidates
        .into_iter()
        .map(|candidate| {
            let distance = strsim::damerau_levenshtein(&wanted, &normal(candidate));
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The help for a problem: the most similar candidate, or all of them if there are few.
pub fn did_you_mean<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(near) = suggest(given, candidates.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    (1..=20)
        .contains(&candidates.len())
        .then(|| format!("known: {}", candidates.join(", ")))
}

/// Case and the choice between dash, underscore and space do not matter.
fn normal(word: &str) -> String {
    word.chars()
        .take(200)
        .map(|c| match c {
            '_' | ' ' => '-',
            c => c.to_ascii_lowercase(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested() {
        let known = ["exemptions", "overrides", "gates", "severity"];
        assert_eq!(suggest("exemption", known), Some("exemptions"));
        assert_eq!(suggest("Gates", known), Some("gates"));
        assert_eq!(suggest("sevreity", known), Some("severity"));
        assert_eq!(suggest("colour", known), None);
    }

    #[test]
    fn few_candidates_are_listed_where_none_is_near() {
        assert_eq!(
            did_you_mean("colour", ["days", "hours"]).as_deref(),
            Some("known: days, hours")
        );
        assert_eq!(did_you_mean("colour", []), None);
    }
}
