//! A snapshot is refused or read, and what was read can be written again, derived from and judged.
//!
//! Text is compressed first, so that changes to it reach the lines; anything that starts as zstd
//! does is read as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sixpillars::derive::{self, GLOBAL, World};
use sixpillars::model::{Document, Scope};
use sixpillars::scan::snapshot::{self, Contents, SnapshotError, Writer};
use sixpillars_fuzz::{CATALOG, KINDS, hold_to_laws, tolerate_caught_panics};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().expect("a folder"));

fn write(name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = FOLDER.path().join(name);
    std::fs::write(&path, bytes).expect("room in the folder");
    path
}

fn compressed(lines: &[u8]) -> Vec<u8> {
    zstd::encode_all(lines, 1).expect("memory")
}

fn read(path: &Path) -> Result<(Vec<Document>, Contents), SnapshotError> {
    let mut documents = Vec::new();
    let contents = snapshot::read(path, &KINDS, |document| documents.push(document))?;
    Ok((documents, contents))
}

/// What is written again is read again.
fn write_again(documents: &[Document], contents: &Contents) {
    let path = FOLDER.path().join("again");
    let mut writer = Writer::create(&path, &contents.header).expect("room in the folder");
    for document in documents {
        writer.document(document).expect("room in the folder");
    }
    let end = contents.end.clone();
    writer
        .finish(&contents.jobs, end)
        .expect("room in the folder");
    let (documents_again, contents_again) = read(&path).expect("it was just written");
    assert_eq!(documents, documents_again);
    assert_eq!(format!("{contents:?}"), format!("{contents_again:?}"));
}

/// A snapshot that is cut off anywhere is not taken for a whole one.
fn cut_off(lines: &[u8], whole: usize) {
    let ends = lines.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let ends: Vec<usize> = ends.map(|(at, _)| at + 1).take(whole).collect();
    for end in ends.iter().rev().skip(1).take(2) {
        let path = write("cut", &compressed(&lines[..*end]));
        assert!(read(&path).is_err(), "a snapshot without its end");
    }
}

/// Derives every part, and judges what has them.
fn assess(documents: Vec<Document>) {
    let mut world = World::default();
    let mut places = BTreeSet::new();
    for document in documents {
        let Some(fields) = KINDS.get(document.resource.kind.as_str()) else {
            continue;
        };
        let region = match fields.kind.scope {
            Scope::Account => GLOBAL.to_owned(),
            Scope::Region => document.resource.region.clone(),
        };
        places.insert((fields.kind.name, region.clone()));
        world.add(&region, document);
    }
    for (kind, region) in &places {
        world.listed(kind, region);
    }
    for derivation in derive::derivations() {
        let regions = places.iter().filter(|(kind, _)| *kind == derivation.kind);
        for (_, region) in regions {
            let values = (derivation.run)(&world, region);
            world.derive(derivation.kind, region, derivation.part, values);
        }
    }
    let documents: Vec<Document> = places
        .iter()
        .flat_map(|(kind, region)| world.documents(kind, region))
        .take(3)
        .collect();
    for document in documents {
        let of_kind = CATALOG
            .iter()
            .filter(|c| c.file.resource == document.resource.kind);
        // A few of the checks, others for each document: all of them take long.
        let start = document.resource.id.len() + document.fields.len();
        for check in of_kind.skip(start % 7).step_by(7) {
            hold_to_laws(check, &document);
        }
    }
}

fuzz_target!(
    init: tolerate_caught_panics(),
    |data: &[u8]| {
        let raw = data.starts_with(&MAGIC);
        let path = if raw { write("raw", data) } else { write("text", &compressed(data)) };
        let Ok((documents, contents)) = read(&path) else {
            return;
        };
        write_again(&documents, &contents);
        if !raw {
            cut_off(data, 1 + documents.len() + contents.jobs.len() + 1);
        }
        assess(documents);
    }
);
