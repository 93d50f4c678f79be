//! Services that files declare: which operation a request is, what it asks with, and how an answer is
//! written, all by their models. No service is named here.

mod cbor;
mod input;
mod output;
mod xml;

#[allow(unused_imports, reason = "none of those who share it uses all of it")]
pub(crate) use self::{cbor::read as read_cbor, input::input, output::answer, xml::escape};

use axum::http::{HeaderMap, Method, Uri};
use percent_encoding::percent_decode_str;
use sixpillars::kinds::declared::Service;
use sixpillars::kinds::load;
use sixpillars::kinds::model::{Operation, Protocol, ServiceModel, Step};
use std::collections::HashMap;

/// The model of a service, by the name of its folder.
pub(crate) fn model(service: &str) -> Option<&'static ServiceModel> {
    service_of(service).map(|service| &service.model)
}

/// A service, by the name of its folder.
pub(crate) fn service_of(service: &str) -> Option<&'static Service> {
    load::all().services.get(service).copied()
}

/// What a service is called by requests: the first of those that are spoken to as it is.
pub(crate) fn on_the_wire(service: &str) -> &str {
    let Some(of) = service_of(service) else {
        return service;
    };
    let told_by = |model: &'static ServiceModel| {
        (
            &model.signing_name,
            &model.target_prefix,
            &model.api_version,
            model.protocol as u8,
        )
    };
    let mut services = load::all().services.values();
    let first = services.find(|other| told_by(&other.model) == told_by(&of.model));
    first.map_or(service, |first| first.name)
}

/// The service and the operation of a request that is signed for a name.
pub(super) fn find(
    signed: &str,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<(&'static str, &'static str)> {
    let services = load::all().services.values();
    let mut services = services.filter(|service| service.model.signing_name == signed);
    services.find_map(|service| {
        let operation = operation(&service.model, method, uri, headers, body)?;
        Some((on_the_wire(service.name), operation.name.as_str()))
    })
}

fn operation(
    model: &'static ServiceModel,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<&'static Operation> {
    let name = match model.protocol {
        Protocol::Json10 | Protocol::Json11 => {
            let target = headers.get("x-amz-target")?.to_str().ok()?;
            let name = target.strip_prefix(model.target_prefix.as_deref()?)?;
            name.strip_prefix('.')?.to_owned()
        }
        Protocol::Cbor => {
            let (_, name) = uri.path().split_once("/operation/")?;
            name.to_owned()
        }
        Protocol::Query => {
            let form = pairs(std::str::from_utf8(body).ok()?);
            let is_version = form.get("Version") == Some(&model.api_version);
            form.get("Action").filter(|_| is_version)?.clone()
        }
        Protocol::RestJson | Protocol::RestXml => {
            let fitting = model.operations().filter(|o| o.method == method.as_str());
            let fitting = fitting.filter_map(|o| Some((labels(o, uri)?.literals, o)));
            return fitting
                .max_by_key(|(literals, _)| *literals)
                .map(|(_, o)| o);
        }
    };
    model.operation(&name)
}

/// What a path has in the places of an operation's labels.
struct Labels {
    /// How many of its words are the operation's own.
    literals: usize,
    values: HashMap<String, String>,
}

/// The labels, if the path is the operation's.
fn labels(operation: &Operation, uri: &Uri) -> Option<Labels> {
    let (template, query) = operation
        .uri
        .split_once('?')
        .unwrap_or((&operation.uri, ""));
    let asked = uri.query().unwrap_or_default();
    let has = |word: &str| {
        asked
            .split('&')
            .any(|pair| pair == word || pair.strip_suffix('=') == Some(word))
    };
    if !query.split('&').filter(|word| !word.is_empty()).all(has) {
        return None;
    }
    let words = |path: &'_ str| -> Vec<String> {
        path.trim_matches('/')
            .split('/')
            .map(ToOwned::to_owned)
            .collect()
    };
    let (template, path) = (words(template), words(uri.path()));
    let mut labels = Labels {
        literals: 0,
        values: HashMap::new(),
    };
    for (at, word) in template.iter().enumerate() {
        let label = word
            .strip_prefix('{')
            .and_then(|word| word.strip_suffix('}'));
        let value = match label {
            Some(label) if label.ends_with('+') => path.get(at..)?.join("/"),
            _ => path.get(at)?.clone(),
        };
        match label {
            None if value != *word => return None,
            None => labels.literals += 1,
            Some(_) if value.is_empty() => return None,
            Some(label) => {
                let label = label.trim_end_matches('+').to_owned();
                labels.values.insert(label, decode(&value));
            }
        }
    }
    let whole = template.last().is_some_and(|word| word.ends_with("+}"));
    (whole || template.len() == path.len()).then_some(labels)
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Names and values of a form or a query.
fn pairs(text: &str) -> HashMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(&value.replace('+', " ")))
    });
    pairs.collect()
}

/// Sets a member of an answer, and the structures around it.
pub(crate) fn set(answer: &mut serde_json::Value, path: &[&str], value: serde_json::Value) {
    let mut at = answer;
    for step in path {
        if !at.is_object() {
            *at = serde_json::Value::Object(serde_json::Map::new());
        }
        at = &mut at[*step];
    }
    *at = value;
}

/// The members of a path's first way; none where it goes through a list.
pub(crate) fn plain(path: &sixpillars::kinds::model::Path) -> Option<Vec<&str>> {
    let steps = path.ways.first()?.iter().map(|step| match step {
        Step::Member(name) => Some(name.as_str()),
        Step::Last => None,
    });
    steps.collect()
}

/// A page of an operation with nothing on it but the token of the next; nothing where a model says that
/// there are no pages.
pub(super) fn empty_page(service: &str, operation: &str, token: &str) -> Option<serde_json::Value> {
    let paginator = model(service)?.operation(operation)?.paginator.as_ref()?;
    let mut page = serde_json::Value::Object(serde_json::Map::new());
    for output in &paginator.output_tokens {
        set(&mut page, &plain(output)?, token.into());
    }
    if let Some(more) = &paginator.more_results {
        set(&mut page, &plain(more)?, true.into());
    }
    Some(page)
}
