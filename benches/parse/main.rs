//! What reading large answers costs: by a model beside the SDK's own crates, in each form that AWS
//! answers in. Both go all the way from a call to the answer, through the same gate; only the network
//! is left out.
//!
//! The models are those that `kinds/generate_models.py --print` prints.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]
#![allow(clippy::print_stdout, reason = "the figures are for people")]

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_cbor::Encoder;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::body::SdkBody;
use criterion::Criterion;
use serde_json::{Map, Value, json};
use sixpillars::aws::Clients;
use sixpillars::aws::dynamic::{DynamicClient, DynamicService};
use sixpillars::aws::throttle::gate::Gate;
use sixpillars::kinds::model::{Projection, ServiceModel};
use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const REGION: &str = "us-east-1";
/// Resources in one answer; of metrics, values.
const MANY: usize = 2_000;
/// How much longer reading by a model may take than by the crate.
const LIMIT: f64 = 1.0;
/// What two runs of the same differ by.
const NOISE: f64 = 0.1;
/// Runs of which the fastest counts.
const RUNS: usize = 15;

/// Answers every request with the same body.
#[derive(Debug, Clone)]
struct Canned {
    kind: &'static str,
    body: Vec<u8>,
}

impl HttpConnector for Canned {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let status = 200.try_into().unwrap();
        let mut response = HttpResponse::new(status, SdkBody::from(self.body.clone()));
        response.headers_mut().insert("content-type", self.kind);
        response
            .headers_mut()
            .insert("smithy-protocol", "rpc-v2-cbor");
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl HttpClient for Canned {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn clients(canned: Canned, operations: &[(&str, &str)]) -> Clients {
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "x", None, None, "bench");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url("http://127.0.0.1:1")
        .http_client(SharedHttpClient::new(canned))
        .build();
    let allowed = operations.iter();
    let allowed =
        allowed.map(|(service, operation)| ((*service).to_owned(), (*operation).to_owned()));
    Clients::new(config, "111122223333", Gate::new(Some(0.0), allowed), false)
}

fn service(name: &str, model: &str) -> &'static DynamicService {
    let model = ServiceModel::parse(model, None).unwrap();
    DynamicService::new(name, Box::leak(Box::new(model)))
}

/// The fastest of some runs.
fn best(run: impl Fn()) -> Duration {
    let times = (0..RUNS).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    times.min().unwrap()
}

/// One form of answers, read by a crate and by a model.
struct Rival<'r> {
    name: &'static str,
    megabytes: f64,
    by_crate: Box<dyn Fn() + 'r>,
    by_model: Box<dyn Fn() + 'r>,
    /// By a model, of the members that a kind reads: as scans do.
    in_part: Box<dyn Fn() + 'r>,
    /// Whether the limit holds for all members too. It cannot where most of them are timestamps in binary: a
    /// document has each as a text of its own, and the crate leaves them numbers.
    is_held_whole: bool,
}

fn call(
    runtime: &Runtime,
    client: &DynamicClient,
    operation: &str,
    input: Map<String, Value>,
    keep: &Projection,
    items: &str,
) {
    let answer = runtime
        .block_on(client.call(operation, input, keep))
        .unwrap();
    assert_eq!(answer[items].as_array().unwrap().len(), MANY);
    black_box(answer);
}

fn megabytes(body: &[u8]) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a length in memory")]
    let bytes = body.len() as f64;
    bytes / 1e6
}

/// The query protocol's XML: what RDS describes.
fn databases() -> Vec<u8> {
    let mut xml =
        "<DescribeDBInstancesResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">\
                   <DescribeDBInstancesResult><DBInstances>"
            .to_owned();
    for at in 0..MANY {
        // Writing to a string does not fail.
        let _ = write!(
            xml,
            "<DBInstance><DBInstanceIdentifier>orders-{at:05}</DBInstanceIdentifier><DBInstanceClass>db.r6g.large\
             </DBInstanceClass><Engine>postgres</Engine><DBInstanceStatus>available</DBInstanceStatus>\
             <MasterUsername>owner</MasterUsername><Endpoint><Address>orders-{at:05}.abc.us-east-1.rds.amazonaws.com\
             </Address><Port>5432</Port></Endpoint><AllocatedStorage>100</AllocatedStorage>\
             <InstanceCreateTime>2026-01-31T12:00:00.123Z</InstanceCreateTime><PreferredBackupWindow>03:00-04:00\
             </PreferredBackupWindow><BackupRetentionPeriod>7</BackupRetentionPeriod><VpcSecurityGroups>\
             <VpcSecurityGroupMembership><VpcSecurityGroupId>sg-0a</VpcSecurityGroupId><Status>active</Status>\
             </VpcSecurityGroupMembership></VpcSecurityGroups><AvailabilityZone>us-east-1a</AvailabilityZone>\
             <MultiAZ>true</MultiAZ><EngineVersion>17.4</EngineVersion><AutoMinorVersionUpgrade>true\
             </AutoMinorVersionUpgrade><PubliclyAccessible>false</PubliclyAccessible><StorageType>gp3</StorageType>\
             <StorageEncrypted>true</StorageEncrypted><DbiResourceId>db-{at}</DbiResourceId><DBInstanceArn>\
             arn:aws:rds:us-east-1:111122223333:db:orders-{at:05}</DBInstanceArn><DeletionProtection>true\
             </DeletionProtection><TagList><Tag><Key>team</Key><Value>shop &amp; stock</Value></Tag></TagList></DBInstance>"
        );
    }
    xml += "</DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>";
    xml.into_bytes()
}

