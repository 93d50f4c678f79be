//! What reading a kind in one place works with.

use crate::collect::Job;
use crate::collect::secrets;
use crate::kinds::declared::{CallOf, DeclaredKind, PartRead};
use crate::kinds::form::{Malformed, Search};
use crate::model::kinds::secret::SecretFinding;
use crate::model::{Document, Gap, Part};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Reads one kind in one place.
pub(super) struct Reader<'a> {
    pub(super) job: &'a Job,
    pub(super) kind: &'static DeclaredKind,
    pub(super) search: Search<'static>,
}

/// What a list found.
pub(super) struct Found {
    pub(super) id: String,
    /// The resource that it is in.
    pub(super) parent: Option<Arc<Document>>,
    /// What `describe` is asked with, by path.
    pub(super) item: Value,
    /// The document, or what the list gives of it.
    pub(super) document: Option<Document>,
}

/// A document whose parts are still to be read. Its fields are its own, without the common ones.
pub(super) struct Draft {
    pub(super) document: Document,
    pub(super) parent: Option<Arc<Document>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(job: &'a Job, kind: &'static DeclaredKind) -> Self {
        Self {
            job,
            kind,
            search: &search,
        }
    }
}

/// Secrets in a member of an answer.
fn search(text: &str) -> Result<Vec<SecretFinding>, Malformed> {
    secrets::in_member(text).map_err(|_| Malformed(String::new()))
}

/// How a list ended: the first gap that hides some of it.
pub(super) type End = Arc<Mutex<Option<Gap>>>;

/// Notes a gap, unless there is one.
pub(super) fn note(end: &End, gap: Gap) {
    end.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert(gap);
}

/// A part by its name.
pub(super) type Named = (&'static str, Part<Value>);

/// What one call gives for all resources of a kind, by what they are matched by.
pub(super) type Matched = Result<HashMap<String, Vec<Value>>, Gap>;

/// The parts that one call is made for all resources for, made when the first of them is there.
pub(super) struct KindParts(pub(super) BTreeMap<&'static str, OnceCell<Matched>>);

impl KindParts {
    pub(super) fn new(kind: &DeclaredKind) -> Self {
        let parts = kind.parts.iter().filter(|part| match &part.read {
            PartRead::Ask(asked) => matches!(asked.of, CallOf::Kind(_)),
            _ => false,
        });
        Self(parts.map(|part| (part.name, OnceCell::new())).collect())
    }
}
