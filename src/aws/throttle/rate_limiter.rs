//! A token bucket for one account, service and region, which slows down when AWS throttles.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The minimum pace, as a share of the rate.
const FLOOR: f64 = 1.0 / 32.0;
/// Tokens that are missing from a bucket from which a few lists are read: more are missing once its resources are
/// read one by one.
const UNCONTENDED: f64 = 3.0;
/// Throttled responses within this time count once, since the requests were in flight together.
const SETTLE: Duration = Duration::from_millis(500);

#[derive(Debug)]
struct State {
    tokens: f64,
    filled_at: Instant,
    /// Tokens for requests that are actually sent.
    sent: f64,
    sent_at: Instant,
    pace: f64,
    slowed_at: Option<Instant>,
    /// AWS said to wait until then.
    wait_until: Option<Instant>,
    /// The rate does not apply until AWS throttles.
    unlimited: bool,
}

impl State {
    /// How long to wait before the next request, after AWS throttled.
    fn remaining_wait(&self, now: Instant) -> Duration {
        let wait = self
            .wait_until
            .map(|until| until.saturating_duration_since(now));
        wait.unwrap_or_default()
    }
}

/// A token bucket whose rate is multiplied by a pace between [`FLOOR`] and 1: halved when
/// throttled, recovered slowly with every success.
#[derive(Debug)]
pub struct RateLimiter {
    rate: f64,
    burst: f64,
    state: Mutex<State>,
}

impl RateLimiter {
    /// A limiter of `rate` calls a second that starts with `burst` tokens.
    #[must_use]
    pub fn new(rate: f64, burst: f64) -> Self {
        Self {
            rate,
            burst: burst.max(1.0),
            state: Mutex::new(State {
                tokens: burst.max(1.0),
                filled_at: Instant::now(),
                sent: burst.max(1.0),
                sent_at: Instant::now(),
                pace: 1.0,
                slowed_at: None,
                wait_until: None,
                unlimited: false,
            }),
        }
    }

    /// A limiter without a rate until AWS throttles for the first time; from then on it has the
    /// given rate.
    #[must_use]
    pub fn unlimited_until_throttled(rate: f64, burst: f64) -> Self {
        let limiter = Self::new(rate, burst);
        limiter.state().unlimited = true;
        limiter
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a token and returns how long to wait before using it. Tokens may be reserved in
    /// advance: each caller gets its own time, so no polling is needed.
    #[must_use]
    pub fn reserve(&self, now: Instant) -> Reservation<'_> {
        let mut state = self.state();
        let remaining = state.remaining_wait(now);
        let reservation = |wait, token, is_contended| Reservation {
            limiter: self,
            wait,
            is_contended,
            token,
        };
        if state.unlimited {
            return reservation(remaining, false, false);
        }
        let rate = self.rate * state.pace;
        let elapsed = now.saturating_duration_since(state.filled_at).as_secs_f64();
        state.tokens = (state.tokens + elapsed * rate).min(self.burst);
        state.filled_at = now;
        state.tokens -= 1.0;
        let is_contended = state.tokens < self.burst - UNCONTENDED;
        let until_filled = Duration::from_secs_f64((-state.tokens).max(0.0) / rate);
        reservation(remaining + until_filled, true, is_contended)
    }

    /// How long a request with a reservation still has to wait; zero if it may be sent now.
    /// Reservations that were delayed by other services must not all be used at once, and those
    /// made before AWS throttled must slow down too.
    #[must_use]
    pub fn send(&self, now: Instant) -> Duration {
        /// Tolerates the rounding errors of floating-point arithmetic.
        const WHOLE: f64 = 1.0 - 1e-6;
        let mut state = self.state();
        let remaining = state.remaining_wait(now);
        if !remaining.is_zero() || state.unlimited {
            return remaining;
        }
        let rate = self.rate * state.pace;
        let elapsed = now.saturating_duration_since(state.sent_at).as_secs_f64();
        state.sent = (state.sent + elapsed * rate).min(self.burst);
        state.sent_at = now;
        if state.sent >= WHOLE {
            state.sent -= 1.0;
            return Duration::ZERO;
        }
        Duration::from_secs_f64((1.0 - state.sent) / rate)
    }

