//! Builds forms from a model and a kind's file.

use super::converted::{attributes, conversion_form};
use super::selection::{FormProblem, Selection};
use super::shapes::{inner, locate, pair};
use super::types::{Field, Form, ObjectForm, SECRETS, SecretForm};
use crate::kinds::file::{As, FieldConversion, ScalarName};
use crate::kinds::model::{Member, ServiceModel, ShapeIndex, ShapeKind, Structure};
use crate::kinds::name::snake_case;
use crate::yaml::{PathSeg, did_you_mean};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Builds the form of a shape from a file's selection. Also returns what in the file does not fit.
#[must_use]
pub fn build(
    model: &ServiceModel,
    shape: ShapeIndex,
    selection: Selection<'_>,
) -> (Form, Vec<FormProblem>) {
    let mut problems = Vec::new();
    let form = match selection.conversions {
        Some(As::Whole(conversion)) => {
            if !matches!(model.shape(shape).kind, ShapeKind::String { .. }) {
                let message = "only a text is converted as a whole".to_owned();
                problems.push(FormProblem::new(vec!["as".into()], message));
            }
            return (conversion_form(conversion), problems);
        }
        Some(As::Members(members)) if members.attributes.is_some() => {
            let keys = members.attributes.iter().flatten();
            let always: BTreeSet<&str> = selection.always.iter().map(String::as_str).collect();
            let at = vec!["as".into(), "attributes".into()];
            for (index, key) in selection.always.iter().enumerate() {
                if !members
                    .attributes
                    .iter()
                    .flatten()
                    .any(|(known, _)| known == key)
                {
                    let known = members
                        .attributes
                        .iter()
                        .flatten()
                        .map(|(key, _)| key.as_str());
                    let mut problem = FormProblem::new(
                        vec!["always".into(), index.into()],
                        format!("`{key}` is not among the attributes that are kept"),
                    );
                    problem.help = did_you_mean(key, known);
                    problems.push(problem);
                }
            }
            let keys =
                keys.map(|(key, conversion)| (key, conversion, always.contains(key.as_str())));
            return (attributes(model, shape, keys, at, &mut problems), problems);
        }
        _ => Builder::new(model, shape, selection, &mut problems).form(shape),
    };
    (form, problems)
}

/// The members that are named below a member; an empty tree means all of them.
#[derive(Debug, Default)]
struct Tree(BTreeMap<String, Tree>);

impl Tree {
    fn add(&mut self, path: &str) {
        let mut at = self;
        for step in path.split('.') {
            at = at.0.entry(step.to_owned()).or_default();
        }
    }
}

struct Builder<'a, 'p> {
    model: &'a ServiceModel,
    tree: Tree,
    always: BTreeSet<&'a str>,
    conversions: BTreeMap<&'a str, &'a FieldConversion>,
    secret: BTreeSet<&'a str>,
    names: Vec<(&'a str, &'a str)>,
    /// Whether only the fields in `names` are kept.
    names_alone: bool,
    problems: &'p mut Vec<FormProblem>,
    /// The structures around the current shape, to notice one that contains itself.
    around: Vec<ShapeIndex>,
}

impl<'a, 'p> Builder<'a, 'p> {
    fn new(
        model: &'a ServiceModel,
        shape: ShapeIndex,
        selection: Selection<'a>,
        problems: &'p mut Vec<FormProblem>,
    ) -> Self {
        let mut builder = Self {
            model,
            tree: Tree::default(),
            always: BTreeSet::new(),
            conversions: BTreeMap::new(),
            secret: BTreeSet::new(),
            names: Vec::new(),
            names_alone: selection.fields.is_empty() && !selection.is_all(),
            problems,
            around: Vec::new(),
        };
        builder.keep(shape, &selection);
        builder.require(shape, &selection);
        builder.search(shape, &selection);
        builder.rename(shape, &selection);
        builder.convert(shape, &selection);
        builder
    }

    /// `fields`: what is kept.
    fn keep(&mut self, shape: ShapeIndex, selection: &Selection<'a>) {
        for (index, path) in selection.fields.iter().enumerate() {
            let at = vec!["fields".into(), index.into()];
            if self.exists(shape, path, at) && !selection.keeps_all_around(path) {
                self.tree.add(path);
            }
        }
    }

