//! Reads Amazon CloudWatch: alarms and their targets.

mod targets;

use super::rds::time;
use super::{Collector, Job};
use crate::aws::error::{gap, malformed, optional_answer};
use crate::call;
use crate::model::kinds::cloudwatch::{Alarm, AlarmMetric};
use crate::model::{
    Call, Definition, Gap, Kind, Part, PartSpec, Per, Resource, Scope, Tags, TypedDocument,
};
use aws_sdk_cloudwatch::types::{
    AlarmType, CompositeAlarm, Metric, MetricAlarm, MetricDataQuery, StateValue,
};
use futures::StreamExt;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use targets::{TOPIC, Topics};

const LIST: Call = call!("cloudwatch", "DescribeAlarms");
const TAGS: Call = call!("cloudwatch", "ListTagsForResource", absent: ["ResourceNotFound", "ResourceNotFoundException"]);

/// The largest page of `DescribeAlarms`.
const PAGE: i32 = 100;

/// The kinds read here.
pub const COLLECTORS: &[Collector] = &[Collector {
    kind: &KIND,
    read: |job| Box::pin(read(job)),
}];

static KIND: Kind = Kind {
    name: Alarm::KIND,
    scope: Scope::Region,
    list: &[&LIST],
    parts: &[
        PartSpec {
            name: "tags",
            calls: &[&TAGS],
            per: Per::Resource,
        },
        PartSpec {
            name: "targets",
            calls: &[&TOPIC],
            per: Per::Resource,
        },
        derived("dead_targets"),
        derived("in_composite"),
    ],
    definition: Definition::Typed(Alarm::schema),
};

const fn derived(name: &'static str) -> PartSpec {
    PartSpec {
        name,
        calls: &[],
        per: Per::Derived,
    }
}

/// Everything is listed before the targets are looked up, because alarms share them.
async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let (listed, end) = list(&job).await;
    let topics = Topics::read(&job, &listed).await;
    let tasks = listed.into_iter().map(|(mut resource, mut alarm)| {
        let (job, topics) = (&job, &topics);
        async move {
            alarm.targets = topics.of(&alarm);
            let arn = always(resource.arn.clone(), "AlarmArn");
            // On the heap: the state of a request is large, and many wait at the same time.
            resource.tags = Box::pin(job.part("tags", async { tags(job, arn?).await })).await;
            job.emit(resource, &alarm).await;
        }
    });
    job.limits.run(1, tasks).collect::<()>().await;
    end
}

/// A field that CloudWatch always sends.
fn always<T>(field: Option<T>, name: &str) -> Result<T, Gap> {
    field.ok_or_else(|| malformed(&LIST, name))
}

/// The alarms that could be read, and whether the list is complete.
async fn list(job: &Job) -> (Vec<(Resource, Alarm)>, Result<(), Gap>) {
    // Without types AWS lists metric alarms only.
    let mut pages = job
        .aws
        .cloudwatch(&job.region)
        .describe_alarms()
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm)
        .max_records(PAGE)
        .into_paginator()
        .stop_on_duplicate_token(false)
        .send();
    let mut listed = Vec::new();
    let mut end = Ok(());
    while let Some(page) = pages.next().await {
        let page = match page {
            Ok(page) => page,
            Err(error) => return (listed, Err(gap(&LIST, &error))),
        };
        let metric = page.metric_alarms.unwrap_or_default().into_iter();
        let composite = page.composite_alarms.unwrap_or_default().into_iter();
        let documents = metric
            .map(|alarm| metric_alarm(job, alarm))
            .chain(composite.map(|alarm| composite_alarm(job, alarm)));
        for document in documents {
            match document {
                Ok(document) => listed.push(document),
                Err(malformed) => end = Err(malformed),
            }
        }
    }
    (listed, end)
}

fn metric_alarm(job: &Job, alarm: MetricAlarm) -> Result<(Resource, Alarm), Gap> {
    let name = always(alarm.alarm_name, "AlarmName")?;
    let resource = job.resource(&name, alarm.alarm_arn, Part::Unread);
    let queries = alarm.metrics.unwrap_or_default();
    let mut metrics: Vec<AlarmMetric> = queries.iter().filter_map(query_metric).collect();
    if let Some(metric_name) = alarm.metric_name {
        metrics.push(AlarmMetric {
            namespace: alarm.namespace,
            metric_name,
            dimensions: dimensions(alarm.dimensions.as_deref().unwrap_or_default()),
        });
    }
    let document = Alarm {
        alarm_type: "metric".to_owned(),
        state_value: always(state(alarm.state_value), "StateValue")?,
        state_updated_timestamp: always(
            time(alarm.state_updated_timestamp),
            "StateUpdatedTimestamp",
        )?,
        state_transitioned_timestamp: time(alarm.state_transitioned_timestamp),
        configuration_updated_timestamp: time(alarm.alarm_configuration_updated_timestamp),
        actions_enabled: always(alarm.actions_enabled, "ActionsEnabled")?,
        alarm_actions: alarm.alarm_actions.unwrap_or_default(),
        ok_actions: alarm.ok_actions.unwrap_or_default(),
        insufficient_data_actions: alarm.insufficient_data_actions.unwrap_or_default(),
        has_description: is_text(alarm.alarm_description.as_deref()),
        has_link: has_link(alarm.alarm_description.as_deref()),
        uses_expression: queries.iter().any(|query| query.expression.is_some()),
        metrics,
        period: alarm.period.map(i64::from),
        evaluation_periods: alarm.evaluation_periods.map(i64::from),
        datapoints_to_alarm: alarm.datapoints_to_alarm.map(i64::from),
        threshold: alarm.threshold,
        comparison_operator: alarm.comparison_operator.map(|o| o.as_str().to_owned()),
        treat_missing_data: alarm.treat_missing_data,
        children: Vec::new(),
        targets: Part::Unread,
        dead_targets: Part::Unread,
        in_composite: Part::Unread,
    };
    Ok((resource, document))
}

