//! One AWS API operation as the planner, the permission list and the error reader know it.

/// What one call costs the account's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Price {
    /// Not billed.
    Free,
    /// Billed per requested metric: USD 10 per million
    /// (<https://aws.amazon.com/cloudwatch/pricing/>, "`GetMetricData`, requested metrics").
    PerMetric,
    /// Billed per call: so many billionths of a US dollar. The file that says so names its source.
    PerCall(u64),
}

impl Price {
    /// Billionths of a US dollar for one unit (one call, or one metric where that is what AWS
    /// bills): whole numbers, so that sums do not depend on the order of calls.
    #[must_use]
    pub fn nano_usd(self) -> u64 {
        match self {
            Price::Free => 0,
            Price::PerMetric => 10_000,
            Price::PerCall(nano_usd) => nano_usd,
        }
    }

    /// US dollars for one unit.
    #[must_use]
    pub fn usd(self) -> f64 {
        usd(self.nano_usd())
    }
}

/// Billionths of a US dollar as US dollars.
#[must_use]
pub fn usd(nano: u64) -> f64 {
    #[allow(
        clippy::cast_precision_loss,
        reason = "exact below nine million dollars"
    )]
    let nano = nano as f64;
    nano / 1e9
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
    /// What it is made for, where it is made neither in each place nor for each resource but only for
    /// what another answer turned up: `each snapshot …`. There may be none of it.
    pub only_for: Option<&'static str>,
    /// Whether everything in an account that needs its answer shares one.
    pub shared: bool,
}

impl Call {
    /// The same call, made once for an account however many kinds need its answer.
    #[must_use]
    pub const fn shared(self) -> Self {
        Self {
            shared: true,
            ..self
        }
    }
}

/// Declares a [`Call`]: `call!("s3", "GetBucketPolicy", absent: ["NoSuchBucketPolicy"])`.
///
/// `action:` is needed where the IAM action differs from `service:operation`, `price:` where the
/// call is billed. The order is action, price, absent. `only_for:` stands alone.
#[macro_export]
macro_rules! call {
    ($service:literal, $operation:literal $(, absent: $absent:expr)?) => {
        $crate::call!($service, $operation, action: concat!($service, ":", $operation) $(, absent: $absent)?)
    };
    ($service:literal, $operation:literal, only_for: $what:literal) => {
        $crate::model::Call {
            only_for: Some($what),
            ..$crate::call!($service, $operation)
        }
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
            shared: false,
            absent: { #[allow(unused_mut, unused_assignments)] { let mut codes: &'static [&'static str] = &[]; $( codes = &$absent; )? codes } },
            only_for: None,
        }
    };
}
