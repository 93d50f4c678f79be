//! One token bucket of an account, service and region, that slows down when AWS asks it to.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The slowest a lane goes, as a share of its rate.
const FLOOR: f64 = 1.0 / 32.0;
/// How long one request to slow down speaks for the others that were in flight with it.
const SETTLE: Duration = Duration::from_millis(500);

#[derive(Debug)]
struct State {
    tokens: f64,
    filled_at: Instant,
    /// The same for requests that were really sent.
    sent: f64,
    sent_at: Instant,
    pace: f64,
    slowed_at: Option<Instant>,
    /// AWS said to wait until then.
    wait_until: Option<Instant>,
    /// The rate does not count until AWS asks to slow down.
    unlimited: bool,
}

impl State {
    /// How much longer AWS wants nothing to be sent.
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
    /// A lane of `rate` calls a second that starts with `burst` in hand.
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

    /// A lane without a rate, until AWS asks to slow down for the first time: then its rate is the
    /// given one.
    #[must_use]
    pub fn unlimited_until_throttled(rate: f64, burst: f64) -> Self {
        let limiter = Self::new(rate, burst);
        limiter.state().unlimited = true;
        limiter
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a token and says how long to wait before using it. Tokens may be taken ahead of time:
    /// each caller gets its own moment, so nobody polls and nobody wakes in a crowd.
    #[must_use]
    pub fn reserve(&self, now: Instant) -> Reservation<'_> {
        let mut state = self.state();
        let remaining = state.remaining_wait(now);
        let reservation = |wait, token| Reservation {
            limiter: self,
            wait,
            token,
        };
        if state.unlimited {
            return reservation(remaining, false);
        }
        let rate = self.rate * state.pace;
        let elapsed = now.saturating_duration_since(state.filled_at).as_secs_f64();
        state.tokens = (state.tokens + elapsed * rate).min(self.burst);
        state.filled_at = now;
        state.tokens -= 1.0;
        if state.tokens >= 0.0 {
            return reservation(remaining, true);
        }
        reservation(
            remaining + Duration::from_secs_f64(-state.tokens / rate),
            true,
        )
    }

    /// Whether a request whose turn has come may be sent at this moment, or else how long it has to
    /// wait: turns that were held up on the way, by requests to other services, must not be taken all
    /// at once, and those that were given out before AWS asked to slow down slow down too.
    #[must_use]
    pub fn send(&self, now: Instant) -> Duration {
        /// A turn that comes some nanoseconds early by the arithmetic of floats is no early turn.
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

    /// AWS asked to slow down: halve the pace, once for everything that was in flight together, and
    /// send nothing for as long as AWS says.
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
        // AWS's bucket is empty, whatever was thought to be in it.
        state.sent = 0.0;
        state.sent_at = now;
    }

    /// AWS answered: recover a little.
    pub fn answered(&self) {
        let mut state = self.state();
        state.pace = (state.pace + 0.01).min(1.0);
    }

    #[cfg(test)]
    fn pace(&self) -> f64 {
        self.state().pace
    }
}

/// A token, and when it may be used. Dropped before that, it is there for others again.
#[derive(Debug)]
pub struct Reservation<'l> {
    limiter: &'l RateLimiter,
    /// How long to wait before sending.
    pub wait: Duration,
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

    /// How long a request has to wait that will be sent.
    fn wait(limiter: &RateLimiter, now: Instant) -> Duration {
        let reservation = limiter.reserve(now);
        let wait = reservation.wait;
        reservation.commit();
        wait
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
    fn turns_that_were_held_up_are_not_taken_all_at_once() {
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
    fn a_queue_without_a_rate_gets_one_when_aws_asks_for_it() {
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
    fn a_lifted_rate_counts_once_aws_asks_to_slow_down() {
        let limiter = RateLimiter::unlimited_until_throttled(10.0, 5.0);
        let now = Instant::now();
        assert!((0..1_000).all(|_| wait(&limiter, now).is_zero()));
        limiter.throttled(now, None);
        let first = wait(&limiter, now).as_secs_f64();
        assert!((first - 0.1).abs() < 0.01, "{first}");
        assert!((limiter.pace() - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_lane_never_stops() {
        let limiter = RateLimiter::new(10.0, 1.0);
        let mut now = Instant::now();
        for _ in 0..40 {
            now += Duration::from_secs(1);
            limiter.throttled(now, None);
        }
        assert!((limiter.pace() - FLOOR).abs() < f64::EPSILON);
    }
}
