//! The operand and result types of the operators.

use super::walk::Walk;
use crate::model::shape::{Shape, Type};
use cel::parser::Expression;

impl Walk<'_> {
    pub(super) fn expect(&mut self, at: &Expression, given: &Shape, wanted: &Type) {
        if !agree(&given.ty, wanted) {
            self.problem(at, format!("a {wanted} is needed here, not a {}", given.ty));
        }
    }

    pub(super) fn equality(&mut self, at: &Expression, a: &Shape, b: &Shape) -> Shape {
        let with_null = a.ty == Type::Null || b.ty == Type::Null;
        let compound = |t: &Type| {
            matches!(
                t,
                Type::List(_) | Type::Map(_) | Type::Object(_) | Type::Opaque
            )
        };
        if with_null {
            let other = if a.ty == Type::Null { b } else { a };
            if !other.nullable && !matches!(other.ty, Type::Null | Type::Any) {
                self.problem(at, format!("this {} is never null", other.ty))
                    .help =
                    Some("an unreadable value makes the verdict unknown by itself".to_owned());
            }
        } else if compound(&a.ty) || compound(&b.ty) {
            self.problem(at, "lists and objects cannot be compared")
                .help = Some("use `all`, `exists` or `size`".to_owned());
        } else if a.ty == Type::Timestamp || b.ty == Type::Timestamp {
            self.problem(at, "timestamps cannot be compared as text")
                .help = Some("use `age_days`".to_owned());
        } else if !agree(&a.ty, &b.ty) {
            self.problem(at, format!("a {} never equals a {}", a.ty, b.ty));
        }
        Shape::of(Type::Bool)
    }

    pub(super) fn order(&mut self, at: &Expression, a: &Shape, b: &Shape) -> Shape {
        let number = |t: &Type| matches!(t, Type::Int | Type::Float | Type::Any);
        if !(number(&a.ty) && number(&b.ty)) {
            let message = format!("cannot order a {} and a {}", a.ty, b.ty);
            self.problem(at, message).help =
                Some("only numbers can be ordered; for timestamps use `age_days`".to_owned());
        }
        Shape::of(Type::Bool)
    }

    pub(super) fn membership(&mut self, at: &Expression, a: &Shape, b: &Shape) -> Shape {
        match &b.ty {
            Type::List(item) if agree(&a.ty, &item.ty) => {}
            Type::List(item) => {
                self.problem(at, format!("a {} is never in a list of {}", a.ty, item.ty));
            }
            Type::Map(_) => self.expect(at, a, &Type::String),
            Type::Any => {}
            other => {
                self.problem(at, format!("`in` needs a list or tags, not a {other}"));
            }
        }
        Shape::of(Type::Bool)
    }

    pub(super) fn arithmetic(&mut self, at: &Expression, a: &Shape, b: &Shape) -> Shape {
        let same = a.ty == b.ty || a.ty == Type::Any || b.ty == Type::Any || lists(&a.ty, &b.ty);
        let can = |t: &Type| {
            matches!(
                t,
                Type::Int | Type::Float | Type::String | Type::List(_) | Type::Any
            )
        };
        if !same || !can(&a.ty) || !can(&b.ty) {
            self.problem(
                at,
                format!("cannot calculate with a {} and a {}", a.ty, b.ty),
            )
            .help = Some("convert with `double(…)` or `int(…)`".to_owned());
        }
        // `@result + [x]`, the step of `map`, has the type of its new element.
        let empty = matches!(&a.ty, Type::List(item) if item.ty == Type::Any);
        Shape::of(if empty || a.ty == Type::Any {
            b.ty.clone()
        } else {
            a.ty.clone()
        })
    }
}

fn lists(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::List(a), Type::List(b)) => agree(&a.ty, &b.ty),
        _ => false,
    }
}

/// Whether two types are compatible: equal, or both numbers.
pub(super) fn agree(a: &Type, b: &Type) -> bool {
    let number = |t: &Type| matches!(t, Type::Int | Type::Float);
    a == b || *a == Type::Any || *b == Type::Any || (number(a) && number(b)) || lists(a, b)
}
