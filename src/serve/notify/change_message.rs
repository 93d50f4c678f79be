//! The content of a message: the changes of one or more runs, without those that cancel each other out.

use crate::model::{Pillar, Severity};
use crate::report::sanitize::clean_short;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How many changes of each kind a message names.
const NAMED: usize = 20;
/// How many changes of a run are kept until a message is made. The others are only counted.
const KEPT: usize = 1_000;
/// The most characters of a name.
const LONGEST: usize = 200;

/// One finding that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::serve) struct Item {
    pub(in crate::serve) finding: String,
    pub(in crate::serve) check: String,
    pub(in crate::serve) title: String,
    pub(in crate::serve) pillar: Pillar,
    pub(in crate::serve) account: String,
    pub(in crate::serve) region: String,
    pub(in crate::serve) resource: String,
    /// The severity with which it failed before; none if it did not.
    pub(in crate::serve) was: Option<Severity>,
    /// The severity with which it fails now; none if it does not.
    pub(in crate::serve) now: Option<Severity>,
}

/// How a finding changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Change {
    New,
    Worse,
    Fixed,
}

impl Item {
    /// How it changed; `None` if it did not.
    pub(in crate::serve) fn change(&self) -> Option<Change> {
        match (self.was, self.now) {
            (None, Some(_)) => Some(Change::New),
            (Some(was), Some(now)) if now > was => Some(Change::Worse),
            (Some(_), None) => Some(Change::Fixed),
            _ => None,
        }
    }

    /// The severity that it has, or had.
    pub(in crate::serve) fn severity(&self) -> Severity {
        self.now.or(self.was).unwrap_or(Severity::Info)
    }
}

/// The changes of a run that a channel wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::serve) struct RunChanges {
    target: String,
    run: String,
    items: Vec<Item>,
    /// The numbers of further changes: new, worse and fixed.
    more: [usize; 3],
}

impl RunChanges {
    /// Keeps the most severe changes, in this order, and counts the others.
    pub(in crate::serve) fn of(target: &str, run: &str, mut items: Vec<Item>) -> Self {
        items.sort_by_key(|item| std::cmp::Reverse(item.severity()));
        let mut more = [0; 3];
        for item in items.iter().skip(KEPT) {
            match item.change() {
                Some(Change::New) => more[0] += 1,
                Some(Change::Worse) => more[1] += 1,
                Some(Change::Fixed) => more[2] += 1,
                None => {}
            }
        }
        items.truncate(KEPT);
        Self {
            target: target.to_owned(),
            run: run.to_owned(),
            items,
            more,
        }
    }
}

/// A run that a message is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::serve) struct Audit {
    pub(in crate::serve) target: String,
    #[serde(rename = "audit")]
    pub(in crate::serve) id: String,
    /// Where to look at it, if the configuration has the service's address.
    pub(in crate::serve) url: Option<String>,
}

/// A finding as a message names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::serve) struct Named {
    pub(in crate::serve) target: String,
    pub(in crate::serve) finding: String,
    pub(in crate::serve) check: String,
    pub(in crate::serve) title: String,
    pub(in crate::serve) pillar: Pillar,
    pub(in crate::serve) severity: Severity,
    /// The severity before, where that changed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(in crate::serve) was: Option<Severity>,
    pub(in crate::serve) account: String,
    pub(in crate::serve) region: String,
    pub(in crate::serve) resource: String,
}

/// Changes of one kind: how many, and the most severe of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::serve) struct Group {
    pub(in crate::serve) count: usize,
    pub(in crate::serve) first: Vec<Named>,
}

impl Group {
    /// How many it does not name.
    pub(in crate::serve) fn more(&self) -> usize {
        self.count.saturating_sub(self.first.len())
    }

    fn add(&mut self, target: &str, item: Item) {
        self.count += 1;
        let severity = item.severity();
        let place = self.first.partition_point(|n| n.severity >= severity);
        if place >= NAMED {
            return;
        }
        self.first.truncate(NAMED - 1);
        let named = Named {
            target: target.to_owned(),
            severity,
            was: item.was.filter(|was| *was != severity),
            finding: item.finding,
            check: item.check,
            title: clean_short(&item.title, LONGEST),
            pillar: item.pillar,
            account: item.account,
            region: item.region,
            resource: clean_short(&item.resource, LONGEST),
        };
        self.first.insert(place, named);
    }
}

/// A message: the body of a webhook, and the source of all other forms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::serve) struct ChangeMessage {
    pub(in crate::serve) schema: String,
    /// The message's id, the same for every attempt.
    pub(in crate::serve) id: String,
    /// Whether it is only a test of the channel.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub(in crate::serve) test: bool,
    pub(in crate::serve) audits: Vec<Audit>,
    pub(in crate::serve) new: Group,
    pub(in crate::serve) worse: Group,
    pub(in crate::serve) fixed: Group,
}

