//! A message as text: a subject, plain text, and Slack's markup. Names in it may be hostile.

use super::change_message::{ChangeMessage, Group, Named};
use crate::send::plural;
use serde_json::{Value, json};
use std::fmt::Write;

/// Characters of a subject. SNS takes a hundred.
const MAX_SUBJECT: usize = 100;
/// Targets that a subject names.
const TARGETS: usize = 3;
/// Characters of the text of a section of Slack.
const MAX_SECTION: usize = 2_900;

/// One line. No name can break it.
pub(in crate::serve) fn subject(message: &ChangeMessage) -> String {
    if message.test {
        return "Six Pillars: a test message".to_owned();
    }
    let targets = message.targets();
    let mut places = targets[..targets.len().min(TARGETS)].join(", ");
    if targets.len() > TARGETS {
        let _ = write!(places, " and {} more", targets.len() - TARGETS);
    }
    let subject = format!("Six Pillars: {}: {}", places, counts(message));
    crate::report::sanitize::clean_short(&subject, MAX_SUBJECT)
}

fn counts(message: &ChangeMessage) -> String {
    let worse = match message.worse.count {
        0 => String::new(),
        count => format!("{count} worse, "),
    };
    format!(
        "{} new failure{}, {worse}{} fixed",
        message.new.count,
        plural(message.new.count),
        message.fixed.count
    )
}

/// Plain text of several lines.
pub(in crate::serve) fn text(message: &ChangeMessage) -> String {
    let mut text = String::new();
    if message.test {
        text.push_str("This is a test: messages of this channel arrive.\n");
    } else {
        let _ = writeln!(
            text,
            "{}: {}",
            message.targets().join(", "),
            counts(message)
        );
    }
    for (title, group) in groups(message) {
        let _ = writeln!(text, "\n{title}");
        for named in &group.first {
            let _ = writeln!(text, "- {}: {}", severity(named), plain(named));
        }
        if group.more() > 0 {
            let _ = writeln!(text, "- … and {} more", group.more());
        }
    }
    for (index, url) in message
        .audits
        .iter()
        .filter_map(|a| a.url.as_ref())
        .enumerate()
    {
        let _ = writeln!(text, "{}{url}", if index == 0 { "\n" } else { "" });
    }
    let _ = writeln!(text, "\nMessage {}", message.id);
    text
}

fn groups(message: &ChangeMessage) -> impl Iterator<Item = (&'static str, &Group)> {
    [
        ("New", &message.new),
        ("Worse", &message.worse),
        ("Fixed", &message.fixed),
    ]
    .into_iter()
    .filter(|(_, group)| group.count > 0)
}

fn severity(named: &Named) -> String {
    match named.was {
        Some(was) => format!("{}, was {was}", named.severity),
        None => named.severity.to_string(),
    }
}

fn plain(named: &Named) -> String {
    format!(
        "{} ({}): {} in {} of {}, account {}",
        named.title, named.check, named.resource, named.region, named.target, named.account
    )
}

/// A message for Slack's incoming webhooks, by
/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>.
pub(in crate::serve) fn slack(message: &ChangeMessage) -> Value {
    let mut lines = vec![if message.test {
        "*Six Pillars*: this is a test: messages of this channel arrive.".to_owned()
    } else {
        let targets = message.targets().join(", ");
        format!("*{}*: {}", escaped(&targets), counts(message))
    }];
    for (title, group) in groups(message) {
        lines.push(format!("*{title}*"));
        lines.extend(group.first.iter().map(|named| {
            format!(
                "• {} `{}` {} ({} {})",
                severity(named),
                escaped(&named.check),
                escaped(&named.resource),
                escaped(&named.account),
                escaped(&named.region)
            )
        }));
        if group.more() > 0 {
            lines.push(format!("… and {} more", group.more()));
        }
    }
    lines.extend(message.audits.iter().filter_map(|audit| audit.url.clone()));
    let mut blocks: Vec<Value> = sections(&lines)
        .into_iter()
        .map(|text| {
            json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}})
        })
        .collect();
    let id = format!("Message {}", message.id);
    blocks.push(json!({"type": "context", "elements": [{"type": "plain_text", "text": id}]}));
    json!({
        "text": escaped(&subject(message)),
        "blocks": blocks,
        "unfurl_links": false,
    })
}

