//! A clock that is wrong. AWS rejects requests whose time differs from its own by more than five
//! minutes, with an error about the signature.

use super::super::exchange::Exchange;
use super::diagnosis::Diagnosis;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::sync::LazyLock;

/// The codes by which AWS refuses a request for its time, among others.
const CODES: &[&str] = &[
    "AuthFailure",
    "ExpiredToken",
    "InvalidSignatureException",
    "RequestExpired",
    "RequestInTheFuture",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// AWS bears five minutes; a `Date` header and a slow answer may be a minute off.
const BORNE: SignedDuration = SignedDuration::from_mins(4);

/// `Signature expired: 20261128T101500Z is now earlier than 20261128T121000Z (20261128T121500Z - 5
/// min.)`, or `Signature not yet current: … is still later than …`: the time signed, and AWS's.
static WORDS: LazyLock<regex::Regex> = LazyLock::new(|| {
    let pattern = r"(?:expired|not yet current): (\d{8}T\d{6})Z is .* \((\d{8}T\d{6})Z";
    regex::Regex::new(pattern).unwrap_or_else(|error| unreachable!("a pattern: {error}"))
});

/// That this machine's clock is wrong, if that is why AWS refused.
pub(super) fn diagnose(exchange: &Exchange) -> Option<Diagnosis> {
    let code = exchange.code.as_deref()?;
    if !CODES.contains(&code) {
        return None;
    }
    let words = exchange.message.as_deref().and_then(in_words);
    let ahead = words.or(exchange.skew)?;
    if ahead.abs() < BORNE {
        return None;
    }
    let side = if ahead.is_negative() {
        "ahead of"
    } else {
        "behind"
    };
    let cause = format!(
        "the clock of this machine is {} {side} AWS's: AWS refuses what is signed more than 5 minutes off \
         ({code})",
        rounded(ahead.abs())
    );
    let help = "set the clock, such as with `sudo timedatectl set-ntp true`, and try again";
    Some(Diagnosis::new(cause).with_help(help))
}

fn in_words(message: &str) -> Option<SignedDuration> {
    let found = WORDS.captures(message)?;
    let time = |text: &str| DateTime::strptime("%Y%m%dT%H%M%S", text).ok();
    let [signed, theirs] = [&found[1], &found[2]].map(time);
    let zoned = |time: DateTime| time.to_zoned(TimeZone::UTC).ok();
    let (signed, theirs) = (zoned(signed?)?, zoned(theirs?)?);
    Some(signed.timestamp().duration_until(theirs.timestamp()))
}

/// Days, hours and minutes, the larger two.
fn rounded(time: SignedDuration) -> String {
    let minutes = (time.as_secs() + 30) / 60;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, _) => format!("{hours} h {minutes} min"),
        (1, _) => format!("1 day {hours} h"),
        _ => format!("{days} days {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(code: &str, message: &str, skew: Option<SignedDuration>) -> Option<String> {
        let exchange = Exchange {
            code: Some(code.to_owned()),
            message: Some(message.to_owned()),
            skew,
            ..Exchange::default()
        };
        diagnose(&exchange).map(|diagnosis| diagnosis.cause)
    }

    #[test]
    fn the_message_says_by_how_much() {
        let message = cause(
            "SignatureDoesNotMatch",
            "Signature expired: 20261128T101500Z is now earlier than 20261128T121000Z \
             (20261128T121500Z - 5 min.)",
            None,
        );
        let message = message.unwrap();
        assert!(message.contains("is 2 h 0 min behind AWS's"), "{message}");
        let message = cause(
            "SignatureDoesNotMatch",
            "Signature not yet current: 20261130T121500Z is still later than 20261128T122000Z \
             (20261128T121500Z + 5 min.)",
            None,
        );
        let message = message.unwrap();
        assert!(
            message.contains("is 2 days 0 h ahead of AWS's"),
            "{message}"
        );
    }

    #[test]
    fn the_date_of_the_answer_says_it_too() {
        let words = "The request signature we calculated does not match";
        let minutes = |minutes| Some(SignedDuration::from_mins(minutes));
        let message = cause("SignatureDoesNotMatch", words, minutes(-14)).unwrap();
        assert!(message.contains("is 14 min ahead of AWS's"), "{message}");
        assert_eq!(cause("SignatureDoesNotMatch", words, minutes(1)), None);
        assert_eq!(cause("SignatureDoesNotMatch", words, None), None);
        assert_eq!(cause("AccessDenied", words, minutes(60)), None);
        assert!(cause("ExpiredToken", "", minutes(-90)).is_some());
    }
}
