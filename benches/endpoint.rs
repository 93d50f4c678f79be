//! How close a scan comes to the fastest possible one: `make bench`.
//!
//! The account of `localstack/seed_scale.py` is read once through an endpoint that keeps every answer. Then
//! the endpoint gives the same answers after 40 ms each, as an AWS region far away does, to as many
//! requests at once as are sent, and never throttles.
//!
//! The bound is what no program with this many requests in flight can be faster than: the longer of
//! the longest chain of calls that need each other's answers, and all calls in rounds of 64.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]
#![allow(clippy::print_stdout, reason = "the figures are for people")]

#[path = "../tests/endpoint/mod.rs"]
mod endpoint;

use endpoint::{Endpoint, Source};
use sixpillars::aws::gate::IN_FLIGHT;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const DELAY: Duration = Duration::from_millis(40);
const RUNS: usize = 5;
const REGIONS: &str = "eu-west-1,us-east-1,ap-southeast-2";
/// Who am I, a list, a part of what it lists. Nothing in this account needs a second page.
const CHAIN: u32 = 3;

/// What the bench holds the program to.
const RATIO: f64 = 1.3;
const IDLE_MB: f64 = 60.0;

/// What one scan took.
struct Run {
    wall: Duration,
    calls: usize,
    idle_mb: Option<f64>,
    peak_mb: Option<f64>,
    cpu: Option<Duration>,
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let endpoint = runtime.block_on(Endpoint::start(Source::emulators()));
    scan(&endpoint);
    endpoint.set_delay(DELAY);
    endpoint.take_forwarded();
    let mut runs: Vec<Run> = (0..RUNS).map(|_| scan(&endpoint)).collect();
    let missed = endpoint.take_forwarded();
    assert!(
        missed == 0,
        "{missed} requests were not on the tape, so their answers took longer; run it again"
    );
    runs.sort_by_key(|run| run.wall);
    let within = report(&runs[RUNS / 2]);
    println!(
        "wall time of {RUNS} runs: {}",
        runs.iter()
            .map(|r| format!("{:.2} s", r.wall.as_secs_f64()))
            .collect::<Vec<_>>()
            .join(", ")
    );
    assert!(within, "past the limits");
}

/// Prints the median run, and says whether it keeps within the limits.
fn report(run: &Run) -> bool {
    let rounds = u32::try_from(run.calls.div_ceil(IN_FLIGHT)).expect("few calls");
    let bound = DELAY * rounds.max(CHAIN);
    let ratio = run.wall.as_secs_f64() / bound.as_secs_f64();
    println!("calls            {}", run.calls);
    println!(
        "bound            {:.2} s ({rounds} rounds of {IN_FLIGHT}, chain of {CHAIN})",
        bound.as_secs_f64()
    );
    println!(
        "wall (median)    {:.2} s, {ratio:.2} x the bound (limit {RATIO})",
        run.wall.as_secs_f64()
    );
    println!(
        "memory idle      {} (limit {IDLE_MB} MB)",
        megabytes(run.idle_mb)
    );
    println!("memory peak      {}", megabytes(run.peak_mb));
    println!(
        "processor time   {}",
        run.cpu
            .map_or_else(unmeasured, |t| format!("{:.2} s", t.as_secs_f64()))
    );
    ratio <= RATIO && run.idle_mb.is_none_or(|mb| mb < IDLE_MB)
}

fn unmeasured() -> String {
    "not measured (needs /proc)".to_owned()
}

fn megabytes(value: Option<f64>) -> String {
    value.map_or_else(unmeasured, |mb| format!("{mb:.0} MB"))
}

/// One scan of the whole account, with every check and billed read.
fn scan(endpoint: &Endpoint) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let idle: Arc<Mutex<Option<f64>>> = Arc::default();
    endpoint.take_counts();
    let began = Instant::now();
    let child = Command::new(env!("CARGO_BIN_EXE_sixpillars"))
        .args([
            "scan",
            "--quiet",
            "--regions",
            REGIONS,
            "--allow-paid",
            "1",
            "--max-rate",
            "0",
        ])
        .args(["--format", "json", "--output"])
        .arg(folder.path())
        .env_clear()
        .envs(endpoint.environment())
        .envs(endpoint::CREDENTIALS)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let process = child.id();
    let seen = Arc::clone(&idle);
    endpoint.on_first_request(move || *seen.lock().unwrap() = memory(process, "VmRSS:"));
    let (peak_mb, cpu) = watch(child);
    let wall = began.elapsed();
    assert!(
        folder.path().join("report.json").exists(),
        "the scan left no report"
    );
    let idle_mb = *idle.lock().unwrap();
    Run {
        wall,
        calls: endpoint.take_counts().calls(),
        idle_mb,
        peak_mb,
        cpu,
    }
}

/// Waits for a process: its peak memory, and the processor time it took. Both are read from /proc,
/// which keeps the times of a process that has ended until it is waited for.
fn watch(mut child: Child) -> (Option<f64>, Option<Duration>) {
    let process = child.id();
    let mut peak = None;
    while Path::new("/proc/self/stat").exists() {
        peak = memory(process, "VmHWM:").or(peak);
        let Some((state, time)) = times(process) else {
            break;
        };
        if state == "Z" {
            check(&mut child);
            return (peak, Some(time));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    check(&mut child);
    (peak, None)
}

/// 1 says that a gate is broken and 3 that something could not be read; both are whole scans.
fn check(child: &mut Child) {
    let status = child.wait().expect("a child to wait for");
    assert!(
        matches!(status.code(), Some(0 | 1 | 3)),
        "the scan ended with {status}"
    );
}

/// A figure of /proc/PID/status, in megabytes.
fn memory(process: u32, field: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix(field))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// The state of a process and its processor time so far, in hundredths of a second as Linux counts.
fn times(process: u32) -> Option<(String, Duration)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut words = stat.rsplit(')').next()?.split_whitespace();
    let state = words.next()?.to_owned();
    let ticks: Vec<u64> = words
        .skip(10)
        .take(2)
        .filter_map(|w| w.parse().ok())
        .collect();
    Some((state, Duration::from_millis(ticks.iter().sum::<u64>() * 10)))
}
