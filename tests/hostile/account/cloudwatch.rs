//! Amazon CloudWatch: alarms, and a value for every hour of every metric.

use super::form::Page;
use super::item::Item;
use super::sns::TOPICS;
use super::{Account, Answer, Call, cbor, error};
use aws_smithy_cbor::Encoder;
use aws_smithy_types::DateTime;
use axum::http::StatusCode;
use serde_json::Value;

/// Actions that are no topics: one of EC2's own, and a function that is gone.
const RECOVER: &str = "recover";
const FUNCTION: &str = "function";

/// Values that one answer to GetMetricData holds unless fewer are requested.
const DATAPOINTS: usize = 100_800;

/// What a metric is like where nothing happens, on a usual day, and under too much load.
const METRICS: &[(&str, [f64; 3])] = &[
    ("CPUUtilization", [0.5, 30.0, 88.0]),
    ("NetworkIn", [1e3, 5e7, 5e8]),
    ("NetworkOut", [1e3, 5e7, 5e8]),
    // On a usual day credits are used up, and nothing is billed: `unlimited` or not decides.
    ("CPUCreditBalance", [144.0, 0.0, 0.0]),
    ("CPUSurplusCreditsCharged", [0.0, 0.0, 5.0]),
    ("VolumeReadOps", [0.0, 5e4, 3e7]),
    ("VolumeWriteOps", [0.0, 5e4, 3e7]),
    ("DatabaseConnections", [0.0, 20.0, 80.0]),
    ("FreeStorageSpace", [9e10, 4e10, 1e9]),
    ("FreeableMemory", [6e9, 3e9, 5e7]),
    ("DiskQueueDepth", [0.0, 1.0, 80.0]),
    ("BytesOutToDestination", [0.0, 1e8, 1e10]),
    ("BytesInFromDestination", [0.0, 1e8, 1e10]),
    ("ActiveConnectionCount", [0.0, 100.0, 5e4]),
    ("ErrorPortAllocation", [0.0, 0.0, 3.0]),
    ("BucketSizeBytes", [0.0, 5e9, 5e12]),
    ("NumberOfObjects", [0.0, 1e3, 1e7]),
    ("Invocations", [0.0, 100.0, 1000.0]),
    ("Errors", [0.0, 1.0, 200.0]),
    ("Throttles", [0.0, 0.0, 5.0]),
    ("Duration", [0.0, 200.0, 2_800.0]),
];

pub(super) fn answer(account: &Account, call: &Call<'_>) -> Option<Answer> {
    let asked = cbor::read(call.body)?;
    match call.operation {
        "DescribeAlarms" => Some(alarms(account, call, &asked)),
        "ListTagsForResource" => Some(tags(account, call, &asked)),
        "GetMetricData" => metric_data(account, call, &asked),
        _ => None,
    }
}

fn refuse(call: &Call<'_>, code: &'static str) -> Answer {
    error::respond(call, StatusCode::BAD_REQUEST, code)
}

fn number(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|n| usize::try_from(n).ok())
}

/// Every eighth alarm is made of the one before it.
fn is_composite(index: usize) -> bool {
    index % 8 == 7
}

fn alarm_name(index: usize) -> String {
    format!("alarm-{index:05}")
}

fn alarms(account: &Account, call: &Call<'_>, asked: &Value) -> Answer {
    let size = number(&asked["MaxRecords"]).unwrap_or(50);
    let Some(page) = Page::of(account.size.alarms, size, asked["NextToken"].as_str()) else {
        return refuse(call, "InvalidNextToken");
    };
    let (composite, metric): (Vec<usize>, Vec<usize>) = page.range.partition(|n| is_composite(*n));
    cbor::respond(StatusCode::OK, |map| {
        for (list, indexes) in [("MetricAlarms", metric), ("CompositeAlarms", composite)] {
            map.str(list).array(indexes.len());
            for index in indexes {
                alarm(map, account, call, index);
            }
        }
        if let Some(token) = &page.next {
            map.str("NextToken").str(token);
        }
    })
}

fn alarm(map: &mut Encoder, account: &Account, call: &Call<'_>, index: usize) {
    let item = account.item("alarm", call.region, index);
    let (region, owner, name) = (call.region, call.account, alarm_name(index));
    let state = item.pick("state", &["OK", "OK", "OK", "ALARM", "INSUFFICIENT_DATA"]);
    let topics = [
        TOPICS[0], TOPICS[0], TOPICS[1], TOPICS[2], "", RECOVER, FUNCTION,
    ];
    let actions = match item.pick("topic", &topics) {
        "" => Vec::new(),
        RECOVER => vec![format!("arn:aws:automate:{region}:ec2:recover")],
        FUNCTION => vec![format!("arn:aws:lambda:{region}:{owner}:function:deleted")],
        topic => vec![format!("arn:aws:sns:{region}:{owner}:{topic}")],
    };
    map.begin_map();
    map.str("AlarmName").str(&name);
    let arn = format!("arn:aws:cloudwatch:{region}:{owner}:alarm:{name}");
    map.str("AlarmArn").str(&arn);
    if item.one_in(2, "runbook") {
        let text = "Runbook: https://wiki.example.com/<alarm>";
        map.str("AlarmDescription").str(text);
    }
    map.str("ActionsEnabled")
        .boolean(!item.one_in(8, "silenced"));
    cbor::texts(map, "AlarmActions", &actions);
    cbor::texts(map, "OKActions", &[]);
    cbor::texts(map, "InsufficientDataActions", &[]);
    map.str("StateValue").str(state);
    cbor::time(map, "StateUpdatedTimestamp", item.past("state", 60));
    cbor::time(map, "StateTransitionedTimestamp", item.past("state", 60));
    cbor::time(
        map,
        "AlarmConfigurationUpdatedTimestamp",
        item.past("set", 600),
    );
    if is_composite(index) {
        let rule = format!("ALARM(\"{}\")", alarm_name(index - 1));
        map.str("AlarmRule").str(&rule);
    } else {
        metric_of(map, account, call, &item);
    }
    map.end();
}

