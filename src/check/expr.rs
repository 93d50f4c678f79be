//! The expression language of checks: CEL, compiled and checked against the fields of a kind.
//!
//! Only this module, [`super::parse`], [`super::macros`], [`super::functions`] and [`super::value`] know the `cel` crate.

use super::functions::{self, NOW};
use super::parse::{ENV, Origin, parse, with_places};
use super::types::{PARAMETERS, Problem, RESOURCE, Typing};
use super::value::{Moment, Notes, Object, Root};
use crate::model::document::gap_in;
use crate::model::shape::Shape;
use crate::model::{Document, Gap};
use cel::common::ast::SourceInfo;
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelNull, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::parser::Expression;
use cel::{Context, Value as CelValue};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// A compiled expression.
pub struct Expr {
    source: Box<str>,
    expression: Arc<Expression>,
    result: Shape,
    /// The paths below the document that it reads, with dots: a field's name has none.
    paths: Box<[Box<str>]>,
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expr").field(&self.source).finish()
    }
}

/// Why an evaluation has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoValue {
    /// Data that decides the answer could not be read.
    Gaps(Vec<Gap>),
    /// The expression failed although everything was read: a bug in the check.
    Broken(String),
}

/// Everything an expression may refer to.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// `r`.
    pub document: &'a Document,
    /// `p`.
    pub parameters: &'a Map<String, Value>,
    /// The time of the judgement.
    pub now: Timestamp,
}

impl Expr {
    /// Compiles an expression over a kind's fields (`r`) and a check's parameters (`p`).
    ///
    /// # Errors
    /// Every problem found: syntax, unknown fields and functions, types that do not agree.
    pub fn compile(
        source: &str,
        origin: Origin,
        r: &Shape,
        p: &Shape,
    ) -> Result<Self, Vec<Problem>> {
        let mut expression = parse(source, origin).map_err(|problem| vec![problem])?;
        let mut typing = Typing::of(&expression, &SourceInfo::default(), r, p);
        if !typing.problems.is_empty() {
            // Again with the parser that tells where each problem is.
            let (tree, program) = with_places(source).map_err(|problem| vec![problem])?;
            typing = Typing::of(&tree, program.source_info(), r, p);
            if !typing.problems.is_empty() {
                return Err(typing.problems);
            }
            expression = Arc::new(tree);
        }
        let paths = typing.paths.iter();
        Ok(Self {
            source: source.into(),
            expression,
            result: typing.result,
            paths: paths.map(|path| path.join(".").into()).collect(),
        })
    }

    /// The text.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The type of its value.
    #[must_use]
    pub fn result(&self) -> &Shape {
        &self.result
    }

    /// The top-level fields of the document that it reads: what has to be collected.
    #[must_use]
    pub fn reads(&self) -> BTreeSet<&str> {
        let first = |path: &'_ str| path.find('.').unwrap_or(path.len());
        let paths = self.paths.iter();
        paths.map(|path| &path[..first(path)]).collect()
    }

