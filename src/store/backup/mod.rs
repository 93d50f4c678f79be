//! A backup: one file with every row of the database and every report, written while the service runs,
//! and the way back. It is the same for SQLite and PostgreSQL, so one can be restored into the other.
//!
//! ```text
//! one read transaction ─ rows ─┐
//! reports and snapshots ───────┴─ lines of JSON ─ zstd, with a checksum ─ aside, then renamed
//! ```
//!
//! What restores it reads all of it first: a file that is damaged or cut off changes nothing.

mod line;
mod place;
mod read;
mod restore;
mod rows;
mod write;

pub use line::{Head, Tail};
pub use read::{Backup, verify};
pub use restore::{Restored, restore};
pub use write::{Written, write};
