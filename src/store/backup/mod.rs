//! A backup: one file with the rows of the database and the reports, written while the service runs, and
//! its restore. The format is the same for SQLite and PostgreSQL, so each restores a backup of the other.
//!
//! ```text
//! one read transaction ─ rows ─┐
//! reports and snapshots ───────┴─ lines of JSON ─ zstd, with a checksum ─ temporary file, then renamed
//! ```
//!
//! A restore reads the whole file first: one that is damaged or cut off changes nothing.

mod line;
mod read;
mod restore;
mod restore_target;
mod rows;
mod write;

pub use line::{Head, Tail};
pub use read::{Backup, verify};
pub use restore::{Restored, restore};
pub use write::{Written, write};
