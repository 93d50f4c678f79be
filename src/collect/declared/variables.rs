//! The values of variables in inputs and templates.

use super::reader::{Draft, Reader};
use crate::kinds::name::{last_of, snake_case};
use crate::kinds::template::days_ago;
use crate::model::Document;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde_json::Value;

impl Reader<'_> {
    /// The value of a variable that needs no resource.
    pub(super) fn place_variable(&self, parent: Option<&Document>, name: &str) -> Option<Value> {
        match name {
            "account" => Some(Value::from(self.job.account.as_str())),
            "region" => Some(Value::from(self.job.region.as_str())),
            "partition" => Some(Value::from(self.job.partition.as_str())),
            "today" => self.day(0),
            _ => match days_ago(name) {
                Some(days) => self.day(days),
                None => resource_variable(parent?, name.strip_prefix("parent.")?),
            },
        }
    }

    /// A day in UTC, counted back from the day on which the scan began.
    fn day(&self, ago: u16) -> Option<Value> {
        let today = self.job.now.to_zoned(TimeZone::UTC).date();
        let day = today.checked_sub(i64::from(ago).days()).ok()?;
        Some(Value::from(day.to_string()))
    }

    /// The value of a variable in a call about a resource.
    pub(super) fn value(
        &self,
        document: &Document,
        parent: Option<&Document>,
        name: &str,
    ) -> Option<Value> {
        self.place_variable(parent, name)
            .or_else(|| resource_variable(document, name))
    }

    /// Looks up the variables of a resource.
    pub(super) fn values<'v>(
        &'v self,
        draft: &'v Draft,
    ) -> impl Fn(&str) -> Option<Value> + Sync + 'v {
        |name| self.value(&draft.document, draft.parent.as_deref(), name)
    }
}

/// The value of a variable that a resource itself has: `id` and the like, or one of its members.
fn resource_variable(document: &Document, name: &str) -> Option<Value> {
    let resource = &document.resource;
    match name {
        "id" => Some(Value::from(resource.id.as_str())),
        "last" => Some(Value::from(last_of(&resource.id))),
        "arn" => resource.arn.as_deref().map(Value::from),
        "name" => Some(Value::from(resource.name.as_str())),
        _ => {
            let mut steps = name.split('.').map(snake_case);
            let mut at = document.fields.get(&steps.next()?)?;
            for step in steps {
                if at.is_null() {
                    break;
                }
                at = at.get(&step)?;
            }
            Some(at.clone())
        }
    }
}
