//! Until when AWS supports each runtime. No API returns it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Runtimes with the day of their deprecation, past or announced. Source:
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>. A runtime that is missing
/// here has no date.
const DEPRECATION: &[(&str, Date)] = &[
    ("dotnet10", day(2028, 11, 14)),
    ("dotnet6", day(2024, 12, 20)),
    ("dotnet8", day(2026, 11, 10)),
    ("dotnetcore1.0", day(2019, 6, 27)),
    ("dotnetcore2.0", day(2019, 5, 30)),
    ("dotnetcore2.1", day(2022, 1, 5)),
    ("dotnetcore3.1", day(2023, 4, 3)),
    ("go1.x", day(2024, 1, 8)),
    ("java11", day(2027, 6, 30)),
    ("java17", day(2027, 6, 30)),
    ("java21", day(2029, 6, 30)),
    ("java25", day(2029, 6, 30)),
    ("java8", day(2024, 1, 8)),
    ("java8.al2", day(2027, 6, 30)),
    ("nodejs", day(2016, 8, 30)),
    ("nodejs10.x", day(2021, 7, 30)),
    ("nodejs12.x", day(2023, 3, 31)),
    ("nodejs14.x", day(2023, 12, 4)),
    ("nodejs16.x", day(2024, 6, 12)),
    ("nodejs18.x", day(2025, 9, 1)),
    ("nodejs20.x", day(2026, 4, 30)),
    ("nodejs22.x", day(2027, 4, 30)),
    ("nodejs24.x", day(2028, 4, 30)),
    ("nodejs4.3", day(2020, 3, 5)),
    ("nodejs4.3-edge", day(2020, 3, 5)),
    ("nodejs6.10", day(2019, 8, 12)),
    ("nodejs8.10", day(2020, 3, 6)),
    ("provided", day(2024, 1, 8)),
    ("provided.al2", day(2026, 7, 31)),
    ("provided.al2023", day(2029, 6, 30)),
    ("python2.7", day(2021, 7, 15)),
    ("python3.10", day(2026, 10, 31)),
    ("python3.11", day(2027, 6, 30)),
    ("python3.12", day(2028, 10, 31)),
    ("python3.13", day(2029, 6, 30)),
    ("python3.14", day(2029, 6, 30)),
    ("python3.6", day(2022, 7, 18)),
    ("python3.7", day(2023, 12, 4)),
    ("python3.8", day(2024, 10, 14)),
    ("python3.9", day(2025, 12, 15)),
    ("ruby2.5", day(2021, 7, 30)),
    ("ruby2.7", day(2023, 12, 7)),
    ("ruby3.2", day(2026, 3, 31)),
    ("ruby3.3", day(2027, 3, 31)),
    ("ruby3.4", day(2028, 3, 31)),
    ("ruby4.0", day(2029, 3, 31)),
];

const fn day(year: i16, month: i8, day: i8) -> Date {
    Date::constant(year, month, day)
}

/// When AWS stops or stopped supporting a runtime; `None` if no date is known.
pub(super) fn deprecation_date(runtime: &str) -> Option<Timestamp> {
    let (_, date) = DEPRECATION.iter().find(|(name, _)| *name == runtime)?;
    let midnight = date.to_zoned(TimeZone::UTC).ok()?;
    Some(midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_has_its_own_date_and_not_that_of_a_longer_name() {
        let of = |runtime| deprecation_date(runtime).map(|time| time.to_string());
        assert_eq!(of("java8").as_deref(), Some("2024-01-08T00:00:00Z"));
        assert_eq!(of("java8.al2").as_deref(), Some("2027-06-30T00:00:00Z"));
        assert_eq!(of("python4.0"), None);
    }
}
