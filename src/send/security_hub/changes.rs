//! What a report changes in the hubs. Pure.
//!
//! ```text
//! in the report         in the hub            then
//! failed, exempt        nothing, or other     imported
//! unknown               nothing, or passed    imported: it is no longer known to be well
//! unknown               failed                left: it may fail still
//! passed                other                 imported as passed, and archived
//! not applicable        other                 archived
//! nothing               resource is gone      archived
//! nothing               not evaluated         left
//! ```

use crate::model::{Finding, Gap, Verdict};
use crate::report::sanitize::clean;
use crate::report::{Report, security_findings};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::io;

/// How the ids of our findings begin.
pub const PREFIX: &str = "sixpillars/";

/// The region of what lives in none, in a report.
const GLOBAL: &str = "global";

/// The fields that tell whether a finding has changed. Times and the scan's id always change;
/// workflow, notes and the users' severities belong to the users of the hub.
const COMPARED: [&str; 9] = [
    "Compliance",
    "Description",
    "FindingProviderFields",
    "GeneratorId",
    "ProductFields",
    "RecordState",
    "Remediation",
    "Resources",
    "Title",
];
/// The product fields that always change.
const IGNORED: [&str; 2] = ["sixpillars/ScanId", "sixpillars/Version"];
/// The fields of a finding that are sent back to archive it: all that an import may contain.
const KEPT: [&str; 15] = [
    "AwsAccountId",
    "CompanyName",
    "Compliance",
    "CreatedAt",
    "Description",
    "FindingProviderFields",
    "GeneratorId",
    "Id",
    "LastObservedAt",
    "ProductArn",
    "ProductName",
    "Remediation",
    "Resources",
    "SchemaVersion",
    "Title",
];
/// The fields that an import may contain only if the finding is new to the hub: workflow and
/// severity, which people change. Later severities go into `FindingProviderFields`.
const FIRST_ONLY: [&str; 3] = ["Severity", "Types", "Workflow"];

/// A hub: Security Hub of one account in one region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
}

impl Place {
    /// The product that an account's own findings belong to.
    #[must_use]
    pub fn product_arn(&self, partition: &str) -> String {
        let Self { account, region } = self;
        format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Both are from a file.
        write!(
            f,
            "account {} in {}",
            clean(&self.account),
            clean(&self.region)
        )
    }
}

/// The findings of sixpillars in a hub, by id, as the hub returns them.
pub type HubFindings = BTreeMap<String, Value>;

/// Why a finding is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImportReason {
    /// The hub does not have it.
    New,
    /// The hub has it otherwise.
    Changed,
    /// It passes now, or the check no longer applies to the resource.
    Resolved,
    /// The resource is gone.
    Gone,
}

impl ImportReason {
    /// One word.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            ImportReason::New => "new",
            ImportReason::Changed => "changed",
            ImportReason::Resolved => "resolved",
            ImportReason::Gone => "gone",
        }
    }
}

/// One finding to import.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Why.
    pub why: ImportReason,
    /// The finding in AWS's format.
    pub finding: Value,
}

/// What a report changes in one hub.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// What to import.
    pub changes: Vec<Change>,
    /// Findings that are unchanged in the hub.
    pub same: u64,
    /// Findings of the hub that the report cannot decide, or for which the hub is more recent.
    pub left: u64,
}

/// What to import, and where.
#[derive(Debug, Clone, Copy)]
pub struct ImportOptions<'a> {
    /// The one region to import everything in; each finding's own otherwise.
    pub region: Option<&'a str>,
    /// Whether passed findings are kept in the hub.
    pub passed: bool,
    /// The time of the update.
    pub now: Timestamp,
}

