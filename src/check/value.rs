//! A document as the expression language sees it: fields are borrowed, not copied, and reading a
//! gap is recorded.

use crate::model::document::gap_in;
use crate::model::{Cause, Document, Gap};
use cel::ExecutionError;
use cel::common::traits::{Container, Indexer, Iterable, Iterator as ValIterator, Sizer};
use cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelNull, CelString, DYN_TYPE, MAP_TYPE, Type,
};
use cel::common::value::{CowVal, StaticVal, Val};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::any::Any;
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Converts JSON for an expression. Text, lists' elements and objects borrow the document.
fn to_val<'v>(value: &'v Value, notes: Option<&'v Notes>) -> Box<dyn Val + 'v> {
    match value {
        Value::Null => Box::new(CelNull),
        Value::Bool(b) => Box::new(CelBool::from(*b)),
        Value::Number(n) => match n.as_i64() {
            Some(i) => Box::new(CelInt::from(i)),
            None => Box::new(CelDouble::from(n.as_f64().unwrap_or(f64::NAN))),
        },
        Value::String(s) => Box::new(CelString::from(s.as_str())),
        Value::Array(items) => {
            let items = items.iter().map(|item| to_val(item, notes));
            Box::new(CelList::from(items.collect::<Vec<_>>()))
        }
        Value::Object(fields) => Box::new(Object::new(fields, notes)),
    }
}

/// The gaps that one evaluation ran into.
#[derive(Debug, Default)]
pub(super) struct Notes(Mutex<Vec<Gap>>);

impl Notes {
    fn add(&self, gap: Gap) {
        let mut gaps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !gaps.contains(&gap) {
            gaps.push(gap);
        }
    }

    /// Notes a gap, and gives the error that reading it is.
    fn unreadable(&self, gap: Gap) -> ExecutionError {
        self.add(gap);
        ExecutionError::function_error("read", "could not be read")
    }

    pub(super) fn take(self) -> Vec<Gap> {
        let mut gaps = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        gaps.sort();
        gaps
    }
}

/// The time of the judgement, which only `age_days` reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(pub(super) Timestamp);

impl Val for Moment {
    fn get_type(&self) -> &Type {
        &DYN_TYPE
    }

    fn cel_type() -> &'static Type {
        &DYN_TYPE
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(*self)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Moment {}

/// The document itself, `r`.
#[derive(Clone, Copy)]
pub(super) struct Root<'v> {
    pub(super) document: &'v Document,
    pub(super) notes: &'v Notes,
}

impl fmt::Debug for Root<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Root")
            .field(&self.document.resource.id)
            .finish()
    }
}

impl Val for Root<'_> {
    fn get_type(&self) -> &Type {
        &MAP_TYPE
    }

    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(*self)
    }
}

impl Indexer for Root<'_> {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let name = key(index)?;
        if let Some(value) = self.document.fields.get(name) {
            return Ok(CowVal::Owned(to_val(value, Some(self.notes))));
        }
        let gap = self.document.gaps.get(name).cloned().unwrap_or_else(|| {
            Gap::new("", Cause::Uncollected, format!("{name} was not collected"))
        });
        Err(self.notes.unreadable(gap))
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}

/// A JSON object inside the document, or the parameters.
pub(super) struct Object<'v> {
    fields: &'v Map<String, Value>,
    /// Where gaps inside the document are noted; parameters have none.
    notes: Option<&'v Notes>,
    /// The keys as values, created on first iteration.
    keys: OnceLock<Vec<CelString<'v>>>,
}

impl<'v> Object<'v> {
    pub(super) fn new(fields: &'v Map<String, Value>, notes: Option<&'v Notes>) -> Self {
        Self {
            fields,
            notes,
            keys: OnceLock::new(),
        }
    }
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Object").field(&self.fields.len()).finish()
    }
}

impl<'d> Val for Object<'d> {
    fn get_type(&self) -> &Type {
        &MAP_TYPE
    }

    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        let (fields, notes): (&'d Map<String, Value>, _) = (self.fields, self.notes);
        Box::new(Object::new(fields, notes))
    }
}

impl Indexer for Object<'_> {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let name = key(index)?;
        let value = self
            .fields
            .get(name)
            .ok_or_else(|| ExecutionError::no_such_key(name))?;
        // One question of a derived part may be unanswered while others are answered.
        if let (Some(notes), Some(gap)) = (self.notes, gap_in(value)) {
            return Err(notes.unreadable(gap));
        }
        Ok(CowVal::Owned(to_val(value, self.notes)))
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}

impl Container for Object<'_> {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(self.fields.contains_key(key(value)?))
    }
}

impl Sizer for Object<'_> {
    fn size(&self) -> CelInt {
        CelInt::from(i64::try_from(self.fields.len()).unwrap_or(i64::MAX))
    }
}

impl Iterable for Object<'_> {
    fn iter<'b, 'v>(&'b self) -> Box<dyn ValIterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        let keys = self.keys.get_or_init(|| {
            self.fields
                .keys()
                .map(|k| CelString::from(k.as_str()))
                .collect()
        });
        Box::new(Keys(keys.iter()))
    }
}

struct Keys<'b, 'd>(std::slice::Iter<'b, CelString<'d>>);

impl<'b, 'v, 'd: 'v> ValIterator<'b, 'v> for Keys<'b, 'd> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        self.0.next().map(|k| k as &(dyn Val + 'v))
    }
}

fn key(index: &dyn Val) -> Result<&str, ExecutionError> {
    index
        .downcast_ref::<CelString>()
        .map(CelString::inner)
        .ok_or_else(|| ExecutionError::UnexpectedType {
            got: index.get_type().name().to_owned(),
            want: "string".to_owned(),
        })
}
