//! Who may do what: bucket publicness, role trust, privileges that policies give.

pub mod condition;
pub mod document;
pub mod trust;

use super::Derivation;

/// The derivations of this file.
pub const DERIVATIONS: &[Derivation] = &[];
