//! Resolves parts without calls of their own: fields of other resources, and what is computed.

use super::context::{DOCUMENT_VARIABLES, Lint, field_path, leak};
use super::source::DocumentShape;
use crate::kinds::declared::{Access, Alarms, Beside, DeclaredPart, Derived, Join, PartRead};
use crate::kinds::derived::{COMPUTED, Computed};
use crate::kinds::file::ScopeName;
use crate::kinds::form::Form;
use crate::kinds::template::Template;
use crate::yaml::{PathSeg, did_you_mean};
use std::collections::BTreeSet;

impl Lint<'_> {
    pub(super) fn joins(
        &mut self,
        base: &DocumentShape,
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
                foreign: file.foreign,
                fields: Box::leak(fields.into_boxed_slice()),
            });
        }
        joins
    }

    pub(super) fn beside(&mut self, single: bool, taken: &mut BTreeSet<String>) -> Vec<Beside> {
        let mut all = Vec::new();
        for (name, file) in &self.file.beside {
            let at = vec![PathSeg::from("beside"), name.as_str().into()];
            self.field_name(&at, name, taken);
            taken.insert(name.clone());
            if !single {
                let help = "say `join` for those that a resource refers to";
                let message = "`beside` needs a single document";
                self.problem_with_help(&at, message, Some(help.to_owned()));
            }
            let fields: Vec<&'static str> = file.fields.iter().map(|field| leak(field)).collect();
            all.push(Beside {
                name: leak(name),
                kind: leak(&file.kind),
                fields: Box::leak(fields.into_boxed_slice()),
            });
        }
        all
    }

    /// Where documents have a value: the field or part, the path, and whether there are several values.
    fn place(
        &mut self,
        base: &DocumentShape,
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
            let list = match &part.read {
                PartRead::Call(asked) => asked.ask.pages || matches!(asked.form, Form::List(_)),
                PartRead::Within(within) => matches!(within.form, Form::List(_)),
                PartRead::Metric(_) | PartRead::Metrics(_) => {
                    self.problem(at, "a metric cannot hold a reference or policy");
                    return None;
                }
            };
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

    /// The parts that the program computes for this kind only.
    fn computed(&mut self, taken: &BTreeSet<String>) -> Vec<&'static Computed> {
        let mut computed = Vec::new();
        for (index, name) in self.file.derived.computed.iter().enumerate() {
            let at = ["derived".into(), "computed".into(), index.into()];
            self.field_name(&at, name, taken);
            let mut known = COMPUTED.iter().filter(|known| known.kind == self.name);
            if let Some(found) = known.clone().find(|known| known.part == name) {
                computed.push(found);
            } else {
                let help = did_you_mean(name, known.by_ref().map(|known| known.part));
                let message = format!("nothing computes `{name}` of {}", self.name);
                self.problem_with_help(&at, message, help);
            }
        }
        computed
    }

    pub(super) fn derived(
        &mut self,
        base: &DocumentShape,
        parts: &[DeclaredPart],
        taken: &BTreeSet<String>,
    ) -> Derived {
        self.derived_names(taken);
        self.derived_in_regions();
        let access = self.access(base, parts);
        let alarms = self.alarms();
        let computed = self.computed(taken);
        Derived {
            access,
            alarms,
            backup: self.file.derived.coverage.is_some(),
            computed,
        }
    }

    fn derived_names(&mut self, taken: &BTreeSet<String>) {
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
    }

    /// Reports alarms and coverage that cannot be computed, because both are computed in each region.
    /// Resources without a region have no coverage, and alarms only if the service names their region.
    fn derived_in_regions(&mut self) {
        if !self.is_in_no_region() {
            return;
        }
        let file = &self.file.derived;
        for (name, cannot, help) in [
            (
                "alarms",
                file.alarms.is_some() && self.alarms_region().is_none(),
                Some("say with `metrics_region` in service.yaml where their metrics are"),
            ),
            ("coverage", file.coverage.is_some(), None),
        ] {
            if cannot {
                let message = format!(
                    "`{name}` is computed in each region, and these resources have no region"
                );
                let help = help.map(ToOwned::to_owned);
                self.problem_with_help(&["derived".into(), name.into()], message, help);
            }
        }
    }

    fn is_in_no_region(&self) -> bool {
        let of_account = matches!(
            self.file.scope,
            Some(ScopeName::Account | ScopeName::SingleAccount)
        );
        self.service.file.global || of_account || self.service.file.region.is_some()
    }

    /// The region of the alarms of resources that have no region themselves.
    fn alarms_region(&self) -> Option<&'static str> {
        let service = self.service;
        let regions = [&service.file.metrics_region, &service.file.region];
        regions.into_iter().find_map(Option::as_deref)
    }

    /// Where the policy is, and the call that returns it.
    fn access(&mut self, base: &DocumentShape, parts: &[DeclaredPart]) -> Option<Access> {
        let access = self.file.derived.access.as_ref()?;
        let at = ["derived".into(), "access".into(), "policy".into()];
        let (root, path, _) = self.place(base, parts, &at, &access.policy)?;
        let part = parts.iter().find(|part| part.name == root);
        let (action, operation) = if let Some(PartRead::Call(asked)) = part.map(|p| &p.read) {
            (asked.ask.call.action, asked.ask.call.operation)
        } else {
            self.document_operation()
        };
        Some(Access {
            root,
            path,
            action,
            operation,
        })
    }

    /// The IAM action and the operation that return documents.
    fn document_operation(&self) -> (&'static str, &'static str) {
        let prefix = self.service.file.iam_prefix(self.service.name);
        let describe = self.file.describe.as_ref().map(|describe| &describe.call);
        let call = describe.or(self.file.list.as_ref().map(|list| &list.call));
        let operation = leak(call.map_or("*", String::as_str));
        (leak(&format!("{prefix}:{operation}")), operation)
    }

    fn alarms(&mut self) -> Option<Alarms> {
        let alarms = self.file.derived.alarms.as_ref()?;
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
            self.known_variables(
                &at,
                &used,
                &[&DOCUMENT_VARIABLES[..], &["name"]].concat(),
                true,
            );
            dimensions.push((leak(name), template));
        }
        let in_no_region = self.is_in_no_region();
        Some(Alarms {
            namespace: leak(&alarms.namespace),
            dimensions,
            region: self.alarms_region().filter(|_| in_no_region),
        })
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
