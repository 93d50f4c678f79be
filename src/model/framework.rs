//! The vocabulary of the AWS Well-Architected Framework.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One of the six pillars of the AWS Well-Architected Framework.
///
/// Source: <https://docs.aws.amazon.com/wellarchitected/latest/framework/the-pillars-of-the-framework.html>
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Pillar {
    /// Run and monitor systems, and improve processes continually.
    OperationalExcellence,
    /// Protect data, systems and assets.
    Security,
    /// Perform as intended, and recover from failure.
    Reliability,
    /// Use computing resources efficiently as demand changes.
    PerformanceEfficiency,
    /// Deliver value at the lowest price point.
    CostOptimization,
    /// Minimise the environmental impact of running workloads.
    Sustainability,
}

impl Pillar {
    /// All six, in the framework's order.
    pub const ALL: [Pillar; 6] = [
        Pillar::OperationalExcellence,
        Pillar::Security,
        Pillar::Reliability,
        Pillar::PerformanceEfficiency,
        Pillar::CostOptimization,
        Pillar::Sustainability,
    ];

    /// The identifier used in files and flags, such as `cost-optimization`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Pillar::OperationalExcellence => "operational-excellence",
            Pillar::Security => "security",
            Pillar::Reliability => "reliability",
            Pillar::PerformanceEfficiency => "performance-efficiency",
            Pillar::CostOptimization => "cost-optimization",
            Pillar::Sustainability => "sustainability",
        }
    }

    /// The name as AWS writes it, such as `Cost Optimization`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Pillar::OperationalExcellence => "Operational Excellence",
            Pillar::Security => "Security",
            Pillar::Reliability => "Reliability",
            Pillar::PerformanceEfficiency => "Performance Efficiency",
            Pillar::CostOptimization => "Cost Optimization",
            Pillar::Sustainability => "Sustainability",
        }
    }

    /// The prefix of the pillar's best-practice ids, such as `COST`.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Pillar::OperationalExcellence => "OPS",
            Pillar::Security => "SEC",
            Pillar::Reliability => "REL",
            Pillar::PerformanceEfficiency => "PERF",
            Pillar::CostOptimization => "COST",
            Pillar::Sustainability => "SUS",
        }
    }
}

impl fmt::Display for Pillar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A name that is not one of the known ones; carries what was given and what would have been right.
#[derive(Debug, thiserror::Error)]
#[error("`{given}` is not a {what}; expected one of: {expected}")]
pub struct UnknownName {
    given: String,
    what: &'static str,
    expected: String,
}

impl FromStr for Pillar {
    type Err = UnknownName;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Pillar::ALL
            .into_iter()
            .find(|p| p.id() == s || p.prefix().eq_ignore_ascii_case(s))
            .ok_or_else(|| UnknownName {
                given: s.to_owned(),
                what: "pillar",
                expected: Pillar::ALL.map(Pillar::id).join(", "),
            })
    }
}

/// How much a failed check matters, ascending.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing has to change.
    Info,
    /// An improvement with little risk behind it.
    Low,
    /// A weakness that will hurt under bad luck.
    Medium,
    /// A weakness that is likely to hurt.
    High,
    /// Exposed, lost or burning now.
    Critical,
}

impl Severity {
    /// All, ascending.
    pub const ALL: [Severity; 5] = [
        Severity::Info,
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];

    /// The identifier used in files and flags.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Severity {
    type Err = UnknownName;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Severity::ALL
            .into_iter()
            .find(|v| v.id() == s)
            .ok_or_else(|| UnknownName {
                given: s.to_owned(),
                what: "severity",
                expected: Severity::ALL.map(Severity::id).join(", "),
            })
    }
}
