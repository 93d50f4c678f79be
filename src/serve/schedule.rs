//! When a schedule is due: cron in a time zone, with jitter.

use super::file::Missed;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// How late a time may be before it counts as missed: schedulers look more often than that.
const MISSED_AFTER: SignedDuration = SignedDuration::from_mins(2);
/// The most missed times that are caught up.
const MOST_MISSED: usize = 100;

/// A cron expression in a time zone.
#[derive(Debug, Clone)]
pub(super) struct Cadence {
    cron: Cron,
    zone: TimeZone,
}

impl Cadence {
    /// Parses both.
    ///
    /// # Errors
    /// What is wrong, and whether it is the expression (true) or the time zone (false).
    pub(super) fn parse(cron: &str, zone: Option<&str>) -> Result<Self, (bool, String)> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed);
        let cron = parser.year(Year::Disallowed).build().parse(cron.trim());
        let cron = cron.map_err(|error| (true, error.to_string()))?;
        let zone = TimeZone::get(zone.unwrap_or("UTC"));
        let zone = zone.map_err(|error| (false, error.to_string()))?;
        Ok(Self { cron, zone })
    }

    /// The first time after one, if there is any.
    #[must_use]
    pub(super) fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let after = after.to_zoned(self.zone.clone());
        let next = self.cron.find_next_occurrence(&after, false).ok()?;
        Some(next.timestamp())
    }

    /// The next times.
    #[must_use]
    pub(super) fn upcoming(&self, after: Timestamp, count: usize) -> Vec<Timestamp> {
        let next = |at: &Timestamp| self.next(*at);
        std::iter::successors(self.next(after), next)
            .take(count)
            .collect()
    }

    /// What to start now, and the time up to which everything is handled then.
    ///
    /// Times between `handled` and now are due. Those that should have started more than [`MISSED_AFTER`]
    /// ago were missed, because no service ran.
    #[must_use]
    pub(super) fn due(&self, handled: Timestamp, now: Timestamp, missed: Missed) -> Due {
        let mut slots: Vec<Timestamp> = Vec::new();
        let mut latest = handled;
        for slot in std::iter::successors(self.next(handled), |at| self.next(*at)) {
            if slot > now {
                break;
            }
            latest = slot;
            slots.push(slot);
            // With a cadence of every minute over a year, only the newest times count.
            if slots.len() > 4 * MOST_MISSED {
                slots.drain(..2 * MOST_MISSED);
            }
        }
        let is_missed = |slot: &Timestamp| now.duration_since(*slot) > MISSED_AFTER;
        let start = match missed {
            Missed::Skip => slots.into_iter().filter(|slot| !is_missed(slot)).collect(),
            Missed::Once => {
                let (late, mut prompt): (Vec<_>, Vec<_>) = slots.into_iter().partition(is_missed);
                // One that is due now makes up for the missed ones.
                if prompt.is_empty() {
                    prompt.extend(late.last());
                }
                prompt
            }
            Missed::All => {
                let newest = slots.len().saturating_sub(MOST_MISSED);
                slots.split_off(newest)
            }
        };
        Due {
            start,
            handled: latest,
        }
    }
}

/// What a schedule starts now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Due {
    /// The times to start a run for, oldest first.
    pub(super) start: Vec<Timestamp>,
    /// Every time up to this one is handled.
    pub(super) handled: Timestamp,
}

