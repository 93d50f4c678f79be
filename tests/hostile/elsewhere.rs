//! What is told of a resource where it is not: in one region, of what is in none.

use crate::endpoint::{Answer, Call, Effect, Endpoint, Refusal, Rule, Source, modelled};
use crate::scan::{Scan, account};
use aws_smithy_cbor::Encoder;
use aws_smithy_types::DateTime;
use axum::http::StatusCode;
use serde_json::{Value, json};

const LOGGING: &str = "cloudfront/distribution-logging-off";
const ALARMS: &str = "cloudfront/distribution-alarms-missing";
const HEALTH: &str = "route53/health-check-alarms-missing";
const NO_ACTION: &str = "cloudwatch/alarm-no-action";

fn arn(id: &str) -> String {
    format!("arn:aws:cloudfront::123456789012:distribution/{id}")
}

fn distribution(id: &str) -> Value {
    json!({"Id": id, "ARN": arn(id), "Enabled": true, "LastModifiedTime": "2026-01-01T00:00:00Z",
        "Status": "Deployed", "DomainName": "d.cloudfront.net", "Comment": "", "PriceClass": "PriceClass_All",
        "HttpVersion": "http2", "IsIPV6Enabled": true, "WebACLId": "", "Staging": false,
        "Aliases": {"Quantity": 0}, "CacheBehaviors": {"Quantity": 0}, "CustomErrorResponses": {"Quantity": 0},
        "Origins": {"Quantity": 1, "Items": [{"Id": "shop", "DomainName": "shop.example.com"}]},
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
        "ViewerCertificate": {"CloudFrontDefaultCertificate": true},
        "DefaultCacheBehavior": {"TargetOriginId": "shop", "ViewerProtocolPolicy": "https-only"}})
}

fn source_of(name: &str, kind: &str, distributions: &[&str]) -> Value {
    let arns: Vec<String> = distributions.iter().map(|id| arn(id)).collect();
    json!({"name": name, "service": "cloudfront", "logType": kind, "resourceArns": arns})
}

/// Distributions that log in each way, and in none; one has an alarm, as has one health check.
fn told(call: &Call<'_>) -> Option<Value> {
    let in_one = call.region == "us-east-1";
    Some(match (call.service, call.operation) {
        ("cloudfront", "ListDistributions") => {
            let ids = ["LEGACY", "DELIVERED", "NOWHERE", "OTHER", "SILENT"];
            let all: Vec<Value> = ids.iter().map(|id| distribution(id)).collect();
            json!({"DistributionList": {"Marker": "", "MaxItems": 100, "IsTruncated": false,
                "Quantity": 5, "Items": all}})
        }
        ("cloudfront", "GetDistributionConfig") => {
            let legacy = call.uri.path().contains("LEGACY");
            json!({"DistributionConfig": {"CallerReference": "a", "Comment": "", "Enabled": true,
                "Logging": {"Enabled": legacy, "IncludeCookies": false, "Bucket": "", "Prefix": ""}}})
        }
        ("logs", "DescribeDeliverySources") if in_one => json!({"deliverySources": [
            source_of("both", "ACCESS_LOGS", &["DELIVERED", "ANOTHER"]),
            source_of("alone", "ACCESS_LOGS", &["NOWHERE"]),
            source_of("connections", "CONNECTION_LOGS", &["OTHER"]),
        ]}),
        ("logs", "DescribeDeliveries") if in_one => json!({"deliveries": [
            {"id": "1", "deliverySourceName": "both", "deliveryDestinationType": "S3"},
            {"id": "2", "deliverySourceName": "connections", "deliveryDestinationType": "S3"},
        ]}),
        // Of what CloudFront delivers, other regions tell nothing.
        ("logs", "DescribeDeliverySources") => json!({"deliverySources": []}),
        ("logs", "DescribeDeliveries") => json!({"deliveries": []}),
        ("route53", "ListHealthChecks") => {
            let check = |id: &str| {
                json!({"Id": id, "CallerReference": id, "HealthCheckVersion": 1,
                    "HealthCheckConfig": {"Type": "HTTPS"}})
            };
            json!({"HealthChecks": [check("watched"), check("unwatched")], "Marker": "",
                "IsTruncated": false, "MaxItems": "100"})
        }
        _ => return None,
    })
}

/// CloudFront's metrics are in one region. An alarm on them elsewhere never rings.
fn alarms(call: &Call<'_>) -> Answer {
    let alarm = |name: &str, metric: [&str; 2], dimension: [&str; 2]| {
        let arn = format!(
            "arn:aws:cloudwatch:{}:123456789012:alarm:{name}",
            call.region
        );
        json!({"AlarmName": name, "AlarmArn": arn, "ActionsEnabled": true, "StateValue": "OK",
            "StateUpdatedTimestamp": 1_790_000_000, "AlarmConfigurationUpdatedTimestamp": 1_790_000_000,
            "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:ops"], "Namespace": metric[0],
            "MetricName": metric[1], "Dimensions": [{"Name": dimension[0], "Value": dimension[1]}]})
    };
    let errors = |id| {
        alarm(
            id,
            ["AWS/CloudFront", "5xxErrorRate"],
            ["DistributionId", id],
        )
    };
    let alarms = if call.region == "us-east-1" {
        let health = ["AWS/Route53", "HealthCheckStatus"];
        vec![
            errors("LEGACY"),
            alarm("health", health, ["HealthCheckId", "watched"]),
        ]
    } else {
        vec![errors("SILENT")]
    };
    let mut body = Encoder::new(Vec::new());
    write(
        &mut body,
        &json!({"MetricAlarms": alarms, "CompositeAlarms": []}),
    );
    let answer = Answer::new(StatusCode::OK, "application/cbor", body.into_writer());
    answer.with("smithy-protocol", "rpc-v2-cbor")
}

