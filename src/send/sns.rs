//! Publishing a summary to a topic of Amazon SNS.
//!
//! Limits: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>.

use super::Summary;
use crate::aws::dynamic::object;
use crate::aws::required_answer;
use crate::aws::session::Session;
use crate::kinds::model::Projection;
use crate::model::{Call, Gap, Severity};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The one operation that this sends.
pub const PUBLISH: Call = crate::call!("sns", "Publish");

/// Characters of a subject.
const MAX_SUBJECT: usize = 100;
/// Accounts that the attribute for filters names; a filter that finds none of its own there misses
/// the message, so there are as many as any organization that one report is made of.
const MAX_ACCOUNTS: usize = 10_000;

/// A topic, by its ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    arn: String,
    /// The region it lives in.
    pub region: String,
}

impl Topic {
    /// Reads an ARN, `arn:aws:sns:eu-west-1:111122223333:audits`.
    ///
    /// # Errors
    /// When it is no ARN of a topic.
    pub fn parse(arn: &str) -> Result<Self, &'static str> {
        let pieces: Vec<&str> = arn.split(':').collect();
        let plain = |text: &str| {
            text.chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        match pieces.as_slice() {
            ["arn", partition, "sns", region, account, name]
                if partition.starts_with("aws")
                    && !region.is_empty()
                    && account.len() == 12
                    && account.bytes().all(|b| b.is_ascii_digit())
                    && (1..=256).contains(&name.len())
                    && !region.contains('.')
                    && [partition, region, name].iter().all(|text| plain(text)) =>
            {
                Ok(Self {
                    arn: arn.to_owned(),
                    region: (*region).to_owned(),
                })
            }
            _ => Err("not the ARN of a topic, such as arn:aws:sns:eu-west-1:111122223333:audits"),
        }
    }

    /// Whether the topic keeps messages in order, for which it wants to know a group and an id.
    fn is_fifo(&self) -> bool {
        self.arn.rsplit('.').next() == Some("fifo")
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// ASCII on one line, as e-mail wants it.
    pub subject: String,
    /// What subscribers can filter by: name to type and value.
    pub attributes: BTreeMap<&'static str, (&'static str, String)>,
    /// Plain text.
    pub text: String,
    /// The same for the same report, so that a topic that knows it drops a second message.
    #[serde(skip)]
    id: String,
}

impl Message {
    /// The message about a report; `scan` is its id.
    #[must_use]
    pub fn of(summary: &Summary, scan: &str) -> Self {
        let (critical, high) = (summary.fails.critical, summary.fails.high);
        let subject = format!(
            "Six Pillars: {critical} critical, {high} high failed in {}",
            summary.place
        );
        Self::new(scan, &subject, attributes(summary), text(summary))
    }

    /// A message with an id of its own. Its subject begins with a letter.
    #[must_use]
    pub fn new(
        id: &str,
        subject: &str,
        attributes: BTreeMap<&'static str, (&'static str, String)>,
        text: String,
    ) -> Self {
        let safe = |c: char| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        };
        Self {
            subject: ascii_line(subject),
            attributes,
            text,
            id: id.chars().map(safe).take(128).collect(),
        }
    }
}

/// Printable ASCII without line breaks.
fn ascii_line(subject: &str) -> String {
    let ascii = |c: char| {
        if c == ' ' || c.is_ascii_graphic() {
            c
        } else {
            '?'
        }
    };
    let subject: String = subject.chars().map(ascii).collect();
    // Cut without the mark, which is no ASCII.
    subject
        .chars()
        .take(MAX_SUBJECT)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

fn attributes(summary: &Summary) -> BTreeMap<&'static str, (&'static str, String)> {
    let number = |count: u64| ("Number", count.to_string());
    let mut attributes: BTreeMap<_, _> = Severity::ALL
        .into_iter()
        .map(|severity| (severity.id(), number(summary.fails.get(severity))))
        .collect();
    let accounts = &summary.accounts[..summary.accounts.len().min(MAX_ACCOUNTS)];
    // Names have been cleaned, so they have a form in JSON.
    let accounts = serde_json::to_string(accounts).unwrap_or_default();
    attributes.insert("account", ("String.Array", accounts));
    attributes.insert("unknown", number(summary.unknown));
    attributes.insert("complete", ("String", summary.complete.to_string()));
    attributes
}

