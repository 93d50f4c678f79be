//! Resolves the calls that parts make for the items of a list, and what items are matched by.

use super::call::{CallSpec, Reads, ResolvedCall};
use super::context::{Lint, PLACE_VARIABLES, RESOURCE_VARIABLES, leak, steps};
use super::source::{item_members, item_variables};
use crate::kinds::declared::{FollowUpCall, ItemMatch};
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
        (of, item, own): (&ResolvedCall, ShapeIndex, &Form),
        part: &PartFile,
    ) -> Option<FollowUpCall> {
        let mut at = at.to_vec();
        at.push("then".into());
        if part.items.is_none() {
            self.problem(&at, "`then` needs `items`");
        }
        match &file.items {
            Some(items) => self.then_of_all(&at, name, (file, items), (of, item, own)),
            None => self.then_of_each(&at, name, file, (of, item)),
        }
    }

    /// A call for each item of a part.
    fn then_of_each(
        &mut self,
        at: &[PathSeg],
        name: &str,
        file: &'a ThenFile,
        (of, item): (&ResolvedCall, ShapeIndex),
    ) -> Option<FollowUpCall> {
        let key = |key: &str| [at, &[PathSeg::from(key)]].concat();
        let of_all = [
            ("match", !file.matched.is_empty()),
            ("field", file.field.is_some()),
        ];
        let message = "the call is for one item alone: it has no `items`";
        self.refuse_keys(at, of_all, message);
        let known = [&["item"], &RESOURCE_VARIABLES[..]].concat();
        let only_for = format!("each item of {}.{name}", self.name);
        let spec = CallSpec {
            gone: &file.gone,
            members: true,
            ..then_call_spec(at, file, &known, only_for)
        };
        let found = self.call(&spec)?;
        let members = item_members(&file.input);
        self.item_exists((of.model(), item), &members, &key("input"));
        let reads = Reads {
            all: false,
            take: file.take.as_deref(),
            first_page: file.first_page.as_deref(),
        };
        self.all_pages(at, &found, &reads);
        let shape = self.taken(&key("take"), &found, file.take.as_deref())?;
        let (form, problems) = build(found.model(), shape, file.into());
        self.form_problems(at, problems);
        if !matches!(form, Form::Object(_) | Form::Attributes(_)) {
            let help = Some("leave out the last step of `take`".to_owned());
            self.problem_with_help(&key("take"), "what is added to an item are members", help);
        }
        Some(FollowUpCall {
            ask: found.ask(&spec, file.take.as_deref(), false, form.paths()),
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
        (of, item, own): (&ResolvedCall, ShapeIndex, &Form),
    ) -> Option<FollowUpCall> {
        let key = |key: &str| [at, &[PathSeg::from(key)]].concat();
        let only_for = format!("all items of {}.{name}, where there is one", self.name);
        let spec = then_call_spec(at, file, &PLACE_VARIABLES, only_for);
        let of_each = [
            ("take", file.take.is_some()),
            ("gone", !file.gone.is_empty()),
        ];
        self.refuse_keys(at, of_each, "the call is for all items, not for one");
        let found = self.call(&spec)?;
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
        let matched = self.items_matched(
            &key("match"),
            file,
            (found.model(), shape),
            (of.model(), item),
        );
        let Some(field) = &file.field else {
            let message = "`field` is missing: the field for the matched entries";
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
        let members: BTreeSet<String> = matched
            .iter()
            .flat_map(|(_, template)| item_variables(template))
            .collect();
        Some(FollowUpCall {
            ask: found.ask(&spec, Some(items), pages, paths),
            form,
            item: members.into_iter().collect(),
            all: Some(ItemMatch {
                matched,
                field: leak(field),
            }),
        })
    }

    /// Reports keys that mean nothing for a call of this sort. Each comes with whether the file has it.
    fn refuse_keys(&mut self, at: &[PathSeg], keys: [(&str, bool); 2], message: &str) {
        for (key, is_there) in keys {
            if is_there {
                let at = [at, &[PathSeg::from(key)]].concat();
                self.problem(&at, message);
            }
        }
    }

    /// How the entries of the answer are matched with the items of the part, by the members of both.
    fn items_matched(
        &mut self,
        at: &[PathSeg],
        file: &ThenFile,
        (model, given): (&ServiceModel, ShapeIndex),
        (model_of_item, item): (&ServiceModel, ShapeIndex),
    ) -> Vec<(Vec<String>, Template)> {
        let known = [&["item"], &RESOURCE_VARIABLES[..]].concat();
        let mut matched = Vec::new();
        for (member, text) in &file.matched {
            self.matched_by(at, model, given, (member, false));
            let template = Template::text(text);
            self.known_variables(at, &template.variables(), &known, true);
            for path in item_variables(&template) {
                self.matched_by(at, model_of_item, item, (&path, false));
            }
            matched.push((steps(member), template));
        }
        matched
    }

    /// Reports a member that cannot match: it must be a plain value or, except in a batch, a list of them.
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

/// What a file says of a call for items, whether it is one for each or one for all of them.
fn then_call_spec<'s>(
    at: &[PathSeg],
    file: &'s ThenFile,
    known: &'s [&'s str],
    only_for: String,
) -> CallSpec<'s> {
    CallSpec {
        at: at.to_vec(),
        call: &file.call,
        input: &file.input,
        action: file.action.as_deref(),
        price: None,
        absent: &file.absent,
        off: &[],
        gone: &[],
        known,
        members: false,
        only_for: Some(only_for),
    }
}
