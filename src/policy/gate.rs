//! Gates: when a run counts as failed.

use super::{Gate, Policy};
use crate::model::{Finding, FindingId, Pillar, Severity, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A gate and what it counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateResult {
    /// The pillar it looks at; all where there is none.
    pub pillar: Option<Pillar>,
    /// The least severity it counts.
    pub severity: Severity,
    /// Whether it counts only findings that did not fail in the baseline.
    pub new_only: bool,
    /// How many failed findings it allows.
    pub max: u64,
    /// How many there are.
    pub count: u64,
    /// Whether that is too many.
    pub broken: bool,
}

impl Policy {
    /// Every gate with what it counts in `findings`. `baseline` holds the ids that failed in an
    /// earlier report; without one, every failed finding is new.
    #[must_use]
    pub fn gate_results(
        &self,
        findings: &[Finding],
        baseline: Option<&BTreeSet<FindingId>>,
    ) -> Vec<GateResult> {
        self.gates
            .iter()
            .map(|gate| gate.result(findings, baseline))
            .collect()
    }
}

impl Gate {
    /// What the gate counts in `findings`.
    #[must_use]
    pub fn result(
        &self,
        findings: &[Finding],
        baseline: Option<&BTreeSet<FindingId>>,
    ) -> GateResult {
        let known = |finding: &Finding| baseline.is_some_and(|ids| ids.contains(&finding.id));
        let counted = findings
            .iter()
            .filter(|f| f.verdict == Verdict::Fail && f.severity >= self.severity)
            .filter(|f| self.pillar.is_none_or(|pillar| pillar == f.pillar))
            .filter(|f| !(self.new_only && known(f)));
        let count = counted.count() as u64;
        GateResult {
            pillar: self.pillar,
            severity: self.severity,
            new_only: self.new_only,
            max: self.max,
            count,
            broken: count > self.max,
        }
    }
}
