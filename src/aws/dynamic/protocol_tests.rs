//! botocore's protocol suite: each input must give the right request, each response the right output.
//!
//! The suite is not part of the project: `SIXPILLARS_PEER_TESTS` names its folder. Without it, the tests
//! print that they were left out.
//!
//! The file is long because requests and answers of all protocols go through one reader and one comparison.

#![allow(clippy::struct_field_names, reason = "the names of the suite")]

use super::codec::{Answer, Codec, Request};
use super::error::ServiceError;
use super::output::Kept;
use super::service::DynamicService;
use crate::kinds::model::{ServiceModel, ShapeIndex, ShapeKind};
use aws_smithy_cbor::Decoder;
use aws_smithy_cbor::data::Type;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SerializeRequest};
use aws_smithy_schema::protocol::ServiceShapeName;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_smithy_types::endpoint::Endpoint;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Input cases of the suite that must fail, each with its reason.
const LEFT_OUT: &[(&str, &str)] = &[
    ("SDKAppliedContentEncoding_awsJson1_1", COMPRESSED),
    (
        "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1",
        COMPRESSED,
    ),
    ("SDKAppliedContentEncoding_awsJson1_0", COMPRESSED),
    (
        "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0",
        COMPRESSED,
    ),
    ("SDKAppliedContentEncoding_awsQuery", COMPRESSED),
    (
        "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery",
        COMPRESSED,
    ),
    ("SDKAppliedContentEncoding_restJson1", COMPRESSED),
    ("SDKAppendedGzipAfterProvidedEncoding_restJson1", COMPRESSED),
    ("SDKAppliedContentEncoding_restXml", COMPRESSED),
    ("SDKAppendedGzipAfterProvidedEncoding_restXml", COMPRESSED),
    ("RestXmlHttpPayloadWithUnion", PAYLOAD_NAME),
    ("HttpPayloadWithXmlName", PAYLOAD_NAME),
    ("HttpPayloadWithXmlNamespace", PAYLOAD_NAME),
    ("HttpPayloadWithXmlNamespaceAndPrefix", PAYLOAD_NAME),
    ("XmlAttributesOnPayload", PAYLOAD_NAME),
    ("RestJsonHttpChecksumRequired", CHECKSUM),
    ("DocumentTypeAsPayloadInput", DOCUMENT),
    ("DocumentTypeAsPayloadInputString", DOCUMENT),
];

/// No request of this program is large enough to be worth it.
const COMPRESSED: &str = "requests are not compressed";
/// botocore's models do not distinguish a name given to the member from the name of its element. In models of
/// real services it is the element's. botocore leaves these cases out too.
const PAYLOAD_NAME: &str = "the model does not say what the element is called";
/// Such operations are refused before they are called.
const CHECKSUM: &str = "operations that want a checksum are not called";
/// The SDK's protocol would send nothing. botocore leaves these cases out too.
const DOCUMENT: &str = "operations that send nothing but a document are not called";

/// The protocols that are supported; EC2 has its own crate.
const PROTOCOLS: [&str; 9] = [
    "json",
    "json_1_0",
    "json_1_0-query-compatible",
    "query",
    "rest-json",
    "rest-xml",
    "smithy-rpc-v2-cbor",
    "smithy-rpc-v2-cbor-query-compatible",
    "smithy-rpc-v2-cbor-non-query-compatible",
];

fn folder() -> Option<PathBuf> {
    let peers = std::env::var_os("SIXPILLARS_PEER_TESTS")?;
    Some(PathBuf::from(peers).join("botocore").join("protocols"))
}

/// Runs every case of one side, `input` or `output`. `run` returns the problem of a case.
fn every_case(side: &str, run: impl Fn(&Case) -> Result<(), String>) {
    let Some(folder) = folder() else {
        eprintln!("LEFT OUT: SIXPILLARS_PEER_TESTS does not name the folder of botocore's suite");
        return;
    };
    let (mut passed, mut problems) = (0, Vec::new());
    for protocol in PROTOCOLS {
        let text = std::fs::read_to_string(folder.join(format!("{side}-{protocol}.json"))).unwrap();
        let suites: Vec<Value> = serde_json::from_str(&text).unwrap();
        for suite in &suites {
            for case in suite["cases"].as_array().unwrap() {
                let id = case["id"].as_str().unwrap();
                let mut left_out = LEFT_OUT.iter().filter(|_| side == "input");
                let reason = left_out.find(|(left_out, _)| *left_out == id);
                match (run(&Case::new(suite, case)), reason) {
                    (Ok(()), None) => passed += 1,
                    (Err(_), Some(_)) => {}
                    (Ok(()), Some(_)) => {
                        problems.push(format!("{id} passes: take it off the list"));
                    }
                    (Err(problem), None) => problems.push(format!("{protocol} {id}: {problem}")),
                }
            }
        }
    }
    eprintln!("{side}: {passed} cases pass");
    assert!(
        problems.is_empty(),
        "{} of them:\n{}",
        problems.len(),
        problems.join("\n")
    );
    assert!(passed > 200, "{passed}");
}

