//! Validates calls against the model: the operation, its input, and the paths into its answer.

use super::context::{Lint, leak, steps};
use crate::kinds::declared::{DeclaredCall, Service};
use crate::kinds::file::{ErrorCode, PriceFile};
use crate::kinds::form::locate;
use crate::kinds::model::{Operation, ServiceModel, ShapeIndex, ShapeKind, more_pages_member};
use crate::kinds::template::Template;
use crate::model::{Call, Price};
use crate::yaml::{PathSeg, did_you_mean};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What the names of operations that only read begin with.
const READS: [&str; 8] = [
    "BatchDescribe",
    "BatchGet",
    "Check",
    "Describe",
    "Get",
    "List",
    "Lookup",
    "Search",
];
/// Operations that return confidential values. They must not even be called.
const CONFIDENTIAL: [&str; 7] = [
    "secretsmanager:GetSecretValue",
    "secretsmanager:BatchGetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ecr:GetAuthorizationToken",
    "sts:GetSessionToken",
];

/// What a file says of a call.
pub(super) struct CallSpec<'a> {
    /// Where in the file.
    pub at: Vec<PathSeg>,
    pub call: &'a str,
    pub input: &'a Map<String, Value>,
    pub action: Option<&'a str>,
    pub price: Option<&'a PriceFile>,
    pub absent: &'a [ErrorCode],
    pub off: &'a [ErrorCode],
    pub gone: &'a [ErrorCode],
    /// The variables that have a value, besides `$parent` and members of the document.
    pub known: &'a [&'a str],
    /// Whether members of the document are variables too.
    pub members: bool,
    /// What the call is made for, if not for each resource: `each item of …`.
    pub only_for: Option<String>,
}

/// A call whose operation is in the model.
pub(super) struct ResolvedCall {
    pub service: &'static Service,
    pub region: Option<&'static str>,
    pub operation: &'static Operation,
    pub call: &'static Call,
    pub input: Template,
}

impl ResolvedCall {
    pub(super) fn model(&self) -> &'static ServiceModel {
        &self.service.model
    }

    pub(super) fn output(&self) -> Option<ShapeIndex> {
        self.operation.output
    }

    /// The resolved call. `take` is the path to the value in the answer, `paths` are the members of the value
    /// that are read.
    pub(super) fn ask(
        &self,
        spec: &CallSpec<'_>,
        take: Option<&str>,
        pages: bool,
        paths: Vec<String>,
    ) -> DeclaredCall {
        let keep = match take {
            None => paths,
            Some(take) if paths.is_empty() => vec![take.to_owned()],
            Some(take) => paths.iter().map(|path| format!("{take}.{path}")).collect(),
        };
        DeclaredCall {
            service: self.service,
            region: self.region,
            call: self.call,
            input: self.input.clone(),
            take: take.map(steps).unwrap_or_default(),
            pages,
            keep,
            absent: spec.absent.to_vec(),
            off: spec.off.to_vec(),
            gone: spec.gone.to_vec(),
        }
    }
}

