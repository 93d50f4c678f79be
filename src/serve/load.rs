//! The configuration: from the file to what can be run, every problem at once.

use super::config::{Channel, Config, Kind, Target, is_name, schedule_problems};
use super::file::{ChannelFile, ServiceFile, TargetFile};
use super::load_login;
use crate::aws::session::is_plausible;
use crate::cli::{SelectArgs, TargetArgs, duration_in_days, role_arn};
use crate::kinds::endpoints::all_regions;
use crate::send::webhook::Webhook;
use crate::yaml::{self, Document, PathSeg, Pos, Problem, did_you_mean};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

const LISTEN: &str = "127.0.0.1:7317";
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

/// Reads the text of a file in a folder; `variable` gives those of the environment.
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

pub(super) struct Reader<'a> {
    document: &'a Document,
    folder: &'a Path,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    pub(super) fn problem(
        &mut self,
        path: &[PathSeg],
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let problem = self.document.problem(path, message);
        self.problems.push(problem.with_maybe_help(help));
    }

    fn config(&mut self, file: ServiceFile, variable: &dyn Fn(&str) -> Option<String>) -> Config {
        let listen = self.listen(&file);
        let store = self.path(&file.store);
        let database = match &file.database {
            Some(url) => self.database(url, variable),
            None => format!("sqlite://{}?mode=rwc", store.join("service.db").display()),
        };
        let names: Vec<&str> = file.targets.keys().map(String::as_str).collect();
        if names.is_empty() {
            self.problem(&["targets".into()], "there is nothing to audit", None);
        }
        for (name, schedule) in &file.schedules {
            for (path, message, help) in schedule_problems(schedule, &names) {
                let path: Vec<PathSeg> = ["schedules".into(), name.as_str().into()]
                    .into_iter()
                    .chain(path)
                    .collect();
                self.problem(&path, message, help);
            }
        }
        let channels = file.notify.iter();
        let channels = channels
            .filter_map(|(name, channel)| {
                Some((name.clone(), self.channel(name, channel, &names, variable)?))
            })
            .collect();
        for kind in ["targets", "schedules", "notify"] {
            self.names(kind);
        }
        let lease = self.time("lease", file.lease.as_deref(), LEASE);
        if lease < SHORTEST_LEASE {
            let help = "a slow disk would lose it; write at least 1s".to_owned();
            self.problem(&["lease".into()], "is too short", Some(help));
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
                .and_then(|oidc| load_login::oidc(self, oidc, variable)),
            database,
            store,
            concurrency: file.concurrency.unwrap_or(CONCURRENCY),
            lease,
            keep: self.time("keep", file.keep.as_deref(), KEEP),
            targets: targets
                .map(|(name, target)| (name.clone(), self.target(name, target)))
                .collect(),
            schedules: file.schedules,
            url: file.url,
            channels,
        }
    }

    /// Names are parts of addresses.
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

    fn listen(&mut self, file: &ServiceFile) -> SocketAddr {
        let text = file.listen.as_deref().unwrap_or(LISTEN);
        let Ok(address) = text.parse::<SocketAddr>() else {
            let help = "an IP address and a port, such as 127.0.0.1:7317 or 0.0.0.0:7317";
            self.problem(
                &["listen".into()],
                format!("`{text}` is not an address"),
                Some(help.to_owned()),
            );
            return SocketAddr::from(([127, 0, 0, 1], 0));
        };
        load_login::check_reach(self, file, address);
        address
    }

    fn host(&mut self, url: Option<&str>) -> Option<String> {
        let url = url?;
        let parsed: Result<http::Uri, _> = url.parse();
        let host = parsed.ok().and_then(|uri| {
            let plain = matches!(uri.path(), "" | "/") && uri.query().is_none();
            let scheme = matches!(uri.scheme_str(), Some("https" | "http"));
            (plain && scheme).then(|| uri.authority().map(ToString::to_string))?
        });
        if host.is_none() {
            let help = "write it as https://audits.example.com".to_owned();
            self.problem(
                &["url".into()],
                format!("`{url}` is not the address of a host"),
                Some(help),
            );
        }
        host
    }

    fn database(&mut self, url: &str, variable: &dyn Fn(&str) -> Option<String>) -> String {
        let at = [PathSeg::from("database")];
        let filled = self.filled(&at, url, variable);
        if !["sqlite:", "postgres:", "postgresql:"]
            .iter()
            .any(|scheme| filled.starts_with(scheme))
        {
            // The text may hold a password.
            let help = "sqlite:///var/lib/sixpillars/service.db, or postgres://user@host/name";
            self.problem(
                &at,
                "is not the address of a database",
                Some(help.to_owned()),
            );
        }
        filled
    }

    /// A text with the variables of the environment that stand in it.
    pub(super) fn filled(
        &mut self,
        at: &[PathSeg],
        text: &str,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                self.problem(at, "a `${` without its `}`", None);
                return filled;
            };
            match value(name, variable) {
                Ok(value) => filled.push_str(&value),
                Err(message) => self.problem(at, message, None),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn channel(
        &mut self,
        name: &str,
        file: &ChannelFile,
        targets: &[&str],
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Option<Channel> {
        let at = |field: &str| vec![PathSeg::from("notify"), name.into(), field.into()];
        for (index, target) in file.targets.iter().enumerate() {
            if !targets.contains(&target.as_str()) {
                let near = did_you_mean(target, targets.iter().copied());
                let path: Vec<PathSeg> = at("targets").into_iter().chain([index.into()]).collect();
                self.problem(&path, format!("there is no target `{target}`"), near);
            }
        }
        let (path, kind) = match (&file.webhook, &file.slack) {
            (Some(webhook), None) => {
                let mut path = at("webhook");
                path.push("url".into());
                let address = self.filled(&path, &webhook.url, variable);
                let mut secret = at("webhook");
                secret.push("secret".into());
                let secret = self.filled(&secret, &webhook.secret, variable);
                (path, Kind::Webhook { address, secret })
            }
            (None, Some(slack)) => {
                let path = at("slack");
                let address = self.filled(&path, slack, variable);
                (path, Kind::Slack { address })
            }
            _ => {
                let path = [PathSeg::from("notify"), name.into()];
                let help = "write one of `webhook` and `slack`".to_owned();
                self.problem(&path, "says not where messages go", Some(help));
                return None;
            }
        };
        let (Kind::Webhook { address, .. } | Kind::Slack { address }) = &kind;
        if let Err(error) = Webhook::parse(address) {
            // The address is a secret.
            self.problem(&path, error.to_string(), None);
        }
        Some(Channel {
            kind,
            severity: file.severity,
            pillars: file.pillars.clone(),
            targets: file.targets.clone(),
            owners: file.owners.clone(),
            allow_private: file.allow_private,
        })
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

    fn target(&mut self, name: &str, file: &TargetFile) -> Target {
        let at = |field: &str| [PathSeg::from("targets"), name.into(), field.into()];
        if let Some(Err(why)) = file.role.as_deref().map(role_arn) {
            self.problem(&at("role"), why, None);
        }
        if file.external_id.is_some() && file.role.is_none() {
            self.problem(
                &at("external_id"),
                "belongs to a `role`, and there is none",
                None,
            );
        }
        for (index, region) in file.regions.iter().enumerate() {
            if region != "enabled" && !is_plausible(region) {
                let near = did_you_mean(region, all_regions());
                let path: Vec<PathSeg> = at("regions").into_iter().chain([index.into()]).collect();
                self.problem(&path, format!("there is no region `{region}`"), near);
            }
        }
        let regions = if file.regions.is_empty() {
            vec!["enabled".to_owned()]
        } else {
            file.regions.clone()
        };
        Target {
            access: TargetArgs {
                profile: file.profile.iter().cloned().collect(),
                role_arn: file.role.iter().cloned().collect(),
                external_id: file.external_id.clone(),
                regions,
            },
            select: SelectArgs {
                policy: file
                    .policy
                    .iter()
                    .map(|policy| self.policy(policy))
                    .collect(),
                checks_dir: file.checks_dir.iter().map(|dir| self.path(dir)).collect(),
                ..SelectArgs::default()
            },
            owners: file.owners.clone(),
        }
    }

    /// A plain word names a built-in policy unless there is such a file.
    fn policy(&self, name: &str) -> String {
        let path = self.path(name);
        if !path.exists() && crate::policy::builtin(name).is_some() {
            name.to_owned()
        } else {
            path.display().to_string()
        }
    }

    pub(super) fn path(&self, text: &str) -> PathBuf {
        self.folder.join(text)
    }
}

/// What stands for `${NAME}`: the variable of that name, else what the file holds that the variable
/// `NAME_FILE` names. Container engines and systemd hand secrets over in files.
fn value(name: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    if let Some(value) = variable(name) {
        return Ok(value);
    }
    let Some(path) = variable(&format!("{name}_FILE")) else {
        return Err(format!("the environment has no variable `{name}`"));
    };
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("`{name}_FILE` names {path}, which cannot be read: {error}"))?;
    // Editors end a file with an end of line, which belongs to no secret.
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(format!("`{name}_FILE` names {path}, which is empty"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../policies/samples/service.yaml");

    pub(in crate::serve) fn parse_text(text: &str) -> Result<Config, Vec<String>> {
        let config = super::parse(
            "service.yaml",
            text,
            Path::new("/etc/sixpillars"),
            &|name| (name == "PASSWORD").then(|| "secret".to_owned()),
        );
        config.map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_sample_can_be_used() {
        let config = parse_text(SAMPLE).unwrap();
        assert!(config.listen.ip().is_loopback());
        assert!(!config.targets.is_empty() && !config.schedules.is_empty());
        config.check_selections().unwrap();
    }

    #[test]
    fn what_the_sample_shows_as_a_comment_can_be_used() {
        let (before, rest) = SAMPLE.split_once("# url: ").unwrap();
        let (comment, after) = rest.split_once("\n\n").unwrap();
        let mut text = format!("{before}url: {}\n\n{after}", comment.replace("\n# ", "\n"));
        let secret = "client_secret: ${PASSWORD} #";
        text = text.replace("client_secret_file: /run/secrets/oidc", secret);
        let config = parse_text(&text).unwrap();
        let oidc = config.oidc.unwrap();
        assert!(config.tokens && config.behind_proxy && config.tls.is_some());
        assert_eq!((oidc.roles.len(), oidc.role_claim.as_str()), (4, "groups"));
    }

    #[test]
    fn the_schema_in_the_repository_is_current() {
        yaml::assert_schema_is_current("serve", &schemars::schema_for!(ServiceFile));
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let config = parse_text("store: data\ntargets: {shop: {}}\n").unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:7317");
        assert_eq!(config.store, Path::new("/etc/sixpillars/data"));
        assert_eq!(
            config.database,
            "sqlite:///etc/sixpillars/data/service.db?mode=rwc"
        );
        assert_eq!(config.targets["shop"].access.regions, ["enabled"]);
        assert_eq!(
            (config.concurrency, config.lease),
            (2, Duration::from_secs(30))
        );
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let text = "store: data\nlisten: here\nlaese: 1m\nlease: 10ms\ndatabase: mysql://${NO}\n\
                    url: audits\n\
                    targets:\n  a/b: {}\n  shop:\n    role: admin\n    regions: [us-eats-1]\n\
                    schedules:\n  nightly:\n    cron: 0 25 * * *\n    targets: [shpo]\n    jitter: soon\n";
        let problems = parse_text(text).unwrap_err();
        let places: Vec<&str> = problems
            .iter()
            .filter_map(|p| p.split(": ").next())
            .collect();
        assert_eq!(
            places,
            [
                "service.yaml:2:9",
                "service.yaml:3:1",
                "service.yaml:4:8",
                "service.yaml:5:11",
                "service.yaml:5:11",
                "service.yaml:6:6",
                "service.yaml:8:3",
                "service.yaml:10:11",
                "service.yaml:11:15",
                "service.yaml:14:11",
                "service.yaml:15:15",
                "service.yaml:16:13",
            ],
            "{problems:#?}"
        );
        assert!(problems.iter().any(|p| p.contains("did you mean `lease`?")));
        assert!(problems.iter().any(|p| p.contains("did you mean `shop`?")));
    }

    #[test]
    fn a_password_comes_from_the_environment() {
        let text = "store: s\ntargets: {a: {}}\ndatabase: postgres://u:${PASSWORD}@db/x\n";
        assert_eq!(
            parse_text(text).unwrap().database,
            "postgres://u:secret@db/x"
        );
    }

    #[test]
    fn a_secret_may_lie_in_a_file_that_the_environment_names() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let (secret, empty) = (of("secret", "s3cret\r\n"), of("empty", "\n"));
        let missing = folder.path().join("missing").display().to_string();
        let variables = [
            ("A", "variable"),
            ("A_FILE", missing.as_str()),
            ("B_FILE", secret.as_str()),
            ("C_FILE", empty.as_str()),
            ("D_FILE", missing.as_str()),
        ];
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(value("A", &variable).unwrap(), "variable");
        assert_eq!(value("B", &variable).unwrap(), "s3cret");
        for (name, why) in [
            ("C", "is empty"),
            ("D", "cannot be read"),
            ("E", "no variable `E`"),
        ] {
            let error = value(name, &variable).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