struct Case<'c> {
    endpoint: Option<String>,
    case: &'c Value,
    codec: Codec,
    cfg: ConfigBag,
}

impl<'c> Case<'c> {
    fn new(suite: &Value, case: &'c Value) -> Self {
        let given = &case["given"];
        let mut metadata = suite["metadata"].clone();
        for key in ["serviceId", "endpointPrefix"] {
            if metadata[key].is_null() {
                metadata[key] = "suite".into();
            }
        }
        let name = given["name"].as_str().unwrap();
        let document = json!({
            "metadata": metadata, "operations": {name: given}, "shapes": suite["shapes"],
        });
        let model = ServiceModel::parse(&document.to_string(), None).unwrap();
        let service = DynamicService::new("suite", Box::leak(Box::new(model)));
        let mut layer = Layer::new("suite");
        layer.store_put(Metadata::new(name.to_owned(), "suite"));
        layer.store_put(ServiceShapeName::new(
            service.model.target_prefix.clone().unwrap_or_default(),
        ));
        Self {
            endpoint: suite["clientEndpoint"].as_str().map(ToOwned::to_owned),
            case,
            codec: Codec {
                service,
                operation: service.model.operation(name).unwrap(),
                schema: service.schemas.operation(name).unwrap(),
                kept: Kept::All,
                host_prefix: true,
            },
            cfg: ConfigBag::of_layers(vec![layer]),
        }
    }

    /// A value of the suite in our form: blobs in Base64, timestamps in RFC 3339, nulls left out.
    fn ours(&self, shape: Option<ShapeIndex>, value: &Value) -> Value {
        let Some(index) = shape else {
            return value.clone();
        };
        match (&self.codec.service.model.shape(index).kind, value) {
            (ShapeKind::Structure(structure), Value::Object(members)) => {
                let members = members.iter().filter(|(_, value)| !value.is_null());
                let member = |(name, value): (&String, &Value)| {
                    let member = structure.member(name);
                    (
                        name.clone(),
                        self.ours(member.map(|member| member.shape), value),
                    )
                };
                Value::Object(members.map(member).collect())
            }
            (ShapeKind::List(item), Value::Array(items)) => items
                .iter()
                .map(|value| self.ours(Some(item.shape), value))
                .collect(),
            (ShapeKind::Map { value: item, .. }, Value::Object(entries)) => {
                let entries = entries.iter();
                let entry = |(key, value): (&String, &Value)| {
                    (key.clone(), self.ours(Some(item.shape), value))
                };
                Value::Object(entries.map(entry).collect())
            }
            (ShapeKind::Blob, Value::String(text)) => STANDARD.encode(text).into(),
            (ShapeKind::Timestamp, Value::Number(seconds)) => {
                #[expect(clippy::cast_possible_truncation, reason = "times of our age")]
                let millis = (seconds.as_f64().unwrap() * 1000.0).round() as i64;
                jiff::Timestamp::from_millisecond(millis)
                    .unwrap()
                    .to_string()
                    .into()
            }
            _ => value.clone(),
        }
    }
}

#[test]
fn every_input_gives_the_right_request() {
    every_case("input", |case| {
        let input = case.codec.operation.input;
        let params = case.ours(input, &case.case["params"]);
        let params = params.as_object().cloned().unwrap_or_default();
        let mut cfg = ConfigBag::of_layers(vec![]);
        let mut layer = Layer::new("case");
        layer.store_put(case.cfg.load::<Metadata>().unwrap().clone());
        layer.store_put(case.cfg.load::<ServiceShapeName>().unwrap().clone());
        cfg.push_layer(layer);
        let request = case
            .codec
            .serialize_input(Input::erase(Request(params)), &mut cfg);
        let mut request = request.map_err(|error| error.to_string())?;
        let endpoint = case.endpoint.as_deref();
        let endpoint = Endpoint::builder()
            .url(endpoint.unwrap_or("https://example.com").to_owned())
            .build();
        let protocol = &case.codec.service.protocol;
        protocol
            .update_endpoint(&mut request, &endpoint, &cfg)
            .map_err(|error| error.to_string())?;
        let any_order = case.case["id"].as_str().unwrap().contains("Map");
        same_request(&request, &case.case["serialized"], any_order)
    });
}

