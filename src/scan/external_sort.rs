//! Findings that do not fit into memory: sorted runs in a temporary file, merged as they are read.
//!
//! The file is in the system's temporary folder (`TMPDIR`), readable by its owner only, and has no
//! name, so the system removes it however the program ends.

use crate::report::{Record, Records, Store, Walk};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of text that are kept in memory: some 8,000 findings.
const MAX_IN_MEMORY: usize = 8 << 20;
/// The fastest level is enough, since findings are very similar to each other.
const LEVEL: i32 = 1;
/// Each run that is read keeps several windows of this size (2^15 bytes) in memory, and a large account has
/// hundreds of runs.
const WINDOW_LOG: u32 = 15;
/// Bytes of a run that are read at once, before and after decompression.
const READ_SIZE: usize = 32 << 10;

/// Keeps findings in memory while they are few, and in a temporary file beyond that.
pub struct ExternalSorter {
    max_in_memory: usize,
    buffer: Mutex<Buffer>,
    disk: Mutex<RunFile>,
}

/// Records in no order.
#[derive(Default)]
struct Buffer {
    records: Vec<Record>,
    bytes: usize,
}

/// Where runs are written.
#[derive(Default)]
struct RunFile {
    file: Option<Arc<Mutex<File>>>,
    length: u64,
    runs: Vec<Run>,
}

/// Sorted records in a part of the file.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: u64,
    end: u64,
    records: usize,
}

impl Default for ExternalSorter {
    fn default() -> Self {
        Self::new(MAX_IN_MEMORY)
    }
}

impl ExternalSorter {
    /// Keeps up to about `most` bytes of text in memory, and twice that while it writes.
    #[must_use]
    pub fn new(max_in_memory: usize) -> Self {
        Self {
            max_in_memory,
            buffer: Mutex::default(),
            disk: Mutex::default(),
        }
    }
}

impl Store for ExternalSorter {
    fn add(&self, records: Vec<Record>) -> io::Result<()> {
        let mut buffer = lock(&self.buffer);
        buffer.bytes += records.iter().map(Record::size).sum::<usize>();
        buffer.records.extend(records);
        if buffer.bytes < self.max_in_memory {
            return Ok(());
        }
        drop(buffer);
        // One thread writes while the others continue; once they have filled the memory again, they
        // wait here.
        let mut disk = lock(&self.disk);
        let mut buffer = lock(&self.buffer);
        if buffer.bytes < self.max_in_memory {
            return Ok(());
        }
        let full = mem::take(&mut *buffer);
        drop(buffer);
        disk.write(full.records)
    }

