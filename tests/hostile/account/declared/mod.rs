//! Services that files declare. What they answer is made of their models and of what kinds take of the
//! answers: no service, kind or member is named here.
//!
//! Lists have a few resources, each on a page of its own, and none in some regions. What AWS need not say is left out
//! now and then, enums have values that nobody has heard of, and there are members that no model has. The
//! first resource of each kind has everything, so that each call is answered in full at least once.

mod expected;
mod value;

use super::form::Page;
use super::{Account, Answer, Call, Item, error};
use crate::endpoint::modelled;
use axum::http::StatusCode;
use expected::Expected;
use serde_json::{Map, Value};
use sixpillars::kinds::declared::{DeclaredCall, DeclaredKind};
use sixpillars::kinds::file::ErrorCode;
use sixpillars::kinds::model::{Operation, ServiceModel, ShapeKind};
use sixpillars::kinds::template::Template;
use value::Maker;

/// Resources on a page. A few are several pages, many are as many to a page as with AWS.
fn page_size(account: &Account) -> usize {
    if account.size.declared < 20 { 1 } else { 50 }
}

pub(super) fn answer(account: &Account, call: &Call<'_>) -> Option<Answer> {
    let expected = expected::of(call.service, call.operation)?;
    let model = modelled::model(call.service)?;
    let operation = model.operation(call.operation)?;
    let input = modelled::input(model, operation, call);
    let subject = subject(expected, &input);
    if let Some(code) = refusal(account, call, expected, subject) {
        return Some(refuse(call, model, operation, code));
    }
    let maker = Maker {
        account,
        call,
        model,
        input: &input,
    };
    let items = Items::of(&maker, expected, subject);
    let pages = operation.paginator.as_ref().and_then(|paginator| {
        let outputs = paginator.output_tokens.iter().map(modelled::plain);
        Some((paginator, outputs.collect::<Option<Vec<_>>>()?))
    });
    let token = pages.as_ref().and_then(|(paginator, _)| {
        let name = paginator.input_tokens.first()?;
        input[name].as_str()
    });
    let size = match &pages {
        // What was named is on the requested pages.
        Some((paginator, _)) if expected.batch(&input).is_some() => paginator
            .limit_key
            .as_ref()
            .and_then(|key| input[key].as_u64())
            .and_then(|limit| usize::try_from(limit).ok())
            .unwrap_or_else(|| page_size(account)),
        Some(_) => page_size(account),
        None => items.0.len(),
    };
    let Some(page) = Page::of(items.0.len(), size, token) else {
        return Some(error::respond(
            call,
            StatusCode::BAD_REQUEST,
            "InvalidNextToken",
        ));
    };
    let items = &items.0[page.range.clone()];
    let mut answer = maker.answer(operation, expected, subject.unwrap_or_default(), items);
    if let Some((_, outputs)) = &pages {
        let next = page.next.as_deref().map_or(Value::Null, Value::from);
        for path in outputs {
            modelled::set(&mut answer, path, next.clone());
        }
    }
    let more = operation
        .paginator
        .as_ref()
        .and_then(|p| p.more_results.as_ref());
    if let Some(more) = more.and_then(modelled::plain) {
        modelled::set(&mut answer, &more, page.next.is_some().into());
    }
    modelled::answer(call.service, call.operation, &without_nulls(answer))
}

/// Whether a file reads all pages of an operation.
pub(crate) fn is_paged(service: &str, operation: &str) -> bool {
    let expected = expected::of(service, operation);
    expected.is_some_and(|expected| expected.uses.iter().any(|of| of.ask.pages))
}

/// One item of the list that an operation is called for.
struct One {
    index: usize,
    /// Members that tell which resource it is about.
    given: Vec<(Vec<String>, Value)>,
}

/// The items of the list that an operation is called for.
struct Items(Vec<One>);

