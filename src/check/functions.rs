//! The functions that expressions may call besides CEL's own. Each is pure and total: it has a
//! result for every argument of its type, and an error for other arguments.
//!
//! The file is longer than 400 lines as the table, what declares it to CEL and the functions need each other.

use super::families;
use super::schema::{Shape, Type};
use super::value::Moment;
use crate::model::{Cause, Gap};
use cel::ExecutionError;
use cel::common::ast::{CallExpr, Expr, LiteralValue};
use cel::common::types::{CelBool, CelDouble, CelNull, CelString, DYN_TYPE};
use cel::common::value::CowVal;
use cel::parser::{Expression, Macro};
use cel::{DeclarationError, Env};
use globset::{GlobBuilder, GlobMatcher};
use ipnet::IpNet;
use jiff::Timestamp;
use std::cell::RefCell;
use std::collections::HashMap;

/// The variable that holds the time of the evaluation. Expressions cannot use this name.
pub(super) const NOW: &str = "@now";
/// `age_days(t)` is compiled to this function of the evaluation time, so that it is pure.
const AGE_DAYS_AT: &str = "age_days_at";
/// `known(x)`, which the type checker treats by its name.
pub(super) const KNOWN: &str = "known";
/// `known(x)` is compiled to this function of the value and its path, so that the gap can name it.
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
        "age_days",
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
        AGE_DAYS_AT => "age_days",
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
    env.add_macro(Macro::global("age_days", 1, |helper, _target, args| {
        let now = helper.next_expr(Expr::Ident(NOW.to_owned()));
        let mut args = std::mem::take(args);
        args.push(now);
        let call = CallExpr {
            func_name: AGE_DAYS_AT.to_owned(),
            target: None,
            args,
        };
        Ok(Some(helper.next_expr(Expr::Call(call))))
    }))?;
    env.add_macro(Macro::global(KNOWN, 1, |helper, _target, args| {
        let mut args = std::mem::take(args);
        let path = args.first().map(path).unwrap_or_default();
        let path = helper.next_expr(Expr::Literal(LiteralValue::String(path.into())));
        args.push(path);
        let call = CallExpr {
            func_name: KNOWN_AS.to_owned(),
            target: None,
            args,
        };
        Ok(Some(helper.next_expr(Expr::Call(call))))
    }))?;
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
        .map_err(|_| ExecutionError::function_error("age_days", "not an RFC 3339 timestamp"))?;
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

/// The members that lead to a value, without the variable that they begin at: `status.state`.
fn path(expression: &Expression) -> String {
    let mut steps = Vec::new();
    let mut at = expression;
    loop {
        match &at.expr {
            Expr::Select(select) => {
                steps.push(select.field.as_str());
                at = &select.operand;
            }
            // `known(known(r.status).state)`, or what a map has for a key.
            Expr::Call(call) => match call.args.first() {
                Some(value) => at = value,
                None => break,
            },
            _ => break,
        }
    }
    steps.reverse();
    steps.join(".")
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

/// Days from one timestamp to another, with fractions.
#[must_use]
pub fn days_between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() / 86_400.0
}

/// Whether a CIDR range is the whole internet. A text that is no CIDR range is not.
#[must_use]
pub fn is_world(cidr: &str) -> bool {
    cidr.parse::<IpNet>().is_ok_and(|net| net.prefix_len() == 0)
}

/// Whether one CIDR range contains all of another. A text that is no CIDR range contains nothing.
#[must_use]
pub fn cidr_contains(outer: &str, inner: &str) -> bool {
    match (outer.parse::<IpNet>(), inner.parse::<IpNet>()) {
        (Ok(outer), Ok(inner)) => outer.contains(&inner),
        _ => false,
    }
}

thread_local! {
    /// Compiled patterns. Compiling one takes longer than everything else in an expression.
    static GLOBS: RefCell<HashMap<String, Option<GlobMatcher>>> = RefCell::default();
}

/// Most patterns are in checks and policies. The limit is for patterns from documents.
const MAX_GLOBS: usize = 256;

/// Whether a text matches a pattern of `*` and `?`. A pattern that cannot be read matches nothing.
#[must_use]
pub fn glob(text: &str, pattern: &str) -> bool {
    let matches =
        |matcher: &Option<GlobMatcher>| matcher.as_ref().is_some_and(|m| m.is_match(text));
    GLOBS.with_borrow_mut(|known| {
        if let Some(matcher) = known.get(pattern) {
            return matches(matcher);
        }
        if known.len() >= MAX_GLOBS {
            known.clear();
        }
        let glob = GlobBuilder::new(pattern).literal_separator(false).build();
        let compiled = glob.ok().map(|glob| glob.compile_matcher());
        matches(known.entry(pattern.to_owned()).or_insert(compiled))
    })
}

/// Whether a dotted version is at least another: `8.0.36` is at least `8.0.4`. Segments are
/// compared by the number that they start with; a missing segment counts as zero.
#[must_use]
pub fn version_at_least(version: &str, minimum: &str) -> bool {
    let pieces = |v: &str| -> Vec<u64> {
        v.split(['.', '-', '_', '+'])
            .map(|piece| {
                let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
                digits.parse().unwrap_or(0)
            })
            .collect()
    };
    let (mut a, mut b) = (pieces(version), pieces(minimum));
    let longest = a.len().max(b.len());
    a.resize(longest, 0);
    b.resize(longest, 0);
    a >= b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_days_with_fractions() {
        let day = |s: &str| s.parse::<Timestamp>().unwrap();
        let (from, to) = (day("2026-01-01T00:00:00Z"), day("2026-01-02T12:00:00Z"));
        assert!((days_between(from, to) - 1.5).abs() < 1e-9);
        assert!((days_between(to, from) + 1.5).abs() < 1e-9);
    }

    #[test]
    fn cidr_ranges() {
        assert!(is_world("0.0.0.0/0") && is_world("::/0"));
        assert!(!is_world("10.0.0.0/8") && !is_world("everything"));
        assert!(cidr_contains("10.0.0.0/8", "10.1.0.0/16"));
        assert!(!cidr_contains("10.1.0.0/16", "10.0.0.0/8"));
        assert!(!cidr_contains("::/0", "10.0.0.0/8"));
    }

    #[test]
    fn globs() {
        assert!(glob("AmazonSSMManagedInstanceCore", "AmazonSSM*"));
        assert!(glob("a/b", "a*"));
        assert!(!glob("ab", "a?c"));
        assert!(!glob("[", "["));
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(version_at_least("8.0.36", "8.0.4"));
        assert!(version_at_least("16", "16.0"));
        assert!(!version_at_least("5.7.44", "8"));
        assert!(version_at_least("15.00.4236.7.v1", "15"));
    }
}