    /// The paths below the document that it reads, such as `metadata_options.http_tokens`.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(AsRef::as_ref)
    }

    /// The values at those paths that a document has, each with its path's dotted name.
    pub fn values<'a>(
        &'a self,
        document: &'a Document,
    ) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.paths().filter_map(|name| {
            let mut steps = name.split('.');
            let mut value = document.fields.get(steps.next()?)?;
            for step in steps {
                value = value.get(step)?;
            }
            // What could not be read is a gap, not evidence.
            gap_in(value).is_none().then_some((name, value))
        })
    }

    /// Evaluates to a truth value.
    ///
    /// # Errors
    /// See [`NoValue`].
    pub fn truth(&self, scope: Scope<'_>) -> Result<bool, NoValue> {
        self.with(scope, |value| match value.downcast_ref::<CelBool>() {
            Some(truth) => Ok(*truth.inner()),
            None => Err(format!(
                "gives {} instead of a bool",
                value.get_type().name()
            )),
        })
    }

    /// Evaluates to a number.
    ///
    /// # Errors
    /// See [`NoValue`].
    pub fn number(&self, scope: Scope<'_>) -> Result<f64, NoValue> {
        self.with(scope, |value| {
            if let Some(number) = value.downcast_ref::<CelDouble>() {
                return Ok(*number.inner());
            }
            #[allow(clippy::cast_precision_loss, reason = "an amount of money")]
            match value.downcast_ref::<CelInt>() {
                Some(number) => Ok(*number.inner() as f64),
                None => Err(format!(
                    "gives {} instead of a number",
                    value.get_type().name()
                )),
            }
        })
    }

    /// Evaluates to text for people.
    ///
    /// # Errors
    /// See [`NoValue`].
    pub fn text(&self, scope: Scope<'_>) -> Result<String, NoValue> {
        self.with(scope, |value| Ok(display(value)))
    }

    fn with<T>(
        &self,
        scope: Scope<'_>,
        convert: impl FnOnce(&dyn Val) -> Result<T, String>,
    ) -> Result<T, NoValue> {
        let notes = Notes::default();
        let mut untold = None;
        let outcome = {
            let variables = Variables {
                r: Root {
                    document: scope.document,
                    notes: &notes,
                },
                p: Object::new(scope.parameters, None),
                now: Moment(scope.now),
            };
            let mut context = Context::with_env(Arc::clone(&ENV));
            context.set_variable_resolver(&variables);
            let value: Result<CowVal<'_, '_>, _> =
                CelValue::resolve_val(&self.expression, &context);
            match value {
                Ok(value) => convert(value.as_ref()),
                // The text of the error may quote the document.
                Err(error) => {
                    untold = functions::untold(&error);
                    Err(kind_of(&error))
                }
            }
        };
        match (outcome, notes.take()) {
            (Ok(value), _) => Ok(value),
            (Err(_), gaps) if !gaps.is_empty() => Err(NoValue::Gaps(gaps)),
            // What was not read may say it all: it is named only where everything was read.
            (Err(message), _) => {
                Err(untold.map_or(NoValue::Broken(message), |gap| NoValue::Gaps(vec![gap])))
            }
        }
    }
}

/// The variables of an expression. They are looked up in place: a separate context would copy names
/// and values for every evaluation.
struct Variables<'v> {
    r: Root<'v>,
    p: Object<'v>,
    now: Moment,
}

impl VariableResolver for Variables<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        match variable {
            RESOURCE => Some(CowVal::Borrowed(&self.r)),
            PARAMETERS => Some(CowVal::Borrowed(&self.p)),
            NOW => Some(CowVal::Borrowed(&self.now)),
            _ => None,
        }
    }
}

/// What went wrong, without the values involved.
fn kind_of(error: &cel::ExecutionError) -> String {
    use cel::ExecutionError as E;
    match error {
        E::NoSuchOverload(overload) => {
            format!(
                "no {} for {}",
                overload.function(),
                overload.argument_types().join(", ")
            )
        }
        E::NoSuchKey(key) => format!("no such key: {key}"),
        E::UnexpectedType { got, want } => format!("{got} instead of {want}"),
        E::FunctionError { function, message } => format!("{function}: {message}"),
        E::DivisionByZero(_) | E::RemainderByZero(_) => "division by zero".to_owned(),
        _ => "evaluation failed".to_owned(),
    }
}

fn display(value: &dyn Val) -> String {
    if let Some(text) = value.downcast_ref::<CelString>() {
        return text.inner().to_owned();
    }
    if let Some(number) = value.downcast_ref::<CelInt>() {
        return number.inner().to_string();
    }
    if let Some(number) = value.downcast_ref::<CelDouble>() {
        // Two decimal digits are enough for people; whole numbers need none.
        let rounded = (number.inner() * 100.0).round() / 100.0;
        return rounded.to_string();
    }
    if let Some(truth) = value.downcast_ref::<CelBool>() {
        return truth.inner().to_string();
    }
    if value.downcast_ref::<CelNull>().is_some() {
        return "none".to_owned();
    }
    if let Some(list) = value.downcast_ref::<CelList>() {
        return list
            .inner()
            .iter()
            .map(|v| display(v.as_ref()))
            .collect::<Vec<_>>()
            .join(", ");
    }
    "…".to_owned()
}

#[cfg(test)]
#[path = "expr_tests.rs"]
mod tests;
