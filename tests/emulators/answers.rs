//! Every operation that is called by its model, asked by our client and by botocore: both have to have
//! the same answer.

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sixpillars::aws::dynamic::{DynamicClient, DynamicService};
use sixpillars::aws::http::Network;
use sixpillars::aws::session::{self, Login, Regions, Session};
use sixpillars::kinds::load;
use sixpillars::kinds::model::{Operation, Projection, ServiceModel, ShapeKind};
use sixpillars::model::{Call, Price};
use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::sync::Arc;

const REGION: &str = "eu-west-1";
const ACCOUNT: &str = "123456789012";
/// Inputs that one operation is asked with.
const INPUTS: usize = 3;

/// An operation whose answers differ.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Different {
    /// `service:Operation`.
    operation: String,
    /// Why that is no fault of the client.
    #[allow(dead_code, reason = "for people, and required")]
    why: String,
    /// Whether the answers may also agree, on another machine or at another moment.
    #[serde(default)]
    sometimes: bool,
}

/// Those of `different.yaml`.
fn different() -> Vec<Different> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/emulators/different.yaml"
    );
    let text = std::fs::read_to_string(path).unwrap();
    yaml_serde::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The operations of each service that files declare, without those that write.
fn reads() -> Vec<(&'static DynamicService, BTreeSet<String>)> {
    let services = load::all().services.values();
    services
        .map(|service| {
            let operations = service.model.operations().map(|operation| &operation.name);
            let reads = operations.filter(|name| !service.file.writes.contains(name));
            (DynamicService::declared(service), reads.cloned().collect())
        })
        .collect()
}