    /// `always`: the required members.
    fn require(&mut self, shape: ShapeIndex, selection: &Selection<'a>) {
        for (index, path) in selection.always.iter().enumerate() {
            let at: Vec<PathSeg> = vec!["always".into(), index.into()];
            if !self.exists(shape, path, at.clone()) {
                continue;
            }
            if !selection.keeps(path) {
                let mut problem = FormProblem::new(at, format!("`{path}` is not among `fields`"));
                problem.help = Some("add it there".to_owned());
                self.problems.push(problem);
            }
            self.always.insert(path);
        }
    }

    /// `secret`: what is searched for secrets.
    fn search(&mut self, shape: ShapeIndex, selection: &Selection<'a>) {
        for (index, path) in selection.secret.iter().enumerate() {
            let at = vec!["secret".into(), index.into()];
            if !self.exists(shape, path, at) {
                continue;
            }
            self.secret.insert(path);
            if !selection.is_all() && !selection.keeps_all_around(path) {
                self.tree.add(path);
            }
        }
    }

    /// `names`: fields with a name that the file chooses.
    fn rename(&mut self, shape: ShapeIndex, selection: &Selection<'a>) {
        for (name, path) in selection.names.into_iter().flatten() {
            let at = vec!["names".into(), name.as_str().into()];
            if snake_case(name) != *name {
                let mut problem = FormProblem::new(at, format!("`{name}` is not a field's name"));
                problem.help = Some(format!("write `{}`", snake_case(name)));
                self.problems.push(problem);
            } else if self.exists(shape, path, at) {
                self.names.push((name, path));
            }
        }
    }

    /// `as`: how text is converted.
    fn convert(&mut self, shape: ShapeIndex, selection: &Selection<'a>) {
        let Some(As::Members(members)) = selection.conversions else {
            return;
        };
        for (path, conversion) in &members.fields {
            let at = vec!["as".into(), "fields".into(), path.as_str().into()];
            if self.exists(shape, path, at) {
                self.conversions.insert(path, conversion);
            }
        }
    }

    fn exists(&mut self, shape: ShapeIndex, path: &str, at: Vec<PathSeg>) -> bool {
        match locate(self.model, shape, path) {
            Ok(_) => true,
            Err((message, help)) => {
                self.problems.push(FormProblem { at, message, help });
                false
            }
        }
    }

    fn form(mut self, shape: ShapeIndex) -> Form {
        let tree = std::mem::take(&mut self.tree);
        let mut form = self.value(shape, &tree, "");
        if let Form::Object(object) = &mut form {
            if self.names_alone && tree.0.is_empty() {
                object.fields.clear();
            }
            for (name, path) in std::mem::take(&mut self.names) {
                let field = self.named(shape, name, path);
                if object.fields.iter().any(|other| other.name == field.name) {
                    let message = format!("`fields` has a field `{name}` already");
                    let at = vec!["names".into(), name.into()];
                    self.problems.push(FormProblem::new(at, message));
                }
                object
                    .named
                    .push((path.split('.').map(ToOwned::to_owned).collect(), field));
            }
        }
        form
    }

    /// A field with a name that the file chooses.
    fn named(&mut self, shape: ShapeIndex, name: &str, path: &str) -> Field {
        let (above, last) = path.rsplit_once('.').unwrap_or(("", path));
        let (mut at, mut listed) = (shape, false);
        for step in above.split('.').filter(|step| !step.is_empty()) {
            listed |= !matches!(self.model.shape(at).kind, ShapeKind::Structure(_));
            at = locate(self.model, at, step).unwrap_or(at);
        }
        listed |= !matches!(self.model.shape(at).kind, ShapeKind::Structure(_));
        let at = inner(self.model, at);
        let everything = Tree::default();
        let member = self
            .model
            .members(at)
            .iter()
            .find(|member| member.name == last);
        let Some(member) = member else {
            unreachable!("`{path}` was located");
        };
        let mut field = self.field(member, &everything, above, false);
        if listed {
            field.form = Form::List(Box::new(field.form));
        }
        Field {
            name: name.to_owned(),
            api: path.to_owned(),
            ..field
        }
    }

