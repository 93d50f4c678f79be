//! Telling people what changed: which channels a run's changes are for, and what they are told.

use super::config::{Channel, Kind};
use crate::model::{Pillar, Severity};
use crate::report::sanitize::clean_short;
use crate::store::{Changes, NewMessage, News};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Changes that a message names.
const NAMED: usize = 20;
/// Characters of a name.
const LONGEST: usize = 200;

/// What a message is about.
pub(super) struct About<'a> {
    pub(super) target: &'a str,
    pub(super) owners: &'a [String],
    pub(super) run: &'a str,
    /// The address of the service, where the configuration has it.
    pub(super) url: Option<&'a str>,
}

/// The messages that a run's changes are worth: one for each channel that wants any of them.
pub(super) fn messages(
    channels: &BTreeMap<String, Channel>,
    about: &About<'_>,
    changes: &Changes,
) -> Vec<NewMessage> {
    let mut messages = Vec::new();
    for (name, channel) in channels {
        let wanted = |list: &[String], what: &[String]| {
            list.is_empty() || list.iter().any(|one| what.contains(one))
        };
        if !wanted(&channel.targets, &[about.target.to_owned()])
            || !wanted(&channel.owners, about.owners)
        {
            continue;
        }
        let of = |news: &&News| wants(channel, news.pillar, news.severity);
        let new: Vec<&News> = changes
            .news
            .iter()
            .filter(|news| news.fails)
            .filter(of)
            .collect();
        let fixed: Vec<&News> = changes
            .news
            .iter()
            .filter(|news| !news.fails)
            .filter(of)
            .collect();
        // Only what is new is urgent; what is fixed comes along.
        if new.is_empty() {
            continue;
        }
        let payload = match &channel.kind {
            Kind::Webhook { .. } => webhook(about, &new, &fixed),
            Kind::Slack { .. } => slack(about, &new, &fixed),
        };
        messages.push(NewMessage {
            channel: name.clone(),
            payload: payload.to_string(),
        });
    }
    messages
}

fn wants(channel: &Channel, pillar: Pillar, severity: Severity) -> bool {
    (channel.pillars.is_empty() || channel.pillars.contains(&pillar))
        && channel.severity.is_none_or(|least| severity >= least)
}

fn webhook(about: &About<'_>, new: &[&News], fixed: &[&News]) -> Value {
    let list = |news: &[&News]| {
        let first = news.iter().take(NAMED).map(|news| {
            json!({
                "finding": news.id,
                "check": news.check,
                "title": clean_short(&news.title, LONGEST),
                "pillar": news.pillar,
                "severity": news.severity,
                "account": news.account,
                "region": news.region,
                "resource": clean_short(&news.resource, LONGEST),
            })
        });
        json!({"count": news.len(), "first": first.collect::<Vec<_>>()})
    };
    json!({
        "schema": "sixpillars/changes/1",
        "target": about.target,
        "audit": about.run,
        "url": link(about),
        "new": list(new),
        "fixed": list(fixed),
    })
}

fn link(about: &About<'_>) -> Option<String> {
    let url = about.url?.trim_end_matches('/');
    Some(format!("{url}/api/v1/audits/{}", about.run))
}

/// A message for Slack's incoming webhooks. Names come from strangers, so all markup is escaped.
fn slack(about: &About<'_>, new: &[&News], fixed: &[&News]) -> Value {
    let mut text = format!(
        "*{}*: {} new failure{}, {} fixed\n",
        about.target,
        new.len(),
        if new.len() == 1 { "" } else { "s" },
        fixed.len()
    );
    for news in new.iter().take(NAMED) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "• {} `{}` {} ({} {})",
            news.severity,
            news.check,
            escaped(&news.resource),
            news.account,
            news.region
        );
    }
    if new.len() > NAMED {
        let _ = writeln!(text, "and {} more", new.len() - NAMED);
    }
    if let Some(link) = link(about) {
        let _ = writeln!(text, "{link}");
    }
    json!({"text": text, "unfurl_links": false})
}

fn escaped(text: &str) -> String {
    let text = clean_short(text, LONGEST);
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    // Nothing of it starts or ends markup.
    text.replace(['*', '_', '~', '`'], "·")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(severity: Severity, fails: bool) -> News {
        News {
            id: "0123".to_owned(),
            check: "s3/bucket-public".to_owned(),
            title: "Public".to_owned(),
            pillar: Pillar::Security,
            severity,
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            resource: "<!channel> *b* `c`".to_owned(),
            fails,
        }
    }

    fn channel(kind: Kind, severity: Option<Severity>) -> Channel {
        Channel {
            kind,
            severity,
            pillars: Vec::new(),
            targets: Vec::new(),
            owners: vec!["payments".to_owned()],
            allow_private: false,
        }
    }

    #[test]
    fn only_what_is_new_and_wanted_is_told() {
        let slack = Kind::Slack {
            address: String::new(),
        };
        let all = BTreeMap::from([
            (
                "chat".to_owned(),
                channel(slack.clone(), Some(Severity::High)),
            ),
            ("low".to_owned(), channel(slack, None)),
        ]);
        let owners = ["payments".to_owned()];
        let about = |owners| About {
            target: "shop",
            owners,
            run: "r",
            url: Some("https://audits.example.com/"),
        };
        let changes = |news| Changes {
            news,
            ..Changes::default()
        };
        let told = |owners, news| {
            let messages = messages(&all, &about(owners), &changes(news));
            messages
                .into_iter()
                .map(|message| message.channel)
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&owners, vec![news(Severity::Low, true)]), ["low"]);
        assert_eq!(
            told(&owners, vec![news(Severity::High, true)]),
            ["chat", "low"]
        );
        assert_eq!(
            told(&owners, vec![news(Severity::High, false)]),
            [] as [&str; 0]
        );
        assert_eq!(told(&[], vec![news(Severity::High, true)]), [] as [&str; 0]);
        let text = &messages(
            &all,
            &about(&owners),
            &changes(vec![news(Severity::High, true)]),
        )[0];
        assert!(
            text.payload.contains("&lt;!channel&gt; ·b· ·c·"),
            "{}",
            text.payload
        );
        assert!(
            text.payload
                .contains("https://audits.example.com/api/v1/audits/r")
        );
    }
}
