//! Reads AWS Lambda: functions and who may call them.
//!
//! `GetFunction` would return tags and concurrency in one call, and has a higher rate limit. It
//! also returns a link to the code, which an auditor must not need, so it is not used.

#![allow(clippy::large_futures, reason = "one for each region")]

mod configuration;
mod runtime;

use super::compact_list::CompactList;
use super::join::join_each;
use super::{Collector, Job, metrics};
use crate::aws::error::{gap, malformed, optional_answer, required_answer};
use crate::call;
use crate::model::kinds::lambda::{Errors, EventInvokeConfig, Function, UrlConfig};
use crate::model::kinds::metric::Metric;
use crate::model::{
    Call, Definition, Gap, Kind, Part, PartSpec, Per, Resource, Scope, Tags, TypedDocument,
};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{FunctionEventInvokeConfig, FunctionUrlConfig};
use configuration::{LIST, always};
use metrics::{GET_METRIC_DATA, Query, Stat};
use std::sync::Arc;

const TAGS: Call = call!("lambda", "ListTags", absent: ["ResourceNotFoundException"]);
const POLICY: Call = call!("lambda", "GetPolicy", absent: ["ResourceNotFoundException"]);
const CONCURRENCY: Call = call!("lambda", "GetFunctionConcurrency");
const EVENT_INVOKE: Call = call!("lambda", "ListFunctionEventInvokeConfigs");
const URLS: Call = call!("lambda", "ListFunctionUrlConfigs");

/// The kinds read here.
pub const COLLECTORS: &[Collector] = &[Collector {
    kind: &KIND,
    read: |job| Box::pin(read(job)),
}];

static KIND: Kind = Kind {
    name: Function::KIND,
    scope: Scope::Region,
    list: &[&LIST],
    parts: &[
        part("tags", &[&TAGS]),
        // In the list already. It is a part because Lambda may not be able to decrypt it.
        PartSpec {
            name: "environment",
            calls: &[&LIST],
            per: Per::List,
        },
        part("policy", &[&POLICY]),
        part("reserved_concurrency", &[&CONCURRENCY]),
        part("event_invoke_configs", &[&EVENT_INVOKE]),
        part("url_configs", &[&URLS]),
        metric("invocations", 1),
        metric("errors", 2),
        metric("throttles", 1),
        metric("duration", 1),
        derived("public"),
        derived("access"),
        derived("subnet_zones"),
        derived("at_edge"),
    ],
    definition: Definition::Typed(Function::schema),
};

