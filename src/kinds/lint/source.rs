//! Resolves the calls that find resources and return their documents.

use super::call::{CallSpec, Reads, ResolvedCall};
use super::context::{Lint, PLACE_VARIABLES, steps};
use crate::kinds::declared::{Batch, Describe, List};
use crate::kinds::file::{DescribeFile, ListFile};
use crate::kinds::form::{Form, Selection, build, locate};
use crate::kinds::model::{ServiceModel, ShapeIndex};
use crate::kinds::template::Template;
use crate::yaml::PathSeg;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A call and the shape of the value that is taken from its answer.
pub(super) struct AnswerShape {
    pub(super) found: ResolvedCall,
    pub(super) shape: ShapeIndex,
}

impl AnswerShape {
    pub(super) fn is_plain(&self) -> bool {
        self.found.model().structure(self.shape).is_none()
    }
}

/// What a kind's documents are made from.
pub(super) struct DocumentShape {
    /// The shape of a document, and its model.
    pub shape: Option<(&'static ServiceModel, ShapeIndex)>,
    pub form: Option<Form>,
}

impl<'a> Lint<'a> {
    fn list_call_spec(&self, file: &'a ListFile) -> CallSpec<'a> {
        let parent = self.file.each.as_ref();
        CallSpec {
            at: vec!["list".into()],
            call: &file.call,
            input: &file.input,
            action: file.action.as_deref(),
            price: file.price.as_ref(),
            absent: &file.absent,
            off: &file.off,
            gone: &[],
            known: &PLACE_VARIABLES,
            members: false,
            only_for: parent.map(|parent| format!("each {parent}")),
        }
    }

    pub(super) fn find_list(&mut self) -> Option<AnswerShape> {
        let file = self.file.list.as_ref()?;
        let spec = self.list_call_spec(file);
        let found = self.call(&spec)?;
        self.all_pages(&["list".into()], &found, &Reads::ALL);
        let shape = self.items(&["list".into(), "items".into()], &found, &file.items)?;
        let listed = AnswerShape { found, shape };
        let id = ["list".into(), "id".into()];
        match (&file.id, &self.file.describe) {
            (None, Some(_)) if !listed.is_plain() => {
                let help = Some("such as `id: Name`".to_owned());
                self.problem_with_help(&id, "where an item has its `id` is missing", help);
            }
            (Some(_), None) => {
                let help = Some("say it beside `list`".to_owned());
                self.problem_with_help(&id, "without `describe` the id is the document's", help);
            }
            (Some(path), _) => {
                if let Err((message, help)) = locate(listed.found.model(), shape, path) {
                    self.problem_with_help(&id, message, help);
                }
            }
            _ => {}
        }
        Some(listed)
    }

    pub(super) fn list(
        &mut self,
        listed: &AnswerShape,
        base: &DocumentShape,
        own: &[String],
    ) -> Option<List> {
        let file = self.file.list.as_ref()?;
        let spec = self.list_call_spec(file);
        let mut item = BTreeSet::new();
        let (form, paths) = match &self.file.describe {
            None => (base.form.clone(), paths_of(base.form.as_ref(), own)),
            Some(describe) => {
                item = item_members(&describe.input);
                let of = (listed.found.model(), listed.shape);
                self.item_exists(of, &item, &["describe".into(), "input".into()]);
                let form = self.list_form(listed, file);
                let mut paths = form.as_ref().map(Form::paths).unwrap_or_default();
                paths.extend(file.id.clone());
                paths.extend(item.iter().cloned());
                (form, paths)
            }
        };
        Some(List {
            ask: listed.found.ask(&spec, Some(&file.items), true, paths),
            plain: listed.is_plain(),
            id: file.id.as_deref().map(steps).unwrap_or_default(),
            item: item.into_iter().collect(),
            form,
        })
    }

    fn list_form(&mut self, listed: &AnswerShape, file: &'a ListFile) -> Option<Form> {
        if file.fields.is_empty() {
            return None;
        }
        let selection = Selection {
            fields: &file.fields,
            ..Selection::default()
        };
        let (form, problems) = build(listed.found.model(), listed.shape, selection);
        self.form_problems(&["list".into()], problems);
        Some(form)
    }

    /// Reports members that the input of a call uses and an item does not have.
    pub(super) fn item_exists(
        &mut self,
        (model, item): (&ServiceModel, ShapeIndex),
        paths: &BTreeSet<String>,
        at: &[PathSeg],
    ) {
        for path in paths {
            if let Err((message, help)) = locate(model, item, path) {
                self.problem_with_help(at, message, help);
            }
        }
    }

    fn describe_call_spec(file: &'a DescribeFile, single: bool) -> CallSpec<'a> {
        let known: &[&str] = match (single, file.batch) {
            (true, _) => &PLACE_VARIABLES,
            (false, Some(_)) => &["ids", "account", "region", "partition", "today"],
            (false, None) => &[
                "id",
                "last",
                "item",
                "account",
                "region",
                "partition",
                "today",
            ],
        };
        CallSpec {
            at: vec!["describe".into()],
            call: &file.call,
            input: &file.input,
            action: file.action.as_deref(),
            price: file.price.as_ref(),
            absent: &[],
            off: &[],
            gone: &file.gone,
            known,
            members: false,
            only_for: None,
        }
    }

    pub(super) fn find_describe(&mut self, single: bool) -> Option<AnswerShape> {
        let file = self.file.describe.as_ref()?;
        let found = self.call(&Self::describe_call_spec(file, single))?;
        let key = |key: &str| ["describe".into(), PathSeg::from(key)];
        let reads = Reads {
            all: false,
            take: file.items.as_deref().or(file.take.as_deref()),
            first_page: file.first_page.as_deref(),
        };
        self.all_pages(&["describe".into()], &found, &reads);
        let shape = match (&file.items, file.batch) {
            (Some(items), _) => self.items(&key("items"), &found, items)?,
            (None, Some(_)) => {
                let message = "`items` is missing: where the answer has the documents";
                self.problem(&["describe".into()], message);
                return None;
            }
            (None, None) => self.taken(&key("take"), &found, file.take.as_deref())?,
        };
        Some(AnswerShape { found, shape })
    }

    pub(super) fn describe(
        &mut self,
        described: Option<AnswerShape>,
        base: &DocumentShape,
        own: &[String],
    ) -> Option<Describe> {
        let file = self.file.describe.as_ref()?;
        let AnswerShape { found, shape } = described?;
        let batch = file.items.is_some();
        let batch = batch.then(|| self.describe_batch(file, &found, shape));
        let mut paths = paths_of(base.form.as_ref(), own);
        if let Some(batch) = &batch
            && !paths.is_empty()
            && !batch.matched.is_empty()
        {
            paths.push(batch.matched.join("."));
        }
        let take = file.items.as_deref().or(file.take.as_deref());
        let spec = Self::describe_call_spec(file, false);
        let mut ask = found.ask(&spec, take, false, paths);
        ask.keep.extend(file.failures.clone());
        Some(Describe {
            ask,
            batch,
            form: base.form.clone()?,
        })
    }

    /// Several documents in one answer, each with the id of its resource.
    fn describe_batch(
        &mut self,
        file: &DescribeFile,
        found: &ResolvedCall,
        shape: ShapeIndex,
    ) -> Batch {
        let at = |key: &str| ["describe".into(), PathSeg::from(key)];
        // A list of one document needs no match.
        let matched = file.matched.clone().unwrap_or_default();
        if file.batch.is_some() && file.matched.is_none() {
            self.problem(
                &["describe".into()],
                "`match` is missing: where a document has its id",
            );
        } else if !matched.is_empty()
            && let Err((message, help)) = locate(found.model(), shape, &matched)
        {
            self.problem_with_help(&at("match"), message, help);
        }
        if let Some(failures) = &file.failures {
            self.taken(&at("failures"), found, Some(failures));
        }
        let uses = Template::object(&file.input).variables().contains("ids");
        if file.batch.is_some() && !uses {
            let help = Some("such as `{clusters: $ids}`".to_owned());
            self.problem_with_help(&at("input"), "nothing takes the `$ids` of a batch", help);
        }
        Batch {
            size: file.batch.unwrap_or(1),
            matched: if matched.is_empty() {
                Vec::new()
            } else {
                steps(&matched)
            },
            by_arn: false,
            failures: file.failures.as_deref().map(steps).unwrap_or_default(),
        }
    }
}

/// The members of an item that the input of a call uses: `$item.Name`.
pub(super) fn item_members(input: &Map<String, Value>) -> BTreeSet<String> {
    item_variables(&Template::object(input))
}

/// The members of an item that a template names.
pub(super) fn item_variables(template: &Template) -> BTreeSet<String> {
    let used = template.variables().into_iter();
    used.filter_map(|name| name.strip_prefix("item.").map(ToOwned::to_owned))
        .collect()
}

/// The members of a document that are read: those of its form, and `own`, such as the id. Empty for all.
fn paths_of(form: Option<&Form>, own: &[String]) -> Vec<String> {
    match form {
        Some(Form::Attributes(_)) => Vec::new(),
        form => {
            let mut paths = form.map(Form::paths).unwrap_or_default();
            paths.extend(own.iter().cloned());
            paths
        }
    }
}
