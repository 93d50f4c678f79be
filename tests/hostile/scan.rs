//! Running the program against an endpoint.

use crate::account::{Account, Size};
use crate::endpoint::{self, Endpoint, Source};
use crate::verdicts::Verdicts;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

/// The regions that a scan reads by default. IAM is signed for us-east-1 whatever the
/// scan reads, so that one is not among them.
pub(crate) const REGIONS: [&str; 2] = ["eu-west-1", "ap-southeast-2"];

/// A small account with something of everything, as most tests want it.
pub(crate) fn account() -> Account {
    Account::new(Size {
        regions: 2,
        instances: 4,
        declared: 2,
        ..Size::FEW
    })
}

/// Answers of the small account.
pub(crate) fn small() -> Source {
    let account = account();
    Source::memory(move |call| account.answer(call))
}

/// A scan that is about to start. All that it writes is in one folder.
pub(crate) struct Scan {
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    regions: Vec<String>,
    /// A shell command to run before the program takes the shell's place.
    before: Option<String>,
    folder: Arc<TempDir>,
}

impl Scan {
    /// A scan of everything there is, billed reads included, as fast as it can, with nothing of the
    /// user's in its environment.
    pub(crate) fn of(endpoint: &Endpoint) -> Self {
        let scan = Self::plain(endpoint);
        scan.arguments(["--allow-paid", "1", "--max-rate", "0"])
    }

    /// A scan at the default rate, without billed reads.
    pub(crate) fn plain(endpoint: &Endpoint) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut environment = endpoint.environment();
        let credentials = endpoint::CREDENTIALS.iter();
        environment.extend(credentials.map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        let path = |name| text(&folder.path().join(name));
        environment.push(("SIXPILLARS_STATE_DIR".to_owned(), path("state")));
        let mut arguments: Vec<String> = ["scan", "--format", "json", "--quiet"]
            .map(ToOwned::to_owned)
            .into();
        arguments.extend(["--output".to_owned(), path("reports")]);
        Self {
            arguments,
            environment,
            regions: REGIONS.map(ToOwned::to_owned).into(),
            before: None,
            folder: Arc::new(folder),
        }
    }

    /// Goes on with a scan that came to no end, in the same folder.
    pub(crate) fn resume(endpoint: &Endpoint, ended: &Ended) -> Self {
        let mut scan = Self::resume_id(endpoint, &ended.id());
        scan.folder = Arc::clone(&ended.folder);
        scan.variable("SIXPILLARS_STATE_DIR", &text(&ended.state()))
    }

    /// Goes on with a scan of this id.
    pub(crate) fn resume_id(endpoint: &Endpoint, id: &str) -> Self {
        let mut scan = Self::plain(endpoint);
        scan.arguments = ["scan", "--quiet", "--resume", id]
            .map(ToOwned::to_owned)
            .into();
        scan.regions.clear();
        scan
    }

    /// What a user types after the program's name.
    pub(crate) fn typed(endpoint: &Endpoint, words: &[&str]) -> Self {
        let mut scan = Self::resume_id(endpoint, "");
        scan.arguments = words.iter().map(|word| (*word).to_owned()).collect();
        scan
    }

    pub(crate) fn arguments<const N: usize>(mut self, more: [&str; N]) -> Self {
        self.arguments.extend(more.map(ToOwned::to_owned));
        self
    }

    pub(crate) fn regions(mut self, regions: &[&str]) -> Self {
        self.regions = regions.iter().map(|r| (*r).to_owned()).collect();
        self
    }

