//! Reading the journals of unfinished scans.

use super::folder::{create, path, unfinished};
use super::write::Journal;
use super::{JournalError, LARGEST, unusable};
use crate::check::Kinds;
use crate::model::Document;
use crate::plan::{JobResult, PlannedJob};
use crate::scan::lines::{End, Header, Line, ScanStart};
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

/// A scan that goes on.
#[derive(Debug)]
pub struct Resumed {
    /// Its header.
    pub header: Header,
    /// How it began.
    pub began: ScanStart,
    /// The calls that it made before, as last recorded.
    pub so_far: Option<End>,
    /// What it spent before, in billionths of a US dollar.
    pub spent: u64,
    /// What the billed reads of the lists that it read would have cost, in the same unit.
    pub wanted: u64,
    path: PathBuf,
    file: File,
    ended_lists: BTreeSet<Key>,
}

/// Account, region and kind identify one list.
type Key = (String, String, String);

/// Opens the journal of an unfinished scan.
///
/// # Errors
/// [`JournalError`].
pub fn open(folder: &Path, id: &str) -> Result<Resumed, JournalError> {
    let path = path(folder, id);
    let plain = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let file = match File::open(&path) {
        Ok(file) if plain => file,
        Err(source) if plain && source.kind() != io::ErrorKind::NotFound => {
            return Err(unusable(&path, source));
        }
        _ => {
            return Err(JournalError::Missing {
                id: id.to_owned(),
                folder: folder.to_owned(),
                known: unfinished(folder),
            });
        }
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(JournalError::Running(id.to_owned())),
        Err(TryLockError::Error(source)) => return Err(unusable(&path, source)),
    }
    let mut state = ResumeState::default();
    lines(&file, |line| state.take(line)).map_err(|source| unusable(&path, source))?;
    match (state.header, state.began) {
        (Some(header), Some(began)) if header.is_current() => Ok(Resumed {
            header,
            began,
            so_far: state.so_far,
            spent: state.spent,
            wanted: state.wanted,
            ended_lists: state.ended_lists,
            path,
            file,
        }),
        (Some(header), _) if !header.is_current() => Err(JournalError::Form {
            file: path,
            why: format!("it is {}", header.schema),
        }),
        _ => Err(JournalError::Form {
            file: path,
            why: "its first lines are missing".to_owned(),
        }),
    }
}

#[derive(Default)]
struct ResumeState {
    header: Option<Header>,
    began: Option<ScanStart>,
    so_far: Option<End>,
    spent: u64,
    wanted: u64,
    ended_lists: BTreeSet<Key>,
}

impl ResumeState {
    fn take(&mut self, line: Line) {
        match line {
            Line::Header(header) => self.header = Some(header),
            Line::Began(began) => self.began = Some(*began),
            Line::SoFar(so_far) => self.so_far = Some(so_far),
            Line::Spent(spent) => self.spent = self.spent.max(spent),
            Line::List(list) => {
                if self
                    .ended_lists
                    .insert((list.account, list.region, list.kind))
                {
                    self.wanted = self.wanted.saturating_add(list.wanted);
                }
            }
            Line::Document(_) | Line::End(_) => {}
        }
    }
}

impl Resumed {
    /// Whether a job's list was read completely.
    #[must_use]
    pub fn has(&self, job: &PlannedJob) -> bool {
        let key = (job.account.clone(), job.region.clone(), job.kind.to_owned());
        self.ended_lists.contains(&key)
    }

    /// Resumes the scan: passes on the documents of all complete lists, and returns how those lists
    /// ended and a journal without the incomplete ones. `region` gives the region of a document's
    /// list.
    ///
    /// # Errors
    /// When the journal cannot be read again or written.
    pub fn go_on(
        self,
        kinds: &Kinds,
        region: impl Fn(&Document) -> String,
        mut on_document: impl FnMut(Document),
    ) -> Result<(Journal, Vec<JobResult>), JournalError> {
        let aside = self.path.with_extension("part");
        let mut results = Vec::new();
        let mut copy = || {
            // A leftover of a process that was killed here.
            let _ = fs::remove_file(&aside);
            let mut journal = Journal::new(&self.path, create(&aside)?)?;
            let mut failed = Ok(());
            lines(&self.file, |line| {
                let keep = match &line {
                    Line::Document(document) => {
                        let resource = &document.resource;
                        let key = (
                            resource.account.clone(),
                            region(document),
                            resource.kind.clone(),
                        );
                        self.ended_lists.contains(&key)
                    }
                    Line::Header(_) | Line::Began(_) | Line::List(_) | Line::SoFar(_) => true,
                    // Of money only the sum is kept.
                    Line::End(_) | Line::Spent(_) => false,
                };
                if !keep || failed.is_err() {
                    return;
                }
                failed = journal.line(&line);
                match line {
                    Line::Document(document) => on_document(*document),
                    Line::List(list) => results.extend(list.result(kinds)),
                    _ => {}
                }
            })?;
            failed?;
            if self.spent > 0 {
                journal.line(&Line::Spent(self.spent))?;
            }
            journal.flush()?;
            fs::rename(&aside, &self.path)?;
            Ok(journal)
        };
        let journal = copy().map_err(|source| unusable(&self.path, source))?;
        Ok((journal, results))
    }
}

/// Every line of the complete frames, in order. A frame counts only if it is complete and its
/// checksum matches; the first one that fails ends the journal, since the program was killed while
/// writing it.
fn lines(file: &File, mut on_line: impl FnMut(Line)) -> io::Result<()> {
    let mut file = file.try_clone()?;
    file.rewind()?;
    let mut reader = BufReader::new(file);
    while !reader.fill_buf()?.is_empty() {
        let mut frame = zstd::Decoder::with_buffer(reader)?.single_frame();
        let mut text = Vec::new();
        if (&mut frame).take(LARGEST).read_to_end(&mut text).is_err() {
            return Ok(());
        }
        for line in text.split(|byte| *byte == b'\n').filter(|l| !l.is_empty()) {
            match serde_json::from_slice(line) {
                Ok(line) => on_line(line),
                Err(_) => return Ok(()),
            }
        }
        reader = frame.finish();
    }
    Ok(())
}
