//! The money that a scan may spend on billed reads.

use crate::model::call::usd;
use crate::model::{Call, Cause, Gap, Price};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A running account of billed calls against a limit, kept in billionths of a US dollar.
#[derive(Debug)]
pub struct Budget {
    limit: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    spent: u64,
    wanted: u64,
}

impl Budget {
    /// A budget of `limit` US dollars; zero allows free calls only.
    #[must_use]
    pub fn new(limit: f64) -> Self {
        Self {
            limit: nano(limit),
            state: Mutex::default(),
        }
    }

    /// Counts what an earlier part of the scan spent, in US dollars.
    pub fn spent_before(&self, spent: f64) {
        let spent = nano(spent);
        let mut state = self.state();
        state.spent = state.spent.saturating_add(spent);
        state.wanted = state.wanted.saturating_add(spent);
    }

    /// Reserves the price of `units`.
    ///
    /// # Errors
    /// An `unpaid` gap where the rest of the budget does not cover all of them; nothing is reserved.
    pub fn spend(&self, call: &'static Call, units: usize) -> Result<(), Gap> {
        if call.price == Price::Free {
            return Ok(());
        }
        let price = call.price.nano_usd().saturating_mul(units as u64);
        let mut state = self.state();
        state.wanted = state.wanted.saturating_add(price);
        if state.spent.saturating_add(price) > self.limit {
            return Err(Gap::new(
                call.action,
                Cause::Unpaid,
                "not covered by --allow-paid",
            ));
        }
        state.spent += price;
        Ok(())
    }

    /// US dollars reserved so far.
    #[must_use]
    pub fn spent(&self) -> f64 {
        usd(self.state().spent)
    }

    /// US dollars that everything asked for would have cost, paid or not.
    #[must_use]
    pub fn wanted(&self) -> f64 {
        usd(self.state().wanted)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[test]
    fn nothing_is_spent_beyond_the_limit() {
        let budget = Budget::new(0.01);
        assert!(budget.spend(&METRICS, 600).is_ok());
        assert_eq!(
            budget.spend(&METRICS, 600).unwrap_err().cause,
            Cause::Unpaid
        );
        assert!(budget.spend(&METRICS, 400).is_ok());
        assert!((budget.spent() - 0.01).abs() < 1e-9);
        assert!((budget.wanted() - 0.016).abs() < 1e-9);
    }

    #[test]
    fn without_a_budget_only_free_calls_are_made() {
        let budget = Budget::new(0.0);
        assert!(budget.spend(&FREE, 1).is_ok());
        assert!(budget.spend(&METRICS, 1).is_err());
    }
}
