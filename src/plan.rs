//! Checks and targets in, jobs, calls, prices and IAM actions out. Pure: no call is made.

use crate::check::{Check, Kinds};
use crate::derive::{Derivation, GLOBAL, derivations, needs_of_regions};
use crate::kinds::endpoints::{Presence, partition_of_region};
use crate::model::{Call, Gap, Kind, PartSpec, Per, Price, Scope};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// An account and the regions to scan in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Target {
    /// The twelve-digit account id; in a plan without calls to AWS, the profile that leads to it.
    pub account: String,
    /// Regions, sorted.
    pub regions: Vec<String>,
}

/// The parts to read of each kind. The fields of the list call come with every kind.
pub type Parts = BTreeMap<&'static str, BTreeSet<&'static str>>;

/// One job: a kind in an account and region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PlannedJob {
    /// The account.
    pub account: String,
    /// The region; `global` for kinds that are read once per account.
    pub region: String,
    /// The kind.
    pub kind: &'static str,
    /// The parts to fill by calls; derived parts are computed afterwards.
    pub parts: BTreeSet<&'static str>,
}

/// How one job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobResult {
    /// The job.
    pub job: PlannedJob,
    /// Whether its list was read completely; if not, the gap that says why.
    pub listed: Result<(), Gap>,
}

/// One operation, and how often it will be called.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedCall {
    /// The service, `ec2`.
    pub service: &'static str,
    /// The operation, `DescribeVolumes`.
    pub operation: &'static str,
    /// The IAM action that allows it.
    pub action: &'static str,
    /// Calls that are certain: one page for each list, and for each part read for a whole kind.
    pub at_least: usize,
    /// What more calls depend on, such as `each s3.bucket`.
    pub and_for: Vec<String>,
    /// Calls in total, if the number of resources is known. Calls that depend on other answers are
    /// not included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<usize>,
    /// Price of one billed unit in US dollars; zero for free calls.
    pub unit_usd: f64,
}

/// What a scan will do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The jobs, interleaved by service so that no service gets all its requests at once.
    pub jobs: Vec<PlannedJob>,
    /// The operations.
    pub calls: Vec<PlannedCall>,
    /// The IAM actions that allow them, sorted.
    pub actions: BTreeSet<&'static str>,
    /// Billed units for each resource of a kind, such as metrics of an instance.
    pub billed: Vec<Billed>,
}

/// A billed part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Billed {
    /// The kind.
    pub kind: &'static str,
    /// The part.
    pub part: &'static str,
    /// Units that AWS bills for each resource.
    pub units_per_resource: u32,
    /// US dollars for each resource.
    pub usd_per_resource: f64,
    /// US dollars in total, if the number of resources is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd: Option<f64>,
}

/// The parts that checks read, with everything that derived parts are computed from.
#[must_use]
pub fn parts<'c>(
    checks: impl IntoIterator<Item = &'c Check>,
    kinds: &Kinds,
    derivations: &[&'static Derivation],
    extra: &[&str],
) -> Parts {
    let mut parts = Parts::new();
    for check in checks {
        let Some(fields) = kinds.get(check.file.resource.as_str()) else {
            continue;
        };
        need(
            &mut parts,
            fields.kind,
            check.reads().iter().map(String::as_str),
        );
        need(&mut parts, fields.kind, extra.iter().copied());
    }
    // Derived parts may read derived parts: repeat until nothing is added.
    loop {
        let before: usize = parts.values().map(|p| p.len() + 1).sum();
        // What is listed within each resource of another kind takes the list of that.
        let declared = parts
            .keys()
            .filter_map(|kind| kinds.get(kind)?.kind.declaration());
        let parents: BTreeSet<&str> = declared.filter_map(|declared| declared.parent).collect();
        for parent in parents.into_iter().filter_map(|parent| kinds.get(parent)) {
            parts.entry(parent.kind.name).or_default();
        }
        for derivation in derivations {
            let wanted = parts
                .get(derivation.kind)
                .is_some_and(|p| p.contains(derivation.part));
            for wants in derivation.needs.iter().filter(|_| wanted) {
                if let Some(fields) = kinds.get(wants.kind) {
                    need(&mut parts, fields.kind, wants.parts.iter().copied());
                }
            }
        }
        if parts.values().map(|p| p.len() + 1).sum::<usize>() == before {
            return parts;
        }
    }
}

fn need<'a>(parts: &mut Parts, kind: &'static Kind, fields: impl Iterator<Item = &'a str>) {
    let wanted = parts.entry(kind.name).or_default();
    wanted.extend(fields.filter_map(|f| kind.part(f)).map(|part| part.name));
}