impl ChangeMessage {
    /// A message about the changes of several runs, oldest first; `None` if they all cancel each other
    /// out. `url` is the service's address.
    pub(in crate::serve) fn of(id: &str, runs: Vec<RunChanges>, url: Option<&str>) -> Option<Self> {
        let mut message = Self::empty(id);
        // Each finding as it was before the first run, and as it is after the last one.
        let mut places: HashMap<(String, String), usize> = HashMap::new();
        let mut items: Vec<(String, Item)> = Vec::new();
        for RunChanges {
            target,
            run,
            items: of_run,
            more,
        } in runs
        {
            for item in of_run {
                let key = (target.clone(), item.finding.clone());
                if let Some(place) = places.get(&key) {
                    let was = items[*place].1.was;
                    items[*place].1 = Item { was, ..item };
                } else {
                    places.insert(key, items.len());
                    items.push((target.clone(), item));
                }
            }
            message.new.count += more[0];
            message.worse.count += more[1];
            message.fixed.count += more[2];
            let url = url.map(|url| format!("{}/audits/{run}", url.trim_end_matches('/')));
            message.audits.push(Audit {
                target,
                id: run,
                url,
            });
        }
        for (target, item) in items {
            match item.change() {
                Some(Change::New) => message.new.add(&target, item),
                Some(Change::Worse) => message.worse.add(&target, item),
                Some(Change::Fixed) => message.fixed.add(&target, item),
                None => {}
            }
        }
        let changes = message.new.count + message.worse.count + message.fixed.count;
        (changes > 0).then_some(message)
    }

    /// A message that tries a channel out.
    pub(in crate::serve) fn test(id: &str) -> Self {
        Self {
            test: true,
            ..Self::empty(id)
        }
    }

    fn empty(id: &str) -> Self {
        Self {
            schema: "sixpillars/changes/1".to_owned(),
            id: id.to_owned(),
            test: false,
            audits: Vec::new(),
            new: Group::default(),
            worse: Group::default(),
            fixed: Group::default(),
        }
    }

    /// The targets, each once.
    pub(in crate::serve) fn targets(&self) -> Vec<&str> {
        let mut targets: Vec<&str> = self.audits.iter().map(|a| a.target.as_str()).collect();
        targets.sort_unstable();
        targets.dedup();
        targets
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::serve::notify) fn item(
        finding: &str,
        was: Option<Severity>,
        now: Option<Severity>,
    ) -> Item {
        Item {
            finding: finding.to_owned(),
            check: "s3/bucket-public".to_owned(),
            title: "Bucket is public".to_owned(),
            pillar: Pillar::Security,
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            resource: "logs".to_owned(),
            was,
            now,
        }
    }

    #[test]
    fn a_digest_tells_what_differs_in_the_end() {
        use Severity::{Critical, High, Low};
        let first = vec![
            item("new-then-fixed", None, Some(High)),
            item("new-then-worse", None, Some(Low)),
            item("worse", Some(Low), Some(High)),
            item("fixed-then-new", Some(High), None),
            item("fixed", Some(High), None),
        ];
        let second = vec![
            item("new-then-fixed", Some(High), None),
            item("new-then-worse", Some(Low), Some(Critical)),
            item("fixed-then-new", None, Some(High)),
        ];
        let runs = vec![
            RunChanges::of("shop", "r1", first),
            RunChanges::of("shop", "r2", second),
        ];
        let message = ChangeMessage::of("m", runs, Some("https://audits.example.com/")).unwrap();
        let names = |group: &Group| -> Vec<String> {
            group.first.iter().map(|n| n.finding.clone()).collect()
        };
        assert_eq!(names(&message.new), ["new-then-worse"]);
        assert_eq!(message.new.first[0].severity, Critical);
        assert_eq!(names(&message.worse), ["worse"]);
        assert_eq!(message.worse.first[0].was, Some(Low));
        assert_eq!(names(&message.fixed), ["fixed"]);
        assert_eq!(message.targets(), ["shop"]);
        assert_eq!(
            message.audits[1].url.as_deref(),
            Some("https://audits.example.com/audits/r2")
        );
        let again: ChangeMessage =
            serde_json::from_str(&serde_json::to_string(&message).unwrap()).unwrap();
        assert_eq!(again, message);
    }

    #[test]
    fn findings_of_several_targets_with_one_id_are_several() {
        let one = |target| RunChanges::of(target, "r", vec![item("f", None, Some(Severity::Low))]);
        let message = ChangeMessage::of("m", vec![one("a"), one("b")], None).unwrap();
        assert_eq!(message.new.count, 2);
    }

    #[test]
    fn what_cancels_out_is_no_message() {
        let runs = vec![
            RunChanges::of("shop", "r1", vec![item("f", None, Some(Severity::Low))]),
            RunChanges::of("shop", "r2", vec![item("f", Some(Severity::Low), None)]),
        ];
        assert_eq!(ChangeMessage::of("m", runs, None), None);
    }

    #[test]
    fn the_most_severe_are_named_and_all_are_counted() {
        let mut items: Vec<Item> = (0..5_000)
            .map(|n| item(&format!("low-{n}"), None, Some(Severity::Low)))
            .collect();
        items.push(item("critical", None, Some(Severity::Critical)));
        let message =
            ChangeMessage::of("m", vec![RunChanges::of("shop", "r", items)], None).unwrap();
        assert_eq!((message.new.count, message.new.first.len()), (5_001, NAMED));
        assert_eq!(message.new.first[0].finding, "critical");
        assert_eq!(message.new.first[1].finding, "low-0");
        assert_eq!(message.new.more(), 5_001 - NAMED);
    }
}
