//! Turning EC2's answers into documents.

use crate::aws::error::malformed;
use crate::model::kinds::metric::Metric;
use crate::model::{Call, Gap, Part, PartSpec, Per, Tags};
use aws_sdk_ec2::types::Tag;
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The page size: the maximum of most EC2 operations.
pub(super) const PAGE: i32 = 1000;

/// A field that AWS always gives; without it the answer is malformed.
pub(super) fn have<T>(call: &Call, field: Option<T>, name: &str) -> Result<T, Gap> {
    field.ok_or_else(|| malformed(call, name))
}

/// An SDK time as ours.
pub(super) fn time(time: Option<DateTime>) -> Option<Timestamp> {
    time.and_then(|t| Timestamp::from_nanosecond(t.as_nanos()).ok())
}

/// A time that AWS returns as text, such as an image's creation date.
pub(super) fn time_text(text: Option<&str>) -> Option<Timestamp> {
    text.and_then(|t| t.parse().ok())
}

/// The word of one of AWS's enumerations.
pub(super) fn word<T: AsRef<str>>(word: Option<T>) -> Option<String> {
    word.map(|w| w.as_ref().to_owned())
}

/// Tags of a resource. They are part of the resource, so an empty list is an answer too.
pub(super) fn tags(tags: Option<Vec<Tag>>) -> Part<Tags> {
    let pairs = tags.unwrap_or_default().into_iter();
    Part::Read(
        pairs
            .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
            .collect(),
    )
}

/// The value of one resource in a part that was read for all of them. A resource that the answer
/// leaves out gets a gap, since nothing is known of it.
pub(super) fn share<T: Clone>(call: &Call, all: &Part<BTreeMap<String, T>>, id: &str) -> Part<T> {
    match all {
        Part::Unread => Part::Unread,
        Part::Gap(gap) => Part::Gap(gap.clone()),
        Part::Read(all) => match all.get(id) {
            Some(value) => Part::Read(value.clone()),
            None => Part::Gap(malformed(call, "entry for this resource")),
        },
    }
}

/// The metric of a resource that does not report it, so that it need not be requested and paid for.
pub(super) fn silent(days: u32) -> Metric {
    Metric {
        days: i64::from(days),
        points: 0,
        average: None,
        maximum: None,
        minimum: None,
        sum: None,
        p95: None,
        daily: Vec::new(),
    }
}

/// A part that is computed from other documents.
pub(super) const fn derived(name: &'static str) -> PartSpec {
    PartSpec {
        name,
        calls: &[],
        per: Per::Derived,
    }
}

/// One field of each item, where it is there.
pub(super) fn collect_field<T, U>(items: Option<Vec<T>>, field: impl Fn(T) -> Option<U>) -> Vec<U> {
    items
        .unwrap_or_default()
        .into_iter()
        .filter_map(field)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: Call = crate::call!("ec2", "DescribeThings");

    #[test]
    fn a_resource_that_the_answer_leaves_out_is_a_gap() {
        let all = Part::Read(BTreeMap::from([("i-1".to_owned(), true)]));
        assert_eq!(share(&CALL, &all, "i-1"), Part::Read(true));
        assert!(matches!(share(&CALL, &all, "i-2"), Part::Gap(_)));
        assert_eq!(share::<bool>(&CALL, &Part::Unread, "i-1"), Part::Unread);
    }

    #[test]
    fn times_are_read_from_both_forms() {
        let expected: Timestamp = "2024-01-01T12:00:00Z".parse().unwrap();
        assert_eq!(time_text(Some("2024-01-01T12:00:00.000Z")), Some(expected));
        assert_eq!(time_text(Some("soon")), None);
        let sdk = DateTime::from_secs(expected.as_second());
        assert_eq!(time(Some(sdk)), Some(expected));
    }
}
