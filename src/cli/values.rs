//! Values checked where they are typed.

use jiff::SignedDuration;
use std::time::Duration;

pub(super) fn percent(text: &str) -> Result<f64, String> {
    let number: f64 = text
        .trim_end_matches('%')
        .parse()
        .map_err(|_| "not a number".to_owned())?;
    if (0.0..=100.0).contains(&number) {
        Ok(number)
    } else {
        Err("not between 0 and 100".to_owned())
    }
}

pub(super) fn usd(text: &str) -> Result<f64, String> {
    let number: f64 = text
        .trim_start_matches('$')
        .parse()
        .map_err(|_| "not a number".to_owned())?;
    if number.is_finite() && number >= 0.0 {
        Ok(number)
    } else {
        Err("not an amount".to_owned())
    }
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let time: SignedDuration = text.parse().map_err(|_| "not a time, such as 90s or 30m")?;
    Duration::try_from(time).map_err(|_| "not a time from now on".to_owned())
}

/// A duration that may be given in days, such as 90d.
#[cfg(feature = "serve")]
pub(crate) fn duration_in_days(text: &str) -> Result<Duration, String> {
    let Some(days) = text.trim().strip_suffix('d') else {
        return duration(text).map_err(|_| "not a time, such as 90s, 30m, 2h or 90d".to_owned());
    };
    let days: u64 = days
        .trim()
        .parse()
        .map_err(|_| "not a time, such as 90s, 30m, 2h or 90d".to_owned())?;
    if days > 36_500 {
        return Err("longer than a hundred years".to_owned());
    }
    Ok(Duration::from_hours(24 * days))
}

pub(super) fn tag(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| "not KEY=VALUE".to_owned())
}

pub(super) fn size(text: &str) -> Result<(String, usize), String> {
    let (kind, number) = text.split_once('=').ok_or("not KIND=N")?;
    let number = number
        .parse()
        .map_err(|_| format!("`{number}` is not a number"))?;
    Ok((kind.to_owned(), number))
}

pub(super) fn region(text: &str) -> Result<String, String> {
    let plain = text
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    let region = text == "enabled" || (plain && text.split('-').count() >= 3);
    if region {
        Ok(text.to_owned())
    } else {
        Err("not the name of a region, such as eu-west-1, nor `enabled`".to_owned())
    }
}

pub(crate) fn role_arn(text: &str) -> Result<String, String> {
    let pieces: Vec<&str> = text.splitn(6, ':').collect();
    match pieces.as_slice() {
        ["arn", _, "iam", "", account, role]
            if account.len() == 12
                && account.bytes().all(|b| b.is_ascii_digit())
                && role.starts_with("role/") =>
        {
            Ok(text.to_owned())
        }
        _ => Err("not the ARN of a role, such as arn:aws:iam::111122223333:role/audit".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_where_they_are_typed() {
        assert!(region("eu-west-1").is_ok() && region("enabled").is_ok());
        assert!(region("europe").is_err() && region("eu_west_1").is_err());
        assert!(role_arn("arn:aws:iam::111122223333:role/path/audit").is_ok());
        assert!(role_arn("arn:aws:iam::1111:role/audit").is_err());
        assert!(percent("50%").is_ok() && percent("101").is_err() && percent("NaN").is_err());
        assert!(usd("$1.5").is_ok() && usd("-1").is_err() && usd("inf").is_err());
        assert_eq!(tag("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(tag("=b").is_err());
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h30m"), Ok(Duration::from_mins(90)));
        assert!(duration("-5s").is_err() && duration("soon").is_err());
    }
}
