//! Reads the channels of the configuration file, and reports every problem at once.

use super::channel::{Access, Channel, Kind};
use super::file::{ChannelFile, DayFile, DigestFile, EmailFile, QuietFile, SmtpFile, TlsModeFile};
use super::timing::{Digest, Quiet, Timing};
use crate::aws::session::is_plausible;
use crate::cli::{duration_in_days, role_arn};
use crate::kinds::endpoints::all_regions;
use crate::send::event_bridge::Bus;
use crate::send::mail::{Envelope, Protection, Smtp, mailbox};
use crate::send::sns::Topic;
use crate::send::webhook::{Webhook, is_loopback};
use crate::serve::variables::filled;
use crate::yaml::{PathSeg, did_you_mean};
use jiff::SignedDuration;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use std::path::Path;

/// How long a channel waits for further changes.
const BURST: SignedDuration = SignedDuration::from_mins(1);
/// For a longer wait there is the digest.
const LONGEST_BURST: SignedDuration = SignedDuration::from_hours(1);

/// What is wrong: the field below the channel, the message, and what would be right.
pub(in crate::serve) type ConfigProblem = (Vec<PathSeg>, String, Option<String>);

/// Reads one channel.
pub(in crate::serve) struct Reader<'a> {
    /// Looks up environment variables.
    pub(in crate::serve) variable: &'a dyn Fn(&str) -> Option<String>,
    /// The folder that paths are relative to.
    pub(in crate::serve) folder: &'a Path,
    /// The names of all targets.
    pub(in crate::serve) targets: &'a [&'a str],
    /// The problems that were found.
    pub(in crate::serve) problems: Vec<ConfigProblem>,
}

