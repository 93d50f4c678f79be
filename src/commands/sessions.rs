//! Opening one session for each account, while the checks are being selected.

use super::CommandError;
use super::results::{EXPIRED, REGION_NOT_ENABLED, UNREADABLE};
use super::scan::resume::ResumeHint;
use crate::aws::http::Network;
use crate::aws::session::{self, Session, SessionError};
use crate::aws::throttle::gate::Gate;
use crate::cli::TargetArgs;
use crate::collect::registry;
use crate::config::{self, Selected};
use crate::model::{Kind, Notice};
use crate::plan::Target;
use crate::report::ScannedAccount;
use crate::report::sanitize::{clean, clean_lines};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The notice of an account to which several logins lead.
const REPEATED: &str = "account_repeated";

/// The accounts that could be entered, and what kept the others out.
pub(super) struct OpenSessions {
    pub(super) sessions: BTreeMap<String, Session>,
    /// What was not entered: accounts and regions.
    pub(super) failed: Vec<Notice>,
    /// The same for the terminal, a block for each cause.
    pub(super) messages: Vec<String>,
    /// What a reader should know of the accounts that were entered.
    pub(super) notes: Vec<Notice>,
    pub(super) gate: Arc<Gate>,
}

impl OpenSessions {
    pub(super) fn targets(&self) -> Vec<Target> {
        self.sessions
            .values()
            .map(|s| Target {
                account: s.account.clone(),
                regions: s.regions.clone(),
            })
            .collect()
    }

    /// Restricts a resumed scan to its original accounts and their regions.
    ///
    /// # Errors
    /// Which accounts could not be entered.
    pub(super) fn restrict_to(&mut self, began: &[ScannedAccount]) -> Result<(), CommandError> {
        let missing: Vec<&str> = began
            .iter()
            .map(|account| account.id.as_str())
            .filter(|id| !self.sessions.contains_key(*id))
            .collect();
        if !missing.is_empty() {
            let why: Vec<String> = self
                .failed
                .iter()
                .map(|n| format!("\n  {}", n.message))
                .collect();
            return Err(CommandError::NoAccount(format!(
                "the scan started with account {}, which these credentials cannot access{}",
                missing.join(", "),
                why.concat()
            )));
        }
        self.sessions.retain(|id, session| {
            let account = began.iter().find(|account| account.id == *id);
            if let Some(account) = account {
                session.regions.clone_from(&account.regions);
            }
            account.is_some()
        });
        Ok(())
    }

    /// Notices for accounts whose credentials have expired.
    pub(super) fn expired(&self, resume_hint: &ResumeHint) -> Vec<Notice> {
        let then = match resume_hint.brief() {
            Some(command) => format!("resume with: {command}"),
            None => "scan again".to_owned(),
        };
        let paused = self.sessions.values().filter(|s| s.clients.paused());
        paused
            .map(|session| {
                let message = format!(
                    "the credentials expired before account {} was read completely; renew them \
                     and {then}",
                    session.account
                );
                Notice::new(EXPIRED, message).at(&session.account)
            })
            .collect()
    }

    pub(super) fn accounts(&self) -> Vec<ScannedAccount> {
        self.sessions
            .values()
            .map(|s| ScannedAccount {
                id: s.account.clone(),
                alias: s.alias.clone(),
                partition: s.partition.clone(),
                caller: Some(s.caller_arn.clone()),
                regions: s.regions.clone(),
            })
            .collect()
    }
}

/// Selects the checks and opens the sessions, concurrently where possible: compiling the checks
/// takes about as long as the answer to GetCallerIdentity.
///
/// # Errors
/// What is wrong with flags and files, before anything that is wrong with the accounts.
pub(super) async fn select_and_open(
    select: impl FnOnce() -> Result<Selected, CommandError> + Send + 'static,
    args: &TargetArgs,
    max_rate: Option<f64>,
) -> Result<(Selected, OpenSessions), CommandError> {
    let selecting = async {
        let chosen = tokio::task::spawn_blocking(select).await;
        chosen.map_err(|e| CommandError::Internal(e.to_string()))?
    };
    // A role is assumed with a session policy, which depends on the checks.
    if !args.role_arn.is_empty() {
        let selected = selecting.await?;
        let actions = selected.actions(&config::regions(&args.regions));
        let opened = open(args, &actions, max_rate, true).await?;
        return Ok((selected, opened));
    }
    let no_role = BTreeSet::new();
    let opening = open(args, &no_role, max_rate, true);
    tokio::pin!(selecting, opening);
    tokio::select! {
        biased;
        selected = &mut selecting => {
            let selected = selected?;
            Ok((selected, opening.await?))
        }
        opened = &mut opening => {
            let selected = selecting.await?;
            Ok((selected, opened?))
        }
    }
}

