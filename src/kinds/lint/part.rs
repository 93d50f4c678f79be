//! Resolves parts: calls of their own, metrics, other resources' fields and what is computed.

use super::call::{Found, Said};
use super::context::{Lint, OF_PLACE, OF_RESOURCE, field_path, leak, steps};
use super::document::{Base, item_members};
use crate::kinds::declared::{
    Access, AskedPart, Batch, CallOf, DeclaredPart, Derived, Join, Metric, PartRead, Then,
};
use crate::kinds::file::{Match, MetricFile, PartFile, PerName, ThenFile};
use crate::kinds::form::{Form, Selection, build, locate};
use crate::kinds::model::{ServiceModel, ShapeIndex};
use crate::kinds::template::Template;
use crate::yaml::{PathSeg, did_you_mean};
use std::collections::BTreeSet;

impl<'a> Lint<'a> {
    pub(super) fn parts(
        &mut self,
        single: bool,
        taken: &mut BTreeSet<String>,
    ) -> Vec<DeclaredPart> {
        let mut parts = Vec::new();
        for (name, file) in &self.file.parts {
            let at = vec![PathSeg::from("parts"), name.as_str().into()];
            self.field_name(&at, name, taken);
            taken.insert(name.clone());
            if let Some(read) = self.part(&at, name, file, single) {
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
        at: &[PathSeg],
        name: &str,
        file: &'a PartFile,
        single: bool,
    ) -> Option<PartRead> {
        match (&file.call, &file.metric, file.metrics.is_empty()) {
            (Some(call), None, true) => self.asked(at, name, file, call, single).map(PartRead::Ask),
            (None, Some(metric), true) => {
                let mut at = at.to_vec();
                at.push("metric".into());
                Some(PartRead::Metric(self.metric(&at, metric)))
            }
            (None, None, false) => {
                let mut metrics = Vec::new();
                for (field, metric) in &file.metrics {
                    let mut at = at.to_vec();
                    at.extend(["metrics".into(), field.as_str().into()]);
                    self.field_name(&at, field, &BTreeSet::new());
                    metrics.push((leak(field), self.metric(&at, metric)));
                }
                Some(PartRead::Metrics(metrics))
            }
            _ => {
                self.problem(at, "a part has either `call`, or `metric`, or `metrics`");
                None
            }
        }
    }

    fn metric(&mut self, at: &[PathSeg], file: &MetricFile) -> Metric {
        let mut dimensions = Vec::new();
        for (name, text) in &file.dimensions {
            let mut at = at.to_vec();
            at.extend(["dimensions".into(), name.as_str().into()]);
            let template = Template::text(text);
            let used = template.variables();
            self.known_variables(&at, &used, &OF_RESOURCE, true);
            dimensions.push((leak(name), template));
        }
        Metric {
            namespace: leak(&file.namespace),
            name: leak(&file.name),
            dimensions,
            stat: file.stat,
            days: file.days,
            each: file.each,
        }
    }

    fn asked(
        &mut self,
        at: &[PathSeg],
        name: &str,
        file: &'a PartFile,
        call: &'a str,
        single: bool,
    ) -> Option<AskedPart> {
        let of_kind = file.per == Some(PerName::Kind) && !single;
        let known: &[&str] = match (of_kind, file.batch) {
            (true, _) => &OF_PLACE,
            (false, Some(_)) => &["ids", "arns", "account", "region", "partition"],
            (false, None) => &OF_RESOURCE,
        };
        let said = Said {
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
        };
        let found = self.call(&said)?;
        let key = |key: &str| {
            let mut at = at.to_vec();
            at.push(key.into());
            at
        };
        let shape = self.part_shape(&key, &found, file)?;
        let selection = Selection {
            fields: &file.fields,
            always: &file.always,
            conversions: file.conversions.as_ref(),
            secret: &file.secret,
        };
        let (form, problems) = build(found.model(), shape, selection);
        self.form_problems(at, problems);
        let then = file
            .then
            .as_ref()
            .map(|then| self.then(at, name, then, &found, shape, file));
        let then = match then {
            Some(None) => return None,
            Some(Some(then)) => Some(then),
            None => None,
        };
        let of = self.call_of(&key, file, &found, of_kind)?;
        if file.one && file.items.is_none() {
            self.problem(&key("one"), "`one` is about `items`");
        }
        let paths = part_paths(&form, &of, then.as_ref(), file);
        let take = file.items.as_deref().or(file.take.as_deref());
        let pages = file.items.is_some() && found.operation.paginator.is_some();
        Some(AskedPart {
            ask: found.ask(&said, take, pages, paths),
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
            nullable: file.items.is_none() && is_nullable(found.model(), found.output()?, file),
        })
    }

    fn part_shape(
        &mut self,
        key: &dyn Fn(&str) -> Vec<PathSeg>,
        found: &Found,
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
            (None, take) => {
                self.not_first_page_alone(&key("take"), found, take.as_deref());
                self.taken(&key("take"), found, take.as_deref())
            }
        }
    }

    fn then(
        &mut self,
        at: &[PathSeg],
        name: &str,
        file: &'a ThenFile,
        of: &Found,
        item: ShapeIndex,
        part: &PartFile,
    ) -> Option<Then> {
        let mut at = at.to_vec();
        at.push("then".into());
        if part.items.is_none() {
            self.problem(&at, "`then` is about each of `items`");
        }
        let said = Said {
            at: at.clone(),
            call: &file.call,
            input: &file.input,
            action: file.action.as_deref(),
            price: None,
            absent: &file.absent,
            off: &[],
            gone: &file.gone,
            known: &[
                "item",
                "id",
                "arn",
                "name",
                "account",
                "region",
                "partition",
            ],
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
        self.not_first_page_alone(&take, &found, file.take.as_deref());
        let shape = self.taken(&take, &found, file.take.as_deref())?;
        let selection = Selection {
            fields: &file.fields,
            always: &file.always,
            conversions: file.conversions.as_ref(),
            secret: &[],
        };
        let (form, problems) = build(found.model(), shape, selection);
        self.form_problems(&at, problems);
        if !matches!(form, Form::Object(_) | Form::Attributes(_)) {
            let help = Some("leave out the last step of `take`".to_owned());
            self.problem_with_help(&take, "what is added to an item are members", help);
        }
        Some(Then {
            ask: found.ask(&said, file.take.as_deref(), false, form.paths()),
            form,
            item: members.into_iter().collect(),
        })
    }

    fn call_of(
        &mut self,
        key: &dyn Fn(&str) -> Vec<PathSeg>,
        file: &PartFile,
        found: &Found,
        of_kind: bool,
    ) -> Option<CallOf> {
        let item = file.items.as_deref().and_then(|path| {
            let list = locate(found.model(), found.output()?, path).ok()?;
            Some(list)
        });
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
            self.problem(&key("match"), "`match` is about `items`");
            return None;
        };
        let pairs: Vec<(String, Template)> = match matched {
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
        };
        for (member, template) in &pairs {
            if let Err((message, help)) = locate(found.model(), item, member) {
                self.problem_with_help(&key("match"), message, help);
            }
            let used = template.variables();
            self.known_variables(&key("match"), &used, &OF_RESOURCE, true);
        }
        let Some(size) = file.batch else {
            let pairs = pairs
                .iter()
                .map(|(member, template)| (steps(member), template.clone()));
            return Some(CallOf::Kind(pairs.collect()));
        };
        let used = Template::object(&file.input);
        let used = used.variables();
        if !used.contains("ids") && !used.contains("arns") {
            let help = Some("such as `{ResourceArns: $arns}`".to_owned());
            self.problem_with_help(&key("input"), "nothing takes the `$ids` of a batch", help);
        }
        let (member, _) = pairs.into_iter().next()?;
        Some(CallOf::Batch(Batch {
            size,
            matched: steps(&member),
            by_arn: used.contains("arns"),
            failures: Vec::new(),
        }))
    }

    pub(super) fn joins(
        &mut self,
        base: &Base,
        parts: &[DeclaredPart],
        taken: &mut BTreeSet<String>,
    ) -> Vec<Join> {
        let mut joins = Vec::new();
        for (name, file) in &self.file.join {
            let at = vec![PathSeg::from("join"), name.as_str().into()];
            self.field_name(&at, name, taken);
            taken.insert(name.clone());
            let mut from = at.clone();
            from.push("from".into());
            let Some((root, path, many)) = self.place(base, parts, &from, &file.from) else {
                continue;
            };
            let fields: Vec<&'static str> = file.fields.iter().map(|field| leak(field)).collect();
            joins.push(Join {
                name: leak(name),
                kind: leak(&file.kind),
                from: path,
                root,
                many,
                by: file.by,
                fields: Box::leak(fields.into_boxed_slice()),
            });
        }
        joins
    }

    /// Where documents have a value: a field or part, the path to it, and whether there are several.
    fn place(
        &mut self,
        base: &Base,
        parts: &[DeclaredPart],
        at: &[PathSeg],
        path: &str,
    ) -> Option<(&'static str, Vec<String>, bool)> {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        if let Some(part) = parts.iter().find(|part| part.name == first) {
            let mut steps = vec![first.to_owned()];
            steps.extend(
                rest.split('.')
                    .filter(|step| !step.is_empty())
                    .map(crate::kinds::name::snake_case),
            );
            let PartRead::Ask(asked) = &part.read else {
                self.problem(at, "a metric does not say that");
                return None;
            };
            let list = asked.ask.pages || matches!(asked.form, Form::List(_));
            return Some((part.name, steps, list));
        }
        let kept = self.variables.contains(path)
            || self
                .variables
                .iter()
                .any(|known| path.starts_with(&format!("{known}.")));
        if !kept {
            let known = self.variables.iter().map(String::as_str);
            let help = did_you_mean(path, known.chain(parts.iter().map(|part| part.name)));
            self.problem_with_help(
                at,
                format!("neither `fields` nor a part has `{path}`"),
                help,
            );
            return None;
        }
        let path = field_path(path);
        let many = base
            .form
            .as_ref()
            .is_some_and(|form| through_list(form, &path));
        Some((leak(&path[0]), path, many))
    }

