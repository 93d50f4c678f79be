//! The findings in columns, block by block.

use crate::model::{Finding, Part, Resource, Tags};
use crate::report::CheckReport;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::io;

/// How single findings differ from those of a baseline, by finding id; as in the report's comparison.
#[derive(Default)]
pub(super) struct Changes {
    /// What became of them.
    pub(super) changed: Map<String, Value>,
    /// The day on which each first failed.
    pub(super) first_failed: Map<String, Value>,
}

/// Columns of some findings and of the resources that they are the first to be about. All columns of a
/// table are those of its blocks one after the other, and what points at an entry counts from the first
/// block's first.
///
/// What findings of one check or resource share is there once: title, pillar, best practices and remedy
/// are those of the check in the head, everything of the resource is in `resources`.
#[derive(Default, Serialize)]
pub(super) struct Block {
    resources: Resources,
    findings: Rows,
}

/// One entry for each resource; in the first four, for each value that was not there before.
#[derive(Default, Serialize)]
struct Resources {
    kinds: Vec<String>,
    accounts: Vec<String>,
    regions: Vec<String>,
    tag_sets: Vec<Part<Tags>>,
    /// Positions in the four above.
    kind: Vec<usize>,
    account: Vec<usize>,
    region: Vec<usize>,
    tags: Vec<usize>,
    id: Vec<String>,
    /// Null where it is the id.
    name: Vec<Option<String>>,
    arn: Vec<Option<String>>,
}

/// One entry for each finding, but for the last three: pairs of a finding's position and a value,
/// if there is one.
#[derive(Default, Serialize)]
struct Rows {
    id: Vec<String>,
    /// Positions in the head's checks.
    check: Vec<usize>,
    /// Positions in the columns of [`Resources`].
    resource: Vec<usize>,
    /// Positions in `Severity::ALL`.
    severity: Vec<u8>,
    /// Positions in `Verdict::ALL`.
    verdict: Vec<u8>,
    say: Vec<String>,
    /// US dollars a month.
    saves: Vec<(usize, f64)>,
    /// What became of it since the baseline.
    change: Vec<(usize, Value)>,
    /// The day on which it first failed.
    first_failed: Vec<(usize, Value)>,
}

/// Values and their positions in the order in which they first came.
#[derive(Default)]
struct Positions(HashMap<String, usize>);

impl Positions {
    /// The position of a value, and whether it is new.
    fn of(&mut self, value: String) -> (usize, bool) {
        let next = self.0.len();
        let position = *self.0.entry(value).or_insert(next);
        (position, position == next)
    }
}

/// What a block needs from the previous ones.
pub(super) struct Table {
    checks: HashMap<String, usize>,
    changes: Changes,
    kinds: Positions,
    accounts: Positions,
    regions: Positions,
    tag_sets: Positions,
    resources: Positions,
    /// How many findings there were.
    findings: usize,
    block: Block,
}

impl Table {
    pub(super) fn new(checks: &[CheckReport], changes: Changes) -> Self {
        let ids = checks.iter().map(|check| check.id.clone());
        Self {
            checks: ids.zip(0..).collect(),
            changes,
            kinds: Positions::default(),
            accounts: Positions::default(),
            regions: Positions::default(),
            tag_sets: Positions::default(),
            resources: Positions::default(),
            findings: 0,
            block: Block::default(),
        }
    }

    /// The columns since the last block.
    pub(super) fn take_block(&mut self) -> Block {
        std::mem::take(&mut self.block)
    }

    /// # Errors
    /// When the report has no such check.
    pub(super) fn add(&mut self, finding: Finding) -> io::Result<()> {
        let check = *self.checks.get(&finding.check).ok_or_else(|| {
            io::Error::other(format!(
                "the report has findings of {} but not the check",
                finding.check
            ))
        })?;
        let at = self.findings;
        self.findings += 1;
        let resource = self.resource(finding.resource)?;
        let rows = &mut self.block.findings;
        rows.check.push(check);
        rows.resource.push(resource);
        rows.severity.push(finding.severity as u8);
        rows.verdict.push(finding.verdict as u8);
        rows.say.push(finding.say);
        rows.saves
            .extend(finding.saves_usd_month.map(|usd| (at, usd)));
        let id = finding.id.0;
        let changed = self.changes.changed.remove(&id);
        rows.change.extend(changed.map(|change| (at, change)));
        let since = self.changes.first_failed.remove(&id);
        rows.first_failed.extend(since.map(|day| (at, day)));
        rows.id.push(id);
        Ok(())
    }

    fn resource(&mut self, resource: Resource) -> io::Result<usize> {
        let key = [
            resource.account.as_str(),
            &resource.region,
            &resource.kind,
            &resource.id,
        ];
        let (at, new) = self.resources.of(key.join("\0"));
        if !new {
            return Ok(at);
        }
        let columns = &mut self.block.resources;
        let name = |positions: &mut Positions, values: &mut Vec<String>, name: String| {
            let (at, new) = positions.of(name.clone());
            values.extend(new.then_some(name));
            at
        };
        let kind = name(&mut self.kinds, &mut columns.kinds, resource.kind);
        columns.kind.push(kind);
        let account = name(&mut self.accounts, &mut columns.accounts, resource.account);
        columns.account.push(account);
        let region = name(&mut self.regions, &mut columns.regions, resource.region);
        columns.region.push(region);
        let tags = resource.tags;
        let (position, new) = self.tag_sets.of(serde_json::to_string(&tags)?);
        columns.tags.push(position);
        columns.tag_sets.extend(new.then_some(tags));
        let named = resource.name != resource.id;
        columns.name.push(named.then_some(resource.name));
        columns.id.push(resource.id);
        columns.arn.push(resource.arn);
        Ok(at)
    }
}
