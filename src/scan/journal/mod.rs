//! What a scan has read so far, so that it can be resumed after it was killed.
//!
//! A journal is a snapshot that is still being written: the same lines, but in small compressed
//! frames, each with a checksum. A frame is written when a list has ended, or when the buffer is
//! full. If the program is killed, only the last frame can be incomplete, and it is ignored. A list
//! counts as read when its end is in the journal; all other lists are read again.
//!
//! Spending is written in a separate frame before the call is made. So what a killed scan has spent
//! counts against its limit when it is resumed, even if the data has to be read again.

mod folder;
mod resume;
mod write;

pub use resume::{Resumed, open};
pub use write::Journal;

pub use super::lines::{OwnKinds, ScanStart};

use super::lines::LONGEST_LINE;
use std::io;
use std::path::{Path, PathBuf};

/// Bytes that are buffered before they are compressed and written.
const GATHER: usize = 512 << 10;
/// The largest frame after decompression, in bytes: at most one line is buffered beyond [`GATHER`].
/// The limit protects against a few compressed bytes that expand to gigabytes.
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
        /// The journals in the folder, newest first.
        known: Vec<String>,
    },
    /// The scan is running.
    #[error("scan {0} is still running, in another process")]
    Running(String),
    /// It is damaged from the start.
    #[error("{} is not a journal of this version: {why}", file.display())]
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
        "; it holds no unfinished scan".to_owned()
    } else {
        format!("; unfinished scans: {}", known.join(", "))
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
