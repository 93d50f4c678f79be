//! The lines of a backup.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The format, as the first line names it.
pub(super) const FORM: &str = "sixpillars/backup/1";

/// The most bytes of a file that one line holds.
pub(super) const PIECE: usize = 768 << 10;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The format of the lines.
    pub(super) form: String,
    /// The version of the program that wrote it.
    pub version: String,
    /// When writing it began.
    pub made: String,
    /// The migrations that made its tables, each with the checksum of its statements.
    pub(super) migrations: Vec<(i64, String)>,
    /// The bucket with the reports, if the backup does not contain them.
    pub bucket: Option<String>,
}

/// The last line: how much the lines before it contain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tail {
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// Number of files.
    pub files: u64,
    /// Bytes of the files.
    pub bytes: u64,
}

/// Any line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Line {
    Head(Head),
    /// A row of a table, without its null columns.
    Row {
        table: String,
        values: Map<String, Value>,
    },
    /// The next piece of a file, in Base64.
    File {
        name: String,
        data: String,
        last: bool,
    },
    Tail(Tail),
}

/// Whether a name in a backup is one that a run's file can have. No such name leads to another folder.
pub(super) fn is_file_name(name: &str) -> bool {
    let plain = |piece: &str| {
        !piece.is_empty()
            && !piece.starts_with('.')
            && piece
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    let pieces: Vec<&str> = name.split('/').collect();
    pieces.len() == 4 && pieces[0] == "runs" && pieces.into_iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stay_below_the_runs() {
        assert!(is_file_name("runs/0019f/1/report.json.zst"));
        for wrong in [
            "runs/../1/report.json.zst",
            "/runs/0019f/1/x",
            "runs/0019f/1/../../x",
            "runs/0019f/1",
            "other/0019f/1/x",
            "runs//1/x",
            "runs/a\\b/1/x",
            "runs/a/1/x/y",
        ] {
            assert!(!is_file_name(wrong), "{wrong}");
        }
    }
}
