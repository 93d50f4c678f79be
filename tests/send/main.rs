//! `sixpillars send`, the built program, over real HTTP on this machine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod aws;
#[path = "../endpoint/mod.rs"]
mod endpoint;
mod hub;
mod security_hub;
mod server;
mod sns;
mod webhook;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;

/// The golden `report.json` of the report's own tests, as a value and as a file.
pub(crate) fn report(folder: &TempDir) -> (Value, PathBuf) {
    let golden = "src/report/snapshots/sixpillars__report__tests__json.snap";
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(golden)).unwrap();
    let (_, json) = text.split_once("\n---\n").unwrap();
    let file = folder.path().join("report.json");
    std::fs::write(&file, json).unwrap();
    (serde_json::from_str(json).unwrap(), file)
}

/// How the program ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The same, if it ended with this exit code.
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self
    }
}

/// Runs `sixpillars send …` with nothing but these variables in its environment.
pub(crate) async fn send(arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_sixpillars"))
        .arg("send")
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
