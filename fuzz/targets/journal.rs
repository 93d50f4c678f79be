//! The journal of a scan that did not end is refused or goes on: with the documents of lists that
//! were read to their end, the same however often it is resumed, and never more of them where the
//! file is cut off.
//!
//! Text is written as a journal is, in compressed frames; anything that starts as zstd does is read
//! as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sixpillars::derive::GLOBAL;
use sixpillars::model::{Document, Scope};
use sixpillars::plan::JobResult;
use sixpillars::scan::journal;
use sixpillars_fuzz::{KINDS, tolerate_caught_panics};
use std::io::Write;
use std::sync::LazyLock;
use tempfile::TempDir;

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().expect("a folder"));

/// The region that a document's list is under.
fn region(document: &Document) -> String {
    match KINDS
        .get(document.resource.kind.as_str())
        .map(|k| k.kind.scope)
    {
        Some(Scope::Account) => GLOBAL.to_owned(),
        _ => document.resource.region.clone(),
    }
}

fn frame(lines: &[u8]) -> Vec<u8> {
    let mut frame = zstd::Encoder::new(Vec::new(), 1).expect("memory");
    frame.include_checksum(true).expect("an option");
    frame.write_all(lines).expect("memory");
    frame.finish().expect("memory")
}

fn write(id: &str, bytes: &[u8]) {
    let path = FOLDER.path().join(format!("{id}.journal"));
    std::fs::write(path, bytes).expect("room in the folder");
}

/// What a journal has, by what it says of itself, its documents and its lists.
type Contents = (String, Vec<Document>, Vec<JobResult>);

/// Opens a journal and goes on from it.
fn resume(id: &str) -> Option<Contents> {
    let resumed = journal::open(FOLDER.path(), id).ok()?;
    let about = format!(
        "{:?} {:?} {:?}",
        resumed.header, resumed.began, resumed.so_far
    );
    let mut documents = Vec::new();
    let (_journal, results) = resumed
        .go_on(&KINDS, region, |document| documents.push(document))
        .expect("it could be read before");
    Some((about, documents, results))
}

fuzz_target!(
    init: tolerate_caught_panics(),
    |data: &[u8]| {
        let bytes = if data.starts_with(&MAGIC) {
            data.to_vec()
        } else {
            // Two frames, as after two lists.
            let middle = data.len() / 2;
            let end = data[middle..].iter().position(|byte| *byte == b'\n');
            let (first, second) = data.split_at(end.map_or(data.len(), |at| middle + at + 1));
            [frame(first), frame(second)].concat()
        };
        write("whole", &bytes);
        let Some(whole) = resume("whole") else {
            return;
        };
        let again = resume("whole").expect("a journal that goes on can be resumed");
        assert_eq!(format!("{whole:?}"), format!("{again:?}"), "not the same twice");

        let sum: usize = data.iter().map(|byte| usize::from(*byte)).sum();
        write("killed", &bytes[..sum % (bytes.len() + 1)]);
        if let Some((_, documents, results)) = resume("killed") {
            assert!(results.len() <= whole.2.len(), "more lists than before it was killed");
            for document in &documents {
                assert!(whole.1.contains(document), "a document that was not there");
            }
        }
    }
);
