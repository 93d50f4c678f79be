//! `permissions`: the exact IAM policy that a scan needs, as one policy or as several managed ones.

use super::output::{print, print_json};
use super::results::today;
use super::{CommandError, ExitStatus};
use crate::atomic_file;
use crate::cli::PermissionsArgs;
use crate::config;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// The characters of a managed policy; IAM does not count white space
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
const MANAGED: usize = 6_144;
/// The characters of all inline policies of a role together (the same page).
const INLINE_OF_ROLE: usize = 10_240;

/// `permissions`: the exact IAM policy that a scan needs.
///
/// # Errors
/// [`CommandError`].
pub fn run(args: &PermissionsArgs) -> Result<ExitStatus, CommandError> {
    let today = today(Timestamp::now());
    let selected = config::select_in(&args.regions, &args.select, &args.tags, today)?;
    let regions = config::regions(&args.regions);
    let (actions, left_out) = selected.permissions(&regions, args.allow_paid > 0.0);
    if !left_out.is_empty() {
        let names: Vec<&str> = left_out.into_iter().collect();
        tell(&format!(
            "without {}, which AWS bills and a scan skips by default; --allow-paid 1 includes it",
            names.join(", ")
        ));
    }
    if let Some(folder) = &args.split {
        return write_split(&actions, folder);
    }
    let policy = policy(&actions);
    if let Some(warning) = too_long(characters(&policy)) {
        tell(&warning);
    }
    print_json(&policy)
}

/// Says something on standard error: standard output is the policy alone. Nothing more can be done if
/// standard error is gone.
fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "sixpillars: {text}");
}

/// The characters that IAM counts.
fn characters(policy: &Value) -> usize {
    // Without white space between its parts; actions have none themselves.
    policy.to_string().chars().count()
}

/// What to do with a policy that is too long for a managed one.
fn too_long(characters: usize) -> Option<String> {
    if characters <= MANAGED {
        return None;
    }
    let inline = if characters <= INLINE_OF_ROLE {
        format!(", or make it an inline policy of the role, which holds {INLINE_OF_ROLE}")
    } else {
        String::new()
    };
    Some(format!(
        "the policy has {characters} characters without white space, and a managed policy holds \
         {MANAGED}; --split FOLDER writes several{inline}"
    ))
}

/// Writes managed policies into a folder, and prints their paths.
fn write_split(
    actions: &BTreeSet<&'static str>,
    folder: &Path,
) -> Result<ExitStatus, CommandError> {
    let policies = split(actions);
    let path = |number: usize| folder.join(format!("policy-{number}.json"));
    let mut paths = String::new();
    for (policy, number) in policies.iter().zip(1..) {
        let text = serde_json::to_string_pretty(policy);
        let text = text.map_err(|error| CommandError::Internal(error.to_string()))?;
        atomic_file::write(&path(number), &format!("{text}\n"))
            .map_err(|error| CommandError::Write(error.to_string()))?;
        // Writing to a string does not fail.
        let _ = writeln!(paths, "{}", path(number).display());
    }
    let next = path(policies.len() + 1);
    if next.exists() {
        tell(&format!(
            "{} is from an earlier time, and nothing in it is needed any more; remove it",
            next.display()
        ));
    }
    print(&paths)
}

/// As few policies as hold the actions, each short enough for a managed policy.
fn split(actions: &BTreeSet<&'static str>) -> Vec<Value> {
    let mut policies = Vec::new();
    let mut last = BTreeSet::new();
    for action in actions {
        last.insert(*action);
        if characters(&policy(&last)) > MANAGED {
            last.remove(action);
            policies.push(policy(&last));
            last = BTreeSet::from([*action]);
        }
    }
    policies.push(policy(&last));
    policies
}

/// The IAM policy that allows a plan's actions and nothing else, statements grouped by service.
fn policy(actions: &BTreeSet<&'static str>) -> Value {
    let mut by_service: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for action in actions {
        let service = action.split(':').next().unwrap_or(action);
        by_service.entry(service).or_default().push(action);
    }
    let statements: Vec<Value> = by_service
        .into_iter()
        .map(|(service, actions)| {
            let mut sid = String::from("SixPillars");
            sid.extend(service.split('-').flat_map(|word| {
                let mut letters = word.chars();
                letters
                    .next()
                    .map(|c| c.to_ascii_uppercase())
                    .into_iter()
                    .chain(letters)
            }));
            json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*"})
        })
        .collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number of actions of a few services.
    fn actions(count: usize) -> BTreeSet<&'static str> {
        let name = |number| format!("service{}:GetThing{number:04}", number / 100);
        let names = (0..count).map(name);
        names
            .map(|name| &*Box::leak(name.into_boxed_str()))
            .collect()
    }

    #[test]
    fn parts_are_short_and_hold_every_action_once() {
        for count in [1, 10, 250, 251, 1000] {
            let all = actions(count);
            let parts = split(&all);
            let mut seen = Vec::new();
            for part in &parts {
                assert!(characters(part) <= MANAGED);
                for statement in part["Statement"].as_array().unwrap() {
                    let actions = statement["Action"].as_array().unwrap().iter();
                    seen.extend(actions.map(|action| action.as_str().unwrap().to_owned()));
                }
            }
            assert_eq!(seen, all.into_iter().collect::<Vec<_>>(), "{count}");
            let whole: usize = parts.iter().map(characters).sum();
            assert!(parts.len() <= whole / (MANAGED - 200) + 1, "{count}");
        }
    }

    #[test]
    fn what_is_too_long_is_told_with_a_way_that_works() {
        assert_eq!(too_long(MANAGED), None);
        let inline = too_long(MANAGED + 1).unwrap();
        assert!(inline.contains("6145 characters") && inline.contains("--split"));
        assert!(inline.contains("inline policy"), "{inline}");
        let longer = too_long(INLINE_OF_ROLE + 1).unwrap();
        assert!(
            longer.contains("--split") && !longer.contains("inline"),
            "{longer}"
        );
    }
}