    fn close(&self) -> io::Result<Arc<dyn Records>> {
        let mut records = mem::take(&mut *lock(&self.buffer)).records;
        records.sort_unstable();
        let disk = mem::take(&mut *lock(&self.disk));
        Ok(match disk.file {
            None => Arc::new(records),
            Some(file) => Arc::new(SortedRuns {
                file,
                runs: disk.runs,
                rest: records,
            }),
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RunFile {
    fn write(&mut self, mut records: Vec<Record>) -> io::Result<()> {
        records.sort_unstable();
        let run = compress(&records).and_then(|bytes| self.append(&bytes));
        let (start, end) = run.map_err(|e| write_error(&e))?;
        self.runs.push(Run {
            start,
            end,
            records: records.len(),
        });
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<(u64, u64)> {
        if self.file.is_none() {
            self.file = Some(Arc::new(Mutex::new(unnamed_file()?)));
        }
        let start = self.length;
        if let Some(file) = &self.file {
            let mut file = lock(file);
            file.seek(SeekFrom::Start(start))?;
            file.write_all(bytes)?;
        }
        self.length += bytes.len() as u64;
        Ok((start, self.length))
    }
}

/// A temporary file that only its owner may read. It is unlinked before anything is written.
fn unnamed_file() -> io::Result<File> {
    let (file, name) = tempfile::NamedTempFile::new()?.into_parts();
    name.close()?;
    Ok(file)
}

/// The remedy is the same for every cause.
fn write_error(error: &io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    let message = format!(
        "findings cannot be kept in the temporary folder {}: {error}; set TMPDIR to a folder \
         with enough space",
        folder.display()
    );
    io::Error::new(error.kind(), message)
}

fn compress(records: &[Record]) -> io::Result<Vec<u8>> {
    let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
    encoder.window_log(WINDOW_LOG)?;
    for record in records {
        for text in [&record.key, &record.json] {
            encoder.write_all(&(text.len() as u64).to_le_bytes())?;
            encoder.write_all(text.as_bytes())?;
        }
    }
    encoder.finish()
}

/// All records: sorted runs on disk, and the rest in memory.
struct SortedRuns {
    file: Arc<Mutex<File>>,
    runs: Vec<Run>,
    rest: Vec<Record>,
}

impl Records for SortedRuns {
    fn walk(&self) -> Walk<'_> {
        let rest: Walk<'_> = self.rest.walk();
        let sources = self.runs.iter().map(|run| self.read(*run));
        match Merge::of(sources.chain([rest]).collect()) {
            Ok(merge) => Box::new(merge),
            Err(error) => Box::new(std::iter::once(Err(error))),
        }
    }
}

impl SortedRuns {
    fn read(&self, run: Run) -> Walk<'_> {
        let part = BufReader::with_capacity(
            READ_SIZE,
            Part {
                file: &self.file,
                at: run.start,
                end: run.end,
            },
        );
        match zstd::Decoder::with_buffer(part) {
            Ok(decoder) => {
                let mut reader = BufReader::with_capacity(READ_SIZE, decoder);
                Box::new((0..run.records).map(move |_| record(&mut reader)))
            }
            Err(error) => Box::new(std::iter::once(Err(error))),
        }
    }
}

fn record(reader: &mut impl BufRead) -> io::Result<Record> {
    let key = text(reader)?;
    let json = text(reader)?;
    Ok(Record { key, json })
}

fn text(reader: &mut impl BufRead) -> io::Result<String> {
    let mut length = [0; 8];
    reader.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    let mut text = String::new();
    let read = reader.take(length).read_to_string(&mut text)?;
    if read as u64 == length {
        Ok(text)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// A part of the file. Several are read at the same time, so each keeps its own position.
struct Part<'a> {
    file: &'a Mutex<File>,
    at: u64,
    end: u64,
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let length = left.min(buffer.len());
        let mut file = lock(self.file);
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(&mut buffer[..length])?;
        self.at += read as u64;
        Ok(read)
    }
}

/// Sorted sources as one. The first error is the last item.
struct Merge<'a> {
    /// The next record of each source that has one.
    heads: BinaryHeap<Reverse<(Record, usize)>>,
    sources: Vec<Walk<'a>>,
}

impl<'a> Merge<'a> {
    fn of(mut sources: Vec<Walk<'a>>) -> io::Result<Self> {
        let mut heads = BinaryHeap::with_capacity(sources.len());
        for (number, source) in sources.iter_mut().enumerate() {
            if let Some(record) = source.next() {
                heads.push(Reverse((record?, number)));
            }
        }
        Ok(Self { heads, sources })
    }
}

impl Iterator for Merge<'_> {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut first = self.heads.peek_mut()?;
        let Reverse((_, number)) = *first;
        match self.sources[number].next() {
            Some(Ok(next)) => {
                let Reverse((record, _)) = mem::replace(&mut *first, Reverse((next, number)));
                Some(Ok(record))
            }
            Some(Err(error)) => {
                drop(first);
                self.heads.clear();
                Some(Err(error))
            }
            None => {
                let Reverse((record, _)) = PeekMut::pop(first);
                Some(Ok(record))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: usize) -> Record {
        Record {
            key: format!("s3/bucket-public\u{0}{number:06}"),
            json: format!("{{\"number\": {number}}}"),
        }
    }

    fn walked(records: &Arc<dyn Records>) -> Vec<Record> {
        records.walk().map(Result::unwrap).collect()
    }

    /// 3,000 records in no particular order, from four threads.
    fn filled(max_in_memory: usize) -> Arc<dyn Records> {
        let sorter = ExternalSorter::new(max_in_memory);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let sorter = &sorter;
                scope.spawn(move || {
                    for batch in 0..75 {
                        let numbers = (0..10).map(|i| (batch * 40 + i * 4 + thread) * 7 % 3_000);
                        sorter.add(numbers.map(record).collect()).unwrap();
                    }
                });
            }
        });
        sorter.close().unwrap()
    }

    #[test]
    fn what_is_spilled_comes_back_in_order_any_number_of_times() {
        let expected: Vec<Record> = (0..3_000).map(record).collect();
        // From every batch a run, to all in memory.
        for max_in_memory in [1, 5_000, 1 << 20] {
            let records = filled(max_in_memory);
            assert!(walked(&records) == expected, "{max_in_memory}");
            assert!(walked(&records) == expected, "{max_in_memory}, again");
        }
    }

    #[test]
    fn two_walks_at_the_same_time_do_not_disturb_each_other() {
        let records = filled(5_000);
        let (mut one, mut two) = (records.walk(), records.walk());
        for number in 0..3_000 {
            assert_eq!(one.next().unwrap().unwrap(), record(number));
            if number >= 1_000 {
                assert_eq!(two.next().unwrap().unwrap(), record(number - 1_000));
            }
        }
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(walked(&ExternalSorter::default().close().unwrap()), []);
    }

    #[test]
    fn a_run_that_ends_too_early_is_an_error_and_never_fewer_findings() {
        let mut disk = RunFile::default();
        disk.write((0..2_000).map(record).collect()).unwrap();
        let file = disk.file.clone().unwrap();
        lock(&file).set_len(disk.length / 2).unwrap();
        let spilled = SortedRuns {
            file,
            runs: disk.runs,
            rest: vec![record(1_999)],
        };
        let walked: Vec<io::Result<Record>> = spilled.walk().collect();
        assert!(walked.len() < 2_000);
        let errors = walked.iter().filter(|r| r.is_err()).count();
        assert_eq!((errors, walked.last().map(Result::is_err)), (1, Some(true)));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_could_read_the_file_and_it_has_no_name() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let mut disk = RunFile::default();
        disk.write(vec![record(0)]).unwrap();
        let metadata = lock(&disk.file.unwrap()).metadata().unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        assert_eq!(metadata.nlink(), 0);
    }
}
