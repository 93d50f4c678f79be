//! Circles of files that use each other.

use super::source::{Crate, Names};
use std::collections::{BTreeMap, BTreeSet};

/// The circles of files that use each other: a line for each use within a circle.
pub(crate) fn circles(all: &Crate) -> Vec<String> {
    let uses: BTreeMap<&Names, BTreeMap<Names, String>> = all
        .files()
        .map(|(module, _)| (module, all.uses(module)))
        .collect();
    let reachable_from = |start: &Names| {
        let mut found: BTreeSet<&Names> = BTreeSet::new();
        let mut todo = vec![start];
        while let Some(module) = todo.pop() {
            for next in uses.get(module).into_iter().flat_map(BTreeMap::keys) {
                if found.insert(next) {
                    todo.push(next);
                }
            }
        }
        found
    };
    let reachable: BTreeMap<&Names, BTreeSet<&Names>> = uses
        .keys()
        .map(|module| (*module, reachable_from(module)))
        .collect();
    let mut circles = Vec::new();
    let mut reported = BTreeSet::new();
    for (module, others) in &reachable {
        if !others.contains(module) || reported.contains(module) {
            continue;
        }
        let members = others
            .iter()
            .filter(|other| reachable[*other].contains(module));
        let members: BTreeSet<&Names> = members.copied().collect();
        for user in &members {
            let within = uses[user].iter().filter(|(used, _)| members.contains(used));
            circles.extend(within.map(|(used, item)| {
                format!("{} uses {} ({item})", user.join("/"), used.join("/"))
            }));
        }
        reported.extend(members);
    }
    circles
}
