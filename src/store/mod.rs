//! What the service keeps: a database, and beside it the report and the snapshot of each run.
//!
//! The database is SQLite, in a file beside the runs, or PostgreSQL, which several processes may
//! share. Both run the same statements.

mod audit_log;
pub mod backup;
mod bucket;
mod conditions;
mod database;
mod decisions;
mod error;
mod files;
mod filter;
mod findings;
mod history;
mod id;
mod ingest;
mod metrics;
mod milestones;
mod notices;
mod outbox;
mod retention;
mod runs;
mod schedules;
mod sessions;
mod statement;
mod targets;
mod texts;
mod tokens;
mod trends;
mod values;

pub use audit_log::{Entry, Page};
pub use bucket::{Bucket, BucketPlace};
pub use database::Database;
pub use decisions::{AttestationRow, ExemptionRow};
pub use error::StoreError;
pub use files::{Files, RunFolder, StoredReport};
pub use filter::{After, Filter, Sort};
pub use findings::{FindingRow, FoundPage};
pub use history::{ChangeRow, History};
pub use id::new_id;
pub use ingest::{Changes, News, Outcome};
pub use metrics::{RunCosts, RunCount};
pub use milestones::Milestone;
pub use notices::{NewNotice, Waiting};
pub(crate) use outbox::CLOCK_SET_BACK;
pub use outbox::{Fate, Message, MessageRow};
pub use runs::{Beat, Cause, Lease, NewRun, Queued, RunFilter, RunRow, RunState, Seen};
pub use schedules::{Origin, ScheduleRow};
pub use sessions::{Login, Session};
pub use targets::TargetRow;
pub use tokens::{NewToken, TokenRow};
pub use trends::TrendRow;
pub use values::FindingValues;
