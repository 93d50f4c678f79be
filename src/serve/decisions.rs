//! People's decisions, as a policy that applies to a run in addition to those of its target.

use super::state::Service;
use crate::model::AttestationStatus;
use crate::policy::{AttestationFile, ExemptionFile, PolicyFile};
use crate::store::{AttestationRow, ExemptionRow, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The name that reports show.
const NAME: &str = "decisions";

/// The path of the policy with the decisions about a target at the start of its run. A run that is taken
/// over keeps this policy.
pub(super) async fn policy(
    service: &Service,
    run: &str,
    target: &str,
) -> Result<PathBuf, StoreError> {
    let path = service.files.decisions(run)?;
    if path.exists() {
        return Ok(path);
    }
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let exemptions = service.database.exemptions().await?;
    let exemptions = exemptions
        .iter()
        .filter(|row| row.target == target && row.state == "approved");
    let attestations = service.database.attestations().await?;
    let attestations = attestations
        .iter()
        .filter(|row| row.target == target && row.withdrawn.is_none());
    let file = PolicyFile {
        name: NAME.to_owned(),
        exemptions: exemptions.filter_map(|row| exemption(row, today)).collect(),
        attestations: latest(attestations)
            .filter_map(|row| attestation(row, today))
            .collect(),
        ..PolicyFile::default()
    };
    // JSON is YAML.
    let text = serde_json::to_string_pretty(&file)?;
    crate::atomic_file::write(&path, &text)?;
    Ok(path)
}

fn exemption(row: &ExemptionRow, today: Date) -> Option<ExemptionFile> {
    let expires: Date = row.expires.parse().ok()?;
    (expires >= today).then(|| ExemptionFile {
        checks: Vec::new(),
        resources: Vec::new(),
        tags: BTreeMap::new(),
        findings: vec![row.finding.clone()],
        accounts: Vec::new(),
        regions: Vec::new(),
        reason: row.reason.clone(),
        owner: row.owner.clone(),
        expires,
    })
}

/// The last attestation of each practice.
fn latest<'a>(
    rows: impl DoubleEndedIterator<Item = &'a AttestationRow>,
) -> impl Iterator<Item = &'a AttestationRow> {
    let mut known = BTreeSet::new();
    rows.rev()
        .filter(move |row| known.insert(row.practice.clone()))
}

fn attestation(row: &AttestationRow, today: Date) -> Option<AttestationFile> {
    let expires: Date = row.expires.parse().ok()?;
    let date: Date = row.said.parse().ok()?;
    let status: AttestationStatus =
        serde_json::from_value(Value::String(row.status.clone())).ok()?;
    (expires >= today).then(|| AttestationFile {
        practice: row.practice.clone(),
        accounts: Vec::new(),
        status,
        owner: row.owner.clone(),
        date,
        expires,
        link: row.link.clone(),
        note: row.note.clone(),
    })
}
