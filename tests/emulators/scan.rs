//! Running the program.

use crate::proxy::{self, Proxy};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;

/// The regions of `localstack/seed.py`.
pub(crate) const REGIONS: &[&str] = &["eu-west-1", "us-east-1", "ap-southeast-2"];

/// The report of a scan through the proxy.
pub(crate) async fn scan(proxy: &Proxy, regions: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a name in UTF-8");
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/localstack/policy.yaml");
    let paid = ["--allow-paid", "1", "--max-rate", "0"];
    let mut arguments = vec!["scan", "--policy", policy, "--format", "json", "--output"];
    arguments.extend([path, "--quiet"]);
    arguments.extend(paid);
    run(proxy, &arguments, regions).await;
    let file = Path::new(path).join("report.json");
    let text = std::fs::read_to_string(&file)
        .unwrap_or_else(|e| panic!("the scan left no {}: {e}", file.display()));
    serde_json::from_str(&text).expect("a report in JSON")
}

/// The flag that names regions; none where there are none.
fn named(regions: &[&str]) -> Vec<String> {
    if regions.is_empty() {
        return Vec::new();
    }
    vec!["--regions".to_owned(), regions.join(",")]
}

/// What the program prints, run against the proxy with nothing else in its environment.
pub(crate) async fn run(proxy: &Proxy, arguments: &[&str], regions: &[&str]) -> String {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_sixpillars"))
        .args(arguments)
        .args(named(regions))
        .env_clear()
        .envs(proxy.environment())
        .envs(proxy::CREDENTIALS)
        .stdin(Stdio::null())
        .output()
        .await
        .expect("the program runs");
    // 1 says that a gate is broken, which is what a flawed account is for; 3 that not all could be
    // read, which some tests provoke.
    assert!(
        matches!(output.status.code(), Some(0 | 1 | 3)),
        "sixpillars {arguments:?} ended with {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Removes what differs from scan to scan: when it was, how it is called, how long calls took.
pub(crate) fn strip_times(report: &mut Value) {
    if let Some(scan) = report["scan"].as_object_mut() {
        for key in ["id", "started", "finished", "seconds", "duration_ms"] {
            scan.remove(key);
        }
    }
    for call in report["calls"].as_array_mut().into_iter().flatten() {
        if let Some(call) = call.as_object_mut() {
            call.remove("ms");
        }
    }
}