const fn part(name: &'static str, calls: &'static [&'static Call]) -> PartSpec {
    PartSpec {
        name,
        calls,
        per: Per::Resource,
    }
}

const fn metric(name: &'static str, queries: u32) -> PartSpec {
    PartSpec {
        name,
        calls: &[&GET_METRIC_DATA],
        per: Per::Metrics(queries),
    }
}

const fn derived(name: &'static str) -> PartSpec {
    PartSpec {
        name,
        calls: &[],
        per: Per::Derived,
    }
}

/// The largest page of Lambda, whatever is requested.
const PAGE: i32 = 50;
/// Calls that one function takes.
const CALLS: usize = 5;
/// The days that tell whether a function is in use.
const MONTH: u32 = 30;
const WEEK: u32 = 7;

/// Everything is listed before the parts are read: metrics come for all functions at once.
async fn read(job: Arc<Job>) -> Result<(), Gap> {
    let (job, client) = (&job, &job.aws.lambda(&job.region));
    let mut listed = CompactList::default();
    let end = list(job, &mut listed).await;
    let tasks = listed.iter().enumerate().map(|(index, found)| async move {
        let (mut resource, mut function) = found;
        // On the heap: the requests' state is large, and many are held at once.
        Box::pin(fill(job, client, &mut resource, &mut function)).await;
        (index, (resource, function))
    });
    let names = listed.iter().map(|(resource, _)| resource.id).collect();
    let metrics = Metrics::read(job, names);
    join_each(
        job.limits.run(CALLS, tasks),
        metrics,
        |(index, (resource, mut function)), metrics| {
            metrics[index].clone().fill(&mut function);
            async move { job.emit(resource, &function).await }
        },
    )
    .await;
    end
}

/// Adds the functions that can be read, and returns whether the list is complete.
async fn list(job: &Job, listed: &mut CompactList<Function>) -> Result<(), Gap> {
    let request = job.aws.lambda(&job.region).list_functions();
    let mut functions = request
        .into_paginator()
        .stop_on_duplicate_token(false)
        .page_size(PAGE)
        .items()
        .send();
    while let Some(function) = functions.next().await {
        let function = function.map_err(|error| gap(&LIST, &error))?;
        listed.push(configuration::document(job, function)?);
    }
    Ok(())
}

/// Reads the parts that take calls per function.
async fn fill(job: &Job, client: &Client, resource: &mut Resource, function: &mut Function) {
    let name = resource.id.as_str();
    let arn = resource.arn.clone();
    let (tags, policy, reserved_concurrency, event_invoke_configs, url_configs) = futures::join!(
        job.part("tags", tags(client, arn)),
        job.part("policy", policy(client, name)),
        job.part("reserved_concurrency", reserved_concurrency(client, name)),
        job.part("event_invoke_configs", event_invoke_configs(client, name)),
        job.part("url_configs", url_configs(client, name)),
    );
    resource.tags = tags;
    function.policy = policy;
    function.reserved_concurrency = reserved_concurrency;
    function.event_invoke_configs = event_invoke_configs;
    function.url_configs = url_configs;
}

/// A function that was deleted since it was listed has no tags.
async fn tags(client: &Client, arn: Option<String>) -> Result<Tags, Gap> {
    let request = client.list_tags().resource(always(arn, "FunctionArn")?);
    let answer = optional_answer(&TAGS, request.send()).await?;
    let tags = answer.and_then(|answer| answer.tags).unwrap_or_default();
    Ok(tags.into_iter().collect())
}

async fn policy(client: &Client, name: &str) -> Result<Option<String>, Gap> {
    let request = client.get_policy().function_name(name);
    let answer = optional_answer(&POLICY, request.send()).await?;
    answer
        .map(|answer| answer.policy.ok_or_else(|| malformed(&POLICY, "Policy")))
        .transpose()
}

async fn reserved_concurrency(client: &Client, name: &str) -> Result<Option<i64>, Gap> {
    let request = client.get_function_concurrency().function_name(name);
    let answer = required_answer(&CONCURRENCY, request.send()).await?;
    Ok(answer.reserved_concurrent_executions.map(i64::from))
}

async fn event_invoke_configs(client: &Client, name: &str) -> Result<Vec<EventInvokeConfig>, Gap> {
    let request = client
        .list_function_event_invoke_configs()
        .function_name(name);
    let mut configs = request
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    let mut found = Vec::new();
    while let Some(config) = configs.next().await {
        found.push(event_invoke_config(
            config.map_err(|error| gap(&EVENT_INVOKE, &error))?,
        ));
    }
    Ok(found)
}

fn event_invoke_config(config: FunctionEventInvokeConfig) -> EventInvokeConfig {
    let (failure, success) = match config.destination_config {
        Some(to) => (to.on_failure, to.on_success),
        None => (None, None),
    };
    // The ARN ends with the version or alias: arn:aws:lambda:eu-west-1:1:function:resize:live.
    let arn = config.function_arn.as_deref();
    EventInvokeConfig {
        qualifier: arn
            .and_then(|arn| arn.split(':').nth(7))
            .map(ToOwned::to_owned),
        maximum_retry_attempts: config.maximum_retry_attempts.map(i64::from),
        maximum_event_age_in_seconds: config.maximum_event_age_in_seconds.map(i64::from),
        on_failure: failure.and_then(|to| to.destination),
        on_success: success.and_then(|to| to.destination),
    }
}

async fn url_configs(client: &Client, name: &str) -> Result<Vec<UrlConfig>, Gap> {
    let request = client.list_function_url_configs().function_name(name);
    let mut urls = request
        .into_paginator()
        .stop_on_duplicate_token(false)
        .items()
        .send();
    let mut found = Vec::new();
    while let Some(url) = urls.next().await {
        found.push(url_config(url.map_err(|error| gap(&URLS, &error))?));
    }
    Ok(found)
}

fn url_config(url: FunctionUrlConfig) -> UrlConfig {
    let (origins, credentials) = match url.cors {
        Some(cors) => (cors.allow_origins, cors.allow_credentials),
        None => (None, None),
    };
    UrlConfig {
        auth_type: url.auth_type.as_str().to_owned(),
        cors_allow_origins: origins.unwrap_or_default(),
        cors_allow_credentials: credentials,
    }
}

/// The metrics of one function.
#[derive(Clone)]
struct Metrics {
    invocations: Part<Metric>,
    errors: Part<[Metric; 2]>,
    throttles: Part<Metric>,
    duration: Part<Metric>,
}

impl Metrics {
    /// One for each function, in order.
    async fn read(job: &Job, names: Vec<String>) -> Vec<Self> {
        let names = names.as_slice();
        let of = |query: Query, name: &String| query.of("FunctionName", name);
        let weekly = |name, stat| Query::hourly("AWS/Lambda", name, stat, WEEK);
        let one = |part, query: Query| {
            metrics::part(job, part, &job.region, names, move |f| of(query.clone(), f))
        };
        let month = Query::daily("AWS/Lambda", "Invocations", Stat::Sum, MONTH);
        let (invocations, errors, throttles, duration) = tokio::join!(
            one("invocations", month),
            metrics::parts(job, "errors", &job.region, names, |f| [
                of(weekly("Invocations", Stat::Sum), f),
                of(weekly("Errors", Stat::Sum), f),
            ]),
            one("throttles", weekly("Throttles", Stat::Sum)),
            one("duration", weekly("Duration", Stat::Maximum)),
        );
        let rest = throttles.into_iter().zip(duration);
        let all = invocations.into_iter().zip(errors).zip(rest);
        all.map(|((invocations, errors), (throttles, duration))| Self {
            invocations,
            errors,
            throttles,
            duration,
        })
        .collect()
    }

    fn fill(self, function: &mut Function) {
        function.invocations = self.invocations;
        function.errors = match self.errors {
            Part::Read([invocations, errors]) => Part::Read(Errors {
                invocations,
                errors,
            }),
            Part::Gap(gap) => Part::Gap(gap),
            Part::Unread => Part::Unread,
        };
        function.throttles = self.throttles;
        function.duration = self.duration;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_lambda::types::{DestinationConfig, OnFailure};

    #[test]
    fn a_configuration_of_asynchronous_calls_names_its_alias() {
        let failed = OnFailure::builder().destination("arn:aws:sqs:r:1:failed");
        let to = DestinationConfig::builder().on_failure(failed.build());
        let sdk = FunctionEventInvokeConfig::builder()
            .function_arn("arn:aws:lambda:eu-west-1:1:function:resize:live")
            .destination_config(to.build());
        let config = event_invoke_config(sdk.build());
        assert_eq!(config.qualifier.as_deref(), Some("live"));
        assert_eq!(config.on_failure.as_deref(), Some("arn:aws:sqs:r:1:failed"));
        assert_eq!(config.on_success, None);
    }
}
