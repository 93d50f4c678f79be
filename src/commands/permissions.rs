//! `permissions`: the exact IAM policy that a scan needs.

use super::output::print_json;
use super::results::today;
use super::{CommandError, ExitStatus};
use crate::cli::PermissionsArgs;
use crate::config;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

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
        // Standard output is the policy alone. Nothing more can be done if standard error is gone.
        let _ = writeln!(
            std::io::stderr(),
            "sixpillars: without {}, which AWS bills and a scan skips by default; --allow-paid 1 \
             includes it",
            names.join(", ")
        );
    }
    print_json(&policy(&actions))
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
