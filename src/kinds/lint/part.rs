//! Resolves parts: calls of their own, metrics, and what the document has already.

use super::call::{CallSpec, Reads, ResolvedCall};
use super::context::{BATCH_VARIABLES, Lint, PLACE_VARIABLES, RESOURCE_VARIABLES, leak, steps};
use super::source::DocumentShape;
use crate::kinds::declared::{
    Batch, CallOf, CalledPart, DeclaredPart, FollowUpCall, PartRead, WithinPart,
};
use crate::kinds::file::{Match, PartFile, PerName};
use crate::kinds::form::{Form, build, locate};
use crate::kinds::model::{ServiceModel, ShapeIndex};
use crate::kinds::template::Template;
use crate::yaml::PathSeg;
use std::collections::BTreeSet;

impl<'a> Lint<'a> {
    pub(super) fn parts(
        &mut self,
        base: &DocumentShape,
        single: bool,
        taken: &mut BTreeSet<String>,
    ) -> Vec<DeclaredPart> {
        let mut parts = Vec::new();
        for (name, file) in &self.file.parts {
            let at = vec![PathSeg::from("parts"), name.as_str().into()];
            self.field_name(&at, name, taken);
            taken.insert(name.clone());
            if let Some(read) = self.part(base, &at, name, file, single) {
                parts.push(DeclaredPart {
                    name: leak(name),
                    read,
                });
            }
        }
        parts
    }

    fn part(
        &mut self,
        base: &DocumentShape,
        at: &[PathSeg],
        name: &str,
        file: &'a PartFile,
        single: bool,
    ) -> Option<PartRead> {
        if let Some(path) = &file.within {
            return self.within(base, at, file, path).map(PartRead::Within);
        }
        match (&file.call, &file.metric, file.metrics.is_empty()) {
            (Some(call), None, true) => {
                self.asked(at, name, file, call, single).map(PartRead::Call)
            }
            (None, Some(metric), true) => {
                let mut at = at.to_vec();
                at.push("metric".into());
                Some(PartRead::Metric(self.metric(base, &at, metric)))
            }
            (None, None, false) => {
                let mut metrics = Vec::new();
                for (field, metric) in &file.metrics {
                    let mut at = at.to_vec();
                    at.extend(["metrics".into(), field.as_str().into()]);
                    self.field_name(&at, field, &BTreeSet::new());
                    metrics.push((leak(field), self.metric(base, &at, metric)));
                }
                Some(PartRead::Metrics(metrics))
            }
            _ => {
                self.problem(
                    at,
                    "a part has either `call`, or `metric`, or `metrics`, or `within`",
                );
                None
            }
        }
    }

    /// A part that the document has already.
    fn within(
        &mut self,
        base: &DocumentShape,
        at: &[PathSeg],
        file: &'a PartFile,
        path: &str,
    ) -> Option<WithinPart> {
        let key = |key: &str| [at, &[PathSeg::from(key)]].concat();
        if file.call.is_some() || file.metric.is_some() || !file.metrics.is_empty() {
            self.problem(at, "what is `within` the document takes no call");
        }
        let Some((model, document)) = base.shape else {
            self.problem(&key("within"), "there is no document that has it");
            return None;
        };
        let mut located = |key: &[PathSeg], path: &str| match locate(model, document, path) {
            Ok(shape) => Some(shape),
            Err((message, help)) => {
                self.problem_with_help(key, message, help);
                None
            }
        };
        let shape = located(&key("within"), path);
        let hidden = file.hidden.as_ref().and_then(|hidden| {
            located(
                &[at, &["hidden".into(), "code".into()]].concat(),
                &hidden.code,
            )?;
            Some((steps(&hidden.code), leak(&hidden.action)))
        });
        let (form, problems) = build(model, shape?, file.into());
        self.form_problems(at, problems);
        let call = self.document_call?;
        Some(WithinPart {
            call,
            path: steps(path),
            form,
            hidden,
        })
    }