    /// AWS throttled: halves the pace, once for all requests that were in flight together, and
    /// sends nothing for as long as AWS says.
    pub fn throttled(&self, now: Instant, wait: Option<Duration>) {
        let mut state = self.state();
        state.wait_until = state.wait_until.max(wait.map(|wait| now + wait));
        if state
            .slowed_at
            .is_some_and(|at| now.saturating_duration_since(at) < SETTLE)
        {
            return;
        }
        state.slowed_at = Some(now);
        if state.unlimited {
            state.unlimited = false;
            state.filled_at = now;
            state.tokens = 0.0;
        } else {
            state.pace = (state.pace / 2.0).max(FLOOR);
            state.tokens = state.tokens.min(0.0);
        }
        // AWS's bucket is empty, whatever was computed.
        state.sent = 0.0;
        state.sent_at = now;
    }

    /// AWS answered: the pace recovers a little.
    pub fn answered(&self) {
        let mut state = self.state();
        state.pace = (state.pace + 0.01).min(1.0);
    }

    #[cfg(test)]
    fn pace(&self) -> f64 {
        self.state().pace
    }
}

/// A reserved token, and when it may be used. It is returned when it is dropped unused.
#[derive(Debug)]
pub struct Reservation<'l> {
    limiter: &'l RateLimiter,
    /// How long to wait before sending.
    pub wait: Duration,
    /// Whether the bucket's tokens are taken faster than it is filled.
    pub is_contended: bool,
    token: bool,
}

