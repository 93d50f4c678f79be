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

use crate::check::Kinds;
use crate::model::Document;
use crate::plan::{JobResult, PlannedJob};
use crate::snapshot::{End, Header, LONGEST_LINE, Line, List};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// So much is gathered, in bytes, before it is compressed and written.
const GATHER: usize = 512 << 10;
/// No frame is larger than this, in bytes: one line at most is gathered beyond [`GATHER`]. A few
/// compressed bytes can stand for gigabytes.
const LARGEST: u64 = LONGEST_LINE + (GATHER as u64);
/// Calls are noted at most this often.
const NOTE_EVERY: Duration = Duration::from_secs(1);
/// Journals that nobody resumed are removed after this time.
const KEEP: Duration = Duration::from_hours(30 * 24);
/// Each list's end is worth a frame of its own; more compression would only take time.
const LEVEL: i32 = 1;

/// How a scan began, and what must still be so for it to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Began {
    /// The version of the program.
    pub version: String,
    /// The flags, as the command line understood them.
    pub arguments: Value,
    /// The folder it was started in, which relative paths are meant from.
    pub folder: PathBuf,
    /// Stand for the contents of checks and policies; see `config::Selected::fingerprints`.
    pub fingerprints: BTreeMap<String, String>,
}

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

/// The journal of a running scan. Only its owner may read it (mode 0600).
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    frames: Frames,
    gathered: Vec<u8>,
    noted: Option<Instant>,
}

impl Journal {
    /// Begins a journal, and removes those that are past their time.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(folder: &Path, header: &Header, began: &Began) -> Result<Self, JournalError> {
        let path = path(folder, &header.id);
        let start = || {
            fs::create_dir_all(folder)?;
            expire(folder);
            let mut journal = Self::new(&path, create(&path)?)?;
            journal.line(&Line::Header(header.clone()))?;
            journal.line(&Line::Began(Box::new(began.clone())))?;
            journal.flush()?;
            Ok(journal)
        };
        start().map_err(|source| unusable(&path, source))
    }

    fn new(path: &Path, file: File) -> io::Result<Self> {
        file.try_lock().map_err(|error| match error {
            TryLockError::Error(source) => source,
            TryLockError::WouldBlock => io::ErrorKind::ResourceBusy.into(),
        })?;
        Ok(Self {
            path: path.to_owned(),
            frames: Frames(Arc::new(Mutex::new(Open { file, failed: None }))),
            gathered: Vec::new(),
            noted: None,
        })
    }

    /// Notes a document.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn document(&mut self, document: &Document) -> Result<(), JournalError> {
        let line = self.line(&Line::Document(Box::new(document.clone())));
        line.map_err(|source| unusable(&self.path, source))
    }

    /// Notes that a list was read and what its billed reads would have cost, in billionths of a US
    /// dollar, and from time to time what was called until then.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn ended(
        &mut self,
        result: &JobResult,
        wanted: u64,
        so_far: impl FnOnce() -> End,
    ) -> Result<(), JournalError> {
        let note = |journal: &mut Self| {
            let mut list = List::of(result);
            list.wanted = wanted;
            journal.line(&Line::List(list))?;
            if journal.noted.is_none_or(|at| at.elapsed() >= NOTE_EVERY) {
                journal.noted = Some(Instant::now());
                journal.line(&Line::SoFar(so_far()))?;
            }
            journal.flush()
        };
        note(self).map_err(|source| unusable(&self.path, source))
    }

    /// Notes, for whoever spends money, what is spent in all.
    pub fn spending(&self) -> impl Fn(u64) -> io::Result<()> + Send + Sync + 'static {
        let frames = self.frames.clone();
        move |spent| {
            let mut line = serde_json::to_vec(&Line::Spent(spent))?;
            line.push(b'\n');
            frames.write(&line)
        }
    }

    /// The scan has come to its end, and its reports are written: nothing is left to resume.
    pub fn remove(self) {
        // A journal that stays is in nobody's way, and expires.
        let _ = fs::remove_file(&self.path);
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        serde_json::to_writer(&mut self.gathered, line)?;
        self.gathered.push(b'\n');
        if self.gathered.len() >= GATHER {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.frames.write(&self.gathered)?;
        self.gathered.clear();
        Ok(())
    }
}

