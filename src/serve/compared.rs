//! Comparisons of two audits, kept while somebody pages through them: the differences in an unnamed
//! temporary file, and the place of each in memory.

use crate::model::Severity;
use crate::report::{Change, CompareError, Diff, DiffFile};
use crate::store::{StoreError, StoredReport};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// How many comparisons are kept. A finished audit does not change, so they stay valid.
const KEPT: usize = 8;

/// Why two audits cannot be compared.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotCompared {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Compare(#[from] CompareError),
}

/// How an audit differs from an earlier one.
pub(super) struct Compared {
    /// Both audits, and the numbers.
    pub(super) head: DiffFile,
    /// The most severe first.
    order: Vec<RowPosition>,
    rows: Mutex<File>,
}

/// Where a difference is.
#[derive(Debug, Clone, Copy)]
struct RowPosition {
    change: Change,
    severity: Severity,
    at: u64,
    length: usize,
}

/// A difference as the file has it, and its place among all.
pub(super) struct Row {
    pub(super) place: usize,
    pub(super) json: String,
}

impl Compared {
    /// Compares two reports.
    pub(super) fn of(old: StoredReport, new: StoredReport) -> Result<Self, NotCompared> {
        let old = old.streamed()?;
        let new = new.streamed()?.since(&old)?;
        let diff = Diff { old, new };
        let mut out = BufWriter::with_capacity(1 << 16, tempfile::tempfile().map_err(read)?);
        let (mut order, mut at) = (Vec::new(), 0_u64);
        for row in diff.rows() {
            let row = row.map_err(read)?;
            let json = serde_json::to_vec(&row).map_err(StoreError::from)?;
            out.write_all(&json).map_err(read)?;
            order.push(RowPosition {
                change: row.change,
                severity: row.severity,
                at,
                length: json.len(),
            });
            at += u64::try_from(json.len()).unwrap_or(0);
        }
        // The sort is stable: differences of the same severity keep the order of the report.
        order.sort_by_key(|place| std::cmp::Reverse(place.severity));
        let rows = out.into_inner().map_err(|error| read(error.into_error()))?;
        Ok(Self {
            head: diff.head(),
            order,
            rows: Mutex::new(rows),
        })
    }

    /// At most `most` differences, from a place on, that pass both filters: `wanted`, by change and severity,
    /// and `text`, by their JSON.
    pub(super) fn rows(
        &self,
        from: usize,
        wanted: impl Fn(Change, Severity) -> bool,
        text: impl Fn(&str) -> bool,
        most: usize,
    ) -> io::Result<Vec<Row>> {
        let mut file = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let mut input = BufReader::with_capacity(1 << 16, &mut *file);
        input.seek(SeekFrom::Start(0))?;
        let (mut rows, mut here) = (Vec::new(), 0_u64);
        for (place, row) in self.order.iter().enumerate().skip(from) {
            if rows.len() == most {
                break;
            }
            if !wanted(row.change, row.severity) {
                continue;
            }
            // A relative seek keeps the buffer if it can.
            input.seek_relative(row.at.cast_signed() - here.cast_signed())?;
            let mut json = vec![0; row.length];
            input.read_exact(&mut json)?;
            here = row.at + u64::try_from(row.length).unwrap_or(0);
            let json = String::from_utf8(json).map_err(io::Error::other)?;
            if text(&json) {
                rows.push(Row { place, json });
            }
        }
        Ok(rows)
    }
}

fn read(error: io::Error) -> NotCompared {
    StoreError::Read(error).into()
}

/// The later and the earlier audit.
type Pair = (String, String);

/// Empty while the comparison is made.
type Cell = Arc<OnceCell<Arc<Compared>>>;

/// The latest comparisons.
#[derive(Default)]
pub(super) struct Comparisons(Mutex<VecDeque<(Pair, Cell)>>);

impl Comparisons {
    /// The comparison of two audits, which is made once for all who ask for it at the same time.
    pub(super) async fn of<E>(
        &self,
        new: &str,
        old: &str,
        make: impl Future<Output = Result<Arc<Compared>, E>>,
    ) -> Result<Arc<Compared>, E> {
        let cell = self.cell((new.to_owned(), old.to_owned()));
        cell.get_or_try_init(|| make).await.cloned()
    }

    fn cell(&self, pair: Pair) -> Cell {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.iter().position(|(known, _)| *known == pair);
        let entry = known
            .and_then(|known| kept.remove(known))
            .unwrap_or_else(|| (pair, Arc::default()));
        let cell = Arc::clone(&entry.1);
        kept.push_front(entry);
        kept.truncate(KEPT);
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_comparisons_are_kept() {
        let comparisons = Comparisons::default();
        let pair = |number: usize| (number.to_string(), "old".to_owned());
        let first = comparisons.cell(pair(0));
        for number in 1..KEPT {
            comparisons.cell(pair(number));
        }
        assert!(Arc::ptr_eq(&first, &comparisons.cell(pair(0))));
        comparisons.cell(pair(KEPT));
        // The least recently used one is gone.
        assert!(Arc::ptr_eq(&first, &comparisons.cell(pair(0))));
        let kept = comparisons.0.lock().unwrap();
        assert!(!kept.iter().any(|(known, _)| *known == pair(1)));
    }
}
