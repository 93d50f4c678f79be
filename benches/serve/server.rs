//! The built server, over a database that is there already.

use crate::ask::{Asker, asker, open, whole, whole_plain};
use http_body_util::BodyExt;
use jiff::Timestamp;
use sixpillars::store::{Cause, Database, NewRun, Queued};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long the server is left alone before its memory counts as idle.
const SETTLE: Duration = Duration::from_secs(5);
/// How long the processor time of waiting clients is measured.
const WATCH: Duration = Duration::from_secs(10);
/// Ticks of /proc/PID/stat in a second: `getconf CLK_TCK` on Linux.
const TICKS: f64 = 100.0;

pub(crate) struct Server {
    child: Child,
    address: String,
    asker: Asker,
}

/// What it took to keep clients up to date.
pub(crate) struct Watched {
    pub(crate) first: Duration,
    pub(crate) last: Duration,
    pub(crate) busy: f64,
    pub(crate) memory: f64,
}

impl Server {
    pub(crate) async fn start(url: &str, folder: &Path) -> Self {
        let config = folder.join("service.yaml");
        let text = format!(
            "listen: 127.0.0.1:0\nstore: store\ndatabase: \"{url}\"\ntargets:\n  shop: {{regions: [eu-west-1]}}\n"
        );
        std::fs::write(&config, text).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sixpillars"))
            .args(["serve", "--config"])
            .arg(&config)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().expect("it listens");
        let address = line.strip_prefix("Listening on ").unwrap().to_owned();
        tokio::time::sleep(SETTLE).await;
        Self {
            child,
            address,
            asker: asker(),
        }
    }

    fn proc(&self, file: &str) -> String {
        let path = format!("/proc/{}/{file}", self.child.id().unwrap());
        std::fs::read_to_string(path).unwrap_or_default()
    }

    /// Resident memory in MB; 0 where there is no /proc.
    pub(crate) fn memory(&self) -> f64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kb.unwrap_or(0.0) / 1000.0
    }

    /// Processor time so far, in seconds.
    fn processor(&self) -> f64 {
        let stat = self.proc("stat");
        let after = stat.rsplit(')').next().unwrap_or_default();
        let fields: Vec<f64> = after
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|ticks| ticks.parse().ok())
            .collect();
        fields.iter().sum::<f64>() / TICKS
    }

    /// The median and the worst time of a request, after one that does not count.
    pub(crate) async fn times(&self, path: &str, times: usize) -> (Duration, Duration) {
        let address = format!("{}{path}", self.address);
        whole(&self.asker, "GET", &address).await;
        let mut all = Vec::new();
        for _ in 0..times {
            let begun = Instant::now();
            whole(&self.asker, "GET", &address).await;
            all.push(begun.elapsed());
        }
        all.sort();
        let at = |place: usize| all.get(place).copied().unwrap_or_default();
        (at(all.len() / 2), at(all.len().saturating_sub(1)))
    }

    /// The id of a finding.
    pub(crate) async fn finding(&self) -> String {
        let address = format!("{}/api/v1/findings?limit=1", self.address);
        let page = whole_plain(&self.asker, &address).await;
        let page: serde_json::Value = serde_json::from_slice(&page).unwrap();
        page["items"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Lets many clients watch one audit, until it ends.
    pub(crate) async fn watched_by(&self, url: &str, clients: usize) -> Watched {
        // An audit that never starts, until it is cancelled.
        let database = Database::open(url).await.unwrap();
        let run = NewRun {
            target: "shop".to_owned(),
            cause: Cause::Request {
                idempotency_key: None,
            },
            requested_by: "bench".to_owned(),
            request: "{}".to_owned(),
            scope: String::new(),
            not_before: "2999-01-01T00:00:00Z".parse().unwrap(),
        };
        let queued = database.enqueue(&run, Timestamp::now()).await.unwrap();
        let Queued::New(id) = queued else {
            panic!("it is new")
        };
        database.close().await;
        let path = format!("{}/api/v1/audits/{id}", self.address);
        let (began, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let begun = Instant::now();
        let mut tasks = Vec::new();
        for _ in 0..clients {
            let address = format!("{path}/events");
            let (began, ended) = (Arc::clone(&began), Arc::clone(&ended));
            tasks.push(tokio::spawn(async move {
                let asker = asker();
                let mut body = open(&asker, "GET", &address).await;
                let mut told = String::new();
                while let Some(Ok(frame)) = body.frame().await {
                    let before = told.contains("event: audit");
                    if let Some(bytes) = frame.data_ref() {
                        told.push_str(&String::from_utf8_lossy(bytes));
                    }
                    if !before && told.contains("event: audit") {
                        began.fetch_add(1, Ordering::Relaxed);
                    }
                }
                assert!(told.contains("\"cancelled\""), "{told}");
                ended.fetch_add(1, Ordering::Relaxed);
            }));
        }
        let all = async |count: &AtomicUsize| {
            let begun = Instant::now();
            while count.load(Ordering::Relaxed) < clients {
                assert!(begun.elapsed() < Duration::from_secs(60), "{count:?}");
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        all(&began).await;
        let first = begun.elapsed();
        let before = self.processor();
        tokio::time::sleep(WATCH).await;
        let busy = (self.processor() - before) / WATCH.as_secs_f64();
        let memory = self.memory();
        whole(&self.asker, "POST", &format!("{path}/cancel")).await;
        let cancelled = Instant::now();
        all(&ended).await;
        let last = cancelled.elapsed();
        for task in tasks {
            task.await.unwrap();
        }
        Watched {
            first,
            last,
            busy,
            memory,
        }
    }

    pub(crate) async fn stop(mut self) {
        let process = self.child.id().unwrap().to_string();
        let _ = std::process::Command::new("kill")
            .args(["-TERM", &process])
            .status();
        let _ = self.child.wait().await;
    }
}