/// Opens the sessions for the selected checks, without reading the accounts' aliases.
pub(super) async fn open_for(
    args: &TargetArgs,
    selected: &Selected,
    max_rate: Option<f64>,
) -> Result<OpenSessions, CommandError> {
    let regions = config::regions(&args.regions);
    open(args, &selected.actions(&regions), max_rate, false).await
}

/// Opens all sessions at once. An account that cannot be entered does not keep the others from
/// being scanned.
async fn open(
    args: &TargetArgs,
    actions: &BTreeSet<&'static str>,
    max_rate: Option<f64>,
    naming: bool,
) -> Result<OpenSessions, CommandError> {
    let kinds = registry().into_iter().map(|collector| collector.kind);
    let reads = kinds.flat_map(Kind::calls);
    let network = Network::from_env().map_err(|bad| CommandError::Usage(bad.to_string()))?;
    let gate = session::gate(max_rate, reads);
    let regions = config::regions(&args.regions);
    let mut logins = config::logins(args, actions);
    for login in &mut logins {
        login.naming = naming;
    }
    let opening = logins
        .iter()
        .map(|login| session::open(login, &regions, &network, &gate));
    let opened = futures::future::join_all(opening).await;
    let opened = opened.into_iter().map(|opened| {
        let session = opened?;
        session.in_partition()?;
        Ok(session)
    });
    let mut sessions = BTreeMap::new();
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut failures, mut failed, mut unusable) = (Vec::new(), Vec::new(), Vec::new());
    for (login, opened) in logins.iter().zip(opened) {
        match opened {
            Ok(session) => {
                let account = session.account.clone();
                failed.extend(not_enabled(&session));
                // The first one reads it: a later one would only see the same.
                sessions.entry(account.clone()).or_insert(session);
                names.entry(account).or_default().extend(login.name());
            }
            Err(SessionError::Settings(bad)) => unusable.push(bad.to_string()),
            Err(error) => failures.push(Failure {
                name: login.name(),
                error,
            }),
        }
    }
    unusable.dedup();
    if !unusable.is_empty() {
        return Err(CommandError::Usage(unusable.join("\n")));
    }
    if sessions.is_empty() {
        return Err(CommandError::NoAccount(no_account(&failures)));
    }
    failed.extend(failures.iter().map(Failure::notice));
    Ok(OpenSessions {
        sessions,
        messages: messages(&failures),
        failed,
        notes: repeated(&names),
        gate,
    })
}

/// A login that led to no account.
struct Failure {
    name: Option<String>,
    error: SessionError,
}

impl Failure {
    fn notice(&self) -> Notice {
        let notice = Notice::new(UNREADABLE, clean(&self.error.one_line()));
        match &self.name {
            Some(name) => notice.at(name),
            None => notice,
        }
    }
}

/// One block for each cause, with the logins that it kept out.
fn messages(failures: &[Failure]) -> Vec<String> {
    let mut blocks: Vec<(String, Vec<&str>)> = Vec::new();
    for Failure { name, error } in failures {
        let error = clean_lines(&error.to_string());
        let name = name.as_deref();
        match blocks.iter_mut().find(|(known, _)| *known == error) {
            Some((_, names)) => names.extend(name),
            None => blocks.push((error, name.into_iter().collect())),
        }
    }
    let block = |(error, names): (String, Vec<&str>)| match names.as_slice() {
        [] => error,
        names => format!("{}: {error}", clean(&names.join(", "))),
    };
    blocks.into_iter().map(block).collect()
}

/// Why there is nothing to read.
fn no_account(failures: &[Failure]) -> String {
    match messages(failures).as_slice() {
        [one] => format!("no account can be read: {one}"),
        several => format!("no account can be read\n{}", several.join("\n")),
    }
}

/// Accounts to which several logins lead.
fn repeated(names: &BTreeMap<String, Vec<String>>) -> Vec<Notice> {
    let several = names.iter().filter(|(_, names)| names.len() > 1);
    several
        .map(|(account, names)| {
            let first = names.first().map_or("", String::as_str);
            let message = format!(
                "{} lead to account {account}; it was read once, with {first}",
                names.join(", ")
            );
            Notice::new(REPEATED, clean(&message)).at(account)
        })
        .collect()
}

/// Regions that were named and that the account has not enabled.
fn not_enabled(session: &Session) -> Vec<Notice> {
    let regions = session.not_enabled.iter();
    regions
        .map(|(region, diagnosis)| {
            let place = format!("{} {region}", session.account);
            Notice::new(REGION_NOT_ENABLED, diagnosis.one_line()).at(place)
        })
        .collect()
}
