//! One check: its file, compiled and validated.

use super::example;
use super::expr::Expr;
use super::file::CheckFile;
use super::kinds::Kinds;
use super::parse::Origin;
use super::practices::Practices;
use super::template::Template;
use super::types::nearest;
use crate::model::shape::{Shape, Type};
use crate::yaml::{Document as Source, PathSeg, Problem, decode};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A check that is ready to judge.
#[derive(Debug)]
pub struct Check {
    /// Its path: `ec2/volume-unattached`.
    pub id: String,
    /// Everything as it was written.
    pub file: CheckFile,
    /// Compiled `when`.
    pub when: Option<Expr>,
    /// Compiled `expect`.
    pub expect: Expr,
    /// Compiled `say`.
    pub say: Template,
    /// Compiled `saves`.
    pub saves: Option<Expr>,
    /// Compiled `fix.cli`.
    pub cli: Option<Template>,
}

impl Check {
    /// The top-level fields of the document that a judgement reads.
    #[must_use]
    pub fn reads(&self) -> BTreeSet<String> {
        let expressions = [self.when.as_ref(), Some(&self.expect), self.saves.as_ref()];
        let mut reads: BTreeSet<String> = expressions
            .into_iter()
            .flatten()
            .flat_map(|e| e.reads().into_iter().map(ToOwned::to_owned))
            .collect();
        reads.extend(self.say.reads());
        reads.extend(self.cli.iter().flat_map(Template::reads));
        reads
    }

    /// The service part of its id.
    #[must_use]
    pub fn service(&self) -> &str {
        self.id.split('/').next().unwrap_or(&self.id)
    }
}

/// Compiles and validates a check's file.
///
/// # Errors
/// Every problem, with its line.
pub fn compile(
    id: &str,
    source: &Source,
    kinds: &Kinds,
    practices: &Practices,
    origin: Origin,
) -> Result<Check, Vec<Problem>> {
    let file: CheckFile = decode(source)?;
    let mut problems = Vec::new();
    problems.extend(name_problems(id, source));
    problems.extend(practice_problems(&file, source, practices));
    let Some(kind) = kinds.get(file.resource.as_str()) else {
        let near = nearest(&file.resource, kinds.keys().copied());
        problems.push(
            source
                .problem(
                    &key(&["resource"]),
                    format!("there is no kind `{}`", file.resource),
                )
                .with_maybe_help(near.map(|n| format!("did you mean `{n}`?"))),
        );
        return Err(problems);
    };
    let mut compiler = Compiler {
        source,
        r: &kind.shape,
        p: parameters(&file.parameters),
        origin,
        problems,
    };
    let when = compiler.condition(&["when"], file.when.as_deref());
    let expect = compiler.condition(&["expect"], Some(&file.expect));
    let saves = compiler.amount(&["saves"], file.saves.as_deref());
    let say = compiler.template(&["say"], Some(&file.say));
    let cli = compiler.template(&["fix", "cli"], file.fix.cli.as_deref());
    let mut problems = compiler.problems;
    if origin == Origin::File {
        problems.extend(example_problems(&file, source, &kind.shape));
    }
    match (expect, say) {
        (Some(expect), Some(say)) if problems.is_empty() => Ok(Check {
            id: id.to_owned(),
            file,
            when,
            expect,
            say,
            saves,
            cli,
        }),
        _ => Err(problems),
    }
}

fn key(path: &[&str]) -> Vec<PathSeg> {
    path.iter().map(|k| PathSeg::Key((*k).to_owned())).collect()
}

struct Compiler<'a> {
    source: &'a Source,
    r: &'a Shape,
    p: Shape,
    origin: Origin,
    problems: Vec<Problem>,
}

