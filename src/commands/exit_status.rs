//! How commands end: exit codes and errors.

use crate::judge::JudgeError;
use crate::scan::{journal, snapshot};
use crate::yaml::Problem;
use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// All is well.
    Done,
    /// A gate is broken.
    GateBroken,
    /// Something could not be read.
    Incomplete,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Done => ExitCode::SUCCESS,
            ExitStatus::GateBroken => ExitCode::from(1),
            ExitStatus::Incomplete => ExitCode::from(3),
        }
    }
}

/// Why a command came to no end.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Files or flags that cannot be used.
    #[error("{}", list(.0))]
    Config(Vec<Problem>),
    /// No account could be entered.
    #[error("{0}")]
    NoAccount(String),
    /// A snapshot that cannot be used.
    #[error(transparent)]
    Snapshot(#[from] snapshot::SnapshotError),
    /// A scan that cannot be resumed as requested.
    #[error("{0}")]
    Resume(String),
    /// A journal that cannot be used.
    #[error(transparent)]
    Journal(#[from] journal::JournalError),
    /// A file that is no report.
    #[error("{0}")]
    BadReport(String),
    /// Arguments that cannot be used, a line for each.
    #[error("{0}")]
    Usage(String),
    /// A report that could not be sent, or not all of it.
    #[error("{0}")]
    NotSent(String),
    /// A service that does not answer, or not yet.
    #[error("{0}")]
    NotReady(String),
    /// A standing service that gave no answer, or an audit there that came to no end.
    #[error("{0}")]
    Remote(String),
    /// A file that cannot be written.
    #[error("{0}")]
    Write(String),
    /// A scan that broke off and can go on.
    #[error("{error}\n  help: nothing that was read is lost; fix this and resume with: {command}")]
    Unfinished {
        /// What broke it off.
        error: Box<CommandError>,
        /// What to type.
        command: String,
    },
    /// A mistake of ours.
    #[error("internal error: {0}; please report it")]
    Internal(String),
}

impl CommandError {
    /// The documented exit code.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Journal(journal::JournalError::Io { .. })
            | Self::Write(_)
            | Self::Internal(_) => ExitCode::from(4),
            Self::Config(_)
            | Self::Snapshot(_)
            | Self::Resume(_)
            | Self::Journal(_)
            | Self::BadReport(_)
            | Self::Usage(_) => ExitCode::from(2),
            Self::NoAccount(_) | Self::NotSent(_) | Self::NotReady(_) | Self::Remote(_) => {
                ExitCode::from(3)
            }
            Self::Unfinished { error, .. } => error.exit_code(),
        }
    }
}

impl From<Vec<Problem>> for CommandError {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Config(problems)
    }
}

impl From<JudgeError> for CommandError {
    fn from(error: JudgeError) -> Self {
        match error {
            JudgeError::Store(error) => Self::Write(error.to_string()),
            JudgeError::Thread => Self::Internal(error.to_string()),
        }
    }
}

fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let errors = problems.iter().filter(|p| p.is_error()).count();
    format!(
        "{}\n{errors} problem{}",
        lines.join("\n"),
        if errors == 1 { "" } else { "s" }
    )
}