    /// Sets a variable of the environment, or another value of one.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(n, _)| n != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without_variable(mut self, name: &str) -> Self {
        self.environment.retain(|(n, _)| n != name);
        self
    }

    /// Holds the account to a policy that goes by tags, so that the tags of every kind are read, also
    /// where they take a call of their own.
    pub(crate) fn by_tags(self) -> Self {
        let policy = self.folder().join("by-tags.yaml");
        let rules =
            "name: by-tags\noverrides:\n  - tags: {stage: none}\n    severity: {\"*\": low}\n";
        std::fs::write(&policy, rules).expect("a file");
        let policy = self::text(&policy);
        self.arguments(["--policy", &policy])
    }

    /// Reports in this format, to standard output instead of into a folder.
    pub(crate) fn printed(mut self, format: &str) -> Self {
        let at = |arguments: &[String], flag| arguments.iter().position(|a| a == flag);
        let folder = at(&self.arguments, "--output").expect("a folder");
        self.arguments.drain(folder..folder + 2);
        let first = at(&self.arguments, "--format").expect("a format");
        format.clone_into(&mut self.arguments[first + 1]);
        self
    }

    /// Starts the program by a shell that runs this first, such as `ulimit`.
    pub(crate) fn before(mut self, command: &str) -> Self {
        self.before = Some(command.to_owned());
        self
    }

    /// Lets the scan say on standard error what it is doing.
    pub(crate) fn aloud(mut self) -> Self {
        self.arguments.retain(|argument| argument != "--quiet");
        self
    }

    /// The folder that everything is written into.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn spawn(mut self) -> Running {
        if !self.regions.is_empty() {
            self.arguments
                .extend(["--regions".to_owned(), self.regions.join(",")]);
        }
        let program = env!("CARGO_BIN_EXE_sixpillars");
        let mut command = match &self.before {
            None => Command::new(program),
            Some(before) => {
                let mut shell = Command::new("/bin/sh");
                shell.args(["-c", &format!(r#"{before}; exec "$0" "$@""#), program]);
                shell
            }
        };
        let child = command
            .args(&self.arguments)
            .env_clear()
            .envs(self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        Running {
            child,
            folder: self.folder,
        }
    }

    pub(crate) async fn run(self) -> Ended {
        self.spawn().end().await
    }
}

/// A scan at work.
pub(crate) struct Running {
    child: Child,
    folder: Arc<TempDir>,
}

impl Running {
    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.child.id().expect("it runs").to_string();
        let sent = std::process::Command::new("kill")
            .args([&format!("-{name}"), &process])
            .status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits until it has said something on standard error so many times.
    pub(crate) async fn says(&mut self, what: &str, times: usize) {
        let mut said = 0;
        self.says_until(|line| {
            said += usize::from(line.contains(what));
            said == times
        })
        .await;
    }

    /// Waits for a line on standard error.
    pub(crate) async fn says_until(&mut self, last: impl FnMut(&str) -> bool) {
        read_until(self.child.stderr.as_mut().expect("a pipe"), last).await;
    }

    /// Waits until it says that all lists are read, `88/88 lists read`, which it does
    /// [aloud](Scan::aloud).
    pub(crate) async fn has_read_all(&mut self) {
        self.says_until(|line| {
            let words = line.split_whitespace();
            let mut counts = words.filter_map(|word| word.split_once('/'));
            line.ends_with("lists read") && counts.any(|(done, all)| done == all)
        })
        .await;
    }

    /// Reads what it prints up to a line, and gives that.
    pub(crate) async fn prints_until(&mut self, last: impl FnMut(&str) -> bool) -> String {
        read_until(self.child.stdout.as_mut().expect("a pipe"), last).await
    }

    /// Waits for its first line, asks it to stop, and takes what it prints until it has.
    pub(crate) async fn stop_after_a_line(mut self) -> Ended {
        let stdout = self.child.stdout.take().expect("a pipe");
        let mut stdout = BufReader::new(stdout);
        let mut text = String::new();
        let read = stdout.read_line(&mut text).await.expect("UTF-8");
        assert!(read > 0, "it ended without a line");
        self.signal("TERM");
        stdout.read_to_string(&mut text).await.expect("UTF-8");
        Ended {
            stdout: text,
            ..self.end().await
        }
    }

    pub(crate) async fn end(self) -> Ended {
        let output = self.child.wait_with_output().await.expect("an end");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Ended {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            folder: self.folder,
        }
    }
}

/// Reads lines up to the one that is waited for, and gives them. A little more may be taken from the
/// pipe, which is lost.
async fn read_until(
    pipe: &mut (impl AsyncRead + Unpin),
    mut last: impl FnMut(&str) -> bool,
) -> String {
    let mut pipe = BufReader::new(pipe);
    let (mut text, mut begin) = (String::new(), 0);
    loop {
        let read = pipe.read_line(&mut text).await.expect("UTF-8");
        assert!(read > 0, "it ended after {text}");
        if last(text[begin..].trim_end()) {
            return text;
        }
        begin = text.len();
    }
}

/// A scan that is over.
pub(crate) struct Ended {
    /// The exit code; none after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    folder: Arc<TempDir>,
}

impl Ended {
    /// The scan, if it ended with this exit code.
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn report(&self) -> Value {
        let file = self.folder.path().join("reports/report.json");
        let text = std::fs::read_to_string(&file)
            .unwrap_or_else(|e| panic!("no report ({e}): {:?} {}", self.code, self.stderr));
        serde_json::from_str(&text).expect("a report in JSON")
    }

    #[track_caller]
    pub(crate) fn verdicts(&self) -> Verdicts {
        Verdicts::of(&self.report())
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The journals that are left.
    pub(crate) fn journals(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.state()) else {
            return Vec::new();
        };
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths
            .filter(|path| path.extension().is_some_and(|e| e == "journal"))
            .collect()
    }

    /// The one journal that is left.
    #[track_caller]
    pub(crate) fn journal(&self) -> PathBuf {
        let journals = self.journals();
        assert_eq!(journals.len(), 1, "{journals:?} {}", self.stderr);
        journals.into_iter().next().unwrap()
    }

    /// The id to resume by.
    #[track_caller]
    pub(crate) fn id(&self) -> String {
        let journal = self.journal();
        let stem = journal.file_stem().expect("a name");
        stem.to_str().expect("UTF-8").to_owned()
    }
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// The gaps of a report that another one does not have. What AWS's answers do not decide is in both, for fewer
/// resources where fewer were read.
pub(crate) fn new_gaps<'r>(before: &Value, report: &'r Value) -> Vec<&'r Value> {
    let name = |gap: &Value| ["account", "region", "cause", "detail"].map(|of| gap[of].to_string());
    let known = before["gaps"].as_array().expect("gaps");
    let names: BTreeSet<_> = known.iter().map(name).collect();
    let is_known = |gap: &Value| {
        known.contains(gap) || gap["cause"] == "undecided" && names.contains(&name(gap))
    };
    let gaps = report["gaps"].as_array().expect("gaps").iter();
    gaps.filter(|gap| !is_known(gap)).collect()
}

/// Asserts that two reports say the same, and names the first line where they do not. Both are of one
/// day: ages are in whole days, and those of generated accounts are counted from midnight.
#[track_caller]
pub(crate) fn assert_same(expected: &Value, found: &Value) {
    let text = |value| serde_json::to_string_pretty(value).expect("JSON");
    let (expected, found) = (text(expected), text(found));
    for (at, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
        assert_eq!(expected, found, "line {at}");
    }
    assert_eq!(expected.len(), found.len());
}
