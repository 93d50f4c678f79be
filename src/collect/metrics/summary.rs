//! Figures over the values of a metric.

use crate::model::kinds::metric::Metric;
use std::collections::BTreeMap;

pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;

/// The statistic of each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stat {
    /// Mean of the samples.
    Average,
    /// Highest sample.
    Maximum,
    /// Lowest sample.
    Minimum,
    /// Sum of the samples.
    Sum,
}

impl Stat {
    pub(super) fn id(self) -> &'static str {
        match self {
            Stat::Average => "Average",
            Stat::Maximum => "Maximum",
            Stat::Minimum => "Minimum",
            Stat::Sum => "Sum",
        }
    }

    /// One value for a day, from its hourly values.
    fn day(self, hours: &[f64]) -> f64 {
        let sum: f64 = hours.iter().sum();
        match self {
            Stat::Average => sum / count(hours),
            Stat::Maximum => hours.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Stat::Minimum => hours.iter().copied().fold(f64::INFINITY, f64::min),
            Stat::Sum => sum,
        }
    }
}

/// A span of full periods, in seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    days: u32,
    pub(super) start: i64,
    pub(super) end: i64,
}

impl Window {
    pub(super) fn new(now: jiff::Timestamp, days: u32, period: i64) -> Self {
        let end = now.as_second().div_euclid(period) * period;
        Self {
            days,
            start: end - i64::from(days) * DAY,
            end,
        }
    }
}

/// Figures over the values of a window.
pub(super) fn summarise(stat: Stat, window: Window, mut points: Vec<(i64, f64)>) -> Metric {
    // Emulators round windows differently, and JSON has no infinities.
    points.retain(|(time, value)| (window.start..window.end).contains(time) && value.is_finite());
    let mut sorted: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
    sorted.sort_by(f64::total_cmp);
    let sum: Option<f64> = (!sorted.is_empty()).then(|| sorted.iter().sum());

    let mut days: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for (time, value) in points {
        let day = (time - window.start).div_euclid(DAY);
        days.entry(day).or_default().push(value);
    }
    Metric {
        days: i64::from(window.days),
        points: i64::try_from(sorted.len()).unwrap_or(i64::MAX),
        average: sum.map(|sum| sum / count(&sorted)),
        maximum: sorted.last().copied(),
        minimum: sorted.first().copied(),
        sum,
        // Nearest rank: the value at position ceil(0.95 n), counted from one.
        p95: sorted
            .get((sorted.len() * 95).div_ceil(100).saturating_sub(1))
            .copied(),
        daily: days.values().map(|hours| stat.day(hours)).collect(),
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "hours of a window, far below 2^52"
)]
fn count(values: &[f64]) -> f64 {
    values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(days: u32) -> Window {
        Window::new("2026-03-15T10:40:00Z".parse().unwrap(), days, HOUR)
    }

    fn hours(window: Window, values: impl IntoIterator<Item = f64>) -> Vec<(i64, f64)> {
        let times = (0i64..).map(|hour| window.start + hour * HOUR);
        times.zip(values).collect()
    }

    #[test]
    fn a_window_ends_at_the_full_hour() {
        let window = window(14);
        let end: jiff::Timestamp = "2026-03-15T10:00:00Z".parse().unwrap();
        assert_eq!(window.end, end.as_second());
        assert_eq!(window.end - window.start, 14 * DAY);
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "small whole numbers")]
    fn days_are_counted_back_from_the_end() {
        let window = window(2);
        let values = hours(
            window,
            (0..48).map(|hour| if hour < 24 { 1.0 } else { 3.0 }),
        );
        let average = summarise(Stat::Average, window, values.clone());
        assert_eq!(average.points, 48);
        assert_eq!(average.average, Some(2.0));
        assert_eq!(average.maximum, Some(3.0));
        assert_eq!(average.minimum, Some(1.0));
        assert_eq!(average.daily, [1.0, 3.0]);
        let sum = summarise(Stat::Sum, window, values);
        assert_eq!(sum.sum, Some(96.0));
        assert_eq!(sum.daily, [24.0, 72.0]);
    }

    #[test]
    fn a_day_without_values_is_left_out() {
        let window = window(3);
        let points = vec![(window.start, 5.0), (window.end - HOUR, 7.0)];
        assert_eq!(summarise(Stat::Maximum, window, points).daily, [5.0, 7.0]);
    }

    #[test]
    fn no_values_are_null_and_not_zero() {
        let metric = summarise(Stat::Sum, window(7), Vec::new());
        assert_eq!((metric.days, metric.points), (7, 0));
        assert_eq!(metric.sum, None);
        assert_eq!(metric.p95, None);
        assert!(metric.daily.is_empty());
    }

    #[test]
    fn p95_is_the_nearest_rank() {
        let window = window(14);
        let p95 = |n: u32| {
            let values = hours(window, (1..=n).map(f64::from));
            summarise(Stat::Average, window, values).p95
        };
        assert_eq!(p95(1), Some(1.0));
        assert_eq!(p95(20), Some(19.0));
        assert_eq!(p95(100), Some(95.0));
    }

    #[test]
    fn values_outside_the_window_do_not_count() {
        let window = window(1);
        let points = vec![
            (window.start - HOUR, 1.0),
            (window.end, 1.0),
            (window.start, 2.0),
        ];
        assert_eq!(summarise(Stat::Average, window, points).points, 1);
    }
}
