//! What a file selects from a shape, and the problems of the selection.

use crate::kinds::file::{As, KindFile, PartFile, ThenFile};
use crate::yaml::PathSeg;
use std::collections::BTreeMap;

/// What a file selects from a value.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// The members that are kept; all if neither `fields` nor `names` has any.
    pub fields: &'a [String],
    /// The required members.
    pub always: &'a [String],
    /// How text is converted.
    pub conversions: Option<&'a As>,
    /// Members that may hold secrets.
    pub secret: &'a [String],
    /// Fields with a name that the file chooses, and the paths to their values.
    pub names: Option<&'a BTreeMap<String, String>>,
}

/// These files have the same keys for what they keep.
macro_rules! selects {
    ($($file:ty),*) => {$(
        impl<'a> From<&'a $file> for Selection<'a> {
            fn from(file: &'a $file) -> Self {
                Self {
                    fields: &file.fields,
                    always: &file.always,
                    conversions: file.conversions.as_ref(),
                    secret: &file.secret,
                    names: Some(&file.names),
                }
            }
        }
    )*};
}

selects!(KindFile, PartFile, ThenFile);

impl Selection<'_> {
    /// Whether a member is kept, or one around or below it.
    pub(super) fn keeps(&self, path: &str) -> bool {
        let around = |outer: &str, inner: &str| inner.starts_with(&format!("{outer}."));
        let by = |field: &String| path == field || around(field, path) || around(path, field);
        let names = self.names.iter().flat_map(|names| names.values());
        self.is_all() || self.fields.iter().chain(names).any(by)
    }

    /// Whether a member is below one that is kept whole.
    pub(super) fn keeps_all_around(&self, path: &str) -> bool {
        let above = |field: &String| path.starts_with(&format!("{field}."));
        self.fields.iter().any(above)
    }

    /// Whether all members are kept.
    pub(super) fn is_all(&self) -> bool {
        self.fields.is_empty() && self.names.is_none_or(BTreeMap::is_empty)
    }
}

/// Something in a file that does not fit the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormProblem {
    /// Where, relative to the selection's node in the file.
    pub at: Vec<PathSeg>,
    /// What is wrong.
    pub message: String,
    /// A suggestion.
    pub help: Option<String>,
}

impl FormProblem {
    pub(super) fn new(at: Vec<PathSeg>, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            help: None,
        }
    }
}
