//! A proxy in front of the emulators: it writes down which operations are called, can refuse some
//! of them, and can answer from a tape at the pace of a distant AWS. Tests and benchmark share it.

#![allow(dead_code, reason = "neither uses all of it")]

mod operation;

pub(crate) use operation::Operation;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

/// Services that moto answers for; see `localstack/emulators.py`.
const MOTO: [&str; 4] = ["account", "ec2", "iam", "rds"];

/// The account of the seed, and nothing of the user's.
pub(crate) const CREDENTIALS: [(&str, &str); 6] = [
    ("AWS_ACCESS_KEY_ID", "123456789012"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_CONFIG_FILE", "/dev/null"),
    ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
    ("AWS_REGION", "eu-west-1"),
];

type Answer = (StatusCode, HeaderMap, Bytes);

/// A running proxy. It stops with the runtime it was started on.
#[derive(Clone)]
pub(crate) struct Proxy {
    inner: Arc<Inner>,
    address: SocketAddr,
}

struct Inner {
    client: Client<HttpConnector, Full<Bytes>>,
    localstack: String,
    moto: String,
    delay: Mutex<Duration>,
    first: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    log: Mutex<Vec<Operation>>,
    refused: Mutex<BTreeSet<Operation>>,
    tape: Mutex<HashMap<Key, Answer>>,
    forwarded: AtomicUsize,
}

/// What makes two requests the same: all but their signature, time and number.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    operation: Operation,
    region: String,
    host: String,
    address: String,
    body: Bytes,
}

