//! A summary for Slack's incoming webhooks: `text` for notifications, and blocks. Pure.
//!
//! Limits and escapes: <https://docs.slack.dev/reference/block-kit/blocks/section-block> and
//! <https://docs.slack.dev/messaging/formatting-message-text#escaping>.

use super::Summary;
use crate::report::sanitize::shorten;
use serde_json::{Value, json};

/// Characters of the text of a section, and of a header.
const MAX_SECTION: usize = 3_000;
const MAX_HEADER: usize = 150;

/// The message.
#[must_use]
pub fn message(summary: &Summary) -> Value {
    let mut blocks = vec![
        json!({"type": "header", "text": {
            "type": "plain_text",
            "text": shorten(&header(&summary.place), MAX_HEADER),
            "emoji": false,
        }}),
        section(&[
            escaped(&summary.scope()),
            bold(&summary.failures()),
            summary.incomplete().map_or_else(String::new, bold),
        ]),
        // Nothing in it comes from an account.
        section(&[format!("```\n{}```", summary.table())]),
    ];
    blocks.extend(checks(summary));
    blocks.extend(gaps(summary));
    blocks.extend(notices(summary));
    json!({
        "text": format!(
            "Six Pillars: {}: {}",
            escaped(&summary.scope()),
            escaped(&summary.failures()),
        ),
        "blocks": blocks,
    })
}

/// A header takes no markup; cut where it may be, so no entity must be in it.
fn header(place: &str) -> String {
    let alike = |c| match c {
        '&' => '\u{ff06}',
        '<' => '‹',
        '>' => '›',
        c => c,
    };
    let text: String = place.chars().map(alike).collect();
    format!("Six Pillars: {}", plain(&text))
}

fn checks(summary: &Summary) -> Option<Value> {
    let checks = &summary.checks;
    let mut lines: Vec<String> = checks
        .first
        .iter()
        .map(|check| {
            let title = escaped(&check.title);
            let (severity, id, fails) = (check.severity, code(&check.id), check.fails);
            format!("• *{severity}* {id} ({fails}) {title}")
        })
        .collect();
    lines.extend(more(checks.more()));
    list("Top failing checks", &lines)
}

fn gaps(summary: &Summary) -> Option<Value> {
    let gaps = &summary.gaps;
    let mut lines: Vec<String> = gaps
        .first
        .iter()
        .map(|gap| {
            let action = code(&gap.action);
            format!("• {action} {}: {} undecided", gap.cause, gap.evaluations)
        })
        .collect();
    lines.extend(more(gaps.more()));
    list("Not seen", &lines)
}

fn notices(summary: &Summary) -> Option<Value> {
    let notices = &summary.notices;
    let mut lines: Vec<String> = notices
        .first
        .iter()
        .map(|notice| format!("• {}", escaped(notice)))
        .collect();
    lines.extend(more(notices.more()));
    list("Please note", &lines)
}

fn more(count: usize) -> Option<String> {
    (count > 0).then(|| format!("… and {count} more"))
}

fn list(title: &str, lines: &[String]) -> Option<Value> {
    (!lines.is_empty()).then(|| section(&[&[bold(title)], lines].concat()))
}

/// Whole lines only, so that no markup is left open.
fn section(lines: &[String]) -> Value {
    let mut text = String::new();
    for line in lines.iter().filter(|line| !line.is_empty()) {
        if text.chars().count() + line.chars().count() + 3 > MAX_SECTION {
            text.push_str("\n…");
            break;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
    }
    json!({"type": "section", "text": {
        "type": "mrkdwn",
        "text": text,
        // Addresses in names do not become links, nor names of channels mentions.
        "verbatim": true,
    }})
}

fn bold(text: &str) -> String {
    format!("*{}*", escaped(text))
}

/// A name that is shown as it is. In code only the backtick has a meaning.
fn code(text: &str) -> String {
    format!("`{}`", entities(&text.replace('`', "'")))
}

/// Plain text without markup. Markup characters cannot be escaped, so they are replaced by similar
/// ones.
fn escaped(text: &str) -> String {
    let alike = |c| match c {
        '*' => '∗',
        '_' => '\u{ff3f}',
        '~' => '∼',
        '`' => '\'',
        c => c,
    };
    entities(&text.chars().map(alike).collect::<String>())
}

/// With the three entities that Slack requires.
fn entities(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text without mentions: compatible services treat even a bare `@channel` as one.
fn plain(text: &str) -> String {
    text.replace('@', "\u{ff20}")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{HOSTILE, hostile, report};
    use super::*;

    fn texts(message: &Value) -> Vec<&str> {
        let blocks = message["blocks"].as_array().unwrap();
        let texts = blocks.iter().map(|b| b["text"]["text"].as_str().unwrap());
        texts.chain(message["text"].as_str()).collect()
    }

    #[test]
    fn golden_message() {
        let message = message(&Summary::of(&report()));
        insta::assert_json_snapshot!("slack", message);
    }

    #[test]
    fn hostile_names_are_no_markup_and_ping_nobody() {
        let message = message(&Summary::of(&hostile()));
        insta::assert_json_snapshot!("slack_hostile", message);
        for text in texts(&message) {
            assert!(
                !text.contains(['<', '>', '@', '\u{1b}', '\u{202e}']),
                "{text}"
            );
            assert!(!text.replace("```", "").contains("``"), "{text}");
        }
        assert!(message.to_string().contains("&lt;!channel&gt;"));
    }

    #[test]
    fn whatever_a_report_holds_the_message_fits() {
        let mut report = hostile();
        for check in &mut report.checks {
            check.counts.fail = 1;
            check.title = "<&>".repeat(1_000);
            check.id = HOSTILE.repeat(100);
        }
        let account = report.scan.accounts[0].clone();
        report.scan.accounts = vec![account; 500];
        report.scan.accounts[0].alias = Some("<&>".repeat(500));
        let message = message(&Summary::of(&report));
        let blocks = message["blocks"].as_array().unwrap();
        assert!(blocks.len() <= 50);
        for block in blocks {
            let most = if block["type"] == "header" {
                150
            } else {
                3_000
            };
            let text = block["text"]["text"].as_str().unwrap();
            assert!((1..=most).contains(&text.chars().count()), "{text}");
        }
    }
}
