//! A walk over the syntax tree of an expression, and what it records.

use crate::model::shape::{Shape, Type};
use cel::common::ast::SourceInfo;
use cel::parser::Expression;
use std::collections::BTreeSet;

/// A problem in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, in characters from the start of the expression.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    pub(in crate::check) fn at(offset: usize, message: String) -> Self {
        Self {
            offset,
            message,
            help: None,
        }
    }

    pub(in crate::check) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What is known of an expression without running it.
pub(in crate::check) struct Typing {
    pub(in crate::check) result: Shape,
    pub(in crate::check) paths: BTreeSet<Vec<String>>,
    pub(in crate::check) problems: Vec<Problem>,
}

pub(super) fn any() -> Shape {
    Shape::of(Type::Any)
}

pub(super) struct Walk<'a> {
    pub(super) source: &'a SourceInfo,
    /// Innermost last.
    pub(super) variables: Vec<(String, Shape)>,
    pub(super) typing: Typing,
}

impl Walk<'_> {
    pub(super) fn problem(&mut self, at: &Expression, message: impl Into<String>) -> &mut Problem {
        let offset = self
            .source
            .offset_for(at.id)
            .map_or(0, |(start, _)| start as usize);
        self.typing
            .problems
            .push(Problem::at(offset, message.into()));
        let last = self.typing.problems.len() - 1;
        &mut self.typing.problems[last]
    }
}