impl Reader<'_> {
    /// The channel; `None` if it cannot be used.
    pub(in crate::serve) fn channel(&mut self, file: &ChannelFile) -> Option<Channel> {
        for (index, target) in file.targets.iter().enumerate() {
            if !self.targets.contains(&target.as_str()) {
                let near = did_you_mean(target, self.targets.iter().copied());
                let at = vec!["targets".into(), index.into()];
                let message = format!("there is no target `{target}`");
                self.problems.push((at, message, near));
            }
        }
        let timing = self.timing(file);
        let ways = [
            file.webhook.is_some(),
            file.slack.is_some(),
            file.sns.is_some(),
            file.eventbridge.is_some(),
            file.email.is_some(),
        ];
        if ways.into_iter().filter(|way| *way).count() != 1 {
            let help = "write one of `webhook`, `slack`, `sns`, `eventbridge` and `email`";
            self.problem(&[], "does not say where messages go", Some(help));
            return None;
        }
        let kind = self.kind(file)?;
        Some(Channel {
            kind,
            severity: file.severity,
            pillars: file.pillars.clone(),
            targets: file.targets.clone(),
            owners: file.owners.clone(),
            changes: file.changes.clone(),
            timing,
            allow_private: file.allow_private,
        })
    }

    fn problem(&mut self, at: &[&str], message: impl Into<String>, help: Option<&str>) {
        let at = at.iter().map(|field| PathSeg::from(*field)).collect();
        self.problems
            .push((at, message.into(), help.map(ToOwned::to_owned)));
    }

    fn kind(&mut self, file: &ChannelFile) -> Option<Kind> {
        if let Some(webhook) = &file.webhook {
            let secret = self.filled(&["webhook", "secret"], &webhook.secret);
            let address = self.address(&["webhook", "url"], &webhook.url);
            return Some(Kind::Webhook { address, secret });
        }
        if let Some(slack) = &file.slack {
            let address = self.address(&["slack"], slack);
            return Some(Kind::Slack { address });
        }
        if let Some(sns) = &file.sns {
            let access = self.access("sns", sns.role.as_deref(), sns.external_id.as_deref());
            let arn = self.filled(&["sns", "topic"], &sns.topic);
            return match Topic::parse(&arn) {
                Ok(topic) => {
                    self.region(&["sns", "topic"], &topic.region);
                    Some(Kind::Sns { topic, access })
                }
                Err(why) => {
                    self.problem(&["sns", "topic"], format!("`{arn}` is {why}"), None);
                    None
                }
            };
        }
        if let Some(bus) = &file.eventbridge {
            let access = self.access(
                "eventbridge",
                bus.role.as_deref(),
                bus.external_id.as_deref(),
            );
            let arn = self.filled(&["eventbridge", "bus"], &bus.bus);
            return match Bus::parse(&arn) {
                Ok(bus) => {
                    self.region(&["eventbridge", "bus"], &bus.region);
                    Some(Kind::EventBridge { bus, access })
                }
                Err(why) => {
                    self.problem(&["eventbridge", "bus"], format!("`{arn}` is {why}"), None);
                    None
                }
            };
        }
        self.email(file.email.as_ref()?)
    }

    fn email(&mut self, file: &EmailFile) -> Option<Kind> {
        let from = self.mailbox(vec!["email".into(), "from".into()], &file.from);
        let to: Vec<_> = file
            .to
            .iter()
            .enumerate()
            .filter_map(|(index, to)| {
                self.mailbox(vec!["email".into(), "to".into(), index.into()], to)
            })
            .collect();
        match (&file.smtp, &file.ses) {
            (Some(smtp), None) => {
                let server = self.smtp(smtp);
                let envelope = Envelope { from: from?, to };
                Some(Kind::Smtp { envelope, server })
            }
            (None, Some(ses)) => {
                let (role, id) = (ses.role.as_deref(), ses.external_id.as_deref());
                let access = self.access_at(&["email", "ses"], role, id);
                self.region(&["email", "ses", "region"], &ses.region);
                Some(Kind::Ses {
                    envelope: Envelope { from: from?, to },
                    region: ses.region.clone(),
                    access,
                })
            }
            _ => {
                let help = "write one of `smtp` and `ses`";
                self.problem(&["email"], "does not say how it is sent", Some(help));
                None
            }
        }
    }

    fn mailbox(&mut self, at: Vec<PathSeg>, text: &str) -> Option<lettre::message::Mailbox> {
        match mailbox(text) {
            Ok(mailbox) => Some(mailbox),
            Err(why) => {
                self.problems.push((at, why, None));
                None
            }
        }
    }

    fn smtp(&mut self, file: &SmtpFile) -> Smtp {
        let protection = match file.tls {
            TlsModeFile::Starttls => Protection::StartTls,
            TlsModeFile::Tls => Protection::Tls,
            TlsModeFile::None => Protection::None,
        };
        let host = self.filled(&["email", "smtp", "host"], &file.host);
        if protection == Protection::None && !is_loopback(&host) {
            let message =
                format!("`{host}` is not this machine, and would be sent to in the clear");
            let help = "write `tls: starttls` or `tls: tls`";
            self.problem(&["email", "smtp", "tls"], message, Some(help));
        }
        let ca = file
            .ca
            .as_ref()
            .and_then(|ca| self.read(&["email", "smtp", "ca"], ca));
        Smtp {
            port: file.port.unwrap_or(protection.port()),
            login: self.smtp_login(file),
            host,
            protection,
            ca,
        }
    }

    fn smtp_login(&mut self, file: &SmtpFile) -> Option<(String, String)> {
        let at = ["email", "smtp", "password"];
        let password = match (&file.password, &file.password_file) {
            (Some(password), None) => Some(self.filled(&at, password)),
            (None, Some(path)) => self
                .read(&["email", "smtp", "password_file"], path)
                .map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()),
            (None, None) => None,
            (Some(_), Some(_)) => {
                self.problem(&at, "cannot be combined with `password_file`", None);
                None
            }
        };
        let user = file.user.as_ref();
        let user = user.map(|user| self.filled(&["email", "smtp", "user"], user));
        let has_password = file.password.is_some() || file.password_file.is_some();
        match (user, password) {
            (Some(user), Some(password)) => Some((user, password)),
            (Some(_), None) if !has_password => {
                let help = "write `password: ${NAME}` or `password_file`";
                self.problem(&["email", "smtp", "user"], "has no password", Some(help));
                None
            }
            (None, _) if has_password => {
                self.problem(&["email", "smtp"], "has a password and no `user`", None);
                None
            }
            _ => None,
        }
    }

    /// A file that the configuration names.
    fn read(&mut self, at: &[&str], path: &str) -> Option<Vec<u8>> {
        let path = self.folder.join(path);
        match std::fs::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                let message = format!("{} cannot be read: {error}", path.display());
                self.problem(at, message, None);
                None
            }
        }
    }

    /// The address of a webhook. It is a secret, so no message repeats it.
    fn address(&mut self, at: &[&str], text: &str) -> String {
        let address = self.filled(at, text);
        if let Err(error) = Webhook::parse(&address) {
            self.problem(at, error.to_string(), None);
        }
        address
    }

    fn filled(&mut self, at: &[&str], text: &str) -> String {
        let (filled, problems) = filled(text, self.variable);
        for problem in problems {
            self.problem(at, problem, None);
        }
        filled
    }

    fn access(&mut self, way: &str, role: Option<&str>, external_id: Option<&str>) -> Access {
        self.access_at(&[way], role, external_id)
    }

    fn access_at(&mut self, at: &[&str], role: Option<&str>, external_id: Option<&str>) -> Access {
        let field = |name| [at, &[name][..]].concat();
        if let Some(Err(why)) = role.map(role_arn) {
            self.problem(&field("role"), why, None);
        }
        if external_id.is_some() && role.is_none() {
            let message = "belongs to a `role`, and there is none";
            self.problem(&field("external_id"), message, None);
        }
        Access {
            role: role.map(ToOwned::to_owned),
            external_id: external_id.map(ToOwned::to_owned),
        }
    }

    fn region(&mut self, at: &[&str], region: &str) {
        if !is_plausible(region) {
            let near = did_you_mean(region, all_regions());
            let message = format!("there is no region `{region}`");
            self.problem(at, message, near.as_deref());
        }
    }

    fn timing(&mut self, file: &ChannelFile) -> Timing {
        let burst = match file.burst.as_deref().map(duration_in_days) {
            None => BURST,
            Some(Ok(burst)) => SignedDuration::try_from(burst).unwrap_or(SignedDuration::MAX),
            Some(Err(why)) => {
                self.problem(&["burst"], why, None);
                BURST
            }
        };
        if burst > LONGEST_BURST {
            let help = "at most 1h; write a `digest` for fewer messages";
            self.problem(&["burst"], "is too long", Some(help));
        }
        let digest = file.digest.as_ref().and_then(|digest| self.digest(digest));
        let quiet = file.quiet.iter().enumerate();
        let quiet = quiet.filter_map(|(index, quiet)| self.quiet(index, quiet));
        Timing {
            burst,
            digest,
            quiet: quiet.collect(),
            urgent: file.urgent,
        }
    }

    fn digest(&mut self, file: &DigestFile) -> Option<Digest> {
        let at = |field: &str| vec![PathSeg::from("digest"), field.into()];
        let zone = self.zone(at("time_zone"), file.time_zone.as_deref());
        let time = self.time(at("at"), &file.at);
        Some(Digest {
            at: time?,
            days: file.days.iter().map(|day| weekday(*day)).collect(),
            zone: zone?,
        })
    }

    fn quiet(&mut self, index: usize, file: &QuietFile) -> Option<Quiet> {
        let at = |field: &str| vec![PathSeg::from("quiet"), index.into(), field.into()];
        let zone = self.zone(at("time_zone"), file.time_zone.as_deref());
        let from = self.time(at("from"), &file.from);
        let to = self.time(at("to"), &file.to);
        Some(Quiet {
            from: from?,
            to: to?,
            days: file.days.iter().map(|day| weekday(*day)).collect(),
            zone: zone?,
        })
    }

    fn zone(&mut self, at: Vec<PathSeg>, name: Option<&str>) -> Option<TimeZone> {
        let name = name.unwrap_or("UTC");
        match TimeZone::get(name) {
            Ok(zone) => Some(zone),
            Err(error) => {
                let message = format!("`{name}` cannot be used: {error}");
                let help = "a name such as Europe/Berlin".to_owned();
                self.problems.push((at, message, Some(help)));
                None
            }
        }
    }

    fn time(&mut self, at: Vec<PathSeg>, text: &str) -> Option<Time> {
        let time = Time::strptime("%H:%M", text.trim()).ok();
        if time.is_none() {
            let message = format!("`{text}` is not a time of the day");
            let help = "hours and minutes, such as 07:30".to_owned();
            self.problems.push((at, message, Some(help)));
        }
        time
    }
}

fn weekday(day: DayFile) -> Weekday {
    match day {
        DayFile::Monday => Weekday::Monday,
        DayFile::Tuesday => Weekday::Tuesday,
        DayFile::Wednesday => Weekday::Wednesday,
        DayFile::Thursday => Weekday::Thursday,
        DayFile::Friday => Weekday::Friday,
        DayFile::Saturday => Weekday::Saturday,
        DayFile::Sunday => Weekday::Sunday,
    }
}