impl Lint<'_> {
    /// Resolves a call; `None` if there is no such operation.
    pub(super) fn call(&mut self, spec: &CallSpec<'_>) -> Option<ResolvedCall> {
        let mut at = spec.at.clone();
        at.push("call".into());
        let (service, operation) = self.operation(&at, spec.call)?;
        self.input(spec, service, operation);
        let leak_codes = |codes: &[ErrorCode]| -> &'static [&'static str] {
            let codes: Vec<&'static str> = codes.iter().map(|code| leak(code.code())).collect();
            Box::leak(codes.into_boxed_slice())
        };
        let prefix = service.file.iam_prefix(service.name);
        let default = format!("{prefix}:{}", operation.name);
        // Where the service is off, only the first of these calls is made.
        let enabled = (!spec.off.is_empty())
            .then(|| format!("each region where {} is enabled", service.file.title));
        let only_for = spec.only_for.clone().or(enabled);
        let call = Call {
            service: service.name,
            operation: &operation.name,
            action: leak(spec.action.unwrap_or(&default)),
            price: spec.price.map_or(Price::Free, |price| {
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a price"
                )]
                Price::PerCall((price.usd * 1e9).round() as u64)
            }),
            absent: leak_codes(spec.absent),
            only_for: only_for.as_deref().map(leak),
            shared: false,
        };
        if let Some(action) = spec.action.filter(|action| !action.contains(':')) {
            let mut at = spec.at.clone();
            at.push("action".into());
            let help = Some(format!("write `{prefix}:{action}`"));
            self.problem_with_help(&at, format!("`{action}` is not an IAM action"), help);
        }
        Some(ResolvedCall {
            service,
            region: self.region_of(service),
            operation,
            call: Box::leak(Box::new(call)),
            input: Template::object(spec.input),
        })
    }

    /// The region in which a service is called, if not the resource's.
    fn region_of(&self, service: &'static Service) -> Option<&'static str> {
        let own = service.file.region.as_deref();
        let of_others = || self.service.file.metrics_region.as_deref();
        let is_other = service.name != self.service.name && !service.file.global;
        own.or_else(|| of_others().filter(|_| is_other)).map(leak)
    }

    fn operation(
        &mut self,
        at: &[PathSeg],
        name: &str,
    ) -> Option<(&'static Service, &'static Operation)> {
        let (service, operation) = match name.split_once(':') {
            None => (self.service, name),
            Some((other, operation)) => {
                let Some(service) = self.services.get(other) else {
                    let help = did_you_mean(other, self.services.keys().copied());
                    let message = format!("there is no service `{other}`");
                    self.problem_with_help(at, message, help);
                    return None;
                };
                (*service, operation)
            }
        };
        let Some(found) = service.model.operation(operation) else {
            let known = service
                .model
                .operations()
                .map(|operation| operation.name.as_str());
            let help = did_you_mean(operation, known).unwrap_or_default();
            let message = format!(
                "the model of {} has no operation `{operation}`",
                service.name
            );
            let help = format!(
                "{help}{}regenerate the model with kinds/generate_models.py, or name botocore's data \
                 with --models",
                if help.is_empty() { "" } else { " or " }
            );
            self.problem_with_help(at, message, Some(help));
            return None;
        };
        if !READS.iter().any(|verb| operation.starts_with(verb)) {
            let help = format!(
                "names of operations that read begin with {}",
                READS.join(", ")
            );
            self.problem_with_help(
                at,
                format!("`{operation}` is not known to only read"),
                Some(help),
            );
        }
        if CONFIDENTIAL.contains(&format!("{}:{operation}", service.name).as_str()) {
            self.problem(
                at,
                format!("`{operation}` returns secrets and must not be called"),
            );
        }
        if let Some(why) = found.unsupported {
            self.problem(at, format!("`{operation}` cannot be called: {why}"));
        }
        Some((service, found))
    }

    fn input(
        &mut self,
        spec: &CallSpec<'_>,
        service: &'static Service,
        operation: &'static Operation,
    ) {
        let mut at = spec.at.clone();
        at.push("input".into());
        let structure = operation
            .input
            .and_then(|shape| service.model.structure(shape));
        for name in spec.input.keys() {
            let members = structure
                .iter()
                .flat_map(|s| &s.members)
                .map(|m| m.name.as_str());
            if structure.is_none_or(|structure| structure.member(name).is_none()) {
                let mut at = at.clone();
                at.push(name.as_str().into());
                let help = did_you_mean(name, members);
                let problem = format!("{} takes no `{name}`", operation.name);
                let problem = self
                    .source
                    .problem_with_key(&at, problem)
                    .with_maybe_help(help);
                self.problems.push(problem);
            }
        }
        let tokens: BTreeSet<&str> = operation
            .paginator
            .iter()
            .flat_map(|paginator| paginator.input_tokens.iter().map(String::as_str))
            .collect();
        for name in structure.iter().flat_map(|structure| &structure.required) {
            let made_up = structure
                .and_then(|s| s.member(name))
                .is_some_and(|m| m.idempotency_token);
            if !spec.input.contains_key(name) && !tokens.contains(name.as_str()) && !made_up {
                self.problem(&at, format!("{} needs `{name}`", operation.name));
            }
        }
        let template = Template::object(spec.input);
        let used = template.variables();
        self.known_variables(&at, &used, spec.known, spec.members);
    }

    /// The shape at a path of an answer.
    pub(super) fn taken(
        &mut self,
        at: &[PathSeg],
        found: &ResolvedCall,
        path: Option<&str>,
    ) -> Option<ShapeIndex> {
        let Some(output) = found.output() else {
            self.problem(at, format!("{} returns nothing", found.operation.name));
            return None;
        };
        let Some(path) = path else {
            return Some(output);
        };
        match locate(found.model(), output, path) {
            Ok(shape) => Some(shape),
            Err((message, help)) => {
                self.problem_with_help(at, message, help);
                None
            }
        }
    }

    /// The shape of the items of a list in an answer.
    pub(super) fn items(
        &mut self,
        at: &[PathSeg],
        found: &ResolvedCall,
        path: &str,
    ) -> Option<ShapeIndex> {
        let list = self.taken(at, found, Some(path))?;
        match &found.model().shape(list).kind {
            ShapeKind::List(item) => Some(item.shape),
            // Some answers have their list as a map by name.
            ShapeKind::Map { value, .. } => Some(value.shape),
            _ => {
                self.problem(at, format!("`{path}` is no list"));
                None
            }
        }
    }

    /// Reports a paginated call if only its first page is read and the file does not say why that is enough.
    pub(super) fn all_pages(&mut self, at: &[PathSeg], found: &ResolvedCall, reads: &Reads<'_>) {
        let key = |key: &str| [at, &[PathSeg::from(key)]].concat();
        let name = &found.operation.name;
        let Some(paginator) = &found.operation.paginator else {
            let more = more_pages_member(found.model(), found.operation);
            match (more, reads.first_page) {
                (Some(more), None) => {
                    let message = format!(
                        "{name} answers with `{more}`, and the model does not say how to go on"
                    );
                    let help = "say with `first_page` why its first answer is enough";
                    self.problem_with_help(&key("call"), message, Some(help.to_owned()));
                }
                (None, Some(_)) => {
                    let message = format!("{name} has only one page");
                    self.problem(&key("first_page"), message);
                }
                _ => {}
            }
            return;
        };
        if reads.all || reads.first_page.is_some() {
            return;
        }
        let list = reads.take.filter(|path| {
            let shape = found.output();
            let shape = shape.and_then(|output| locate(found.model(), output, path).ok());
            let kind = shape.map(|shape| &found.model().shape(shape).kind);
            let goes_on = paginator.result_keys.iter().any(|key| key == path);
            matches!(kind, Some(ShapeKind::List(_) | ShapeKind::Map { .. }))
                && (goes_on || paginator.result_keys.is_empty())
        });
        if let Some(path) = list {
            let help = format!("write `items: {path}`");
            let message = format!("`{path}` is paginated, and `take` reads only its first page");
            self.problem_with_help(&key("take"), message, Some(help));
        } else {
            let help = "say with `first_page` why that is enough, or read a list by `items`";
            let message = format!("{name} is paginated, and only its first page is read");
            self.problem_with_help(&key("call"), message, Some(help.to_owned()));
        }
    }
}

/// What is read of a call's pages.
#[derive(Default)]
pub(super) struct Reads<'a> {
    /// Whether all pages are read.
    pub all: bool,
    pub take: Option<&'a str>,
    /// Why the first page is enough.
    pub first_page: Option<&'a str>,
}

impl Reads<'_> {
    /// All pages.
    pub(super) const ALL: Self = Self {
        all: true,
        take: None,
        first_page: None,
    };
}
