//! Who may do what: bucket publicness, role trust, privileges that policies give.

use super::Derivation;

/// The derivations of this file.
pub const DERIVATIONS: &[Derivation] = &[];
