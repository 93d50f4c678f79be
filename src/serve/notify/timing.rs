//! When a channel is notified: after a burst or by a digest, and in quiet hours only what is urgent. The
//! functions are pure: their callers pass the time.

use crate::model::Severity;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Days that are looked at for the next digest and the end of quiet hours: a week, and one more on
/// either side for times that daylight saving moves.
const DAYS: i64 = 9;

/// When a channel is notified.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::serve) struct Timing {
    /// Changes within this time of the first one are one message.
    pub(in crate::serve) burst: SignedDuration,
    /// Messages come at these times only.
    pub(in crate::serve) digest: Option<Digest>,
    /// When no message comes.
    pub(in crate::serve) quiet: Vec<Quiet>,
    /// A change that is at least this severe comes in quiet hours too, and does not wait for a digest.
    pub(in crate::serve) urgent: Option<Severity>,
}

/// A time of the day at which everything since the last one is sent.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::serve) struct Digest {
    /// The time of the day.
    pub(in crate::serve) at: Time,
    /// The days on which it comes; every day if the list is empty.
    pub(in crate::serve) days: Vec<Weekday>,
    /// The time zone of `at`.
    pub(in crate::serve) zone: TimeZone,
}

/// Hours of a day without messages.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::serve) struct Quiet {
    /// When they begin.
    pub(in crate::serve) from: Time,
    /// When they end: on the next day, unless that is later than `from`.
    pub(in crate::serve) to: Time,
    /// The days on which they begin; every day if the list is empty.
    pub(in crate::serve) days: Vec<Weekday>,
    /// The time zone of these times.
    pub(in crate::serve) zone: TimeZone,
}

impl Timing {
    /// Whether a message is due. `first` is when the first change that waits was noted, `urgent` when the
    /// first urgent one was.
    #[must_use]
    pub(in crate::serve) fn is_due(
        &self,
        first: Timestamp,
        urgent: Option<Timestamp>,
        now: Timestamp,
    ) -> bool {
        if urgent.is_some_and(|at| self.after_burst(at) <= now) {
            return true;
        }
        let due = match &self.digest {
            None => self.after_burst(first),
            Some(digest) => digest.next(first),
        };
        due <= now && self.quiet_until(now).is_none()
    }

    /// Whether something is so severe that it does not wait.
    #[must_use]
    pub(in crate::serve) fn is_urgent(&self, severity: Severity) -> bool {
        self.urgent.is_some_and(|least| severity >= least)
    }

    /// When the quiet hours end, if now is in them.
    #[must_use]
    pub(in crate::serve) fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        let mut end = None;
        // One may begin when another ends, such as a quiet day after a night.
        for _ in 0..DAYS {
            let at = end.unwrap_or(now);
            match self.quiet.iter().filter_map(|quiet| quiet.end(at)).max() {
                Some(later) => end = Some(later),
                None => break,
            }
        }
        end
    }

    fn after_burst(&self, at: Timestamp) -> Timestamp {
        at.checked_add(self.burst).unwrap_or(at)
    }
}

impl Digest {
    /// The first time of the digest after `after`.
    #[must_use]
    fn next(&self, after: Timestamp) -> Timestamp {
        let today = after.to_zoned(self.zone.clone()).date();
        (-1..DAYS)
            .filter_map(|day| today.checked_add(day.days()).ok())
            .filter(|date| is_on(&self.days, *date))
            .map(|date| instant(&self.zone, date.to_datetime(self.at)))
            .find(|at| *at > after)
            .unwrap_or(after)
    }
}

impl Quiet {
    /// When it ends, if now is in it.
    #[must_use]
    fn end(&self, now: Timestamp) -> Option<Timestamp> {
        let today = now.to_zoned(self.zone.clone()).date();
        [today.yesterday().ok(), Some(today)]
            .into_iter()
            .flatten()
            .filter(|date| is_on(&self.days, *date))
            .filter_map(|date| {
                let last = if self.to > self.from {
                    date
                } else {
                    date.tomorrow().ok()?
                };
                let begin = instant(&self.zone, date.to_datetime(self.from));
                let end = instant(&self.zone, last.to_datetime(self.to));
                (begin <= now && now < end).then_some(end)
            })
            .max()
    }
}

fn is_on(days: &[Weekday], date: Date) -> bool {
    days.is_empty() || days.contains(&date.weekday())
}