fn composite_alarm(job: &Job, alarm: CompositeAlarm) -> Result<(Resource, Alarm), Gap> {
    let name = always(alarm.alarm_name, "AlarmName")?;
    let resource = job.resource(&name, alarm.alarm_arn, Part::Unread);
    let document = Alarm {
        alarm_type: "composite".to_owned(),
        state_value: always(state(alarm.state_value), "StateValue")?,
        state_updated_timestamp: always(
            time(alarm.state_updated_timestamp),
            "StateUpdatedTimestamp",
        )?,
        state_transitioned_timestamp: time(alarm.state_transitioned_timestamp),
        configuration_updated_timestamp: time(alarm.alarm_configuration_updated_timestamp),
        actions_enabled: always(alarm.actions_enabled, "ActionsEnabled")?,
        alarm_actions: alarm.alarm_actions.unwrap_or_default(),
        ok_actions: alarm.ok_actions.unwrap_or_default(),
        insufficient_data_actions: alarm.insufficient_data_actions.unwrap_or_default(),
        has_description: is_text(alarm.alarm_description.as_deref()),
        has_link: has_link(alarm.alarm_description.as_deref()),
        metrics: Vec::new(),
        uses_expression: false,
        period: None,
        evaluation_periods: None,
        datapoints_to_alarm: None,
        threshold: None,
        comparison_operator: None,
        treat_missing_data: None,
        children: children(&always(alarm.alarm_rule, "AlarmRule")?),
        targets: Part::Unread,
        dead_targets: Part::Unread,
        in_composite: Part::Unread,
    };
    Ok((resource, document))
}

fn state(state: Option<StateValue>) -> Option<String> {
    Some(state?.as_str().to_owned())
}

fn is_text(description: Option<&str>) -> bool {
    description.is_some_and(|text| !text.trim().is_empty())
}

fn has_link(description: Option<&str>) -> bool {
    description.is_some_and(|text| text.contains("https://") || text.contains("http://"))
}

fn query_metric(query: &MetricDataQuery) -> Option<AlarmMetric> {
    let metric: &Metric = query.metric_stat.as_ref()?.metric.as_ref()?;
    Some(AlarmMetric {
        namespace: metric.namespace.clone(),
        metric_name: metric.metric_name.clone()?,
        dimensions: dimensions(metric.dimensions.as_deref().unwrap_or_default()),
    })
}

fn dimensions(list: &[aws_sdk_cloudwatch::types::Dimension]) -> BTreeMap<String, String> {
    list.iter()
        .filter_map(|dimension| Some((dimension.name.clone()?, dimension.value.clone()?)))
        .collect()
}

/// The alarms that a rule such as `ALARM("a") AND NOT OK(arn:aws:cloudwatch:…:alarm:b)` names.
fn children(rule: &str) -> Vec<String> {
    let mut names = BTreeSet::new();
    let mut rest = rule;
    while let Some(open) = rest.find('(') {
        let before = rest[..open].trim_end();
        rest = rest[open + 1..].trim_start();
        let is_state = ["ALARM", "OK", "INSUFFICIENT_DATA"]
            .into_iter()
            .any(|state| before.ends_with(state));
        if !is_state {
            // A bracket that groups.
            continue;
        }
        // A quoted name may hold brackets, and ends at the next quote.
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (name, after) = match quote {
            Some(quote) => rest[1..].split_once(quote).unwrap_or((&rest[1..], "")),
            None => rest.split_once(')').unwrap_or((rest, "")),
        };
        let name = name.trim();
        let name = match name.strip_prefix("arn:") {
            Some(arn) => arn.split_once(":alarm:").map_or(name, |(_, name)| name),
            None => name,
        };
        if !name.is_empty() {
            names.insert(name.to_owned());
        }
        rest = after;
    }
    names.into_iter().collect()
}

async fn tags(job: &Job, arn: String) -> Result<Tags, Gap> {
    let request = job
        .aws
        .cloudwatch(&job.region)
        .list_tags_for_resource()
        .resource_arn(arn)
        .send();
    // An alarm that was deleted since it was listed has no tags.
    let answer = optional_answer(&TAGS, request).await?;
    let tags = answer.and_then(|answer| answer.tags).unwrap_or_default();
    Ok(tags
        .into_iter()
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_names_its_children() {
        let rule = r#"(ALARM("CPU (high)") OR ALARM ( disk )) AND NOT OK(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:deploy)"#;
        assert_eq!(children(rule), ["CPU (high)", "deploy", "disk"]);
        assert_eq!(children("INSUFFICIENT_DATA('x') OR ALARM(x)"), ["x"]);
        assert!(children("TRUE AND NOT FALSE").is_empty());
        assert!(children("").is_empty());
        assert_eq!(children("ALARM(\"open"), ["open"]);
    }

    #[test]
    fn a_link_is_a_web_address() {
        assert!(has_link(Some("Runbook: https://wiki.example.com/r/1")));
        assert!(!has_link(Some("see the wiki")));
        assert!(!has_link(None));
        assert!(!is_text(Some("  ")));
    }
}
