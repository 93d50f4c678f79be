//! `plan`: the calls that a scan would make, and what they cost.

use super::output::{print, print_json};
use super::report::read_report;
use super::results::today;
use super::sessions::open_for;
use super::table::table;
use super::{CommandError, ExitStatus};
use crate::aws::session::{self, Login, Regions};
use crate::cli::{ListFormat, PlanArgs, TargetArgs};
use crate::config;
use crate::plan::{self, Billed, Plan, Target};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// `plan`: what a scan would do. If regions are named it makes no calls; otherwise who is
/// calling and which regions there are.
///
/// # Errors
/// [`CommandError`].
pub async fn run(args: &PlanArgs) -> Result<ExitStatus, CommandError> {
    let today = today(Timestamp::now());
    let selected = config::select_in(&args.target.regions, &args.select, &args.tags, today)?;
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    if let Some(path) = &args.sizes_from {
        for row in read_report(path)?.reads {
            *sizes.entry(row.kind).or_default() += usize::try_from(row.resources).unwrap_or(0);
        }
    }
    sizes.extend(args.sizes.iter().cloned());
    let parts = selected.parts();
    let regions = config::regions(&args.target.regions);
    let targets = match &regions {
        Regions::Named(named) => targets(&args.target, named),
        Regions::Enabled => open_for(&args.target, &selected, None).await?.targets(),
    };
    let mut plan = plan::plan(&parts, &selected.kinds, &targets, &sizes);
    if args.allow_paid <= 0.0 {
        plan.leave_out_billed();
    }
    let mut identity = vec![
        &session::GET_CALLER_IDENTITY,
        &session::LIST_ACCOUNT_ALIASES,
    ];
    match &regions {
        Regions::Enabled => identity.push(&session::DESCRIBE_REGIONS),
        Regions::Named(named) => {
            // Whether the account has enabled them.
            let optional = named.iter().filter(|region| session::is_optional(region));
            identity.extend(optional.map(|_| &session::GET_CALLER_IDENTITY));
        }
    }
    plan.add_identity(&identity, targets.len());
    match args.format {
        ListFormat::Text => print(&text(&plan, &targets, args.allow_paid)),
        ListFormat::Json => {
            let mut json = serde_json::to_value(&plan).unwrap_or_default();
            json["targets"] = serde_json::json!(targets);
            print_json(&json)
        }
    }
}

/// The accounts as far as the command line tells them apart, with the regions that it names.
fn targets(args: &TargetArgs, named: &[String]) -> Vec<Target> {
    let logins = config::logins(args, &BTreeSet::new());
    let accounts: BTreeSet<String> = logins.iter().map(Login::expected_account).collect();
    let mut regions = named.to_vec();
    regions.sort();
    regions.dedup();
    accounts
        .into_iter()
        .map(|account| Target {
            account,
            regions: regions.clone(),
        })
        .collect()
}

/// A plan for people, for a scan whose billed reads may cost so much.
fn text(plan: &Plan, targets: &[Target], allow_paid: f64) -> String {
    let regions: usize = targets.iter().map(|t| t.regions.len()).sum();
    let mut out = format!(
        "{} accounts, {regions} regions, {} lists to read\n\n",
        targets.len(),
        plan.jobs.len()
    );
    let mut rows = table(&[
        "service",
        "operation",
        "IAM action",
        "calls at least",
        "and for",
        "expected",
    ]);
    for call in &plan.calls {
        rows.add_row([
            call.service,
            call.operation,
            call.action,
            &call.at_least.to_string(),
            &call.and_for.join(", "),
            &call.expected.map_or_else(String::new, |n| n.to_string()),
        ]);
    }
    let certain: usize = plan.calls.iter().map(|c| c.at_least).sum();
    let _ = writeln!(
        out,
        "{rows}\n{} operations, at least {certain} calls",
        plan.calls.len()
    );
    let expected: Option<usize> = plan.calls.iter().map(|c| c.expected).sum();
    match expected {
        Some(expected) => {
            let _ = writeln!(
                out,
                "about {expected} calls for the numbers of resources given"
            );
        }
        None => out.push_str("--sizes or --sizes-from estimates the calls for each resource\n"),
    }
    out.push_str(&bill(&plan.billed, allow_paid));
    out
}

/// The cost of billed reads, and whether they are in the plan.
fn bill(billed: &[Billed], allow_paid: f64) -> String {
    if billed.is_empty() {
        return "no call is billed\n".to_owned();
    }
    let mut out = if allow_paid > 0.0 {
        format!("\nBilled reads, made up to a total of USD {allow_paid}:\n")
    } else {
        "\nBilled reads, left out of this plan; --allow-paid USD includes them:\n".to_owned()
    };
    for Billed {
        kind,
        part,
        usd_per_resource: each,
        usd,
        ..
    } in billed
    {
        let total = usd.map_or_else(String::new, |usd| format!(", USD {usd:.4} in all"));
        let _ = writeln!(out, "  {part} of each {kind}: USD {each:.5}{total}");
    }
    let all: Option<f64> = billed.iter().map(|billed| billed.usd).sum();
    if let Some(all) = all.filter(|all| allow_paid > 0.0 && *all > allow_paid) {
        let _ = writeln!(
            out,
            "  USD {all:.4} in total: --allow-paid {allow_paid} does not cover it"
        );
    }
    out
}
