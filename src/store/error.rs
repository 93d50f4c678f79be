//! Why something could not be stored or found.

use crate::atomic_file::WriteError;
use std::io;

/// Why something could not be stored or found.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused, or is gone.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// Its tables could not be brought up to date.
    #[error("the database cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A file could not be read.
    #[error("the store: {0}")]
    Read(#[from] io::Error),
    /// The bucket of the store refused, or cannot be reached.
    #[error("the store: {0}")]
    Bucket(String),
    /// What is stored is not what this version writes.
    #[error("the store holds what this version does not understand: {0}")]
    Malformed(String),
    /// The request is refused, for a reason that the caller can fix.
    #[error("{0}")]
    Refused(String),
    /// The lease was lost to another worker, so nothing was written.
    #[error("the lease of run {0} was lost; nothing was written")]
    LeaseLost(String),
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}