/// CBOR: what CloudWatch has of metrics.
fn metrics() -> Vec<u8> {
    let mut cbor = Encoder::new(Vec::new());
    cbor.map(1).str("MetricDataResults").array(MANY);
    for at in 0..MANY {
        cbor.map(5)
            .str("Id")
            .str(&format!("m{at}"))
            .str("Label")
            .str("CPUUtilization");
        cbor.str("StatusCode")
            .str("Complete")
            .str("Timestamps")
            .array(14);
        for day in 0..14 {
            cbor.timestamp(&DateTime::from_secs(1_769_860_800 + day * 86_400));
        }
        cbor.str("Values").array(14);
        for day in 0..14 {
            cbor.double(0.1 * f64::from(day));
        }
    }
    cbor.into_writer()
}

fn rivals(runtime: &Runtime) -> Vec<Rival<'_>> {
    vec![xml(runtime), cbor(runtime)]
}

fn xml(runtime: &Runtime) -> Rival<'_> {
    let body = databases();
    let megabytes_of = megabytes(&body);
    let answer = Canned {
        kind: "text/xml",
        body,
    };
    let aws = clients(answer, &[("rds", "DescribeDBInstances")]);
    let (by_crate, by_model) = (
        aws.rds(REGION),
        aws.dynamic(service("rds", include_str!("rds.json")), REGION),
    );
    let part = Projection::of([
        "DBInstances.DBInstanceArn",
        "DBInstances.MultiAZ",
        "DBInstances.Engine",
    ]);
    let partial = by_model.clone();
    Rival {
        is_held_whole: true,
        name: "XML, rds DescribeDBInstances",
        megabytes: megabytes_of,
        by_crate: Box::new(move || {
            let answer = runtime
                .block_on(by_crate.describe_db_instances().send())
                .unwrap();
            assert_eq!(answer.db_instances().len(), MANY);
            black_box(answer);
        }),
        by_model: Box::new(move || {
            call(
                runtime,
                &by_model,
                "DescribeDBInstances",
                Map::new(),
                &Projection::All,
                "DBInstances",
            );
        }),
        in_part: Box::new(move || {
            call(
                runtime,
                &partial,
                "DescribeDBInstances",
                Map::new(),
                &part,
                "DBInstances",
            );
        }),
    }
}

fn cbor(runtime: &Runtime) -> Rival<'_> {
    let body = metrics();
    let megabytes_of = megabytes(&body);
    let answer = Canned {
        kind: "application/cbor",
        body,
    };
    let aws = clients(answer, &[("cloudwatch", "GetMetricData")]);
    let (by_crate, by_model) = (
        aws.cloudwatch(REGION),
        aws.dynamic(
            service("cloudwatch", include_str!("cloudwatch.json")),
            REGION,
        ),
    );
    let part = Projection::of(["MetricDataResults.Id", "MetricDataResults.Values"]);
    let partial = by_model.clone();
    let input = json!({"MetricDataQueries": [], "StartTime": 0, "EndTime": 1});
    let input = input.as_object().cloned().unwrap();
    let same = input.clone();
    Rival {
        is_held_whole: false,
        name: "CBOR, cloudwatch GetMetricData",
        megabytes: megabytes_of,
        by_crate: Box::new(move || {
            let request = by_crate
                .get_metric_data()
                .set_metric_data_queries(Some(Vec::new()))
                .start_time(DateTime::from_secs(0))
                .end_time(DateTime::from_secs(1));
            let answer = runtime.block_on(request.send()).unwrap();
            assert_eq!(answer.metric_data_results().len(), MANY);
            black_box(answer);
        }),
        by_model: Box::new(move || {
            let all = &Projection::All;
            call(
                runtime,
                &by_model,
                "GetMetricData",
                input.clone(),
                all,
                "MetricDataResults",
            );
        }),
        in_part: Box::new(move || {
            call(
                runtime,
                &partial,
                "GetMetricData",
                same.clone(),
                &part,
                "MetricDataResults",
            );
        }),
    }
}

fn main() {
    let runtime = Runtime::new().unwrap();
    let rivals = rivals(&runtime);
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let mut slower = Vec::new();
    println!(
        "| answer | size | by its crate | members of a kind alone | of the crate's time | all members |"
    );
    println!("|---|---:|---:|---:|---:|---:|");
    for rival in &rivals {
        let [by_crate, by_model, in_part] = [&rival.by_crate, &rival.by_model, &rival.in_part]
            .map(|run| best(run).as_secs_f64() * 1e3);
        let ratio = in_part / by_crate;
        println!(
            "| {} | {:.1} MB | {by_crate:.1} ms | {in_part:.1} ms | {ratio:.2} × | {by_model:.1} ms |",
            rival.name, rival.megabytes
        );
        let held = [
            ("members of a kind", in_part, true),
            ("all members", by_model, rival.is_held_whole),
        ];
        for (what, took, is_held) in held {
            let ratio = took / by_crate;
            if is_held && ratio > LIMIT + NOISE {
                slower.push(format!(
                    "{}, {what}: {ratio:.2} × the crate's time",
                    rival.name
                ));
            }
        }
        let mut group = criterion.benchmark_group(rival.name);
        group.bench_function("crate", |bencher| bencher.iter(&rival.by_crate));
        group.bench_function("model", |bencher| bencher.iter(&rival.by_model));
        group.bench_function("in part", |bencher| bencher.iter(&rival.in_part));
        group.finish();
    }
    assert!(
        slower.is_empty(),
        "slower than {LIMIT} ×:\n{}",
        slower.join("\n")
    );
    criterion.final_summary();
}
