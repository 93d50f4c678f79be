//! Where the endpoint has its answers from: the emulators, a tape of what they said, or memory.

use super::call::{Answer, Arrived, Call};
use super::modelled;
use super::operation::Operation;
use super::protocol::{self, Protocol};
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// An account that answers from memory.
type Memory = Arc<dyn Fn(&Call<'_>) -> Answer + Send + Sync>;

/// Where answers come from.
#[derive(Clone)]
pub(crate) enum Source {
    Emulators(Arc<Emulators>),
    Tape(Arc<Tape>),
    Memory(Memory),
}

impl Source {
    /// The emulators that the environment names. Every answer is kept, and given again.
    pub(crate) fn emulators() -> Self {
        let all = "AWS_ENDPOINT_URL";
        let default = std::env::var(all)
            .unwrap_or_else(|_| panic!("{all} is not set: run this by `localstack/serve`"));
        Self::Emulators(Arc::new(Emulators {
            client: Client::builder(TokioExecutor::new()).build(HttpConnector::new()),
            default,
            tape: Tape::default(),
            forwarded: AtomicUsize::new(0),
        }))
    }

    /// What [`Tape::save`] wrote.
    pub(crate) fn tape(path: &Path) -> Self {
        Self::Tape(Arc::new(Tape::load(path)))
    }

    /// A generated account.
    pub(crate) fn memory(answer: impl Fn(&Call<'_>) -> Answer + Send + Sync + 'static) -> Self {
        Self::Memory(Arc::new(answer))
    }

    pub(super) async fn answer(&self, call: &Arrived) -> Answer {
        match self {
            Self::Memory(answer) => answer(&call.call()),
            Self::Tape(tape) => tape.get(&Key::of(call)).unwrap_or_else(|| {
                let protocol = Protocol::of(&call.operation.service);
                protocol::error(protocol, 501, "NotImplemented", "not on the tape")
            }),
            Self::Emulators(emulators) => emulators.answer(call).await,
        }
    }
}

/// LocalStack and moto.
pub(crate) struct Emulators {
    client: Client<HttpConnector, Full<Bytes>>,
    /// Where services go that have no address of their own.
    default: String,
    tape: Tape,
    forwarded: AtomicUsize,
}

impl Emulators {
    /// How many requests were not on the tape and went to an emulator.
    pub(crate) fn take_forwarded(&self) -> usize {
        self.forwarded.swap(0, Ordering::Relaxed)
    }

    pub(super) fn tape(&self) -> &Tape {
        &self.tape
    }

    async fn answer(&self, call: &Arrived) -> Answer {
        let key = Key::of(call);
        if let Some(answer) = self.tape.get(&key) {
            return answer;
        }
        self.forwarded.fetch_add(1, Ordering::Relaxed);
        let answer = self.forward(call).await;
        self.tape.keep(key, answer.clone());
        answer
    }

    async fn forward(&self, call: &Arrived) -> Answer {
        let own = std::env::var(variable(&call.operation.service));
        let base = own.as_ref().unwrap_or(&self.default);
        // By address, since a name under localhost need not resolve; the Host header stays as
        // signed.
        let base = base.replace("localhost", "127.0.0.1");
        let mut parts = call.parts.clone();
        parts.uri = format!("{base}{}", parts.uri).parse().expect("an address");
        let request = axum::http::Request::from_parts(parts, Full::new(call.body.clone()));
        let response = self.client.request(request).await;
        let (mut parts, body) = response.expect("the emulator answers").into_parts();
        let body = body.collect().await.expect("a whole answer").to_bytes();
        for hop in [header::TRANSFER_ENCODING, header::CONNECTION] {
            parts.headers.remove(hop);
        }
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

/// The variable by which every AWS SDK sends one service elsewhere, `AWS_ENDPOINT_URL_AUTO_SCALING`: the
/// service's id decides. Services with typed clients have no model here, and their names are their ids.
fn variable(service: &str) -> String {
    let id = modelled::model(service).map_or(service, |model| &model.service_id);
    let id = id.to_uppercase().replace([' ', '-'], "_");
    format!("AWS_ENDPOINT_URL_{id}")
}

/// Answers by what was asked.
#[derive(Default)]
pub(crate) struct Tape(Mutex<BTreeMap<Key, Answer>>);

/// What makes two requests the same: all but their signature, time and number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Key {
    service: String,
    operation: String,
    region: String,
    host: String,
    address: String,
    /// In base64.
    body: String,
}

impl Key {
    fn of(call: &Arrived) -> Self {
        let Operation { service, name } = call.operation.clone();
        // The port is another in every run.
        let host = call.header("host").split(':').next().unwrap_or_default();
        Self {
            service,
            operation: name,
            region: call.region.clone(),
            host: host.to_owned(),
            address: call.parts.uri.to_string(),
            body: STANDARD.encode(&call.body),
        }
    }
}

/// One answer of a tape in its file.
#[derive(Serialize, Deserialize)]
struct Recorded {
    asked: Key,
    status: u16,
    headers: Vec<(String, String)>,
    /// In base64.
    body: String,
}

impl Tape {
    fn get(&self, key: &Key) -> Option<Answer> {
        self.0.lock().unwrap().get(key).cloned()
    }

    fn keep(&self, key: Key, answer: Answer) {
        self.0.lock().unwrap().insert(key, answer);
    }

    fn load(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("a tape");
        let recorded: Vec<Recorded> = serde_json::from_str(&text).expect("a tape in JSON");
        let answers = recorded.into_iter().map(|r| {
            let header = |(name, value): (String, String)| {
                let name: HeaderName = name.parse().expect("a name");
                (name, HeaderValue::from_str(&value).expect("a value"))
            };
            let answer = Answer {
                status: StatusCode::from_u16(r.status).expect("a status"),
                headers: r.headers.into_iter().map(header).collect::<HeaderMap>(),
                body: STANDARD.decode(r.body).expect("base64").into(),
            };
            (r.asked, answer)
        });
        Self(Mutex::new(answers.collect()))
    }

    /// Writes all answers to a file.
    pub(crate) fn save(&self, path: &Path) {
        let tape = self.0.lock().unwrap();
        let recorded: Vec<Recorded> = tape
            .iter()
            .map(|(asked, answer)| Recorded {
                asked: asked.clone(),
                status: answer.status.as_u16(),
                headers: answer
                    .headers
                    .iter()
                    .map(|(name, value)| {
                        let value = value.to_str().expect("a header in ASCII");
                        (name.to_string(), value.to_owned())
                    })
                    .collect(),
                body: STANDARD.encode(&answer.body),
            })
            .collect();
        std::fs::write(path, serde_json::to_vec(&recorded).expect("JSON")).expect("a file");
    }
}