    fn asked(
        &mut self,
        at: &[PathSeg],
        name: &str,
        file: &'a PartFile,
        call: &'a str,
        single: bool,
    ) -> Option<CalledPart> {
        let of_kind = file.per == Some(PerName::Kind) && !single;
        let spec = self.part_call_spec(at, file, call, of_kind);
        let found = self.call(&spec)?;
        let key = |key: &str| {
            let mut at = at.to_vec();
            at.push(key.into());
            at
        };
        let reads = Reads {
            all: file.items.is_some(),
            take: file.take.as_deref(),
            first_page: file.first_page.as_deref(),
        };
        self.all_pages(at, &found, &reads);
        let shape = self.part_shape(&key, &found, file)?;
        let (form, problems) = build(found.model(), shape, file.into());
        self.form_problems(at, problems);
        let then = match &file.then {
            Some(then) => Some(self.then(at, name, then, (&found, shape, &form), file)?),
            None => None,
        };
        let of = self.call_of(&key, file, &found, of_kind)?;
        if file.one && file.items.is_none() {
            self.problem(&key("one"), "`one` needs `items`");
        }
        let paths = part_paths(&form, &of, then.as_ref(), file);
        let take = file.items.as_deref().or(file.take.as_deref());
        let goes_on = found.operation.paginator.is_some() && file.first_page.is_none();
        let pages = file.items.is_some() && goes_on;
        Some(CalledPart {
            ask: found.ask(&spec, take, pages, paths),
            plain: found.model().structure(shape).is_none(),
            items: file.items.is_some(),
            within: file
                .items
                .as_ref()
                .and(file.take.as_deref())
                .map(steps)
                .unwrap_or_default(),
            form,
            then,
            of,
            one: file.one,
            // The answer of a batch may have nothing for one of its resources.
            nullable: (file.items.is_none() || file.batch.is_some())
                && is_nullable(found.model(), found.output()?, file),
        })
    }

    /// What a part's file says of its call, which may be one for all resources of the kind.
    fn part_call_spec(
        &self,
        at: &[PathSeg],
        file: &'a PartFile,
        call: &'a str,
        of_kind: bool,
    ) -> CallSpec<'a> {
        let known: &[&str] = match (of_kind, file.batch) {
            (true, _) => &PLACE_VARIABLES,
            (false, Some(_)) => &BATCH_VARIABLES,
            (false, None) => &RESOURCE_VARIABLES,
        };
        CallSpec {
            at: at.to_vec(),
            call,
            input: &file.input,
            action: file.action.as_deref(),
            price: file.price.as_ref(),
            absent: &file.absent,
            off: &file.off,
            gone: &[],
            known,
            members: !of_kind && file.batch.is_none(),
            only_for: of_kind.then(|| format!("all {}, where there is one", self.name)),
        }
    }

    fn part_shape(
        &mut self,
        key: &dyn Fn(&str) -> Vec<PathSeg>,
        found: &ResolvedCall,
        file: &PartFile,
    ) -> Option<ShapeIndex> {
        match (&file.items, &file.take) {
            (Some(items), None) => self.items(&key("items"), found, items),
            (Some(items), Some(take)) => {
                let item = self.items(&key("items"), found, items)?;
                match locate(found.model(), item, take) {
                    Ok(shape) => Some(shape),
                    Err((message, help)) => {
                        self.problem_with_help(&key("take"), message, help);
                        None
                    }
                }
            }
            (None, take) => self.taken(&key("take"), found, take.as_deref()),
        }
    }

    fn call_of(
        &mut self,
        key: &dyn Fn(&str) -> Vec<PathSeg>,
        file: &PartFile,
        found: &ResolvedCall,
        of_kind: bool,
    ) -> Option<CallOf> {
        let item = file
            .items
            .as_deref()
            .and_then(|path| locate(found.model(), found.output()?, path).ok());
        let several = of_kind || file.batch.is_some();
        let Some(matched) = &file.matched else {
            if several {
                let message = "`match` is missing: which of the items belong to a resource";
                self.problem(&key("call")[..key("call").len() - 1], message);
                return None;
            }
            return Some(CallOf::Resource);
        };
        if !several {
            let help = Some("say `per: kind` where one call is for all".to_owned());
            self.problem_with_help(&key("match"), "the call is for one resource alone", help);
        }
        let Some(item) = item else {
            self.problem(&key("match"), "`match` needs `items`");
            return None;
        };
        let pairs = pairs(matched);
        let is_batch = file.batch.is_some();
        self.pairs_fit(&key("match"), &pairs, (found.model(), item), is_batch);
        if let Some(size) = file.batch {
            let batch = self.part_batch(&key("input"), file, size, &pairs);
            return batch.map(CallOf::Batch);
        }
        let pairs = pairs.into_iter();
        let pairs = pairs.map(|(member, template)| (steps(&member), template));
        Some(CallOf::Kind(pairs.collect()))
    }

    /// Reports members for matching that items lack, and variables without a value.
    fn pairs_fit(
        &mut self,
        at: &[PathSeg],
        pairs: &[(String, Template)],
        (model, item): (&ServiceModel, ShapeIndex),
        is_batch: bool,
    ) {
        for (member, template) in pairs {
            self.matched_by(at, model, item, (member.as_str(), is_batch));
            let used = template.variables();
            self.known_variables(at, &used, &RESOURCE_VARIABLES, true);
        }
    }

    /// Several resources in one call, which takes their ids or ARNs.
    fn part_batch(
        &mut self,
        at: &[PathSeg],
        file: &PartFile,
        size: usize,
        pairs: &[(String, Template)],
    ) -> Option<Batch> {
        let input = Template::object(&file.input);
        let used = input.variables();
        if !used.contains("ids") && !used.contains("arns") {
            let help = Some("such as `{ResourceArns: $arns}`".to_owned());
            self.problem_with_help(at, "nothing takes the `$ids` of a batch", help);
        }
        let (member, _) = pairs.first()?;
        Some(Batch {
            size,
            matched: steps(member),
            by_arn: used.contains("arns"),
            failures: Vec::new(),
        })
    }
}

