//! What the internet can reach.

use super::Derivation;

/// The derivations of this file.
pub const DERIVATIONS: &[Derivation] = &[];
