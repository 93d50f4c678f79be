//! A rate limiter: a token bucket for each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Requests that an address may make at once.
const BURST: f64 = 300.0;
/// Requests a second after that.
const RATE: f64 = 50.0;
/// Addresses that are remembered at most.
const MOST: usize = 10_000;

/// Requests by address.
#[derive(Debug, Default)]
pub(super) struct RateLimiter(Mutex<HashMap<IpAddr, (f64, Instant)>>);

impl RateLimiter {
    /// Whether an address may make one more request.
    pub(super) fn allows(&self, address: IpAddr, now: Instant) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(&address) {
            // Whoever is quiet for so long has a full bucket anyway.
            buckets.retain(|_, (_, last)| now.duration_since(*last).as_secs_f64() < BURST / RATE);
            if buckets.len() >= MOST {
                return false;
            }
        }
        let (left, last) = buckets.entry(address).or_insert((BURST, now));
        *left = (*left + now.duration_since(*last).as_secs_f64() * RATE).min(BURST);
        *last = now;
        if *left < 1.0 {
            return false;
        }
        *left -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_address_that_asks_too_often_has_to_wait() {
        let limiter = RateLimiter::default();
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let begin = Instant::now();
        let allowed = (0..1000).filter(|_| limiter.allows(one, begin)).count();
        assert_eq!(allowed, 300);
        assert!(limiter.allows(other, begin));
        let later = begin + Duration::from_secs(1);
        let allowed = (0..1000).filter(|_| limiter.allows(one, later)).count();
        assert_eq!(allowed, 50);
    }
}