/// The members by which an item is matched, with the values that they have if it belongs to a resource.
fn pairs(matched: &Match) -> Vec<(String, Template)> {
    match matched {
        Match::Member(member) => {
            let arn = member.to_ascii_lowercase().ends_with("arn");
            let variable = if arn { "arn" } else { "id" };
            vec![(member.clone(), Template::Variable(variable.to_owned()))]
        }
        Match::Members(members) => {
            let pairs = members.iter();
            pairs
                .map(|(member, text)| (member.clone(), Template::text(text)))
                .collect()
        }
    }
}

/// The members of an answer that a part reads.
fn part_paths(
    form: &Form,
    of: &CallOf,
    then: Option<&FollowUpCall>,
    file: &PartFile,
) -> Vec<String> {
    let mut paths = form.paths();
    let inner = file.items.as_ref().and(file.take.as_ref());
    if let Some(take) = inner {
        paths = if paths.is_empty() {
            vec![take.clone()]
        } else {
            paths.iter().map(|path| format!("{take}.{path}")).collect()
        };
    }
    if paths.is_empty() {
        return paths;
    }
    match of {
        CallOf::Resource => {}
        CallOf::Kind(pairs) => paths.extend(pairs.iter().map(|(member, _)| member.join("."))),
        CallOf::Batch(batch) => paths.push(batch.matched.join(".")),
    }
    paths.extend(then.iter().flat_map(|then| then.item.iter().cloned()));
    paths
}

/// Whether a part may be null: AWS may say that there is none, or leave out the value.
fn is_nullable(model: &ServiceModel, output: ShapeIndex, file: &PartFile) -> bool {
    if !file.absent.is_empty() || file.batch.is_some() {
        return true;
    }
    let mut at = output;
    for step in file.take.iter().flat_map(|take| take.split('.')) {
        let structure = model.structure(at);
        let Some(member) = structure.and_then(|structure| structure.member(step)) else {
            return true;
        };
        if structure.is_none_or(|structure| !structure.required.contains(&member.name)) {
            return true;
        }
        at = member.shape;
    }
    false
}