impl Items {
    fn of(maker: &Maker<'_>, expected: &Expected, subject: Option<usize>) -> Self {
        if let Some((batch, keys)) = expected.batch(maker.input) {
            let one = |key: Value| One {
                index: key.as_str().and_then(index_of).unwrap_or_default(),
                given: vec![(batch.matched.clone(), key)],
            };
            return Self(keys.into_iter().map(one).collect());
        }
        let item = maker.item(subject.unwrap_or_default());
        let count = match subject {
            // What a resource has: the first has some.
            Some(0) => maker.account.size.declared.min(2),
            Some(_) => item
                .draw(maker.call.operation, 3)
                .min(maker.account.size.declared),
            None => maker.count(),
        };
        let first = subject.map_or(0, |subject| subject * 10);
        let one = |index: usize| One {
            index: first + index,
            given: maker.given(expected, index),
        };
        Self((0..count).map(one).collect())
    }
}

/// The number of the resource that a call is about: what stands at the end of what it is asked with.
fn subject(expected: &Expected, input: &Value) -> Option<usize> {
    expected.uses.iter().find_map(|of| {
        let mut found = Vec::new();
        asked(&of.ask.input, input, &mut found);
        let own = found
            .iter()
            .find(|(variable, _)| !variable.starts_with("parent."));
        own.or(found.first()).map(|(_, index)| *index)
    })
}

/// The variables of a call's input, and the numbers of the resources that they stand for.
fn asked<'t>(template: &'t Template, input: &Value, found: &mut Vec<(&'t str, usize)>) {
    match (template, input) {
        (Template::Object(members), Value::Object(_)) => {
            for (name, template) in members {
                asked(template, &input[name], found);
            }
        }
        (Template::List(items), Value::Array(values)) => {
            for (template, value) in items.iter().zip(values) {
                asked(template, value, found);
            }
        }
        (template, Value::String(text)) => {
            let places = ["account", "region", "partition"];
            let mut variables = template.variables().into_iter();
            let variable = variables.find(|variable| !places.contains(variable));
            found.extend(variable.zip(index_of(text)));
        }
        _ => {}
    }
}

/// The number at the end of a text that this account made.
fn index_of(text: &str) -> Option<usize> {
    text.rsplit('-').next()?.parse().ok()
}

/// The error that a call is answered with, where the kinds say that it means something: that the service
/// is off in a region, or that there is no such thing for a resource.
fn refusal(
    account: &Account,
    call: &Call<'_>,
    expected: &Expected,
    subject: Option<usize>,
) -> Option<&'static ErrorCode> {
    let here = account.item("declared", call.region, 0);
    let is_whole = has_everything(call);
    let is_off = !is_whole && here.one_in(3, call.service);
    if is_off && let Some(code) = agreed(expected, |ask| &ask.off) {
        return Some(code);
    }
    let index = subject.filter(|index| *index > 0)?;
    let item = account.item("declared", call.region, index);
    if item.one_in(3, call.operation) {
        return agreed(expected, |ask| &ask.absent);
    }
    // What is gone is not there; whoever may not ask never learns it, and judges what the list said.
    if !is_whole && item.one_in(5, call.operation) {
        return agreed(expected, |ask| &ask.gone);
    }
    None
}

/// Whether a call is about what has something of everything: the first region, and what is in none.
fn has_everything(call: &Call<'_>) -> bool {
    let service = modelled::service_of(call.service);
    let is_global = service.is_some_and(|of| of.file.global || of.file.region.is_some());
    is_global || call.region == super::size::FIRST_REGION
}

/// A code that means something wherever the operation is called.
fn agreed(
    expected: &Expected,
    codes: fn(&DeclaredCall) -> &Vec<ErrorCode>,
) -> Option<&'static ErrorCode> {
    let known = |ask: &'static DeclaredCall, code: &ErrorCode| {
        let mut all = ask.absent.iter().chain(&ask.off).chain(&ask.gone);
        all.any(|known| known == code)
    };
    let first = expected.uses.first()?;
    let mut codes = codes(first.ask).iter();
    codes.find(|code| expected.uses.iter().all(|of| known(of.ask, code)))
}

