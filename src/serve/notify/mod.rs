//! Which channels a run's changes are for, and what is sent to them.
//!
//! ```text
//! run ─ rules of each channel ─ notices ─ quiet hours, burst, digest ─ message ─ outbox ─ deliver
//! ```

pub(super) mod change_message;
pub(super) mod channel;
pub(super) mod file;
pub(super) mod load;
pub(super) mod render;
pub(super) mod timing;

use crate::model::Severity;
use crate::store::{Changes, NewNotice, News};
use change_message::{Change, Item, RunChanges};
use channel::Channel;
use file::ChangeFile;
use std::collections::BTreeMap;

/// The run that the changes are from.
pub(super) struct About<'a> {
    pub(super) target: &'a str,
    pub(super) owners: &'a [String],
    pub(super) run: &'a str,
}

/// The notices about a run's changes, one for each channel that wants any of them.
pub(super) fn notices(
    channels: &BTreeMap<String, Channel>,
    about: &About<'_>,
    changes: &Changes,
) -> Vec<NewNotice> {
    let mut notices = Vec::new();
    for (name, channel) in channels {
        let wanted = |list: &[String], what: &[String]| {
            list.is_empty() || list.iter().any(|one| what.contains(one))
        };
        if !wanted(&channel.targets, &[about.target.to_owned()])
            || !wanted(&channel.owners, about.owners)
        {
            continue;
        }
        let items = changes.news.iter().map(item);
        let items: Vec<Item> = items.filter(|item| wants(channel, item)).collect();
        if items.is_empty() {
            continue;
        }
        // What is fixed is never urgent.
        let severity = items.iter().filter_map(|item| item.now).max();
        let run_changes = RunChanges::of(about.target, about.run, items);
        // This cannot fail: there are no maps with other keys than text.
        let payload = serde_json::to_string(&run_changes).unwrap_or_default();
        notices.push(NewNotice {
            channel: name.clone(),
            severity: severity.unwrap_or(Severity::Info),
            payload,
        });
    }
    notices
}

fn item(news: &News) -> Item {
    Item {
        finding: news.id.clone(),
        check: news.check.clone(),
        title: news.title.clone(),
        pillar: news.pillar,
        account: news.account.clone(),
        region: news.region.clone(),
        resource: news.resource.clone(),
        was: if news.fails {
            news.was
        } else {
            Some(news.was.unwrap_or(news.severity))
        },
        now: news.fails.then_some(news.severity),
    }
}

fn wants(channel: &Channel, item: &Item) -> bool {
    let change = match item.change() {
        Some(Change::New) => ChangeFile::New,
        Some(Change::Worse) => ChangeFile::Worse,
        Some(Change::Fixed) => ChangeFile::Fixed,
        None => return false,
    };
    (channel.pillars.is_empty() || channel.pillars.contains(&item.pillar))
        && channel
            .severity
            .is_none_or(|least| item.severity() >= least)
        && (channel.changes.is_empty() || channel.changes.contains(&change))
}

#[cfg(test)]
mod tests {
    use super::channel::Kind;
    use super::timing::Timing;
    use super::*;
    use crate::model::Pillar;
    use jiff::SignedDuration;

    fn news(severity: Severity, was: Option<Severity>, fails: bool) -> News {
        News {
            id: "0123".to_owned(),
            check: "s3/bucket-public".to_owned(),
            title: "Public".to_owned(),
            pillar: Pillar::Security,
            severity,
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            resource: "logs".to_owned(),
            was,
            fails,
        }
    }

    fn channel() -> Channel {
        Channel {
            kind: Kind::Slack {
                address: String::new(),
            },
            severity: None,
            pillars: Vec::new(),
            targets: Vec::new(),
            owners: vec!["payments".to_owned()],
            changes: Vec::new(),
            timing: Timing {
                burst: SignedDuration::ZERO,
                digest: None,
                quiet: Vec::new(),
                urgent: None,
            },
            allow_private: false,
        }
    }

    fn told(channels: Vec<(&str, Channel)>, owners: &[&str], news: Vec<News>) -> Vec<NewNotice> {
        let channels = channels.into_iter();
        let channels = channels.map(|(name, channel)| (name.to_owned(), channel));
        let owners: Vec<String> = owners.iter().map(ToString::to_string).collect();
        let about = About {
            target: "shop",
            owners: &owners,
            run: "r",
        };
        let changes = Changes {
            news,
            ..Changes::default()
        };
        notices(&channels.collect(), &about, &changes)
    }

    fn names(notices: &[NewNotice]) -> Vec<&str> {
        notices
            .iter()
            .map(|notice| notice.channel.as_str())
            .collect()
    }

    #[test]
    fn each_channel_is_told_what_it_wants() {
        use Severity::{Critical, High, Low};
        let all = || {
            let with = |change: fn(&mut Channel)| {
                let mut channel = channel();
                change(&mut channel);
                channel
            };
            vec![
                ("all", channel()),
                ("cost", with(|c| c.pillars = vec![Pillar::CostOptimization])),
                ("fixed", with(|c| c.changes = vec![ChangeFile::Fixed])),
                ("high", with(|c| c.severity = Some(Severity::High))),
                ("other", with(|c| c.targets = vec!["other".to_owned()])),
                ("worse", with(|c| c.changes = vec![ChangeFile::Worse])),
            ]
        };
        let of = |news: Vec<News>| {
            let notices = told(all(), &["payments"], news);
            names(&notices).join(" ")
        };
        assert_eq!(of(vec![news(Low, None, true)]), "all");
        assert_eq!(of(vec![news(High, None, true)]), "all high");
        assert_eq!(of(vec![news(High, Some(Low), true)]), "all high worse");
        assert_eq!(of(vec![news(Low, Some(High), false)]), "all fixed high");
        // It was exempt until then, and passes now.
        assert_eq!(of(vec![news(Low, None, false)]), "all fixed");
        assert_eq!(of(Vec::new()), "");
        // Owners are those of the target.
        assert_eq!(told(all(), &[], vec![news(Critical, None, true)]), []);
    }

    #[test]
    fn what_is_fixed_is_not_urgent() {
        let of = |news| told(vec![("all", channel())], &["payments"], news)[0].severity;
        let fixed = news(Severity::Critical, Some(Severity::Critical), false);
        assert_eq!(of(vec![fixed.clone()]), Severity::Info);
        assert_eq!(
            of(vec![fixed, news(Severity::Low, None, true)]),
            Severity::Low
        );
    }
}