/// A session at the emulators that may call all of these.
async fn session(reads: &[(&'static DynamicService, BTreeSet<String>)]) -> Session {
    let calls = reads.iter().flat_map(|(service, operations)| {
        let service = service.name.as_str();
        operations.iter().map(move |operation| -> &'static Call {
            Box::leak(Box::new(Call {
                service,
                operation: String::leak(operation.clone()),
                action: service,
                price: Price::Free,
                absent: &[],
                only_for: None,
                shared: false,
            }))
        })
    });
    let gate = session::gate(Some(0.0), calls);
    let regions = Regions::Named(vec![REGION.to_owned()]);
    let network = Network::from_env().unwrap();
    Box::pin(session::open(&Login::default(), &regions, &network, &gate))
        .await
        .unwrap()
}

/// What answers so far have said, by the names that inputs give it.
#[derive(Default)]
struct Known(BTreeMap<String, Vec<Value>>);

impl Known {
    /// `{"TopicArn": …}` tells topic ARNs, `{"TableNames": […]}` table names, `{"Functions": [{"FunctionArn": …}]}`
    /// function ARNs, which may also be meant where any resource is.
    fn learn(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    match value {
                        Value::String(_) => self.add(name, value),
                        Value::Array(items) => {
                            let one = name.strip_suffix('s').unwrap_or(name);
                            items
                                .iter()
                                .filter(|item| item.is_string())
                                .for_each(|item| self.add(one, item));
                        }
                        _ => {}
                    }
                    self.learn(value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            _ => {}
        }
    }

    fn add(&mut self, name: &str, value: &Value) {
        // botocore asks for a zone by its number alone, as kinds do.
        let short = value
            .as_str()
            .and_then(|text| text.strip_prefix("/hostedzone/"));
        let value = &short.map_or_else(|| value.clone(), Value::from);
        let mut names = vec![name.to_lowercase()];
        if value.as_str().is_some_and(|text| text.starts_with("arn:")) {
            names.extend(["resource", "resourcearn", "arn"].map(ToOwned::to_owned));
        }
        for name in names {
            let values = self.0.entry(name).or_default();
            if values.len() < INPUTS && !values.contains(value) {
                values.push(value.clone());
            }
        }
    }

    /// The inputs of an operation: what it requires, of what is known; none where something is not.
    fn inputs(&self, model: &ServiceModel, operation: &Operation) -> Vec<Map<String, Value>> {
        let input = operation.input.and_then(|input| model.structure(input));
        let mut inputs = vec![Map::new()];
        for name in input.map_or(&[][..], |input| &input.required) {
            let member = input.and_then(|input| input.member(name)).unwrap();
            let shape = model.shape(member.shape);
            let (is_list, shape) = match &shape.kind {
                ShapeKind::List(item) => (true, model.shape(item.shape)),
                _ => (false, shape),
            };
            let values = match &shape.kind {
                ShapeKind::String { values } if !values.is_empty() => {
                    values.iter().map(|value| json!(value)).collect()
                }
                ShapeKind::String { .. } if name == "AccountId" => vec![json!(ACCOUNT)],
                ShapeKind::String { .. } => {
                    let one = if is_list {
                        name.strip_suffix('s').unwrap_or(name)
                    } else {
                        name
                    };
                    self.0.get(&one.to_lowercase()).cloned().unwrap_or_default()
                }
                _ => Vec::new(),
            };
            let wrapped = values
                .into_iter()
                .map(|value| if is_list { json!([value]) } else { value });
            let wrapped: Vec<Value> = wrapped.collect();
            inputs = wrapped
                .iter()
                .flat_map(|value| {
                    inputs.iter().map(move |input| {
                        let mut input = input.clone();
                        input.insert(name.clone(), value.clone());
                        input
                    })
                })
                .take(INPUTS)
                .collect();
        }
        inputs
    }
}

/// Our answer, in the form that `localstack/ask.py` gives botocore's.
async fn ours(client: &DynamicClient, operation: &str, input: Map<String, Value>) -> Value {
    match client.call(operation, input, &Projection::All).await {
        Ok(answer) => json!({"answer": answer}),
        Err(error) => match error.as_service_error() {
            Some(error) => match error.code() {
                Some(code) => json!({"error": code}),
                None => json!({"error": error.status().to_string()}),
            },
            None => json!({"unread": format!("{error:?}")}),
        },
    }
}

/// Where two answers differ; an empty list and none are one answer in XML.
fn differences(ours: &Value, theirs: &Value, at: &str, found: &mut Vec<String>) {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for name in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
                let side =
                    |members: &Map<String, Value>| members.get(name).cloned().unwrap_or_default();
                differences(&side(ours), &side(theirs), &format!("{at}.{name}"), found);
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                differences(ours, theirs, &format!("{at}[{index}]"), found);
            }
        }
        _ if is_empty(ours) && is_empty(theirs) || ours == theirs || same_moment(ours, theirs) => {}
        _ => found.push(format!("{at}: ours {ours}, botocore's {theirs}")),
    }
}

/// Whether neither client can make anything of what an emulator says that does not serve an operation: no
/// code, an HTML page, a closed connection, an internal error, after some of which ours asks no more.
/// botocore calls an error by its status then.
fn is_not_served(ours: &Value, theirs: &Value) -> bool {
    let senseless = |told: &Value| {
        let code = told["error"].as_str();
        told.get("unread").is_some()
            || code.is_some_and(|code| {
                code.is_empty() || code.parse::<u16>().is_ok() || code.starts_with("Internal")
            })
    };
    senseless(ours) && senseless(theirs)
}