/// Whole lines, in as many sections as they need.
fn sections(lines: &[String]) -> Vec<String> {
    let mut sections: Vec<String> = Vec::new();
    for line in lines {
        match sections.last_mut() {
            Some(last) if last.chars().count() + line.chars().count() < MAX_SECTION => {
                last.push('\n');
                last.push_str(line);
            }
            _ => sections.push(line.clone()),
        }
    }
    sections
}

fn escaped(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    // No name may begin or end markup, and compatible services take a bare `@channel` for a mention.
    text.replace(['*', '_', '~', '`'], "·")
        .replace('@', "\u{ff20}")
}

#[cfg(test)]
mod tests {
    use super::super::change_message::tests::item;
    use super::super::change_message::{Item, RunChanges};
    use super::*;
    use crate::model::Severity;

    const HOSTILE: &str = "<!channel> @here *b* `c`\r\nBcc: x@example.com\u{1b}[31m";

    fn hostile(count: usize) -> ChangeMessage {
        let items = (0..count)
            .map(|n| Item {
                resource: HOSTILE.to_owned(),
                title: HOSTILE.to_owned(),
                ..item(&format!("f{n}"), None, Some(Severity::High))
            })
            .collect();
        let changes = vec![RunChanges::of("shop", "r", items)];
        ChangeMessage::of("0123", changes, Some("https://audits.example.com")).unwrap()
    }

    #[test]
    fn the_text_says_what_changed() {
        let items = vec![
            item("a", None, Some(Severity::High)),
            item("b", Some(Severity::Low), Some(Severity::Critical)),
            item("c", Some(Severity::Low), None),
        ];
        let changes = vec![RunChanges::of("shop", "r", items)];
        let message =
            ChangeMessage::of("0123", changes, Some("https://audits.example.com")).unwrap();
        assert_eq!(
            subject(&message),
            "Six Pillars: shop: 1 new failure, 1 worse, 1 fixed"
        );
        assert_eq!(
            text(&message),
            "shop: 1 new failure, 1 worse, 1 fixed\n\
             \nNew\n\
             - high: Bucket is public (s3/bucket-public): logs in eu-west-1 of shop, account 111122223333\n\
             \nWorse\n\
             - critical, was low: Bucket is public (s3/bucket-public): logs in eu-west-1 of shop, account 111122223333\n\
             \nFixed\n\
             - low: Bucket is public (s3/bucket-public): logs in eu-west-1 of shop, account 111122223333\n\
             \nhttps://audits.example.com/audits/r\n\
             \nMessage 0123\n"
        );
    }

    #[test]
    fn hostile_names_break_no_line_and_are_no_markup() {
        let message = hostile(30);
        for line in text(&message).lines() {
            assert!(!line.starts_with("Bcc"), "{line}");
            assert!(!line.contains(['\u{1b}', '\r']), "{line}");
        }
        let slack = slack(&message);
        for block in slack["blocks"].as_array().unwrap() {
            let text = block["text"]["text"].as_str().unwrap_or_default();
            assert!(!text.contains(['<', '>', '@']), "{text}");
            assert!(text.chars().count() <= 3_000);
        }
        assert!(
            slack
                .to_string()
                .contains("&lt;!channel&gt; \u{ff20}here ·b· ·c·")
        );
        assert!(slack.to_string().contains("… and 10 more"));
    }

    #[test]
    fn a_subject_is_one_short_line() {
        let changes = (0..9).map(|n| {
            let items = vec![item("f", None, Some(Severity::High))];
            RunChanges::of(&format!("a-rather-long-name-of-a-target-{n}"), "r", items)
        });
        let message = ChangeMessage::of("0123", changes.collect(), None).unwrap();
        assert!(subject(&message).chars().count() <= MAX_SUBJECT);
    }

    #[test]
    fn a_test_message_says_so() {
        let test = ChangeMessage::test("0123");
        assert!(text(&test).contains("test") && text(&test).contains("0123"));
        assert!(slack(&test).to_string().contains("this is a test"));
    }
}
