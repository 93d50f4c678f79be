//! `send security-hub`, top-down: report → accounts → hubs → changes → import.

use super::access::policy;
use crate::aws::http::Network;
use crate::aws::session::{self, Regions, Session};
use crate::cli::{SecurityHubArgs, TargetArgs};
use crate::commands::output::{print, print_json};
use crate::commands::report::read_report;
use crate::commands::{CommandError, ExitStatus};
use crate::config;
use crate::kinds::endpoints::partition_of_region;
use crate::report::Report;
use crate::report::sanitize::{clean, clean_lines};
use crate::send::plural;
use crate::send::security_hub::changes::{ImportOptions, ImportReason};
use crate::send::security_hub::{
    Changes, GET_FINDINGS, HubFindings, IMPORT, Imported, Place, changes, import, read,
};
use futures::future::join_all;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Brings the findings in the hubs up to date with the report.
///
/// # Errors
/// [`CommandError`]; everything that was not imported is in one.
pub(super) async fn send(args: &SecurityHubArgs) -> Result<ExitStatus, CommandError> {
    if let Some(region) = &args.region {
        let exists = config::one_region(region);
        exists.map_err(|why| CommandError::Usage(format!("--region: {why}")))?;
    }
    if args.permissions {
        return print_json(&permissions(args));
    }
    let report = read_report(&args.report)?;
    sound(&report)
        .map_err(|why| CommandError::BadReport(format!("{}: {why}", args.report.display())))?;
    let mut problems = Vec::new();
    let sessions = enter(args, &report, &mut problems).await;
    let hubs = hubs(args, &report, &sessions, &mut problems).await;
    let options = ImportOptions {
        region: args.region.as_deref(),
        passed: args.passed,
        now: Timestamp::now(),
    };
    let changes = changes(&report, &hubs.known, options);
    let (changes, unread) = changes.map_err(|e| CommandError::Internal(e.to_string()))?;
    problems.extend(
        unread
            .iter()
            .map(|(place, count)| hubs.unsent(place, *count)),
    );
    let text = if args.dry_run {
        listing(&changes)
    } else {
        let importing = changes.into_iter().map(|(place, changes)| {
            let session = sessions.get(&place.account);
            one(session, place, changes)
        });
        let (lines, failed): (Vec<String>, Vec<Vec<String>>) =
            join_all(importing).await.into_iter().unzip();
        problems.extend(failed.concat());
        lines.concat()
    };
    print(&text)?;
    if problems.is_empty() {
        return Ok(ExitStatus::Done);
    }
    Err(CommandError::NotSent(format!(
        "some findings were not imported into Security Hub\n{}",
        problems.join("\n")
    )))
}

/// The permissions for this: reading findings, and importing findings of the account itself.
fn permissions(args: &SecurityHubArgs) -> Value {
    let region = args.region.as_deref().unwrap_or("*");
    // Without a region it may be any partition's. Every segment but the service may be a wildcard:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    let partition = partition_of_region(region).map_or("*", |partition| partition.id);
    let product = format!("arn:{partition}:securityhub:{region}:*:product/*/default");
    policy(&[
        json!({"Effect": "Allow", "Action": [GET_FINDINGS.action], "Resource": "*"}),
        json!({"Effect": "Allow", "Action": [IMPORT.action], "Resource": product}),
    ])
}

/// A region becomes part of the endpoint's address, and a report is untrusted input.
fn sound(report: &Report) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let mut regions = report
        .scan
        .accounts
        .iter()
        .flat_map(|account| &account.regions);
    match regions.find(|region| region.is_empty() || !region.chars().all(plain)) {
        Some(region) => Err(format!("not a report: `{}` is not a region", clean(region))),
        None => Ok(()),
    }
}

/// Opens a session for each account of the report, by account.
async fn enter(
    args: &SecurityHubArgs,
    report: &Report,
    problems: &mut Vec<String>,
) -> BTreeMap<String, Session> {
    let calls = if args.dry_run {
        vec![&GET_FINDINGS]
    } else {
        vec![&GET_FINDINGS, &IMPORT]
    };
    let actions: BTreeSet<&'static str> = calls.iter().map(|call| call.action).collect();
    let target = TargetArgs {
        profile: args.profile.clone(),
        role_arn: args.role_arn.clone(),
        external_id: args.external_id.clone(),
        regions: Vec::new(),
    };
    // A separate gate, since the gate of a scan rejects imports.
    let network = match Network::from_env() {
        Ok(network) => network,
        Err(bad) => {
            problems.push(bad.to_string());
            return BTreeMap::new();
        }
    };
    let gate = session::gate(None, calls);
    let scanned = report
        .scan
        .accounts
        .iter()
        .flat_map(|account| &account.regions);
    let first = args.region.iter().chain(scanned).next().cloned();
    let regions = Regions::Named(first.into_iter().collect());
    let logins = config::logins(&target, &actions);
    let opening = logins
        .iter()
        .map(|login| session::open(login, &regions, &network, &gate));
    let mut sessions = BTreeMap::new();
    for (login, opened) in logins.iter().zip(join_all(opening).await) {
        match opened {
            Ok(session) => {
                sessions.entry(session.account.clone()).or_insert(session);
            }
            Err(error) => {
                let name = login
                    .name()
                    .map_or(String::new(), |name| format!("{name}: "));
                problems.push(clean_lines(&format!("{name}{error}")));
            }
        }
    }
    sessions
}

