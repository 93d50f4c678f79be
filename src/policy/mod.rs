//! Policies: which checks are run, with which parameters and severities, what is exempt, and when a
//! run counts as failed. Pure: texts and findings in, decisions out.
//!
//! ```text
//! files -> load() -> Policy -> selects, parameters_for, severity_for   (before judging)
//!                           -> apply_exemptions, count_gates           (to each finding)
//!                           -> exemption_notices, gate_results         (after the last)
//!                           -> attestations                            (next to the evidence)
//! ```
//!
//! Several files make one policy, and the later file wins, field by field: lists of `checks` and
//! `gates` are replaced if the later file has them, `parameters`, `severity` and `overrides` are
//! added and the last that applies wins, as with `attestations`; `exemptions` are all kept.

mod apply;
mod attest;
mod builtin;
mod exempt;
mod file;
mod gate;
mod glob;
mod load;
mod merged;
mod parameters;

pub use builtin::{BUILTIN, builtin};
pub use exempt::ExemptionUses;
pub use file::{
    AttestationFile, ExemptionFile, GateFile as Gate, OverrideFile, PolicyFile, SelectionFile,
};
pub use gate::{GateCounts, GateResult};
pub use load::{Loaded, PolicySource, load};
pub use merged::{CheckInfo, Policy, Statement};
