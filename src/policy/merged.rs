//! All policy files of a run as one.

use super::file::GateFile as Gate;
use super::glob::{Glob, TagGlob};
use crate::model::{AttestationStatus, Exemption, Pillar, Severity};
use jiff::civil::Date;
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
    pub(super) include: Vec<Glob>,
    /// Checks that are not, whatever `include` says.
    pub(super) exclude: Vec<Glob>,
    /// Pillars that are selected; all where empty.
    pub(super) pillars: Vec<Pillar>,
    /// The least severity that is selected.
    pub(super) min_severity: Option<Severity>,
    /// Changes to checks, in order; the last that applies wins.
    pub(super) settings: Vec<Setting>,
    /// What is exempt.
    pub(super) exemptions: Vec<Rule>,
    /// Attestations in order, with patterns of the accounts that they cover; all if there is no
    /// pattern. The last that covers an account wins.
    pub(super) attestations: Vec<(Vec<Glob>, Statement)>,
}

/// Changes to parameters and severities, for all resources or for some.
#[derive(Debug, Clone, Default)]
pub(super) struct Setting {
    pub(super) accounts: Vec<Glob>,
    pub(super) tags: Vec<TagGlob>,
    pub(super) checks: Vec<Glob>,
    pub(super) parameters: BTreeMap<String, Map<String, Value>>,
    /// The most specific pattern first.
    pub(super) severity: Vec<(Glob, Severity)>,
}

/// One exemption, ready to match. Every list that is not empty must match.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// `file:line`, for notices.
    pub(super) place: String,
    pub(super) checks: Vec<Glob>,
    pub(super) resources: Vec<Glob>,
    pub(super) tags: Vec<TagGlob>,
    pub(super) findings: Vec<String>,
    pub(super) accounts: Vec<Glob>,
    pub(super) regions: Vec<Glob>,
    pub(super) exemption: Exemption,
}

/// What people say of a best practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The id of the best practice.
    pub practice: String,
    /// Whether it is followed.
    pub status: AttestationStatus,
    /// Who answers for it.
    pub owner: String,
    /// The day on which it was said.
    pub date: Date,
    /// The last day it counts.
    pub expires: Date,
    /// Where the proof is, `https://…`.
    pub link: Option<String>,
    /// What else a reader should know.
    pub note: Option<String>,
    /// `file:line`, for notices.
    pub place: String,
}

impl Statement {
    /// Whether it counts on a day.
    #[must_use]
    pub fn holds(&self, today: Date) -> bool {
        today <= self.expires
    }
}
