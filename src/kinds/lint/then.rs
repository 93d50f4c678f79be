//! Resolves the calls that parts make for the items of a list, and what items are matched by.

use super::call::{Found, Reads, Said};
use super::context::{Lint, OF_PLACE, OF_RESOURCE, leak, steps};
use super::source::item_members;
use crate::kinds::declared::{OfAll, Then};
use crate::kinds::file::{PartFile, ThenFile};
use crate::kinds::form::{Form, build, locate};
use crate::kinds::model::{ServiceModel, ShapeIndex, ShapeKind};
use crate::kinds::template::Template;
use crate::yaml::PathSeg;
use std::collections::BTreeSet;

impl<'a> Lint<'a> {
    pub(super) fn then(
        &mut self,
        at: &[PathSeg],
        name: &str,
        file: &'a ThenFile,
        (of, item, own): (&Found, ShapeIndex, &Form),
        part: &PartFile,
    ) -> Option<Then> {
        let mut at = at.to_vec();
        at.push("then".into());
        if part.items.is_none() {
            self.problem(&at, "`then` is about each of `items`");
        }
        if let Some(items) = &file.items {
            return self.then_of_all(&at, name, (file, items), (of, item, own));
        }
        for (key, is_there) in [
            ("match", !file.matched.is_empty()),
            ("field", file.field.is_some()),
        ] {
            if is_there {
                let key = [&at[..], &[PathSeg::from(key)]].concat();
                let message = "the call is for one item alone: it has no `items`";
                self.problem(&key, message);
            }
        }
        let known = [&["item"], &OF_RESOURCE[..]].concat();
        let said = Said {
            at: at.clone(),
            call: &file.call,
            input: &file.input,
            action: file.action.as_deref(),
            price: None,
            absent: &file.absent,
            off: &[],
            gone: &file.gone,
            known: &known,
            members: true,
            only_for: Some(format!("each item of {}.{name}", self.name)),
        };
        let found = self.call(&said)?;
        let members = item_members(&file.input);
        for path in &members {
            if let Err((message, help)) = locate(of.model(), item, path) {
                let mut at = at.clone();
                at.push("input".into());
                self.problem_with_help(&at, message, help);
            }
        }
        let mut take = at.clone();
        take.push("take".into());
        let reads = Reads {
            all: false,
            take: file.take.as_deref(),
            first_page: file.first_page.as_deref(),
        };
        self.all_pages(&at, &found, &reads);
        let shape = self.taken(&take, &found, file.take.as_deref())?;
        let (form, problems) = build(found.model(), shape, file.into());
        self.form_problems(&at, problems);
        if !matches!(form, Form::Object(_) | Form::Attributes(_)) {
            let help = Some("leave out the last step of `take`".to_owned());
            self.problem_with_help(&take, "what is added to an item are members", help);
        }
        Some(Then {
            ask: found.ask(&said, file.take.as_deref(), false, form.paths()),
            form,
            item: members.into_iter().collect(),
            all: None,
        })
    }

    /// One call for all items of a part, matched with them.
    fn then_of_all(
        &mut self,
        at: &[PathSeg],
        name: &str,
        (file, items): (&'a ThenFile, &str),
        (of, item, own): (&Found, ShapeIndex, &Form),
    ) -> Option<Then> {
        let key = |key: &str| [at, &[PathSeg::from(key)]].concat();
        let said = Said {
            at: at.to_vec(),
            call: &file.call,
            input: &file.input,
            action: file.action.as_deref(),
            price: None,
            absent: &file.absent,
            off: &[],
            gone: &[],
            known: &OF_PLACE,
            members: false,
            only_for: Some(format!(
                "all items of {}.{name}, where there is one",
                self.name
            )),
        };
        for (name, is_there) in [
            ("take", file.take.is_some()),
            ("gone", !file.gone.is_empty()),
        ] {
            if is_there {
                self.problem(&key(name), "the call is for all items, not for one");
            }
        }
        let found = self.call(&said)?;
        self.all_pages(at, &found, &Reads::ALL);
        let shape = self.items(&key("items"), &found, items)?;
        let (form, problems) = build(found.model(), shape, file.into());
        self.form_problems(at, problems);
        if found.model().structure(shape).is_none() {
            self.problem(&key("items"), "what belongs to an item are structures");
        }
        if file.matched.is_empty() {
            self.problem(at, "`match` is missing: which of `items` belong to an item");
        }
        let mut matched = Vec::new();
        let mut members = BTreeSet::new();
        for (member, text) in &file.matched {
            self.matched_by(&key("match"), found.model(), shape, (member, false));
            let template = Template::text(text);
            let known = [&["item"], &OF_RESOURCE[..]].concat();
            self.known_variables(&key("match"), &template.variables(), &known, true);
            for path in template.variables() {
                let Some(path) = path.strip_prefix("item.") else {
                    continue;
                };
                self.matched_by(&key("match"), of.model(), item, (path, false));
                members.insert(path.to_owned());
            }
            matched.push((steps(member), template));
        }
        let Some(field) = &file.field else {
            let message = "`field` is missing: what the item has of it";
            self.problem(at, message);
            return None;
        };
        let taken: BTreeSet<String> = own
            .field_names()
            .into_iter()
            .map(ToOwned::to_owned)
            .collect();
        self.field_name(&key("field"), field, &taken);
        let mut paths = form.paths();
        if !paths.is_empty() {
            paths.extend(file.matched.keys().cloned());
        }
        let pages = found.operation.paginator.is_some() && file.first_page.is_none();
        Some(Then {
            ask: found.ask(&said, Some(items), pages, paths),
            form,
            item: members.into_iter().collect(),
            all: Some(OfAll {
                matched,
                field: leak(field),
            }),
        })
    }

    /// What an item is matched by is a plain value, or, but for a batch, a list of such.
    pub(super) fn matched_by(
        &mut self,
        at: &[PathSeg],
        model: &ServiceModel,
        item: ShapeIndex,
        (member, batch): (&str, bool),
    ) {
        let shape = match locate(model, item, member) {
            Ok(shape) => shape,
            Err((message, help)) => return self.problem_with_help(at, message, help),
        };
        let plain = |kind: &ShapeKind| {
            matches!(
                kind,
                ShapeKind::String { .. } | ShapeKind::Integer | ShapeKind::Long
            )
        };
        let fits = match &model.shape(shape).kind {
            ShapeKind::List(item) => !batch && plain(&model.shape(item.shape).kind),
            kind => plain(kind),
        };
        if !fits {
            let message = if batch {
                format!("`{member}` is no plain value, and matches nothing")
            } else {
                format!(
                    "`{member}` is neither a plain value nor a list of such, and matches nothing"
                )
            };
            self.problem(at, message);
        }
    }
}
