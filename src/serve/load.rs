//! The configuration: from the file to what can be run, every problem at once.

use super::config::{Config, Otlp, Target, is_name, schedule_problems};
use super::file::{OtlpFile, ServiceFile, TargetFile};
use super::load_login;
use super::notify;
use super::notify::channel::Channel;
use super::notify::file::ChannelFile;
use super::reader::Reader;
use crate::aws::session::is_plausible;
use crate::cli::{SelectArgs, TargetArgs, duration_in_days, role_arn};
use crate::kinds::endpoints::all_regions;
use crate::send::webhook::is_loopback;
use crate::store::BucketPlace;
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

impl Reader<'_> {
    fn config(&mut self, file: ServiceFile, variable: &dyn Fn(&str) -> Option<String>) -> Config {
        let listen = self.listen(&file);
        let (store, bucket) = self.store(&file);
        let database = match &file.database {
            Some(url) => self.database(url, variable),
            None if bucket.is_some() => {
                let help = "postgres://user@host/name, or sqlite:///var/lib/sixpillars/service.db";
                let message = "is in S3, where no database can lie; `database` has to name one";
                self.problem(&["store".into()], message, Some(help.to_owned()));
                String::new()
            }
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
                .map(|oidc| load_login::oidc(self, oidc, variable)),
            database,
            store,
            bucket,
            concurrency: file.concurrency.unwrap_or(CONCURRENCY),
            lease,
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

    /// The folder of the runs, and the bucket if there is one.
    fn store(&mut self, file: &ServiceFile) -> (PathBuf, Option<BucketPlace>) {
        if !file.store.starts_with("s3:") {
            if file.work.is_some() {
                let message =
                    "is for a store in S3; the folder of the store has room for audits under way";
                self.problem(&["work".into()], message, None);
            }
            return (self.path(&file.store), None);
        }
        let place = match BucketPlace::parse(&file.store) {
            Ok(place) => Some(place),
            Err(why) => {
                self.problem(&["store".into()], why, None);
                None
            }
        };
        if let Some(region) = place.as_ref().and_then(|place| place.region.as_deref())
            && !is_plausible(region)
        {
            let near = did_you_mean(region, all_regions());
            self.problem(
                &["store".into()],
                format!("there is no region `{region}`"),
                near,
            );
        }
        if file.work.is_none() {
            let help = "write `work: /var/lib/sixpillars/work`".to_owned();
            let message = "is in S3, and audits that are under way need a folder";
            self.problem(&["store".into()], message, Some(help));
        }
        let work = file.work.as_deref().unwrap_or_default();
        (self.path(work), place)
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
            wrong: Vec::new(),
        };
        let channel = reader.channel(file);
        for (path, message, help) in reader.wrong {
            let path: Vec<PathSeg> = ["notify".into(), name.into()]
                .into_iter()
                .chain(path)
                .collect();
            self.problem(&path, message, help);
        }
        channel
    }

    /// Where traces go. Headers are secrets: no message repeats one, and none is sent in the clear.
    fn otlp(&mut self, file: &OtlpFile) -> Option<Otlp> {
        let at = |field: &str| [PathSeg::from("otlp"), field.into()];
        let address: Option<http::Uri> = file.endpoint.trim().parse().ok();
        let address = address.filter(|uri| {
            let plain = uri.query().is_none() && !file.endpoint.contains('@');
            plain && uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https"))
        });
        let Some(address) = address else {
            let help =
                "write it as http://localhost:4318 or https://collector.example.com".to_owned();
            let message = format!("`{}` is not the address of a collector", file.endpoint);
            self.problem(&at("endpoint"), message, Some(help));
            return None;
        };
        let mut headers = Vec::new();
        if let Some(path) = &file.headers_file {
            let clear = address.scheme_str() == Some("http");
            if clear && !address.host().is_some_and(is_loopback) {
                let help = "give the collector https, or leave the headers out".to_owned();
                let message = "the headers would be sent in the clear";
                self.problem(&at("headers_file"), message, Some(help));
            }
            match std::fs::read_to_string(self.path(path)) {
                Err(error) => {
                    let message = format!("{path} cannot be read: {error}");
                    self.problem(&at("headers_file"), message, None);
                }
                Ok(text) => match parse_headers(&text) {
                    Ok(all) => headers = all,
                    Err(line) => {
                        let help = "write `name: value`, one a line".to_owned();
                        let message = format!("{path}: line {line} is not a header");
                        self.problem(&at("headers_file"), message, Some(help));
                    }
                },
            }
        }
        Some(Otlp {
            traces: Otlp::traces_of(&file.endpoint),
            headers,
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
}

/// Headers, one a line, or the number of the first line that is none.
fn parse_headers(text: &str) -> Result<Vec<(String, String)>, usize> {
    let mut headers = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let header = line.split_once(':').and_then(|(name, value)| {
            let name: http::HeaderName = name.trim().parse().ok()?;
            let value: http::HeaderValue = value.trim().parse().ok()?;
            Some((name.to_string(), value.to_str().ok()?.to_owned()))
        });
        headers.push(header.ok_or(number + 1)?);
    }
    Ok(headers)
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

    /// The sample with what it has in comments.
    fn uncommented() -> String {
        let lines = SAMPLE.lines().skip_while(|line| *line != "# notify:");
        let lines = lines.map(|line| line.strip_prefix("# ").unwrap_or(line));
        let notify: Vec<&str> = lines.collect();
        format!("store: s\ntargets: {{shop: {{}}}}\n{}\n", notify.join("\n"))
    }

    #[test]
    fn the_channels_of_the_sample_can_be_used() {
        let all = |_: &str| Some("https://hooks.example.com/x".to_owned());
        let config = super::parse("service.yaml", &uncommented(), Path::new("/"), &all).unwrap();
        assert_eq!(config.channels.len(), 5);
        let shown = format!("{:?}", config.channels);
        assert!(!shown.contains("hooks.example.com"), "{shown}");
    }

    #[test]
    fn every_problem_of_a_channel_is_reported_with_its_place() {
        let text = "store: s\ntargets: {shop: {}}\nnotify:\n  a: {}\n  b:\n    slack: x\n    burst: 2h\n    \
                    targets: [shpo]\n    quiet: [{from: \"25:00\", to: \"07:00\", time_zone: Mars}]\n    \
                    digest: {at: noon}\n  c:\n    sns: {topic: audits, external_id: x}\n  d:\n    \
                    eventbridge: {bus: \"arn:aws:events:eu-wset-1:111122223333:event-bus/a\", role: x}\n  \
                    e:\n    email:\n      from: nobody\n      to: [a@example.com, b]\n      \
                    smtp: {host: mail.example.com, tls: none, user: x}\n  \
                    f:\n    email: {from: a@example.com, to: [a@example.com]}\n  \
                    g:\n    webhook: {url: \"http://hooks.example.com\", secret: \"${NO}\"}\n    slack: y\n";
        let problems = parse_text(text).unwrap_err();
        let has = |place: &str, words: &str| {
            problems
                .iter()
                .any(|p| p.starts_with(&format!("service.yaml:{place}")) && p.contains(words))
        };
        for (place, words) in [
            ("4:6", "says not where messages go"),
            ("6:12", "is not an address"),
            ("7:12", "too long"),
            ("8:15", "did you mean `shop`?"),
            ("9:20", "not a time of the day"),
            ("9:53", "`Mars`"),
            ("10:18", "not a time of the day"),
            ("12:18", "not the ARN of a topic"),
            ("12:39", "belongs to a `role`"),
            ("14:24", "eu-west-1"),
            ("14:83", "role"),
            ("17:13", "`nobody`"),
            ("18:27", "`b`"),
            ("19:43", "in the clear"),
            ("19:55", "has no password"),
            ("21:12", "says not how it is sent"),
            ("23:", "says not where messages go"),
        ] {
            assert!(has(place, words), "{place} {words}: {problems:#?}");
        }
    }

    #[test]
    fn a_store_in_s3_takes_a_database_and_a_folder() {
        let text = "store: s3://audits/x?region=eu-wset-1\ntargets: {shop: {}}\n";
        let problems = parse_text(text).unwrap_err().join("\n");
        for words in [
            "`database` has to name one",
            "`work: /var",
            "did you mean `eu-west-1`?",
        ] {
            assert!(problems.contains(words), "{problems}");
        }
        let text = "store: s3://audits/x\nwork: w\ndatabase: postgres://h/d\ntargets: {shop: {}}\n";
        let config = parse_text(text).unwrap();
        assert_eq!(config.bucket.unwrap().to_string(), "s3://audits/x");
        assert_eq!(config.store, Path::new("/etc/sixpillars/w"));
        let text = "store: data\nwork: w\ntargets: {shop: {}}\n";
        assert!(parse_text(text).unwrap_err()[0].contains("for a store in S3"));
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
    fn traces_go_where_the_file_says_and_no_header_is_sent_in_the_clear() {
        let of =
            |otlp: &str| parse_text(&format!("store: s\ntargets: {{a: {{}}}}\notlp: {otlp}\n"));
        let otlp = of("{endpoint: \"http://collector:4318/\"}").unwrap().otlp;
        assert_eq!(otlp.unwrap().traces, "http://collector:4318/v1/traces");
        for bad in ["collector:4318", "ftp://x", "http://a:b@collector"] {
            let problems = of(&format!("{{endpoint: \"{bad}\"}}")).unwrap_err();
            assert!(
                problems[0].contains("is not the address of a collector"),
                "{problems:?}"
            );
        }
        let clear = "{endpoint: \"http://collector:4318\", headers_file: nowhere}";
        let problems = of(clear).unwrap_err();
        assert_eq!(problems.len(), 2, "{problems:#?}");
        assert!(problems.iter().any(|p| p.contains("in the clear")));
        let headers = parse_headers("# key\napi-key: secret: x\n\n").unwrap();
        assert_eq!(headers, [("api-key".to_owned(), "secret: x".to_owned())]);
        assert_eq!(parse_headers("a: b\nnonsense"), Err(2));
        let env = |name: &str| match name {
            "OTEL_EXPORTER_OTLP_ENDPOINT" => Some("http://localhost:4318".to_owned()),
            _ => None,
        };
        let traces = Otlp::from_env(&env).map(|otlp| otlp.traces);
        assert_eq!(traces.as_deref(), Some("http://localhost:4318/v1/traces"));
        assert_eq!(Otlp::from_env(&|_| None), None);
    }
}
