//! The functions that expressions may call besides CEL's own. Each is pure and total: it has a
//! result for every argument of its type, and an error for other arguments.

use super::compute::{cidr_contains, days_between, glob, is_world, version_at_least};
use super::families;
use super::value::Moment;
use crate::model::shape::{Shape, Type};
use crate::model::{Cause, Gap};
use cel::ExecutionError;
use cel::common::types::{CelBool, CelDouble, CelNull, CelString, DYN_TYPE};
use cel::common::value::CowVal;
use cel::{DeclarationError, Env};
use jiff::Timestamp;

/// The variable that holds the time of the evaluation. Expressions cannot use this name.
pub(super) const NOW: &str = "@now";
/// `age_days(t)`.
pub(super) const AGE_DAYS: &str = "age_days";
/// `age_days(t)` is rewritten to this function of the evaluation time, so that it is pure.
pub(super) const AGE_DAYS_AT: &str = "age_days_at";
/// `known(x)`, which the type checker treats by its name.
pub(super) const KNOWN: &str = "known";
/// `known(x)` is rewritten to this function of the value and its path, so that the gap can name it.
pub(super) const KNOWN_AS: &str = "known_as";

type Arguments<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// A function as authors see it.
pub struct Function {
    /// The name in expressions.
    pub name: &'static str,
    /// What it takes.
    pub takes: &'static [Type],
    /// What it gives.
    pub gives: Type,
    /// Whether it returns `null` when it has no answer.
    pub nullable: bool,
    /// One line for the reference.
    pub about: &'static str,
}

const fn function(
    name: &'static str,
    takes: &'static [Type],
    gives: Type,
    nullable: bool,
    about: &'static str,
) -> Function {
    Function {
        name,
        takes,
        gives,
        nullable,
        about,
    }
}

/// All of ours.
pub const FUNCTIONS: &[Function] = &[
    function(
        AGE_DAYS,
        &[Type::Timestamp],
        Type::Float,
        false,
        "Days since a timestamp; negative if it is in the future.",
    ),
    function(
        "is_world",
        &[Type::String],
        Type::Bool,
        false,
        "Whether a CIDR range is the whole internet, `0.0.0.0/0` or `::/0`.",
    ),
    function(
        "cidr_contains",
        &[Type::String, Type::String],
        Type::Bool,
        false,
        "Whether the first CIDR range contains all of the second.",
    ),
    // The first argument is a map, which a constant cannot express; see `signature`.
    function(
        "tag",
        &[Type::Any, Type::String],
        Type::String,
        true,
        "A tag's value by its key, whose case does not matter; `null` when there is none.",
    ),
    // As `tag`; what it gives is what the map holds.
    function(
        "entry",
        &[Type::Any, Type::String],
        Type::Any,
        true,
        "A map's value by its key, as it is written; `null` when there is none.",
    ),
    // It takes everything that may be null, and gives the same without null; see `Typing`.
    function(
        KNOWN,
        &[Type::Any],
        Type::Any,
        false,
        "The value itself; where it is `null`, the verdict is unknown: for what AWS should have said.",
    ),
    function(
        "glob",
        &[Type::String, Type::String],
        Type::Bool,
        false,
        "Whether a text matches a pattern with `*` and `?`.",
    ),
    function(
        "lower",
        &[Type::String],
        Type::String,
        false,
        "A text in lower case.",
    ),
    function(
        "version_at_least",
        &[Type::String, Type::String],
        Type::Bool,
        false,
        "Whether a dotted version is the second one or later, compared by number.",
    ),
    function(
        "newer_family",
        &[Type::String],
        Type::String,
        true,
        "The family that replaces an instance type's family; `null` while it is current.",
    ),
    function(
        "graviton_family",
        &[Type::String],
        Type::String,
        true,
        "The Graviton family that can replace an x86 instance type's family; else `null`.",
    ),
];

/// Our function of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    let name = match name {
        AGE_DAYS_AT => AGE_DAYS,
        KNOWN_AS => KNOWN,
        name => name,
    };
    FUNCTIONS.iter().find(|f| f.name == name)
}

impl Function {
    /// What it gives, as a shape.
    #[must_use]
    pub fn result(&self) -> Shape {
        Shape {
            ty: self.gives.clone(),
            nullable: self.nullable,
        }
    }
}

