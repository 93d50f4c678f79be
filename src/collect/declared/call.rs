//! Makes the calls that files declare, and interprets their answers.

use crate::aws::Rejection;
use crate::aws::dynamic::{DynamicClient, DynamicError, DynamicService};
use crate::aws::error::{gap, is_code};
use crate::collect::Job;
use crate::kinds::declared::Ask;
use crate::kinds::file::ErrorCode;
use crate::kinds::form::Malformed;
use crate::kinds::model::Projection;
use crate::model::{Cause, Gap, Price};
use serde_json::{Map, Value};
use std::future::Future;

/// What an answer says.
pub(super) enum Answer {
    /// What was taken.
    Taken(Value),
    /// There is none.
    Absent,
    /// The resource was deleted meanwhile.
    Gone,
}

/// The value of a variable.
pub(super) type Values<'a> = &'a (dyn Fn(&str) -> Option<Value> + Sync);

fn client(job: &Job, ask: &Ask) -> DynamicClient {
    let region = ask.region.unwrap_or(&job.region);
    let expected = [&ask.off, &ask.gone, &ask.absent].into_iter().flatten();
    job.aws
        .dynamic(DynamicService::declared(ask.service), region)
        .expecting(expected.map(|error| {
            let fragment = error.fragment().map(ToOwned::to_owned);
            (error.code().to_owned(), fragment)
        }))
}

fn keep(ask: &Ask) -> Projection {
    if ask.keep.is_empty() {
        Projection::All
    } else {
        Projection::of(ask.keep.iter().map(String::as_str))
    }
}

/// Makes a call once.
///
/// # Errors
/// The gap that stands for what could not be read.
pub(super) async fn once(job: &Job, ask: &Ask, values: Values<'_>) -> Result<Answer, Gap> {
    let (answer, meaning) = whole(job, ask, values).await?;
    Ok(match answer {
        Some(answer) => Answer::Taken(taken(answer, &ask.take)),
        None => meaning,
    })
}

/// The same, with the whole answer instead of what is taken of it.
///
/// # Errors
/// The gap that stands for what could not be read.
pub(super) async fn whole(
    job: &Job,
    ask: &Ask,
    values: Values<'_>,
) -> Result<(Option<Value>, Answer), Gap> {
    let input = input(ask, values)?;
    let call = async {
        pay(job, ask)?;
        let client = client(job, ask);
        let keep = keep(ask);
        // On the heap: a request's state is large, and many are held at once.
        let answer = Box::pin(client.call(ask.call.operation, input, &keep)).await;
        match answer {
            Ok(answer) => Ok((Some(answer), Answer::Absent)),
            Err(error) => Ok((None, meaning(ask, &error)?)),
        }
    };
    unless_off(job, ask, call).await
}

/// A call, unless its service has said already that it is not enabled here.
async fn unless_off<T>(
    job: &Job,
    ask: &Ask,
    call: impl Future<Output = Result<T, Gap>>,
) -> Result<T, Gap> {
    if ask.off.is_empty() {
        return call.await;
    }
    let region = ask.region.unwrap_or(&job.region);
    let answer = job.shared_reads.unless_off(region, ask.service.name, call);
    Box::pin(answer).await.unwrap_or_else(|| Err(off(ask)))
}

fn off(ask: &Ask) -> Gap {
    let detail = format!("{} is not enabled here", ask.service.file.title);
    Gap::new(ask.call.action, Cause::Off, detail)
}

/// The pages of a list, one after the other.
pub(super) struct Listing<'a> {
    job: &'a Job,
    ask: &'a Ask,
    pages: crate::aws::dynamic::Pages,
    /// Whether the first page was asked for.
    begun: bool,
    /// Whether AWS said that there are none.
    absent: bool,
}

impl<'a> Listing<'a> {
    /// Begins nothing yet.
    ///
    /// # Errors
    /// The gap where something that it is asked with is not known.
    pub(super) fn new(job: &'a Job, ask: &'a Ask, values: Values<'_>) -> Result<Self, Gap> {
        let input = input(ask, values)?;
        let pages = client(job, ask).pages(ask.call.operation, input, &keep(ask));
        let pages = pages.map_err(|error| gap(ask.call, &error))?;
        Ok(Self {
            job,
            ask,
            pages,
            begun: false,
            absent: false,
        })
    }

    /// What is taken of the next page; nothing after the last.
    ///
    /// # Errors
    /// The gap of an incomplete list.
    pub(super) async fn next_taken(&mut self) -> Option<Result<Value, Gap>> {
        let page = if std::mem::replace(&mut self.begun, true) {
            self.page().await
        } else {
            unless_off(self.job, self.ask, self.page()).await
        };
        page.transpose()
    }

