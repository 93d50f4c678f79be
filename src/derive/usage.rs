//! What nothing uses, and what nothing watches.

use super::Derivation;

/// The derivations of this file.
pub const DERIVATIONS: &[Derivation] = &[];
