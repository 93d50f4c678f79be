//! Makes the calls that files declare, and interprets their answers.

use crate::aws::Rejection;
use crate::aws::dynamic::{DynamicClient, DynamicError, DynamicService};
use crate::aws::error::{gap, is_code};
use crate::collect::Job;
use crate::kinds::declared::DeclaredCall;
use crate::kinds::file::ErrorCode;
use crate::kinds::form::Malformed;
use crate::kinds::model::Projection;
use crate::model::{Cause, Gap, Price};
use serde_json::{Map, Value};
use std::future::Future;

/// The meaning of an answer.
pub(super) enum Answer {
    /// The value that was taken from it.
    Taken(Value),
    /// AWS says that there is none.
    Absent,
    /// The resource was deleted in the meantime.
    Gone,
}

/// Looks up the value of a variable.
pub(super) type Values<'a> = &'a (dyn Fn(&str) -> Option<Value> + Sync);

fn client(job: &Job, ask: &DeclaredCall) -> DynamicClient {
    let region = ask.region.unwrap_or(&job.region);
    let expected = [&ask.off, &ask.gone, &ask.absent].into_iter().flatten();
    job.aws
        .dynamic(DynamicService::declared(ask.service), region)
        .expecting(expected.map(|error| {
            let fragment = error.fragment().map(ToOwned::to_owned);
            (error.code().to_owned(), fragment)
        }))
}

fn keep(ask: &DeclaredCall) -> Projection {
    if ask.keep.is_empty() {
        Projection::All
    } else {
        Projection::of(ask.keep.iter().map(String::as_str))
    }
}

/// Makes one call and takes the value from its answer.
///
/// # Errors
/// The gap that stands for what could not be read.
pub(super) async fn call_and_take(
    job: &Job,
    ask: &DeclaredCall,
    values: Values<'_>,
) -> Result<Answer, Gap> {
    let (answer, meaning) = call_operation(job, ask, values).await?;
    Ok(match answer {
        Some(answer) => Answer::Taken(take_path(answer, &ask.take)),
        None => meaning,
    })
}

/// Makes one call and returns its whole answer, or else the meaning of its error.
///
/// # Errors
/// The gap that stands for what could not be read.
pub(super) async fn call_operation(
    job: &Job,
    ask: &DeclaredCall,
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

/// Makes a call, unless its service is already known not to be enabled here.
async fn unless_off<T>(
    job: &Job,
    ask: &DeclaredCall,
    call: impl Future<Output = Result<T, Gap>>,
) -> Result<T, Gap> {
    if ask.off.is_empty() {
        return call.await;
    }
    let region = ask.region.unwrap_or(&job.region);
    let answer = job.shared_reads.unless_off(region, ask.service.name, call);
    Box::pin(answer).await.unwrap_or_else(|| Err(off(ask)))
}

fn off(ask: &DeclaredCall) -> Gap {
    let detail = format!("{} is not enabled here", ask.service.file.title);
    Gap::new(ask.call.action, Cause::Off, detail)
}

/// The pages of a list, one after the other.
pub(super) struct Listing<'a> {
    job: &'a Job,
    ask: &'a DeclaredCall,
    pages: crate::aws::dynamic::Pages,
    /// Whether the first page was requested.
    begun: bool,
    /// Whether a page was read.
    has_page: bool,
    /// Whether AWS said that there are none.
    absent: bool,
}

impl<'a> Listing<'a> {
    /// Prepares the list, without a call.
    ///
    /// # Errors
    /// The gap of a variable in the input that has no value.
    pub(super) fn new(
        job: &'a Job,
        ask: &'a DeclaredCall,
        values: Values<'_>,
    ) -> Result<Self, Gap> {
        let input = input(ask, values)?;
        let pages = client(job, ask).pages(ask.call.operation, input, &keep(ask));
        let pages = pages.map_err(|error| gap(ask.call, &error))?;
        Ok(Self {
            job,
            ask,
            pages,
            begun: false,
            has_page: false,
            absent: false,
        })
    }

    /// The value taken from the next page; `None` after the last.
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
                if self.has_page {
                    // There are some, so the list has ended too early.
                    return Err(gap(self.ask.call, &error));
                }
                self.absent = true;
                return Ok(None);
            }
        };
        self.has_page = true;
        Ok(Some(take_path(page, &self.ask.take)))
    }

    /// The items of the next page; `None` after the last.
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

    /// The items of all pages; `None` if AWS says that there are none.
    ///
    /// # Errors
    /// The gap of an incomplete list.
    pub(super) async fn all(mut self) -> Result<Option<Vec<Value>>, Gap> {
        let mut all = Vec::new();
        while let Some(items) = self.next().await {
            all.extend(items?);
        }
        Ok(Some(all).filter(|_| !self.absent))
    }
}

/// Whether a call for several resources may have failed because of one of them. A caller without permission
/// or a busy service would fail for each of them too, and so would endless pages.
pub(super) fn may_be_of_one(gap: &Gap) -> bool {
    gap.cause == Cause::Failed && gap.detail != Rejection::PageLoop.to_string()
}

fn pay(job: &Job, ask: &DeclaredCall) -> Result<(), Gap> {
    match ask.call.price {
        Price::Free => Ok(()),
        Price::PerMetric | Price::PerCall(_) => job.pay(ask.call, 1),
    }
}

fn input(ask: &DeclaredCall, values: Values<'_>) -> Result<Map<String, Value>, Gap> {
    ask.input.fill_object(&|name| values(name)).map_err(|name| {
        let detail = variable_unknown(ask.call.operation, &name);
        Gap::new(ask.call.action, Cause::Failed, detail)
    })
}

/// The end of the detail of a gap, if the call was not made because a variable has no value.
const UNKNOWN: &str = " is not known";

/// The detail of the gap of a call that was not made because a variable has no value.
pub(super) fn variable_unknown(operation: &str, name: &str) -> String {
    format!("{operation} needs ${name}, which{UNKNOWN}")
}

/// The detail of the gap of a resource that a call did not name because its ARN has no value.
pub(super) fn arn_unknown() -> String {
    format!("its ARN{UNKNOWN}")
}

/// The gap of a call that was not made because its resource could not be described: that of the description,
/// since a permission for it is all that is missing.
pub(super) fn gap_of_description(gap: Gap, undescribed: Option<&Gap>) -> Gap {
    let was_not_made = gap.cause == Cause::Failed && gap.detail.ends_with(UNKNOWN);
    match undescribed {
        Some(cause) if was_not_made => cause.clone(),
        _ => gap,
    }
}

/// What an error means, if the file says that it means something.
fn meaning(ask: &DeclaredCall, error: &DynamicError) -> Result<Answer, Gap> {
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

/// The value at a path of an answer; null if there is none.
pub(super) fn take_path(mut answer: Value, path: &[String]) -> Value {
    for step in path {
        answer = match answer {
            Value::Object(mut members) => members.remove(step).unwrap_or_default(),
            _ => Value::Null,
        };
    }
    answer
}

/// The value at a path, `None` if it is missing or null. Of a list on the way, the first item counts.
pub(super) fn value_at<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
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
pub(super) fn malformed(ask: &DeclaredCall, Malformed(member): Malformed) -> Gap {
    let mut path: Vec<&str> = ask.take.iter().map(String::as_str).collect();
    path.extend(Some(member.as_str()).filter(|member| !member.is_empty()));
    let field = if path.is_empty() {
        "answer of the documented form".to_owned()
    } else {
        path.join(".")
    };
    Gap::malformed(ask.call.action, ask.call.operation, &field)
}
