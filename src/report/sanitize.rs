//! Sanitises untrusted text (names, tags, error details) before it is shown.
//!
//! Anyone who may create resources in an account chooses their names and tags. Shown as they are, they
//! could move the cursor, hide or reorder text in a terminal, or become markup in a page.

use serde_json::Value;

/// The text on one line without control characters, ANSI escape sequences, marks that reorder text,
/// and invisible characters.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            rest = after_sequence(rest);
        } else if c.is_whitespace() {
            clean.push(' ');
        } else if !is_unseen(c) {
            clean.push(c);
        }
    }
    clean
}

/// The same for text of several lines: lines stay, their ends are `\n`.
#[must_use]
pub fn clean_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(clean_indented).collect();
    lines.join("\n")
}

fn clean_indented(line: &str) -> String {
    clean(line).trim_end().to_owned()
}

/// Cleaned, and cut to at most `most` characters, the last of which then is `…`.
#[must_use]
pub fn clean_short(text: &str, most: usize) -> String {
    shorten(&clean(text), most)
}

/// Cut to at most `most` characters, the last of which then is `…`.
#[must_use]
pub fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Skips the rest of a complete control sequence (`ESC [ … letter`). Anything else after an escape
/// stays as text: skipping to a missing terminator would hide what follows.
fn after_sequence(rest: std::str::Chars<'_>) -> std::str::Chars<'_> {
    let mut ahead = rest.clone();
    if ahead.next() != Some('[') {
        return rest;
    }
    for _ in 0..32 {
        match ahead.next() {
            Some('0'..='9' | ';' | ':' | '?' | '<' | '=' | '>' | ' '..='/') => {}
            Some('@'..='~') => return ahead,
            _ => break,
        }
    }
    rest
}

/// Characters that are invisible or change how their neighbours are displayed.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}'                    // soft hyphen
            | '\u{61c}'                 // Arabic letter mark
            | '\u{180e}'                // Mongolian vowel separator
            | '\u{200b}'..='\u{200f}'   // zero-width characters, left-to-right and right-to-left marks
            | '\u{202a}'..='\u{202e}'   // embeddings and overrides of direction
            | '\u{2060}'..='\u{206f}'   // word joiner, isolates, invisible operators
            | '\u{feff}'                // byte order mark
            | '\u{fff9}'..='\u{fffb}'   // interlinear annotation
            | '\u{fffe}' | '\u{ffff}'   // no characters, and not allowed in XML
            | '\u{e0000}'..='\u{e007f}' // tags
        )
}

