//! The input and output of judging.

use crate::check::{Catalog, Check, Kinds};
use crate::derive::Derivation;
use crate::model::{Finding, FindingId, Notice, Severity, Tags};
use crate::plan::Parts;
use crate::policy::{CheckInfo, GateResult, Policy};
use crate::report::{Findings, ScannedAccount, Store};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;

/// What an assessment is based on.
pub struct Criteria<'a> {
    /// The selected checks.
    pub catalog: &'a Catalog,
    /// The kinds.
    pub kinds: &'a Kinds,
    /// The policy.
    pub policy: &'a Policy,
    /// The parts that were planned.
    pub parts: &'a Parts,
    /// All derivations.
    pub derivations: Vec<&'static Derivation>,
    /// Only resources with all of these tags are judged.
    pub tags: &'a Tags,
    /// The time of the judgement.
    pub now: Timestamp,
    /// The accounts, with the regions to audit in each. What is read in other regions serves resources that
    /// are in none. An account that is missing here is audited wherever it was read.
    pub accounts: &'a [ScannedAccount],
    /// What failed in the baseline, for gates that count only what is new.
    pub failed_before: Option<BTreeSet<FindingId>>,
}

/// Called once for each finding, after exemptions are applied, in no particular order and from any
/// judging thread.
pub type OnFinding = Arc<dyn Fn(&Finding) + Send + Sync>;

/// Where findings go, and how many threads make them.
#[derive(Clone)]
pub struct FindingSink {
    /// Keeps the findings until all are there.
    pub store: Arc<dyn Store>,
    /// Called for each finding as soon as it is judged, while the account is still being read.
    pub on_finding: Option<OnFinding>,
    /// How many threads judge.
    pub threads: NonZero<usize>,
}

impl FindingSink {
    /// Findings go to a store only, and all cores judge.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            on_finding: None,
            threads: thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN),
        }
    }
}

/// The outcome.
#[derive(Debug)]
pub struct Judged {
    /// Every finding, exemptions applied.
    pub findings: Findings,
    /// The policy's gates and what they counted.
    pub gates: Vec<GateResult>,
    /// What the reader should know.
    pub notices: Vec<Notice>,
    /// Resources read, by account, region and kind.
    pub resources: BTreeMap<(String, String, String), u64>,
}

/// Why judging failed. A report without some of its findings would be worse than none.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// The findings could not be kept.
    #[error("{0}")]
    Store(#[from] io::Error),
    /// A thread ended before its work did.
    #[error("a judging thread stopped, and its findings are lost")]
    Thread,
}

/// What the policy needs to know of a check.
#[must_use]
pub fn info(check: &Check) -> CheckInfo<'_> {
    CheckInfo {
        id: &check.id,
        pillar: check.file.pillar,
        severity: check.file.severity,
        parameters: &check.file.parameters,
    }
}

/// The severity of a check, before overrides that depend on the resource.
#[must_use]
pub fn severity(check: &Check, policy: &Policy) -> Severity {
    policy.general_severity(&info(check))
}
