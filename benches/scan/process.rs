//! One scan by the built program, and what it took.

use crate::endpoint::{CREDENTIALS, Counts, Endpoint};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What one scan took. Figures of /proc are missing if there is none.
pub(crate) struct Run {
    pub(crate) wall: Duration,
    pub(crate) counts: Counts,
    /// Memory when the first request arrives, in MB.
    pub(crate) idle_mb: Option<f64>,
    /// The most memory at any time, in MB.
    pub(crate) peak_mb: Option<f64>,
    /// Processor time, over all cores.
    pub(crate) cpu: Option<Duration>,
    /// Resources of which documents were read.
    pub(crate) resources: u64,
    /// Pairs of check and resource that were judged.
    pub(crate) evaluations: u64,
}

/// Scans the whole account, with every check.
pub(crate) fn scan(endpoint: &Endpoint, arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let idle: Arc<Mutex<Option<f64>>> = Arc::default();
    endpoint.take_counts();
    let began = Instant::now();
    let child = Command::new(env!("CARGO_BIN_EXE_sixpillars"))
        .args(["scan", "--quiet", "--format", "json"])
        .args(arguments)
        .arg("--output")
        .arg(folder.path())
        .env_clear()
        .envs(endpoint.environment())
        .envs(CREDENTIALS)
        .env("SIXPILLARS_STATE_DIR", folder.path().join("state"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let process = child.id();
    let seen = Arc::clone(&idle);
    endpoint.on_first_request(move || *seen.lock().unwrap() = memory(process, "VmRSS:"));
    let (peak_mb, cpu) = watch(child);
    let wall = began.elapsed();
    let idle_mb = *idle.lock().unwrap();
    let (resources, evaluations) = judged(&folder.path().join("report.json"));
    Run {
        wall,
        counts: endpoint.take_counts(),
        idle_mb,
        peak_mb,
        cpu,
        resources,
        evaluations,
    }
}

/// How many resources a report says were read, and how much was judged. Its findings, which may be millions, are
/// passed over.
fn judged(report: &Path) -> (u64, u64) {
    #[derive(serde::Deserialize)]
    struct Judged {
        pillars: Vec<Pillar>,
        reads: Vec<Read>,
    }
    #[derive(serde::Deserialize)]
    struct Pillar {
        counts: sixpillars::report::Counts,
    }
    #[derive(serde::Deserialize)]
    struct Read {
        resources: u64,
    }
    let file = std::fs::File::open(report).expect("the scan left a report");
    let judged: Judged =
        serde_json::from_reader(std::io::BufReader::new(file)).expect("a report in JSON");
    let evaluations = judged.pillars.iter().map(|pillar| pillar.counts.all());
    let resources = judged.reads.iter().map(|read| read.resources);
    (resources.sum(), evaluations.sum())
}

/// Waits for a process: its peak memory, and the processor time it took. Both are read from /proc,
/// which keeps the times of a process that has ended until it is waited for.
fn watch(mut child: Child) -> (Option<f64>, Option<Duration>) {
    let process = child.id();
    let mut peak = None;
    // Often enough to tell when it ends; its peak is read less often, which takes longer.
    for turn in 0_u32.. {
        if !Path::new("/proc/self/stat").exists() {
            break;
        }
        if turn.is_multiple_of(10) {
            peak = memory(process, "VmHWM:").or(peak);
        }
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