/// A local time as an instant. One that daylight saving skips comes later by the length of the gap; of one
/// that it repeats, the first counts.
fn instant(zone: &TimeZone, at: DateTime) -> Timestamp {
    zone.to_ambiguous_timestamp(at)
        .compatible()
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn timing() -> Timing {
        Timing {
            burst: SignedDuration::from_mins(1),
            digest: None,
            quiet: Vec::new(),
            urgent: None,
        }
    }

    fn night() -> Quiet {
        Quiet {
            from: time(22, 0, 0, 0),
            to: time(7, 0, 0, 0),
            days: Vec::new(),
            zone: berlin(),
        }
    }

    #[test]
    fn a_burst_is_waited_for() {
        let first = at("2026-11-28T12:00:00Z");
        let due = |now| timing().is_due(first, None, at(now));
        assert!(!due("2026-11-28T12:00:59Z"));
        assert!(due("2026-11-28T12:01:00Z"));
        // The service was down in between.
        assert!(due("2026-11-30T00:00:00Z"));
    }

    #[test]
    fn nothing_is_told_in_a_night() {
        let timing = Timing {
            quiet: vec![night()],
            ..timing()
        };
        let first = at("2026-11-28T12:00:00Z");
        let due = |now| timing.is_due(first, None, at(now));
        // Berlin is an hour ahead in winter.
        assert!(due("2026-11-28T20:59:59Z"));
        assert!(!due("2026-11-28T21:00:00Z"));
        assert!(!due("2026-11-29T05:59:59Z"));
        assert!(due("2026-11-29T06:00:00Z"));
        // And two in summer.
        assert!(!timing.is_due(at("2026-07-01T12:00:00Z"), None, at("2026-07-02T04:59:59Z")));
        assert!(timing.is_due(at("2026-07-01T12:00:00Z"), None, at("2026-07-02T05:00:00Z")));
    }

    #[test]
    fn a_night_of_daylight_saving_is_an_hour_shorter_or_longer() {
        let until = |now| {
            let timing = Timing {
                quiet: vec![night()],
                ..timing()
            };
            timing.quiet_until(at(now))
        };
        // 29 March 2026, 2:00 becomes 3:00; the evening before is in winter time.
        assert_eq!(until("2026-03-28T20:59:00Z"), None);
        assert_eq!(
            until("2026-03-28T21:00:00Z"),
            Some(at("2026-03-29T05:00:00Z"))
        );
        // 25 October 2026, 3:00 becomes 2:00.
        assert_eq!(until("2026-10-24T19:59:00Z"), None);
        assert_eq!(
            until("2026-10-24T20:00:00Z"),
            Some(at("2026-10-25T06:00:00Z"))
        );
    }

    #[test]
    fn an_end_in_the_repeated_hour_is_its_first_one_and_one_in_the_gap_is_after_it() {
        let timing = |to| Timing {
            quiet: vec![Quiet { to, ..night() }],
            ..timing()
        };
        let repeated = timing(time(2, 30, 0, 0));
        assert_eq!(
            repeated.quiet_until(at("2026-10-25T00:15:00Z")),
            Some(at("2026-10-25T00:30:00Z"))
        );
        // 2:15 for the second time.
        assert_eq!(repeated.quiet_until(at("2026-10-25T01:15:00Z")), None);
        let left_out = timing(time(2, 30, 0, 0));
        assert_eq!(
            left_out.quiet_until(at("2026-03-29T00:59:00Z")),
            Some(at("2026-03-29T01:30:00Z"))
        );
    }

    #[test]
    fn a_quiet_weekend_joins_the_nights_around_it() {
        let weekend = Quiet {
            from: Time::midnight(),
            to: Time::midnight(),
            days: vec![Weekday::Saturday, Weekday::Sunday],
            zone: berlin(),
        };
        let timing = Timing {
            quiet: vec![night(), weekend],
            ..timing()
        };
        // Friday, 22:30, until Monday, 7:00.
        assert_eq!(
            timing.quiet_until(at("2026-11-27T21:30:00Z")),
            Some(at("2026-11-30T06:00:00Z"))
        );
        assert_eq!(timing.quiet_until(at("2026-11-27T20:30:00Z")), None);
    }

    #[test]
    fn what_is_urgent_comes_in_the_night() {
        let timing = Timing {
            quiet: vec![night()],
            urgent: Some(Severity::Critical),
            ..timing()
        };
        assert!(timing.is_urgent(Severity::Critical) && !timing.is_urgent(Severity::High));
        let (first, urgent) = (at("2026-11-28T12:00:00Z"), at("2026-11-29T01:00:00Z"));
        assert!(!timing.is_due(first, Some(urgent), at("2026-11-29T01:00:30Z")));
        assert!(timing.is_due(first, Some(urgent), at("2026-11-29T01:01:00Z")));
        assert!(!timing.is_due(first, None, at("2026-11-29T01:01:00Z")));
    }

    #[test]
    fn a_digest_comes_at_its_time_on_its_days() {
        let daily = Digest {
            at: time(8, 0, 0, 0),
            days: Vec::new(),
            zone: berlin(),
        };
        let next = |digest: &Digest, after| digest.next(at(after)).to_string();
        assert_eq!(next(&daily, "2026-11-28T06:59:59Z"), "2026-11-28T07:00:00Z");
        assert_eq!(next(&daily, "2026-11-28T07:00:00Z"), "2026-11-29T07:00:00Z");
        let weekly = Digest {
            days: vec![Weekday::Monday],
            ..daily.clone()
        };
        assert_eq!(
            next(&weekly, "2026-11-28T12:00:00Z"),
            "2026-11-30T07:00:00Z"
        );
        assert_eq!(
            next(&weekly, "2026-11-30T07:00:00Z"),
            "2026-12-07T07:00:00Z"
        );
        // If the clock is set forward over its time, it comes right after. If the clock is set back, it
        // comes once.
        let early = Digest {
            at: time(2, 30, 0, 0),
            ..daily
        };
        assert_eq!(next(&early, "2026-03-28T12:00:00Z"), "2026-03-29T01:30:00Z");
        assert_eq!(next(&early, "2026-10-24T12:00:00Z"), "2026-10-25T00:30:00Z");
        assert_eq!(next(&early, "2026-10-25T00:30:00Z"), "2026-10-26T01:30:00Z");
    }

    #[test]
    fn a_digest_waits_for_the_end_of_quiet_hours() {
        let timing = Timing {
            digest: Some(Digest {
                at: time(6, 0, 0, 0),
                days: Vec::new(),
                zone: berlin(),
            }),
            quiet: vec![night()],
            ..timing()
        };
        let first = at("2026-11-28T12:00:00Z");
        assert!(!timing.is_due(first, None, at("2026-11-28T20:00:00Z")));
        assert!(!timing.is_due(first, None, at("2026-11-29T05:30:00Z")));
        assert!(timing.is_due(first, None, at("2026-11-29T06:00:00Z")));
    }
}