fn refuse(
    call: &Call<'_>,
    model: &ServiceModel,
    operation: &Operation,
    code: &ErrorCode,
) -> Answer {
    let statuses = operation.errors.iter().filter_map(|index| {
        let shape = model.shape(*index);
        let ShapeKind::Structure(structure) = &shape.kind else {
            return None;
        };
        let error = structure.error.as_ref()?;
        let is = shape.name == code.code() || error.code.as_deref() == Some(code.code());
        error.status.filter(|_| is)
    });
    let status = statuses.into_iter().next().unwrap_or(400);
    let protocol = crate::endpoint::Protocol::of(call.service);
    let message = format!("There is none: {}.", code.fragment().unwrap_or("as it is"));
    crate::endpoint::error(protocol, status, code.code(), &message)
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                members
                    .map(|(name, value)| (name, without_nulls(value)))
                    .collect(),
            )
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// A text that names a resource: by id, ARN or name.
#[derive(Debug, Clone, Copy, PartialEq)]
enum By {
    Id,
    Arn,
    Name,
}

/// What a resource is called.
fn called(call: &Call<'_>, kind: &'static DeclaredKind, by: By, index: usize) -> String {
    let (_, noun) = kind.kind.name.split_once('.').unwrap_or_default();
    let plain = format!("{}-{index:04}", noun.replace('_', "-"));
    let member = match by {
        By::Id => expected::id_member(kind),
        By::Arn => Some("Arn"),
        By::Name => None,
    };
    text_of(call, kind.service, member.unwrap_or_default(), &plain)
}

/// A text in the form that a member's name lets one expect.
fn text_of(
    call: &Call<'_>,
    service: &sixpillars::kinds::declared::Service,
    member: &str,
    plain: &str,
) -> String {
    let prefix = service.file.iam_prefix(service.name);
    let (region, account) = (call.region, call.account);
    let lower = member.to_lowercase();
    let singular = lower.trim_end_matches('s');
    let what = plain.rsplit_once('-').map_or(plain, |(what, _)| what);
    if singular.ends_with("arn") {
        format!("arn:aws:{prefix}:{region}:{account}:{what}/{plain}")
    } else if singular.ends_with("url") {
        format!("https://{prefix}.{region}.amazonaws.com/{account}/{plain}")
    } else if singular.ends_with("accountid") || singular == "owner" {
        account.to_owned()
    } else {
        plain.to_owned()
    }
}

impl Maker<'_> {
    fn item(&self, index: usize) -> Item<'_> {
        self.account.item("declared", self.call.region, index)
    }

    /// How many resources of a kind there are in the region.
    fn count(&self) -> usize {
        let service = self.item(0);
        let none = !has_everything(self.call) && service.one_in(4, self.call.service);
        if none { 0 } else { self.account.size.declared }
    }

    /// What an item of one call for all resources of a kind tells of the resource that it belongs to.
    fn given(&self, expected: &Expected, index: usize) -> Vec<(Vec<String>, Value)> {
        let Some((kind, pairs)) = expected.of_kind() else {
            return Vec::new();
        };
        let value = |name: &str| match name {
            "id" => Some(Value::from(called(self.call, kind, By::Id, index))),
            "arn" => Some(Value::from(called(self.call, kind, By::Arn, index))),
            "name" => Some(Value::from(called(self.call, kind, By::Name, index))),
            "account" => Some(self.call.account.into()),
            "region" => Some(self.call.region.into()),
            "partition" => Some("aws".into()),
            // The member that an item of the same service has.
            _ => name.strip_prefix("item.").map(|member| {
                let service = modelled::service_of(self.call.service).expect("it is called");
                let lower = member.to_lowercase();
                let plain = format!("{}-{index:04}", lower.trim_end_matches('s'));
                text_of(self.call, service, &lower, &plain).into()
            }),
        };
        let filled = pairs.iter().map(|(path, template)| {
            let value = template.fill(&value).unwrap_or_default();
            (path.clone(), value)
        });
        filled.collect()
    }

    /// The answer of an operation.
    fn answer(
        &self,
        operation: &Operation,
        expected: &Expected,
        index: usize,
        items: &[One],
    ) -> Value {
        let Some(output) = operation.output else {
            return Value::Object(Map::new());
        };
        let mut answer = self.structure(output, Some(&expected.root), index, items, 0);
        if let Some(members) = answer.as_object_mut() {
            members.insert("MemberOfTomorrow".to_owned(), "nobody knows it yet".into());
        }
        answer
    }
}