/// Whether two moments are the same: botocore counts in microseconds. Where an emulator answers with the
/// present moment, they are both of these minutes.
fn same_moment(ours: &Value, theirs: &Value) -> bool {
    let moment = |value: &Value| value.as_str()?.parse::<jiff::Timestamp>().ok();
    let now = jiff::Timestamp::now();
    let is_present = |at: jiff::Timestamp| now.duration_since(at).abs().as_mins() < 5;
    match (moment(ours), moment(theirs)) {
        (Some(ours), Some(theirs)) => {
            ours.duration_since(theirs).abs().as_micros() <= 1
                || is_present(ours) && is_present(theirs)
        }
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the emulators: make emulators"]
async fn each_operation_has_the_answer_that_botocore_has() {
    let Some(python) = std::env::var_os("SIXPILLARS_BOTOCORE") else {
        eprintln!("LEFT OUT: there is no botocore beside emulators in a container");
        return;
    };
    let reads = reads();
    let session = Box::pin(session(&reads)).await;
    // An emulator that fails fails again.
    let clients = Arc::into_inner(session.clients).unwrap().with_attempts(1);
    let each = reads.iter().map(|(service, operations)| {
        let service = *service;
        asked(service, clients.dynamic(service, REGION), operations)
    });
    let told: Vec<Told> = stream::iter(each).buffered(8).collect().await;
    let left: Vec<String> = told.iter().flat_map(|told| told.left.clone()).collect();
    let calls: Vec<(Value, Value)> = told.into_iter().flat_map(|told| told.calls).collect();
    let asked: Vec<&Value> = calls.iter().map(|(call, _)| call).collect();
    let theirs = botocore(&python, &asked);
    let listed = different();
    let mut counts = BTreeMap::new();
    let mut count = |what: &'static str| *counts.entry(what).or_insert(0) += 1;
    let (mut wrong, mut differs) = (Vec::new(), BTreeSet::new());
    for ((call, ours), theirs) in calls.iter().zip(&theirs) {
        let text = |key: &str| call[key].as_str().unwrap();
        let name = format!("{}:{}", text("service"), text("operation"));
        let mut found = Vec::new();
        differences(ours, theirs, "", &mut found);
        if is_not_served(ours, theirs) {
            count("not served");
        } else if found.is_empty() {
            let is_answer = ours.get("answer").is_some();
            count(if is_answer {
                "equal answers"
            } else {
                "equal errors"
            });
        } else {
            count("different");
            if !listed.iter().any(|known| known.operation == name) {
                wrong.push(format!(
                    "{name} {}\n  {}",
                    call["input"],
                    found.join("\n  ")
                ));
            }
            differs.insert(name);
        }
    }
    eprintln!(
        "{} calls: {counts:?}; nothing to ask with: {left:?}",
        calls.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let stale = listed.iter().filter(|known| !known.sometimes);
    let stale = stale.map(|known| &known.operation);
    let stale: Vec<&String> = stale.filter(|name| !differs.contains(*name)).collect();
    assert!(stale.is_empty(), "they do not differ: {stale:?}");
    assert!(counts["equal answers"] > 100, "{counts:?}");
}

/// What a service was asked and how our client understood the answers, and what could not be asked.
struct Told {
    calls: Vec<(Value, Value)>,
    left: Vec<String>,
}

/// Asks all operations of a service that there is something to ask with. What lists tell, others ask for.
async fn asked(
    service: &'static DynamicService,
    client: DynamicClient,
    operations: &BTreeSet<String>,
) -> Told {
    let (mut calls, mut known) = (Vec::new(), Known::default());
    let mut open = operations.clone();
    loop {
        let before = open.len();
        for name in open.clone() {
            let operation = service.model.operation(&name).unwrap();
            let inputs = known.inputs(service.model, operation);
            if inputs.is_empty() {
                continue;
            }
            open.remove(&name);
            for input in inputs {
                let answer = ours(&client, &name, input.clone()).await;
                known.learn(&answer);
                let call = json!({
                    "service": service.model.service, "region": REGION, "operation": name, "input": input,
                });
                calls.push((call, answer));
            }
        }
        if open.is_empty() || open.len() == before {
            let left = open.iter().map(|name| format!("{}:{name}", service.name));
            return Told {
                calls,
                left: left.collect(),
            };
        }
    }
}

/// botocore's answers to the same calls.
fn botocore(python: &std::ffi::OsStr, asked: &[&Value]) -> Vec<Value> {
    let mut child = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/localstack/ask.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    serde_json::to_writer(child.stdin.take().unwrap(), &asked).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}
