//! What a scan calls and what that costs.

use crate::aws::throttle::budget::ScanBudget;
use crate::cli::ScanArgs;
use crate::commands::sessions::OpenSessions;
use crate::plan::JobResult;
use crate::report::{CallRow, Cost};
use crate::scan::journal::{Journal, Resumed};
use crate::scan::snapshot::End;
use jiff::Timestamp;
use std::sync::Arc;

/// Calls and spending, including those before the scan was resumed.
pub(super) struct CallAccounting<'a> {
    opened: &'a OpenSessions,
    pub(super) budget: Arc<ScanBudget>,
    limit_usd: f64,
    before: Vec<CallRow>,
}

impl<'a> CallAccounting<'a> {
    pub(super) fn new(
        args: &ScanArgs,
        opened: &'a OpenSessions,
        resumed: Option<&Resumed>,
    ) -> Self {
        let limit = args.allow_paid;
        let budget = match resumed {
            Some(resumed) => ScanBudget::resumed(limit, resumed.spent, resumed.wanted),
            None => ScanBudget::new(limit),
        };
        let so_far = resumed.and_then(|resumed| resumed.so_far.as_ref());
        Self {
            opened,
            budget: Arc::new(budget),
            limit_usd: limit,
            before: so_far.map(|end| end.calls.clone()).unwrap_or_default(),
        }
    }

    /// Writes spending to the journal before it happens.
    pub(super) fn note_in(&self, journal: &Journal) {
        self.budget.note_with(journal.spending());
    }

    /// What the billed reads of a list would have cost, in billionths of a US dollar.
    pub(super) fn wanted_by(&self, JobResult { job, .. }: &JobResult) -> u64 {
        self.budget.wanted_by(&job.account, &job.region, job.kind)
    }

    pub(super) fn end(&self) -> End {
        let counts = self.opened.gate.ledger.counts();
        let now = counts.into_iter().map(|(key, count)| CallRow {
            account: key.account,
            service: key.service,
            region: key.region,
            operation: key.operation,
            calls: count.calls,
            attempts: count.attempts,
            throttled: count.throttled,
            denied: count.denied,
            failed: count.failed,
            ms: count.ms,
        });
        End {
            finished: Timestamp::now(),
            calls: CallRow::summed(self.before.iter().cloned().chain(now)),
            cost: Cost {
                estimated_usd: self.budget.wanted(),
                spent_usd: self.budget.spent(),
                limit_usd: self.limit_usd,
            },
        }
    }
}
