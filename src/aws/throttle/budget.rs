//! The money that a scan may spend on billed reads.

use crate::model::call::usd;
use crate::model::{Call, Cause, Gap, Price};
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// The money spent on billed calls, and its limit, in billionths of a US dollar.
pub struct ScanBudget {
    limit: u64,
    state: Mutex<State>,
    note: OnceLock<Note>,
}

/// Writes the total spent, including the next call, in billionths of a US dollar.
type Note = Box<dyn Fn(u64) -> io::Result<()> + Send + Sync>;

/// Account, region and kind identify a list and the reads for its resources.
type List = (String, String, &'static str);

#[derive(Debug, Default)]
struct State {
    spent: u64,
    /// What the billed reads of lists cost that were completed before the scan was resumed.
    wanted_before: u64,
    wanted: BTreeMap<List, u64>,
}

impl ScanBudget {
    /// A budget of `limit` US dollars; zero allows free calls only.
    #[must_use]
    pub fn new(limit: f64) -> Self {
        Self::resumed(limit, 0, 0)
    }

    /// The budget of a resumed scan: what was spent before, including reads that are repeated, and
    /// the estimate for the lists that are not repeated, in billionths of a US dollar.
    #[must_use]
    pub fn resumed(limit: f64, spent: u64, wanted: u64) -> Self {
        Self {
            limit: nano(limit),
            state: Mutex::new(State {
                spent,
                wanted_before: wanted,
                wanted: BTreeMap::new(),
            }),
            note: OnceLock::new(),
        }
    }

    /// Writes spending before it happens, so that it is known even if this process is killed. Only
    /// the first call has an effect.
    pub fn note_with(&self, note: impl Fn(u64) -> io::Result<()> + Send + Sync + 'static) {
        let _ = self.note.set(Box::new(note));
    }

    /// US dollars reserved so far.
    #[must_use]
    pub fn spent(&self) -> f64 {
        usd(self.state().spent)
    }

    /// US dollars that all requested reads would have cost, whether allowed or not. Reads that are
    /// repeated after a scan was killed count once.
    #[must_use]
    pub fn wanted(&self) -> f64 {
        let state = self.state();
        let now = state.wanted.values().copied();
        usd(now.fold(state.wanted_before, u64::saturating_add))
    }

    /// What the billed reads of a list would have cost since the scan was started or resumed, in
    /// billionths of a US dollar.
    #[must_use]
    pub fn wanted_by(&self, account: &str, region: &str, kind: &'static str) -> u64 {
        let list = (account.to_owned(), region.to_owned(), kind);
        self.state().wanted.get(&list).copied().unwrap_or_default()
    }

    fn spend(&self, list: &List, call: &'static Call, units: usize) -> Result<(), Gap> {
        if call.price == Price::Free {
            return Ok(());
        }
        let price = call.price.nano_usd().saturating_mul(units as u64);
        let mut state = self.state();
        let wanted = state.wanted.entry(list.clone()).or_default();
        *wanted = wanted.saturating_add(price);
        let spent = state.spent.saturating_add(price);
        if spent > self.limit {
            let detail = "not covered by --allow-paid";
            return Err(Gap::new(call.action, Cause::Unpaid, detail));
        }
        // The lock is held, so that totals are written in increasing order.
        if self.note.get().is_some_and(|note| note(spent).is_err()) {
            let detail = "its cost could not be written to the journal";
            return Err(Gap::new(call.action, Cause::Failed, detail));
        }
        state.spent = spent;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ScanBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut scan_budget = f.debug_struct("ScanBudget");
        scan_budget.field("limit", &self.limit);
        scan_budget
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// The scan's budget as the reader of one list spends it.
#[derive(Debug, Clone)]
pub struct Budget {
    scan_budget: Arc<ScanBudget>,
    list: List,
}

impl Budget {
    /// For the list of an account, region and kind.
    #[must_use]
    pub fn new(
        scan_budget: Arc<ScanBudget>,
        account: &str,
        region: &str,
        kind: &'static str,
    ) -> Self {
        Self {
            scan_budget,
            list: (account.to_owned(), region.to_owned(), kind),
        }
    }

    /// Reserves the price of `units`.
    ///
    /// # Errors
    /// An `unpaid` gap where the rest of the budget does not cover all of them, or a `failed` one
    /// where it cannot be written down; nothing is reserved, and the call must not be made.
    pub fn spend(&self, call: &'static Call, units: usize) -> Result<(), Gap> {
        self.scan_budget.spend(&self.list, call, units)
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the command line refuses amounts below zero; beyond the range it saturates"
)]
fn nano(usd: f64) -> u64 {
    (usd * 1e9).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRICS: Call = crate::call!("cloudwatch", "GetMetricData", price: Price::PerMetric);
    const FREE: Call = crate::call!("ec2", "DescribeVolumes");
    const VOLUME: &str = "ec2.volume";

    fn budget(scan_budget: &Arc<ScanBudget>, region: &str) -> Budget {
        Budget::new(Arc::clone(scan_budget), "1", region, VOLUME)
    }

    #[test]
    fn nothing_is_spent_beyond_the_limit() {
        let scan_budget = Arc::new(ScanBudget::new(0.01));
        let budget = budget(&scan_budget, "here");
        assert!(budget.spend(&METRICS, 600).is_ok());
        assert_eq!(
            budget.spend(&METRICS, 600).unwrap_err().cause,
            Cause::Unpaid
        );
        assert!(budget.spend(&METRICS, 400).is_ok());
        assert!((scan_budget.spent() - 0.01).abs() < 1e-9);
        assert!((scan_budget.wanted() - 0.016).abs() < 1e-9);
    }

    #[test]
    fn without_a_budget_only_free_calls_are_made() {
        let scan_budget = Arc::new(ScanBudget::new(0.0));
        let budget = budget(&scan_budget, "here");
        assert!(budget.spend(&FREE, 1).is_ok());
        assert!(budget.spend(&METRICS, 1).is_err());
    }

    /// 600 metrics were paid for; the 200 of one list need not be read again.
    #[test]
    fn what_was_spent_before_counts_against_the_limit_and_once_in_the_estimate() {
        let scan_budget = Arc::new(ScanBudget::resumed(0.01, 6_000_000, 2_000_000));
        let budget = budget(&scan_budget, "here");
        assert!(budget.spend(&METRICS, 400).is_ok());
        assert!(budget.spend(&METRICS, 1).is_err());
        assert!((scan_budget.spent() - 0.01).abs() < 1e-9);
        assert!((scan_budget.wanted() - 0.006_01).abs() < 1e-9);
    }

    #[test]
    fn each_list_is_known_by_what_it_wanted() {
        let scan_budget = Arc::new(ScanBudget::new(0.001));
        assert!(budget(&scan_budget, "here").spend(&METRICS, 100).is_ok());
        assert!(budget(&scan_budget, "there").spend(&METRICS, 30).is_err());
        assert_eq!(scan_budget.wanted_by("1", "here", VOLUME), 1_000_000);
        assert_eq!(scan_budget.wanted_by("1", "there", VOLUME), 300_000);
        assert_eq!(scan_budget.wanted_by("2", "here", VOLUME), 0);
    }

    #[test]
    fn money_is_written_down_before_it_is_spent_or_it_is_not_spent() {
        let scan_budget = Arc::new(ScanBudget::new(1.0));
        let written = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&written);
        scan_budget.note_with(move |spent| {
            let mut notes = notes.lock().unwrap();
            notes.push(spent);
            if notes.len() < 3 {
                Ok(())
            } else {
                Err(io::ErrorKind::StorageFull.into())
            }
        });
        let budget = budget(&scan_budget, "here");
        assert!(budget.spend(&METRICS, 1).is_ok());
        assert!(budget.spend(&METRICS, 2).is_ok());
        assert_eq!(budget.spend(&METRICS, 4).unwrap_err().cause, Cause::Failed);
        assert_eq!(*written.lock().unwrap(), [10_000, 30_000, 70_000]);
        assert!((scan_budget.spent() - 0.000_03).abs() < 1e-9);
    }
}
