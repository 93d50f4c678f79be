//! From policy files to one policy: every problem at once, each with its place.

use super::glob::{Glob, TagGlob};
use super::merged::{CheckInfo, Policy, Rule, Setting};
use super::{ExemptionFile, OverrideFile, PolicyFile};
use crate::model::{Exemption, Severity};
use crate::yaml::{self, Document, PathSeg, Problem, did_you_mean};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A policy file that has been read from disk.
#[derive(Debug, Clone)]
pub struct PolicySource {
    /// The file as the user named it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A usable policy.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The policy.
    pub policy: Policy,
    /// Warnings about probable mistakes, such as expired exemptions.
    pub warnings: Vec<Problem>,
}

/// Loads policy files, the later over the earlier. `checks` are all checks there are, `practices`
/// the ids of all best practices.
///
/// # Errors
/// Every problem in every file; warnings among them where there is at least one error.
pub fn load(
    files: &[PolicySource],
    checks: &[CheckInfo<'_>],
    practices: &[&str],
    today: Date,
) -> Result<Loaded, Vec<Problem>> {
    let mut loaded = Loaded::default();
    let mut problems = Vec::new();
    for file in files {
        let document = match Document::parse(&file.name, &file.text) {
            Ok(document) => document,
            Err(found) => {
                problems.extend(found);
                continue;
            }
        };
        let reader = Reader {
            document: &document,
            checks,
            practices,
            today,
            problems: Vec::new(),
        };
        problems.extend(reader.load(&mut loaded.policy));
    }
    if problems.iter().any(Problem::is_error) {
        return Err(problems);
    }
    loaded.warnings = problems;
    Ok(loaded)
}

/// Builds one file's part of the policy and collects its problems.
pub(super) struct Reader<'a> {
    pub(super) document: &'a Document,
    pub(super) checks: &'a [CheckInfo<'a>],
    pub(super) practices: &'a [&'a str],
    pub(super) today: Date,
    pub(super) problems: Vec<Problem>,
}

/// A path into the file.
macro_rules! path {
    ($($seg:expr),* $(,)?) => { [$(PathSeg::from($seg)),*] };
}

pub(super) fn join(parent: &[PathSeg], child: impl Into<PathSeg>) -> Vec<PathSeg> {
    let mut path = parent.to_vec();
    path.push(child.into());
    path
}

