//! Kinds of resources as checks see them: data, not collectors.

use crate::kinds::parallel::in_parallel;
use crate::model::Kind;
use crate::model::shape::Shape;
use std::collections::BTreeMap;

/// A kind and the fields that checks of it may read.
#[derive(Debug, Clone)]
pub struct KindFields {
    /// The kind.
    pub kind: &'static Kind,
    /// Its fields.
    pub shape: Shape,
}

/// Kinds by name.
pub type Kinds = BTreeMap<&'static str, KindFields>;

/// The kinds' fields from their schemas.
#[must_use]
pub fn kinds(all: impl IntoIterator<Item = &'static Kind>) -> Kinds {
    let all: Vec<&'static Kind> = all.into_iter().collect();
    let fields = in_parallel(&all, |kind| {
        let shape = kind.fields();
        (kind.name, KindFields { kind, shape })
    });
    fields.into_iter().collect()
}