    pub(super) fn derived(
        &mut self,
        base: &Base,
        parts: &[DeclaredPart],
        taken: &BTreeSet<String>,
    ) -> Derived {
        let file = &self.file.derived;
        for (name, there) in [
            ("access", file.access.is_some()),
            ("alarms", file.alarms.is_some()),
            ("coverage", file.coverage.is_some()),
        ] {
            if there {
                self.field_name(&["derived".into(), name.into()], name, taken);
            }
        }
        let access = file.access.as_ref().and_then(|access| {
            let at = ["derived".into(), "access".into(), "policy".into()];
            let (root, path, _) = self.place(base, parts, &at, &access.policy)?;
            let part = parts.iter().find(|part| part.name == root);
            let (action, operation) = if let Some(PartRead::Ask(asked)) = part.map(|p| &p.read) {
                (asked.ask.call.action, asked.ask.call.operation)
            } else {
                let prefix = self.service.file.iam_prefix(self.service.name);
                let describe = self.file.describe.as_ref().map(|describe| &describe.call);
                let call = describe.or(self.file.list.as_ref().map(|list| &list.call));
                let operation = leak(call.map_or("*", String::as_str));
                (leak(&format!("{prefix}:{operation}")), operation)
            };
            Some(Access {
                root,
                path,
                action,
                operation,
            })
        });
        let alarms = file.alarms.as_ref().map(|alarms| {
            let mut dimensions = Vec::new();
            for (name, text) in &alarms.dimensions {
                let at = [
                    "derived".into(),
                    "alarms".into(),
                    "dimensions".into(),
                    name.as_str().into(),
                ];
                let template = Template::text(text);
                let used = template.variables();
                self.known_variables(&at, &used, &OF_RESOURCE, true);
                dimensions.push((leak(name), template));
            }
            (leak(&alarms.namespace), dimensions)
        });
        Derived {
            access,
            alarms,
            backup: file.coverage.is_some(),
        }
    }
}

/// Whether a path of fields leads through a list, or to one.
fn through_list(form: &Form, path: &[String]) -> bool {
    match (form, path) {
        (Form::List(_) | Form::Map(_), _) => true,
        (Form::Object(object), [first, rest @ ..]) => object
            .fields
            .iter()
            .find(|field| field.name == *first)
            .is_some_and(|field| through_list(&field.form, rest)),
        _ => false,
    }
}

/// The members of an answer that a part reads.
fn part_paths(form: &Form, of: &CallOf, then: Option<&Then>, file: &PartFile) -> Vec<String> {
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

/// Whether a part may be null: AWS says that there is none, or leaves out what is taken.
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
