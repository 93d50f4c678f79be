//! The limits of code scanning, and what is left out beyond them.
//!
//! Source: <https://docs.github.com/code-security/code-scanning/troubleshooting-sarif/results-exceed-limit>.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};

/// What a reader of SARIF takes.
#[derive(Clone, Copy)]
pub(in crate::report) struct Limits {
    /// Results of a run; a file with more is refused.
    pub(in crate::report) results: u64,
    /// Results of a run that are shown, the most severe.
    pub(in crate::report) shown: u64,
    /// Bytes of the file compressed with gzip; a larger one is refused.
    pub(in crate::report) packed: u64,
}

/// Those of GitHub.
pub(super) const GITHUB: Limits = Limits {
    results: 25_000,
    shown: 5_000,
    packed: 10_000_000,
};

/// Bytes that no result has, compressed: names and messages are a few hundred.
const LARGEST: u64 = 10_000;

/// What stays of all results.
#[derive(Clone, Copy)]
pub(super) struct Truncation {
    /// How many there are.
    pub(super) all: u64,
    /// How many are written.
    pub(super) most: u64,
    /// Whether that many because of the size of the file.
    pub(super) packed: bool,
    pub(super) limits: Limits,
}

impl Truncation {
    /// How many results would fit, where what `write` writes is too large a file; none if it is
    /// not.
    pub(super) fn fewer(
        self,
        write: impl Fn(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<Option<u64>> {
        // So few results are never too large, and need not be written twice.
        if self.most < self.limits.packed / LARGEST {
            return Ok(None);
        }
        let mut packed = GzEncoder::new(Counted::default(), Compression::default());
        write(&mut packed)?;
        let size = packed.finish()?.0;
        if self.most == 0 || size <= self.limits.packed {
            return Ok(None);
        }
        // A little less than their share, since the number of rules stays the same.
        let share = u128::from(self.most) * u128::from(self.limits.packed) / u128::from(size);
        let share = u64::try_from(share).unwrap_or_default();
        Ok(Some((share - share / 20).min(self.most - 1)))
    }

    /// Notices for the reader: the id and text of each.
    pub(super) fn notices(self) -> Vec<(&'static str, String)> {
        let Self {
            all, most, limits, ..
        } = self;
        let mut notices = Vec::new();
        if all > most {
            let takes = if self.packed {
                format!(
                    "files of {} MB compressed, which {most} fill",
                    limits.packed / 1_000_000
                )
            } else {
                format!("{most}")
            };
            let text = format!(
                "{} of {all} results are left out, the least severe: code scanning takes {takes}. \
                 report.json has all of them.",
                all - most
            );
            notices.push(("results-cut", text));
        }
        if most > limits.shown {
            let text = format!(
                "Code scanning shows the {} most severe of the {most} results here.",
                limits.shown
            );
            notices.push(("results-not-shown", text));
        }
        notices
    }
}

/// Counts bytes and keeps none.
#[derive(Default)]
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
