//! Batched CloudWatch metrics.