impl Reader<'_> {
    /// Merges the file into the policy. Returns its problems in the order of the file.
    fn load(mut self, policy: &mut Policy) -> Vec<Problem> {
        let (decoded, problems) = yaml::decode_partial::<PolicyFile>(self.document);
        self.problems = problems;
        if let Some(decoded) = decoded {
            self.merge(decoded, policy);
        }
        self.problems.sort();
        self.problems
    }

    fn merge(&mut self, file: PolicyFile, policy: &mut Policy) {
        policy.names.push(file.name);
        let selection = file.checks;
        if let Some(include) = selection.include {
            policy.include = self.check_globs(&path!["checks", "include"], &include);
        }
        if let Some(exclude) = selection.exclude {
            policy.exclude = self.check_globs(&path!["checks", "exclude"], &exclude);
        }
        if let Some(pillars) = selection.pillars {
            policy.pillars = pillars;
        }
        policy.min_severity = selection.severity.or(policy.min_severity);
        policy.settings.push(Setting {
            parameters: self.parameters(&path!["parameters"], file.parameters),
            severity: self.severities(&path!["severity"], file.severity),
            ..Setting::default()
        });
        for (index, change) in file.overrides.into_iter().enumerate() {
            let setting = self.change(&path!["overrides", index], change);
            policy.settings.push(setting);
        }
        for (index, exemption) in file.exemptions.into_iter().enumerate() {
            let rule = self.exemption(&path!["exemptions", index], exemption);
            policy.exemptions.push(rule);
        }
        let attested = self.attestations(&path!["attestations"], file.attestations);
        policy.attestations.extend(attested);
        if let Some(gates) = file.gates {
            policy.gates = gates;
        }
    }

    fn change(&mut self, path: &[PathSeg], change: OverrideFile) -> Setting {
        if change.parameters.is_empty() && change.severity.is_empty() {
            let problem = self.document.problem(path, "this override changes nothing");
            self.problems
                .push(problem.with_help("give it `parameters` or `severity`"));
        }
        Setting {
            accounts: self.account_globs(&join(path, "accounts"), &change.accounts),
            tags: self.tags(&join(path, "tags"), change.tags),
            checks: self.check_globs(&join(path, "checks"), &change.checks),
            parameters: self.parameters(&join(path, "parameters"), change.parameters),
            severity: self.severities(&join(path, "severity"), change.severity),
        }
    }

    fn exemption(&mut self, path: &[PathSeg], file: ExemptionFile) -> Rule {
        let problem = self.document.problem(path, "");
        let place = format!("{}:{}", problem.file, problem.line);
        if file.checks.is_empty()
            && file.resources.is_empty()
            && file.tags.is_empty()
            && file.findings.is_empty()
        {
            let message = "this exemption does not say what it covers";
            let help = "name `checks`, `resources`, `tags` or `findings`; `accounts` and `regions` \
                        only narrow it";
            self.note(problem.clone().with_help(help), message);
        }
        if file.expires < self.today {
            let message = format!("this exemption expired on {}", file.expires);
            let help = "renew it, or remove it";
            self.note(problem.with_help(help).as_warning(), &message);
        }
        for (index, id) in file.findings.iter().enumerate() {
            if id.len() != 24 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
                let path = join(&join(path, "findings"), index);
                let message = format!("`{id}` is not the id of a finding");
                let problem = self.document.problem(&path, message);
                self.problems
                    .push(problem.with_help("it has 24 hexadecimal digits; reports show it"));
            }
        }
        Rule {
            place,
            checks: self.check_globs(&join(path, "checks"), &file.checks),
            resources: self.globs(&join(path, "resources"), &file.resources),
            tags: self.tags(&join(path, "tags"), file.tags),
            findings: file.findings,
            accounts: self.account_globs(&join(path, "accounts"), &file.accounts),
            regions: self.globs(&join(path, "regions"), &file.regions),
            exemption: Exemption {
                reason: file.reason,
                owner: file.owner,
                expires: file.expires,
            },
        }
    }

    fn note(&mut self, problem: Problem, message: &str) {
        self.problems.push(Problem {
            message: message.to_owned(),
            ..problem
        });
    }

    pub(super) fn ids(&self) -> Vec<&str> {
        self.checks.iter().map(|check| check.id).collect()
    }

    fn glob(&mut self, path: &[PathSeg], text: &str) -> Option<Glob> {
        match Glob::new(text) {
            Ok(glob) => Some(glob),
            Err(error) => {
                let message = format!("`{text}` is not a pattern: {error}");
                self.problems.push(self.document.problem(path, message));
                None
            }
        }
    }

    fn globs(&mut self, path: &[PathSeg], texts: &[String]) -> Vec<Glob> {
        let texts = texts.iter().enumerate();
        texts
            .filter_map(|(index, text)| self.glob(&join(path, index), text))
            .collect()
    }

    pub(super) fn account_globs(&mut self, path: &[PathSeg], texts: &[String]) -> Vec<Glob> {
        for (index, text) in texts.iter().enumerate() {
            let wild = text.contains(['*', '?']);
            let digits = text
                .bytes()
                .all(|b| b.is_ascii_digit() || b"*?".contains(&b));
            if !digits || (!wild && text.len() != 12) {
                let message = format!("`{text}` is not an account id");
                let problem = self.document.problem(&join(path, index), message);
                self.problems
                    .push(problem.with_help("it has twelve digits"));
            }
        }
        self.globs(path, texts)
    }

    fn check_globs(&mut self, path: &[PathSeg], texts: &[String]) -> Vec<Glob> {
        let globs = self.globs(path, texts);
        for (index, text) in texts.iter().enumerate() {
            let at = join(path, index);
            if let Some(problem) = self.unknown_check(text, |d, m| d.problem(&at, m)) {
                self.problems.push(problem);
            }
        }
        globs
    }

    /// The problem with a pattern of check ids that matches none: an error if it names one check, a
    /// warning if it has wildcards.
    fn unknown_check(
        &self,
        text: &str,
        place: impl Fn(&Document, String) -> Problem,
    ) -> Option<Problem> {
        let glob = Glob::new(text).ok()?;
        if self.checks.iter().any(|check| glob.matches(check.id)) {
            return None;
        }
        if glob.is_exact() {
            let problem = place(self.document, format!("there is no check `{text}`"));
            return Some(problem.with_maybe_help(did_you_mean(text, self.ids())));
        }
        let problem = place(self.document, format!("no check matches `{text}`"));
        Some(problem.as_warning())
    }

    fn tags(&mut self, path: &[PathSeg], tags: BTreeMap<String, String>) -> Vec<TagGlob> {
        tags.into_iter()
            .filter_map(|(key, text)| {
                let value = self.glob(&join(path, key.as_str()), &text)?;
                Some(TagGlob { key, value })
            })
            .collect()
    }

    fn severities(
        &mut self,
        path: &[PathSeg],
        levels: BTreeMap<String, Severity>,
    ) -> Vec<(Glob, Severity)> {
        let mut severities = Vec::new();
        for (text, level) in levels {
            let at = join(path, text.as_str());
            let unknown = self.unknown_check(&text, |d, m| d.problem_with_key(&at, m));
            self.problems.extend(unknown);
            severities.extend(self.glob(&at, &text).map(|glob| (glob, level)));
        }
        // A name without wildcards first, then the longest pattern.
        severities.sort_by_key(|(glob, _)| (!glob.is_exact(), usize::MAX - glob.text.len()));
        severities
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
