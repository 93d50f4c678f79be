//! Circles of files that use each other.

#![allow(clippy::similar_names, reason = "the terms of the algorithm")]

use super::source::{Crate, Names};
use std::collections::{BTreeMap, BTreeSet};

/// The circles of files that use each other, each as lines of who uses what of whom.
pub(crate) fn circles(all: &Crate) -> Vec<String> {
    let uses: BTreeMap<&Names, BTreeMap<Names, String>> = all
        .files()
        .map(|(module, _)| (module, all.uses(module)))
        .collect();
    let reached = |from: &Names| {
        let mut reached: BTreeSet<&Names> = BTreeSet::new();
        let mut todo = vec![from];
        while let Some(module) = todo.pop() {
            for next in uses.get(module).into_iter().flat_map(BTreeMap::keys) {
                if reached.insert(next) {
                    todo.push(next);
                }
            }
        }
        reached
    };
    let reaches: BTreeMap<&Names, BTreeSet<&Names>> = uses
        .keys()
        .map(|module| (*module, reached(module)))
        .collect();
    let mut circles = Vec::new();
    let mut told = BTreeSet::new();
    for (module, reached) in &reaches {
        if !reached.contains(module) || told.contains(module) {
            continue;
        }
        let members = reached
            .iter()
            .filter(|other| reaches[*other].contains(module));
        let members: BTreeSet<&Names> = members.copied().collect();
        for user in &members {
            let within = uses[user].iter().filter(|(used, _)| members.contains(used));
            circles.extend(within.map(|(used, item)| {
                format!("{} uses {} ({item})", user.join("/"), used.join("/"))
            }));
        }
        told.extend(members);
    }
    circles
}
