//! Reads parts that are CloudWatch metrics.

use super::call::{Values, text, variable_unknown};
use super::reader::{Draft, Named, Reader};
use crate::collect::metrics::{self, GET_METRIC_DATA, Query, Stat};
use crate::kinds::declared::{Dimensions, Metric};
use crate::kinds::file::{PeriodName, StatName};
use crate::kinds::template::Template;
use crate::model::{Cause, Gap};
use serde_json::{Map, Value};

impl Reader<'_> {
    pub(super) async fn metrics(
        &self,
        name: &'static str,
        of: Vec<(&'static str, &'static Metric)>,
        drafts: &[Draft],
    ) -> Vec<Named> {
        let mut queries = Vec::new();
        // For each resource, which of the metrics exist.
        let mut existing: Vec<Result<Vec<bool>, Gap>> = Vec::new();
        for draft in drafts {
            let values = self.values(draft);
            let each: Result<Vec<Option<Query>>, Gap> =
                of.iter().map(|(_, m)| query(m, &values)).collect();
            existing.push(each.map(|each| {
                let there = each.iter().map(Option::is_some).collect();
                queries.extend(each.into_iter().flatten());
                there
            }));
        }
        let service = &self.kind.service.file;
        let region = service
            .metrics_region
            .as_deref()
            .unwrap_or(&self.job.region);
        let mut answers = metrics::read(self.job, region, &queries).await.into_iter();
        let mut named = Vec::with_capacity(drafts.len());
        for existing in existing {
            let value = existing.and_then(|there| {
                let count = there.iter().filter(|there| **there).count();
                // Takes all answers of this resource first: an error must not leave some for the next.
                let answers: Vec<_> = answers.by_ref().take(count).collect();
                let mut answers = answers.into_iter();
                let mut fields = Map::new();
                for ((field, _), there) in of.iter().zip(there) {
                    let value = match there.then(|| answers.next()).flatten() {
                        Some(answer) => serde_json::to_value(answer?).unwrap_or_default(),
                        None => Value::Null,
                    };
                    if field.is_empty() {
                        return Ok(value);
                    }
                    fields.insert((*field).to_owned(), value);
                }
                Ok(Value::Object(fields))
            });
            named.push((name, value.into()));
        }
        named
    }
}

/// The query for a metric; `None` if the document says that the metric does not exist.
fn query(metric: &'static Metric, values: Values<'_>) -> Result<Option<Query>, Gap> {
    let unknown = |name: String| {
        let detail = variable_unknown(&metric.name.source(), &name);
        Gap::new(GET_METRIC_DATA.action, Cause::Failed, detail)
    };
    let value_of = |template: &Template| match template {
        Template::Variable(name) => match values(name) {
            Some(Value::Null) => Ok(None),
            Some(value) => Ok(text(&value)),
            None => Err(unknown(name.clone())),
        },
        template => {
            let filled = template.fill(&|name| values(name)).map_err(unknown)?;
            Ok(text(&filled))
        }
    };
    let (Some(namespace), Some(name)) = (value_of(&metric.namespace)?, value_of(&metric.name)?)
    else {
        return Ok(None);
    };
    let dimensions: Vec<(String, String)> = match &metric.dimensions {
        Dimensions::Each(each) => {
            let filled = each.iter().map(|(name, template)| {
                let value = template.fill(&|name| values(name)).map_err(unknown)?;
                Ok(((*name).to_owned(), text(&value).unwrap_or_default()))
            });
            filled.collect::<Result<_, Gap>>()?
        }
        Dimensions::Member(member) => match values(member) {
            Some(Value::Object(each)) => {
                let each = each.iter();
                each.filter_map(|(name, value)| Some((name.clone(), text(value)?)))
                    .collect()
            }
            Some(Value::Null) => return Ok(None),
            _ => return Err(unknown(member.clone())),
        },
    };
    let stat = match metric.stat {
        StatName::Average => Stat::Average,
        StatName::Maximum => Stat::Maximum,
        StatName::Minimum => Stat::Minimum,
        StatName::Sum => Stat::Sum,
    };
    let query = match metric.each {
        PeriodName::Hour => Query::hourly(namespace, name, stat, metric.days),
        PeriodName::Day => Query::daily(namespace, name, stat, metric.days),
    };
    let dimensions = dimensions.into_iter();
    Ok(Some(dimensions.fold(query, |query, (name, value)| {
        query.of(name, &value)
    })))
}