/// Where frames are written, by the scan and by those who spend money in it.
#[derive(Debug, Clone)]
struct Frames(Arc<Mutex<Open>>);

#[derive(Debug)]
struct Open {
    file: File,
    /// Why nothing more is written: what follows half a frame would never be read.
    failed: Option<io::ErrorKind>,
}

impl Frames {
    fn write(&self, lines: &[u8]) -> io::Result<()> {
        let mut frame = zstd::Encoder::new(Vec::new(), LEVEL)?;
        frame.include_checksum(true)?;
        frame.write_all(lines)?;
        let frame = frame.finish()?;
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kind) = open.failed {
            return Err(kind.into());
        }
        let written = open.file.write_all(&frame);
        open.failed = written.as_ref().err().map(io::Error::kind);
        written
    }
}

/// A scan that goes on.
#[derive(Debug)]
pub struct Resumed {
    /// Its header.
    pub header: Header,
    /// How it began.
    pub began: Began,
    /// The calls that it made before, as last noted.
    pub so_far: Option<End>,
    /// What it spent before, in billionths of a US dollar.
    pub spent: u64,
    /// What the billed reads of the lists that it read would have cost, in the same unit.
    pub wanted: u64,
    path: PathBuf,
    file: File,
    ended: BTreeSet<Key>,
}

/// Account, region and kind name one list.
type Key = (String, String, String);

/// Opens the journal of a scan that did not come to its end.
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
    let mut found = Found::default();
    lines(&file, |line| found.take(line)).map_err(|source| unusable(&path, source))?;
    match (found.header, found.began) {
        (Some(header), Some(began)) if header.is_current() => Ok(Resumed {
            header,
            began,
            so_far: found.so_far,
            spent: found.spent,
            wanted: found.wanted,
            ended: found.ended,
            path,
            file,
        }),
        (Some(header), _) if !header.is_current() => Err(JournalError::Form {
            file: path,
            why: format!("it is {}", header.schema),
        }),
        _ => Err(JournalError::Form {
            file: path,
            why: "it has no beginning".to_owned(),
        }),
    }
}

#[derive(Default)]
struct Found {
    header: Option<Header>,
    began: Option<Began>,
    so_far: Option<End>,
    spent: u64,
    wanted: u64,
    ended: BTreeSet<Key>,
}

impl Found {
    fn take(&mut self, line: Line) {
        match line {
            Line::Header(header) => self.header = Some(header),
            Line::Began(began) => self.began = Some(*began),
            Line::SoFar(so_far) => self.so_far = Some(so_far),
            Line::Spent(spent) => self.spent = self.spent.max(spent),
            Line::List(list) => {
                if self.ended.insert((list.account, list.region, list.kind)) {
                    self.wanted = self.wanted.saturating_add(list.wanted);
                }
            }
            Line::Document(_) | Line::End(_) => {}
        }
    }
}

impl Resumed {
    /// Whether a job's list was read to its end.
    #[must_use]
    pub fn has(&self, job: &PlannedJob) -> bool {
        let key = (job.account.clone(), job.region.clone(), job.kind.to_owned());
        self.ended.contains(&key)
    }