/// A value with every text in it cleaned, the names of fields too. Of fields whose names are the same then,
/// the last stays.
#[must_use]
pub fn clean_deep(value: &Value) -> Value {
    match value {
        Value::String(text) => clean_lines(text).into(),
        Value::Array(values) => values.iter().map(clean_deep).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (clean(name), clean_deep(value)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Equivalent JSON with escapes for control characters and invisible characters, which occur only
/// inside strings.
#[must_use]
pub fn json_escaped(json: &str) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unseen(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Cleaned text as an inline code element of Markdown. Every character that Markdown, HTML, a table
/// or GitHub (mentions, issue references, links) gives a meaning is written as an entity, so the
/// text is shown as it is wherever it stands.
#[must_use]
pub fn markdown_code(text: &str) -> String {
    format!("<code>{}</code>", markdown_text(text))
}

/// Cleaned text for Markdown, with the same guarantee except for mentions, which GitHub looks for
/// outside code elements.
#[must_use]
pub fn markdown_text(text: &str) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::with_capacity(text.len());
    let mut previous = ' ';
    for c in clean(text).chars() {
        let special = match c {
            // The colon, because `https://…` becomes a link by itself; and so does `www.…`.
            '&' | '<' | '>' | '"' | '\'' | '`' | '*' | '_' | '[' | ']' | '|' | '\\' | '~' | '#'
            | '@' | '!' | '$' | '{' | '}' | ':' => true,
            '.' => previous.eq_ignore_ascii_case(&'w'),
            // Lists and quotes begin only at the start of a line.
            '-' | '+' | '=' => escaped.is_empty(),
            _ => false,
        };
        if special {
            // Writing to a string does not fail.
            let _ = write!(escaped, "&#{};", u32::from(c));
        } else {
            escaped.push(c);
        }
        previous = c;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn terminals_are_told_nothing() {
        assert_eq!(clean("\u{1b}[31mred\u{1b}[0m"), "red");
        assert_eq!(clean("\u{1b}[2J\u{1b}[1;1Hgone"), "gone");
        assert_eq!(clean("\u{1b}]0;title\u{7}x"), "]0;titlex");
        assert_eq!(
            clean("\u{1b}]8;;https://evil\u{1b}\\x"),
            "]8;;https://evil\\x"
        );
        assert_eq!(clean("\u{9b}31mx"), "31mx");
        assert_eq!(clean("a\nb\r\tc\u{2028}d"), "a b  c d");
        assert_eq!(clean("a\u{0}\u{8}\u{7f}b"), "ab");
        // An incomplete sequence hides nothing that follows.
        assert_eq!(clean("\u{1b}[12345"), "[12345");
    }

    #[test]
    fn nothing_is_reordered_or_unseen() {
        assert_eq!(clean("abc\u{202e}txt.exe\u{202c}"), "abctxt.exe");
        assert_eq!(clean("\u{2066}a\u{2069}\u{200f}b\u{200b}c\u{feff}"), "abc");
        assert_eq!(clean("x\u{e0041}y"), "xy");
        assert_eq!(clean("Größe 東京 🚀"), "Größe 東京 🚀");
    }

    #[test]
    fn markdown_shows_it_as_it_is() {
        assert_eq!(
            markdown_code("<script>alert('x')</script>"),
            "<code>&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;</code>"
        );
        assert_eq!(
            markdown_text("a|b `c` *d* @e #1"),
            "a&#124;b &#96;c&#96; &#42;d&#42; &#64;e &#35;1"
        );
        assert_eq!(
            markdown_text("https://evil www.evil"),
            "https&#58;//evil www&#46;evil"
        );
        assert_eq!(markdown_text("- x"), "&#45; x");
        assert_eq!(
            markdown_text("vol-0123 (eu-west-1)"),
            "vol-0123 (eu-west-1)"
        );
    }

    #[test]
    fn escaped_json_says_the_same() {
        let text = "a\u{202e}b\u{7f}\u{9b}\u{e0041}\u{1b}\n\"東京";
        let escaped = json_escaped(&serde_json::to_string(text).unwrap());
        assert!(!escaped.chars().any(is_unseen), "{escaped}");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    }

    #[test]
    fn values_are_cleaned_through_and_through() {
        let value = serde_json::json!({"a\u{202e}": ["x\u{1b}[1m\ny\u{200b}", {"b": "\u{0}"}], "n": [1, null]});
        let clean = serde_json::json!({"a": ["x\ny", {"b": ""}], "n": [1, null]});
        assert_eq!(clean_deep(&value), clean);
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(clean_short("abcdef", 4), "abc…");
        assert_eq!(clean_short("abcd", 4), "abcd");
        assert_eq!(clean_lines("a\u{1b}[1m\r\n  b  \n"), "a\n  b");
    }

    proptest! {
        #[test]
        fn no_text_keeps_a_control_character(text in "(?s).{0,100}") {
            let clean = clean(&text);
            prop_assert!(!clean.chars().any(|c| c.is_control() || is_unseen(c)));
            let markdown = markdown_code(&text);
            let inner = markdown.trim_start_matches("<code>").trim_end_matches("</code>");
            prop_assert!(!inner.contains(['<', '>', '`', '|', '*', '[', '\n', '@']));
        }
    }
}
