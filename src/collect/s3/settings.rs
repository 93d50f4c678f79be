//! Settings that show what a bucket is used for and how it is monitored.

use super::calls::{
    GET_BUCKET_CORS, GET_BUCKET_LOGGING, GET_BUCKET_NOTIFICATION_CONFIGURATION, GET_BUCKET_TAGGING,
    GET_BUCKET_WEBSITE, LIST_BUCKET_METRICS_CONFIGURATIONS,
};
use crate::aws::error::{optional_answer, required_answer};
use crate::model::kinds::s3::{CorsRule, Logging, Notifications, RequestMetrics, Website};
use crate::model::{Gap, Tags};
use aws_sdk_s3::Client;

pub(super) async fn tags(s3: &Client, bucket: &str) -> Result<Tags, Gap> {
    let request = s3.get_bucket_tagging().bucket(bucket);
    let answer = optional_answer(&GET_BUCKET_TAGGING, request.send()).await?;
    let tags = answer.map(|answer| answer.tag_set).unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

pub(super) async fn logging(s3: &Client, bucket: &str) -> Result<Option<Logging>, Gap> {
    let request = s3.get_bucket_logging().bucket(bucket);
    let answer = required_answer(&GET_BUCKET_LOGGING, request.send()).await?;
    Ok(answer.logging_enabled.map(|to| Logging {
        target_bucket: to.target_bucket,
        target_prefix: to.target_prefix,
    }))
}

pub(super) async fn notifications(s3: &Client, bucket: &str) -> Result<Notifications, Gap> {
    let request = s3.get_bucket_notification_configuration().bucket(bucket);
    let answer = required_answer(&GET_BUCKET_NOTIFICATION_CONFIGURATION, request.send()).await?;
    Ok(Notifications {
        topics: answer
            .topic_configurations
            .unwrap_or_default()
            .into_iter()
            .map(|to| to.topic_arn)
            .collect(),
        queues: answer
            .queue_configurations
            .unwrap_or_default()
            .into_iter()
            .map(|to| to.queue_arn)
            .collect(),
        functions: answer
            .lambda_function_configurations
            .unwrap_or_default()
            .into_iter()
            .map(|to| to.lambda_function_arn)
            .collect(),
        event_bridge: answer.event_bridge_configuration.is_some(),
    })
}

pub(super) async fn website(s3: &Client, bucket: &str) -> Result<Option<Website>, Gap> {
    let request = s3.get_bucket_website().bucket(bucket);
    let answer = optional_answer(&GET_BUCKET_WEBSITE, request.send()).await?;
    Ok(answer.map(|site| {
        let redirect = site.redirect_all_requests_to;
        Website {
            index_document: site.index_document.map(|document| document.suffix),
            error_document: site.error_document.map(|document| document.key),
            redirect_protocol: redirect
                .as_ref()
                .and_then(|to| to.protocol.as_ref())
                .map(|protocol| protocol.as_str().to_owned()),
            redirect_host: redirect.map(|to| to.host_name),
        }
    }))
}

pub(super) async fn cors(s3: &Client, bucket: &str) -> Result<Vec<CorsRule>, Gap> {
    let request = s3.get_bucket_cors().bucket(bucket);
    let answer = optional_answer(&GET_BUCKET_CORS, request.send()).await?;
    let rules = answer.and_then(|answer| answer.cors_rules);
    Ok(rules
        .unwrap_or_default()
        .into_iter()
        .map(|rule| CorsRule {
            allowed_origins: rule.allowed_origins,
            allowed_methods: rule.allowed_methods,
            allowed_headers: rule.allowed_headers.unwrap_or_default(),
            max_age_seconds: rule.max_age_seconds.map(i64::from),
        })
        .collect())
}

pub(super) async fn request_metrics(s3: &Client, bucket: &str) -> Result<Vec<RequestMetrics>, Gap> {
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let request = s3
            .list_bucket_metrics_configurations()
            .bucket(bucket)
            .set_continuation_token(token.take());
        let page = required_answer(&LIST_BUCKET_METRICS_CONFIGURATIONS, request.send()).await?;
        let listed = page.metrics_configuration_list.unwrap_or_default();
        found.extend(listed.into_iter().map(|metrics| RequestMetrics {
            id: metrics.id,
            filtered: metrics.filter.is_some(),
        }));
        token = page.next_continuation_token;
        if token.is_none() {
            return Ok(found);
        }
    }
}
