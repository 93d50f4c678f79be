//! Entering the accounts, one session for each, while the checks are being chosen.

use super::CommandError;
use super::results::EXPIRED;
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
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The accounts that could be entered, and what kept the others out.
pub(super) struct OpenSessions {
    pub(super) sessions: BTreeMap<String, Session>,
    pub(super) failed: Vec<Notice>,
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

    /// Keeps to what a scan that goes on began with: its accounts, and their regions as they were.
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
                "the scan began with account {}, which these credentials do not enter{}",
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

    /// Accounts whose credentials ended, and what to do.
    pub(super) fn expired(&self, resume_hint: &ResumeHint) -> Vec<Notice> {
        let then = match resume_hint.brief() {
            Some(command) => format!("go on with: {command}"),
            None => "scan again".to_owned(),
        };
        let paused = self.sessions.values().filter(|s| s.clients.paused());
        paused
            .map(|session| {
                let message = format!(
                    "the credentials expired before account {} was read to the end; renew them \
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

/// Chooses the checks and enters the accounts, at the same time where neither needs the other:
/// compiling the checks takes a core as long as AWS takes to say who is calling.
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
    // A role is entered with a session policy, which goes by the checks.
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

/// Enters the accounts with what the selected checks need, and does not ask what they are called.
pub(super) async fn open_for(
    args: &TargetArgs,
    selected: &Selected,
    max_rate: Option<f64>,
) -> Result<OpenSessions, CommandError> {
    let regions = config::regions(&args.regions);
    open(args, &selected.actions(&regions), max_rate, false).await
}

/// What to do where AWS does not know who is calling.
const CREDENTIALS: &str = "check the credentials with `aws sts get-caller-identity`, or name a \
                           profile with --profile";

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
    let mut sessions = BTreeMap::new();
    let (mut failed, mut help, mut unusable) = (Vec::new(), Vec::new(), Vec::new());
    for (login, opened) in logins.iter().zip(opened) {
        match opened {
            Ok(session) => {
                sessions.insert(session.account.clone(), session);
            }
            Err(SessionError::Settings(bad)) => unusable.push(bad.to_string()),
            Err(error) => {
                help.push(error.help().unwrap_or_else(|| CREDENTIALS.to_owned()));
                let place = login.role_arn.as_ref().or(login.profile.as_ref());
                let notice = Notice::new("account_unreadable", error.to_string());
                failed.push(match place {
                    Some(place) => notice.at(place),
                    None => notice,
                });
            }
        }
    }
    unusable.dedup();
    if !unusable.is_empty() {
        return Err(CommandError::Usage(unusable.join("\n")));
    }
    if sessions.is_empty() {
        let mut why: Vec<String> = failed.iter().map(|n| n.message.clone()).collect();
        why.dedup();
        help.dedup();
        return Err(CommandError::NoAccount(format!(
            "no account can be read: {}\n  help: {}",
            why.join("; "),
            help.join("\n  help: ")
        )));
    }
    Ok(OpenSessions {
        sessions,
        failed,
        gate,
    })
}
