//! The configurations of this repository can be used, and the rules of Prometheus ask for what the running
//! service has.

use crate::{files, text};
use assert_cmd::Command;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

/// The first line of every configuration: editors take the schema from it.
const SCHEMA: &str = "/schemas/serve.schema.json";

#[test]
fn every_configuration_can_be_used() {
    let mut checked = 0;
    let paths = ["localstack", "policies/samples"]
        .into_iter()
        .flat_map(files);
    for path in files("deploy").into_iter().chain(paths) {
        let text = match path.rsplit('.').next() {
            Some("yaml") => text(&path),
            _ => continue,
        };
        if !text
            .lines()
            .next()
            .is_some_and(|line| line.ends_with(SCHEMA))
        {
            continue;
        }
        let mut command = Command::cargo_bin("sixpillars").unwrap();
        command
            .env_clear()
            .args(["serve", "--check", "--config"])
            .arg(crate::file(&path));
        for after in text.split("${").skip(1) {
            let name = after.split('}').next().unwrap();
            command.env(name, "made-up");
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{path}: {output:?}");
        checked += 1;
    }
    assert!(checked >= 5, "the configurations were not found");
}

/// A service with one target and an empty history, stopped when it is dropped.
struct Running {
    child: Child,
    address: String,
    config: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl Running {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("service.yaml");
        // A port that is free now: `health` reads it from the file, too.
        let port = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap().port()
        };
        let text = format!("listen: 127.0.0.1:{port}\nstore: store\ntargets: {{shop: {{}}}}\n");
        std::fs::write(&config, text).unwrap();
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_sixpillars"))
            .env_clear()
            .args(["serve", "--config"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("Listening on http://");
        Self {
            address: address.expect("it listens").to_owned(),
            child,
            config,
            _folder: folder,
        }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn health(&self) -> (Option<i32>, String) {
        let output = Command::cargo_bin("sixpillars")
            .unwrap()
            .env_clear()
            .args(["serve", "health", "--config"])
            .arg(&self.config)
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_rules_ask_for_metrics_that_there_are() {
    let asked: BTreeSet<String> = text("deploy/prometheus/rules.yaml")
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("sixpillars_") && !word.ends_with('_'))
        .map(ToOwned::to_owned)
        .collect();
    assert!(asked.len() > 3, "{asked:?}");
    let running = Running::start();
    let metrics = running.get("/metrics");
    for name in asked {
        // Those of a histogram have the name of their family in front.
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .unwrap_or(&name);
        let known = [&name, family]
            .iter()
            .any(|name| metrics.contains(&format!("# TYPE {name} ")));
        assert!(known, "{name} is no metric of the service");
    }
}

#[test]
fn health_says_whether_the_service_takes_requests() {
    let mut running = Running::start();
    assert_eq!(running.health(), (Some(0), "ready\n".to_owned()));
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    let (code, text) = running.health();
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("does not answer"), "{text}");
}