fn same_request(request: &HttpRequest, wanted: &Value, any_order: bool) -> Result<(), String> {
    let differs = |what: &str, ours: &dyn std::fmt::Debug, wanted: &dyn std::fmt::Debug| {
        Err(format!("{what}\n  ours   {ours:?}\n  wanted {wanted:?}"))
    };
    let uri: http::Uri = request.uri().parse().unwrap();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    if let Some(wanted) = wanted["uri"].as_str()
        && query(path) != query(wanted)
    {
        return differs("uri", &path, &wanted);
    }
    if let Some(wanted) = wanted["method"].as_str()
        && request.method() != wanted
    {
        return differs("method", &request.method(), &wanted);
    }
    if let Some(wanted) = wanted["host"].as_str() {
        let wanted = wanted.split('/').next().unwrap_or_default();
        let host = uri.host().unwrap_or_default();
        if host != wanted {
            return differs("host", &host, &wanted);
        }
    }
    for (name, value) in wanted["headers"].as_object().into_iter().flatten() {
        let ours = request.headers().get(name);
        if ours != value.as_str() {
            return differs(name, &ours, &value);
        }
    }
    for name in wanted["forbidHeaders"].as_array().into_iter().flatten() {
        if let Some(ours) = request.headers().get(name.as_str().unwrap()) {
            return differs("header that must not be there", &(name, ours), &"nothing");
        }
    }
    for name in wanted["requireHeaders"].as_array().into_iter().flatten() {
        if request.headers().get(name.as_str().unwrap()).is_none() {
            return differs("header", &"nothing", name);
        }
    }
    let Some(wanted) = wanted["body"].as_str() else {
        return Ok(());
    };
    let ours = request.body().bytes().unwrap_or_default();
    let kind = request.headers().get("content-type").unwrap_or_default();
    let same = match kind {
        _ if wanted.is_empty() => ours.is_empty(),
        "application/cbor" => {
            let wanted = STANDARD.decode(wanted).unwrap();
            cbor(&mut Decoder::new(ours)) == cbor(&mut Decoder::new(&wanted))
        }
        "application/xml" => {
            tree(std::str::from_utf8(ours).unwrap(), any_order) == tree(wanted, any_order)
        }
        "application/x-www-form-urlencoded" => {
            query(&format!("?{}", String::from_utf8_lossy(ours))) == query(&format!("?{wanted}"))
        }
        _ if kind.contains("json") => {
            let parsed = |text: &[u8]| serde_json::from_slice::<Value>(text).ok();
            parsed(ours).map(numbers) == parsed(wanted.as_bytes()).map(numbers)
        }
        _ => ours == wanted.as_bytes(),
    };
    if same {
        return Ok(());
    }
    differs("body", &String::from_utf8_lossy(ours), &wanted)
}

/// The path and the sorted parameters, with every random token replaced by the suite's.
fn query(uri: &str) -> (String, Vec<String>) {
    let token = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
    let token = regex::Regex::new(token).unwrap();
    let uri = token.replace_all(uri, "00000000-0000-4000-8000-000000000000");
    let (path, query) = uri.split_once('?').unwrap_or((&uri, ""));
    let mut parameters: Vec<String> = query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| match parameter.split_once('=') {
            Some((_, "")) | None => format!("{}=", parameter.trim_end_matches('=')),
            Some(_) => parameter.replace('+', "%20"),
        })
        .collect();
    parameters.sort();
    (path.to_owned(), parameters)
}

/// Makes 1 and 1.0 the same number.
fn numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.into_iter().map(numbers).collect(),
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, value)| (key, numbers(value)))
            .collect(),
        other => other,
    }
}