    async fn page(&mut self) -> Result<Option<Value>, Gap> {
        pay(self.job, self.ask)?;
        let page = match Box::pin(self.pages.next()).await {
            None => return Ok(None),
            Some(Ok(page)) => page,
            Some(Err(error)) => {
                meaning(self.ask, &error)?;
                self.absent = true;
                return Ok(None);
            }
        };
        Ok(Some(taken(page, &self.ask.take)))
    }

    /// The items of the next page; nothing after the last.
    ///
    /// # Errors
    /// The gap of an incomplete list.
    pub(super) async fn next(&mut self) -> Option<Result<Vec<Value>, Gap>> {
        let page = match self.next_taken().await? {
            Ok(page) => page,
            Err(gap) => return Some(Err(gap)),
        };
        Some(match page {
            Value::Array(items) => Ok(items),
            Value::Object(members) => Ok(members.into_iter().map(|(_, item)| item).collect()),
            Value::Null => Ok(Vec::new()),
            _ => Err(malformed(self.ask, Malformed(String::new()))),
        })
    }

    /// The items of all pages; nothing where AWS says that there are none.
    ///
    /// # Errors
    /// The gap that hides some.
    pub(super) async fn all(mut self) -> Result<Option<Vec<Value>>, Gap> {
        let mut all = Vec::new();
        while let Some(items) = self.next().await {
            all.extend(items?);
        }
        Ok(Some(all).filter(|_| !self.absent))
    }
}

/// Whether what is wrong with a call for several resources may be wrong with one of them alone. A
/// refused caller or a busy service would refuse each of them as well, and pages without end are of all.
pub(super) fn may_be_of_one(gap: &Gap) -> bool {
    gap.cause == Cause::Failed && gap.detail != Rejection::PageLoop.to_string()
}

fn pay(job: &Job, ask: &Ask) -> Result<(), Gap> {
    match ask.call.price {
        Price::Free => Ok(()),
        Price::PerMetric | Price::PerCall(_) => job.pay(ask.call, 1),
    }
}

fn input(ask: &Ask, values: Values<'_>) -> Result<Map<String, Value>, Gap> {
    ask.input.fill_object(&|name| values(name)).map_err(|name| {
        let detail = format!("{} needs ${name}, which is not known", ask.call.operation);
        Gap::new(ask.call.action, Cause::Failed, detail)
    })
}

/// How the gap of a call ends that was not made for want of what it is asked with.
const UNKNOWN: &str = " is not known";

/// The gap of a call that was not made because its resource could not be described is that of the
/// description: who may describe it lacks nothing else.
pub(super) fn unasked(gap: Gap, undescribed: Option<&Gap>) -> Gap {
    let was_not_made = gap.cause == Cause::Failed && gap.detail.ends_with(UNKNOWN);
    match undescribed {
        Some(cause) if was_not_made => cause.clone(),
        _ => gap,
    }
}

/// What an error means, if the file says that it means something.
fn meaning(ask: &Ask, error: &DynamicError) -> Result<Answer, Gap> {
    let any = |codes: &[ErrorCode]| {
        codes
            .iter()
            .any(|code| is_code(error, code.code(), code.fragment()))
    };
    if any(&ask.off) {
        return Err(off(ask));
    }
    if any(&ask.gone) {
        return Ok(Answer::Gone);
    }
    if any(&ask.absent) {
        return Ok(Answer::Absent);
    }
    Err(gap(ask.call, error))
}

/// What is at a path of an answer.
pub(super) fn taken(mut answer: Value, path: &[String]) -> Value {
    for step in path {
        answer = match answer {
            Value::Object(mut members) => members.remove(step).unwrap_or_default(),
            _ => Value::Null,
        };
    }
    answer
}

/// What is at a path of a value, lists passed through to their first item.
pub(super) fn at<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    let mut at = value;
    for step in path {
        if let Value::Array(items) = at {
            at = items.first()?;
        }
        at = at.get(step)?;
    }
    (!at.is_null()).then_some(at)
}

/// A plain value as text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An answer that is not of the documented form.
pub(super) fn malformed(ask: &Ask, Malformed(member): Malformed) -> Gap {
    let mut path: Vec<&str> = ask.take.iter().map(String::as_str).collect();
    path.extend(Some(member.as_str()).filter(|member| !member.is_empty()));
    let field = if path.is_empty() {
        "answer of the documented form".to_owned()
    } else {
        path.join(".")
    };
    Gap::malformed(ask.call.action, ask.call.operation, &field)
}
