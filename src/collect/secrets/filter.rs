//! Tells secrets from placeholders and references.

use std::collections::BTreeMap;

/// What a match must also be to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    /// The pattern says enough.
    Always,
    /// A password somebody typed: long enough, and no reference to where the real one is.
    Password,
    /// A token or key that a machine made: as a password, and long and random enough.
    Token,
}

impl Filter {
    /// Whether a match counts.
    pub(super) fn accepts(self, secret: &str) -> bool {
        // Documentation's own examples say that they are.
        !secret.contains("EXAMPLE")
            && match self {
                Filter::Always => true,
                Filter::Password => secret.chars().count() >= 6 && !is_stand_in(secret),
                Filter::Token => {
                    secret.len() >= 16 && entropy(secret) >= 3.0 && !is_stand_in(secret)
                }
            }
    }
}

/// Whether a value is a reference to a secret or a placeholder. A weak password such as `changeme`
/// is a password all the same.
fn is_stand_in(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let first = value.chars().next().unwrap_or(' ');
    let last = value.chars().last().unwrap_or(' ');
    // A variable ($X, ${X}, $(x), `x`, %X%, {{ x }}, #{x}, @x@), a placeholder (<x>, [x], ***, ...),
    // a YAML tag (!Ref) or anchor (&x, *x).
    let refers = "$`!&*".contains(first)
        || value.contains("${")
        || value.contains("$(")
        || value.contains("{{")
        || value.contains("#{")
        || matches!(
            (first, last),
            ('<', '>') | ('%', '%') | ('[', _) | ('{', '}') | ('@', '@')
        );
    let one_character = value.chars().all(|c| c == first);
    // Where the secret is kept: a path, an ARN, a secret store's address, a lookup in code.
    let kept_elsewhere = value.starts_with('/')
        || value.starts_with("./")
        || value.starts_with("~/")
        || ["arn:", "ssm:", "vault:", "file:", "http:", "https:", "env:"]
            .iter()
            .any(|p| lower.starts_with(p))
        || value.contains("()")
        || (value.contains('(') && value.contains(')'))
        || ["os.environ", "process.env", "getenv", "data.aws_", "var."]
            .iter()
            .any(|p| lower.starts_with(p))
        || lower.contains("resolve:");
    let says_so = [
        "your_",
        "your-",
        "my_password",
        "placeholder",
        "redacted",
        "example",
        "dummy",
        "<",
        "undefined",
    ]
    .iter()
    .any(|p| lower.starts_with(p));
    let word = matches!(
        lower.as_str(),
        "true"
            | "false"
            | "none"
            | "null"
            | "prompt"
            | "required"
            | "optional"
            | "enabled"
            | "disabled"
            | "string"
    );
    refers || one_character || kept_elsewhere || says_so || word
}

/// Shannon entropy in bits a character: random tokens have 3.5 and more, words and names less.
fn entropy(text: &str) -> f64 {
    let mut counts: BTreeMap<char, u32> = BTreeMap::new();
    for c in text.chars() {
        *counts.entry(c).or_default() += 1;
    }
    let total: f64 = counts.values().copied().map(f64::from).sum();
    counts
        .values()
        .map(|n| f64::from(*n) / total)
        .map(|p| -p * p.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_text_has_more_entropy_than_words() {
        assert!(entropy("9f8e7d6c5b4a39281706") > 3.0);
        assert!(entropy("aaaaaaaaaaaaaaaaaaaa") < 0.1);
        assert!(entropy("").abs() < f64::EPSILON);
    }
}
