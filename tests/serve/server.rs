//! Starting the server, and asking it.

use crate::account::{Account, Size};
use crate::endpoint::{CREDENTIALS, Endpoint, Source};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long the tests wait for anything. They run in parallel on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// The size of a small account with something of everything.
pub(crate) fn size() -> Size {
    Size {
        regions: 1,
        buckets: 3,
        users: 3,
        groups: 1,
        roles: 2,
        policies: 1,
        vpcs: 1,
        security_groups: 3,
        instances: 2,
        spare_interfaces: 1,
        volumes: 3,
        snapshots: 2,
        images: 1,
        addresses: 1,
        databases: 2,
        clusters: 1,
        database_snapshots: 1,
        cluster_snapshots: 1,
        alarms: 2,
        functions: 2,
        declared: 1,
    }
}

/// Answers of a small account.
pub(crate) fn small() -> Source {
    let account = Account::new(size());
    Source::memory(move |call| account.answer(call))
}

/// What is audited in these tests: the services that the small account has something of.
pub(crate) fn audit() -> Value {
    json!({"target": "shop", "scope": {"services": ["s3", "iam", "lambda"]}})
}

/// The folder of a service, with its configuration.
pub(crate) struct Place {
    pub(crate) folder: Arc<TempDir>,
}

impl Place {
    /// A place whose configuration has one target, `shop`, and ends with `more`.
    pub(crate) fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Self {
            folder: Arc::new(folder),
        };
        place.configure(more);
        place
    }

    /// Writes another configuration.
    pub(crate) fn configure(&self, more: &str) {
        self.write(&format!(
            "listen: 127.0.0.1:0\nstore: store\nlease: 3s\n\
             targets:\n  shop:\n    regions: [eu-west-1]\n    owners: [payments]\n{more}"
        ));
    }

    /// Writes a whole configuration.
    pub(crate) fn write(&self, text: &str) {
        std::fs::write(self.config(), text).unwrap();
    }

    pub(crate) fn config(&self) -> std::path::PathBuf {
        self.folder.path().join("service.yaml")
    }

    fn command(endpoint: &Endpoint) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sixpillars"));
        command
            .env_clear()
            .envs(endpoint.environment())
            .envs(CREDENTIALS)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Starts the server.
    pub(crate) async fn serve(&self, endpoint: &Endpoint) -> Server {
        self.serve_with(endpoint, |_| {}).await
    }

    /// Starts the server, with all that it logs in a file.
    pub(crate) async fn serve_logged(&self, endpoint: &Endpoint, log: &Path) -> Server {
        let log = std::fs::File::create(log).unwrap();
        self.serve_with(endpoint, |command| {
            command.env("SIXPILLARS_LOG", "trace").stderr(log);
        })
        .await
    }

    /// Starts the server without waiting for it.
    pub(crate) fn spawn(&self, endpoint: &Endpoint, adapt: impl FnOnce(&mut Command)) -> Child {
        let mut command = Self::command(endpoint);
        command
            .args(["serve", "--config"])
            .arg(self.config())
            .stdout(Stdio::piped());
        adapt(&mut command);
        command.spawn().unwrap()
    }

    /// Starts the server after its command was adapted.
    pub(crate) async fn serve_with(
        &self,
        endpoint: &Endpoint,
        adapt: impl FnOnce(&mut Command),
    ) -> Server {
        let mut child = self.spawn(endpoint, adapt);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let line = line
            .expect("it begins in time")
            .unwrap()
            .expect("it listens");
        let address = line
            .strip_prefix("Listening on ")
            .expect("an address")
            .to_owned();
        Server {
            child,
            address,
            token: None,
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// Runs the program to its end: its exit code, and what it printed on both outputs.
    pub(crate) async fn run(&self, endpoint: &Endpoint, words: &[&str]) -> (Option<i32>, String) {
        let output = Self::command(endpoint)
            .args(words)
            .arg("--config")
            .arg(self.config())
            .output()
            .await
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout) + &text(output.stderr),
        )
    }
}

/// A running server.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: String,
    pub(crate) token: Option<String>,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: hyper::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The answer, if it has this status.
    #[track_caller]
    pub(crate) fn with(self, status: u16) -> Self {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status.as_u16(), status, "{text}");
        self
    }
}

impl Server {
    /// Sends a request with additional headers.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let response = self.client.request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path, &[], Some(body)).await
    }

    /// Starts an audit, and returns its id.
    pub(crate) async fn start(&self, body: &Value) -> String {
        let audit = self.post("/api/v1/audits", body).await.with(202).json();
        audit["id"].as_str().unwrap().to_owned()
    }

    /// Waits until an audit meets a condition, and returns it.
    pub(crate) async fn audit_until(&self, id: &str, done: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let audit = self
                .get(&format!("/api/v1/audits/{id}"))
                .await
                .with(200)
                .json();
            if done(&audit) {
                return audit;
            }
            assert!(begun.elapsed() < PATIENCE, "{audit}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until an audit is over.
    pub(crate) async fn over(&self, id: &str) -> Value {
        let over = ["finished", "failed", "cancelled"];
        self.audit_until(id, |audit| over.contains(&audit["state"].as_str().unwrap()))
            .await
    }

    /// Waits until its database answers.
    pub(crate) async fn until_ready(&self) {
        let begun = Instant::now();
        while self.get("/readyz").await.status != StatusCode::OK {
            assert!(begun.elapsed() < PATIENCE, "it is not ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.child.id().expect("it runs").to_string();
        let sent = std::process::Command::new("kill")
            .args([&format!("-{name}"), &process])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end, and gives the exit code.
    pub(crate) async fn end(mut self) -> Option<i32> {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.expect("it ends in time").unwrap().code()
    }
}

/// The attempt of a finished run whose files are kept. What the others left is removed after the run
/// counts as finished.
pub(crate) async fn only_attempt(place: &Place, run: &str) -> String {
    let folder = place.folder.path().join("store/runs").join(run);
    let begun = Instant::now();
    loop {
        let mut attempts = files(&folder);
        attempts.retain(|name| name.parse::<u32>().is_ok());
        if let [attempt] = attempts.as_slice() {
            return attempt.clone();
        }
        assert!(begun.elapsed() < PATIENCE, "attempts: {attempts:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The files in a folder.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
