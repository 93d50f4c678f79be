//! The documented rate limits of the APIs, as a table with the source of each row.
//!
//! Quotas belong to the account and are shared with production, so a scan takes half of each by
//! default ([`SHARE`]).

use crate::kinds::declared::Service;
use crate::kinds::load;

/// The share of each documented rate that a scan takes by default.
pub const SHARE: f64 = 0.5;

/// A token bucket's size as AWS documents it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// The service the row is about.
    pub service: &'static str,
    /// The operation; `None` for a bucket that all other operations of the service share.
    pub operation: Option<&'static str>,
    /// Whether each operation has a bucket of its own of this size.
    pub per_operation: bool,
    /// Tokens added a second.
    pub rate: f64,
    /// Tokens the bucket holds.
    pub burst: f64,
}

const fn row(
    service: &'static str,
    operation: Option<&'static str>,
    per_operation: bool,
    rate: f64,
    burst: f64,
) -> Limit {
    Limit {
        service,
        operation,
        per_operation,
        rate,
        burst,
    }
}

/// The table, first match wins. For services without published rates, the table has what other
/// auditors use; the rate adapts as soon as the service throttles.
pub const LIMITS: &[Limit] = &[
    // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html: non-mutating actions
    // have a bucket each; all our calls are paginated or filtered, so the larger one applies.
    row("ec2", None, true, 20.0, 100.0),
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
    row("cloudwatch", Some("GetMetricData"), false, 500.0, 500.0),
    row("cloudwatch", Some("ListMetrics"), false, 25.0, 25.0),
    row("cloudwatch", Some("DescribeAlarms"), false, 9.0, 9.0),
    row("cloudwatch", None, true, 10.0, 10.0),
    // https://docs.aws.amazon.com/accounts/latest/reference/quotas.html
    row("account", Some("GetAlternateContact"), false, 10.0, 15.0),
    row("account", None, true, 5.0, 5.0),
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    row("sts", None, false, 600.0, 600.0),
    // Not published; the rate at which other auditors page through IAM without being throttled.
    row("iam", None, false, 20.0, 40.0),
    // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: the control plane has
    // one bucket for all but two operations. How much it holds is not published.
    row("lambda", Some("GetFunction"), false, 100.0, 100.0),
    row("lambda", Some("GetPolicy"), false, 15.0, 15.0),
    row("lambda", None, false, 15.0, 15.0),
    // Not published for bucket configuration; the data plane allows 5,500 a second for each prefix.
    row("s3", None, false, 200.0, 400.0),
    row("s3control", None, false, 10.0, 20.0),
    // https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub_limits.html
    row("securityhub", Some("GetFindings"), false, 3.0, 6.0),
    row(
        "securityhub",
        Some("BatchImportFindings"),
        false,
        10.0,
        30.0,
    ),
    // Not published.
    row("rds", None, false, 20.0, 40.0),
    row("sns", None, false, 30.0, 60.0),
    row("ssm", None, false, 10.0, 20.0),
];

/// Any service that the table does not name.
const OTHER: Limit = row("", None, false, 10.0, 20.0);

/// The rows of a service's file.
fn declared_limits(service: &'static Service) -> impl Iterator<Item = Limit> {
    service.file.rates.iter().map(|row| Limit {
        service: service.name,
        operation: row.operation.as_deref(),
        per_operation: row.each,
        rate: row.rate,
        burst: row.burst.unwrap_or(row.rate * 2.0).max(1.0),
    })
}

/// The limit that applies to an operation: as the service's file says, else as the table does.
#[must_use]
pub fn limit(service: &str, operation: &str) -> Limit {
    let declared = load::all().services.get(service).into_iter();
    let mut declared = declared.flat_map(|service| declared_limits(service));
    let applies = |l: &Limit| l.operation.is_none_or(|o| o == operation);
    if let Some(limit) = declared.find(applies) {
        return limit;
    }
    LIMITS
        .iter()
        .find(|l| l.service == service && l.operation.is_none_or(|o| o == operation))
        .copied()
        .unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_operation_comes_before_its_service() {
        assert!((limit("cloudwatch", "GetMetricData").rate - 500.0).abs() < f64::EPSILON);
        assert!((limit("cloudwatch", "ListTagsForResource").rate - 10.0).abs() < f64::EPSILON);
        assert!((limit("unheard-of", "X").rate - OTHER.rate).abs() < f64::EPSILON);
    }
}
