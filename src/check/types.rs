//! Type checking of expressions: one walk over the syntax tree that finds misspelt fields, unknown
//! functions and type mismatches, and records what the expression reads.

mod operators;
mod walk;

pub use walk::Problem;
pub(super) use walk::Typing;

use super::functions::{self, NOW};
use crate::model::shape::{Shape, Type};
use cel::common::ast::{
    CallExpr, ComprehensionExpr, Expr, LiteralValue, SourceInfo, operators as op,
};
use cel::parser::Expression;
use operators::agree;
use std::collections::BTreeSet;
use walk::{Walk, any};

/// The variable that holds the document.
pub(super) const RESOURCE: &str = "r";
/// The variable that holds the check's parameters.
pub(super) const PARAMETERS: &str = "p";

impl Typing {
    pub(super) fn of(expression: &Expression, source: &SourceInfo, r: &Shape, p: &Shape) -> Self {
        let mut walk = Walk {
            source,
            variables: vec![
                (RESOURCE.to_owned(), r.clone()),
                (PARAMETERS.to_owned(), p.clone()),
            ],
            typing: Typing {
                result: any(),
                paths: BTreeSet::new(),
                problems: Vec::new(),
            },
        };
        let result = walk.shape(expression);
        Typing {
            result,
            ..walk.typing
        }
    }
}

