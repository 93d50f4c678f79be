//! What the functions of expressions compute, on plain values. Each has a result for every value.

use globset::{GlobBuilder, GlobMatcher};
use ipnet::IpNet;
use jiff::Timestamp;
use std::cell::RefCell;
use std::collections::HashMap;

/// Days from one timestamp to another, with fractions.
pub(super) fn days_between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() / 86_400.0
}

/// Whether a CIDR range is the whole internet. A text that is no CIDR range is not.
pub(super) fn is_world(cidr: &str) -> bool {
    cidr.parse::<IpNet>().is_ok_and(|net| net.prefix_len() == 0)
}

/// Whether one CIDR range contains all of another. A text that is no CIDR range contains nothing.
pub(super) fn cidr_contains(outer: &str, inner: &str) -> bool {
    match (outer.parse::<IpNet>(), inner.parse::<IpNet>()) {
        (Ok(outer), Ok(inner)) => outer.contains(&inner),
        _ => false,
    }
}

thread_local! {
    /// Compiled patterns. Compiling one takes longer than everything else in an expression.
    static GLOBS: RefCell<HashMap<String, Option<GlobMatcher>>> = RefCell::default();
}

/// Most patterns are in checks and policies. The limit is for patterns from documents.
const MAX_GLOBS: usize = 256;

/// Whether a text matches a pattern of `*` and `?`. A pattern that cannot be read matches nothing.
pub(crate) fn glob(text: &str, pattern: &str) -> bool {
    let matches =
        |matcher: &Option<GlobMatcher>| matcher.as_ref().is_some_and(|m| m.is_match(text));
    GLOBS.with_borrow_mut(|known| {
        if let Some(matcher) = known.get(pattern) {
            return matches(matcher);
        }
        if known.len() >= MAX_GLOBS {
            known.clear();
        }
        let glob = GlobBuilder::new(pattern).literal_separator(false).build();
        let compiled = glob.ok().map(|glob| glob.compile_matcher());
        matches(known.entry(pattern.to_owned()).or_insert(compiled))
    })
}

/// Whether a dotted version is at least another: `8.0.36` is at least `8.0.4`. Segments are
/// compared by the number that they start with; a missing segment counts as zero.
pub(super) fn version_at_least(version: &str, minimum: &str) -> bool {
    let pieces = |v: &str| -> Vec<u64> {
        v.split(['.', '-', '_', '+'])
            .map(|piece| {
                let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
                digits.parse().unwrap_or(0)
            })
            .collect()
    };
    let (mut a, mut b) = (pieces(version), pieces(minimum));
    let longest = a.len().max(b.len());
    a.resize(longest, 0);
    b.resize(longest, 0);
    a >= b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_days_with_fractions() {
        let day = |s: &str| s.parse::<Timestamp>().unwrap();
        let (from, to) = (day("2026-01-01T00:00:00Z"), day("2026-01-02T12:00:00Z"));
        assert!((days_between(from, to) - 1.5).abs() < 1e-9);
        assert!((days_between(to, from) + 1.5).abs() < 1e-9);
    }

    #[test]
    fn cidr_ranges() {
        assert!(is_world("0.0.0.0/0") && is_world("::/0"));
        assert!(!is_world("10.0.0.0/8") && !is_world("everything"));
        assert!(cidr_contains("10.0.0.0/8", "10.1.0.0/16"));
        assert!(!cidr_contains("10.1.0.0/16", "10.0.0.0/8"));
        assert!(!cidr_contains("::/0", "10.0.0.0/8"));
    }

    #[test]
    fn globs() {
        assert!(glob("AmazonSSMManagedInstanceCore", "AmazonSSM*"));
        assert!(glob("a/b", "a*"));
        assert!(!glob("ab", "a?c"));
        assert!(!glob("[", "["));
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(version_at_least("8.0.36", "8.0.4"));
        assert!(version_at_least("16", "16.0"));
        assert!(!version_at_least("5.7.44", "8"));
        assert!(version_at_least("15.00.4236.7.v1", "15"));
    }
}