/// The changes in each hub that was read, and how many findings would go to hubs that were not.
///
/// # Errors
/// When the findings cannot be read from where they are kept.
pub fn changes(
    report: &Report,
    hubs: &BTreeMap<Place, HubFindings>,
    options: ImportOptions<'_>,
) -> io::Result<(BTreeMap<Place, Changes>, BTreeMap<Place, u64>)> {
    let mut changes: BTreeMap<Place, Changes> = hubs
        .keys()
        .map(|place| (place.clone(), Changes::default()))
        .collect();
    let mut unread: BTreeMap<Place, u64> = BTreeMap::new();
    let mut reported = Reported::default();
    for item in security_findings(report) {
        let (finding, mut asff) = item?;
        reported.add(&asff);
        let place = place(&finding, &mut asff, report, options.region);
        asff["UpdatedAt"] = json!(options.now);
        let (Some(known), Some(changes)) = (hubs.get(&place), changes.get_mut(&place)) else {
            if is_imported_if_new(&finding, options) {
                *unread.entry(place).or_default() += 1;
            }
            continue;
        };
        let known = asff["Id"].as_str().and_then(|id| known.get(id));
        match decide(&finding, asff, known, report, options) {
            Decision::Import(change) => changes.changes.push(change),
            Decision::Same => changes.same += 1,
            Decision::Leave => changes.left += 1,
            Decision::Nothing => {}
        }
    }
    for (place, changes) in &mut changes {
        let absent = hubs[place]
            .iter()
            .filter(|(id, _)| !reported.ids.contains(*id));
        for (_, known) in absent.filter(|(_, known)| known["RecordState"] != "ARCHIVED") {
            if reported.is_gone(known, place, report) {
                let (why, finding) = (ImportReason::Gone, archived(known, options.now));
                changes.changes.push(Change { why, finding });
            } else {
                changes.left += 1;
            }
        }
    }
    Ok((changes, unread))
}

/// The hub that a finding goes to; the finding says so itself.
fn place(finding: &Finding, asff: &mut Value, report: &Report, one: Option<&str>) -> Place {
    let account = finding.resource.account.clone();
    let own = asff["Region"].as_str().unwrap_or_default();
    let region = one.unwrap_or(own).to_owned();
    let place = Place { account, region };
    if one.is_some() {
        let mut accounts = report.scan.accounts.iter();
        let scanned = accounts.find(|account| account.id == place.account);
        let partition = scanned.map_or("aws", |account| account.partition.as_str());
        asff["ProductArn"] = json!(place.product_arn(partition));
        asff["Region"] = json!(place.region);
    }
    place
}

/// Whether a finding is imported where the hub does not have it.
fn is_imported_if_new(finding: &Finding, options: ImportOptions<'_>) -> bool {
    match finding.verdict {
        Verdict::Fail | Verdict::Exempt | Verdict::Unknown => true,
        Verdict::Pass => options.passed,
        Verdict::NotApplicable => false,
    }
}

enum Decision {
    Import(Change),
    Same,
    Leave,
    Nothing,
}

fn decide(
    finding: &Finding,
    mut asff: Value,
    known: Option<&Value>,
    report: &Report,
    options: ImportOptions<'_>,
) -> Decision {
    let Some(known) = known else {
        let (why, imported) = (ImportReason::New, is_imported_if_new(finding, options));
        return if imported {
            Decision::Import(Change { why, finding: asff })
        } else {
            Decision::Nothing
        };
    };
    let active = known["RecordState"] != "ARCHIVED";
    let failed = known["Compliance"]["Status"] == "FAILED";
    if is_newer(known, report) || (finding.verdict == Verdict::Unknown && active && failed) {
        return Decision::Leave;
    }
    let resolved = match finding.verdict {
        Verdict::Pass => !options.passed,
        verdict => verdict == Verdict::NotApplicable,
    };
    if resolved {
        asff["RecordState"] = json!("ARCHIVED");
    }
    if !is_changed(known, &asff) {
        return Decision::Same;
    }
    if let Some(fields) = asff.as_object_mut() {
        fields.retain(|field, _| !FIRST_ONLY.contains(&field.as_str()));
        if let Some(created) = known.get("CreatedAt") {
            fields.insert("CreatedAt".to_owned(), created.clone());
        }
    }
    let mended = resolved || finding.verdict == Verdict::Pass;
    let why = if mended && active {
        ImportReason::Resolved
    } else {
        ImportReason::Changed
    };
    Decision::Import(Change { why, finding: asff })
}