fn write(to: &mut Encoder, value: &Value) {
    match value {
        Value::Object(members) => {
            to.begin_map();
            for (name, value) in members {
                to.str(name);
                write(to, value);
            }
            to.end();
        }
        Value::Array(items) => {
            to.array(items.len());
            for item in items {
                write(to, item);
            }
        }
        Value::Bool(value) => _ = to.boolean(*value),
        Value::Number(seconds) => {
            let time = DateTime::from_secs(seconds.as_i64().unwrap());
            to.timestamp(&time);
        }
        other => _ = to.str(other.as_str().unwrap()),
    }
}

async fn start() -> Endpoint {
    let account = account();
    let own = move |call: &Call<'_>| -> Answer {
        if call.operation == "DescribeAlarms" {
            return alarms(call);
        }
        let told = told(call);
        let told = told.and_then(|told| modelled::answer(call.service, call.operation, &told));
        told.unwrap_or_else(|| account.answer(call))
    };
    Endpoint::start(Source::memory(own)).await
}

fn scan(endpoint: &Endpoint, regions: &[&str]) -> Scan {
    let checks = [LOGGING, ALARMS, HEALTH].join(",");
    let scan = Scan::of(endpoint).regions(regions);
    scan.arguments(["--checks", &checks])
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_of_a_distribution_are_found_however_they_are_delivered() {
    let endpoint = start().await;
    // Deliveries are read where they are, although that region is not scanned.
    let verdicts = scan(&endpoint, &["eu-west-1"]).run().await.verdicts();
    for (id, verdict) in [
        ("LEGACY", "pass"),
        ("DELIVERED", "pass"),
        ("NOWHERE", "fail"),
        ("OTHER", "fail"),
        ("SILENT", "fail"),
    ] {
        let found: Vec<&str> = verdicts.named(LOGGING, id).into_iter().collect();
        assert_eq!(found, [verdict], "{id}");
    }
    let counts = endpoint.counts();
    for operation in ["DescribeDeliverySources", "DescribeDeliveries"] {
        assert_eq!(
            counts.of(|call| call.is("logs", operation)),
            1,
            "{operation}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alarms_of_what_has_no_region_are_those_of_one() {
    let endpoint = start().await;
    // They are read where they are, whether or not that region is scanned.
    for regions in [&["eu-west-1", "us-east-1"][..], &["eu-west-1"]] {
        let verdicts = scan(&endpoint, regions).run().await.verdicts();
        for (check, id, verdict) in [
            (HEALTH, "watched", "pass"),
            (HEALTH, "unwatched", "fail"),
            (ALARMS, "LEGACY", "pass"),
            (ALARMS, "SILENT", "fail"),
        ] {
            let found: Vec<&str> = verdicts.named(check, id).into_iter().collect();
            assert_eq!(found, [verdict], "{check} {id} {regions:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alarms_of_a_region_that_is_not_scanned_are_not_audited() {
    let endpoint = start().await;
    let scan = || {
        let checks = [HEALTH, NO_ACTION].join(",");
        Scan::of(&endpoint)
            .regions(&["eu-west-1"])
            .arguments(["--checks", &checks])
    };
    let regions_of_alarms = |list: &Value, resource: fn(&Value) -> &Value| -> Vec<String> {
        let alarms = list.as_array().unwrap().iter().map(resource);
        let alarms = alarms.filter(|one| one["kind"] == "cloudwatch.alarm");
        alarms
            .map(|one| one["region"].as_str().unwrap().to_owned())
            .collect()
    };
    let report = scan().run().await.with(0).report();
    assert_eq!(
        regions_of_alarms(&report["findings"], |finding| &finding["resource"]),
        ["eu-west-1"]
    );
    assert_eq!(
        regions_of_alarms(&report["reads"], |read| read),
        ["eu-west-1"]
    );
    let counts = endpoint.take_counts();
    assert_eq!(counts.of(|call| call.is("cloudwatch", "DescribeAlarms")), 2);

    // If they cannot be listed there, that is unknown of the resources that they would watch, and nothing
    // else is.
    let refused =
        Rule::new(Effect::Refuse(Refusal::Denied)).operation("cloudwatch", "DescribeAlarms");
    endpoint.rule(refused.region("us-east-1"));
    let report = scan().run().await.with(0).report();
    let unknown = report["findings"].as_array().unwrap().iter();
    let unknown = unknown.filter(|finding| finding["verdict"] == "unknown");
    let checks: Vec<&str> = unknown.map(|f| f["check"].as_str().unwrap()).collect();
    assert_eq!(checks, [HEALTH, HEALTH]);
}
