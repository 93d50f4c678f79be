//! Rate limiters: a token bucket for each client.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The most clients that are remembered.
const MOST: usize = 10_000;

/// Buckets by client.
#[derive(Debug)]
pub(super) struct RateLimiter {
    /// Requests that a client may make at once.
    burst: f64,
    /// Requests a second after that.
    rate: f64,
    buckets: Mutex<HashMap<IpAddr, (f64, Instant)>>,
}

impl RateLimiter {
    /// A limiter that allows `burst` requests at once, and `rate` a second after that.
    pub(super) fn new(burst: f64, rate: f64) -> Self {
        Self {
            burst,
            rate,
            buckets: Mutex::default(),
        }
    }

    /// Takes one from a client's bucket. Returns whether there was one.
    pub(super) fn allows(&self, client: IpAddr, now: Instant) -> bool {
        self.take(client, now, 1.0)
    }

    /// Whether there is one in a client's bucket.
    pub(super) fn has_room(&self, client: IpAddr, now: Instant) -> bool {
        self.take(client, now, 0.0)
    }

    fn take(&self, client: IpAddr, now: Instant, some: f64) -> bool {
        let client = network(client);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(&client) {
            // A client that has been quiet for this long has a full bucket anyway.
            let quiet = self.burst / self.rate;
            buckets.retain(|_, (_, last)| now.duration_since(*last).as_secs_f64() < quiet);
            if buckets.len() >= MOST {
                return false;
            }
        }
        let (left, last) = buckets.entry(client).or_insert((self.burst, now));
        let gained = now.duration_since(*last).as_secs_f64() * self.rate;
        *left = (*left + gained).min(self.burst);
        *last = now;
        if *left < 1.0 {
            return false;
        }
        *left -= some;
        true
    }
}

/// The client, or its network: whoever has one IPv6 address has all 2^64 addresses of its /64.
fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V6(ip) => {
            if let Some(ip) = ip.to_ipv4_mapped() {
                return IpAddr::V4(ip);
            }
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        IpAddr::V4(_) => client,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_client_that_asks_too_often_has_to_wait() {
        let limiter = RateLimiter::new(300.0, 50.0);
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let begin = Instant::now();
        let allowed = (0..1000).filter(|_| limiter.allows(one, begin)).count();
        assert_eq!(allowed, 300);
        assert!(!limiter.has_room(one, begin));
        assert!(limiter.allows(other, begin));
        let later = begin + Duration::from_secs(1);
        assert!((0..1000).all(|_| limiter.has_room(one, later)));
        let allowed = (0..1000).filter(|_| limiter.allows(one, later)).count();
        assert_eq!(allowed, 50);
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let limiter = RateLimiter::new(2.0, 1.0);
        let now = Instant::now();
        let allows = |text: &str| limiter.allows(text.parse().unwrap(), now);
        assert!(allows("2001:db8:1:2::1") && allows("2001:db8:1:2:ffff::9"));
        assert!(!allows("2001:db8:1:2:3::3"));
        assert!(allows("2001:db8:1:3::1"));
        assert!(allows("::ffff:10.0.0.1") && allows("10.0.0.1") && !allows("10.0.0.1"));
    }
}
