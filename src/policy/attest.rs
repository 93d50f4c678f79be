//! Attestations: statements of people about best practices, for the accounts of a report.

use super::AttestationFile;
use super::glob::{Glob, any};
use super::load::{Reader, join};
use super::merged::{Policy, Statement};
use crate::model::Notice;
use crate::yaml::{PathSeg, did_you_mean};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

impl Policy {
    /// The attestations that hold for all accounts of a report, by practice. If accounts have
    /// different ones, the one that claims least counts; if an account has none, there is none for
    /// the report, and a notice says why.
    #[must_use]
    pub fn attestations(&self, accounts: &[&str], today: Date) -> (Vec<Statement>, Vec<Notice>) {
        let practices: BTreeSet<&str> = self
            .attestations
            .iter()
            .map(|(_, statement)| statement.practice.as_str())
            .collect();
        let (mut statements, mut notices) = (Vec::new(), Vec::new());
        for practice in practices {
            let of = |account: &&&str| self.attestation(practice, account);
            let stated: Vec<&Statement> = accounts.iter().filter_map(|a| of(&a)).collect();
            let least = stated.iter().min_by_key(|s| (s.holds(today), s.status));
            let Some(least) = least else { continue };
            if stated.len() == accounts.len() {
                statements.push((*least).clone());
                continue;
            }
            let silent = accounts.iter().filter(|a| of(a).is_none());
            let silent: Vec<&str> = silent.copied().collect();
            let message = format!(
                "the attestation of {practice} by {} does not count: it does not cover account {}",
                least.owner,
                silent.join(", ")
            );
            notices.push(Notice::new("attestation_partial", message).at(&least.place));
        }
        (statements, notices)
    }

    /// The last attestation of a practice for an account.
    fn attestation(&self, practice: &str, account: &str) -> Option<&Statement> {
        let mut latest = self.attestations.iter().rev();
        let found =
            latest.find(|(accounts, stated)| stated.practice == practice && any(accounts, account));
        found.map(|(_, statement)| statement)
    }
}

impl Reader<'_> {
    pub(super) fn attestations(
        &mut self,
        path: &[PathSeg],
        files: Vec<AttestationFile>,
    ) -> Vec<(Vec<Glob>, Statement)> {
        let mut first: BTreeMap<(String, Vec<String>), usize> = BTreeMap::new();
        let mut attestations = Vec::new();
        for (index, file) in files.into_iter().enumerate() {
            let path = join(path, index);
            let line = self.document.problem(&path, "").line;
            let stated = (file.practice.clone(), file.accounts.clone());
            if let Some(earlier) = first.insert(stated, line) {
                let message = format!("line {earlier} attests `{}` already", file.practice);
                self.refuse(
                    &path,
                    &message,
                    "keep one of them, or give them different `accounts`",
                );
            }
            let accounts = self.account_globs(&join(&path, "accounts"), &file.accounts);
            attestations.push((accounts, self.attestation(&path, line, file)));
        }
        attestations
    }

    fn attestation(&mut self, path: &[PathSeg], line: usize, file: AttestationFile) -> Statement {
        let AttestationFile { date, expires, .. } = file;
        if !self.practices.contains(&file.practice.as_str()) {
            let message = format!("there is no best practice `{}`", file.practice);
            let problem = self.document.problem(&join(path, "practice"), message);
            let near = did_you_mean(&file.practice, self.practices.iter().copied());
            self.problems.push(problem.with_maybe_help(near));
        }
        // The author may be in a time zone where the next day has started.
        if self.today.tomorrow().is_ok_and(|tomorrow| date > tomorrow) {
            let message = format!("{date} is in the future");
            self.refuse(
                &join(path, "date"),
                &message,
                "the day on which it was said",
            );
        }
        if expires < date {
            let message = format!("{expires} is before {date}, the attestation's own date");
            self.refuse(&join(path, "expires"), &message, "the last day it counts");
        } else if expires < self.today {
            let message = format!("this attestation expired on {expires}");
            let problem = self.document.problem(path, message);
            let problem = problem.with_help("ask its owner to renew it, or remove it");
            self.problems.push(problem.as_warning());
        }
        if file.link.as_deref().is_some_and(|link| !is_https(link)) {
            let message = "reports cannot show this link";
            self.refuse(
                &join(path, "link"),
                message,
                "use a link that starts with `https://`",
            );
        }
        Statement {
            place: format!("{}:{line}", self.document.name),
            practice: file.practice,
            status: file.status,
            owner: file.owner,
            date,
            expires,
            link: file.link,
            note: file.note,
        }
    }

    fn refuse(&mut self, path: &[PathSeg], message: &str, help: &str) {
        let problem = self.document.problem(path, message);
        self.problems.push(problem.with_help(help));
    }
}

/// Whether the text can be shown as a link to a host, over TLS.
fn is_https(link: &str) -> bool {
    let rest = link.strip_prefix("https://").unwrap_or_default();
    rest.starts_with(char::is_alphanumeric)
        && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
}
