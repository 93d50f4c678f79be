//! Token buckets of the sizes that AWS documents. The table is the endpoint's own: the program's is
//! what the tests hold to it.

use super::counts::CallKey;
use super::modelled;
use std::collections::HashMap;
use std::time::Instant;

/// A bucket as AWS documents it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Documented {
    service: &'static str,
    /// Which operations share it.
    of: Of,
    /// Tokens added a second.
    pub(crate) rate: f64,
    /// Tokens that it holds.
    pub(crate) burst: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Of {
    /// It is this operation's.
    One(&'static str),
    /// Each of the service's other operations has one.
    Each,
    /// All of the service's other operations share one.
    All,
}

const fn bucket(service: &'static str, of: Of, rate: f64, burst: f64) -> Documented {
    Documented {
        service,
        of,
        rate,
        burst,
    }
}

/// First match wins. Where AWS names a rate and no burst, a second's worth is taken for it.
const BUCKETS: &[Documented] = &[
    // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html, "Non-mutating actions"
    bucket("ec2", Of::Each, 20.0, 100.0),
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
    bucket("cloudwatch", Of::One("GetMetricData"), 500.0, 500.0),
    bucket("cloudwatch", Of::One("DescribeAlarms"), 9.0, 9.0),
    bucket("cloudwatch", Of::Each, 10.0, 10.0),
    // https://docs.aws.amazon.com/accounts/latest/reference/quotas.html
    bucket("account", Of::One("GetAlternateContact"), 10.0, 15.0),
    bucket("account", Of::Each, 5.0, 5.0),
    // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, "Lambda API requests"
    bucket("lambda", Of::One("GetFunction"), 100.0, 100.0),
    bucket("lambda", Of::One("GetPolicy"), 15.0, 15.0),
    bucket("lambda", Of::All, 15.0, 15.0),
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    bucket("sts", Of::All, 600.0, 600.0),
    // AWS publishes no rate for these; somewhere they have one.
    bucket("iam", Of::All, 20.0, 40.0),
    bucket("rds", Of::All, 20.0, 40.0),
    bucket("s3", Of::All, 200.0, 400.0),
    bucket("s3control", Of::All, 10.0, 20.0),
    bucket("sns", Of::All, 30.0, 60.0),
    bucket("ssm", Of::All, 10.0, 20.0),
];

/// The token bucket for a key, and its name: the key itself, or one without an operation where
/// several share it.
pub(crate) fn documented(call_key: &CallKey) -> (CallKey, Documented) {
    let listed = BUCKETS.iter().find(|bucket| {
        let is_of = match bucket.of {
            Of::One(operation) => operation == call_key.operation,
            Of::Each | Of::All => true,
        };
        bucket.service == call_key.service && is_of
    });
    let bucket = listed.copied().or_else(|| declared(call_key));
    let bucket = bucket.unwrap_or_else(|| panic!("no bucket for {call_key:?}"));
    let mut name = call_key.clone();
    if bucket.of == Of::All {
        name.operation = String::new();
    }
    (name, bucket)
}

/// The bucket of a service that files declare: as its file has it from AWS's documentation, else one of
/// the size that those have of which AWS says nothing.
fn declared(call_key: &CallKey) -> Option<Documented> {
    let service = modelled::service_of(&call_key.service)?;
    let mut rates = service.file.rates.iter();
    let of = |operation: &str| *operation == *call_key.operation;
    let rate = rates.find(|rate| rate.operation.as_deref().is_none_or(of));
    Some(match rate {
        None => bucket(service.name, Of::All, 20.0, 40.0),
        Some(rate) => {
            let of = match &rate.operation {
                Some(operation) => Of::One(operation),
                None if rate.each => Of::Each,
                None => Of::All,
            };
            bucket(
                service.name,
                of,
                rate.rate,
                rate.burst.unwrap_or(rate.rate).max(1.0),
            )
        }
    })
}

/// The buckets of all accounts.
#[derive(Debug, Default)]
pub(super) struct Buckets(HashMap<CallKey, Bucket>);

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Buckets {
    /// Takes a token for a call; `false` when there is none, and the call is to be throttled.
    pub(super) fn take(&mut self, call_key: &CallKey) -> bool {
        let (name, Documented { rate, burst, .. }) = documented(call_key);
        let now = Instant::now();
        let bucket = self.0.entry(name).or_insert(Bucket {
            tokens: burst,
            filled: now,
        });
        let gained = now.duration_since(bucket.filled).as_secs_f64() * rate;
        bucket.tokens = (bucket.tokens + gained).min(burst);
        bucket.filled = now;
        let is_there = bucket.tokens >= 1.0;
        if is_there {
            bucket.tokens -= 1.0;
        }
        is_there
    }
}
