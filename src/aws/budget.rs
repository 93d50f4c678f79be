//! The money that a scan may spend on billed reads.

use crate::model::{Call, Cause, Gap, Price};
use std::sync::Mutex;

/// A running account of billed calls against a limit in US dollars.
#[derive(Debug)]
pub struct Budget {
    limit: f64,
    spent: Mutex<f64>,
}

impl Budget {
    /// A budget of `limit` US dollars; zero allows free calls only.
    #[must_use]
    pub fn new(limit: f64) -> Self {
        Self {
            limit,
            spent: Mutex::new(0.0),
        }
    }

    /// Reserves the price of `units`.
    ///
    /// # Errors
    /// An `unpaid` gap where the rest of the budget does not cover all of them; nothing is reserved.
    pub fn spend(&self, call: &'static Call, units: usize) -> Result<(), Gap> {
        if call.price == Price::Free {
            return Ok(());
        }
        #[allow(
            clippy::cast_precision_loss,
            reason = "a count of metrics, far below 2^52"
        )]
        let price = call.price.usd() * units as f64;
        let mut spent = self
            .spent
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // A hundredth of a cent of slack keeps rounding from refusing an exact budget.
        if *spent + price > self.limit + 1e-4 * f64::from(u8::from(self.limit > 0.0)) {
            return Err(Gap::new(
                call.action,
                Cause::Unpaid,
                "not covered by --allow-paid",
            ));
        }
        *spent += price;
        Ok(())
    }

    /// US dollars reserved so far.
    #[must_use]
    pub fn spent(&self) -> f64 {
        *self
            .spent
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
