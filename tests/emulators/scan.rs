//! Running the program.

use crate::endpoint::{self, Endpoint};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;

/// The regions of `localstack/seed.py`.
pub(crate) const REGIONS: &[&str] = &["eu-west-1", "us-east-1", "ap-southeast-2"];

/// The report of a scan through the endpoint, billed reads included.
pub(crate) async fn scan(endpoint: &Endpoint, regions: &[&str]) -> Value {
    scan_for(endpoint, regions, "1").await
}

/// The report of a scan through the endpoint, whose billed reads may cost so many US dollars.
pub(crate) async fn scan_for(endpoint: &Endpoint, regions: &[&str], usd: &str) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a name in UTF-8");
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/localstack/policy.yaml");
    let paid = ["--allow-paid", usd, "--max-rate", "0"];
    let mut arguments = vec!["scan", "--policy", policy, "--format", "json", "--output"];
    arguments.extend([path, "--quiet"]);
    arguments.extend(paid);
    run(endpoint, &arguments, regions).await;
    let file = Path::new(path).join("report.json");
    let text = std::fs::read_to_string(&file)
        .unwrap_or_else(|e| panic!("the scan left no {}: {e}", file.display()));
    serde_json::from_str(&text).expect("a report in JSON")
}

/// The flag that names regions; none if there are none.
fn named(regions: &[&str]) -> Vec<String> {
    if regions.is_empty() {
        return Vec::new();
    }
    vec!["--regions".to_owned(), regions.join(",")]
}

/// What the program prints, run against the endpoint with nothing else in its environment.
pub(crate) async fn run(endpoint: &Endpoint, arguments: &[&str], regions: &[&str]) -> String {
    let state = tempfile::tempdir().expect("a folder");
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_sixpillars"))
        .args(arguments)
        .args(named(regions))
        .env_clear()
        .envs(endpoint.environment())
        .envs(endpoint::CREDENTIALS)
        .env("SIXPILLARS_STATE_DIR", state.path())
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
