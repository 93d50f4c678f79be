//! Patterns of policies: `*` matches any characters and `?` matches one.
//!
//! Matching is case-sensitive. AWS ignores the case of actions and condition keys; these are converted
//! to lower case before.

const MANY: char = '*';
const ONE: char = '?';

/// Whether a text matches a pattern.
///
/// The time is at worst proportional to the product of the lengths, whatever the pattern.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    covers_units(pattern, text, |_| true)
}

/// Whether everything that matches `part` also matches `pattern`: `s3:*` contains `s3:get*`.
#[must_use]
pub fn contains(pattern: &str, part: &str) -> bool {
    // `?` covers a character or a `?` of `part`; only `*` covers a `*`.
    covers_units(pattern, part, |unit| unit != MANY)
}

/// Whether some text matches both patterns.
#[must_use]
pub fn overlap(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // meets[j]: whether the rest of `a` from the current position and the rest of `b` from `j` overlap.
    let mut meets = vec![false; b.len() + 1];
    for i in (0..=a.len()).rev() {
        let below = meets.clone();
        for j in (0..=b.len()).rev() {
            let (left, right) = (a.get(i), b.get(j));
            meets[j] = match (left, right) {
                (None, None) => true,
                (Some(&MANY), _) | (_, Some(&MANY)) => {
                    let skip_left = left == Some(&MANY) && below[j];
                    let skip_right = right == Some(&MANY) && meets[j + 1];
                    // A `*` on one side takes a character of the other.
                    let eat_right = left == Some(&MANY) && right.is_some() && meets[j + 1];
                    let eat_left = right == Some(&MANY) && left.is_some() && below[j];
                    skip_left || skip_right || eat_right || eat_left
                }
                (Some(l), Some(r)) => (l == r || *l == ONE || *r == ONE) && below[j + 1],
                _ => false,
            };
        }
    }
    meets[0]
}

fn covers_units(pattern: &str, text: &str, one_takes: impl Fn(char) -> bool) -> bool {
    if pattern.is_ascii() && text.is_ascii() {
        let takes = |unit: u8| one_takes(char::from(unit));
        return covers_slices(pattern.as_bytes(), text.as_bytes(), (b'*', b'?'), takes);
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    covers_slices(&pattern, &text, (MANY, ONE), one_takes)
}

fn covers_slices<T: Copy + PartialEq>(
    pattern: &[T],
    text: &[T],
    (many, one): (T, T),
    one_takes: impl Fn(T) -> bool,
) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to continue if the text after the last `*` does not match.
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(&unit) if unit == many => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(&unit) if (unit == one && one_takes(text[t])) || unit == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                None => return false,
                Some((after, from)) => {
                    retry = Some((after, from + 1));
                    p = after;
                    t = from + 1;
                }
            },
        }
    }
    pattern[p..].iter().all(|unit| *unit == many)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_that_fit() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("iam:Put*Policy", "iam:PutUserPolicy", true),
            ("iam:Put*Policy", "iam:PutUserPolicyX", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b*", "xxaxxbxx", true),
            ("**", "anything", true),
            ("a*", "b", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
        assert!(fits("s3:é?", "s3:éé"));
        let hostile = format!("{}b", "*a".repeat(60));
        assert!(!fits(&hostile, &"a".repeat(2_000)));
    }

    #[test]
    fn patterns_in_patterns() {
        for (pattern, part, expected) in [
            ("s3:*", "s3:get*", true),
            ("s3:get*", "s3:*", false),
            ("s3:?", "s3:*", false),
            ("s3:?", "s3:?", true),
            ("*", "*", true),
            ("a?*", "a*", false),
        ] {
            assert_eq!(contains(pattern, part), expected, "{pattern} {part}");
        }
    }

    #[test]
    fn patterns_that_meet() {
        for (a, b, expected) in [
            ("s3:get*", "s3:*object", true),
            ("s3:get*", "s3:put*", false),
            ("a*b", "*", true),
            ("a?", "?b", true),
            ("a", "ab", false),
            ("", "*", true),
            ("", "?", false),
            ("*a", "b*", true),
        ] {
            assert_eq!(overlap(a, b), expected, "{a} {b}");
            assert_eq!(overlap(b, a), expected, "{b} {a}");
        }
    }

    proptest! {
        #[test]
        fn what_contains_is_fitted_by_all_that_fits(
            pattern in "[ab*?]{0,7}", part in "[ab*?]{0,7}", text in "[ab]{0,7}",
        ) {
            if contains(&pattern, &part) && fits(&part, &text) {
                prop_assert!(fits(&pattern, &text));
            }
            if fits(&pattern, &text) && fits(&part, &text) {
                prop_assert!(overlap(&pattern, &part));
            }
        }

        #[test]
        fn an_overlap_has_a_witness(a in "[ab*?]{0,5}", b in "[ab*?]{0,5}") {
            // Every text of two letters up to a length that is enough for both.
            let witness = (0..=10usize).any(|length| {
                (0..1u32 << length).any(|bits| {
                    let text: String = (0..length)
                        .map(|i| if bits >> i & 1 == 1 { 'a' } else { 'b' })
                        .collect();
                    fits(&a, &text) && fits(&b, &text)
                })
            });
            prop_assert_eq!(overlap(&a, &b), witness);
        }

        #[test]
        fn a_text_fits_itself_with_stars_put_in(text in "[ab]{0,8}", at in 0usize..9) {
            let at = at.min(text.len());
            let pattern = format!("{}*{}", &text[..at], &text[at..]);
            prop_assert!(fits(&pattern, &text));
            prop_assert!(contains(&pattern, &text));
        }
    }
}
