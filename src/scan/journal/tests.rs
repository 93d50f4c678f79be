//! Journals that are read again, as after the program was killed.

use super::folder::path;
use super::*;
use crate::check::Kinds;
use crate::model::kinds::s3::Bucket;
use crate::model::{Definition, Document, Kind, Part, Resource, TypedDocument};
use crate::plan::{JobResult, PlannedJob};
use crate::report::Cost;
use crate::scan::snapshot::{self, End};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};

static BUCKET: Kind = Kind {
    name: Bucket::KIND,
    scope: crate::model::Scope::Account,
    list: &[],
    parts: &[],
    definition: Definition::Typed(<Bucket as TypedDocument>::schema),
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
        gaps: BTreeMap::new(),
    }
}

fn list_result(account: &str) -> JobResult {
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

fn began() -> ScanStart {
    ScanStart {
        version: "1".to_owned(),
        arguments: Value::Null,
        folder: PathBuf::from("/"),
        fingerprints: BTreeMap::new(),
        own_kinds: None,
    }
}

/// Two lists, of which the second has no end. Gives the scan's id.
fn killed(folder: &Path) -> String {
    let header = snapshot::header(jiff::Timestamp::UNIX_EPOCH, Vec::new());
    let mut journal = Journal::create(folder, &header, &began()).unwrap();
    journal.document(&document("1", "a")).unwrap();
    journal.document(&document("2", "x")).unwrap();
    journal.document(&document("1", "b")).unwrap();
    journal.list_ended(&list_result("1"), 7, so_far).unwrap();
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
        assert!(resumed.has(&list_result("1").job) && !resumed.has(&list_result("2").job));
        let (ids, journal, results) = documents(resumed);
        assert_eq!(
            (ids, results),
            (vec!["a".into(), "b".into()], vec![list_result("1")])
        );
        drop(journal);
    }
    let resumed = open(folder.path(), &id).unwrap();
    let (_, mut journal, _) = documents(resumed);
    journal.document(&document("2", "z")).unwrap();
    journal.list_ended(&list_result("2"), 11, so_far).unwrap();
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
    assert!(journal.list_ended(&list_result("1"), 0, so_far).is_err());
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
    assert!(missing.contains("it holds no unfinished scan"), "{missing}");
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
