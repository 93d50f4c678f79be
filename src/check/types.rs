//! Type checking of expressions: one walk over the syntax tree that finds misspelt fields, unknown
//! functions and types that do not agree, and notes what the expression reads.

use super::functions::{self, NOW};
use super::schema::{Shape, Type};
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, SourceInfo, operators};
use cel::parser::Expression;
use std::collections::BTreeSet;

/// The variable that holds the document.
pub(super) const RESOURCE: &str = "r";
/// The variable that holds the check's parameters.
pub(super) const PARAMETERS: &str = "p";

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
    pub(super) fn at(offset: usize, message: String) -> Self {
        Self {
            offset,
            message,
            help: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What is known of an expression without running it.
pub(super) struct Typing {
    pub(super) result: Shape,
    pub(super) reads: BTreeSet<String>,
    pub(super) paths: BTreeSet<Vec<String>>,
    pub(super) problems: Vec<Problem>,
}

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
                reads: BTreeSet::new(),
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

fn any() -> Shape {
    Shape::of(Type::Any)
}

struct Walk<'a> {
    source: &'a SourceInfo,
    /// Innermost last.
    variables: Vec<(String, Shape)>,
    typing: Typing,
}

impl Walk<'_> {
    fn problem(&mut self, at: &Expression, message: impl Into<String>) -> &mut Problem {
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

    fn shape(&mut self, expression: &Expression) -> Shape {
        match &expression.expr {
            Expr::Literal(literal) => Shape::of(literal_type(literal)),
            Expr::Ident(name) => {
                // What is read of it would not be seen, and so not be collected.
                if name == RESOURCE {
                    self.problem(expression, "`r` is not a value by itself")
                        .help = Some("name a field of it".to_owned());
                }
                self.variable(expression, name)
            }
            Expr::Select(select) if select.test => {
                self.problem(expression, "`has` is not used here").help =
                    Some("compare with `null`: fields of the schema are always there".to_owned());
                Shape::of(Type::Bool)
            }
            Expr::Select(select) => {
                let whole = match &select.operand.expr {
                    Expr::Ident(name) => self.variable(&select.operand, name),
                    _ => self.shape(&select.operand),
                };
                self.note_path(expression);
                self.select(expression, &whole, &select.field)
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
                self.problem(expression, "maps cannot be written here");
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

    /// Notes `r.a.b`: the part to collect, and the value to show as evidence.
    fn note_path(&mut self, expression: &Expression) {
        let mut path = Vec::new();
        let mut at = expression;
        while let Expr::Select(select) = &at.expr {
            path.push(select.field.clone());
            at = &select.operand;
        }
        if !matches!(&at.expr, Expr::Ident(name) if name == RESOURCE) {
            return;
        }
        path.reverse();
        self.typing.reads.insert(path[0].clone());
        // A longer path replaces the steps that led to it.
        for end in 1..path.len() {
            self.typing.paths.remove(&path[..end]);
        }
        self.typing.paths.insert(path);
    }

    fn select(&mut self, at: &Expression, whole: &Shape, field: &str) -> Shape {
        match &whole.ty {
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
                self.problem(at, format!("`.{field}` on names that users choose"))
                    .help = Some(format!(
                    "use `tag(…, '{field}')`, which is null when it is not there"
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
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [a, b]) => {
                self.expect(at, a, &Type::Bool);
                self.expect(at, b, &Type::Bool);
                Shape::of(Type::Bool)
            }
            (operators::LOGICAL_NOT | operators::NOT_STRICTLY_FALSE, [a]) => {
                self.expect(at, a, &Type::Bool);
                Shape::of(Type::Bool)
            }
            (operators::EQUALS | operators::NOT_EQUALS, [a, b]) => self.equality(at, a, b),
            (
                operators::LESS
                | operators::LESS_EQUALS
                | operators::GREATER
                | operators::GREATER_EQUALS,
                [a, b],
            ) => self.order(at, a, b),
            (operators::IN, [a, b]) => self.membership(at, a, b),
            (operators::CONDITIONAL, [condition, a, b]) => {
                self.expect(at, condition, &Type::Bool);
                if !agree(&a.ty, &b.ty) {
                    self.problem(at, format!("one branch is {}, the other {}", a.ty, b.ty));
                }
                Shape {
                    ty: a.ty.clone(),
                    nullable: a.nullable || b.nullable,
                }
            }
            (
                operators::ADD
                | operators::SUBSTRACT
                | operators::MULTIPLY
                | operators::DIVIDE
                | operators::MODULO,
                [a, b],
            ) => self.arithmetic(at, a, b),
            (operators::NEGATE, [a]) => a.clone(),
            (operators::INDEX, [_, _]) => {
                self.problem(at, "`[…]` fails where there is nothing to find")
                    .help = Some("use `exists`, `filter` or `tag(…)`".to_owned());
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
        // `age_days` is called with the time of judgement behind its own argument.
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
        function.result()
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

    fn expect(&mut self, at: &Expression, given: &Shape, wanted: &Type) {
        if !agree(&given.ty, wanted) {
            self.problem(at, format!("a {wanted} is needed here, not a {}", given.ty));
        }
    }

    fn equality(&mut self, at: &Expression, a: &Shape, b: &Shape) -> Shape {
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
            self.problem(at, "moments are not compared as text").help =
                Some("use `age_days`".to_owned());
        } else if !agree(&a.ty, &b.ty) {
            self.problem(at, format!("a {} never equals a {}", a.ty, b.ty));
        }
        Shape::of(Type::Bool)
    }

    fn order(&mut self, at: &Expression, a: &Shape, b: &Shape) -> Shape {
        let number = |t: &Type| matches!(t, Type::Int | Type::Float | Type::Any);
        if !(number(&a.ty) && number(&b.ty)) {
            let message = format!("cannot order a {} and a {}", a.ty, b.ty);
            self.problem(at, message).help =
                Some("numbers can be ordered; for moments use `age_days`".to_owned());
        }
        Shape::of(Type::Bool)
    }

    fn membership(&mut self, at: &Expression, a: &Shape, b: &Shape) -> Shape {
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

    fn arithmetic(&mut self, at: &Expression, a: &Shape, b: &Shape) -> Shape {
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
        // `@result + [x]`, the step of `map`, is known by its new element.
        let empty = matches!(&a.ty, Type::List(item) if item.ty == Type::Any);
        Shape::of(if empty || a.ty == Type::Any {
            b.ty.clone()
        } else {
            a.ty.clone()
        })
    }

    /// `all`, `exists`, `exists_one`, `filter` and `map`, which CEL writes as loops.
    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> Shape {
        let range = self.shape(&comprehension.iter_range);
        let item = match range.ty {
            Type::List(item) => *item,
            Type::Map(_) => Shape::of(Type::String),
            Type::Any => any(),
            other => {
                self.problem(
                    &comprehension.iter_range,
                    format!("cannot go through a {other}"),
                );
                any()
            }
        };
        let initial = self.shape(&comprehension.accu_init);
        if [RESOURCE, PARAMETERS].contains(&comprehension.iter_var.as_str()) {
            let message = format!("`{}` has a meaning of its own", comprehension.iter_var);
            self.problem(&comprehension.iter_range, message).help =
                Some("give the items another name".to_owned());
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

fn lists(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::List(a), Type::List(b)) => agree(&a.ty, &b.ty),
        _ => false,
    }
}

/// Whether two types can meet: the same, or both numbers.
fn agree(a: &Type, b: &Type) -> bool {
    let number = |t: &Type| matches!(t, Type::Int | Type::Float);
    a == b || *a == Type::Any || *b == Type::Any || (number(a) && number(b)) || lists(a, b)
}

/// The known name nearest to a misspelt one, if any is near.
pub(crate) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    known
        .map(|k| (strsim::jaro_winkler(name, k), k))
        .filter(|(near, _)| *near > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k)
}
