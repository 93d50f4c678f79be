//! What a scan read, in a file that can be judged again offline.
//!
//! One JSON value a line, compressed with zstd: a header, the documents, how each list ended, and
//! an end line, without which the file counts as truncated.

pub use super::lines::{End, Header, header};
use crate::atomic_file::{Pending, WriteError};

use super::lines::{LONGEST_LINE, Line, List, SCHEMA, Written};
use crate::check::Kinds;
use crate::model::Document;
use crate::plan::JobResult;
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
/// A snapshot that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It cannot be read.
    #[error("{file} cannot be read: {source}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// It is something else.
    #[error("{file}:{line}: not a snapshot of this version ({SCHEMA}): {message}")]
    Form {
        /// The file.
        file: String,
        /// The line after decompression.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// It is the journal of an unfinished scan.
    #[error(
        "{file} is the journal of an unfinished scan; resume it with: sixpillars scan \
         --resume {id}"
    )]
    Journal {
        /// The file.
        file: String,
        /// The scan.
        id: String,
    },
    /// It ends before its end.
    #[error("{file} is cut off after line {line}; scan again with --save-snapshot")]
    CutOff {
        /// The file.
        file: String,
        /// The last line.
        line: usize,
    },
}

/// Writes a snapshot while a scan runs.
pub struct Writer {
    encoder: zstd::Encoder<'static, Sink>,
}

/// A pending file as a `Write`.
struct Sink(Pending);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Writer {
    /// Starts a snapshot; the file gets its name once it is finished.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(path: &Path, header: &Header) -> io::Result<Self> {
        let pending = Pending::create(path).map_err(io::Error::other)?;
        let encoder = zstd::Encoder::new(Sink(pending), 3)?;
        let mut writer = Self { encoder };
        writer.line(&Line::Header(header.clone()))?;
        Ok(writer)
    }

    /// Adds a document as it was read.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn document(&mut self, document: &Document) -> io::Result<()> {
        self.line(&Written::Document(document))
    }

    /// Finishes the snapshot and moves it to its path.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self, jobs: &[JobResult], end: End) -> Result<(), io::Error> {
        for result in jobs {
            self.line(&Line::List(List::of(result)))?;
        }
        self.line(&Line::End(end))?;
        let Sink(pending) = self.encoder.finish()?;
        pending
            .finish()
            .map_err(|e: WriteError| io::Error::other(e))
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.encoder, line).map_err(io::Error::other)?;
        self.encoder.write_all(b"\n")
    }
}

/// What a snapshot contains besides its documents.
#[derive(Debug)]
pub struct Contents {
    /// The first line.
    pub header: Header,
    /// How each list ended. Kinds that this version does not know are left out.
    pub jobs: Vec<JobResult>,
    /// The last line.
    pub end: End,
}

/// Reads a snapshot; each document goes to `on_document`.
///
/// # Errors
/// [`SnapshotError`].
pub fn read(
    path: &Path,
    kinds: &Kinds,
    on_document: impl FnMut(Document),
) -> Result<Contents, SnapshotError> {
    Reader::open(path)?.read(kinds, on_document)
}

/// A snapshot of which the header was read.
pub struct Reader {
    lines: Lines,
    header: Header,
}

impl Reader {
    /// Opens a snapshot.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn open(path: &Path) -> Result<Self, SnapshotError> {
        let mut lines = Lines::open(path)?;
        match lines.next()? {
            Line::Header(header) if header.is_current() => Ok(Self { lines, header }),
            Line::Header(header) => Err(lines.form(format!("it is {}", header.schema))),
            _ => Err(lines.form("it does not start with a header".to_owned())),
        }
    }

    /// What the first line says.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Reads the rest; each document goes to `on_document`.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn read(
        mut self,
        kinds: &Kinds,
        mut on_document: impl FnMut(Document),
    ) -> Result<Contents, SnapshotError> {
        let mut jobs = Vec::new();
        loop {
            match self.lines.next()? {
                Line::Document(document) => on_document(*document),
                Line::List(list) => jobs.extend(list.result(kinds)),
                Line::End(end) => {
                    return Ok(Contents {
                        header: self.header,
                        jobs,
                        end,
                    });
                }
                Line::Began(_) | Line::SoFar(_) | Line::Spent(_) => {
                    return Err(SnapshotError::Journal {
                        file: self.lines.file,
                        id: self.header.id,
                    });
                }
                Line::Header(_) => return Err(self.lines.form("a second header".to_owned())),
            }
        }
    }
}

/// The lines of a file.
struct Lines {
    file: String,
    reader: BufReader<zstd::Decoder<'static, BufReader<File>>>,
    /// Lines read so far.
    number: usize,
    text: Vec<u8>,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, SnapshotError> {
        let file = path.display().to_string();
        let decoder = File::open(path).and_then(zstd::Decoder::new);
        match decoder {
            Ok(decoder) => Ok(Self {
                file,
                reader: BufReader::new(decoder),
                number: 0,
                text: Vec::new(),
            }),
            Err(source) => Err(SnapshotError::Read { file, source }),
        }
    }

    /// The next line. Reading stops at the end line, so there is always one.
    fn next(&mut self) -> Result<Line, SnapshotError> {
        self.text.clear();
        let mut limited = io::Read::take(&mut self.reader, LONGEST_LINE);
        // Broken or truncated compression reads like a file that ends too early.
        let length = limited.read_until(b'\n', &mut self.text).unwrap_or(0);
        self.number += 1;
        match (length, self.number) {
            (0, 1) => Err(self.form("not compressed with zstd, or empty".to_owned())),
            (0, _) => Err(SnapshotError::CutOff {
                file: self.file.clone(),
                line: self.number - 1,
            }),
            _ => serde_json::from_slice(&self.text).map_err(|e| self.form(what(&e))),
        }
    }

    /// What is wrong with the line that was read last.
    fn form(&self, message: String) -> SnapshotError {
        SnapshotError::Form {
            file: self.file.clone(),
            line: self.number,
            message,
        }
    }
}

/// The class of the error without the text that caused it.
fn what(error: &serde_json::Error) -> String {
    format!("{:?} error at column {}", error.classify(), error.column()).to_lowercase()
}