    /// Goes on: hands out the documents of all lists that were read, and how those ended, and gives
    /// the journal, rid of all others. `region` says under which region a document's list is.
    ///
    /// # Errors
    /// When the journal cannot be read again or written.
    pub fn go_on(
        self,
        kinds: &Kinds,
        region: impl Fn(&Document) -> String,
        mut each: impl FnMut(Document),
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
                        self.ended.contains(&key)
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
                    Line::Document(document) => each(*document),
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

/// Every line of the whole frames, in order. A frame counts only when all of it is there and its
/// checksum is right; the first that is not ends the journal: it is what the program was killed over.
fn lines(file: &File, mut each: impl FnMut(Line)) -> io::Result<()> {
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
                Ok(line) => each(line),
                Err(_) => return Ok(()),
            }
        }
        reader = frame.finish();
    }
    Ok(())
}

/// The scans that did not come to their end, newest first.
fn unfinished(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut ids: Vec<String> = files
        .map(|entry| entry.path())
        .filter(|path| is_journal(path))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    ids.sort();
    ids.reverse();
    ids
}

fn expire(folder: &Path) {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in files.map(|entry| entry.path()).filter(|p| is_journal(p)) {
        let changed = fs::metadata(&path).and_then(|data| data.modified());
        let age = changed.map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
        if age.is_ok_and(|age| age > KEEP) {
            let _ = fs::remove_file(path);
        }
    }
}

fn is_journal(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "journal")
}

