//! Patterns with `*` and `?`, of check ids, accounts, ARNs and tags.

use crate::model::Tags;
use globset::{GlobBuilder, GlobMatcher};

/// A pattern. `*` matches any text, `/` and `:` included.
#[derive(Debug, Clone)]
pub(super) struct Glob {
    pub(super) text: String,
    matcher: GlobMatcher,
}

impl Glob {
    /// Compiles a pattern; the error says what is wrong with it.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        // Only `*` and `?` are special: ARNs and names may contain brackets and braces.
        let mut escaped = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '[' | ']' | '{' | '}' => escaped.extend(['[', c, ']']),
                c => escaped.push(c),
            }
        }
        let matcher = GlobBuilder::new(&escaped)
            .backslash_escape(false)
            .build()
            .map_err(|error| error.kind().to_string())?
            .compile_matcher();
        Ok(Self {
            text: text.to_owned(),
            matcher,
        })
    }

    /// Whether it has no wildcard.
    pub(super) fn is_exact(&self) -> bool {
        !self.text.contains(['*', '?'])
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        if self.is_exact() {
            return self.text == text;
        }
        self.matcher.is_match(text)
    }
}

/// Whether any pattern matches; true if there are none.
pub(super) fn any(globs: &[Glob], text: &str) -> bool {
    globs.is_empty() || globs.iter().any(|glob| glob.matches(text))
}

/// A tag with a pattern of its value.
#[derive(Debug, Clone)]
pub(super) struct TagGlob {
    pub(super) key: String,
    pub(super) value: Glob,
}

impl TagGlob {
    pub(super) fn matches(&self, tags: &Tags) -> bool {
        tags.iter()
            .any(|(key, value)| key.eq_ignore_ascii_case(&self.key) && self.value.matches(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_cross_separators_and_nothing_else_is_special() {
        let matches = |pattern: &str, text: &str| Glob::new(pattern).unwrap().matches(text);
        assert!(matches("*", "s3/bucket-public"));
        assert!(matches("s3/*", "s3/bucket-public"));
        assert!(matches("arn:aws:s3:::logs-*", "arn:aws:s3:::logs-eu/x"));
        assert!(matches("i-?", "i-1"));
        assert!(matches("a[1]*", "a[1]b"));
        assert!(matches("{x}*", "{x}y"));
        assert!(matches("a\\*", "a\\b"));
        assert!(!matches("s3/*", "ec2/volume"));
        assert!(!matches("a[1]*", "a1b"));
    }
}