/// XML without what has no meaning: prefixes, the order of attributes and of elements with different names,
/// whitespace between elements.
fn tree(text: &str, any_order: bool) -> Value {
    fn node(element: roxmltree::Node<'_, '_>, any_order: bool) -> Value {
        let attributes: BTreeMap<String, &str> = element
            .attributes()
            .map(|attribute| {
                (
                    format!("{:?}{}", attribute.namespace(), attribute.name()),
                    attribute.value(),
                )
            })
            .collect();
        let mut children: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for child in element.children().filter(roxmltree::Node::is_element) {
            let name = format!(
                "{:?}{}",
                child.tag_name().namespace(),
                child.tag_name().name()
            );
            children
                .entry(name)
                .or_default()
                .push(node(child, any_order));
        }
        if any_order {
            for items in children.values_mut() {
                items.sort_by_key(Value::to_string);
            }
        }
        let text = if children.is_empty() {
            element.text().unwrap_or_default()
        } else {
            ""
        };
        json!({"attributes": attributes, "children": children, "text": text})
    }
    match roxmltree::Document::parse(text) {
        Ok(document) => {
            let root = document.root_element();
            json!([
                root.tag_name().name(),
                root.tag_name().namespace(),
                node(root, any_order)
            ])
        }
        Err(error) => json!(format!("{error}: {text}")),
    }
}

fn cbor(from: &mut Decoder<'_>) -> Value {
    match from.datatype().unwrap() {
        Type::Map | Type::MapIndef => {
            let length = from.map().unwrap();
            let mut entries = Map::new();
            while length.map_or_else(
                || from.datatype().unwrap() != Type::Break,
                |length| entries.len() < usize::try_from(length).unwrap(),
            ) {
                let key = from.str().unwrap().into_owned();
                entries.insert(key, cbor(from));
            }
            if length.is_none() {
                from.skip().unwrap();
            }
            Value::Object(entries)
        }
        Type::Array | Type::ArrayIndef => {
            let length = from.list().unwrap();
            let mut items = Vec::new();
            while length.map_or_else(
                || from.datatype().unwrap() != Type::Break,
                |length| items.len() < usize::try_from(length).unwrap(),
            ) {
                items.push(cbor(from));
            }
            if length.is_none() {
                from.skip().unwrap();
            }
            Value::Array(items)
        }
        Type::String | Type::StringIndef => from.string().unwrap().into(),
        Type::Bytes | Type::BytesIndef => STANDARD.encode(from.blob().unwrap().as_ref()).into(),
        Type::Bool => from.boolean().unwrap().into(),
        Type::Null => {
            from.null().unwrap();
            Value::Null
        }
        Type::F16 | Type::F32 => json!(format!("{:?}", from.float().unwrap())),
        Type::F64 => json!(format!("{:?}", from.double().unwrap())),
        Type::Tag => json!({"moment": format!("{:?}", from.timestamp().unwrap())}),
        _ => from.long().unwrap().into(),
    }
}

#[test]
fn every_answer_gives_what_is_in_it() {
    every_case("output", |case| {
        let given = &case.case["response"];
        let status = u16::try_from(given["status_code"].as_u64().unwrap()).unwrap();
        let body = given["body"].as_str().unwrap_or_default();
        let is_cbor = case.case["given"]["name"].is_string()
            && case.codec.service.model.protocol == crate::kinds::model::Protocol::Cbor;
        let body = match STANDARD.decode(body) {
            Ok(bytes) if is_cbor => bytes,
            _ => body.as_bytes().to_vec(),
        };
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        for (name, value) in given["headers"].as_object().into_iter().flatten() {
            let value = value.as_str().unwrap().to_owned();
            response.headers_mut().append(name.to_lowercase(), value);
        }
        let output = case
            .codec
            .deserialize_nonstreaming_with_config(&response, &case.cfg);
        let differs = |ours: &dyn std::fmt::Display, wanted: &dyn std::fmt::Display| {
            Err(format!(
                "\n  ours   {ours}\n  wanted {wanted}\n  body {}",
                given["body"]
            ))
        };
        if let Some(wanted) = case.case["errorCode"].as_str() {
            let Err(error) = output else {
                return Err("no error".to_owned());
            };
            let error = error
                .as_operation_error()
                .ok_or_else(|| format!("{error:?}"))?;
            let error = error.downcast_ref::<ServiceError>().unwrap();
            let message = case.case["errorMessage"].as_str();
            return match (error.code(), error.message()) {
                (Some(code), ours) if code == wanted && (message.is_none() || ours == message) => {
                    Ok(())
                }
                (code, ours) => differs(
                    &format!("{code:?} {ours:?}"),
                    &format!("{wanted} {message:?}"),
                ),
            };
        }
        let answer = output.map_err(|error| format!("{error:?} body {}", given["body"]))?;
        let ours = answer.downcast::<Answer>().unwrap().0;
        let wanted = case.ours(case.codec.operation.output, &case.case["result"]);
        let wanted = if wanted.is_null() { json!({}) } else { wanted };
        if numbers(ours.clone()) == numbers(wanted.clone()) {
            return Ok(());
        }
        differs(&ours, &wanted)
    });
}