fn path(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.journal"))
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn unusable(file: &Path, source: io::Error) -> JournalError {
    JournalError::Io {
        file: file.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::s3::Bucket;
    use crate::model::{Kind, Kinded, Part, Resource};
    use crate::report::Cost;
    use crate::snapshot;
    use serde_json::Map;

    static BUCKET: Kind = Kind {
        name: Bucket::KIND,
        scope: crate::model::Scope::Account,
        list: &[],
        parts: &[],
        schema: <Bucket as Kinded>::schema,
    };

    fn kinds() -> Kinds {
        crate::check::kinds([&BUCKET])
    }

    fn document(account: &str, id: &str) -> Document {
        Document {
            resource: Resource {
                kind: BUCKET.name.to_owned(),
                id: id.to_owned(),
                arn: None,
                name: id.to_owned(),
                account: account.to_owned(),
                region: "global".to_owned(),
                tags: Part::Unread,
            },
            fields: Map::new(),
            gaps: std::collections::BTreeMap::new(),
        }
    }

    fn ended(account: &str) -> JobResult {
        let job = PlannedJob {
            account: account.to_owned(),
            region: "global".to_owned(),
            kind: BUCKET.name,
            parts: BTreeSet::new(),
        };
        JobResult {
            job,
            listed: Ok(()),
        }
    }

    fn so_far() -> End {
        End {
            finished: jiff::Timestamp::UNIX_EPOCH,
            calls: Vec::new(),
            cost: Cost::default(),
        }
    }

    fn began() -> Began {
        Began {
            version: "1".to_owned(),
            arguments: Value::Null,
            folder: PathBuf::from("/"),
            fingerprints: BTreeMap::new(),
        }
    }

    /// Two lists, of which the second has no end. Gives the scan's id.
    fn killed(folder: &Path) -> String {
        let header = snapshot::header(jiff::Timestamp::UNIX_EPOCH, Vec::new());
        let mut journal = Journal::create(folder, &header, &began()).unwrap();
        journal.document(&document("1", "a")).unwrap();
        journal.document(&document("2", "x")).unwrap();
        journal.document(&document("1", "b")).unwrap();
        journal.ended(&ended("1"), 7, so_far).unwrap();
        journal.document(&document("2", "y")).unwrap();
        header.id
    }

    fn documents(resumed: Resumed) -> (Vec<String>, Journal, Vec<JobResult>) {
        let mut ids = Vec::new();
        let region = |document: &Document| document.resource.region.clone();
        let (journal, results) = resumed
            .go_on(&kinds(), region, |document| ids.push(document.resource.id))
            .unwrap();
        (ids, journal, results)
    }

    #[test]
    fn lists_that_were_read_are_kept_and_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let id = killed(folder.path());
        for _ in 0..2 {
            let resumed = open(folder.path(), &id).unwrap();
            assert!(resumed.has(&ended("1").job) && !resumed.has(&ended("2").job));
            let (ids, journal, results) = documents(resumed);
            assert_eq!(
                (ids, results),
                (vec!["a".into(), "b".into()], vec![ended("1")])
            );
            drop(journal);
        }
        let resumed = open(folder.path(), &id).unwrap();
        let (_, mut journal, _) = documents(resumed);
        journal.document(&document("2", "z")).unwrap();
        journal.ended(&ended("2"), 11, so_far).unwrap();
        drop(journal);
        let resumed = open(folder.path(), &id).unwrap();
        assert_eq!(documents(resumed).0, ["a", "b", "z"]);
    }

    #[test]
    fn what_was_spent_is_known_at_once_and_what_a_list_wanted_at_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let id = killed(folder.path());
        for (before, spend) in [(0, 100), (100, 300)] {
            let resumed = open(folder.path(), &id).unwrap();
            assert_eq!((resumed.spent, resumed.wanted), (before, 7));
            let (_, journal, _) = documents(resumed);
            let note = journal.spending();
            // Sums, of which the last counts.
            note(spend - 50).unwrap();
            note(spend).unwrap();
        }
        let resumed = open(folder.path(), &id).unwrap();
        assert_eq!((resumed.spent, resumed.wanted), (300, 7));
    }

    #[test]
    fn after_half_a_frame_nothing_is_written_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x");
        fs::write(&file, "").unwrap();
        // A file that is open for reading only takes nothing.
        let mut journal = Journal::new(&file, File::open(&file).unwrap()).unwrap();
        let note = journal.spending();
        assert!(note(1).is_err());
        let writable = File::options().append(true).open(&file).unwrap();
        journal.frames.0.lock().unwrap().file = writable;
        assert!(note(2).is_err());
        assert!(journal.ended(&ended("1"), 0, so_far).is_err());
        assert_eq!(fs::read(&file).unwrap(), b"");
    }

    #[test]
    fn wherever_it_is_cut_off_a_list_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let id = killed(folder.path());
        let file = path(folder.path(), &id);
        let whole = fs::read(&file).unwrap();
        let mut lists_read = BTreeSet::new();
        for length in 0..whole.len() {
            fs::write(&file, &whole[..length]).unwrap();
            match open(folder.path(), &id) {
                Err(error) => assert!(matches!(error, JournalError::Form { .. }), "{error}"),
                Ok(resumed) => {
                    let (ids, _, results) = documents(resumed);
                    assert_eq!(ids.len(), results.len() * 2);
                    lists_read.insert(results.len());
                }
            }
        }
        assert_eq!(
            lists_read,
            BTreeSet::from([0]),
            "only the whole file has the list"
        );
    }

    #[test]
    fn a_damaged_frame_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let id = killed(folder.path());
        let file = path(folder.path(), &id);
        let mut bytes = fs::read(&file).unwrap();
        let last = bytes.len() - 6;
        bytes[last] ^= 0xff;
        fs::write(&file, &bytes).unwrap();
        assert!(documents(open(folder.path(), &id).unwrap()).0.is_empty());
    }

    #[test]
    fn a_scan_that_runs_is_not_resumed_and_one_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let header = snapshot::header(jiff::Timestamp::UNIX_EPOCH, Vec::new());
        let journal = Journal::create(folder.path(), &header, &began()).unwrap();
        assert!(matches!(
            open(folder.path(), &header.id),
            Err(JournalError::Running(_))
        ));
        let missing = open(folder.path(), "../x").unwrap_err().to_string();
        assert!(missing.contains(&header.id), "{missing}");
        journal.remove();
        let missing = open(folder.path(), &header.id).unwrap_err().to_string();
        assert!(missing.contains("no scan is left unfinished"), "{missing}");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let id = killed(folder.path());
        let mode = fs::metadata(path(folder.path(), &id))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
}