/// Whether the hub has a more recent observation of the resource.
fn is_newer(known: &Value, report: &Report) -> bool {
    let observed = known["LastObservedAt"].as_str();
    let observed: Option<Timestamp> = observed.and_then(|time| time.parse().ok());
    observed.is_some_and(|time| time > report.scan.finished)
}

fn is_changed(known: &Value, ours: &Value) -> bool {
    COMPARED.iter().any(|field| match ours.get(field) {
        Some(Value::Object(fields)) if *field == "ProductFields" => fields
            .iter()
            .filter(|(name, _)| !IGNORED.contains(&name.as_str()))
            .any(|(name, value)| known[field].get(name) != Some(value)),
        Some(Value::String(text)) if *field == "Description" => {
            known[field].as_str().map(words) != Some(words(text))
        }
        Some(value) => !contains(&known[field], value),
        None => false,
    })
}

/// A text without its numbers, since for example ages change with every scan.
fn words(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// Whether a hub's value contains all that ours does. Hubs add fields.
fn contains(known: &Value, ours: &Value) -> bool {
    match (known, ours) {
        (Value::Object(known), Value::Object(ours)) => ours
            .iter()
            .all(|(name, value)| known.get(name).is_some_and(|known| contains(known, value))),
        (Value::Array(known), Value::Array(ours)) => {
            known.len() == ours.len() && known.iter().zip(ours).all(|(k, o)| contains(k, o))
        }
        (known, ours) => known == ours,
    }
}

/// What a report has findings about.
#[derive(Default)]
struct Reported {
    ids: HashSet<String>,
    /// Account, check and the resource as the format names it.
    resources: HashSet<[String; 3]>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn resource(asff: &Value) -> [String; 3] {
    [
        text(&asff["AwsAccountId"]),
        text(&asff["GeneratorId"]),
        text(&asff["Resources"][0]["Id"]),
    ]
}

impl Reported {
    fn add(&mut self, asff: &Value) {
        self.ids.insert(text(&asff["Id"]));
        self.resources.insert(resource(asff));
    }

    /// Whether the resource of a finding that the report does not have is gone: the check was run
    /// for all resources, and the list of the resource was read completely.
    fn is_gone(&self, known: &Value, place: &Place, report: &Report) -> bool {
        let mut checks = report.checks.iter();
        let check = checks.find(|check| known["GeneratorId"] == check.id.as_str());
        let Some(check) = check.filter(|_| report.scan.selection.tags.is_empty()) else {
            return false;
        };
        if is_newer(known, report) || self.resources.contains(&resource(known)) {
            return false;
        }
        let region = known["Resources"][0]["Region"].as_str().unwrap_or(GLOBAL);
        let mut accounts = report.scan.accounts.iter();
        let scanned = accounts.any(|account| {
            let regions = &account.regions;
            account.id == place.account && (region == GLOBAL || regions.iter().any(|r| r == region))
        });
        // Some kinds are listed once for the account and live in regions.
        let mut reads = report.reads.iter().filter(|read| {
            read.account == place.account
                && read.kind == check.resource
                && [region, GLOBAL].contains(&read.region.as_str())
        });
        let listed = reads.clone().next().is_some()
            && reads.all(|read| read.gap.as_ref().is_none_or(Gap::is_off));
        scanned && listed
    }
}

/// A finding of a hub as an import that archives it and changes nothing else.
fn archived(known: &Value, now: Timestamp) -> Value {
    let mut finding = Map::new();
    for field in KEPT {
        if let Some(value) = known.get(field) {
            finding.insert(field.to_owned(), value.clone());
        }
    }
    // Those of AWS are not ours to give.
    if let Some(Value::Object(fields)) = known.get("ProductFields") {
        let ours = fields.iter().filter(|(name, _)| name.starts_with(PREFIX));
        let ours: Map<String, Value> = ours.map(|(n, v)| (n.clone(), v.clone())).collect();
        finding.insert("ProductFields".to_owned(), Value::Object(ours));
    }
    finding.insert("RecordState".to_owned(), json!("ARCHIVED"));
    finding.insert("UpdatedAt".to_owned(), json!(now));
    Value::Object(finding)
}
