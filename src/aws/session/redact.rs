//! Removes secrets from the error messages of other programs.
//!
//! The message of a `credential_process` may contain the credentials: keys, tokens, a password in a URL.
//! Everything that looks like one is removed, even if it may be something else.

use regex::{Captures, Regex};
use std::sync::LazyLock;

/// What stands in the place of a secret.
const HIDDEN: &str = "[hidden]";
/// A message is cut to so many characters.
const LONGEST: usize = 500;
/// A word of so many letters and digits is taken for a key.
const KEY: usize = 16;

/// `password=…`, `"SecretAccessKey": "…"`, `Authorization: Bearer …`.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)([a-z0-9_-]*(?:secret|passw(?:or)?d|passphrase|token|credential|api-?_?key|access-?_?key|authorization|bearer)[a-z0-9_-]*["']?\s*(?:[=:]\s*|\s)(?:bearer\s+|basic\s+)?["']?)([^\s"',;&]+)"#,
    )
});

/// The user and password of an address.
static IN_ADDRESS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(://)([^/\s@]+)@"));

/// What might be a key by itself: letters, digits and what base64 adds to them.
static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z0-9+/=_\-.~%]{16,}"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("a pattern: {error}"))
}

/// The text in one line without what looks like a secret.
pub(super) fn redact(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = IN_ADDRESS.replace_all(&line, format!("$1{HIDDEN}@"));
    let line = NAMED.replace_all(&line, |found: &Captures<'_>| {
        // "the token has expired" names no token.
        let (name, value) = (&found[1], &found[2]);
        if name.contains(['=', ':']) || is_key(value) {
            format!("{name}{HIDDEN}")
        } else {
            found[0].to_owned()
        }
    });
    let line = WORD.replace_all(&line, |found: &Captures<'_>| {
        if is_key(&found[0]) {
            HIDDEN.to_owned()
        } else {
            found[0].to_owned()
        }
    });
    if line.chars().count() <= LONGEST {
        return line.into_owned();
    }
    let mut short: String = line.chars().take(LONGEST).collect();
    short.push('…');
    short
}

/// Whether a word may be a key: letters and digits mixed, without a piece that reads as a word of a
/// path, of an address or of a name.
fn is_key(word: &str) -> bool {
    let piece = |piece: &str| {
        let digits = piece.bytes().filter(u8::is_ascii_digit).count();
        let upper = piece.bytes().filter(u8::is_ascii_uppercase).count();
        let lower = piece.bytes().filter(u8::is_ascii_lowercase).count();
        let mixed = usize::from(digits > 0) + usize::from(upper > 0) + usize::from(lower > 0);
        piece.len() >= KEY && mixed >= 2
    };
    // Base64 has slashes too: the beginning of a path identifies it.
    let is_path = word.starts_with(['/', '.', '~']);
    if is_path {
        word.split(['/', '.']).any(piece)
    } else {
        piece(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_left_out() {
        for secret in [
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AKIAIOSFODNN7EXAMPLE",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0",
            "0123456789abcdef0123456789abcdef",
        ] {
            let text = redact(&format!("cannot use {secret} here"));
            assert_eq!(text, "cannot use [hidden] here");
        }
        assert_eq!(
            redact("password=hunter2 is wrong"),
            "password=[hidden] is wrong"
        );
        assert_eq!(
            redact("VAULT_TOKEN: s.abc\nbad"),
            "VAULT_TOKEN: [hidden] bad"
        );
        assert_eq!(
            redact(r#"{"SecretAccessKey": "abc/def", "Version": 1}"#),
            r#"{"SecretAccessKey": "[hidden]", "Version": 1}"#
        );
        assert_eq!(
            redact("Authorization: Bearer abcdef"),
            "Authorization: Bearer [hidden]"
        );
        assert_eq!(
            redact("GET https://me:pw@vault.example:8200/v1 failed"),
            "GET https://[hidden]@vault.example:8200/v1 failed"
        );
    }

    #[test]
    fn what_helps_stays() {
        for text in [
            "the token has expired, sign in with `vault login`",
            "open /usr/local/share/credentials/production.json: no such file",
            "no session for arn:aws:iam::111122223333:role/audit",
            "Get vault.internal.example.com: connection refused",
            "aws-vault: error: exec: Failed to get credentials for profile",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn it_is_one_line_of_some_length() {
        assert_eq!(redact(" one\n\ttwo "), "one two");
        assert_eq!(redact(&"word ".repeat(200)).chars().count(), LONGEST + 1);
    }
}
