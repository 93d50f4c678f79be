//! What a file selects of a shape, and what in it does not fit.

use crate::kinds::file::{As, KindFile, PartFile, ThenFile};
use crate::yaml::PathSeg;
use std::collections::BTreeMap;

/// What a file says of a value.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// The members that are kept; all where none is named.
    pub fields: &'a [String],
    /// Those that have to be there.
    pub always: &'a [String],
    /// What becomes of text.
    pub conversions: Option<&'a As>,
    /// What may hold secrets.
    pub secret: &'a [String],
    /// Fields of names of their own, and where they are.
    pub names: Option<&'a BTreeMap<String, String>>,
}

/// Each of these says the same of what it keeps.
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

    /// Whether a member is below one that is kept whole, and is kept with it.
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
    /// Where, from the file's node that the selection is of.
    pub at: Vec<PathSeg>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
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
