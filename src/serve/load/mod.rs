//! Reads the configuration file, and reports every problem at once.

mod address;
mod collector;
mod login;
mod reader;
mod storage;
mod target;
#[cfg(test)]
mod tests;

use super::config::{Config, is_name, schedule_problems};
use super::file::ServiceFile;
use super::notify;
use super::notify::channel::Channel;
use super::notify::file::ChannelFile;
use crate::cli::duration_in_days;
use crate::yaml::{self, Document, PathSeg, Pos, Problem};
use reader::Reader;
use std::path::Path;
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(30);
const CONCURRENCY: usize = 2;
const KEEP: Duration = Duration::from_hours(400 * 24);
/// A shorter lease would be lost to a slow disk.
const SHORTEST_LEASE: Duration = Duration::from_secs(1);

/// Reads the file.
///
/// # Errors
/// Every problem in it and in the policies and checks that it names.
pub(super) fn read(path: &Path) -> Result<Config, Vec<Problem>> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let problem = Problem::new(&name, Pos::START, format!("cannot be read: {error}"));
        vec![problem.with_help("name the file with --config; policies/samples has a sample")]
    })?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    parse(&name, &text, &folder, &|name| std::env::var(name).ok())
}

/// Reads the text of a file in a folder; `variable` looks up environment variables.
///
/// # Errors
/// As [`read`].
fn parse(
    name: &str,
    text: &str,
    folder: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Config, Vec<Problem>> {
    let document = Document::parse(name, text)?;
    let (file, problems) = yaml::decode_partial::<ServiceFile>(&document);
    let mut reader = Reader {
        document: &document,
        folder,
        problems,
    };
    let config = file.map(|file| reader.config(file, variable));
    let mut problems = reader.problems;
    problems.sort();
    match config {
        Some(config) if problems.is_empty() => Ok(config),
        _ => Err(problems),
    }
}

impl Reader<'_> {
    fn config(&mut self, file: ServiceFile, variable: &dyn Fn(&str) -> Option<String>) -> Config {
        let listen = self.listen(&file);
        let (store, bucket) = self.store(&file);
        let database = self.database(&file, &store, bucket.is_some(), variable);
        let names: Vec<&str> = file.targets.keys().map(String::as_str).collect();
        if names.is_empty() {
            self.problem(&["targets".into()], "there is nothing to audit", None);
        }
        self.schedules(&file, &names);
        let channels = file.notify.iter();
        let channels = channels
            .filter_map(|(name, channel)| {
                Some((name.clone(), self.channel(name, channel, &names, variable)?))
            })
            .collect();
        for kind in ["targets", "schedules", "notify"] {
            self.names(kind);
        }
        let targets = file.targets.iter();
        let login = file.login.clone().unwrap_or_default();
        Config {
            listen,
            host: self.host(file.url.as_deref()),
            tls: file
                .tls
                .as_ref()
                .map(|tls| (self.path(&tls.certificate), self.path(&tls.key))),
            behind_proxy: file.behind_proxy,
            tokens: login.tokens,
            oidc: login
                .oidc
                .as_ref()
                .map(|oidc| login::oidc(self, oidc, variable)),
            database,
            store,
            bucket,
            concurrency: file.concurrency.unwrap_or(CONCURRENCY),
            lease: self.lease(&file),
            keep: self.time("keep", file.keep.as_deref(), KEEP),
            log: file.log.unwrap_or_default(),
            otlp: file.otlp.as_ref().and_then(|otlp| self.otlp(otlp)),
            targets: targets
                .map(|(name, target)| (name.clone(), self.target(name, target)))
                .collect(),
            schedules: file.schedules,
            url: file.url,
            channels,
        }
    }

    fn schedules(&mut self, file: &ServiceFile, targets: &[&str]) {
        for (name, schedule) in &file.schedules {
            for (path, message, help) in schedule_problems(schedule, targets) {
                let path: Vec<PathSeg> = ["schedules".into(), name.as_str().into()]
                    .into_iter()
                    .chain(path)
                    .collect();
                self.problem(&path, message, help);
            }
        }
    }

    fn lease(&mut self, file: &ServiceFile) -> Duration {
        let lease = self.time("lease", file.lease.as_deref(), LEASE);
        if lease < SHORTEST_LEASE {
            let help = "a slow disk would lose it; write at least 1s".to_owned();
            self.problem(&["lease".into()], "is too short", Some(help));
        }
        lease
    }

    /// Checks names, which are parts of addresses.
    fn names(&mut self, kind: &str) {
        let Some(node) = self.document.get(&[kind.into()]) else {
            return;
        };
        let keys: Vec<String> = node
            .entries()
            .iter()
            .map(|entry| entry.key.clone())
            .collect();
        for key in keys {
            if !is_name(&key) {
                let path = [kind.into(), key.as_str().into()];
                let problem = self
                    .document
                    .problem_with_key(&path, format!("`{key}` is not a name"));
                let help = "letters, digits, `-`, `_` and `.`, at most 64 of them";
                self.problems.push(problem.with_help(help));
            }
        }
    }

    fn channel(
        &mut self,
        name: &str,
        file: &ChannelFile,
        targets: &[&str],
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Option<Channel> {
        let mut reader = notify::load::Reader {
            variable,
            folder: self.folder,
            targets,
            problems: Vec::new(),
        };
        let channel = reader.channel(file);
        for (path, message, help) in reader.problems {
            let path: Vec<PathSeg> = ["notify".into(), name.into()]
                .into_iter()
                .chain(path)
                .collect();
            self.problem(&path, message, help);
        }
        channel
    }

    fn time(&mut self, field: &str, text: Option<&str>, default: Duration) -> Duration {
        match text.map(duration_in_days) {
            None => default,
            Some(Ok(time)) => time,
            Some(Err(why)) => {
                self.problem(&[field.into()], why, None);
                default
            }
        }
    }
}