/// The hubs that findings may go to.
#[derive(Default)]
struct Hubs {
    /// What is in them.
    known: BTreeMap<Place, HubFindings>,
    /// Those that are not enabled.
    disabled: BTreeSet<Place>,
    /// Those that cannot be read; the error has been reported.
    unreadable: BTreeSet<Place>,
}

impl Hubs {
    /// ImportReason findings of a hub were not imported.
    fn unsent(&self, place: &Place, count: u64) -> String {
        let Place { account, region } = place;
        let unsent = format!("{place}: {count} finding{} not imported", plural(count));
        if self.disabled.contains(place) {
            return format!(
                "{unsent}: Security Hub is not enabled\n  help: enable it with `aws securityhub \
                 enable-security-hub --region {region}`, or import everything in one region with \
                 --region"
            );
        }
        if self.unreadable.contains(place) {
            return unsent;
        }
        format!(
            "{unsent}: no credentials were given for this account\n  help: name a profile or a \
             role \
             of account {} with --profile or --role-arn",
            clean(account)
        )
    }
}

async fn hubs(
    args: &SecurityHubArgs,
    report: &Report,
    sessions: &BTreeMap<String, Session>,
    problems: &mut Vec<String>,
) -> Hubs {
    let mut reading = Vec::new();
    for account in &report.scan.accounts {
        let Some(session) = sessions.get(&account.id) else {
            continue;
        };
        let regions: BTreeSet<&String> = match &args.region {
            Some(region) => BTreeSet::from([region]),
            None => account.regions.iter().collect(),
        };
        reading.extend(regions.into_iter().map(|region| async {
            let place = Place {
                account: account.id.clone(),
                region: region.clone(),
            };
            let known = read(session, &place).await;
            (place, known)
        }));
    }
    let mut hubs = Hubs::default();
    for (place, known) in join_all(reading).await {
        match known {
            Ok(Some(known)) => {
                hubs.known.insert(place, known);
            }
            Ok(None) => {
                hubs.disabled.insert(place);
            }
            Err(gap) => {
                problems.push(format!(
                    "{place}: the findings in the hub cannot be read: {gap}"
                ));
                hubs.unreadable.insert(place);
            }
        }
    }
    hubs
}

/// Imports the changes of one hub. Returns a summary and the failures.
async fn one(session: Option<&Session>, place: Place, changes: Changes) -> (String, Vec<String>) {
    let mut line = format!("{place}: {}", counts(&changes));
    let findings = changes
        .changes
        .into_iter()
        .map(|change| change.finding)
        .collect();
    let Imported { taken, failed } = match session {
        Some(session) => import(session, &place, findings).await,
        None => Imported::default(),
    };
    if !failed.is_empty() {
        // Writing to a string does not fail.
        let _ = write!(line, "; only {taken} imported");
    }
    (format!("{line}\n"), failed)
}

/// `2 new, 1 changed, 3 resolved, 1 gone; 120 the same, 4 left as they are`.
fn counts(changes: &Changes) -> String {
    let of = |why: ImportReason| {
        let count = changes
            .changes
            .iter()
            .filter(|change| change.why == why)
            .count();
        format!("{count} {}", why.id())
    };
    let counts = [
        ImportReason::New,
        ImportReason::Changed,
        ImportReason::Resolved,
        ImportReason::Gone,
    ]
    .map(of)
    .join(", ");
    format!(
        "{counts}; {} the same, {} left as they are",
        changes.same, changes.left
    )
}

/// A line for each finding that would be imported.
fn listing(changes: &BTreeMap<Place, Changes>) -> String {
    let mut text = String::new();
    for (place, changes) in changes {
        for change in &changes.changes {
            let field = |pointer: &str| {
                let value = change.finding.pointer(pointer).and_then(Value::as_str);
                clean(value.unwrap_or("-"))
            };
            let _ = writeln!(
                text,
                "{:<8}  {:<13}  {:<13}  {}  {}",
                change.why.id(),
                field("/Compliance/Status"),
                field("/FindingProviderFields/Severity/Label"),
                field("/GeneratorId"),
                field("/Resources/0/Id"),
            );
        }
        let _ = writeln!(text, "{place}: {}", counts(changes));
    }
    text
}
