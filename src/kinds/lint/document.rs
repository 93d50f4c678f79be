//! Resolves the documents of a kind, with their ids, names and tags.

use super::context::{COMMON, DOCUMENT_VARIABLES, Lint, field_path, leak, steps};
use super::facts::Resolved;
use super::source::{AnswerShape, DocumentShape};
use crate::kinds::declared::{List, Lookup, Origin, Tags};
use crate::kinds::file::As;
use crate::kinds::form::{Form, build, locate};
use crate::kinds::template::Template;
use crate::yaml::{PathSeg, did_you_mean};
use serde_json::Value;
use std::collections::BTreeSet;

impl Lint<'_> {
    /// Everything that the file declares; usable only if no problem was found.
    pub(super) fn kind(&mut self) -> Resolved {
        let (scope, single) = self.scope();
        self.variables = self.members();
        let listed = self.find_list();
        let described = self.find_describe(single);
        let base = self.base(listed.as_ref(), described.as_ref());
        let gives = described.as_ref().or(listed.as_ref());
        self.document_call = gives.map(|source| source.found.call);
        let (id, arn, name_of) = self.origins(&base, single);
        let tags = self.tags(&base);
        let mut own: Vec<String> = [&id, &arn, &name_of]
            .into_iter()
            .flatten()
            .filter_map(path_of)
            .collect();
        if let Some(Tags::Within(path)) = &tags {
            own.push(path.join("."));
        }
        for part in self.file.parts.values() {
            own.extend(part.within.clone());
            own.extend(part.hidden.as_ref().map(|hidden| hidden.code.clone()));
        }
        let describe = self.describe(described, &base, &own);
        let list = listed.and_then(|listed| self.list(&listed, &base, &own));
        let mut taken = self.fields_taken(&base, list.as_ref());
        let lookup = self.lookups(&mut taken);
        let parts = self.parts(&base, single, &mut taken);
        let joins = self.joins(&base, &parts, &mut taken);
        let beside = self.beside(single, &mut taken);
        let derived = self.derived(&base, &parts, &taken);
        Resolved {
            name: self.name,
            about: self.file.about.clone(),
            service: self.service,
            scope,
            single,
            parent: self.file.each.as_deref().map(leak),
            list,
            describe,
            id,
            arn,
            name_of,
            tags,
            lookup,
            parts,
            joins,
            beside,
            derived,
        }
    }

    /// The members that documents keep, as variables name them.
    fn members(&self) -> BTreeSet<String> {
        let file = self.file;
        let of_list = file.list.iter().flat_map(|list| &list.fields);
        let keys = match &file.conversions {
            Some(As::Members(members)) => members
                .attributes
                .iter()
                .flatten()
                .map(|(key, _)| key)
                .collect(),
            _ => Vec::new(),
        };
        let all = file
            .fields
            .iter()
            .chain(of_list)
            .chain(keys)
            .chain(file.names.values());
        all.cloned().collect()
    }

    /// The fields that documents have without any part.
    fn fields_taken(&mut self, base: &DocumentShape, list: Option<&List>) -> BTreeSet<String> {
        let of_base = base.form.iter().flat_map(Form::field_names);
        let of_list = list.filter(|_| self.file.describe.is_some());
        let of_list = of_list.and_then(|list| list.form.as_ref());
        let mut taken = BTreeSet::new();
        for name in of_base.chain(of_list.iter().flat_map(|form| form.field_names())) {
            let at = [PathSeg::from("fields")];
            if COMMON.contains(&name) {
                self.problem(
                    &at,
                    format!("every document has a field `{name}` of another meaning"),
                );
            } else if !taken.insert(name.to_owned()) {
                self.problem(&at, format!("two members give a field `{name}`"));
            }
        }
        taken
    }

    /// What documents are made of.
    fn base(
        &mut self,
        listed: Option<&AnswerShape>,
        described: Option<&AnswerShape>,
    ) -> DocumentShape {
        let none = DocumentShape {
            shape: None,
            form: None,
        };
        let file = self.file;
        let Some(AnswerShape { found, shape }) = (match &file.describe {
            Some(_) => described,
            None => listed.filter(|listed| !listed.is_plain()),
        }) else {
            // A call that was not found is reported already.
            let broken = (file.describe.is_some() && described.is_none())
                || (file.list.is_some() && listed.is_none());
            if !file.fields.is_empty() && !broken {
                let help = Some("say with `describe` how they are read".to_owned());
                self.problem_with_help(&["fields".into()], "no call gives these", help);
            }
            return none;
        };
        let attributes =
            matches!(&file.conversions, Some(As::Members(m)) if m.attributes.is_some());
        if file.fields.is_empty() && file.names.is_empty() && !attributes {
            let help = Some("name the members that checks may want".to_owned());
            self.problem_with_help(&[], "`fields` is missing", help);
            return none;
        }
        let (form, problems) = build(found.model(), *shape, file.into());
        self.form_problems(&[], problems);
        if !matches!(form, Form::Object(_) | Form::Attributes(_)) {
            let at = if file.describe.is_some() {
                "describe"
            } else {
                "list"
            };
            self.problem(&[at.into()], "a document is a structure, or attributes");
        }
        DocumentShape {
            shape: Some((found.model(), *shape)),
            form: Some(form),
        }
    }

    /// Where id, ARN and name come from.
    fn origins(
        &mut self,
        base: &DocumentShape,
        single: bool,
    ) -> (Option<Origin>, Option<Origin>, Option<Origin>) {
        let file = self.file;
        if file.id.is_none() && !single && file.describe.is_none() && base.shape.is_some() {
            let help = Some("such as `id: TableName`".to_owned());
            self.problem_with_help(&[], "`id` is missing: where a document has it", help);
        }
        // If the name is a member of its own, it is known before the id.
        let has_name = file.name.as_ref().is_some_and(|name| !name.contains('$'));
        let known = ["account", "region", "partition", "name"];
        let known = if has_name { &known[..] } else { &known[..3] };
        let id = self.origin(base, "id", file.id.as_deref(), known);
        let arn = self.origin(base, "arn", file.arn.as_deref(), &DOCUMENT_VARIABLES);
        let name = self.origin(base, "name", file.name.as_deref(), &DOCUMENT_VARIABLES);
        (id, arn, name)
    }

    fn origin(
        &mut self,
        base: &DocumentShape,
        key: &str,
        text: Option<&str>,
        known: &[&str],
    ) -> Option<Origin> {
        let text = text?;
        let at = [PathSeg::from(key)];
        if text.contains('$') {
            let template = Template::text(text);
            let used = template.variables();
            self.known_variables(&at, &used, known, true);
            return Some(Origin::Template(template));
        }
        if self.exists(base, &at, text) {
            return Some(Origin::Path(steps(text)));
        }
        None
    }

    /// Whether the answer has a member, even if documents do not keep it.
    pub(super) fn exists(&mut self, base: &DocumentShape, at: &[PathSeg], path: &str) -> bool {
        if let Some(Form::Attributes(_)) = &base.form {
            return true;
        }
        let Some((model, shape)) = base.shape else {
            if self.problems.is_empty() {
                self.problem(at, format!("there is no document that has `{path}`"));
            }
            return false;
        };
        match locate(model, shape, path) {
            Ok(_) => true,
            Err((message, help)) => {
                self.problem_with_help(at, message, help);
                false
            }
        }
    }

    fn lookups(&mut self, taken: &mut BTreeSet<String>) -> Vec<Lookup> {
        let mut lookups = Vec::new();
        for (name, file) in &self.file.lookup {
            let at = |key: &str| vec!["lookup".into(), name.as_str().into(), PathSeg::from(key)];
            self.field_name(&["lookup".into(), name.as_str().into()], name, taken);
            taken.insert(name.clone());
            if !self.variables.contains(&file.from) {
                let help = did_you_mean(&file.from, self.variables.iter().map(String::as_str));
                self.problem_with_help(
                    &at("from"),
                    format!("`fields` does not keep `{}`", file.from),
                    help,
                );
            }
            let mut values = std::collections::BTreeMap::new();
            for (key, text) in &file.values {
                let form = Form::Scalar(file.scalar);
                if let Ok(value) = form.read(Value::String(text.clone()), &|_| Ok(Vec::new())) {
                    values.insert(key.clone(), value);
                } else {
                    let mut at = at("values");
                    at.push(key.as_str().into());
                    self.problem(&at, format!("`{text}` is not a value of this type"));
                }
            }
            lookups.push(Lookup {
                name: leak(name),
                from: field_path(&file.from),
                values,
                scalar: file.scalar,
            });
        }
        lookups
    }
}

fn path_of(origin: &Origin) -> Option<String> {
    match origin {
        Origin::Path(path) => Some(path.join(".")),
        Origin::Template(_) => None,
    }
}