/// What an alarm watches: an instance or a database.
fn metric_of(map: &mut Encoder, account: &Account, call: &Call<'_>, item: &Item<'_>) {
    let (namespace, dimension, watched) = if item.index.is_multiple_of(2) {
        let instance = item.index % account.size.instances;
        let id = account.item("", call.region, instance).id("i");
        ("AWS/EC2", "InstanceId", id)
    } else {
        let database = item.index % account.size.databases;
        (
            "AWS/RDS",
            "DBInstanceIdentifier",
            format!("database-{database:05}"),
        )
    };
    map.str("Namespace").str(namespace);
    map.str("MetricName").str("CPUUtilization");
    map.str("Dimensions").array(1).map(2);
    map.str("Name").str(dimension).str("Value").str(&watched);
    let period = item.pick("period", &[10, 60, 300, 3600]);
    map.str("Period").integer(period);
    map.str("EvaluationPeriods")
        .integer(item.pick("periods", &[1, 3]));
    map.str("Threshold").double(80.0);
    map.str("ComparisonOperator").str("GreaterThanThreshold");
    let missing = item.pick("missing", &["missing", "breaching", "ignore"]);
    map.str("TreatMissingData").str(missing);
}

fn tags(account: &Account, call: &Call<'_>, asked: &Value) -> Answer {
    let arn = asked["ResourceARN"].as_str().unwrap_or_default();
    let index = arn.rsplit('-').next().and_then(|n| n.parse::<usize>().ok());
    let Some(index) = index.filter(|n| *n < account.size.alarms) else {
        return refuse(call, "ResourceNotFoundException");
    };
    let tags = account.item("alarm", call.region, index).tags();
    cbor::respond(StatusCode::OK, |map| {
        map.str("Tags").array(tags.len());
        for (key, value) in &tags {
            map.map(2).str("Key").str(key).str("Value").str(value);
        }
    })
}

fn metric_data(account: &Account, call: &Call<'_>, asked: &Value) -> Option<Answer> {
    let queries = asked["MetricDataQueries"].as_array()?;
    let period = number(&queries.first()?["MetricStat"]["Period"])?;
    let (start, end) = (asked["StartTime"].as_i64()?, asked["EndTime"].as_i64()?);
    let points = number(&(end - start).into())? / period;
    let most = number(&asked["MaxDatapoints"]).unwrap_or(DATAPOINTS);
    let token = asked["NextToken"].as_str();
    let Some(page) = Page::of(queries.len(), most / points.max(1), token) else {
        return Some(refuse(call, "InvalidNextToken"));
    };
    Some(cbor::respond(StatusCode::OK, |map| {
        map.str("MetricDataResults").array(page.range.len());
        for query in &queries[page.range.clone()] {
            series(map, account, query, start, period, points);
        }
        if let Some(token) = &page.next {
            map.str("NextToken").str(token);
        }
    }))
}

/// The values of one metric, the oldest first. What has nothing to count reports nothing.
fn series(
    map: &mut Encoder,
    account: &Account,
    query: &Value,
    start: i64,
    period: usize,
    points: usize,
) {
    let metric = &query["MetricStat"]["Metric"];
    let name = metric["MetricName"].as_str().unwrap_or_default();
    let whose = metric["Dimensions"][0]["Value"]
        .as_str()
        .unwrap_or_default();
    // All metrics of one resource tell the same story.
    let load = account.item("metric", whose, 0).draw("load", 3);
    let values = METRICS.iter().find(|(known, _)| *known == name);
    let value = values.map(|(_, values)| values[load]);
    let silent = value.is_none() || (load == 0 && metric["Namespace"] == "AWS/Lambda");
    let points = if silent { 0 } else { points };
    map.map(5);
    map.str("Id").str(query["Id"].as_str().unwrap_or_default());
    map.str("Label").str(name);
    map.str("StatusCode").str("Complete");
    map.str("Timestamps").array(points);
    let step = i64::try_from(period).expect("a day at most");
    for point in (0..).take(points) {
        map.timestamp(&DateTime::from_secs(start + point * step));
    }
    map.str("Values").array(points);
    for point in (0_u8..24).cycle().take(points) {
        // A wave of a tenth over the day.
        let wave = 0.95 + f64::from(point) / 240.0;
        map.double(value.unwrap_or_default() * wave);
    }
}