impl Reservation<'_> {
    /// The request is sent.
    pub fn commit(mut self) {
        self.token = false;
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if self.token {
            self.limiter.state().tokens += 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long a request has to wait before it is sent.
    fn wait(limiter: &RateLimiter, now: Instant) -> Duration {
        let reservation = limiter.reserve(now);
        let wait = reservation.wait;
        reservation.commit();
        wait
    }

    #[test]
    fn a_bucket_is_contended_while_it_is_emptied_faster_than_filled() {
        let limiter = RateLimiter::new(10.0, 8.0);
        let began = Instant::now();
        let contended = |ms: u64| {
            let reservation = limiter.reserve(began + Duration::from_millis(ms));
            let is_contended = reservation.is_contended;
            reservation.commit();
            is_contended
        };
        assert_eq!([0; 5].map(contended), [false, false, false, true, true]);
        assert!(contended(100));
        assert!(!contended(1_000));
        let unlimited = RateLimiter::unlimited_until_throttled(10.0, 1.0);
        assert!(!unlimited.reserve(began).is_contended);
    }

    #[test]
    fn a_request_that_is_given_up_while_it_waits_costs_nobody_a_token() {
        let limiter = RateLimiter::new(10.0, 1.0);
        let now = Instant::now();
        assert_eq!(wait(&limiter, now), Duration::ZERO);
        for _ in 0..100 {
            drop(limiter.reserve(now));
        }
        let wait = wait(&limiter, now).as_secs_f64();
        assert!((wait - 0.1).abs() < 0.01, "{wait}");
    }

    #[test]
    fn a_burst_is_free_and_the_rest_is_spaced() {
        let limiter = RateLimiter::new(10.0, 2.0);
        let now = Instant::now();
        assert_eq!(wait(&limiter, now), Duration::ZERO);
        assert_eq!(wait(&limiter, now), Duration::ZERO);
        let waits: Vec<_> = (0..3).map(|_| wait(&limiter, now).as_secs_f64()).collect();
        for (wait, expected) in waits.iter().zip([0.1, 0.2, 0.3]) {
            assert!((wait - expected).abs() < 0.01, "{waits:?}");
        }
    }

    #[test]
    fn delayed_reservations_are_not_used_all_at_once() {
        let limiter = RateLimiter::new(10.0, 2.0);
        let now = Instant::now();
        assert!((0..10).all(|_| wait(&limiter, now) < Duration::from_secs(1)));
        // All of them come late: two are the burst, and the others are a tenth of a second apart.
        let mut moment = now + Duration::from_secs(2);
        assert!((0..2).all(|_| limiter.send(moment).is_zero()));
        for _ in 0..8 {
            let wait = limiter.send(moment);
            assert!((wait.as_secs_f64() - 0.1).abs() < 0.01, "{wait:?}");
            moment += wait;
            assert!(limiter.send(moment).is_zero());
        }
    }

    #[test]
    fn throttling_halves_the_pace_once_for_a_crowd_and_success_recovers_it() {
        let limiter = RateLimiter::new(10.0, 2.0);
        let now = Instant::now();
        limiter.throttled(now, None);
        limiter.throttled(now, None);
        assert!((limiter.pace() - 0.5).abs() < f64::EPSILON);
        for _ in 0..50 {
            limiter.answered();
        }
        assert!((limiter.pace() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_sent_for_as_long_as_aws_says() {
        let limiter = RateLimiter::new(10.0, 5.0);
        let now = Instant::now();
        limiter.throttled(now, Some(Duration::from_secs(3)));
        assert!(wait(&limiter, now) >= Duration::from_secs(3));
        let later = now + Duration::from_secs(4);
        assert_eq!(wait(&limiter, later), Duration::ZERO);
    }

    #[test]
    fn a_queue_from_before_waits_and_slows_down_too() {
        let limiter = RateLimiter::new(10.0, 5.0);
        let now = Instant::now();
        for _ in 0..10 {
            limiter.reserve(now).commit();
        }
        limiter.throttled(now, Some(Duration::from_secs(3)));
        let half_way = now + Duration::from_secs(1);
        assert_eq!(limiter.send(half_way), Duration::from_secs(2));
        let mut moment = now + Duration::from_secs(3);
        // At half the pace, three seconds fill the bucket.
        assert!((0..5).all(|_| limiter.send(moment).is_zero()));
        for _ in 0..5 {
            let wait = limiter.send(moment);
            assert!((wait.as_secs_f64() - 0.2).abs() < 0.01, "{wait:?}");
            moment += wait;
            assert!(limiter.send(moment).is_zero());
        }
    }

    #[test]
    fn a_queue_without_a_rate_gets_one_when_aws_throttles() {
        let limiter = RateLimiter::unlimited_until_throttled(10.0, 5.0);
        let now = Instant::now();
        for _ in 0..10 {
            limiter.reserve(now).commit();
        }
        assert!(limiter.send(now).is_zero());
        limiter.throttled(now, None);
        let wait = limiter.send(now).as_secs_f64();
        assert!((wait - 0.1).abs() < 0.01, "{wait}");
    }

    #[test]
    fn an_unlimited_rate_applies_once_aws_throttles() {
        let limiter = RateLimiter::unlimited_until_throttled(10.0, 5.0);
        let now = Instant::now();
        assert!((0..1_000).all(|_| wait(&limiter, now).is_zero()));
        limiter.throttled(now, None);
        let first = wait(&limiter, now).as_secs_f64();
        assert!((first - 0.1).abs() < 0.01, "{first}");
        assert!((limiter.pace() - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_limiter_never_stops() {
        let limiter = RateLimiter::new(10.0, 1.0);
        let mut now = Instant::now();
        for _ in 0..40 {
            now += Duration::from_secs(1);
            limiter.throttled(now, None);
        }
        assert!((limiter.pace() - FLOOR).abs() < f64::EPSILON);
    }
}
