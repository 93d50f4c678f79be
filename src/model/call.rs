//! One AWS API operation as the planner, the permission list and the error reader know it.

/// What one call costs the account's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Price {
    /// Not billed.
    Free,
    /// Billed per metric asked for: USD 10 per million
    /// (<https://aws.amazon.com/cloudwatch/pricing/>, "`GetMetricData`, requested metrics").
    PerMetric,
}

impl Price {
    /// US dollars for one unit (one call, or one metric where that is what AWS bills).
    #[must_use]
    pub fn usd(self) -> f64 {
        match self {
            Price::Free => 0.0,
            Price::PerMetric => 0.01 / 1000.0,
        }
    }
}

/// One AWS API operation, declared once per use with [`crate::call!`].
///
/// The same constant names the operation in the plan, its IAM action in `permissions` and in gaps,
/// and the error codes that mean *absent* rather than *failed*.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    /// The service as the SDK's endpoints name it, lower case: `s3`, `s3control`, `ec2`.
    pub service: &'static str,
    /// The operation, `GetBucketPolicy`.
    pub operation: &'static str,
    /// The IAM action that allows it, `s3:GetBucketPolicy`. Not always service and operation:
    /// `GetBucketEncryption` needs `s3:GetEncryptionConfiguration`.
    pub action: &'static str,
    /// What it costs.
    pub price: Price,
    /// Error codes that say the thing does not exist, such as `NoSuchBucketPolicy`: an answer, not
    /// a failure.
    pub absent: &'static [&'static str],
}

/// Declares a [`Call`]: `call!("s3", "GetBucketPolicy", absent: ["NoSuchBucketPolicy"])`.
///
/// `action:` is needed where the IAM action differs from `service:operation`, `price:` where the
/// call is billed. The order is action, price, absent.
#[macro_export]
macro_rules! call {
    ($service:literal, $operation:literal $(, absent: $absent:expr)?) => {
        $crate::call!($service, $operation, action: concat!($service, ":", $operation) $(, absent: $absent)?)
    };
    ($service:literal, $operation:literal, price: $price:expr) => {
        $crate::call!($service, $operation, action: concat!($service, ":", $operation), price: $price)
    };
    ($service:literal, $operation:literal, action: $action:expr $(, absent: $absent:expr)?) => {
        $crate::call!($service, $operation, action: $action, price: $crate::model::Price::Free $(, absent: $absent)?)
    };
    ($service:literal, $operation:literal, action: $action:expr, price: $price:expr $(, absent: $absent:expr)?) => {
        $crate::model::Call {
            service: $service,
            operation: $operation,
            action: $action,
            price: $price,
            absent: { #[allow(unused_mut, unused_assignments)] { let mut codes: &'static [&'static str] = &[]; $( codes = &$absent; )? codes } },
        }
    };
}
