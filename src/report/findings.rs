//! The findings of a report: sorted, counted as they arrive, and not all in memory.
//!
//! ```text
//! Finding -> Record -> Store (any thread, any order) -> Records (in order, any number of times)
//!         -> Tally  -> everything in a report that is counted
//! ```

use super::tally::Tally;
use crate::model::Finding;
use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::io;
use std::sync::Arc;

/// The indentation of a finding in `report.json`.
pub(super) const INDENT: &str = "\n    ";
/// What stands around a value in a list in a list.
const BEFORE: &str = "[\n  [\n    ";
const AFTER: &str = "\n  ]\n]";

/// One finding as in `report.json`, and its sort key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    /// Check, account, region, kind and resource id, which identify one evaluation, separated by a
    /// zero byte. It sorts before every character of a name, so that `a` comes before `a-b`.
    pub key: String,
    /// The finding as JSON, indented as in `report.json`, into which it is copied. This is much
    /// faster than serialising it again.
    pub json: String,
}

impl Record {
    /// The record of a finding.
    ///
    /// # Errors
    /// Never for a finding that was judged: it has a form in JSON.
    pub fn of(finding: &Finding) -> io::Result<Self> {
        let resource = &finding.resource;
        let key = [
            finding.check.as_str(),
            &resource.account,
            &resource.region,
            &resource.kind,
            &resource.id,
        ];
        // Two lists around it indent it as the report does.
        let text = serde_json::to_string_pretty(&[[finding]])?;
        let own = text
            .strip_prefix(BEFORE)
            .and_then(|t| t.strip_suffix(AFTER));
        let json = own
            .unwrap_or_else(|| unreachable!("a list in a list"))
            .to_owned();
        Ok(Self {
            key: key.join("\0"),
            json,
        })
    }

    /// The finding again.
    ///
    /// # Errors
    /// When the text was damaged since.
    pub fn finding(&self) -> io::Result<Finding> {
        Ok(serde_json::from_str(&self.json)?)
    }

    /// Bytes of text in it.
    #[must_use]
    pub fn size(&self) -> usize {
        self.key.len() + self.json.len()
    }
}

/// Records on one walk, in order.
pub type Walk<'a> = Box<dyn Iterator<Item = io::Result<Record>> + 'a>;

/// Records in order, which can be walked any number of times.
pub trait Records: Send + Sync {
    /// A walk from the first. It ends after the first error.
    fn walk(&self) -> Walk<'_>;
}

impl Records for Vec<Record> {
    fn walk(&self) -> Walk<'_> {
        Box::new(self.iter().cloned().map(Ok))
    }
}

/// Stores findings until all of them have arrived.
pub trait Store: Send + Sync {
    /// Takes records in any order, from any thread.
    ///
    /// # Errors
    /// When there is no room for them.
    fn add(&self, records: Vec<Record>) -> io::Result<()>;

    /// Everything that was added, in order. The store is empty afterwards.
    ///
    /// # Errors
    /// When the records cannot be put in order for want of room.
    fn close(&self) -> io::Result<Arc<dyn Records>>;
}

/// All findings of a report, by check, account, region, kind and resource id.
#[derive(Clone)]
pub struct Findings {
    records: Arc<dyn Records>,
    tally: Arc<Tally>,
    /// Those that formats for people show, if not all.
    shown: Option<Arc<Tally>>,
}

impl Findings {
    /// Findings that were stored and counted before.
    #[must_use]
    pub fn new(records: Arc<dyn Records>, tally: Tally) -> Self {
        Self {
            records,
            tally: Arc::new(tally),
            shown: None,
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.tally.findings()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The findings in order, read again on every walk. It ends after the first error, which is an
    /// I/O error.
    pub fn iter(&self) -> impl Iterator<Item = io::Result<Finding>> + '_ {
        self.records().map(|record| record?.finding())
    }

    /// The same as text.
    pub(super) fn records(&self) -> Walk<'_> {
        self.records.walk()
    }

    /// What was counted.
    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The counts of those that formats for people show.
    pub(super) fn shown(&self) -> &Tally {
        self.shown.as_ref().unwrap_or(&self.tally)
    }

    /// Lets pages for people show only some.
    pub(super) fn show(&mut self, only: Tally) {
        self.shown = Some(Arc::new(only));
    }
}

impl Default for Findings {
    fn default() -> Self {
        Self::new(Arc::new(Vec::new()), Tally::default())
    }
}

/// Findings that fit into memory, such as those of a test.
impl TryFrom<Vec<Finding>> for Findings {
    type Error = io::Error;

    fn try_from(findings: Vec<Finding>) -> Result<Self, io::Error> {
        let mut memory = InMemory::default();
        for finding in findings {
            memory.add(&finding)?;
        }
        Ok(memory.close())
    }
}

/// Findings that are kept in memory, as text.
#[derive(Default)]
struct InMemory {
    records: Vec<Record>,
    tally: Tally,
}

impl InMemory {
    fn add(&mut self, finding: &Finding) -> io::Result<()> {
        let record = Record::of(finding)?;
        self.tally.add(finding, &record.key);
        self.records.push(record);
        Ok(())
    }

    fn close(mut self) -> Findings {
        self.records.sort();
        Findings::new(Arc::new(self.records), self.tally)
    }
}

impl PartialEq for Findings {
    /// Findings that cannot be read are equal to none.
    fn eq(&self, other: &Self) -> bool {
        let (mut one, mut two) = (self.records(), other.records());
        loop {
            match (one.next(), two.next()) {
                (None, None) => return true,
                (Some(Ok(a)), Some(Ok(b))) if a == b => {}
                _ => return false,
            }
        }
    }
}

impl fmt::Debug for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} findings", self.len())
    }
}

impl Serialize for Findings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let length = usize::try_from(self.len()).ok();
        let mut list = serializer.serialize_seq(length)?;
        for finding in self.iter() {
            list.serialize_element(&finding.map_err(S::Error::custom)?)?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Findings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut memory = InMemory::default();
        deserializer.deserialize_seq(FindingVisitor(|finding| memory.add(&finding)))?;
        Ok(memory.close())
    }
}

/// Takes one finding after the other, so that only their text is kept.
struct FindingVisitor<F>(F);

impl<'de, F: FnMut(Finding) -> io::Result<()>> Visitor<'de> for FindingVisitor<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of findings")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(finding) = list.next_element::<Finding>()? {
            (self.0)(finding).map_err(serde::de::Error::custom)?;
        }
        Ok(())
    }
}

/// How many findings are written to a store at once.
const BATCH: usize = 256;

/// Findings on their way from a file to a store.
pub(super) struct Intake<'a> {
    store: &'a dyn Store,
    batch: Vec<Record>,
    tally: Tally,
}

impl<'a> Intake<'a> {
    pub(super) fn new(store: &'a dyn Store) -> Self {
        Self {
            store,
            batch: Vec::with_capacity(BATCH),
            tally: Tally::default(),
        }
    }

    fn add(&mut self, finding: &Finding) -> io::Result<()> {
        let record = Record::of(finding)?;
        self.tally.add(finding, &record.key);
        self.batch.push(record);
        if self.batch.len() < BATCH {
            return Ok(());
        }
        self.store.add(std::mem::take(&mut self.batch))
    }

    pub(super) fn close(self) -> io::Result<Findings> {
        self.store.add(self.batch)?;
        Ok(Findings::new(self.store.close()?, self.tally))
    }
}

impl<'de> DeserializeSeed<'de> for &mut Intake<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(FindingVisitor(|finding| self.add(&finding)))
    }
}
