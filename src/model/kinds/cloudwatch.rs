//! Documents of `cloudwatch`.