impl Proxy {
    /// Starts a proxy in front of the emulators that the environment names. Every answer, kept on
    /// the tape or fetched, waits for `delay`.
    pub(crate) async fn start(delay: Duration) -> Self {
        let variable = |name| {
            std::env::var(name)
                .unwrap_or_else(|_| panic!("{name} is not set: run this by `localstack/serve`"))
        };
        let inner = Arc::new(Inner {
            client: Client::builder(TokioExecutor::new()).build(HttpConnector::new()),
            localstack: variable("AWS_ENDPOINT_URL"),
            moto: variable("AWS_ENDPOINT_URL_EC2"),
            delay: Mutex::new(delay),
            first: Mutex::default(),
            log: Mutex::default(),
            refused: Mutex::default(),
            tape: Mutex::default(),
            forwarded: AtomicUsize::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let service = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { inner, address }
    }

    /// The variables that send an AWS SDK here for every service.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let url = format!("http://localhost:{}", self.address.port());
        let mut names = vec!["AWS_ENDPOINT_URL".to_owned()];
        names.extend(
            MOTO.iter()
                .map(|s| format!("AWS_ENDPOINT_URL_{}", s.to_uppercase())),
        );
        names.into_iter().map(|n| (n, url.clone())).collect()
    }

    /// Every answer waits this long from now on.
    pub(crate) fn set_delay(&self, delay: Duration) {
        *self.inner.delay.lock().unwrap() = delay;
    }

    /// Calls this once, when the next request arrives and before it is answered.
    pub(crate) fn on_first_request(&self, call: impl FnOnce() + Send + 'static) {
        *self.inner.first.lock().unwrap() = Some(Box::new(call));
    }

    /// Refuses these operations from now on, as AWS does for want of a permission.
    pub(crate) fn refuse(&self, operations: impl IntoIterator<Item = Operation>) {
        *self.inner.refused.lock().unwrap() = operations.into_iter().collect();
    }

    /// The requests since the last time, in order.
    pub(crate) fn take_log(&self) -> Vec<Operation> {
        std::mem::take(&mut self.inner.log.lock().unwrap())
    }

    /// How many requests were not on the tape and went to an emulator.
    pub(crate) fn take_forwarded(&self) -> usize {
        self.inner.forwarded.swap(0, Ordering::Relaxed)
    }
}

async fn answer(State(proxy): State<Arc<Inner>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.expect("a whole request").to_bytes();
    let operation = operation::operation(&parts.method, &parts.uri, &parts.headers, &body);
    proxy.log.lock().unwrap().push(operation.clone());
    let first = proxy.first.lock().unwrap().take();
    if let Some(call) = first {
        call();
    }
    let delay = *proxy.delay.lock().unwrap();
    let wait = tokio::time::sleep(delay);
    if proxy.refused.lock().unwrap().contains(&operation) {
        wait.await;
        return respond(refusal(&operation));
    }
    let key = Key {
        region: operation::scope(&parts.headers).map_or_else(String::new, |(_, region)| region),
        host: parts
            .headers
            .get(header::HOST)
            .and_then(|h| h.to_str().ok())
            .unwrap_or_default()
            .to_owned(),
        address: parts.uri.to_string(),
        operation,
        body: body.clone(),
    };
    let kept = proxy.tape.lock().unwrap().get(&key).cloned();
    let answer = if let Some(answer) = kept {
        answer
    } else {
        proxy.forwarded.fetch_add(1, Ordering::Relaxed);
        let answer = forward(&proxy, &key.operation, parts, body).await;
        proxy.tape.lock().unwrap().insert(key, answer.clone());
        answer
    };
    wait.await;
    respond(answer)
}

async fn forward(
    proxy: &Inner,
    operation: &Operation,
    mut parts: axum::http::request::Parts,
    body: Bytes,
) -> Answer {
    let base = if MOTO.contains(&operation.service.as_str()) {
        &proxy.moto
    } else {
        &proxy.localstack
    };
    // By address, since a name under localhost need not resolve; the Host header stays as signed.
    let base = base.replace("localhost", "127.0.0.1");
    parts.uri = format!("{base}{}", parts.uri).parse().expect("an address");
    let request = axum::http::Request::from_parts(parts, Full::new(body));
    let response = proxy.client.request(request).await;
    let (mut parts, body) = response.expect("the emulator answers").into_parts();
    let body = body.collect().await.expect("a whole answer").to_bytes();
    for hop in [header::TRANSFER_ENCODING, header::CONNECTION] {
        parts.headers.remove(hop);
    }
    (parts.status, parts.headers, body)
}

fn respond((status, headers, body): Answer) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// AWS's answer to a caller who may not do it, in the service's protocol.
fn refusal(operation: &Operation) -> Answer {
    let mut headers = HeaderMap::new();
    let (kind, body) = match operation.service.as_str() {
        "ec2" => (
            "text/xml",
            xml(
                "Response><Errors",
                "UnauthorizedOperation",
                "Errors></Response",
            ),
        ),
        "s3" => (
            "application/xml",
            "<Error><Code>AccessDenied</Code><Message>no</Message></Error>".into(),
        ),
        "cloudwatch" => {
            headers.insert("smithy-protocol", "rpc-v2-cbor".parse().unwrap());
            ("application/cbor", cbor_error("AccessDenied"))
        }
        "account" | "ssm" => {
            headers.insert("x-amzn-errortype", "AccessDeniedException".parse().unwrap());
            (
                "application/json",
                r#"{"__type":"AccessDeniedException","message":"no"}"#.into(),
            )
        }
        _ => (
            "text/xml",
            xml("ErrorResponse", "AccessDenied", "ErrorResponse"),
        ),
    };
    headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
    (StatusCode::FORBIDDEN, headers, body)
}

fn xml(open: &str, code: &str, close: &str) -> Bytes {
    format!("<{open}><Error><Code>{code}</Code><Message>no</Message></Error></{close}>").into()
}

/// The map `{"__type": code}`; both texts are shorter than 24 bytes.
fn cbor_error(code: &str) -> Bytes {
    let mut bytes = vec![0xa1];
    for text in ["__type", code] {
        bytes.push(0x60 + u8::try_from(text.len()).expect("a short text"));
        bytes.extend(text.as_bytes());
    }
    bytes.into()
}
