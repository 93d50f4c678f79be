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

/// How many findings each gate of a policy counted so far.
#[derive(Debug, Clone, Default)]
pub struct GateCounts(Vec<u64>);

impl GateCounts {
    /// Adds what was counted elsewhere under the same policy.
    pub fn merge(&mut self, other: &GateCounts) {
        let most = self.0.len().max(other.0.len());
        self.0.resize(most, 0);
        for (count, more) in self.0.iter_mut().zip(&other.0) {
            *count += more;
        }
    }
}

impl Policy {
    /// Lets every gate count a finding. `baseline` holds the ids that failed in an earlier report;
    /// without one, every failed finding is new.
    pub fn count_gates(
        &self,
        finding: &Finding,
        baseline: Option<&BTreeSet<FindingId>>,
        counts: &mut GateCounts,
    ) {
        counts.0.resize(self.gates.len(), 0);
        for (gate, count) in self.gates.iter().zip(&mut counts.0) {
            *count += u64::from(gate.counts(finding, baseline));
        }
    }

    /// Every gate with what it counted.
    #[must_use]
    pub fn gate_results(&self, counts: &GateCounts) -> Vec<GateResult> {
        let counts = counts.0.iter().copied().chain(std::iter::repeat(0));
        let gates = self.gates.iter().zip(counts);
        gates.map(|(gate, count)| gate.result(count)).collect()
    }
}

impl Gate {
    /// Whether the gate counts a finding.
    fn counts(&self, finding: &Finding, baseline: Option<&BTreeSet<FindingId>>) -> bool {
        finding.verdict == Verdict::Fail
            && finding.severity >= self.severity
            && self.pillar.is_none_or(|pillar| pillar == finding.pillar)
            && !(self.new_only && baseline.is_some_and(|ids| ids.contains(&finding.id)))
    }

    fn result(&self, count: u64) -> GateResult {
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