    fn value(&mut self, shape: ShapeIndex, tree: &Tree, path: &str) -> Form {
        let model = self.model;
        match &model.shape(shape).kind {
            ShapeKind::Structure(structure) => {
                if tree.0.is_empty() && self.around.contains(&shape) {
                    let message = format!("{} holds itself", model.shape(shape).name);
                    let help = format!("name the members of `{path}` that are wanted in `fields`");
                    let known = self
                        .problems
                        .iter()
                        .any(|problem| problem.message == message);
                    if !known {
                        self.problems.push(FormProblem {
                            at: vec!["fields".into()],
                            message,
                            help: Some(help),
                        });
                    }
                    return Form::Scalar(ScalarName::Json);
                }
                self.around.push(shape);
                let object = self.object(structure, tree, path);
                self.around.pop();
                Form::Object(object)
            }
            ShapeKind::List(item) => Form::List(Box::new(self.value(item.shape, tree, path))),
            ShapeKind::Map { value, .. } => {
                Form::Map(Box::new(self.value(value.shape, tree, path)))
            }
            ShapeKind::String { .. } | ShapeKind::Blob => Form::Scalar(ScalarName::Text),
            ShapeKind::Boolean => Form::Scalar(ScalarName::Boolean),
            ShapeKind::Integer | ShapeKind::Long => Form::Scalar(ScalarName::Integer),
            ShapeKind::Float | ShapeKind::Double => Form::Scalar(ScalarName::Number),
            ShapeKind::Timestamp => Form::Scalar(ScalarName::Time),
            ShapeKind::Document => Form::Scalar(ScalarName::Json),
        }
    }

    fn object(&mut self, structure: &Structure, tree: &Tree, path: &str) -> ObjectForm {
        let all = tree.0.is_empty();
        let everything = Tree::default();
        let mut fields = Vec::new();
        for member in &structure.members {
            let below = match tree.0.get(&member.name) {
                Some(below) => below,
                None if all => &everything,
                None => continue,
            };
            let required = structure.required.contains(&member.name);
            fields.push(self.field(member, below, path, required));
        }
        let object = ObjectForm {
            fields,
            named: Vec::new(),
        };
        if object.has_secrets() && object.kept().any(|field| field.name == SECRETS) {
            let of = if path.is_empty() {
                "the document"
            } else {
                path
            };
            self.problems.push(FormProblem {
                at: vec!["secret".into()],
                message: format!(
                    "`{SECRETS}` of {of} tells what looks like a secret, and is a member too"
                ),
                help: Some(format!(
                    "leave that member out: name the others of {of} in `fields`"
                )),
            });
        }
        object
    }

    fn field(&mut self, member: &Member, below: &Tree, path: &str, required: bool) -> Field {
        let path = match path {
            "" => member.name.clone(),
            path => format!("{path}.{}", member.name),
        };
        let form = if self.secret.contains(path.as_str()) {
            Form::Secret(self.secret_form(member.shape))
        } else if let Some(conversion) = self.conversions.get(path.as_str()).copied() {
            self.converted(conversion, member.shape, &path)
        } else {
            self.value(member.shape, below, &path)
        };
        let values = match &self.model.shape(member.shape).kind {
            ShapeKind::String { values } => Arc::clone(values),
            _ => Arc::default(),
        };
        Field {
            name: snake_case(&member.name),
            form,
            always: required || self.always.contains(path.as_str()),
            values,
            api: member.name.clone(),
        }
    }

    fn converted(&mut self, conversion: &FieldConversion, shape: ShapeIndex, path: &str) -> Form {
        let at = || vec!["as".into(), "fields".into(), PathSeg::from(path)];
        let mut problem = |message: &str| self.problems.push(FormProblem::new(at(), message));
        let scalar = matches!(
            self.model.shape(shape).kind,
            ShapeKind::String { .. }
                | ShapeKind::Integer
                | ShapeKind::Long
                | ShapeKind::Float
                | ShapeKind::Double
        );
        match conversion {
            FieldConversion::One(conversion) => {
                if !scalar {
                    problem("only a text or a number is converted to one value");
                }
                conversion_form(conversion)
            }
            FieldConversion::Attributes(file) => {
                let keys = file
                    .attributes
                    .iter()
                    .map(|(key, conversion)| (key, conversion, false));
                attributes(self.model, shape, keys, at(), self.problems)
            }
        }
    }

    fn secret_form(&self, shape: ShapeIndex) -> SecretForm {
        match &self.model.shape(shape).kind {
            ShapeKind::Map { .. } => SecretForm::Map,
            ShapeKind::List(item) => match pair(self.model, item.shape) {
                Some((key, value)) => SecretForm::Pairs(key, value),
                None => SecretForm::Text,
            },
            _ => SecretForm::Text,
        }
    }
}