fn text(summary: &Summary) -> String {
    let mut text = format!(
        "Six Pillars, {}\n\n{}\n",
        summary.scope(),
        summary.failures()
    );
    if let Some(incomplete) = summary.incomplete() {
        let _ = writeln!(text, "{incomplete}");
    }
    let _ = write!(text, "\n{}", summary.table());
    let checks = summary.checks.first.iter().map(|check| {
        let (severity, id, fails, title) = (check.severity, &check.id, check.fails, &check.title);
        format!("{severity}: {id} ({fails}): {title}")
    });
    list(
        &mut text,
        "Top failing checks",
        checks,
        summary.checks.more(),
    );
    let gaps = summary.gaps.first.iter().map(|gap| {
        format!(
            "{} {}: {} undecided",
            gap.action, gap.cause, gap.evaluations
        )
    });
    list(&mut text, "Not seen", gaps, summary.gaps.more());
    let notices = summary.notices.first.iter().cloned();
    list(&mut text, "Please note", notices, summary.notices.more());
    text
}

fn list(text: &mut String, title: &str, lines: impl Iterator<Item = String>, more: usize) {
    // Writing to a string does not fail.
    for (at, line) in lines.enumerate() {
        if at == 0 {
            let _ = writeln!(text, "\n{title}");
        }
        let _ = writeln!(text, "- {line}");
    }
    if more > 0 {
        let _ = writeln!(text, "- … and {more} more");
    }
}

/// Publishes a message. Tried again as all calls are, so it may arrive twice.
///
/// # Errors
/// Why AWS did not take it.
pub async fn publish(session: &Session, topic: &Topic, message: &Message) -> Result<(), Gap> {
    let attributes = message.attributes.iter().map(|(name, (kind, value))| {
        let value = json!({"DataType": kind, "StringValue": value});
        ((*name).to_owned(), value)
    });
    let mut input = object([
        ("TopicArn", topic.arn.as_str().into()),
        ("Subject", message.subject.as_str().into()),
        ("Message", message.text.as_str().into()),
        ("MessageAttributes", Value::Object(attributes.collect())),
    ]);
    if topic.is_fifo() {
        input.extend(object([
            ("MessageGroupId", "sixpillars".into()),
            ("MessageDeduplicationId", message.id.as_str().into()),
        ]));
    }
    let request = async {
        let client = session.clients.modelled("sns", &topic.region)?;
        client
            .call(PUBLISH.operation, input, &Projection::none())
            .await
    };
    required_answer(&PUBLISH, request).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{hostile, report};
    use super::*;

    #[test]
    fn golden_message() {
        let message = Message::of(&Summary::of(&report()), "scan-1");
        insta::assert_json_snapshot!("sns", message);
        insta::assert_snapshot!("sns_text", message.text);
    }

    #[test]
    fn hostile_names_break_no_line_and_no_header() {
        let message = Message::of(&Summary::of(&hostile()), "scan-1");
        insta::assert_snapshot!(
            "sns_hostile",
            format!("{}\n\n{}", message.subject, message.text)
        );
        assert!(message.subject.len() <= MAX_SUBJECT);
        assert!(message.subject.bytes().all(|b| (b' '..=b'~').contains(&b)));
        let lines = message.text.lines();
        for line in lines {
            assert!(!line.starts_with("Subject"), "{line}");
            assert!(!line.contains(['\u{1b}', '\u{202e}']), "{line}");
        }
    }

    #[test]
    fn a_message_fits_whatever_a_report_holds() {
        let mut report = hostile();
        let account = report.scan.accounts[0].clone();
        report.scan.accounts = vec![account; 20_000];
        let message = Message::of(&Summary::of(&report), &"ß".repeat(500));
        let attributes = message.attributes.iter();
        let size: usize = attributes
            .map(|(name, (kind, value))| name.len() + kind.len() + value.len())
            .sum();
        assert!(size + message.text.len() < 256 << 10);
        // More are dropped where messages are delivered raw to a queue.
        assert!(message.attributes.len() <= 10);
        assert!(message.id.len() <= 128 && message.id.is_ascii());
    }

    #[test]
    fn a_topic_is_an_arn_with_a_region() {
        let topic = Topic::parse("arn:aws-cn:sns:cn-north-1:111122223333:a_b-C.fifo").unwrap();
        assert_eq!(topic.region, "cn-north-1");
        assert!(topic.is_fifo());
        for wrong in [
            "audits",
            "arn:aws:sns:eu-west-1:111122223333:audits:b1946ac9-subscription",
            "arn:aws:sqs:eu-west-1:111122223333:audits",
            "arn:aws:sns::111122223333:audits",
            "arn:aws:sns:eu-west-1:1111:audits",
            "arn:aws:sns:eu-west-1:111122223333:",
            "arn:aws:sns:evil.example/:111122223333:audits",
        ] {
            assert!(Topic::parse(wrong).is_err(), "{wrong}");
        }
    }
}
