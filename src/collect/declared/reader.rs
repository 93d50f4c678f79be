//! The state with which a job reads a kind.

use crate::collect::Job;
use crate::collect::secrets;
use crate::kinds::declared::{CallOf, CalledPart, DeclaredKind, PartRead};
use crate::kinds::form::{Malformed, Search};
use crate::model::kinds::secret::SecretFinding;
use crate::model::{Document, Gap, Part};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Reads one kind in one account and region.
pub(super) struct Reader<'a> {
    pub(super) job: &'a Job,
    pub(super) kind: &'static DeclaredKind,
    pub(super) search: Search<'static>,
}

/// A resource that a list found.
pub(super) struct ListedResource {
    pub(super) id: String,
    /// The resource within which it is listed.
    pub(super) parent: Option<Arc<Document>>,
    /// The members of the list item that `describe` takes as input, by path.
    pub(super) item: Value,
    /// The document, as far as the list returned it.
    pub(super) document: Option<Document>,
}

/// A document whose parts are not read yet. It has the fields of its kind, without the common ones.
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

/// How a list ended: the first gap that makes it incomplete.
pub(super) type ListGap = Arc<Mutex<Option<Gap>>>;

/// Notes a gap, unless there is one already.
pub(super) fn note(end: &ListGap, gap: Gap) {
    end.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert(gap);
}

/// A part by its name.
pub(super) type Named = (&'static str, Part<Value>);

/// The result of one call for all resources of a kind, by the member that matches it to a resource.
pub(super) type Matched = Result<HashMap<String, Vec<Value>>, Gap>;

/// The results of calls that are made once for all resources, when the first one needs them.
pub(super) struct KindParts {
    /// Calls for all resources, by part.
    pub(super) parts: BTreeMap<&'static str, OnceCell<Matched>>,
    /// `then` calls for all items of a part, by part.
    pub(super) items: BTreeMap<&'static str, OnceCell<Matched>>,
}

impl KindParts {
    pub(super) fn new(kind: &DeclaredKind) -> Self {
        let cells = |once: fn(&CalledPart) -> bool| {
            let parts = kind.parts.iter().filter(|part| match &part.read {
                PartRead::Call(asked) => once(asked),
                _ => false,
            });
            parts.map(|part| (part.name, OnceCell::new())).collect()
        };
        Self {
            parts: cells(|asked| matches!(asked.of, CallOf::Kind(_))),
            items: cells(|asked| asked.then.as_ref().is_some_and(|then| then.all.is_some())),
        }
    }
}
