//! Documents of `iam`.