/// Plans a scan. `sizes` has the total number of resources by kind, if known from an earlier scan;
/// without it the calls per resource stay a rate.
#[must_use]
pub fn plan(
    parts: &Parts,
    kinds: &Kinds,
    targets: &[Target],
    sizes: &BTreeMap<String, usize>,
) -> Plan {
    let mut jobs = Vec::new();
    let mut calls = BTreeMap::new();
    let mut billed = Vec::new();
    let wanted = |d: &&'static Derivation| parts.get(d.kind).is_some_and(|p| p.contains(d.part));
    let elsewhere = needs_of_regions(derivations().into_iter().filter(wanted));
    for (name, wanted) in parts {
        let Some(fields) = kinds.get(name) else {
            continue;
        };
        let kind = fields.kind;
        let places = places(kind, targets);
        let unaudited = unaudited_places(kind.name, &elsewhere, targets);
        let size = sizes.get(*name).copied();
        for call in kind.list {
            count(&mut calls, call, places.len() + unaudited.len(), None, size);
        }
        let describe = kind.declaration().and_then(|d| d.describe.as_ref());
        let wanted_parts = wanted.iter().filter_map(|part| kind.part(part));
        for spec in describe.into_iter().chain(wanted_parts) {
            for call in made(spec) {
                count(&mut calls, call, places.len(), share(spec, name), size);
            }
            billed.extend(bill(kind, spec, size));
        }
        // Derived parts cost no call.
        let read: BTreeSet<&'static str> = wanted
            .iter()
            .copied()
            .filter(|part| kind.part(part).is_some_and(|p| p.per != Per::Derived))
            .collect();
        let audited = places.into_iter().map(|place| (place, read.clone()));
        // What is derived from the others takes their list alone.
        let unaudited = unaudited.into_iter().map(|place| (place, BTreeSet::new()));
        let all = audited.chain(unaudited);
        jobs.extend(all.map(|((account, region), parts)| PlannedJob {
            account,
            region,
            kind: kind.name,
            parts,
        }));
    }
    let calls: Vec<PlannedCall> = calls.into_values().collect();
    let actions = calls.iter().map(|c| c.action).collect();
    Plan {
        jobs: interleaved(jobs),
        calls,
        actions,
        billed,
    }
}

/// How many calls a part takes, where that depends on how many resources there are.
fn share(spec: &PartSpec, kind: &str) -> Option<Share> {
    let (each, calls, of) = match spec.per {
        Per::Resource => (format!("each {kind}"), 1, 1),
        Per::Batch(size) => (format!("{size} of {kind}"), 1, size),
        Per::Metrics(n) => (format!("500 metrics, {n} of each {kind}"), n, 500),
        Per::Kind | Per::List | Per::Derived => return None,
    };
    Some(Share { each, calls, of })
}

/// How many calls a number of resources takes.
struct Share {
    /// In words.
    each: String,
    calls: u32,
    of: u32,
}

/// The calls that a part takes in addition to the list.
fn made(spec: &PartSpec) -> &'static [&'static Call] {
    match spec.per {
        Per::List | Per::Derived => &[],
        Per::Resource | Per::Batch(_) | Per::Kind | Per::Metrics(_) => spec.calls,
    }
}

/// What AWS bills for a part, if it does.
fn bill(kind: &Kind, spec: &PartSpec, size: Option<usize>) -> Option<Billed> {
    let units = match spec.per {
        Per::Metrics(units) => units,
        Per::Resource => 1,
        Per::Batch(_) | Per::Kind | Per::List | Per::Derived => return None,
    };
    let call = spec.calls.iter().find(|call| call.price != Price::Free)?;
    let usd = call.price.usd() * f64::from(units);
    #[allow(clippy::cast_precision_loss, reason = "a count of resources")]
    let all = size.map(|size| usd * size as f64);
    Some(Billed {
        kind: kind.name,
        part: spec.name,
        units_per_resource: units,
        usd_per_resource: usd,
        usd: all,
    })
}

impl Plan {
    /// Leaves out the calls that AWS bills, like a scan without a budget. The jobs stay unchanged:
    /// the parts become gaps. Returns the actions that were left out.
    pub fn leave_out_billed(&mut self) -> BTreeSet<&'static str> {
        let before = std::mem::take(&mut self.actions);
        self.calls.retain(|call| call.unit_usd <= 0.0);
        self.actions = self.calls.iter().map(|call| call.action).collect();
        before.difference(&self.actions).copied().collect()
    }

    /// Adds the calls that every scan starts with: the caller's identity and, unless regions are
    /// named, the list of regions.
    pub fn add_identity(&mut self, calls: &[&'static Call], accounts: usize) {
        let mut all: Calls = std::mem::take(&mut self.calls)
            .into_iter()
            .map(|call| ((call.service, call.operation, call.action), call))
            .collect();
        for call in calls {
            count(&mut all, call, accounts, None, None);
            self.actions.insert(call.action);
        }
        self.calls = all.into_values().collect();
    }
}