impl Walk<'_> {
    fn shape(&mut self, expression: &Expression) -> Shape {
        match &expression.expr {
            Expr::Literal(literal) => Shape::of(literal_type(literal)),
            Expr::Ident(name) => {
                // Otherwise it would be unknown which fields it reads, and they would not be
                // collected.
                if name == RESOURCE {
                    self.problem(expression, "`r` cannot be used as a value")
                        .help = Some("use one of its fields".to_owned());
                }
                self.variable(expression, name)
            }
            Expr::Select(select) if select.test => {
                self.problem(expression, "`has` is not supported").help =
                    Some("compare with `null`: every field of the schema exists".to_owned());
                Shape::of(Type::Bool)
            }
            Expr::Select(select) => {
                let operand = match &select.operand.expr {
                    Expr::Ident(name) => self.variable(&select.operand, name),
                    _ => self.shape(&select.operand),
                };
                self.note_path(expression);
                self.select(expression, &operand, &select.field)
            }
            Expr::List(list) => {
                let items: Vec<Shape> = list.elements.iter().map(|e| self.shape(e)).collect();
                let first = items
                    .into_iter()
                    .find(|s| s.ty != Type::Any)
                    .unwrap_or_else(any);
                Shape::of(Type::List(Box::new(first)))
            }
            Expr::Call(call) => self.call(expression, call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::Map(_) | Expr::Struct(_) => {
                self.problem(expression, "map literals are not supported");
                any()
            }
            Expr::Unspecified => any(),
        }
    }

    fn variable(&mut self, at: &Expression, name: &str) -> Shape {
        if name == NOW {
            return Shape::of(Type::Timestamp);
        }
        if let Some((_, shape)) = self.variables.iter().rev().find(|(n, _)| n == name) {
            return shape.clone();
        }
        self.problem(at, format!("`{name}` is unknown")).help =
            Some("`r` is the resource, `p` the parameters; text needs quotes".to_owned());
        any()
    }

    /// Records `r.a.b`: the part to collect, and the value to show as evidence.
    fn note_path(&mut self, expression: &Expression) {
        let mut path = Vec::new();
        let mut at = expression;
        loop {
            match &at.expr {
                Expr::Select(select) => {
                    path.push(select.field.clone());
                    at = &select.operand;
                }
                // `known(r.a).b` reads `r.a.b`.
                Expr::Call(call) if call.func_name == functions::KNOWN_AS => {
                    match call.args.first() {
                        Some(value) => at = value,
                        None => return,
                    }
                }
                _ => break,
            }
        }
        if !matches!(&at.expr, Expr::Ident(name) if name == RESOURCE) {
            return;
        }
        path.reverse();
        // A longer path replaces the steps that led to it.
        for end in 1..path.len() {
            self.typing.paths.remove(&path[..end]);
        }
        self.typing.paths.insert(path);
    }

    fn select(&mut self, at: &Expression, operand: &Shape, field: &str) -> Shape {
        match &operand.ty {
            Type::Object(fields) => {
                if let Some(shape) = fields.get(field) {
                    return shape.clone();
                }
                let near = nearest(field, fields.keys().map(String::as_str));
                let known = fields
                    .keys()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(", ");
                let help = near.map_or_else(
                    || format!("the fields are {known}"),
                    |near| format!("did you mean `{near}`?"),
                );
                self.problem(at, format!("there is no field `{field}`"))
                    .help = Some(help);
            }
            Type::Map(_) => {
                self.problem(at, format!("`.{field}` on a map whose keys users choose"))
                    .help = Some(format!(
                    "use `tag(…, '{field}')` or `entry(…, '{field}')`, which are null when it is not there"
                ));
            }
            Type::Any => {}
            other => {
                let message = format!("a {other} has no field `{field}`");
                self.problem(at, message);
            }
        }
        any()
    }

    fn call(&mut self, at: &Expression, call: &CallExpr) -> Shape {
        let target = call.target.as_ref().map(|t| self.shape(t));
        let arguments: Vec<Shape> = call.args.iter().map(|a| self.shape(a)).collect();
        match (target, arguments.as_slice()) {
            (Some(target), arguments) => self.method(at, &call.func_name, &target, arguments),
            (None, arguments) => self.function(at, &call.func_name, arguments),
        }
    }

    fn function(&mut self, at: &Expression, name: &str, arguments: &[Shape]) -> Shape {
        match (name, arguments) {
            (op::LOGICAL_AND | op::LOGICAL_OR, [a, b]) => {
                self.expect(at, a, &Type::Bool);
                self.expect(at, b, &Type::Bool);
                Shape::of(Type::Bool)
            }
            (op::LOGICAL_NOT | op::NOT_STRICTLY_FALSE, [a]) => {
                self.expect(at, a, &Type::Bool);
                Shape::of(Type::Bool)
            }
            (op::EQUALS | op::NOT_EQUALS, [a, b]) => self.equality(at, a, b),
            (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, [a, b]) => {
                self.order(at, a, b)
            }
            (op::IN, [a, b]) => self.membership(at, a, b),
            (op::CONDITIONAL, [condition, a, b]) => {
                self.expect(at, condition, &Type::Bool);
                if !agree(&a.ty, &b.ty) {
                    self.problem(at, format!("one branch is {}, the other {}", a.ty, b.ty));
                }
                Shape {
                    ty: a.ty.clone(),
                    nullable: a.nullable || b.nullable,
                }
            }
            (op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO, [a, b]) => {
                self.arithmetic(at, a, b)
            }
            (op::NEGATE, [a]) => a.clone(),
            (op::INDEX, [_, _]) => {
                self.problem(at, "`[…]` fails if the element does not exist")
                    .help =
                    Some("use `exists` or `filter`, of a map `entry(…)` or `tag(…)`".to_owned());
                any()
            }
            ("size", [a]) => self.size(at, a),
            ("double" | "int", [a]) => {
                if !matches!(a.ty, Type::Int | Type::Float | Type::String | Type::Any) {
                    self.problem(at, format!("`{name}` of a {}", a.ty));
                }
                Shape::of(if name == "double" {
                    Type::Float
                } else {
                    Type::Int
                })
            }
            ("string", [_]) => Shape::of(Type::String),
            _ => self.ours(at, name, arguments),
        }
    }

    fn ours(&mut self, at: &Expression, name: &str, arguments: &[Shape]) -> Shape {
        let Some(function) = functions::find(name) else {
            let known = functions::FUNCTIONS
                .iter()
                .map(|f| f.name)
                .chain(["size", "double"]);
            let help = nearest(name, known).map(|n| format!("did you mean `{n}`?"));
            self.problem(at, format!("there is no function `{name}`"))
                .help = help;
            return any();
        };
        // `age_days` gets the evaluation time as an additional argument.
        let given = &arguments[..arguments.len().min(function.takes.len())];
        if given.len() != function.takes.len() {
            let message = format!(
                "`{}` takes {} arguments, not {}",
                function.name,
                function.takes.len(),
                arguments.len()
            );
            self.problem(at, message);
        }
        if let (functions::KNOWN, [value, ..]) = (function.name, arguments) {
            return self.known(at, value);
        }
        for (shape, takes) in given.iter().zip(function.takes) {
            let fits = match takes {
                Type::Any => matches!(shape.ty, Type::Map(_) | Type::Any),
                takes => agree(&shape.ty, takes),
            };
            if !fits {
                self.problem(
                    at,
                    format!("`{}` does not take a {}", function.name, shape.ty),
                );
            }
        }
        match (function.name, arguments) {
            (
                "entry",
                [
                    Shape {
                        ty: Type::Map(item),
                        ..
                    },
                    ..,
                ],
            ) => Shape {
                ty: item.ty.clone(),
                nullable: true,
            },
            _ => function.result(),
        }
    }

    /// `known`: the same value, which is not null any more.
    fn known(&mut self, at: &Expression, value: &Shape) -> Shape {
        if !value.nullable && value.ty != Type::Any {
            self.problem(at, format!("this {} is never null", value.ty))
                .help = Some("an unreadable value makes the verdict unknown by itself".to_owned());
        }
        Shape::of(value.ty.clone())
    }

    fn method(&mut self, at: &Expression, name: &str, on: &Shape, arguments: &[Shape]) -> Shape {
        match (name, arguments) {
            ("contains" | "startsWith" | "endsWith" | "matches", [a]) => {
                self.expect(at, on, &Type::String);
                self.expect(at, a, &Type::String);
                Shape::of(Type::Bool)
            }
            ("size", []) => self.size(at, on),
            _ => {
                self.problem(at, format!("there is no method `{name}`"))
                    .help = Some(
                    "there are all, exists, exists_one, filter, map, size, contains, startsWith, \
                     endsWith and matches"
                        .to_owned(),
                );
                any()
            }
        }
    }

    fn size(&mut self, at: &Expression, of: &Shape) -> Shape {
        if !matches!(
            of.ty,
            Type::List(_) | Type::Map(_) | Type::String | Type::Any
        ) {
            self.problem(at, format!("`size` of a {}", of.ty));
        }
        Shape::of(Type::Int)
    }

    /// `all`, `exists`, `exists_one`, `filter` and `map`, which CEL expands to loops.
    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> Shape {
        let range = self.shape(&comprehension.iter_range);
        let item = match range.ty {
            Type::List(item) => *item,
            Type::Map(_) => Shape::of(Type::String),
            Type::Any => any(),
            other => {
                self.problem(
                    &comprehension.iter_range,
                    format!("cannot iterate over a {other}"),
                );
                any()
            }
        };
        let initial = self.shape(&comprehension.accu_init);
        if [RESOURCE, PARAMETERS].contains(&comprehension.iter_var.as_str()) {
            let message = format!("`{}` is a reserved name", comprehension.iter_var);
            self.problem(&comprehension.iter_range, message).help =
                Some("choose another name for the loop variable".to_owned());
        }
        let depth = self.variables.len();
        self.variables.push((comprehension.iter_var.clone(), item));
        self.variables
            .push((comprehension.accu_var.clone(), initial));
        self.shape(&comprehension.loop_cond);
        let step = self.shape(&comprehension.loop_step);
        self.variables.push((comprehension.accu_var.clone(), step));
        let result = self.shape(&comprehension.result);
        self.variables.truncate(depth);
        result
    }
}

fn literal_type(literal: &LiteralValue) -> Type {
    match literal {
        LiteralValue::Boolean(_) => Type::Bool,
        LiteralValue::Double(_) => Type::Float,
        LiteralValue::Int(_) | LiteralValue::UInt(_) => Type::Int,
        LiteralValue::Null => Type::Null,
        LiteralValue::String(_) => Type::String,
        LiteralValue::Bytes(_) => Type::Opaque,
    }
}

/// The known name that is most similar to a misspelt one, if any.
pub(crate) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    known
        .map(|k| (strsim::jaro_winkler(name, k), k))
        .filter(|(near, _)| *near > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k)
}
