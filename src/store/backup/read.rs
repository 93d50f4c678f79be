//! Reads a backup, and checks that it is complete.

use super::line::{FORM, Head, Line, Tail, is_file_name};
use crate::store::StoreError;
use crate::store::database::{known_migrations, tables};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// The longest line, in bytes. No backup of this service has a longer one.
const LONGEST: usize = 64 << 20;

/// A backup that is whole and can be restored by this version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    path: PathBuf,
    /// What its first line says.
    pub head: Head,
    /// What its last line says.
    pub tail: Tail,
}

impl Backup {
    /// The version of the tables that its rows are from.
    pub(super) fn last_migration(&self) -> i64 {
        self.head
            .migrations
            .last()
            .map_or(0, |(version, _)| *version)
    }

    /// All lines between the first and the last one.
    pub(super) fn lines(&self) -> Result<Lines, StoreError> {
        let mut lines = Lines::open(&self.path)?;
        lines.next_line()?;
        Ok(lines)
    }
}

/// Reads all of a backup, and changes nothing.
///
/// # Errors
/// What is wrong with it.
pub fn verify(path: &Path) -> Result<Backup, StoreError> {
    let bad = |why: String| StoreError::Refused(format!("{}: {why}", path.display()));
    let mut lines = Lines::open(path)?;
    let head = known_head(&mut lines).map_err(bad)?;
    let (tail, mut said) = count_contents(&mut lines).map_err(bad)?;
    said.rows.retain(|_, rows| *rows > 0);
    if said != tail {
        return Err(bad(
            "it is damaged: the counts at its end do not match its content".to_owned(),
        ));
    }
    Ok(Backup {
        path: path.to_owned(),
        head,
        tail,
    })
}

/// The first line. Fails unless this version knows its format and its tables.
fn known_head(lines: &mut Lines) -> Result<Head, String> {
    let Ok(Some(Line::Head(head))) = lines.next_line() else {
        return Err(NO_BACKUP.to_owned());
    };
    if head.form != FORM {
        return Err(format!(
            "its form is `{}`, which this version does not know",
            head.form
        ));
    }
    let known = known_migrations();
    if !known.starts_with(&head.migrations) || head.migrations.is_empty() {
        return Err(format!(
            "it was written by version {} with tables that this version does not know; restore it with that one",
            head.version
        ));
    }
    Ok(head)
}

/// Reads all further lines. Returns how much they contain, and how much the last line says they contain.
fn count_contents(lines: &mut Lines) -> Result<(Tail, Tail), String> {
    let known_tables = tables();
    let mut tail = Tail::default();
    let mut end = None;
    while let Some(line) = lines
        .next_line()
        .map_err(|e| format!("it is damaged: {e}"))?
    {
        if end.is_some() {
            return Err("it is damaged: something follows its end".to_owned());
        }
        match line {
            Line::Head(_) => return Err("it is damaged: it begins twice".to_owned()),
            Line::Row { table, .. } => {
                if !known_tables.contains(&table.as_str()) {
                    return Err(format!("it has rows of an unknown table, {table:?}"));
                }
                *tail.rows.entry(table).or_default() += 1;
            }
            Line::File { name, data, last } => {
                if !is_file_name(&name) {
                    return Err(format!("it has a file of an unknown name, {name:?}"));
                }
                let piece = BASE64_STANDARD.decode(&data);
                let piece = piece.map_err(|e| format!("it is damaged: {e}"))?;
                tail.bytes += u64::try_from(piece.len()).unwrap_or(0);
                tail.files += u64::from(last);
            }
            Line::Tail(said) => end = Some(said),
        }
    }
    let Some(said) = end else {
        return Err("it is cut off: its end is missing".to_owned());
    };
    Ok((tail, said))
}

const NO_BACKUP: &str = "it is not a backup of this service";

/// The lines of a backup.
pub(super) struct Lines(BufReader<zstd::Decoder<'static, BufReader<File>>>);

impl Lines {
    fn open(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(|error| {
            StoreError::Refused(format!("{} cannot be read: {error}", path.display()))
        })?;
        let decoder = zstd::Decoder::new(file)?;
        Ok(Self(BufReader::with_capacity(1 << 20, decoder)))
    }

    /// The next line; `None` after the last one.
    pub(super) fn next_line(&mut self) -> Result<Option<Line>, StoreError> {
        let mut line = Vec::new();
        loop {
            let piece = self.0.fill_buf()?;
            if piece.is_empty() {
                break;
            }
            let end = piece.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(piece.len(), |end| end + 1);
            line.extend_from_slice(&piece[..taken]);
            self.0.consume(taken);
            if end.is_some() {
                return Ok(Some(serde_json::from_slice(&line)?));
            }
            if line.len() > LONGEST {
                return Err(StoreError::Malformed("a line of it has no end".to_owned()));
            }
        }
        if line.is_empty() {
            return Ok(None);
        }
        Err(StoreError::Malformed("its last line is cut off".to_owned()))
    }
}