impl Compiler<'_> {
    fn note(&mut self, path: &[&str], found: Vec<super::Problem>) {
        for problem in found {
            let at = self.source.problem(&key(path), problem.message);
            self.problems.push(at.with_maybe_help(problem.help));
        }
    }

    fn expr(&mut self, path: &[&str], text: Option<&str>) -> Option<Expr> {
        match Expr::compile(text?, self.origin, self.r, &self.p) {
            Ok(expr) => Some(expr),
            Err(found) => {
                self.note(path, found);
                None
            }
        }
    }

    fn condition(&mut self, path: &[&str], text: Option<&str>) -> Option<Expr> {
        let expr = self.expr(path, text)?;
        if !matches!(expr.result().ty, Type::Bool) {
            let message = format!("gives a {} instead of a bool", expr.result().ty);
            self.problems.push(self.source.problem(&key(path), message));
        }
        if expr.reads().is_empty() {
            let message = "does not look at the resource".to_owned();
            self.problems.push(
                self.source
                    .problem(&key(path), message)
                    .with_help("read a field of `r`"),
            );
        }
        Some(expr)
    }

    fn amount(&mut self, path: &[&str], text: Option<&str>) -> Option<Expr> {
        let expr = self.expr(path, text)?;
        if !matches!(expr.result().ty, Type::Int | Type::Float) {
            let message = format!("gives a {} instead of a number", expr.result().ty);
            self.problems.push(self.source.problem(&key(path), message));
        }
        Some(expr)
    }

    fn template(&mut self, path: &[&str], text: Option<&str>) -> Option<Template> {
        match Template::compile(text?, self.origin, self.r, &self.p) {
            Ok(template) => Some(template),
            Err(found) => {
                self.note(path, found);
                None
            }
        }
    }
}

/// The shape of parameters, from their default values.
fn parameters(values: &Map<String, Value>) -> Shape {
    fn shape(value: &Value) -> Shape {
        Shape::of(match value {
            Value::Null => Type::Null,
            Value::Bool(_) => Type::Bool,
            Value::Number(n) if n.is_i64() => Type::Int,
            Value::Number(_) => Type::Float,
            Value::String(_) => Type::String,
            Value::Array(items) => {
                Type::List(Box::new(items.first().map_or(Shape::of(Type::Any), shape)))
            }
            Value::Object(fields) => {
                Type::object(fields.iter().map(|(k, v)| (k.clone(), shape(v))))
            }
        })
    }
    shape(&Value::Object(values.clone()))
}

/// Words that name a remedy or a goal; a check is named after the flaw and reads after "allow".
const CURES: &[&str] = &[
    "disallow", "ensure", "must", "no", "require", "should", "not",
];

fn name_problems(id: &str, source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    let flaw = id.split('/').next_back().unwrap_or(id);
    let plain = id
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-/".contains(c));
    if !plain {
        problems.push(
            source
                .problem(&[], format!("`{id}` is not a check id"))
                .with_help("file names are lower case letters, digits and dashes"),
        );
    }
    if let Some(cure) = flaw.split('-').next().filter(|first| CURES.contains(first)) {
        problems.push(
            source
                .problem(&[], format!("`{id}` starts with `{cure}`"))
                .with_help("name the flaw, so that it reads after \"allow\": volume-unattached"),
        );
    }
    problems
}

fn practice_problems(file: &CheckFile, source: &Source, practices: &Practices) -> Vec<Problem> {
    let mut problems = Vec::new();
    if file.best_practices.is_empty() {
        problems.push(source.problem(&key(&["best_practices"]), "names no best practice"));
    }
    for (index, id) in file.best_practices.iter().enumerate() {
        if practices.get(id).is_none() {
            let mut path = key(&["best_practices"]);
            path.push(PathSeg::Index(index));
            let near = nearest(id, practices.ids());
            problems.push(
                source
                    .problem(
                        &path,
                        format!("`{id}` is not a best practice of the framework"),
                    )
                    .with_maybe_help(near.map(|n| format!("did you mean `{n}`?"))),
            );
        }
    }
    problems
}

fn example_problems(file: &CheckFile, source: &Source, shape: &Shape) -> Vec<Problem> {
    let mut problems = Vec::new();
    let groups = [
        ("pass", &file.examples.pass),
        ("fail", &file.examples.fail),
        ("not_applicable", &file.examples.not_applicable),
    ];
    for (name, examples) in groups {
        if examples.is_empty() && name != "not_applicable" {
            problems.push(
                source
                    .problem(&key(&["examples"]), format!("there is no `{name}` example"))
                    .with_help("every check shows at least one resource of each verdict"),
            );
        }
        for (index, example) in examples.iter().enumerate() {
            let found = example::document(
                &file.resource,
                shape,
                &example.fields(),
                Timestamp::UNIX_EPOCH,
            );
            for (inner, message) in found.err().unwrap_or_default() {
                let mut path = key(&["examples", name]);
                path.push(PathSeg::Index(index));
                path.extend(inner.into_iter().map(|step| {
                    step.parse()
                        .map_or_else(|_| PathSeg::Key(step), PathSeg::Index)
                }));
                problems.push(source.problem(&path, message));
            }
        }
    }
    problems
}