/// How long after the time a target's run starts. Always the same for the same target and time, so
/// that processes agree and a restart changes nothing.
#[must_use]
pub(super) fn jitter(
    within: SignedDuration,
    schedule: &str,
    target: &str,
    slot: Timestamp,
) -> SignedDuration {
    let mut hash = Sha256::new();
    for piece in [schedule, target, &slot.to_string()] {
        hash.update(piece.as_bytes());
        hash.update([0]);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hash.finalize()[..8]);
    let within = u64::try_from(within.as_millis()).unwrap_or(0);
    let wait = if within == 0 {
        0
    } else {
        u64::from_be_bytes(first) % within
    };
    SignedDuration::from_millis(i64::try_from(wait).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn cadence(cron: &str, zone: &str) -> Cadence {
        Cadence::parse(cron, Some(zone)).unwrap()
    }

    #[test]
    fn what_is_no_cadence_is_told_apart() {
        assert!(Cadence::parse("0 25 * * *", None).unwrap_err().0);
        assert!(Cadence::parse("0 0 3 * * *", None).unwrap_err().0);
        assert!(
            !Cadence::parse("@daily", Some("Europe/Berlni"))
                .unwrap_err()
                .0
        );
    }

    #[test]
    fn daylight_saving_neither_loses_a_day_nor_repeats_one() {
        let nightly = cadence("30 2 * * *", "Europe/Berlin");
        // On 28 March 2027 the clock goes from 2:00 to 3:00.
        assert_eq!(
            nightly.upcoming(at("2027-03-26T12:00:00Z"), 3),
            [
                at("2027-03-27T01:30:00Z"),
                at("2027-03-28T01:00:00Z"),
                at("2027-03-29T00:30:00Z"),
            ]
        );
        // On 31 October 2027 it goes from 3:00 back to 2:00.
        assert_eq!(
            nightly.upcoming(at("2027-10-30T12:00:00Z"), 2),
            [at("2027-10-31T00:30:00Z"), at("2027-11-01T01:30:00Z")]
        );
    }

    /// Where a night has 23 or 25 hours, every hour of it has its audit, and none has two.
    #[test]
    fn an_hourly_cadence_keeps_its_pace_over_daylight_saving() {
        for zone in ["Europe/Berlin", "America/New_York", "Australia/Sydney"] {
            for (cron, minutes) in [("0 * * * *", 60), ("*/15 * * * *", 15)] {
                let steady = cadence(cron, zone);
                for day in [
                    "2027-03-27",
                    "2027-03-13",
                    "2027-10-02",
                    "2027-10-30",
                    "2027-11-06",
                ] {
                    let begin = at(&format!("{day}T00:00:00Z"));
                    let times = steady.upcoming(begin, 48 * 60 / minutes);
                    let mut last = begin;
                    for time in times {
                        assert_eq!(
                            time.duration_since(last),
                            SignedDuration::from_mins(i64::try_from(minutes).unwrap()),
                            "{zone} {cron} after {last}"
                        );
                        last = time;
                    }
                }
            }
        }
    }

    /// A day has one audit, however its clock goes.
    #[test]
    fn a_nightly_cadence_comes_once_a_day_all_year() {
        // Lord Howe Island's clock goes by half an hour, and Cairo's at midnight.
        for zone in [
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Africa/Cairo",
        ] {
            for cron in ["30 2 * * *", "15 1 * * *", "0 0 * * *", "0 3 * * *"] {
                let nightly = cadence(cron, zone);
                let tz = TimeZone::get(zone).unwrap();
                let times = nightly.upcoming(at("2026-12-31T12:00:00Z"), 365);
                let mut days: Vec<_> = times
                    .iter()
                    .map(|time| time.to_zoned(tz.clone()).date())
                    .collect();
                assert_eq!(days.len(), 365, "{zone} {cron}");
                days.dedup();
                assert_eq!(days.len(), 365, "{zone} {cron}: a day twice");
                let (first, last) = (days[0], days[364]);
                let span = last.since(first).unwrap().get_days();
                assert_eq!(span, 364, "{zone} {cron}: a day left out");
            }
        }
    }

    /// What was missed over the change of the clock is made up for, once or all of it.
    #[test]
    fn times_missed_over_daylight_saving_are_counted_right() {
        let hourly = cadence("0 * * * *", "Europe/Berlin");
        for (from, to) in [
            ("2027-03-27T22:00:00Z", "2027-03-28T06:00:00Z"),
            ("2027-10-30T22:00:00Z", "2027-10-31T06:00:00Z"),
        ] {
            let due = hourly.due(at(from), at(to), Missed::All);
            assert_eq!((due.start.len(), due.handled), (8, at(to)), "{from}");
            assert_eq!(hourly.due(at(from), at(to), Missed::Once).start, [at(to)]);
        }
    }

    /// A clock that is set forward and back again: nothing is started twice.
    #[test]
    fn a_clock_that_is_set_starts_nothing_twice() {
        let hourly = cadence("0 * * * *", "UTC");
        let due = |handled: &Due, now: &str| hourly.due(handled.handled, at(now), Missed::Once);
        let begin = Due {
            start: vec![],
            handled: at("2027-01-01T00:00:00Z"),
        };
        // At a quarter past it is set forward by an hour: the coming hour is started early.
        let forth = due(&begin, "2027-01-01T01:15:00Z");
        assert_eq!(forth.start, [at("2027-01-01T01:00:00Z")]);
        // Set back, the hour comes again, and has been handled already.
        let back = due(&forth, "2027-01-01T00:30:00Z");
        assert_eq!(back.start, []);
        let again = due(&back, "2027-01-01T01:05:00Z");
        assert_eq!(again.start, []);
        let next = due(&again, "2027-01-01T02:00:30Z");
        assert_eq!(next.start, [at("2027-01-01T02:00:00Z")]);
    }

    #[test]
    fn missed_times_are_left_out_made_up_for_once_or_all() {
        let hourly = cadence("0 * * * *", "UTC");
        let (handled, now) = (at("2027-01-01T00:00:00Z"), at("2027-01-01T03:30:00Z"));
        let due = |missed| hourly.due(handled, now, missed);
        let last = at("2027-01-01T03:00:00Z");
        assert_eq!(
            due(Missed::Skip),
            Due {
                start: vec![],
                handled: last
            }
        );
        assert_eq!(
            due(Missed::Once),
            Due {
                start: vec![last],
                handled: last
            }
        );
        assert_eq!(due(Missed::All).start.len(), 3);
        // A time that is only a second ago is not missed.
        let now = at("2027-01-01T03:00:01Z");
        assert_eq!(hourly.due(handled, now, Missed::Skip).start, [last]);
        assert_eq!(hourly.due(handled, now, Missed::Once).start, [last]);
        // The clock was set back: everything has been handled.
        let earlier = hourly.due(now, handled, Missed::All);
        assert_eq!(
            earlier,
            Due {
                start: vec![],
                handled: now
            }
        );
    }

    #[test]
    fn not_every_minute_of_a_year_is_made_up_for() {
        let minutes = cadence("* * * * *", "UTC");
        let due = minutes.due(
            at("2026-01-01T00:00:00Z"),
            at("2027-01-01T00:00:00Z"),
            Missed::All,
        );
        assert_eq!(due.start.len(), 100);
        assert_eq!(due.start.last(), Some(&at("2027-01-01T00:00:00Z")));
        assert_eq!(due.handled, at("2027-01-01T00:00:00Z"));
    }

    #[test]
    fn jitter_is_the_same_everywhere_and_differs_by_target() {
        let slot = at("2027-01-01T03:00:00Z");
        let within = SignedDuration::from_mins(10);
        let of = |target: &str| jitter(within, "nightly", target, slot);
        assert_eq!(of("shop"), of("shop"));
        assert_ne!(of("shop"), of("bank"));
        assert!(of("shop") < within && !of("shop").is_negative());
        assert_eq!(
            jitter(SignedDuration::ZERO, "a", "b", slot),
            SignedDuration::ZERO
        );
    }
}