fn places(kind: &Kind, targets: &[Target]) -> Vec<(String, String)> {
    let place = |t: &Target, region: &str| (t.account.clone(), region.to_owned());
    match kind.scope {
        Scope::Account => targets.iter().map(|t| place(t, GLOBAL)).collect(),
        Scope::Region => targets
            .iter()
            .flat_map(|t| t.regions.iter().map(|r| place(t, r)))
            .filter(|(_, region)| is_in(kind, region))
            .collect(),
    }
}

/// Where a kind is listed for parts of resources without a region (`elsewhere`), although the region is not
/// one to audit. In another partition the region is out of reach.
fn unaudited_places(
    kind: &str,
    elsewhere: &BTreeMap<&'static str, BTreeSet<&'static str>>,
    targets: &[Target],
) -> Vec<(String, String)> {
    let partition = |region: &str| partition_of_region(region).map(|partition| partition.id);
    let mut places = Vec::new();
    for (region, _) in elsewhere.iter().filter(|(_, kinds)| kinds.contains(kind)) {
        let is_unaudited = |target: &&Target| {
            let own = target.regions.first().and_then(|first| partition(first));
            own.is_some()
                && own == partition(region)
                && !target.regions.iter().any(|audited| audited == region)
        };
        let targets = targets.iter().filter(is_unaudited);
        places.extend(targets.map(|target| (target.account.clone(), (*region).to_owned())));
    }
    places
}

/// Whether a kind's service may be in a region: it is not called where AWS's data say that it is not.
fn is_in(kind: &Kind, region: &str) -> bool {
    kind.declaration().is_none_or(|declared| {
        let partition = partition_of_region(region);
        partition.is_none_or(|p| p.offers(declared.endpoint_prefix, region) != Presence::No)
    })
}

type Calls = BTreeMap<(&'static str, &'static str, &'static str), PlannedCall>;

/// Adds a call that is made once in each place, or for each resource.
fn count(
    calls: &mut Calls,
    call: &'static Call,
    places: usize,
    each: Option<Share>,
    size: Option<usize>,
) {
    let key = (call.service, call.operation, call.action);
    let fresh = !calls.contains_key(&key);
    if call.shared && !fresh {
        // Another kind has it counted for all.
        return;
    }
    let each = each.filter(|_| !call.shared);
    let planned = calls.entry(key).or_insert_with(|| PlannedCall {
        service: call.service,
        operation: call.operation,
        action: call.action,
        at_least: 0,
        and_for: Vec::new(),
        expected: None,
        unit_usd: call.price.usd(),
    });
    let each = match call.only_for {
        Some(what) => Some(Share {
            each: what.to_owned(),
            calls: 0,
            of: 1,
        }),
        None => each,
    };
    let more = match &each {
        None => Some(places),
        Some(Share { calls: 0, .. }) => Some(0),
        Some(Share { calls, of, .. }) => {
            size.map(|size| (size * *calls as usize).div_ceil(*of as usize))
        }
    };
    planned.expected = match (fresh, planned.expected, more) {
        (true, _, more) => more,
        (false, Some(so_far), Some(more)) => Some(so_far + more),
        (false, _, _) => None,
    };
    match each {
        None => planned.at_least += places,
        Some(Share { each, .. }) => {
            if !planned.and_for.contains(&each) {
                planned.and_for.push(each);
            }
        }
    }
}

/// Takes one job of each service in turn. Kinds with calls per resource come first, since they take
/// longest.
fn interleaved(jobs: Vec<PlannedJob>) -> Vec<PlannedJob> {
    let mut by_service: BTreeMap<String, Vec<PlannedJob>> = BTreeMap::new();
    for job in jobs {
        let service = job.kind.split('.').next().unwrap_or(job.kind).to_owned();
        by_service.entry(service).or_default().push(job);
    }
    for queue in by_service.values_mut() {
        queue.sort_by_key(|job| job.parts.len());
    }
    let mut ordered = Vec::new();
    while !by_service.is_empty() {
        by_service.retain(|_, queue| {
            ordered.extend(queue.pop());
            !queue.is_empty()
        });
    }
    ordered
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
