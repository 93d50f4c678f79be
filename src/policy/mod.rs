//! What an account is held to: which checks, with which parameters and severities, what is exempt,
//! and when a run counts as failed. Pure: texts and findings in, decisions out.
//!
//! ```text
//! files -> load() -> Policy -> selects, parameters_for, severity_for   (before judging)
//!                           -> apply_exemptions, count_gates           (to each finding)
//!                           -> exemption_notices, gate_results         (after the last)
//!                           -> attestations                            (beside the evidence)
//! ```
//!
//! Several files make one policy, and the later file wins, field by field: lists of `checks` and
//! `gates` are replaced where the later file has them, `parameters`, `severity` and `overrides` are
//! added and the last that applies wins, as with `attestations`; `exemptions` are all kept.

mod apply;
mod attest;
mod builtin;
mod exempt;
mod file;
mod gate;
mod glob;
mod load;
mod parameters;

pub use attest::Statement;
pub use builtin::{BUILTIN, builtin};
pub use exempt::Fates;
pub use file::{
    AttestationFile, ExemptionFile, GateFile as Gate, OverrideFile, PolicyFile, SelectionFile,
};
pub use gate::{GateCounts, GateResult};
pub use load::{Loaded, PolicySource, load};

use crate::model::{Exemption, Pillar, Severity};
use glob::{Glob, TagGlob};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a policy needs to know of a check.
#[derive(Debug, Clone, Copy)]
pub struct CheckInfo<'a> {
    /// Its id, `s3/bucket-public`.
    pub id: &'a str,
    /// Its pillar.
    pub pillar: Pillar,
    /// Its own severity.
    pub severity: Severity,
    /// Its parameters with their default values.
    pub parameters: &'a Map<String, Value>,
}

/// All policy files of a run as one.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The names of the files' policies, in order.
    pub names: Vec<String>,
    /// When a run counts as failed.
    pub gates: Vec<Gate>,
    /// Checks that are selected; all where empty.
    include: Vec<Glob>,
    /// Checks that are not, whatever `include` says.
    exclude: Vec<Glob>,
    /// Pillars that are selected; all where empty.
    pillars: Vec<Pillar>,
    /// The least severity that is selected.
    min_severity: Option<Severity>,
    /// Changes to checks, in order; the last that applies wins.
    settings: Vec<Setting>,
    /// What is exempt.
    exemptions: Vec<Rule>,
    /// What people say of best practices, in order, and of which accounts; all where there is no
    /// pattern. The last that covers an account wins.
    attestations: Vec<(Vec<Glob>, Statement)>,
}

/// Changes to parameters and severities, for all resources or for some.
#[derive(Debug, Clone, Default)]
struct Setting {
    accounts: Vec<Glob>,
    tags: Vec<TagGlob>,
    checks: Vec<Glob>,
    parameters: BTreeMap<String, Map<String, Value>>,
    /// The most specific pattern first.
    severity: Vec<(Glob, Severity)>,
}

/// One exemption, ready to match. Every list that is not empty must match.
#[derive(Debug, Clone)]
struct Rule {
    /// `file:line`, for notices.
    place: String,
    checks: Vec<Glob>,
    resources: Vec<Glob>,
    tags: Vec<TagGlob>,
    findings: Vec<String>,
    accounts: Vec<Glob>,
    regions: Vec<Glob>,
    exemption: Exemption,
}