/// Declares every function in an environment.
pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    let one = || vec![DYN_TYPE];
    let two = || vec![DYN_TYPE, DYN_TYPE];
    env.add_overload(KNOWN_AS, "known_as", two(), known_as)?;
    env.add_overload(AGE_DAYS_AT, "age_days_at", two(), age_days_at)?;
    env.add_overload("is_world", "is_world", one(), |a| {
        boolean(is_world(text(&a, 0)?))
    })?;
    env.add_overload("cidr_contains", "cidr_contains", two(), |a| {
        boolean(cidr_contains(text(&a, 0)?, text(&a, 1)?))
    })?;
    env.add_overload("tag", "tag", two(), tag)?;
    env.add_overload("entry", "entry", two(), entry)?;
    env.add_overload("glob", "glob", two(), |a| {
        boolean(glob(text(&a, 0)?, text(&a, 1)?))
    })?;
    env.add_overload("lower", "lower", one(), |a| {
        string(text(&a, 0)?.to_lowercase())
    })?;
    env.add_overload("version_at_least", "version_at_least", two(), |a| {
        boolean(version_at_least(text(&a, 0)?, text(&a, 1)?))
    })?;
    env.add_overload("newer_family", "newer_family", one(), |a| {
        optional(families::newer_family(text(&a, 0)?))
    })?;
    env.add_overload("graviton_family", "graviton_family", one(), |a| {
        optional(families::graviton_family(text(&a, 0)?))
    })
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "what the language calls gives a result"
)]
fn boolean<'b, 'v>(value: bool) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(value)))
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "what the language calls gives a result"
)]
fn string<'b, 'v>(value: String) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelString::from(value)))
}

fn optional<'b, 'v>(value: Option<String>) -> Answer<'b, 'v> {
    value.map_or_else(|| Ok(CowVal::owned(CelNull)), string)
}

fn text<'a>(arguments: &'a Arguments<'_, '_>, index: usize) -> Result<&'a str, ExecutionError> {
    let value = arguments
        .get(index)
        .ok_or(ExecutionError::MissingArgumentOrTarget)?;
    value
        .downcast_ref::<CelString>()
        .map(CelString::inner)
        .ok_or_else(|| ExecutionError::UnexpectedType {
            got: value.get_type().name().to_owned(),
            want: "string".to_owned(),
        })
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "the signature is the language's"
)]
fn age_days_at<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let moment: Timestamp = text(&arguments, 0)?
        .parse()
        .map_err(|_| ExecutionError::function_error(AGE_DAYS, "not an RFC 3339 timestamp"))?;
    let now = arguments
        .get(1)
        .and_then(|now| now.downcast_ref::<Moment>())
        .ok_or(ExecutionError::MissingArgumentOrTarget)?;
    Ok(CowVal::owned(CelDouble::from(days_between(moment, now.0))))
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "the signature is the language's"
)]
fn tag<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let wanted = text(&arguments, 1)?.to_lowercase();
    let tags = &arguments[0];
    let (Some(keys), Some(values)) = (tags.as_iterable(), tags.as_indexer()) else {
        return Err(ExecutionError::function_error("tag", "not a map of tags"));
    };
    let mut keys = keys.iter();
    while let Some(key) = keys.next() {
        let matches = key
            .downcast_ref::<CelString>()
            .is_some_and(|k| k.inner().to_lowercase() == wanted);
        if matches {
            return values.get(key).map(|v| CowVal::Owned(v.into_owned()));
        }
    }
    Ok(CowVal::owned(CelNull))
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "the signature is the language's"
)]
fn entry<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    text(&arguments, 1)?;
    let (map, key) = (&arguments[0], &arguments[1]);
    let (Some(keys), Some(values)) = (map.as_container(), map.as_indexer()) else {
        return Err(ExecutionError::function_error("entry", "not a map"));
    };
    if keys.contains(&**key)? {
        return values.get(&**key).map(|v| CowVal::Owned(v.into_owned()));
    }
    Ok(CowVal::owned(CelNull))
}

fn known_as<'b, 'v>(arguments: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let is_null = |value: &CowVal<'b, 'v>| value.downcast_ref::<CelNull>().is_some();
    if arguments.first().is_some_and(is_null) {
        let path = text(&arguments, 1)?;
        return Err(ExecutionError::function_error(KNOWN_AS, path));
    }
    let value = arguments.into_iter().next();
    value.ok_or(ExecutionError::MissingArgumentOrTarget)
}

/// The gap that an error is, if `known` found null: everything was read, and AWS did not say it.
pub(super) fn untold(error: &ExecutionError) -> Option<Gap> {
    match error {
        ExecutionError::FunctionError { function, message } if function == KNOWN_AS => {
            // The message is the path that the check names, nothing of the document.
            let detail = format!("AWS's answer does not say {message}");
            Some(Gap::new("", Cause::Undecided, detail))
        }
        _ => None,
    }
}
