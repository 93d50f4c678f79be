//! What a scan has read so far, so that one that was killed can go on.
//!
//! A journal is a snapshot that is still being written: the same lines, but in small compressed
//! frames of their own, each with a checksum. A frame is written when a list has ended, or when
//! enough has gathered. Whatever kills the program leaves whole frames and at most a broken last
//! one, which is left out. A list counts as read when its end is in the journal; of all others
//! nothing is kept, and they are read again.
//!
//! Money is noted in a frame of its own before it is spent: what a killed scan has paid for counts
//! against its limit when it goes on, also where that has to be read again.

mod folder;
mod resume;
mod write;

pub use resume::{Resumed, open};
pub use write::Journal;

pub use super::lines::Began;

use super::lines::LONGEST_LINE;
use std::io;
use std::path::{Path, PathBuf};

/// So much is gathered, in bytes, before it is compressed and written.
const GATHER: usize = 512 << 10;
/// No frame is larger than this, in bytes: one line at most is gathered beyond [`GATHER`]. A few
/// compressed bytes can stand for gigabytes.
const LARGEST: u64 = LONGEST_LINE + (GATHER as u64);

/// A journal that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// There is none of this name.
    #[error("there is no scan `{id}` to resume in {}{}", folder.display(), those(known))]
    Missing {
        /// As it was typed.
        id: String,
        /// Where journals are.
        folder: PathBuf,
        /// Those that are there, newest first.
        known: Vec<String>,
    },
    /// The scan is running.
    #[error("scan {0} is still running, in another process")]
    Running(String),
    /// It is damaged from the start.
    #[error("{} is no journal of this version: {why}", file.display())]
    Form {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// It cannot be read or written.
    #[error("the journal {} cannot be used: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn those(known: &[String]) -> String {
    if known.is_empty() {
        "; no scan is left unfinished there".to_owned()
    } else {
        format!("; unfinished there: {}", known.join(", "))
    }
}

fn unusable(file: &Path, source: io::Error) -> JournalError {
    JournalError::Io {
        file: file.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
